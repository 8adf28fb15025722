//! Parts of a page that come, go and change.
//!
//! Each closure in a view is a type of its own, and with it comes a copy of everything that builds, hydrates, watches and
//! replaces what it returns: several KB of the browser's program. These are one type each.

use leptos::prelude::*;

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
pub type Awaited = Box<dyn FnMut() -> Suspend<AnyView> + Send>;

/// A part that is waited for again whenever what it depends on changes.
pub fn awaited<F>(view: impl Fn() -> F + Send + 'static) -> Awaited
where
    F: Future<Output: IntoAny> + Send + 'static,
{
    Box::new(move || {
        let view = view();
        Suspend::new(async move { view.await.into_any() })
    })
}
