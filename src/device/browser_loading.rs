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
use std::sync::Arc;
use wasm_bindgen_futures::JsFuture;
use web_sys::window;

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
    load_when(question, || true)
}

/// The same, but an answer that has come waits until it may be shown: what is on the page goes on working until then.
pub fn load_when<A, T>(
    question: impl Fn() -> Result<A, AppError> + Send + Sync + 'static,
    may_show: impl Fn() -> bool + Send + Sync + 'static,
) -> Loading<T>
where
    A: ServerFn<Output = T, Error = AppError> + Serialize,
{
    let address = move || question().and_then(|question| address(&question));
    Loading { json: kept(Box::new(address), Arc::new(may_show)), what: PhantomData }
}

type Address = Box<dyn Fn() -> Result<String, AppError> + Send + Sync>;
type MayShow = Arc<dyn Fn() -> bool + Send + Sync>;

fn kept(address: Address, may_show: MayShow) -> Resource<String, AsIs> {
    Resource::new_with_options(address, move |address| SendWrapper::new(shown(address, may_show.clone())), true)
}

async fn shown(address: Result<String, AppError>, may_show: MayShow) -> String {
    let answer = as_result(address).await;
    while !may_show() {
        pause(LOOK_AGAIN).await;
    }
    answer
}

/// Milliseconds between two looks whether an answer may be shown.
const LOOK_AGAIN: i32 = 200;

async fn pause(milliseconds: i32) {
    let mut wake = |resolve: js_sys::Function, _| {
        // Without a window nobody is shown anything.
        let _ = window().map(|window| window.set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, milliseconds));
    };
    let _ = JsFuture::from(js_sys::Promise::new(&mut wake)).await;
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
