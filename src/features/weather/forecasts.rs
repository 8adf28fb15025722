//! The weather as this node knows it.
//!
//! A region's weather is asked for once in a half hour, and one request serves all who wait for it; it goes on when those who asked
//! have left. What failed is left alone for a minute, and a provider that fails again and again is left alone for a
//! while; that too many wait for their turn is no failure of its. Nothing waits for the weather that does not say so ([`Forecasts::report`]), and nothing needs it.

use super::breaker::Breaker;
use super::kma::Kma;
use super::model::{Report, Source, Weather, half_hour};
use super::open_meteo::OpenMeteo;
use super::provider::{Place, Provider};
use crate::server::clock::Clock;
use crate::server::config::WeatherSource;
use crate::server::http::{Fault, Http};
use crate::server::rate_limit::{Limit, RateLimiter};
use crate::shared::error::AppError;
use crate::shared::ids::{RegionCode, UserId};
use crate::shared::time::{Span, Timestamp};
use axum::http::StatusCode;
use leptos::prelude::use_context;
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{Semaphore, watch};
use tokio::time::{Instant, timeout_at};
use url::Url;

/// A request has this long, with the time that it waits for others.
const PATIENCE: Duration = Duration::from_secs(2);
/// Requests at once.
const AT_ONCE: usize = 8;
/// What was known this long ago is still better than nothing.
const WORTH_SHOWING: Span = Span::hours(3);
/// A region for which a request has failed is not asked for again before this.
const AGAIN_AFTER: Span = Span::minutes(1);
/// After so many failures in a row the provider is left alone,
const FAILURES: u32 = 5;
/// this long.
const SILENCE: Span = Span::minutes(1);
/// Most regions that are remembered.
const MAX_REGIONS: usize = 2_000;

/// How often one person may ask.
pub const ASKING: Limit = Limit { name: "weather", attempts: 60, window: Span::minutes(10) };
/// The same for all who are not signed in and come from one address: many share one at a school.
pub const ASKING_BY_ADDRESS: Limit = Limit { name: "weather_address", attempts: 300, window: Span::minutes(10) };
/// How often one person may make this server ask its provider, by asking for a 동 whose weather nobody has asked for in this half hour.
/// Their own takes 48 of these. Who has used them up is told what is known, and that there is no more.
pub const FETCHING: Limit = Limit { name: "weather_new", attempts: 200, window: Span::days(1) };
/// The same for all who are not signed in and come from one address: a provider lets this server ask so often in a day, and nobody may
/// use that up for all.
pub const FETCHING_BY_ADDRESS: Limit = Limit { name: "weather_new_address", attempts: 20, window: Span::days(1) };

/// Counts that a member makes this server ask its provider; whether they still may.
pub fn may_fetch(limiter: &RateLimiter, member: UserId, now: Timestamp) -> bool {
    limiter.attempt(FETCHING, &member.to_string(), now).is_ok()
}

/// Why a request brought nothing.
#[derive(Debug)]
enum Trouble {
    /// The provider could not be reached, or did not say all of its answer.
    Unreachable(Fault),
    /// It did not answer in time.
    Slow,
    /// Others were asked for first, and there was no time left, or too little.
    Crowded,
    /// It refused, or led elsewhere.
    Status(StatusCode),
    /// It answered something that cannot be believed.
    Nonsense,
}

impl Trouble {
    /// As figures name it.
    const fn name(&self) -> &'static str {
        match self {
            Self::Unreachable(_) => "unreachable",
            Self::Slow => "slow",
            Self::Crowded => "crowded",
            Self::Status(_) => "status",
            Self::Nonsense => "nonsense",
        }
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreachable(fault) => write!(f, "it could not be reached: {fault}"),
            Self::Slow => f.write_str("it did not answer in time"),
            Self::Crowded => f.write_str("too many others were asked for first"),
            Self::Status(status) => write!(f, "it answered {status}"),
            Self::Nonsense => f.write_str("it said something that cannot be believed"),
        }
    }
}

