//! What a page says of itself outside its body.

use crate::device;
use leptos::prelude::*;

/// The document's title. Every page has one, in every state.
#[component]
pub fn Title(
    /// What it says.
    text: String,
) -> impl IntoView {
    device::title(text)
}

/// A line for search engines and previews, which read documents as the server sends them.
#[component]
pub fn Meta(
    /// What it is about, in the words of HTML.
    #[prop(optional)]
    name: Option<&'static str>,
    /// What it is about, in the words of Open Graph.
    #[prop(optional)]
    property: Option<&'static str>,
    /// What it says.
    #[prop(into)]
    content: String,
) -> impl IntoView {
    device::meta(name, property, content)
}
