//! What only the document says, on the server: it is written into the response.

use leptos::prelude::*;

/// Makes this the document's context for what follows.
pub fn begin_head() {
    leptos_meta::provide_meta_context();
}

/// The document's title.
pub fn title(text: String) -> AnyView {
    view! { <leptos_meta::Title text/> }.into_any()
}

/// What stands around every title. Leptos writes it into the document unescaped, so it is escaped here.
pub fn title_format(format: impl Fn(String) -> String + Send + Sync + 'static) -> AnyView {
    let formatter = move |title| format(title).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    view! { <leptos_meta::Title formatter/> }.into_any()
}

/// Something that is said of the page under a `name`, or as a `property` as previews want it.
pub fn meta(name: Option<&'static str>, property: Option<&'static str>, content: String) -> AnyView {
    match (name, property) {
        (Some(name), _) => view! { <leptos_meta::Meta name content/> }.into_any(),
        (None, Some(property)) => view! { <leptos_meta::Meta property content/> }.into_any(),
        (None, None) => view! { <leptos_meta::Meta content/> }.into_any(),
    }
}

/// Something for pages without their program, which knows nothing of it: here it is drawn.
pub fn plain<V: IntoView>(class: &'static str, view: impl FnOnce() -> V) -> AnyView {
    view! { <div class=class inner_html=view().into_view().to_html()></div> }.into_any()
}
