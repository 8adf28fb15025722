//! What every form has beside its fields: a summary of what is wrong, and the button that sends it.

use super::button::{ButtonKind, ButtonSize, class};
use super::field::field_id;
use super::icon::{Icon, IconName};
use super::part::part;
use crate::device::{self, StoredValue};
use crate::shared::error::{AppError, FieldError};
use leptos::html;
use leptos::prelude::*;

/// Why a form was refused: how many fields are wrong with a link to each, a link to the only one, or the one reason. Takes the
/// focus when it appears, so that it is read out and in sight.
#[component]
pub fn ErrorSummary(
    /// Why, when it was.
    #[prop(into)]
    error: Signal<Option<AppError>>,
) -> impl IntoView {
    let node = NodeRef::<html::Div>::new();
    device::effect(move || {
        if error.with(Option::is_some)
            && let Some(element) = node.get()
        {
            // Focus can only fail on an element that cannot take it; this one has a tabindex.
            let _ = element.focus();
        }
    });
    part(move || {
        error.get().map(|error| {
            let fields = error.fields().0;
            let reason = match fields.as_slice() {
                [] => view! { <p>{error.text()}</p> }.into_any(),
                // Its sentence says all that there is to say.
                [wrong] => view! { <p>{link(wrong)}</p> }.into_any(),
                several => {
                    let links = several.iter().map(|wrong| view! { <li>{link(wrong)}</li> }.into_any()).collect::<Vec<_>>();
                    view! { <p>{error.text()}</p><ul class="banner__list">{links}</ul> }.into_any()
                }
            };
            view! {
                <div class="banner banner--error" role="alert" tabindex="-1" autofocus=true node_ref=node>
                    <Icon name=IconName::Alert small=true />
                    <div class="grow">{reason}</div>
                </div>
            }
        })
    })
}

/// What is wrong with a field, leading there.
fn link(wrong: &FieldError) -> impl IntoView + use<> {
    let id = field_id(&wrong.field);
    let href = format!("#{id}");
    let go = move |ev: leptos::ev::MouseEvent| {
        ev.prevent_default();
        focus(&id);
    };
    view! { <a href=href on:click=go>{wrong.text()}</a> }
}

/// Puts the focus on an element by its id; the browser brings it into sight. Only from event handlers and effects.
pub fn focus(id: &str) {
    use leptos::wasm_bindgen::JsCast;
    if let Some(element) = document().get_element_by_id(id)
        && let Some(element) = element.dyn_ref::<leptos::web_sys::HtmlElement>()
    {
        // Nothing depends on it.
        let _ = element.focus();
    }
}

/// Where the focus goes when a page has been read again because of what was done on it: what was pressed may be gone, and what
/// stays is put into the page anew, which takes the focus from it.
#[derive(Clone, Copy, Debug)]
pub struct FocusThen {
    id: &'static str,
    is_due: StoredValue<bool>,
}

impl FocusThen {
    /// On the element of this id.
    #[must_use]
    pub fn on(id: &'static str) -> Self {
        Self { id, is_due: StoredValue::new(false) }
    }

    /// Something was done; the page is about to be read again.
    pub fn ask(self) {
        self.is_due.set_value(true);
    }

    /// The page was read again and is being shown.
    pub fn settle(self) {
        // Also when it is there already: a page may be shown more than once for what is read once.
        if self.is_due.try_get_value() == Some(true) || device::is_there(&format!("#{}:focus", self.id)) {
            self.is_due.set_value(false);
            // Once it is put in its place.
            device::effect(move || device::next_frame(move || focus(self.id)));
        }
    }
}

/// Puts the focus on the first element inside another that a selector finds.
pub(super) fn focus_first(inside: &leptos::web_sys::Element, selector: &str) {
    use leptos::wasm_bindgen::JsCast;
    if let Ok(Some(element)) = inside.query_selector(selector)
        && let Some(element) = element.dyn_ref::<leptos::web_sys::HtmlElement>()
    {
        // Nothing depends on it.
        let _ = element.focus();
    }
}

/// The button that sends a form. While the answer is on its way it shows three dots, keeps its name and width, and
/// takes no second press.
#[component]
pub fn SubmitButton(
    /// What it does, as a verb.
    #[prop(into)]
    label: String,
    /// Whether the answer is on its way.
    #[prop(optional, into)]
    pending: Signal<bool>,
    /// How it looks.
    #[prop(default = ButtonKind::Main)]
    kind: ButtonKind,
    /// How large it is.
    #[prop(optional)]
    size: ButtonSize,
) -> impl IntoView {
    let hold = move |ev: leptos::ev::MouseEvent| {
        if pending.get_untracked() {
            ev.prevent_default();
        }
    };
    view! {
        <button
            type="submit"
            class=class(kind, size)
            class:is-busy=pending
            aria-disabled=move || pending.get().then_some("true")
            on:click=hold
        >
            <span class="btn__label">{label}</span>
            <span class="btn__spin" aria-hidden="true"><i></i><i></i><i></i></span>
        </button>
    }
}
