//! Asking before something is done, and windows above the page.

use super::button::{ButtonKind, ButtonSize, class};
use super::icon::{Icon, IconName};
use crate::device::{self, RwSignal};
use crate::t;
use leptos::html;
use leptos::prelude::*;

/// A question before something that cannot be undone. A disclosure: it works without the program, opens with the
/// keyboard, closes with Escape, and holds the form that does it.
#[component]
pub fn Confirm(
    /// What opens it, such as `나가기`.
    #[prop(into)]
    label: String,
    /// The question.
    #[prop(into)]
    question: String,
    /// What will follow.
    #[prop(optional, into)]
    text: String,
    /// How the opener looks.
    #[prop(default = ButtonKind::Danger)]
    kind: ButtonKind,
    /// How large the opener is.
    #[prop(optional)]
    size: ButtonSize,
    /// Whether it is open at first: when its form came back.
    #[prop(optional)]
    open: bool,
    /// The form with the button that does it.
    children: Children,
) -> impl IntoView {
    let details = NodeRef::<html::Details>::new();
    let shut = move || {
        if let Some(details) = details.get_untracked() {
            details.set_open(false);
            super::form::focus_first(&details, "summary");
        }
    };
    let on_key = move |ev: leptos::ev::KeyboardEvent| {
        let is_open = details.get_untracked().is_some_and(|details| details.open());
        if ev.key() == "Escape" && is_open {
            // What it lies in may close with Escape as well, and stays.
            ev.prevent_default();
            shut();
        }
    };
    // What was asked stands below what was pressed, perhaps out of sight.
    let on_toggle = move |_| {
        if let Some(details) = details.get_untracked().filter(|details| details.open()) {
            device::bring_into_sight(&details);
        }
    };
    let name = question.clone();
    let text = (!text.is_empty()).then(|| view! { <p class="meta">{text}</p> }.into_any());
    let class_name = if size == ButtonSize::Wide { "confirm confirm--wide" } else { "confirm" };
    view! {
        <details class=class_name open=open node_ref=details on:keydown=on_key on:toggle=on_toggle>
            <summary class=class(kind, size)>{label}</summary>
            <div class="confirm__box" role="group" aria-label=name>
                <p>{question}</p>
                {text}
                <div class="confirm__acts">
                    <button class="btn btn--s js-only" type="button" on:click=move |_| shut()>{t!("ui.cancel")}</button>
                    {children()}
                </div>
            </div>
        </details>
    }
}

/// A window above the page, for what only the program can do. Closes with Escape, with its button, and with a press
/// beside it; the browser keeps the focus inside.
#[component]
pub fn Dialog(
    /// Whether it is open.
    open: RwSignal<bool>,
    /// What it is about.
    #[prop(into)]
    title: String,
    /// What is in it; buttons go into a `div.dialog__acts`.
    children: Children,
) -> impl IntoView {
    let node = NodeRef::<html::Dialog>::new();
    let name = title.clone();
    device::effect(move || {
        let open = open.get();
        if let Some(dialog) = node.get() {
            if open && !dialog.open() {
                // It is in the document and not open, so it can be shown.
                let _ = dialog.show_modal();
            } else if !open && dialog.open() {
                dialog.close();
            }
        }
    });
    let beside = move |ev: leptos::ev::MouseEvent| {
        let on_backdrop = node.get_untracked().is_some_and(|dialog| {
            let dialog: &leptos::web_sys::EventTarget = dialog.as_ref();
            ev.target().as_ref() == Some(dialog)
        });
        if on_backdrop {
            open.set(false);
        }
    };
    view! {
        <dialog class="dialog" node_ref=node aria-label=name on:close=move |_| open.set(false) on:click=beside>
            <div class="dialog__head">
                <h2 class="grow">{title}</h2>
                <button class="tool" type="button" aria-label=t!("ui.close") on:click=move |_| open.set(false)>
                    <Icon name=IconName::Close />
                </button>
            </div>
            {children()}
        </dialog>
    }
}
