//! The way to a model that answers questions: one that speaks OpenAI's protocol of chat completions, and whose answer comes in pieces.
//!
//! What it may cost is bounded: in time (to connect, to begin, between two pieces, in all), in bytes,
//! in tokens, and in answers at once. No redirect
//! is followed. One that fails again and again is left alone for a while. Logs say what went wrong and never what was said.

mod events;
pub mod settings;

use super::clock::Clock;
use super::config::Config;
use super::http::reason;
use crate::shared::time::{Span, Timestamp};
use axum::body::{Body, Bytes};
use axum::http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue, USER_AGENT};
use axum::http::{Request, Response, StatusCode};
use events::{Event, Lines};
use http_body_util::{BodyExt, Full, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use rustls::crypto::ring;
use serde::Serialize;
use settings::Settings;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout_at};

/// Answers of one node at once.
const AT_ONCE: usize = 16;
/// Longest answer with everything around it, in bytes.
const MAX_BYTES: usize = 1024 * 1024;
/// Longest refusal that is read, in bytes.
const MAX_REFUSAL: usize = 16 * 1024;
/// Most tokens of an answer, the thoughts of a model that thinks aloud included: far more than five menus take, and a bound to what a
/// question costs where the model goes on and on. An answer that reaches it is cut, and counts if there is anything to read.
pub const MAX_TOKENS: u32 = 2_048;
/// After so many failures in a row it is left alone.
const FAILURES: u32 = 3;
/// For so long.
const SILENCE: Span = Span::seconds(30);

/// How long a model may take.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// Until a connection stands and the answer begins.
    pub first: Duration,
    /// Between two pieces of it.
    pub between: Duration,
    /// From the question to its end.
    pub total: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self { first: Duration::from_secs(15), between: Duration::from_secs(15), total: Duration::from_secs(60) }
    }
}

/// Who says something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// This server, to the model.
    System,
    /// Whoever asks.
    User,
    /// The model.
    Assistant,
}

/// Something that was said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Turn {
    /// By whom.
    pub role: Role,
    /// What.
    pub content: String,
}

/// Why there is no answer, or not all of it. Its cause is in the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// It could not be reached, or is no longer there.
    Unreachable,
    /// It did not begin, go on or end in time.
    Slow,
    /// It said that it would not.
    Refused,
    /// It said what cannot be understood.
    Nonsense,
    /// It stopped, or had to be stopped, before its end: that is no failure.
    Cut,
    /// It has failed so often that it was not asked, or too many are being answered.
    LeftAlone,
}

impl Trouble {
    const fn label(self) -> &'static str {
        match self {
            Self::Unreachable => "unreachable",
            Self::Slow => "slow",
            Self::Refused => "refused",
            Self::Nonsense => "nonsense",
            Self::Cut => "cut",
            Self::LeftAlone => "left_alone",
        }
    }
}

/// A model. Cheap to clone.
#[derive(Clone)]
pub struct Completions(Arc<Inner>);

struct Inner {
    settings: Settings,
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
    patience: Patience,
    hands: Arc<Semaphore>,
    failures: Mutex<(u32, Timestamp)>,
    /// Whether it wants the bound of its answers under the newer name.
    is_newer: AtomicBool,
}

impl fmt::Debug for Completions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Completions").field(&self.0.settings).finish()
    }
}

#[derive(Serialize)]
struct Question<'q> {
    model: &'q str,
    messages: &'q [Turn],
    stream: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_tokens: Option<u32>,
    /// What newer models call it, some of which refuse the other name; servers that are older know only that.
    #[serde(skip_serializing_if = "Option::is_none")]
    max_completion_tokens: Option<u32>,
}

impl Completions {
    /// The one that the operator has named, if any.
    #[must_use]
    pub fn of(config: &Config) -> Option<Self> {
        config.completions.clone().map(|settings| Self::patient(settings, Patience::default()))
    }

