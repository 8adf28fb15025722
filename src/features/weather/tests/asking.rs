//! When a provider is asked, how often, and what is said when it does not help.

use super::peer::{KMA, KMA_REFUSAL, OPEN_METEO, Peer, Play};
use crate::features::weather::forecasts::Forecasts;
use crate::features::weather::model::{Report, Source, Weather};
use crate::server::clock::Clock;
use crate::server::config::WeatherSource;
use crate::shared::ids::RegionCode;
use crate::shared::time::Span;
use crate::testing::{MockClock, YEONNAM};
use axum::http::StatusCode;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;
use tokio::task::JoinSet;
use url::Url;

/// 서울 마포구 합정동, 망원동 and others beside them.
const OTHERS: [RegionCode; 6] = [
    RegionCode(11_440_122),
    RegionCode(11_440_123),
    RegionCode(11_440_120),
    RegionCode(11_440_121),
    RegionCode(11_440_125),
    RegionCode(11_440_127),
];
/// Long enough for an answer that comes, and never used up where one does.
const LONG: Duration = Duration::from_secs(60);

fn node(source: &WeatherSource) -> (Forecasts, Arc<MockClock>) {
    patient(source, LONG)
}

fn patient(source: &WeatherSource, patience: Duration) -> (Forecasts, Arc<MockClock>) {
    let clock = Arc::new(MockClock::default());
    (Forecasts::patient(source, clock.clone(), patience), clock)
}

fn fresh(report: Report) -> Weather {
    match report {
        Report::Fresh(weather) => weather,
        other => panic!("not fresh: {other:?}"),
    }
}

