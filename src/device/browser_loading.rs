//! What pages read from the server, in the browser.

use super::effect;
use super::side::{address, decode, fetch};
use crate::shared::error::AppError;
use crate::shared::json::AsIs;
use leptos::prelude::{Get, Resource, Signal, With, untrack};
use leptos::server_fn::ServerFn;
use send_wrapper::SendWrapper;
use serde::Serialize;
use serde::de::{DeserializeOwned, IgnoredAny};
use std::marker::PhantomData;

/// What a page reads from the server: once while the server draws it, again here when what it depends on changes.
///
/// All of them are kept as the JSON they came in, `{"Ok":…}` or `{"Err":…}`, and read where they are used: so everything
/// that waits, fetches and keeps exists once in the program, and not once for each type.
#[derive(Debug)]
pub struct Loading<T> {
    json: Resource<String, AsIs>,
    what: PhantomData<fn() -> T>,
}

impl<T> Clone for Loading<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Loading<T> {}

impl<T: DeserializeOwned> Loading<T> {
    /// The answer, as soon as it is there.
    ///
    /// # Errors
    /// Those of the server function; [`AppError::Offline`] when it could not be reached.
    pub async fn read(self) -> Result<T, AppError> {
        decode(&self.json.await)
    }

    /// The answer, if it is there.
    #[must_use]
    pub fn get(self) -> Option<Result<T, AppError>> {
        self.json.with(|json| json.as_deref().map(decode))
    }

    /// Asks again.
    pub fn refetch(self) {
        self.json.refetch();
    }

    /// Asks again what could not be answered for a while, whenever `now` becomes true.
    pub fn heal(self, now: Signal<bool>) {
        heal(self.json, now);
    }
}

fn heal(page: Resource<String, AsIs>, now: Signal<bool>) {
    let is_broken =
        move || page.with(|json| json.as_deref().is_some_and(|json| decode::<IgnoredAny>(json).is_err_and(|error| error.is_passing())));
    effect(move || {
        if now.get() && untrack(is_broken) {
            page.refetch();
        }
    });
}

/// Asks the server function now and whenever the question changes. The page is not sent before the answer is there.
pub fn load<A, T>(question: impl Fn() -> Result<A, AppError> + Send + Sync + 'static) -> Loading<T>
where
    A: ServerFn<Output = T, Error = AppError> + Serialize,
{
    let address = move || question().and_then(|question| address(&question));
    Loading { json: kept(Box::new(address)), what: PhantomData }
}

type Address = Box<dyn Fn() -> Result<String, AppError> + Send + Sync>;

fn kept(address: Address) -> Resource<String, AsIs> {
    Resource::new_with_options(address, |address| SendWrapper::new(as_result(address)), true)
}

async fn as_result(address: Result<String, AppError>) -> String {
    let answer = match address {
        Ok(address) => fetch(&address, None).await,
        Err(error) => Err(error),
    };
    match answer {
        Ok(json) => format!(r#"{{"Ok":{json}}}"#),
        Err(error) => format!(r#"{{"Err":{}}}"#, serde_json::to_string(&error).unwrap_or_default()),
    }
}
