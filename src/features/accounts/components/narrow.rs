//! Pages of one thing that is read first.

use super::Refusal;
use crate::device::Loading;
use crate::t;
use crate::ui::{AppBar, Title, awaited};
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

/// A page of one's own, which leads back to `/me`: its title, and the thing that is read first.
pub fn own_page<T>(title: String, what: Loading<T>, show: fn(T) -> AnyView) -> AnyView
where
    T: DeserializeOwned + Clone + Send + Sync + 'static,
{
    view! {
        <Title text=t!("shell.title", page = title)/>
        <div class="page">
            <AppBar back="/me"/>
            {narrow(what, show)}
        </div>
    }
    .into_any()
}
