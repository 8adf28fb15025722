//! What pages read from the server, in the browser.

use super::side::{address, decode, fetch};
use super::{StoredValue, effect, later};
use crate::shared::error::AppError;
use crate::shared::json::AsIs;
use leptos::prelude::{Get, Resource, Set, Signal, With, WithUntracked, untrack};
use leptos::server_fn::ServerFn;
use leptos::task::spawn_local;
use send_wrapper::SendWrapper;
use serde::Serialize;
use serde::de::{DeserializeOwned, IgnoredAny};
use std::marker::PhantomData;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

/// What could not be answered for a while is asked again after this, so often: until then something else has happened, or the
/// connection has come back.
const RETRY_AFTER: Duration = Duration::from_secs(3);
const RETRIES: u32 = 5;

/// What a page reads from the server: once while the server draws it, again here when what it depends on changes.
///
/// All of them are kept as the JSON they came in, `{"Ok":…}` or `{"Err":…}`, and read where they are used: so everything
/// that waits, fetches and keeps exists once in the program, and not once for each type.
#[derive(Debug)]
pub struct Loading<T> {
    kept: Kept,
    what: PhantomData<fn() -> T>,
}

/// The answer as it came, and what is asked again for it.
#[derive(Clone, Copy, Debug)]
struct Kept {
    json: Resource<String, AsIs>,
    address: StoredValue<Address>,
    /// How often it was asked again, and which of these answers is the latest that was taken.
    asked: StoredValue<u32>,
    taken: StoredValue<u32>,
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
        decode(&self.kept.json.await)
    }

    /// The answer, if it is there.
    #[must_use]
    pub fn get(self) -> Option<Result<T, AppError>> {
        self.kept.json.with(|json| json.as_deref().map(decode))
    }

    /// Asks again.
    pub fn refetch(self) {
        self.kept.refetch();
    }

    /// Asks again, and changes nothing before the answer is there: then `may` says whether it is taken, and nobody can have done
    /// anything on the page between that and the change. What cannot be answered for a while leaves what is there, and is asked again.
    pub fn renew(self, may: impl Fn() -> bool + 'static) {
        self.kept.renew(Rc::new(may), RETRIES);
    }

    /// Asks again what could not be answered for a while, whenever `now` becomes true.
    pub fn heal(self, now: Signal<bool>) {
        self.kept.heal(now);
    }
}

impl Kept {
    /// The number of a question that is asked now; of a page that has gone, `None`.
    fn ask(self) -> Option<u32> {
        let asked = self.asked.try_get_value()? + 1;
        self.asked.set_value(asked);
        Some(asked)
    }

    fn refetch(self) {
        if let Some(asked) = self.ask() {
            // What was asked before is older than what comes now.
            self.taken.set_value(asked);
            self.json.refetch();
        }
    }

    fn renew(self, may: Rc<dyn Fn() -> bool>, retries: u32) {
        let Some(asked) = self.ask() else { return };
        let question = self.question();
        spawn_local(async move {
            let json = as_result(question.clone()).await;
            // The page may have gone, have been told something newer, or ask for something else by now.
            if self.taken.try_get_value().is_none_or(|taken| taken >= asked) || self.question() != question {
                return;
            }
            if is_passing(&json) {
                if let Some(left) = retries.checked_sub(1) {
                    later(move || self.renew(may, left), RETRY_AFTER);
                }
                return;
            }
            // Also when it is not taken: nothing older is.
            self.taken.set_value(asked);
            if may() {
                self.json.set(Some(json));
            }
        });
    }

    fn question(self) -> Result<String, AppError> {
        untrack(|| self.address.try_with_value(|address| address()).unwrap_or(Err(AppError::Internal)))
    }

    fn heal(self, now: Signal<bool>) {
        let is_broken = move || self.json.with_untracked(|json| json.as_deref().is_some_and(is_passing));
        effect(move || {
            if now.get() && is_broken() {
                self.refetch();
            }
        });
    }
}

fn is_passing(json: &str) -> bool {
    decode::<IgnoredAny>(json).is_err_and(|error| error.is_passing())
}

/// Asks the server function now and whenever the question changes. The page is not sent before the answer is there.
pub fn load<A, T>(question: impl Fn() -> Result<A, AppError> + Send + Sync + 'static) -> Loading<T>
where
    A: ServerFn<Output = T, Error = AppError> + Serialize,
{
    Loading { kept: kept(Arc::new(move || question().and_then(|question| address(&question)))), what: PhantomData }
}

type Address = Arc<dyn Fn() -> Result<String, AppError> + Send + Sync>;

fn kept(address: Address) -> Kept {
    let question = address.clone();
    Kept {
        json: Resource::new_with_options(move || question(), |address| SendWrapper::new(as_result(address)), true),
        address: StoredValue::new(address),
        asked: StoredValue::new(0),
        taken: StoredValue::new(0),
    }
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
