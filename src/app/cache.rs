//! Pages that every visitor sees alike, kept for a moment: the same address in the same language and colours, as long as nothing was
//! written on this node, and at most a second. What another node writes, and what changes by the hour alone, is seen after that second.
//!
//! Never a page of somebody who is signed in. One reader's page is drawn, the others who ask at the same time wait for it.

use super::scripts::{self, Whole};
use crate::features::accounts::auth::Visit;
use crate::features::accounts::model::Theme;
use crate::features::parties;
use crate::features::parties::store::Viewer;
use crate::server::state::AppState;
use crate::shared::ids::PartyId;
use crate::shared::text::Lang;
use crate::shared::time::{Span, Timestamp};
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::OnceCell;

/// A page is kept this long, whatever happens.
const KEPT_FOR: Span = Span::seconds(1);
/// Pages that are kept at most …
const MOST: usize = 256;
/// … and the size of each, in bytes as they are sent.
const LONGEST: usize = 128 * 1024;
/// Addresses longer than this, in bytes, are not worth keeping.
const LONGEST_ADDRESS: usize = 256;

/// The kept pages of a node.
#[derive(Clone)]
pub struct Kept {
    state: AppState,
    pages: Arc<Mutex<HashMap<Key, Arc<Entry>>>>,
}

#[derive(Clone, PartialEq, Eq, Hash)]
struct Key {
    address: String,
    lang: Lang,
    theme: Theme,
    coding: &'static str,
}

struct Entry {
    version: u64,
    at: Timestamp,
    /// Empty while it is drawn; `None` when it turned out to be nothing to keep.
    page: OnceCell<Option<Page>>,
}

struct Page {
    headers: HeaderMap,
    route: Option<super::server::RouteName>,
    body: Bytes,
}

impl Kept {
    /// Of this node: nothing yet.
    #[must_use]
    pub fn of(state: AppState) -> Self {
        Self { state, pages: Arc::default() }
    }

    /// The entry of a page, a new one where there is none that still holds; `None` when too many are kept.
    fn entry(&self, key: Key) -> Option<Arc<Entry>> {
        // Before anything is read for the page, so that what is written meanwhile ends it.
        let (version, now) = (self.state.db.version(), self.state.now());
        let holds = |entry: &Entry| entry.version == version && entry.at <= now && now - entry.at < KEPT_FOR;
        let mut pages = self.pages.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(entry) = pages.get(&key).filter(|entry| holds(entry)) {
            return Some(entry.clone());
        }
        if pages.len() >= MOST {
            pages.retain(|_, entry| holds(entry));
        }
        if pages.len() >= MOST {
            return None;
        }
        let entry = Arc::new(Entry { version, at: now, page: OnceCell::new() });
        pages.insert(key, entry.clone());
        Some(entry)
    }
}

/// Answers with a kept page, or has it drawn and keeps it.
pub async fn answer(State(kept): State<Kept>, mut request: Request, next: Next) -> Response {
    let visit = request.extensions().get::<Visit>().cloned().unwrap_or_default();
    let Some(entry) = key(&request, &visit).and_then(|key| {
        let coding = key.coding;
        let entry = kept.entry(key)?;
        // What comes from inside is of the coding that the key names.
        let headers = request.headers_mut();
        headers.remove(header::ACCEPT_ENCODING);
        if !coding.is_empty() {
            headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static(coding));
        }
        Some(entry)
    }) else {
        return next.run(request).await;
    };
    let known = request.headers().get(header::IF_NONE_MATCH).cloned();
    let party = party_of(request.uri());
    request.extensions_mut().insert(Whole);
    // Drawn by whoever comes first; what is not to be kept goes to them alone.
    let mut ask = Some((request, next));
    let mut own = None;
    let page = entry.page.get_or_init(async || {
        let (request, next) = ask.take()?;
        match page_of(next.run(request).await).await {
            Ok(page) => Some(page),
            Err(response) => {
                own = Some(response);
                None
            }
        }
    });
    let page = page.await;
    if let Some(response) = own {
        return *response;
    }
    let Some(page) = page else {
        return match ask {
            Some((request, next)) => next.run(request).await,
            None => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        };
    };
    let was_kept = ask.is_some();
    metrics::counter!("pages_kept_total", "outcome" => if was_kept { "given" } else { "drawn" }).increment(1);
    if let Some(party) = party.filter(|_| was_kept) {
        count_view(&kept.state, &visit, party).await;
    }
    page.answer(known.as_ref())
}

