//! Pages that every visitor sees alike, kept for a moment: the same address in the same language and colours, as long as nothing was
//! written on this node, and at most a second. What another node writes, and what changes by the hour alone, is seen after that second.
//!
//! Never a page of somebody who is signed in. One reader's page is drawn, the others who ask at the same time wait for it.
//!
//! A page is kept under its whole address, because pages write their own address into links. Anybody can make up addresses, so what is
//! asked for once takes no place from what people read.

use super::scripts::{self, Whole};
use crate::features::accounts::auth::Visit;
use crate::features::accounts::model::Theme;
use crate::features::parties;
use crate::features::parties::store::Viewer;
use crate::server::db::Db;
use crate::server::state::AppState;
use crate::shared::ids::PartyId;
use crate::shared::text::Lang;
use crate::shared::time::{Span, Timestamp};
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{OnceCell, mpsc};

/// A page is kept this long, whatever happens.
const KEPT_FOR: Span = Span::seconds(1);
/// Pages that are kept at most …
const MOST: usize = 256;
/// … and the size of each, in bytes as they are sent.
const LONGEST: usize = 128 * 1024;
/// Addresses longer than this, in bytes, are not worth keeping.
const LONGEST_ADDRESS: usize = 256;
/// Views of kept pages that may wait to be counted; more are not.
const MOST_VIEWS: usize = 4_096;

/// The kept pages of a node.
#[derive(Clone)]
pub struct Kept {
    state: AppState,
    pages: Arc<Mutex<Pages>>,
    views: mpsc::Sender<(PartyId, Viewer)>,
}

#[derive(Default)]
struct Pages {
    places: HashMap<Key, Place>,
    /// How often any page was asked for.
    asked: u64,
    /// When what no longer holds was last taken out.
    swept: Timestamp,
    /// Asked for once while every place was taken; at most [`MOST`].
    turned_away: HashSet<Key>,
}

struct Place {
    entry: Arc<Entry>,
    /// Its last asking, by the number of it.
    asked: u64,
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
    /// Of this node: nothing yet. Starts the task that counts views; it ends when the last clone is gone.
    #[must_use]
    pub fn of(state: AppState) -> Self {
        let (views, waiting) = mpsc::channel(MOST_VIEWS);
        tokio::spawn(count_views(state.db.clone(), waiting));
        Self { state, pages: Arc::default(), views }
    }

    fn entry(&self, key: Key) -> Option<Arc<Entry>> {
        // Before anything is read for the page, so that what is written meanwhile ends it.
        let (version, now) = (self.state.db.version(), self.state.now());
        self.pages.lock().unwrap_or_else(PoisonError::into_inner).entry(key, version, now)
    }

    /// Each reader of an order counts, however many pages are drawn, but no page that lies ready waits for it.
    fn count_view(&self, visit: &Visit, party: PartyId) {
        let viewer = Viewer::of(visit, &self.state.keys, self.state.now());
        if self.views.try_send((party, viewer)).is_err() {
            metrics::counter!("views_not_counted_total").increment(1);
        }
    }
}

impl Pages {
    /// The entry of a page, a new one where there is none that still holds; `None` when it gets no place.
    ///
    /// While every place is taken, only what is asked for again gets one, that of the page which nobody asked for the longest.
    fn entry(&mut self, key: Key, version: u64, now: Timestamp) -> Option<Arc<Entry>> {
        let holds = |entry: &Entry| entry.version == version && entry.at <= now && now - entry.at < KEPT_FOR;
        self.asked += 1;
        if let Some(place) = self.places.get_mut(&key).filter(|place| holds(&place.entry)) {
            place.asked = self.asked;
            return Some(place.entry.clone());
        }
        if self.places.len() >= MOST || now < self.swept || now - self.swept >= KEPT_FOR {
            self.places.retain(|_, place| holds(&place.entry));
            self.swept = now;
        }
        if self.places.len() >= MOST {
            if !self.turned_away.remove(&key) {
                self.turn_away(key);
                return None;
            }
            self.make_room();
        }
        let entry = Arc::new(Entry { version, at: now, page: OnceCell::new() });
        self.places.insert(key, Place { entry: entry.clone(), asked: self.asked });
        Some(entry)
    }

