//! Times as people say them. The server and the browser's first view agree because `now` is passed in.

use super::icon::{Icon, IconName};
use super::part::words;
use crate::device::{self, Memo, RwSignal, StoredValue};
use crate::shared::time::{Date, Span, Timestamp};
use crate::t;
use leptos::prelude::*;
use std::time::Duration;

/// A deadline nearer than this is marked as about to close.
pub const SOON: Span = Span::minutes(15);
/// Nearer than this, seconds are counted.
const COUNT_SECONDS: Span = Span::minutes(30);
/// Nearer than this, minutes are counted; farther away the clock's time is shown.
const COUNT_MINUTES: Span = Span::hours(1);
/// The browser's clock is believed when it is at most this far after the server's: a page is not read later than that.
const MOST_DELAY: Span = Span::minutes(10);

/// `18:30`
#[must_use]
pub fn clock_text(at: Timestamp) -> String {
    let at = at.seoul();
    format!("{:02}:{:02}", at.hour, at.minute)
}

/// `2026년 5월 12일 화요일`
#[must_use]
pub fn day_text(at: Timestamp) -> String {
    let at = at.seoul();
    let weekday = t!(&format!("ui.time.weekday.{}", at.weekday));
    t!("ui.time.day", year = at.date.year, month = month(at.date), day = at.date.day, weekday = weekday)
}

/// `오늘 18:30`, `어제 18:30`, `내일 18:30`, `5월 9일 18:30`, `2025년 5월 9일 18:30`
#[must_use]
pub fn moment_text(at: Timestamp, now: Timestamp) -> String {
    let clock = clock_text(at);
    match days_ahead(at, now) {
        0 => t!("ui.time.today", clock = clock),
        1 => t!("ui.time.tomorrow", clock = clock),
        -1 => t!("ui.time.yesterday", clock = clock),
        _ => t!("ui.time.date_clock", date = date_text(at, now), clock = clock),
    }
}

/// For lists: `11:58` today, then `어제`, `5월 9일`, `2025년 5월 9일`.
#[must_use]
pub fn short_text(at: Timestamp, now: Timestamp) -> String {
    match days_ahead(at, now) {
        0 => clock_text(at),
        -1 => t!("ui.time.yesterday_day"),
        _ => date_text(at, now),
    }
}

/// `방금`, `10분 전`, `3시간 전`, `어제`, then as in lists. Words that go on in a sentence.
#[must_use]
pub fn ago_text(at: Timestamp, now: Timestamp) -> String {
    let minutes = (now - at).0 / 60_000;
    match minutes {
        ..1 => t!("ui.time.just_now"),
        1..60 => t!("ui.time.minutes_ago", n = minutes),
        60..1_440 => t!("ui.time.hours_ago", n = minutes / 60),
        _ if days_ahead(at, now) == -1 => t!("ui.time.ago_yesterday"),
        _ => short_text(at, now),
    }
}

/// `12분 40초 남음`, `31분 남음`, `오늘 18:30 마감`, `마감됐어요`
#[must_use]
pub fn left_text(until: Timestamp, now: Timestamp) -> String {
    let left = until - now;
    let seconds = left.0 / 1_000;
    if left.0 <= 0 {
        t!("ui.time.over")
    } else if left < Span::minutes(1) {
        t!("ui.time.left_seconds", seconds = seconds.max(1))
    } else if left < COUNT_SECONDS {
        t!("ui.time.left_minutes_seconds", minutes = seconds / 60, seconds = seconds % 60)
    } else if left < COUNT_MINUTES {
        t!("ui.time.left_minutes", minutes = seconds / 60)
    } else {
        t!("ui.time.until", moment = moment_text(until, now))
    }
}

fn month(date: Date) -> String {
    t!(&format!("ui.time.month.{}", date.month))
}

/// `5월 9일`, with the year when it is another one.
fn date_text(at: Timestamp, now: Timestamp) -> String {
    let (date, today) = (at.seoul().date, now.seoul().date);
    if date.year == today.year {
        t!("ui.time.date", month = month(date), day = date.day)
    } else {
        t!("ui.time.date_year", year = date.year, month = month(date), day = date.day)
    }
}

fn days_ahead(at: Timestamp, now: Timestamp) -> i64 {
    at.seoul().date.to_days() - now.seoul().date.to_days()
}

/// The time now, going on from `now`: the server's clock at first, and once a second after the program has started.
/// On the server it stands still. Stops when the reader leaves.
#[must_use]
pub fn use_now(now: Timestamp) -> Signal<Timestamp> {
    let current = RwSignal::new(now);
    let timer = StoredValue::new(None::<IntervalHandle>);
    device::effect(move || {
        let started = browser_clock();
        // A clock that goes wrong still counts right; one that goes right also knows how long the page travelled.
        let delay = started - now;
        let base = if delay >= Span(0) && delay <= MOST_DELAY { started } else { now };
        let tick = move || current.set(base + (browser_clock() - started));
        tick();
        timer.set_value(set_interval_with_handle(tick, Duration::from_secs(1)).ok());
    });
    on_cleanup(move || {
        if let Some(Some(running)) = timer.try_update_value(Option::take) {
            running.clear();
        }
    });
    current.into()
}

/// Only inside effects, which the server does not run.
fn browser_clock() -> Timestamp {
    Timestamp(leptos::web_sys::js_sys::Date::now() as i64)
}

/// Stands in a sentence where its time will be.
const GAP: &str = "\u{fffc}";

/// A sentence with a time in its gap, in the order that the language has: `around(|ago| t!("…", ago = ago), time)`.
#[must_use]
pub fn around(sentence: fn(&'static str) -> String, time: AnyView) -> AnyView {
    let sentence = sentence(GAP);
    let (before, after) = sentence.split_once(GAP).unwrap_or((&sentence, ""));
    let words = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    view! { {words(before)}{time}{words(after)} }.into_any()
}

/// A moment: `오늘 18:30`.
#[component]
pub fn DateTime(
    /// When.
    at: Timestamp,
    /// The time at which the server answered.
    now: Timestamp,
    /// As short as lists need it: `11:58`, `어제`, `5월 9일`.
    #[prop(optional)]
    short: bool,
) -> impl IntoView {
    let text = if short { short_text(at, now) } else { moment_text(at, now) };
    view! { <time datetime=at.iso()>{text}</time> }
}

/// How long ago: `10분 전`.
#[component]
pub fn TimeAgo(
    /// When.
    at: Timestamp,
    /// The time at which the server answered.
    now: Timestamp,
) -> impl IntoView {
    let now = use_now(now);
    let text = Memo::new(move |_| ago_text(at, now.get()));
    view! { <time datetime=at.iso()>{words(move || Some(text.get()))}</time> }
}

/// How long there is left: `12분 40초 남음`, marked when it is [`SOON`] over.
#[component]
pub fn Countdown(
    /// The deadline.
    until: Timestamp,
    /// The time at which the server answered.
    now: Timestamp,
) -> impl IntoView {
    let now = use_now(now);
    let text = Memo::new(move |_| left_text(until, now.get()));
    let soon = Memo::new(move |_| {
        let left = until - now.get();
        left > Span(0) && left <= SOON
    });
    view! {
        <span class="due" class:due--soon=move || soon.get()>
            <Icon name=IconName::Clock small=true />
            <time datetime=until.iso()>{words(move || Some(text.get()))}</time>
        </span>
    }
}
