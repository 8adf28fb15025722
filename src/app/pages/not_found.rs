//! An address that leads nowhere.

use crate::app::layout::Frame;
use crate::device;
use crate::shared::error::AppError;
use crate::t;
use crate::ui::{AppBar, Title, Trouble};
use leptos::prelude::*;

/// An address that leads nowhere.
#[component]
pub fn NotFound() -> impl IntoView {
    view! { <Frame><Nowhere/></Frame> }
}

/// The page itself, without what stands around it.
#[component]
pub(super) fn Nowhere() -> impl IntoView {
    device::set_status(404);
    view! {
        <Title text=t!("shell.title", page = t!("shell.not_found"))/>
        <div class="page"><AppBar/><main id="main"><Trouble error=AppError::NotFound/></main></div>
    }
}