/// What this node knows of the weather, and the way to know more. Cheap to clone.
#[derive(Clone)]
pub struct Forecasts(Option<Arc<Desk>>);

struct Desk {
    provider: Box<dyn Provider>,
    http: Http,
    clock: Arc<dyn Clock>,
    patience: Duration,
    places: Semaphore,
    shelf: Mutex<Shelf>,
}

struct Shelf {
    regions: HashMap<RegionCode, Known>,
    breaker: Breaker,
}

/// What is known of a region.
#[derive(Default)]
struct Known {
    /// What was had last, and for when.
    last: Option<(Weather, Timestamp)>,
    /// When a request failed, if the last one did.
    failed: Option<Timestamp>,
    /// The half hour for which a request is on its way, and what ends with it.
    flight: Option<(i64, watch::Receiver<()>)>,
}

/// What is found out without waiting.
enum Glance {
    /// There is no more to know now.
    Known(Report),
    /// More will be known as soon as the request has ended.
    Awaited(Report, watch::Receiver<()>),
}

impl Forecasts {
    /// With the provider that the operator has named. It is asked nothing yet.
    #[must_use]
    pub fn of(source: &WeatherSource, clock: Arc<dyn Clock>) -> Self {
        Self::patient(source, clock, PATIENCE)
    }

    /// The same with another patience.
    #[must_use]
    pub fn patient(source: &WeatherSource, clock: Arc<dyn Clock>, patience: Duration) -> Self {
        let (provider, url): (Box<dyn Provider>, _) = match source {
            WeatherSource::Off => return Self(None),
            WeatherSource::OpenMeteo(url) => (Box::new(OpenMeteo { url: url.clone() }), url),
            WeatherSource::Kma { url, key } => (Box::new(Kma { url: url.clone(), key: key.clone() }), url),
        };
        let shelf = Shelf { regions: HashMap::new(), breaker: Breaker::new(FAILURES, SILENCE) };
        Self(Some(Arc::new(Desk {
            http: Http::new(url.scheme() == "http"),
            provider,
            clock,
            patience,
            places: Semaphore::new(AT_ONCE),
            shelf: Mutex::new(shelf),
        })))
    }

    /// What is known now; what is not begins to be asked for if it `may` be, and is not waited for. `None` where the operator wants no
    /// weather.
    #[must_use]
    pub fn glance(&self, region: RegionCode, may: impl FnOnce() -> bool) -> Option<Report> {
        let desk = self.0.as_ref()?;
        Some(match desk.glance(region, desk.clock.now(), may) {
            Glance::Known(report) => report,
            Glance::Awaited(Report::Unavailable, _) => Report::Awaited,
            Glance::Awaited(report, _) => report,
        })
    }

    /// The weather of this half hour, waited for as long as the provider may take; or what there is instead. A new request is made only
    /// if it `may` be; that is asked only when one is wanted.
    pub async fn report(&self, region: RegionCode, may: impl FnOnce() -> bool + Send) -> Report {
        let Some(desk) = self.0.as_ref() else { return Report::Unavailable };
        let now = desk.clock.now();
        match desk.glance(region, now, may) {
            Glance::Known(report) => report,
            Glance::Awaited(_, mut flight) => {
                // Nothing is ever sent: it fails when the request has ended.
                let _ = flight.changed().await;
                desk.shelf().regions.get(&region).map_or(Report::Unavailable, |known| known.report(now))
            }
        }
    }
}

