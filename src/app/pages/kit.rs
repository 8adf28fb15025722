//! `/kit`: the design system.

use super::not_found::Nowhere;
use crate::device;
use crate::shared::json::Left;
use crate::t;
use crate::ui::kit::KitPage;
use crate::ui::{AppBar, Title};
use leptos::prelude::*;

/// Every part of the design system in every state. Development builds only.
#[component]
pub fn Kit() -> impl IntoView {
    if cfg!(debug_assertions) {
        let now = SharedValue::<_, Left>::new_with_encoding(device::now).into_inner();
        view! {
            <Title text=t!("shell.title", page = t!("ui.kit.title"))/>
            <div class="page"><AppBar/><main id="main"><KitPage now/></main></div>
        }
        .into_any()
    } else {
        view! { <Nowhere/> }.into_any()
    }
}
