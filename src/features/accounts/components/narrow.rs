//! Pages of one thing that is read first.

use super::Refusal;
use crate::device::Loading;
use crate::ui::awaited;
use leptos::prelude::*;
use serde::de::DeserializeOwned;

/// The narrow middle of a page: the thing as `show` shows it as soon as it is there, or why this reader does not get it.
pub fn narrow<T>(what: Loading<T>, show: fn(T) -> AnyView) -> AnyView
where
    T: DeserializeOwned + Clone + Send + Sync + 'static,
{
    view! {
        <main id="main" class="wrap narrow">
            <Suspense>
                {awaited(move || async move {
                    match what.read().await {
                        Ok(what) => show(what),
                        Err(error) => view! { <Refusal error/> }.into_any(),
                    }
                })}
            </Suspense>
        </main>
    }
    .into_any()
}
