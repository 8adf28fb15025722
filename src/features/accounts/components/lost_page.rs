//! A page that has nothing to show but why.

use crate::t;
use crate::ui::{AppBar, Title};
use leptos::prelude::*;

/// A page around a [`super::Refusal`] or a [`crate::ui::Trouble`].
#[component]
pub fn LostPage(
    /// What the page is called.
    #[prop(into)]
    title: String,
    /// Why, and what to do next.
    children: Children,
) -> impl IntoView {
    view! {
        <Title text=t!("shell.title", page = title)/>
        <div class="page"><AppBar/><main id="main">{children()}</main></div>
    }
}
