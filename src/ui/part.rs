//! Parts of a page that come, go and change.
//!
//! Each closure in a view is a type of its own, and with it comes a copy of everything that builds, hydrates, watches and
//! replaces what it returns: several KB of the browser's program. These are one type each.

use crate::device::{Drawn, drawn};
use leptos::prelude::*;
use std::hash::{DefaultHasher, Hash, Hasher};

/// A part of a page that may be there.
pub type Part = Box<dyn FnMut() -> Option<AnyView> + Send>;

/// Words that may be there.
pub type Words = Box<dyn FnMut() -> Option<String> + Send>;

/// A part that is made again whenever what it depends on changes.
pub fn part<V: IntoAny>(view: impl Fn() -> Option<V> + Send + 'static) -> Part {
    Box::new(move || view().map(IntoAny::into_any))
}

/// The same for words.
pub fn words(text: impl Fn() -> Option<String> + Send + 'static) -> Words {
    Box::new(text)
}

/// A part that has to be waited for, inside a `Suspense` or a `Transition`.
pub type Awaited = Drawn<Suspend<AnyView>>;

/// A part that is waited for again whenever what it depends on changes.
pub fn awaited<F>(view: impl Fn() -> F + Send + 'static) -> Awaited
where
    F: Future<Output: IntoAny> + Send + 'static,
{
    drawn(move || {
        let view = view();
        Suspend::new(async move { view.await.into_any() })
    })
}

/// One of many: what tells it from the others, and how it looks.
struct Row {
    key: u64,
    view: Box<dyn FnOnce() -> AnyView + Send>,
}

/// One view for each of many things, in their order. What has the same key stays as it is.
pub fn rows<T: Send + 'static, K: Hash, V: IntoAny>(
    things: impl Fn() -> Vec<T> + Send + 'static,
    key: impl Fn(&T) -> K + Send + 'static,
    view: impl Fn(T) -> V + Send + Clone + 'static,
) -> impl IntoView {
    let row = move |thing: T| {
        let mut hasher = DefaultHasher::new();
        key(&thing).hash(&mut hasher);
        let view = view.clone();
        Row { key: hasher.finish(), view: Box::new(move || view(thing).into_any()) }
    };
    each(Box::new(move || things().into_iter().map(&row).collect()))
}

type Rows = Box<dyn Fn() -> Vec<Row> + Send>;

fn each(rows: Rows) -> AnyView {
    let key: fn(&Row) -> u64 = |row| row.key;
    let view: fn(Row) -> AnyView = |row| (row.view)();
    view! { <For each=rows key=key children=view/> }.into_any()
}
