//! What a page says of itself to those who tell others of it.

use crate::device;
use leptos::prelude::*;

/// What this page is about, for search engines. One that does not say it is described as the site is.
#[component]
pub fn Description(
    /// A sentence or two.
    #[prop(into)]
    text: String,
) -> impl IntoView {
    device::note_description();
    device::meta(Some("description"), None, text)
}
