//! The line above the greeting: what day it is, where, and how the weather is there.

use super::api::ReadWeather;
use super::model::{Amount, Precipitation, Report, Sky, Source, Weather, rounded, tenths};
use crate::device::{self, RwSignal, Turns, ask};
use crate::features::regions::model::RegionView;
use crate::shared::time::Timestamp;
use crate::t;
use crate::ui::time::{clock_text, day_text};
use crate::ui::{Icon, IconName, part};
use leptos::prelude::*;

/// Today, and the weather in a 동. What the server did not know yet, or not any more, is asked for as soon as the page stands.
#[component]
pub fn DayLine(
    /// The time of the answer.
    now: Timestamp,
    /// Where.
    region: RegionView,
    /// What the server knew. `None` where there is no weather to be had, by the operator's wish.
    report: Option<Report>,
    /// What to do when the server has learnt more after the page stood.
    learnt: Callback<()>,
) -> impl IntoView {
    let shown = RwSignal::new(report);
    let (code, town) = (region.code, region.name);
    let turns = Turns::new();
    device::effect(move || {
        if report.is_some_and(Report::is_open) {
            turns.take(move || async move {
                let told = ask(ReadWeather { region: Some(code) }).await;
                if matches!(told, Ok(Report::Fresh(_))) {
                    // The page may be gone by now.
                    let _ = learnt.try_run(());
                }
                match (told, report) {
                    (Ok(report), _) => shown.try_set(Some(report)),
                    // What there was is still true; that it is on its way is not.
                    (Err(_), Some(Report::Awaited)) => shown.try_set(Some(Report::Unavailable)),
                    (Err(_), _) => None,
                };
            });
        }
    });
    view! { {part(move || Some(line(now, &town, shown.get())))} }
}

fn line(now: Timestamp, town: &str, report: Option<Report>) -> AnyView {
    let day = day_text(now);
    let (weather, since) = match report {
        Some(Report::Fresh(weather)) => (weather, None),
        Some(Report::Stale { weather, since }) => (weather, Some(since)),
        other => {
            let more = match other {
                Some(Report::Awaited) => Some(t!("weather.awaited")),
                Some(_) => Some(t!("weather.unavailable")),
                None => None,
            };
            let more = more.map(|more| format!(" · {more}")).unwrap_or_default();
            return view! { <p class="hello__sky"><Icon name=IconName::Sun small=true/>{format!("{day} · {town}{more}")}</p> }.into_any();
        }
    };
    let word = if weather.precipitation == Precipitation::None { sky(weather.sky) } else { falling(weather.precipitation) };
    let here = t!("weather.here", town = town, degrees = rounded(weather.temperature.into()), sky = word);
    let since = since.map(|since| (since.iso(), t!("weather.since", clock = clock_text(since))));
    let old = since.clone().map(|(at, words)| view! { " · "<time datetime=at>{words}</time> }.into_any());
    let facts = [
        (t!("weather.temperature"), t!("weather.degrees", n = tenths(weather.temperature.into()))),
        (t!("weather.wind"), t!("weather.speed", n = tenths(weather.wind.into()))),
        (t!("weather.sky"), sky(weather.sky)),
        (t!("weather.falling"), falling(weather.precipitation)),
        (t!("weather.amount"), amount(weather.amount)),
        (t!("weather.humidity"), t!("weather.percent", n = weather.humidity)),
    ]
    .map(|(name, value)| view! { <div><dt>{name}</dt><dd>{value}</dd></div> }.into_any());
    let source = match weather.source {
        Source::OpenMeteo => view! { <a class="link" href="https://open-meteo.com/" rel="noreferrer">"Open-Meteo.com"</a> }.into_any(),
        Source::Kma => t!("weather.kma").into_any(),
    };
    view! {
        <details class="weather">
            <summary class="hello__sky">
                <Icon name=icon(&weather, now) small=true/>
                <span>{day}" · "{here}{old}</span>
                <Icon name=IconName::Down small=true/>
            </summary>
            {since.map(|_| view! { <p class="weather__old">{t!("weather.old")}</p> }.into_any())}
            <dl class="weather__facts">{facts}</dl>
            <p class="weather__source">{t!("weather.source")}" "{source}</p>
        </details>
    }
    .into_any()
}

/// Between these hours the sun is up, more or less.
const DAY: std::ops::Range<u8> = 6..19;

fn icon(weather: &Weather, now: Timestamp) -> IconName {
    match (weather.precipitation, weather.sky) {
        (Precipitation::Snow | Precipitation::Sleet, _) => IconName::Snow,
        (Precipitation::Rain | Precipitation::Shower, _) => IconName::Rain,
        (Precipitation::None, Sky::Clear) if DAY.contains(&now.seoul().hour) => IconName::Sun,
        (Precipitation::None, Sky::Clear) => IconName::Moon,
        (Precipitation::None, _) => IconName::Cloud,
    }
}

fn sky(sky: Sky) -> String {
    match sky {
        Sky::Clear => t!("weather.sky.clear"),
        Sky::Cloudy => t!("weather.sky.cloudy"),
        Sky::Overcast => t!("weather.sky.overcast"),
    }
}

fn falling(precipitation: Precipitation) -> String {
    match precipitation {
        Precipitation::None => t!("weather.falling.none"),
        Precipitation::Rain => t!("weather.falling.rain"),
        Precipitation::Sleet => t!("weather.falling.sleet"),
        Precipitation::Snow => t!("weather.falling.snow"),
        Precipitation::Shower => t!("weather.falling.shower"),
    }
}

fn amount(amount: Amount) -> String {
    let n = |n: u16| tenths(n.into());
    match amount {
        Amount::None => t!("weather.amount.none"),
        Amount::Below(most) => t!("weather.amount.below", n = n(most)),
        Amount::About(about) => t!("weather.amount.about", n = n(about)),
        Amount::Between(least, most) => t!("weather.amount.between", least = n(least), most = n(most)),
        Amount::AtLeast(least) => t!("weather.amount.at_least", n = n(least)),
    }
}
