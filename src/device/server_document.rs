//! What only the document says, on the server: it is written into the response.

use crate::t;
use leptos::prelude::*;
use leptos::reactive::owner::WeakOwner;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Whether it has been said what this document is about.
#[derive(Clone, Default)]
struct Described(Arc<AtomicBool>);

/// Makes this the document's context for what follows.
pub fn begin_head() {
    leptos_meta::provide_meta_context();
    provide_context(Described::default());
}

/// The document's title. A page that has not said before what it is about is described as the site is.
pub fn title(text: String) -> AnyView {
    if !is_described() {
        // Drawing it puts it into the head; here, where the browser's program expects the title alone, nothing of it stands.
        let _ = description(t!("shell.description")).to_html();
    }
    view! { <leptos_meta::Title text/> }.into_any()
}

/// What the page is about, for search engines. It stands before the title.
pub fn description(text: String) -> AnyView {
    if let Some(Described(is_described)) = use_context() {
        is_described.store(true, Ordering::Relaxed);
    }
    meta(Some("description"), None, text)
}

fn is_described() -> bool {
    use_context().is_some_and(|Described(is_described)| is_described.load(Ordering::Relaxed))
}

/// What stands around every title. Leptos writes it into the document unescaped, so it is escaped here. And it does so when the page
/// is drawn, from a thread on which others may be drawn by then: what the format reads is looked for among what belongs to this page.
pub fn title_format(format: impl Fn(String) -> String + Send + Sync + 'static) -> AnyView {
    let page = Owner::current().map(|part| whole(part).downgrade());
    let formatter = move |title: String| {
        let title = match page.as_ref().and_then(WeakOwner::upgrade) {
            Some(page) => page.with(|| format(title)),
            None => title,
        };
        title.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
    };
    view! { <leptos_meta::Title formatter/> }.into_any()
}

/// The page that a part belongs to. It is there until the response is made.
fn whole(part: Owner) -> Owner {
    let mut page = part;
    while let Some(around) = page.parent() {
        page = around;
    }
    page
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

/// A part of a page that is made again whenever what it depends on changes: here it is made once.
pub type Drawn<V> = V;

/// Makes such a part. Nothing that a page depends on changes while it is drawn; but Leptos makes what a closure returns anew each
/// time it walks over the page, to find what has to be waited for and to write it: most of a list was made twice and thrown away once.
pub fn drawn<V>(view: impl FnOnce() -> V) -> Drawn<V> {
    view()
}