impl Desk {
    fn shelf(&self) -> MutexGuard<'_, Shelf> {
        self.shelf.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is known, and the request that will tell more: one that is on its way, or a new one unless it is too early for that or it may
    /// not be.
    fn glance(self: &Arc<Self>, region: RegionCode, now: Timestamp, may: impl FnOnce() -> bool) -> Glance {
        let Some(place) = Place::of(region) else { return Glance::Known(Report::Unavailable) };
        let mut shelf = self.shelf();
        shelf.make_room(region, now);
        let Shelf { regions, breaker } = &mut *shelf;
        let known = regions.entry(region).or_default();
        let report = known.report(now);
        if let Report::Fresh(_) = report {
            return Glance::Known(report);
        }
        if let Some(flight) = known.flight_for(now) {
            return Glance::Awaited(report, flight);
        }
        let is_early = known.failed.is_some_and(|failed| now - failed < AGAIN_AFTER);
        // In this order: nothing is counted that is not made, and who may not does not take the turn of who finds out.
        if is_early || !breaker.is_passable(now) || !may() || !breaker.lets_through(now) {
            return Glance::Known(report);
        }
        let (ends, flight) = watch::channel(());
        known.flight = Some((half_hour(now), flight.clone()));
        // On its own: whoever asked first may leave while others wait.
        tokio::spawn(self.clone().fly(region, place, now, ends));
        Glance::Awaited(report, flight)
    }

    /// Asks, and keeps what came of it.
    async fn fly(self: Arc<Self>, region: RegionCode, place: Place, asked: Timestamp, ends: watch::Sender<()>) {
        let answer = self.ask_in_turn(place, asked).await;
        let provider = match self.provider.source() {
            Source::OpenMeteo => "open-meteo",
            Source::Kma => "kma",
        };
        let outcome = answer.as_ref().map_or_else(Trouble::name, |_| "answered");
        metrics::counter!("weather_requests_total", "provider" => provider, "outcome" => outcome).increment(1);
        if let Err(trouble) = &answer {
            tracing::warn!(provider, region = region.0, %trouble, "the weather could not be had");
        }
        let now = self.clock.now();
        let mut shelf = self.shelf();
        match answer {
            Ok(_) => shelf.breaker.succeed(),
            Err(Trouble::Crowded) => {}
            Err(_) => shelf.breaker.fail(now),
        }
        let known = shelf.regions.entry(region).or_default();
        match answer {
            Ok(weather) => {
                known.failed = None;
                // The request of the half hour before may be slower than this one's.
                if known.last.is_none_or(|(_, at)| at <= asked) {
                    known.last = Some((weather, asked));
                }
            }
            Err(Trouble::Crowded) => {}
            Err(_) => known.failed = Some(now),
        }
        // Only now: whoever has waited reads what was kept.
        drop(ends);
    }

    /// Asks as soon as fewer others are asked for, all of it in the time that there is.
    async fn ask_in_turn(&self, place: Place, now: Timestamp) -> Result<Weather, Trouble> {
        let until = Instant::now() + self.patience;
        let (_turn, too_late) = match self.places.try_acquire() {
            Ok(turn) => (turn, Trouble::Slow),
            Err(_) => {
                let turn = timeout_at(until, self.places.acquire()).await.map_err(|_| Trouble::Crowded)?;
                // What is left of its time says nothing about the provider.
                (turn.expect("it is never closed"), Trouble::Crowded)
            }
        };
        timeout_at(until, self.ask(place, now)).await.unwrap_or(Err(too_late))
    }

    async fn ask(&self, place: Place, now: Timestamp) -> Result<Weather, Trouble> {
        let url = self.provider.address(place, now).ok_or(Trouble::Nonsense)?;
        let mut answer = self.fetch(&url).await?;
        if let Some(url) = self.provider.instead(place, now, &answer) {
            answer = self.fetch(&url).await?;
        }
        self.provider.read(&answer, now).ok_or(Trouble::Nonsense)
    }

    async fn fetch(&self, url: &Url) -> Result<Vec<u8>, Trouble> {
        let answer = self.http.get(url).await.map_err(Trouble::Unreachable)?;
        if answer.status() != StatusCode::OK {
            return Err(Trouble::Status(answer.status()));
        }
        Ok(answer.into_body())
    }
}

