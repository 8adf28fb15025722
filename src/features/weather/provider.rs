//! What there is to know of whoever tells the weather. Asking itself is the same for all of them.

use super::model::{Source, Weather};
use crate::features::regions::atlas;
use crate::shared::ids::RegionCode;
use crate::shared::time::Timestamp;
use url::Url;

/// Whoever tells the weather.
pub trait Provider: Send + Sync + 'static {
    /// Who it is.
    fn source(&self) -> Source;

    /// The address that answers for a place at a moment; `None` for a place that it knows nothing of.
    fn address(&self, place: Place, now: Timestamp) -> Option<Url>;

    /// Where to ask instead, once, after an answer that says that there is nothing there yet.
    fn instead(&self, _place: Place, _now: Timestamp, _answer: &[u8]) -> Option<Url> {
        None
    }

    /// What an answer says of that moment; `None` when it cannot be believed.
    fn read(&self, answer: &[u8], now: Timestamp) -> Option<Weather>;
}

/// The middle of a region, in hundredths of a degree (WGS 84), about a kilometre: all that a provider learns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    latitude: i32,
    longitude: i32,
}

impl Place {
    /// That of a 동; `None` for one that does not exist.
    #[must_use]
    pub fn of(region: RegionCode) -> Option<Self> {
        let (latitude, longitude) = atlas::centre(region)?;
        Some(Self::at(latitude, longitude))
    }

    /// That around a position in degrees.
    #[must_use]
    pub fn at(latitude: f64, longitude: f64) -> Self {
        // What is out of range is the nearest that is in it.
        let hundredths = |degrees: f64| (degrees * 100.0).round() as i32;
        Self { latitude: hundredths(latitude), longitude: hundredths(longitude) }
    }

    /// Degrees north.
    #[must_use]
    pub fn latitude(self) -> f64 {
        f64::from(self.latitude) / 100.0
    }

    /// Degrees east.
    #[must_use]
    pub fn longitude(self) -> f64 {
        f64::from(self.longitude) / 100.0
    }
}

/// A number of a provider in tenths, if it is one that there can be.
#[must_use]
pub fn tenths_within(number: f64, least: f64, most: f64) -> Option<i32> {
    // Within bounds that fit.
    (number >= least && number <= most).then(|| (number * 10.0).round() as i32)
}

/// The measured values that there can be on Earth, in tenths: degrees Celsius.
#[must_use]
pub fn temperature(degrees: f64) -> Option<i16> {
    tenths_within(degrees, -90.0, 60.0).and_then(|n| n.try_into().ok())
}

/// The same for the wind: metres a second.
#[must_use]
pub fn wind(speed: f64) -> Option<u16> {
    tenths_within(speed, 0.0, 120.0).and_then(|n| n.try_into().ok())
}

/// The same for what falls in an hour: millimetres.
#[must_use]
pub fn amount(millimetres: f64) -> Option<u16> {
    tenths_within(millimetres, 0.0, 500.0).and_then(|n| n.try_into().ok())
}

/// The same for the humidity, in whole percent. Models go a little above a hundred.
#[must_use]
pub fn humidity(percent: f64) -> Option<u8> {
    (0.0..=105.0).contains(&percent).then(|| percent.round().min(100.0) as u8)
}