#[tokio::test]
async fn a_region_is_asked_for_once_in_a_half_hour() {
    let peer = Peer::open_meteo().await;
    let (forecasts, clock) = node(&peer.as_open_meteo());
    let first = fresh(forecasts.report(YEONNAM, || true).await);
    assert_eq!((first.temperature, first.source), (174, Source::OpenMeteo));
    clock.advance(Span(Span::minutes(30).0 - 1));
    assert_eq!(forecasts.report(YEONNAM, || true).await, Report::Fresh(first));
    assert_eq!(peer.times(), 1);
    clock.advance(Span(1));
    fresh(forecasts.report(YEONNAM, || true).await);
    assert_eq!(peer.times(), 2, "another half hour");
    fresh(forecasts.report(OTHERS[0], || true).await);
    assert_eq!(peer.times(), 3, "another region");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hundred_who_ask_together_are_served_by_one_request() {
    let may = Arc::new(Notify::new());
    let peer = Peer::start(Play::Waits(OPEN_METEO.to_owned(), may.clone())).await;
    let (forecasts, _clock) = node(&peer.as_open_meteo());
    assert_eq!(forecasts.glance(YEONNAM, || true), Some(Report::Awaited));
    let mut asking = JoinSet::new();
    for _ in 0..200 {
        let forecasts = forecasts.clone();
        asking.spawn(async move { forecasts.report(YEONNAM, || true).await });
    }
    may.notify_one();
    while let Some(report) = asking.join_next().await {
        fresh(report.expect("an answer"));
    }
    assert_eq!(peer.times(), 1);
    assert!(matches!(forecasts.glance(YEONNAM, || true), Some(Report::Fresh(_))));
}

#[tokio::test]
async fn a_request_goes_on_when_who_asked_has_left() {
    let may = Arc::new(Notify::new());
    let peer = Peer::start(Play::Waits(OPEN_METEO.to_owned(), may.clone())).await;
    let (forecasts, _clock) = node(&peer.as_open_meteo());
    let left = tokio::time::timeout(Duration::from_millis(1), forecasts.report(YEONNAM, || true)).await;
    assert!(left.is_err());
    may.notify_one();
    fresh(forecasts.report(YEONNAM, || true).await);
    assert_eq!(peer.times(), 1);
}

#[tokio::test]
async fn the_next_half_hour_does_not_wait_for_the_request_of_the_one_before() {
    let may = Arc::new(Notify::new());
    let peer = Peer::start(Play::Waits(OPEN_METEO.replace("17.4", "11"), may.clone())).await;
    let (forecasts, clock) = node(&peer.as_open_meteo());
    let slow = tokio::spawn({
        let forecasts = forecasts.clone();
        async move { forecasts.report(YEONNAM, || true).await }
    });
    while peer.times() == 0 {
        tokio::task::yield_now().await;
    }
    clock.advance(Span::minutes(30));
    peer.play(Play::Says(OPEN_METEO.to_owned()));
    assert_eq!(fresh(forecasts.report(YEONNAM, || true).await).temperature, 174);
    may.notify_one();
    assert_eq!(fresh(slow.await.expect("an answer")).temperature, 174, "there is something newer");
    assert_eq!(fresh(forecasts.report(YEONNAM, || true).await).temperature, 174, "the later one is kept");
    assert_eq!(peer.times(), 2);
}

#[tokio::test]
async fn whatever_a_provider_does_ends_in_an_answer() {
    for play in [
        Play::Says("<html>Sign in to the network</html>".to_owned()),
        Play::Says(OPEN_METEO[..200].to_owned()),
        Play::Says("{}".to_owned()),
        Play::Status(StatusCode::INTERNAL_SERVER_ERROR),
        Play::Status(StatusCode::TOO_MANY_REQUESTS),
        Play::Status(StatusCode::NO_CONTENT),
        Play::Endless,
    ] {
        let peer = Peer::start(play).await;
        let (forecasts, _clock) = node(&peer.as_open_meteo());
        assert_eq!(forecasts.report(YEONNAM, || true).await, Report::Unavailable);
        assert_eq!(peer.times(), 1);
    }
    let nobody = WeatherSource::OpenMeteo(Url::parse("http://127.0.0.1:1/").expect("an address"));
    assert_eq!(node(&nobody).0.report(YEONNAM, || true).await, Report::Unavailable);
}

#[tokio::test]
async fn one_that_does_not_answer_is_waited_for_no_longer_than_that() {
    let peer = Peer::start(Play::Silent).await;
    let (forecasts, _clock) = patient(&peer.as_open_meteo(), Duration::from_millis(50));
    assert_eq!(forecasts.report(YEONNAM, || true).await, Report::Unavailable);
}

#[tokio::test]
async fn nobody_is_led_elsewhere() {
    let peer = Peer::start(Play::Elsewhere).await;
    let (forecasts, _clock) = node(&peer.as_open_meteo());
    assert_eq!(forecasts.report(YEONNAM, || true).await, Report::Unavailable);
    assert!(peer.asked().iter().all(|url| url.path() == "/v1/forecast"));
}

#[tokio::test]
async fn what_was_known_is_shown_as_old_for_three_hours() {
    let peer = Peer::open_meteo().await;
    let (forecasts, clock) = node(&peer.as_open_meteo());
    let weather = fresh(forecasts.report(YEONNAM, || true).await);
    let since = clock.now();
    peer.play(Play::Status(StatusCode::BAD_GATEWAY));
    clock.advance(Span::minutes(40));
    let stale = Report::Stale { weather, since };
    assert_eq!(forecasts.glance(YEONNAM, || true), Some(stale));
    assert_eq!(forecasts.report(YEONNAM, || true).await, stale);
    clock.advance(Span::minutes(140));
    assert_eq!(forecasts.report(YEONNAM, || true).await, Report::Unavailable);
    peer.play(Play::Says(OPEN_METEO.to_owned()));
    clock.advance(Span::minutes(1));
    fresh(forecasts.report(YEONNAM, || true).await);
}

#[tokio::test]
async fn a_failure_is_not_repeated_within_a_minute() {
    let peer = Peer::start(Play::Status(StatusCode::BAD_GATEWAY)).await;
    let (forecasts, clock) = node(&peer.as_open_meteo());
    for _ in 0..10 {
        assert_eq!(forecasts.report(YEONNAM, || true).await, Report::Unavailable);
        assert_eq!(forecasts.glance(YEONNAM, || true), Some(Report::Unavailable), "nothing is on its way");
    }
    assert_eq!(peer.times(), 1);
    clock.advance(Span::minutes(1));
    peer.play(Play::Says(OPEN_METEO.to_owned()));
    fresh(forecasts.report(YEONNAM, || true).await);
}

#[tokio::test]
async fn one_that_fails_again_and_again_is_left_alone_until_it_answers() {
    let peer = Peer::start(Play::Status(StatusCode::INTERNAL_SERVER_ERROR)).await;
    let (forecasts, clock) = node(&peer.as_open_meteo());
    for region in &OTHERS[..5] {
        assert_eq!(forecasts.report(*region, || true).await, Report::Unavailable);
    }
    assert_eq!(peer.times(), 5);
    for region in [YEONNAM, OTHERS[5]] {
        assert_eq!(forecasts.report(region, || true).await, Report::Unavailable);
    }
    assert_eq!(peer.times(), 5, "it is left alone");
    clock.advance(Span::minutes(1));
    assert_eq!(forecasts.report(YEONNAM, || true).await, Report::Unavailable);
    assert_eq!(forecasts.report(OTHERS[5], || true).await, Report::Unavailable);
    assert_eq!(peer.times(), 6, "one has found out that it still fails");
    peer.play(Play::Says(OPEN_METEO.to_owned()));
    clock.advance(Span::minutes(1));
    fresh(forecasts.report(OTHERS[5], || true).await);
    fresh(forecasts.report(YEONNAM, || true).await);
    assert_eq!(peer.times(), 8);
}

#[tokio::test]
async fn the_korean_forecast_is_asked_for_its_cell_and_its_hour() {
    let peer = Peer::start(Play::Says(KMA.to_owned())).await;
    let (forecasts, clock) = node(&peer.as_kma());
    let weather = fresh(forecasts.report(YEONNAM, || true).await);
    assert_eq!((weather.temperature, weather.source), (170, Source::Kma));
    let asked = peer.asked()[0].to_string();
    for part in ["/getVilageFcst?", "serviceKey=key", "base_date=20260512", "base_time=1100", "nx=59", "ny=127", "dataType=JSON"] {
        assert!(asked.contains(part), "{asked}");
    }
    peer.play(Play::Says(KMA_REFUSAL.to_owned()));
    clock.advance(Span::minutes(30));
    assert!(matches!(forecasts.report(YEONNAM, || true).await, Report::Stale { .. }));
}

#[tokio::test]
async fn a_korean_forecast_that_is_late_is_not_waited_for() {
    let no_data = r#"{"response":{"header":{"resultCode":"03","resultMsg":"NO_DATA"}}}"#;
    let peer = Peer::start(Play::Late { first: no_data.to_owned(), then: KMA.to_owned() }).await;
    let (forecasts, clock) = node(&peer.as_kma());
    assert_eq!(fresh(forecasts.report(YEONNAM, || true).await).temperature, 170);
    let bases: Vec<bool> =
        ["base_time=1100", "base_time=0800"].iter().zip(peer.asked()).map(|(base, url)| url.as_str().contains(base)).collect();
    assert_eq!(bases, [true, true]);
    // Where there is nothing at all it is asked for no more than these two.
    peer.play(Play::Says(no_data.to_owned()));
    clock.advance(Span::hours(4));
    assert_eq!(forecasts.report(YEONNAM, || true).await, Report::Unavailable);
    assert_eq!(peer.times(), 4);
}

#[tokio::test]
async fn regions_that_do_not_exist_and_a_node_without_weather_ask_nobody() {
    let peer = Peer::open_meteo().await;
    let (forecasts, _clock) = node(&peer.as_open_meteo());
    assert_eq!(forecasts.report(RegionCode(99_999_999), || true).await, Report::Unavailable);
    assert_eq!(peer.times(), 0);
    let (off, _clock) = node(&WeatherSource::Off);
    assert_eq!((off.glance(YEONNAM, || true), off.report(YEONNAM, || true).await), (None, Report::Unavailable));
}
