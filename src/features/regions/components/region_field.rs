//! A box for a 동: search as you type, or the present position. Without the program it takes a name, and when several
//! regions have it, offers them to choose from.

use super::here::Here;
use super::region_box::{Choosing, RegionBox};
use crate::device::{self, Memo, RwSignal};
use crate::features::regions::model::RegionView;
use crate::shared::error::FieldError;
use crate::t;
use crate::ui::{Field, field_id, part};
use leptos::prelude::*;

/// The name of the hidden field that carries the chosen region's code.
const CODE: &str = "form[region]";
/// The name of the field that carries the text.
const TEXT: &str = "form[region_text]";

/// A box for a 동. Sends `form[region]`, the code of the chosen one, and `form[region_text]`, what was typed.
#[component]
pub fn RegionField(
    /// What it is called.
    #[prop(into)]
    label: String,
    /// The region that is chosen at first.
    #[prop(optional)]
    chosen: Option<RegionView>,
    /// What was typed into a form that came back; instead of the chosen one's name.
    #[prop(optional, into)]
    typed: String,
    /// What is wrong with `region`. It carries the regions to choose from when several fit.
    #[prop(into)]
    problem: Signal<Option<FieldError>>,
) -> impl IntoView {
    let at_first = chosen.as_ref().map(RegionView::full).unwrap_or_default();
    let typed = if typed.is_empty() { at_first.clone() } else { typed };
    let code = chosen.filter(|_| typed == at_first).map(|region| region.code.0.to_string()).unwrap_or_default();
    let code = RwSignal::new(code);
    // Whether something was typed or chosen since the page came.
    let touched = RwSignal::new(false);
    let state = Choosing::new(Callback::new(move |region: Option<RegionView>| {
        touched.set(true);
        code.set(region.map(|region| region.code.0.to_string()).unwrap_or_default());
    }));
    // A new refusal has new choices; what is typed afterwards takes them away.
    device::effect(move || {
        problem.track();
        touched.set(false);
    });
    let choices = Memo::new(move |_| {
        let offered = problem.with(|problem| problem.as_ref().map(|error| error.args.clone()).unwrap_or_default());
        if touched.get() { Vec::new() } else { offered }
    });
    let error = Signal::derive(move || problem.with(|problem| problem.as_ref().map(FieldError::text)));
    let id = field_id(CODE);
    let described = {
        let id = id.clone();
        Signal::derive(move || Some(if error.with(Option::is_some) { format!("{id}-error {id}-hint") } else { format!("{id}-hint") }))
    };
    let invalid = Signal::derive(move || error.with(Option::is_some));
    view! {
        <Field name=CODE label hint=t!("regions.hint") error>
            <RegionBox state id name=TEXT value=typed placeholder=t!("regions.placeholder") invalid described/>
            <Choices choices code/>
            <p class="combo__note" role="status">{move || state.note.get()}</p>
            <Here note=state.note then=Callback::new(move |region| state.take(region))/>
        </Field>
    }
}

/// The regions that a text fits, to choose one; the hidden field with the code while there is nothing to choose.
#[component]
fn Choices(choices: Memo<Vec<(std::borrow::Cow<'static, str>, String)>>, code: RwSignal<String>) -> impl IntoView {
    part(move || {
        let choices = choices.get();
        if choices.is_empty() {
            return Some(view! { <input type="hidden" name=CODE value=move || code.get()/> }.into_any());
        }
        let options = choices
            .into_iter()
            .map(|(code, name)| {
                view! { <label class="check"><input type="radio" name=CODE value=code.into_owned()/><span>{name}</span></label> }.into_any()
            })
            .collect_view();
        let which = view! {
            <fieldset class="which">
                <legend class="label">{t!("regions.which")}</legend>
                {options}
            </fieldset>
        };
        Some(which.into_any())
    })
}
