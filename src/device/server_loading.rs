//! What pages read from the server, there.

use crate::shared::error::AppError;
use leptos::prelude::{Get, Resource};
use leptos::server_fn::ServerFn;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::pin::Pin;

/// What a page reads from the server: once here, again in the browser when what it depends on changes.
#[derive(Debug)]
pub struct Loading<T: Send + Sync + 'static>(Resource<Result<T, AppError>>);

impl<T: Send + Sync + 'static> Clone for Loading<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Send + Sync + 'static> Copy for Loading<T> {}

impl<T: Clone + Send + Sync + 'static> Loading<T> {
    /// The answer, as soon as it is there.
    ///
    /// # Errors
    /// Those of the server function.
    pub async fn read(self) -> Result<T, AppError> {
        self.0.await
    }

    /// The answer, if it is there.
    #[must_use]
    pub fn get(self) -> Option<Result<T, AppError>> {
        self.0.get()
    }

    /// Asks again: only in the browser.
    pub fn refetch(self) {}

    /// Asks again, and changes what is there if it may then: only in the browser.
    pub fn renew(self, _may: impl Fn() -> bool + 'static) {}

    /// Asks again what could not be answered for a while: only in the browser.
    pub fn heal(self, _now: leptos::prelude::Signal<bool>) {}
}

/// An answer that is on its way.
type Answer<T> = Pin<Box<dyn Future<Output = Result<T, AppError>> + Send>>;

/// Asks the server function now and, in the browser, whenever the question changes. The page is not sent before the answer
/// is there.
pub fn load<A, T>(question: impl Fn() -> Result<A, AppError> + Send + Sync + 'static) -> Loading<T>
where
    A: ServerFn<Output = T, Error = AppError> + Send + 'static,
    T: Serialize + DeserializeOwned + Send + Sync + 'static,
{
    // In a box from the start: what a server function keeps while it waits is large, and Leptos moves it into one thing after the other.
    let fetch = move |()| -> Answer<T> {
        let question = question();
        Box::pin(async move { question?.run_body().await })
    };
    Loading(Resource::new_blocking(|| (), fetch))
}
