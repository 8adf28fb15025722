//! Language and colours, for the bar above every page. Plain forms: they need no program.

use crate::device;
use crate::features::accounts::api::{SetLanguage, SetTheme};
use crate::features::accounts::model::Theme;
use crate::shared::text::{Lang, lang};
use crate::t;
use crate::ui::{Icon, IconName};
use leptos::ev::MouseEvent;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos::task::spawn_local;
use leptos::wasm_bindgen::JsCast;
use leptos::web_sys::{Element, HtmlElement};

/// Switches between light and dark. The style sheet shows the one of its two buttons that changes something, which only it
/// can tell when the colours follow the device. With the program the colours change at once.
#[component]
pub fn ThemeToggle() -> impl IntoView {
    let switch = |theme: Theme, other: &'static str| {
        move |ev: MouseEvent| {
            ev.prevent_default();
            device::set_document_attribute("data-theme", Some(theme.code()));
            // The button that was pressed is gone now; the focus goes to the one in its place.
            let form = event_target::<Element>(&ev).closest("form").ok().flatten();
            let button = form.and_then(|form| form.query_selector(other).ok().flatten());
            if let Some(button) = button.as_ref().and_then(|button| button.dyn_ref::<HtmlElement>()) {
                let _ = button.focus();
            }
            spawn_local(async move {
                // When it cannot be kept, this page at least has the colours.
                if let Some(fields) = device::Fields::of(&format!("theme={}", theme.code())) {
                    let _ = device::send(SetTheme::PATH, &fields).await;
                }
            });
        }
    };
    view! {
        <form method="post" action=SetTheme::PATH>
            <button
                class="tool theme__dark"
                name="theme"
                value=Theme::Dark.code()
                aria-label=t!("accounts.theme.to_dark")
                on:click=switch(Theme::Dark, ".theme__light")
            >
                <Icon name=IconName::Moon/>
            </button>
            <button
                class="tool theme__light"
                name="theme"
                value=Theme::Light.code()
                aria-label=t!("accounts.theme.to_light")
                on:click=switch(Theme::Light, ".theme__dark")
            >
                <Icon name=IconName::Sun/>
            </button>
        </form>
    }
}

/// Switches to the other language; the page comes anew.
#[component]
pub fn LanguageSwitch() -> impl IntoView {
    let (other, name) = match lang() {
        Lang::Ko => (Lang::En, t!("accounts.language.en")),
        Lang::En => (Lang::Ko, t!("accounts.language.ko")),
    };
    view! {
        <form method="post" action=SetLanguage::PATH>
            <button class="btn btn--s btn--bare" name="lang" value=other.tag() lang=other.tag()>{name}</button>
        </form>
    }
}
