//! The weather, as far as it speaks for a menu.

use super::scorer::{Falls, Weather};
use crate::features::accounts::auth::Member;
use crate::features::weather::forecasts::{forecasts, may_fetch};
use crate::features::weather::model::{Precipitation, Report, Weather as Known};
use crate::server::state::AppState;
use crate::shared::time::{Span, Timestamp};

/// What it was longer ago than this is no reason for anything now.
const STILL_SO: Span = Span::hours(1);

/// What is known of the weather around somebody by now, and of when it is; nobody waits for it.
#[must_use]
pub fn glance(state: &AppState, member: &Member, now: Timestamp) -> Option<(Weather, Timestamp)> {
    told(forecasts().ok()?.glance(member.region()?, || may_fetch(&state.limiter, member.id(), now))?, now)
}

/// The weather around somebody, for which its provider has two seconds, and of when it is.
pub async fn look(state: &AppState, member: &Member, now: Timestamp) -> Option<(Weather, Timestamp)> {
    told(forecasts().ok()?.report(member.region()?, || may_fetch(&state.limiter, member.id(), now)).await, now)
}

fn told(report: Report, now: Timestamp) -> Option<(Weather, Timestamp)> {
    match report {
        Report::Fresh(weather) => Some((of(weather), now)),
        Report::Stale { weather, since } if now - since < STILL_SO => Some((of(weather), since)),
        Report::Stale { .. } | Report::Awaited | Report::Unavailable => None,
    }
}

fn of(weather: Known) -> Weather {
    let falls = match weather.precipitation {
        Precipitation::None => None,
        Precipitation::Rain => Some(Falls::Rain),
        Precipitation::Sleet => Some(Falls::Sleet),
        Precipitation::Snow => Some(Falls::Snow),
        Precipitation::Shower => Some(Falls::Shower),
    };
    Weather { temperature: Some(f32::from(weather.temperature) / 10.0), falls, wind: Some(f32::from(weather.wind) / 10.0) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::weather::model::{Amount, Sky, Source};

    #[test]
    fn tenths_become_whole_units() {
        for (precipitation, falls) in [
            (Precipitation::None, None),
            (Precipitation::Rain, Some(Falls::Rain)),
            (Precipitation::Sleet, Some(Falls::Sleet)),
            (Precipitation::Snow, Some(Falls::Snow)),
            (Precipitation::Shower, Some(Falls::Shower)),
        ] {
            let (sky, amount, source) = (Sky::Overcast, Amount::None, Source::OpenMeteo);
            let known = Known { temperature: -25, wind: 90, sky, precipitation, amount, humidity: 60, source };
            assert_eq!(of(known), Weather { temperature: Some(-2.5), falls, wind: Some(9.0) });
        }
    }
}
