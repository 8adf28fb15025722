//! Fields that choose: from a list, yes or no, one of a few.

use super::field::{Field, FieldProblem, Problem, described, field_id, hint_view, invalid};
use super::icon::{Icon, IconName};
use leptos::prelude::*;

/// One of a list that folds open.
#[component]
pub fn SelectField(
    /// Its name in the form.
    name: &'static str,
    /// What it is called.
    #[prop(into)]
    label: String,
    /// Values and what they are called.
    options: Vec<(String, String)>,
    /// The value that is chosen at first.
    #[prop(optional, into)]
    value: String,
    /// What is wrong with it.
    #[prop(optional, into)]
    error: FieldProblem,
    /// What to know before choosing.
    #[prop(optional, into)]
    hint: String,
) -> impl IntoView {
    let id = field_id(name);
    let describedby = described(&id, !hint.is_empty(), error);
    let options = options
        .into_iter()
        .map(|(key, text)| {
            let chosen = key == value;
            view! { <option value=key selected=chosen>{text}</option> }
        })
        .collect_view();
    view! {
        <Field name label hint error>
            <div class="pick">
                <select class="input" id=id name=name aria-invalid=invalid(error) aria-describedby=describedby>
                    {options}
                </select>
                <Icon name=IconName::Down />
            </div>
        </Field>
    }
}

/// Yes or no. Sends `true` when it is ticked and nothing when it is not.
#[component]
pub fn CheckField(
    /// Its name in the form.
    name: &'static str,
    /// What it says yes to.
    #[prop(into)]
    label: String,
    /// Ticked at first.
    #[prop(optional)]
    checked: bool,
    /// What is wrong with it.
    #[prop(optional, into)]
    error: FieldProblem,
    /// Drawn as a switch: takes effect at once.
    #[prop(optional)]
    switch: bool,
) -> impl IntoView {
    let id = field_id(name);
    view! {
        <label class="check">
            <input
                type="checkbox"
                class=switch.then_some("switch")
                role=switch.then_some("switch")
                id=id.clone()
                name=name
                value="true"
                checked=checked
                aria-invalid=invalid(error)
                aria-describedby=described(&id, false, error)
            />
            <span>{label}</span>
        </label>
        <Problem id error />
    }
}

/// How a choice among a few is drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RadioLook {
    /// One under the other.
    #[default]
    List,
    /// Side by side in one bar.
    Segments,
}

/// One of a few, all of them in sight.
#[component]
pub fn RadioGroup(
    /// Its name in the form.
    name: &'static str,
    /// The question.
    #[prop(into)]
    label: String,
    /// Values and what they are called.
    options: Vec<(String, String)>,
    /// The value that is chosen at first.
    #[prop(optional, into)]
    value: String,
    /// How it is drawn.
    #[prop(optional)]
    look: RadioLook,
    /// What is wrong with it.
    #[prop(optional, into)]
    error: FieldProblem,
    /// What to know before choosing.
    #[prop(optional, into)]
    hint: String,
) -> impl IntoView {
    let id = field_id(name);
    let describedby = described(&id, !hint.is_empty(), error);
    let (group, each, hush) = match look {
        RadioLook::List => ("choices", "check", ""),
        RadioLook::Segments => ("seg seg--wide", "", "hush"),
    };
    let options = options
        .into_iter()
        .enumerate()
        .map(|(i, (key, text))| {
            let chosen = key == value;
            // The first one carries the field's id, so that a link to the error lands on it.
            let id = (i == 0).then(|| id.clone());
            view! {
                <label class=each>
                    <input class=hush id=id type="radio" name=name value=key checked=chosen />
                    <span>{text}</span>
                </label>
            }
        })
        .collect_view();
    view! {
        <fieldset class="field" aria-describedby=describedby>
            <legend class="label">{label}</legend>
            <div class=group>{options}</div>
            {hint_view(&id, hint)}
            <Problem id error />
        </fieldset>
    }
}