impl Shelf {
    /// Forgets what is worth nothing any more when there is no room for one more region; if that is not enough, the oldest.
    fn make_room(&mut self, region: RegionCode, now: Timestamp) {
        if self.regions.len() < MAX_REGIONS || self.regions.contains_key(&region) {
            return;
        }
        self.regions.retain(|_, known| known.flight_for(now).is_some() || known.is_worth_showing(now));
        if self.regions.len() < MAX_REGIONS {
            return;
        }
        let age = |known: &Known| known.last.map(|(_, at)| at);
        let idle = self.regions.iter().filter(|(_, known)| known.flight_for(now).is_none());
        if let Some(oldest) = idle.min_by_key(|(_, known)| age(known)).map(|(region, _)| *region) {
            self.regions.remove(&oldest);
        }
    }
}

impl Known {
    fn is_worth_showing(&self, now: Timestamp) -> bool {
        self.last.is_some_and(|(_, at)| now - at < WORTH_SHOWING)
    }

    /// What can be said at a moment.
    fn report(&self, now: Timestamp) -> Report {
        match self.last {
            // It may be newer than the question.
            Some((weather, at)) if half_hour(at) >= half_hour(now) => Report::Fresh(weather),
            Some((weather, since)) if now - since < WORTH_SHOWING => Report::Stale { weather, since },
            _ => Report::Unavailable,
        }
    }

    /// The request that is on its way for the half hour of a moment. One that has ended without a word, whyever, is none.
    fn flight_for(&self, now: Timestamp) -> Option<watch::Receiver<()>> {
        let (_, flight) = self.flight.as_ref().filter(|(of, _)| *of == half_hour(now))?;
        flight.has_changed().is_ok().then(|| flight.clone())
    }
}

/// Those of this node, from inside a server function or a page's resource.
///
/// # Errors
/// [`AppError::Internal`] outside a request.
pub fn forecasts() -> Result<Forecasts, AppError> {
    use_context::<Forecasts>().ok_or(AppError::Internal)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::weather::tests::peer::{OPEN_METEO, Peer, Play};
    use crate::testing::MockClock;
    use tokio::task::yield_now;

    /// 서울 마포구: more than the failures after which a provider is left alone.
    const TOWNS: [RegionCode; 6] = [
        RegionCode(11_440_120),
        RegionCode(11_440_121),
        RegionCode(11_440_122),
        RegionCode(11_440_123),
        RegionCode(11_440_124),
        RegionCode(11_440_125),
    ];

    /// Its own when nobody else has it any more.
    async fn alone(desk: &mut Arc<Desk>) -> &mut Desk {
        while Arc::get_mut(desk).is_none() {
            yield_now().await;
        }
        Arc::get_mut(desk).expect("nobody else's")
    }

    #[tokio::test]
    async fn waiting_for_others_is_no_failure_of_the_providers() {
        let peer = Peer::start(Play::Silent).await;
        let mut forecasts = Forecasts::patient(&peer.as_open_meteo(), Arc::new(MockClock::default()), Duration::from_millis(50));
        let desk = forecasts.0.clone().expect("there is weather");
        desk.places.forget_permits(AT_ONCE);
        for town in TOWNS {
            assert_eq!(forecasts.report(town, || true).await, Report::Unavailable);
        }
        assert_eq!(peer.times(), 0, "their turn has not come");
        // Now it comes, too late for one that is slow.
        for town in TOWNS {
            assert_eq!(forecasts.glance(town, || true), Some(Report::Awaited), "nothing has failed");
        }
        yield_now().await;
        desk.places.add_permits(AT_ONCE);
        for town in TOWNS {
            assert_eq!(forecasts.report(town, || false).await, Report::Unavailable);
        }
        peer.play(Play::Says(OPEN_METEO.to_owned()));
        drop(desk);
        alone(forecasts.0.as_mut().expect("there is weather")).await.patience = Duration::from_secs(60);
        for town in TOWNS {
            assert!(matches!(forecasts.report(town, || true).await, Report::Fresh(_)), "it is not left alone");
        }
    }
}
