//! The thin bar at the top while a page is on its way.

use leptos::prelude::*;

/// A bar that grows while something is loading. Only a picture; the new page's title says that it is there.
#[component]
pub fn Progress(
    /// Whether something is loading, such as the router's `is_routing`.
    #[prop(into)]
    active: Signal<bool>,
) -> impl IntoView {
    view! { <div class="progress" class:is-on=active aria-hidden="true"></div> }
}
