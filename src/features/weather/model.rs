//! What is known of the weather. All numbers are whole: what has a fraction is counted in tenths.

use crate::shared::time::{Span, Timestamp};
use serde::{Deserialize, Serialize};

/// How much of the sky is covered, as the Korean Meteorological Administration tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub enum Sky {
    /// 맑음: up to five tenths.
    Clear,
    /// 구름많음: six to eight tenths.
    Cloudy,
    /// 흐림: nine tenths and more.
    Overcast,
}

/// What falls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub enum Precipitation {
    /// 없음
    None,
    /// 비
    Rain,
    /// 비·눈: both at once.
    Sleet,
    /// 눈
    Snow,
    /// 소나기
    Shower,
}

/// How much of it falls in an hour, in tenths of a millimetre of water.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub enum Amount {
    /// Nothing.
    None,
    /// Less than this.
    Below(u16),
    /// This.
    About(u16),
    /// From the first to the second.
    Between(u16, u16),
    /// This or more.
    AtLeast(u16),
}

/// Who says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub enum Source {
    /// Open-Meteo.
    OpenMeteo,
    /// The Korean Meteorological Administration.
    Kma,
}

/// The weather in a place for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct Weather {
    /// Temperature of the air, in tenths of a degree Celsius.
    pub temperature: i16,
    /// Speed of the wind, in tenths of a metre a second.
    pub wind: u16,
    /// The sky.
    pub sky: Sky,
    /// What falls.
    pub precipitation: Precipitation,
    /// How much of it.
    pub amount: Amount,
    /// Relative humidity, in percent.
    pub humidity: u8,
    /// Who says so.
    pub source: Source,
}

/// What can be said of the weather in a 동.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub enum Report {
    /// That of this half hour.
    Fresh(Weather),
    /// That of some time ago: there is no newer one, or not yet.
    Stale {
        /// As it was.
        weather: Weather,
        /// When.
        since: Timestamp,
    },
    /// It is being asked for.
    Awaited,
    /// It cannot be had.
    Unavailable,
}

impl Report {
    /// Whether asking again may tell more.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Awaited | Self::Stale { .. })
    }
}

/// The half hour that a moment lies in, counted from 1970 on.
#[must_use]
pub const fn half_hour(at: Timestamp) -> i64 {
    at.0.div_euclid(Span::minutes(30).0)
}

/// Tenths as they are written: `17`, `2.3`, `-0.5`.
#[must_use]
pub fn tenths(n: i32) -> String {
    let (sign, whole, tenth) = (if n < 0 { "-" } else { "" }, n.unsigned_abs() / 10, n.unsigned_abs() % 10);
    if tenth == 0 { format!("{sign}{whole}") } else { format!("{sign}{whole}.{tenth}") }
}

/// Tenths as a whole number, rounded half away from zero.
#[must_use]
pub const fn rounded(n: i32) -> i32 {
    (n + if n < 0 { -5 } else { 5 }) / 10
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shared::json;

    #[test]
    fn tenths_read_as_people_write_them() {
        for (n, text) in [(170, "17"), (23, "2.3"), (-5, "-0.5"), (-120, "-12"), (0, "0")] {
            assert_eq!(tenths(n), text);
        }
        for (n, whole) in [(174, 17), (175, 18), (-4, 0), (-5, -1), (-14, -1), (-15, -2), (0, 0)] {
            assert_eq!(rounded(n), whole, "{n}");
        }
    }

    #[test]
    fn the_browser_reads_every_report() {
        let weather = |amount| Weather {
            temperature: -125,
            wind: 23,
            sky: Sky::Overcast,
            precipitation: Precipitation::Sleet,
            amount,
            humidity: 100,
            source: Source::Kma,
        };
        let amounts = [Amount::None, Amount::Below(10), Amount::About(62), Amount::Between(300, 500), Amount::AtLeast(500)];
        let reports = amounts.map(|amount| Report::Fresh(weather(amount))).into_iter().chain([
            Report::Stale { weather: weather(Amount::None), since: Timestamp(1_778_554_800_000) },
            Report::Awaited,
            Report::Unavailable,
        ]);
        for report in reports {
            let text = serde_json::to_string(&Some(report)).expect("JSON");
            assert_eq!(json::read::<Option<Report>>(&text), Some(Some(report)), "{text}");
        }
    }

    #[test]
    fn half_hours_begin_at_the_hour_and_half_past() {
        let noon = Timestamp(1_778_554_800_000);
        assert_eq!(half_hour(noon), half_hour(noon + Span::minutes(30) - Span(1)));
        assert_eq!(half_hour(noon) + 1, half_hour(noon + Span::minutes(30)));
        assert_eq!(half_hour(noon) - 1, half_hour(noon - Span(1)));
    }
}
