//! What a list shows when it has nothing, or could not be read.

use super::scene::{Scene, SceneName};
use leptos::prelude::*;

/// What is not there, why, and what to do next. The children are the buttons.
#[component]
pub fn Empty(
    /// What is not there.
    #[prop(into)]
    title: String,
    /// What follows from that.
    #[prop(optional, into)]
    text: String,
    /// The drawing: an open seat, or a tipped table when something failed.
    #[prop(optional)]
    scene: SceneName,
    /// What to do next.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let text = (!text.is_empty()).then(|| view! { <p class="meta">{text}</p> }.into_any());
    view! {
        <div class="card empty">
            <Scene name=scene />
            <h2>{title}</h2>
            {text}
            {children.map(|children| children())}
        </div>
    }
}
