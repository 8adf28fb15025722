//! Open-Meteo: <https://open-meteo.com/en/docs>.

use super::model::{Amount, Precipitation, Sky, Source, Weather};
use super::provider::{Place, Provider, amount, humidity, temperature, wind};
use crate::shared::time::Timestamp;
use serde::Deserialize;
use url::Url;

/// What is asked for.
const CURRENT: &str = "temperature_2m,relative_humidity_2m,precipitation,rain,showers,snowfall,weather_code,cloud_cover,wind_speed_10m";
/// An answer's amounts are for the time before it; this is how long that is when it does not say, in seconds.
const INTERVAL: u32 = 900;
const HOUR: u32 = 3_600;

/// Asks Open-Meteo.
#[derive(Debug)]
pub struct OpenMeteo {
    /// Its address, or that of a server that speaks as it does.
    pub url: Url,
}

#[derive(Deserialize)]
struct Answer {
    current: Current,
}

#[derive(Deserialize)]
struct Current {
    #[serde(default = "usual_interval")]
    interval: u32,
    temperature_2m: f64,
    relative_humidity_2m: f64,
    // Not every model tells these.
    precipitation: Option<f64>,
    rain: Option<f64>,
    showers: Option<f64>,
    snowfall: Option<f64>,
    weather_code: u8,
    cloud_cover: f64,
    wind_speed_10m: f64,
}

const fn usual_interval() -> u32 {
    INTERVAL
}

impl Provider for OpenMeteo {
    fn source(&self) -> Source {
        Source::OpenMeteo
    }

    fn address(&self, place: Place, _now: Timestamp) -> Option<Url> {
        let mut url = self.url.join("v1/forecast").ok()?;
        url.query_pairs_mut()
            .append_pair("latitude", &place.latitude().to_string())
            .append_pair("longitude", &place.longitude().to_string())
            .append_pair("current", CURRENT)
            .append_pair("wind_speed_unit", "ms");
        Some(url)
    }

    fn read(&self, answer: &[u8], _now: Timestamp) -> Option<Weather> {
        let Answer { current } = serde_json::from_slice(answer).ok()?;
        let falls = |what: Option<f64>| what.is_some_and(|amount| amount > 0.0);
        let is_mixed = (falls(current.rain) || falls(current.showers)) && falls(current.snowfall);
        let precipitation = precipitation(current.weather_code, is_mixed)?;
        let interval = current.interval.clamp(60, HOUR);
        let hourly = amount(current.precipitation.unwrap_or_default() * f64::from(HOUR) / f64::from(interval))?;
        let amount = match (precipitation, hourly) {
            (Precipitation::None, _) => Amount::None,
            // It falls, but less than is counted.
            (_, 0) => Amount::Below(1),
            (_, hourly) => Amount::About(hourly),
        };
        Some(Weather {
            temperature: temperature(current.temperature_2m)?,
            wind: wind(current.wind_speed_10m)?,
            sky: sky(current.cloud_cover)?,
            precipitation,
            amount,
            humidity: humidity(current.relative_humidity_2m)?,
            source: Source::OpenMeteo,
        })
    }
}

/// What falls by the code of WMO 4677 as Open-Meteo uses it, and whether both water and snow do.
fn precipitation(code: u8, is_mixed: bool) -> Option<Precipitation> {
    Some(match code {
        // Clear to overcast; fog.
        0..=3 | 45 | 48 => Precipitation::None,
        // Drizzle and rain, also freezing; snow, snow grains and showers of snow.
        51..=67 | 71..=77 | 85 | 86 if is_mixed => Precipitation::Sleet,
        51..=67 => Precipitation::Rain,
        71..=77 | 85 | 86 => Precipitation::Snow,
        // Showers of rain; thunderstorms, also with hail.
        80..=82 | 95 | 96 | 99 => Precipitation::Shower,
        _ => return None,
    })
}

/// The sky by the part of it that is covered, in percent.
fn sky(cover: f64) -> Option<Sky> {
    (0.0..=100.0).contains(&cover).then_some(match cover {
        ..55.0 => Sky::Clear,
        ..85.0 => Sky::Cloudy,
        _ => Sky::Overcast,
    })
}