    /// One that may take so long.
    #[must_use]
    pub fn patient(settings: Settings, patience: Patience) -> Self {
        let connector = HttpsConnectorBuilder::new()
            .with_provider_and_webpki_roots(ring::default_provider())
            .expect("the provider knows the safe protocol versions")
            .https_or_http()
            .enable_http1()
            .build();
        // Too few come for connections to be worth keeping, and one that is kept may be gone when it is needed.
        let client = Client::builder(TokioExecutor::new()).pool_max_idle_per_host(0).build(connector);
        Self(Arc::new(Inner {
            settings,
            client,
            patience,
            hands: Arc::new(Semaphore::new(AT_ONCE)),
            failures: Mutex::default(),
            is_newer: AtomicBool::new(false),
        }))
    }

    /// How long it may take.
    #[must_use]
    pub fn patience(&self) -> Patience {
        self.0.patience
    }

    /// Asks, and waits until the answer begins.
    ///
    /// # Errors
    /// Why there is none.
    pub async fn ask(&self, turns: &[Turn], clock: Arc<dyn Clock>) -> Result<Answer, Trouble> {
        let begun = self.begin(turns, &clock).await;
        match begun {
            Ok((body, hand)) => {
                let now = Instant::now();
                Ok(Answer {
                    model: self.clone(),
                    clock,
                    body,
                    lines: Lines::default(),
                    bytes: 0,
                    has_words: false,
                    heard: now,
                    until: now + self.0.patience.total,
                    is_over: false,
                    _hand: hand,
                })
            }
            Err(trouble) => {
                self.note(Err(trouble), &*clock);
                Err(trouble)
            }
        }
    }

    async fn begin(&self, turns: &[Turn], clock: &Arc<dyn Clock>) -> Result<(Body, OwnedSemaphorePermit), Trouble> {
        let (failures, since) = *self.0.failures.lock().unwrap_or_else(PoisonError::into_inner);
        if failures >= FAILURES && clock.now() < since + SILENCE {
            return Err(Trouble::LeftAlone);
        }
        let hand = self.0.hands.clone().try_acquire_owned().map_err(|_| Trouble::LeftAlone)?;
        let until = Instant::now() + self.0.patience.first;
        let is_newer = self.0.is_newer.load(Ordering::Relaxed);
        let mut answer = self.request(turns, is_newer, until).await?;
        if answer.status() == StatusCode::BAD_REQUEST && !is_newer && names_bound(answer.body_mut(), until).await {
            answer = self.request(turns, true, until).await?;
            // Only then: its refusal may have meant another bound than this one.
            if answer.status() == StatusCode::OK {
                self.0.is_newer.store(true, Ordering::Relaxed);
            }
        }
        let (head, body) = answer.into_parts();
        if head.status != StatusCode::OK {
            tracing::warn!(status = head.status.as_u16(), "the model that suggests menus refused");
            return Err(Trouble::Refused);
        }
        let kind = head.headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        if !kind.starts_with("text/event-stream") {
            return Err(nonsense("no events"));
        }
        Ok((body, hand))
    }

    /// Sends a question, and waits until then for the head of its answer.
    async fn request(&self, turns: &[Turn], is_newer: bool, until: Instant) -> Result<Response<Body>, Trouble> {
        let Settings { url, key, model } = &self.0.settings;
        let bound = |is_named: bool| is_named.then_some(MAX_TOKENS);
        let question =
            Question { model, messages: turns, stream: true, max_tokens: bound(!is_newer), max_completion_tokens: bound(is_newer) };
        let question = serde_json::to_vec(&question).expect("words are JSON");
        let mut request = Request::post(url.as_str())
            .header(CONTENT_TYPE, "application/json")
            .header(ACCEPT, "text/event-stream")
            .header(USER_AGENT, "moim")
            .body(Full::new(Bytes::from(question)))
            .expect("the address was checked");
        if let Some(key) = key {
            let mut value = HeaderValue::from_str(&format!("Bearer {key}")).expect("the key was checked");
            value.set_sensitive(true);
            request.headers_mut().insert(AUTHORIZATION, value);
        }
        let answer = timeout_at(until, self.0.client.request(request)).await;
        Ok(answer.map_err(|_| slow())?.map_err(|error| unreached(&error))?.map(Body::new))
    }

