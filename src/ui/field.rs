//! Fields of forms: a label, a control, a hint, and what is wrong with it.
//!
//! Values are plain attributes, so a form works before the program has loaded and keeps what was typed when it does.
//! A field's id comes from its name in the form: `form[email]` has `f-email`, and an error of `email` links to it.

use super::icon::{Icon, IconName};
use super::part::part;
use super::text_area::TextArea;
use crate::device::RwSignal;
use crate::t;
use leptos::prelude::*;

/// Set in the context of a form when a page has two with fields of the same name: the first letters of its fields' ids.
#[derive(Clone, Copy, Debug)]
pub struct FieldScope(pub &'static str);

/// The id of a field's control. Takes the name in the form (`form[email]`) or in its errors (`email`).
#[must_use]
pub fn field_id(name: &str) -> String {
    let scope = use_context::<FieldScope>().map_or("f", |scope| scope.0);
    let inner = name.split_once('[').map_or(name, |(_, inner)| inner);
    let mut id = format!("{scope}-");
    for c in inner.chars() {
        match c {
            ']' => {}
            c if c.is_ascii_alphanumeric() || c == '_' => id.push(c),
            _ => id.push('-'),
        }
    }
    id
}

/// What is wrong with a field now.
pub type FieldProblem = Signal<Option<String>>;

pub(super) fn invalid(error: FieldProblem) -> impl Fn() -> Option<&'static str> + Copy + Send + Sync + 'static {
    move || error.with(Option::is_some).then_some("true")
}

/// The ids of what describes a control, for `aria-describedby`.
pub(super) fn described(id: &str, hint: bool, error: FieldProblem) -> impl Fn() -> Option<String> + Clone + Send + Sync + 'static {
    let (hint, wrong) = (hint.then(|| format!("{id}-hint")), format!("{id}-error"));
    move || match (error.with(Option::is_some), &hint) {
        (true, Some(hint)) => Some(format!("{wrong} {hint}")),
        (true, None) => Some(wrong.clone()),
        (false, hint) => hint.clone(),
    }
}

/// What is wrong, beside the control it is about.
#[component]
pub(super) fn Problem(id: String, error: FieldProblem) -> impl IntoView {
    let id = format!("{id}-error");
    part(move || error.get().map(|text| view! { <p class="error" id=id.clone()><Icon name=IconName::Alert /><span>{text}</span></p> }))
}

pub(super) fn hint_view(id: &str, hint: String) -> Option<impl IntoView + use<>> {
    let id = format!("{id}-hint");
    (!hint.is_empty()).then(|| view! { <p class="hint" id=id>{hint}</p> }.into_any())
}

/// A label, a control of your own, a hint and an error. The control needs `id=field_id(name)`, and
/// `aria-describedby` with that id and `-error` or `-hint` after it.
#[component]
pub fn Field(
    /// The control's name in the form.
    name: &'static str,
    /// What it is called.
    #[prop(into)]
    label: String,
    /// What to know before filling it in.
    #[prop(optional, into)]
    hint: String,
    /// What is wrong with it.
    #[prop(optional, into)]
    error: FieldProblem,
    /// The control.
    children: Children,
) -> impl IntoView {
    let id = field_id(name);
    view! {
        <div class="field">
            <label for=id.clone()>{label}</label>
            {children()}
            {hint_view(&id, hint)}
            <Problem id error />
        </div>
    }
}