    fn turn_away(&mut self, key: Key) {
        if self.turned_away.len() >= MOST {
            self.turned_away.clear();
        }
        self.turned_away.insert(key);
    }

    fn make_room(&mut self) {
        let longest_ago = self.places.iter().min_by_key(|(_, place)| place.asked).map(|(key, _)| key.clone());
        if let Some(key) = longest_ago {
            self.places.remove(&key);
        }
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
        kept.count_view(&visit, party);
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
pub(super) fn coding(headers: &HeaderMap) -> &'static str {
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

/// Counts views one after the other, so that they never take more than one connection from those who wait for a page. A page is worth
/// more than its number.
async fn count_views(db: Db, mut waiting: mpsc::Receiver<(PartyId, Viewer)>) {
    while let Some((party, viewer)) = waiting.recv().await {
        let counted = async { parties::store::look_at(&db, db.read().await?, party, &viewer).await };
        if let Err(error) = counted.await {
            tracing::warn!(%error, "a view was not counted");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(address: &str) -> Key {
        Key { address: address.to_owned(), lang: Lang::default(), theme: Theme::default(), coding: "" }
    }

    /// Whether an address has a place, or gets one, now.
    fn is_kept(pages: &mut Pages, address: &str) -> bool {
        pages.entry(key(address), 0, Timestamp(0)).is_some()
    }

    #[test]
    fn made_up_addresses_keep_no_page_out_that_people_read() {
        let mut pages = Pages::default();
        for n in 0..MOST {
            assert!(is_kept(&mut pages, &format!("/?n={n}")));
        }
        assert!(!is_kept(&mut pages, "/meals"));
        assert!(is_kept(&mut pages, "/meals"), "what is asked for again gets a place");
        // The first of them was asked for the longest ago.
        assert!(!pages.places.contains_key(&key("/?n=0")) && pages.places.contains_key(&key("/?n=1")));
        for n in MOST..10 * MOST {
            assert!(!is_kept(&mut pages, &format!("/?n={n}")), "what is asked for once gets none");
        }
        assert!(pages.places.contains_key(&key("/meals")));
        // Also when each is asked for twice, for as long as people ask more often than all places are given away.
        for n in 0..2 * MOST {
            let address = format!("/?twice={n}");
            assert!(!is_kept(&mut pages, &address) && is_kept(&mut pages, &address));
            if n % 100 == 0 {
                assert!(pages.places.contains_key(&key("/meals")) && is_kept(&mut pages, "/meals"), "{n}");
            }
        }
    }

    #[test]
    fn what_no_longer_holds_goes_within_a_second_of_the_next_asking() {
        let mut pages = Pages::default();
        let mut ask = |address: &str, version, at| {
            pages.entry(key(address), version, Timestamp(at));
            pages.places.len()
        };
        assert_eq!([ask("/", 0, 10_000), ask("/about", 0, 10_500), ask("/terms", 0, 10_999)], [1, 2, 3]);
        assert_eq!(ask("/privacy", 0, 11_000), 3, "the first is a second old");
        assert_eq!(ask("/", 1, 11_500), 4);
        assert_eq!(ask("/about", 1, 12_000), 2, "the others are of another version");
        assert_eq!(ask("/terms", 1, 1_000), 1, "the clock went back");
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let mut pages = Pages::default();
        for n in 0..5 * MOST {
            is_kept(&mut pages, &format!("/?n={}", n / 2));
            assert!(pages.places.len() <= MOST && pages.turned_away.len() <= MOST);
        }
        // What holds no more makes room for everybody.
        assert!(pages.entry(key("/new"), 1, Timestamp(0)).is_some());
        assert_eq!(pages.places.len(), 1);
    }
}