    /// Counts what became of a question, and whether it failed.
    fn note(&self, outcome: Result<(), Trouble>, clock: &dyn Clock) {
        metrics::counter!("suggestion_calls_total", "outcome" => outcome.map_or_else(Trouble::label, |()| "done")).increment(1);
        let mut failures = self.0.failures.lock().unwrap_or_else(PoisonError::into_inner);
        match outcome {
            Ok(()) | Err(Trouble::Cut) => *failures = (0, Timestamp(0)),
            Err(Trouble::LeftAlone) => {}
            Err(_) => *failures = (failures.0.saturating_add(1), clock.now()),
        }
    }
}

/// Whether a refusal says that it is about the bound of an answer, as far as it comes by then and is no longer than one is.
async fn names_bound(refusal: &mut Body, until: Instant) -> bool {
    let words = timeout_at(until, Limited::new(refusal, MAX_REFUSAL).collect()).await;
    words.is_ok_and(|words| words.is_ok_and(|words| String::from_utf8_lossy(&words.to_bytes()).contains("max_tokens")))
}

fn slow() -> Trouble {
    tracing::warn!("the model that suggests menus did not answer in time");
    Trouble::Slow
}

fn unreached(error: &(dyn std::error::Error + 'static)) -> Trouble {
    tracing::warn!(error = reason(error), "the model that suggests menus could not be reached, or is gone");
    Trouble::Unreachable
}

fn nonsense(why: &'static str) -> Trouble {
    tracing::warn!(why, "the model that suggests menus said something that cannot be understood");
    Trouble::Nonsense
}

/// An answer that comes. Dropping it stops it.
pub struct Answer {
    model: Completions,
    clock: Arc<dyn Clock>,
    body: Body,
    lines: Lines,
    bytes: usize,
    has_words: bool,
    heard: Instant,
    until: Instant,
    is_over: bool,
    _hand: OwnedSemaphorePermit,
}

impl Answer {
    /// More of it; `None` when it is whole. Waiting for it may be given up and begun again.
    ///
    /// # Errors
    /// Why there is no more, although it is not whole.
    pub async fn next(&mut self) -> Result<Option<String>, Trouble> {
        let next = self.words().await;
        let outcome = match &next {
            Ok(Some(_)) => return next,
            Ok(None) => Ok(()),
            Err(trouble) => Err(*trouble),
        };
        self.is_over = true;
        self.model.note(outcome, &*self.clock);
        next
    }

    async fn words(&mut self) -> Result<Option<String>, Trouble> {
        loop {
            match self.lines.next() {
                Some(Event::Words(words)) => {
                    self.has_words = true;
                    return Ok(Some(words));
                }
                Some(Event::Whole) if self.has_words => return Ok(None),
                Some(Event::Whole) => return Err(nonsense("an answer without words")),
                Some(Event::Cut) => return Err(Trouble::Cut),
                Some(Event::Nonsense) => return Err(nonsense("an event")),
                None => {}
            }
            let deadline = self.until.min(self.heard + self.model.0.patience.between);
            let frame = match timeout_at(deadline, self.body.frame()).await {
                Ok(frame) => frame,
                // It was asked for much and said much: that is an answer, and no failure of the model's.
                Err(_) if self.has_words && Instant::now() >= self.until => return Err(Trouble::Cut),
                Err(_) => return Err(slow()),
            };
            self.heard = Instant::now();
            match frame {
                None => return Err(nonsense("an answer without an end")),
                Some(Err(error)) => return Err(unreached(&error)),
                Some(Ok(frame)) => {
                    let Ok(bytes) = frame.into_data() else { continue };
                    self.bytes += bytes.len();
                    if self.bytes > MAX_BYTES || !self.lines.push(&bytes) {
                        return Err(nonsense("more than an answer can be"));
                    }
                }
            }
        }
    }
}

impl Drop for Answer {
    fn drop(&mut self) {
        if !self.is_over {
            self.model.note(Err(Trouble::Cut), &*self.clock);
        }
    }
}
