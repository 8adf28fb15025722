//! The regions that ship with the application: lookup, search and location.
//!
//! Everything is answered from bytes embedded in the server, see
//! `data/regions/README.md` for their source, base date and licence. Nothing
//! here waits, allocates much, or remembers a coordinate.

mod decode;
mod geometry;
mod hangul;
mod romanize;
mod search;
#[cfg(test)]
mod tests;

use std::sync::LazyLock;

use self::{
    decode::{Atlas, Unit},
    geometry::{MAX_DISTANCE_KM, Position},
};
use super::model::RegionView;
use crate::shared::ids::{DistrictCode, RegionCode};

/// How many regions are suggested for what somebody types.
pub const SUGGESTIONS: usize = 8;

static ATLAS: LazyLock<Atlas> = LazyLock::new(|| {
    Atlas::decode(include_bytes!("../../../data/regions/regions.bin"))
        .expect("the embedded file is written by scripts/regions.py in the format decoded here")
});

/// The 읍면동 with this code.
#[must_use]
pub fn find(code: RegionCode) -> Option<RegionView> {
    ATLAS.unit(code).map(|unit| ATLAS.view(unit))
}

/// Latitude and longitude in degrees (WGS 84) of a point in the middle of the
/// largest part of a 읍면동, to tell how far apart regions are.
#[must_use]
pub fn centre(code: RegionCode) -> Option<(f64, f64)> {
    let degrees = |units: i32| f64::from(units) / ATLAS.units_per_degree;
    let centre = ATLAS.unit(code)?.centre;
    Some((degrees(centre.lat), degrees(centre.lon)))
}

/// At most `limit` 읍면동 that match what somebody has typed so far, best first.
///
/// Every word of the query has to match the name, the district or the province;
/// Hangul may be unfinished (`연나`, `ㅇㄴㄷ`) or romanised (`yeonnam`). Queries
/// longer than 50 characters match nothing.
#[must_use]
pub fn search(query: &str, limit: usize) -> Vec<RegionView> {
    let found = search::search(&ATLAS, query, limit);
    found.into_iter().map(|unit| ATLAS.view(unit)).collect()
}

/// The 읍면동 that contains a WGS 84 position in degrees, or else the nearest one
/// within 30 km. Positions that are not finite or further away give `None`.
#[must_use]
pub fn locate(lat: f64, lon: f64) -> Option<RegionView> {
    let position = Position::new(lat, lon, ATLAS.units_per_degree)?;
    let unit = ATLAS.units.iter().find(|unit| unit.shape.contains(position)).or_else(|| nearest(position))?;
    Some(ATLAS.view(unit))
}

/// Two-digit codes and full names of the 시도, by code.
#[must_use]
pub fn provinces() -> Vec<(u32, String)> {
    let provinces = ATLAS.provinces.iter();
    provinces.map(|province| (province.code, province.name.clone())).collect()
}

/// The 시군구 of a province with their names alone (마포구), by code; empty for
/// an unknown province.
#[must_use]
pub fn districts(province: u32) -> Vec<(DistrictCode, String)> {
    let districts = ATLAS.districts.iter();
    districts.filter(|district| district.code.0 / 1_000 == province).map(|district| (district.code, district.name.clone())).collect()
}

/// The 읍면동 of a district, by code; empty for an unknown district.
#[must_use]
pub fn in_district(district: DistrictCode) -> Vec<RegionView> {
    let start = ATLAS.units.partition_point(|unit| unit.code.district() < district);
    let units = ATLAS.units[start..].iter();
    units.take_while(|unit| unit.code.district() == district).map(|unit| ATLAS.view(unit)).collect()
}

/// A district with its province, as in [`RegionView::district`].
#[must_use]
pub fn district_name(district: DistrictCode) -> Option<String> {
    ATLAS.district(district).map(|district| district.label.clone())
}

fn nearest(position: Position) -> Option<&'static Unit> {
    let mut candidates: Vec<(f64, &Unit)> = ATLAS
        .units
        .iter()
        .map(|unit| (unit.shape.box_distance_km(position), unit))
        .filter(|(distance, _)| *distance <= MAX_DISTANCE_KM)
        .collect();
    candidates.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut best: Option<(f64, &Unit)> = None;
    for (at_least, unit) in candidates {
        // A boundary is never nearer than its box, and the boxes are in order.
        if best.is_some_and(|(distance, _)| distance <= at_least) {
            break;
        }
        let distance = unit.shape.distance_km(position);
        if distance <= MAX_DISTANCE_KM && best.is_none_or(|(nearest, _)| distance < nearest) {
            best = Some((distance, unit));
        }
    }
    best.map(|(_, unit)| unit)
}