/// One line of text.
#[component]
pub fn TextField(
    /// Its name in the form, such as `form[email]`.
    name: &'static str,
    /// What it is called.
    #[prop(into)]
    label: String,
    /// What stands in it at first.
    #[prop(optional, into)]
    value: String,
    /// What is wrong with it.
    #[prop(optional, into)]
    error: FieldProblem,
    /// What to know before filling it in.
    #[prop(optional, into)]
    hint: String,
    /// `type`: `email`, `number`, `datetime-local` and so on.
    #[prop(default = "text")]
    kind: &'static str,
    /// What the browser may fill in.
    #[prop(optional)]
    autocomplete: Option<&'static str>,
    /// Which keyboard a phone shows.
    #[prop(optional)]
    inputmode: Option<&'static str>,
    /// Characters at most.
    #[prop(optional)]
    maxlength: Option<u32>,
    /// The least number or the first moment.
    #[prop(optional, into)]
    min: Option<String>,
    /// The greatest number or the last moment.
    #[prop(optional, into)]
    max: Option<String>,
    /// The step of a number.
    #[prop(optional)]
    step: Option<u32>,
    /// An example, never the only hint.
    #[prop(optional, into)]
    placeholder: Option<String>,
    /// What the number counts, shown inside the box, such as `원`.
    #[prop(optional, into)]
    unit: String,
    /// The form cannot be sent without it.
    #[prop(optional)]
    required: bool,
) -> impl IntoView {
    let id = field_id(name);
    let input = view! {
        <input
            class="input"
            id=id.clone()
            name=name
            type=kind
            value=value
            autocomplete=autocomplete
            inputmode=inputmode
            maxlength=maxlength.map(|n| n.to_string())
            min=min
            max=max
            step=step.map(|n| n.to_string())
            placeholder=placeholder
            required=required
            aria-invalid=invalid(error)
            aria-describedby=described(&id, !hint.is_empty(), error)
        />
    };
    let control = if unit.is_empty() {
        input.into_any()
    } else {
        view! { <div class="unit">{input}<span aria-hidden="true">{unit}</span></div> }.into_any()
    };
    view! { <Field name label hint error>{control}</Field> }
}

/// A password with a button that shows it; the button needs the program.
#[component]
pub fn PasswordField(
    /// Its name in the form.
    name: &'static str,
    /// What it is called.
    #[prop(into)]
    label: String,
    /// `current-password` or `new-password`.
    autocomplete: &'static str,
    /// What is wrong with it.
    #[prop(optional, into)]
    error: FieldProblem,
    /// What to know before filling it in.
    #[prop(optional, into)]
    hint: String,
    /// Characters at most.
    #[prop(optional)]
    maxlength: Option<u32>,
    /// What follows the control, such as its strength.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let id = field_id(name);
    let shown = RwSignal::new(false);
    let kind = move || if shown.get() { "text" } else { "password" };
    let pressed = move || if shown.get() { "true" } else { "false" };
    let describedby = described(&id, !hint.is_empty(), error);
    view! {
        <Field name label hint error>
            <div class="inside">
                <input
                    class="input"
                    id=id
                    name=name
                    type=kind
                    autocomplete=autocomplete
                    autocapitalize="none"
                    spellcheck="false"
                    maxlength=maxlength.map(|n| n.to_string())
                    required=true
                    aria-invalid=invalid(error)
                    aria-describedby=describedby
                />
                <button
                    class="tool js-only"
                    type="button"
                    aria-label=t!("ui.password.show")
                    aria-pressed=pressed
                    on:click=move |_| shown.update(|shown| *shown = !*shown)
                >
                    <Icon name=IconName::Eye />
                </button>
            </div>
            {children.map(|children| children())}
        </Field>
    }
}

/// Several lines of text.
#[component]
pub fn TextAreaField(
    /// Its name in the form.
    name: &'static str,
    /// What it is called.
    #[prop(into)]
    label: String,
    /// What stands in it at first.
    #[prop(optional, into)]
    value: String,
    /// What is wrong with it.
    #[prop(optional, into)]
    error: FieldProblem,
    /// What to know before filling it in.
    #[prop(optional, into)]
    hint: String,
    /// Lines to show.
    #[prop(default = 4)]
    rows: u32,
    /// Characters at most.
    #[prop(optional)]
    maxlength: Option<u32>,
    /// An example, never the only hint.
    #[prop(optional, into)]
    placeholder: String,
) -> impl IntoView {
    let id = field_id(name);
    let describedby = described(&id, !hint.is_empty(), error);
    let maxlength = maxlength.unwrap_or_default();
    view! {
        <Field name label hint error>
            <TextArea
                id
                name
                value
                rows
                maxlength
                placeholder
                invalid=Signal::derive(move || error.with(Option::is_some))
                describedby=Signal::derive(describedby)
            />
        </Field>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_and_its_error_share_an_id() {
        assert_eq!(field_id("form[email]"), "f-email");
        assert_eq!(field_id("email"), "f-email");
        assert_eq!(field_id("form[place][name]"), "f-place-name");
        assert_eq!(field_id("form[new_password]"), "f-new_password");
    }
}
