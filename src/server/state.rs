//! What every request can reach.

use super::clock::Clock;
use super::completions::Completions;
use super::config::Config;
use super::db::Db;
use super::hashing::Hasher;
use super::images::Images;
use super::keys::Keys;
use super::mail::Mailer;
use super::oidc::Providers;
use super::rate_limit::RateLimiter;
use crate::live::hub::Hub;
use crate::shared::error::AppError;
use crate::shared::form::PlainForm;
use crate::shared::time::Timestamp;
use axum::extract::FromRef;
use leptos::config::LeptosOptions;
use leptos::prelude::use_context;
use std::ops::Deref;
use std::sync::Arc;
use tokio::sync::Notify;

/// The parts of a running node.
#[derive(Clone)]
pub struct Node {
    /// What the operator decided.
    pub config: Arc<Config>,
    /// The database.
    pub db: Db,
    /// Where "now" comes from.
    pub clock: Arc<dyn Clock>,
    /// Password hashing.
    pub hasher: Hasher,
    /// Pictures.
    pub images: Images,
    /// The keys that the server signs with.
    pub keys: Arc<Keys>,
    /// The way to the mail server, if there is one.
    pub mailer: Option<Mailer>,
    /// Where people may sign in with an account of elsewhere.
    pub providers: Providers,
    /// The model that answers what to eat, if there is one.
    pub completions: Option<Completions>,
    /// Told when a job was written on this node, so that it is begun at once.
    pub work: Arc<Notify>,
    /// Throttles of this node.
    pub limiter: Arc<RateLimiter>,
    /// Open sockets of this node and what is told to them.
    pub hub: Hub,
    /// Where the browser's files are and what they are called.
    pub leptos: LeptosOptions,
}

/// The node that answers. Every layer of every request has a clone of it, so that is no more than counting.
#[derive(Clone)]
pub struct AppState(Arc<Node>);

impl From<Node> for AppState {
    fn from(node: Node) -> Self {
        Self(Arc::new(node))
    }
}

impl Deref for AppState {
    type Target = Node;

    fn deref(&self) -> &Node {
        &self.0
    }
}

impl Node {
    /// The present moment.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Whether mails are kept and can be read at `/dev/mail`.
    #[must_use]
    pub fn shows_mail(&self) -> bool {
        self.mailer.is_none() && self.config.shows_kept_mail
    }

    /// Whether people have to prove their address before they take part: not where no proof could ever reach them.
    #[must_use]
    pub fn asks_for_proof(&self) -> bool {
        self.mailer.is_some() || self.shows_mail()
    }
}

impl FromRef<AppState> for LeptosOptions {
    fn from_ref(state: &AppState) -> Self {
        state.leptos.clone()
    }
}

/// Leads a plain form to another page than the one it stands on; the browser's program decides for itself. From inside a server
/// function.
pub fn lead_form(path: &str) {
    if use_context::<PlainForm>().is_some() {
        leptos_axum::redirect(path);
    }
}

/// The state, from inside a server function or a page's resource.
///
/// # Errors
/// [`AppError::Internal`] outside a request.
pub fn state() -> Result<AppState, AppError> {
    use_context::<AppState>().ok_or(AppError::Internal)
}
