//! A page that has nothing to show but why.

use crate::ui::AppBar;
use leptos::prelude::*;

/// A page around a [`super::Refusal`] or a [`crate::ui::Trouble`].
#[component]
pub fn LostPage(
    /// Why, and what to do next.
    children: Children,
) -> impl IntoView {
    view! { <div class="page"><AppBar/><main id="main">{children()}</main></div> }
}