/// How a page is kept; `None` for what is not everybody's.
fn key(request: &Request, visit: &Visit) -> Option<Key> {
    let is_anybody = visit.member.is_none() && visit.trouble.is_none() && visit.traveller.is_none() && visit.arrival.is_none();
    let address = request.uri().path_and_query()?.as_str();
    if !is_anybody || request.method() != Method::GET || address.len() > LONGEST_ADDRESS || !is_public(request.uri().path()) {
        return None;
    }
    Some(Key {
        address: address.to_owned(),
        lang: visit.preferences.lang,
        theme: visit.preferences.theme,
        coding: coding(request.headers()),
    })
}

/// Pages for everybody. Forms and what leads to one's own are not among them.
fn is_public(path: &str) -> bool {
    let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
    match parts[..] {
        ["" | "meals" | "about" | "terms" | "privacy"] | ["users", _] => true,
        ["meals", id] | ["meals", id, "comments"] => id.parse::<PartyId>().is_ok(),
        _ => false,
    }
}

fn party_of(uri: &Uri) -> Option<PartyId> {
    uri.path().strip_prefix("/meals/").and_then(|id| id.parse().ok())
}

/// The coding in which a reader is answered.
fn coding(headers: &HeaderMap) -> &'static str {
    let accepts = |name: &str| {
        headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(',')).any(
            |one| {
                let mut parts = one.split(';').map(str::trim);
                let is_it = parts.next().is_some_and(|coding| coding.eq_ignore_ascii_case(name));
                let is_refused = parts.any(|part| part.strip_prefix("q=").is_some_and(|q| q.parse::<f32>().is_ok_and(|q| q <= 0.0)));
                is_it && !is_refused
            },
        )
    };
    ["br", "gzip"].into_iter().find(|name| accepts(name)).unwrap_or_default()
}

/// The page in an answer; the answer itself when it is nothing to keep.
async fn page_of(response: Response) -> Result<Page, Box<Response>> {
    // Only what was found has a tag.
    let is_whole = response.headers().contains_key(header::ETAG) && !response.headers().contains_key(header::SET_COOKIE);
    if !is_whole {
        return Err(Box::new(response));
    }
    let (parts, body) = response.into_parts();
    let route = parts.extensions.get().cloned();
    let body = scripts::whole(body).await.map_err(Box::new)?;
    if body.len() > LONGEST {
        return Err(Box::new(Response::from_parts(parts, Body::from(body))));
    }
    Ok(Page { headers: parts.headers, route, body })
}

impl Page {
    fn answer(&self, known: Option<&HeaderValue>) -> Response {
        let tag = self.headers.get(header::ETAG);
        let is_known = known.and_then(|known| known.to_str().ok()).is_some_and(|known| {
            known.split(',').any(|one| one.trim() == "*" || tag.is_some_and(|tag| tag.as_bytes() == one.trim().as_bytes()))
        });
        let mut response = if is_known { StatusCode::NOT_MODIFIED.into_response() } else { Body::from(self.body.clone()).into_response() };
        let of_the_body = [header::CONTENT_TYPE, header::CONTENT_ENCODING, header::CONTENT_LENGTH];
        for (name, value) in self.headers.iter().filter(|(name, _)| !is_known || !of_the_body.contains(name)) {
            response.headers_mut().append(name.clone(), value.clone());
        }
        if let Some(route) = &self.route {
            response.extensions_mut().insert(route.clone());
        }
        response
    }
}

/// Each reader of an order counts, however many pages are drawn. A page is worth more than its number.
async fn count_view(state: &AppState, visit: &Visit, party: PartyId) {
    let viewer = Viewer::of(visit, &state.keys, state.now());
    let counted = async { parties::store::look_at(&state.db, state.db.read().await?, party, &viewer).await };
    if let Err(error) = counted.await {
        tracing::warn!(%error, "a view was not counted");
    }
}
