//! The grid of the forecast: cells of five kilometres on a Lambert conformal conic projection (LCC DFS). The constants and the method
//! are those of the C program that the guide prints (`lamcproj`); the projection is Snyder, "Map Projections: A Working Manual"
//! (USGS 1395, 1987), equations 15-1 to 15-4, on a sphere.

use std::f64::consts::{FRAC_PI_4, PI};

/// Radius of the Earth, in kilometres.
const RADIUS: f64 = 6_371.008_77;
/// Side of a cell, in kilometres.
const CELL: f64 = 5.0;
/// Standard parallels, in degrees.
const PARALLELS: (f64, f64) = (30.0, 60.0);
/// Where the projection is centred: degrees north and east.
const ORIGIN: (f64, f64) = (38.0, 126.0);
/// The cell that lies there.
const ORIGIN_CELL: (f64, f64) = (43.0, 136.0);
/// Number of cells to the east and to the north.
const CELLS: (u16, u16) = (149, 253);

/// The cell of a position in degrees (WGS 84), counted from 1 to the east and to the north; `None` outside the grid.
pub fn cell(latitude: f64, longitude: f64) -> Option<(u16, u16)> {
    // The tangent of half the distance from the south pole.
    let half = |latitude: f64| (FRAC_PI_4 + latitude.to_radians() / 2.0).tan();
    let (south, north) = (PARALLELS.0.to_radians(), PARALLELS.1.to_radians());
    let cone = (south.cos() / north.cos()).ln() / (half(PARALLELS.1) / half(PARALLELS.0)).ln();
    let scale = RADIUS / CELL * south.cos() * half(PARALLELS.0).powf(cone) / cone;
    let distance = |latitude: f64| scale / half(latitude).powf(cone);
    let mut around = (longitude - ORIGIN.1).to_radians();
    if around > PI {
        around -= 2.0 * PI;
    } else if around < -PI {
        around += 2.0 * PI;
    }
    let angle = around * cone;
    let x = (distance(latitude) * angle.sin() + ORIGIN_CELL.0).round();
    let y = (distance(ORIGIN.0) - distance(latitude) * angle.cos() + ORIGIN_CELL.1).round();
    let is_inside = (1.0..=f64::from(CELLS.0)).contains(&x) && (1.0..=f64::from(CELLS.1)).contains(&y);
    // Within the bounds of the grid, which fit.
    is_inside.then_some((x as u16, y as u16))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::regions::atlas;
    use crate::features::weather::provider::Place;
    use proptest::prelude::*;

    /// From the list of places that comes with the guide.
    #[test]
    fn published_places_lie_in_their_cells() {
        for (name, latitude, longitude, expected) in [
            ("서울특별시", 37.563_569, 126.980_008, (60, 127)),
            ("부산광역시", 35.177_020, 129.076_952, (98, 76)),
            ("대구광역시", 35.868_542, 128.603_553, (89, 90)),
            ("인천광역시", 37.453_233, 126.707_352, (55, 124)),
            ("광주광역시", 35.156_975, 126.853_364, (58, 74)),
            ("대전광역시", 36.347_119, 127.386_566, (67, 100)),
            ("제주특별자치도", 33.485_694, 126.500_333, (52, 38)),
        ] {
            assert_eq!(cell(latitude, longitude), Some(expected), "{name}");
        }
    }

    #[test]
    fn every_region_lies_in_the_grid() {
        for (province, _) in atlas::provinces() {
            for (district, _) in atlas::districts(province) {
                for region in atlas::in_district(district) {
                    let place = Place::of(region.code).expect("it exists");
                    assert!(cell(place.latitude(), place.longitude()).is_some(), "{region:?}");
                }
            }
        }
    }

    proptest! {
        #[test]
        fn a_cell_lies_in_the_grid_or_nowhere(latitude in proptest::num::f64::ANY, longitude in proptest::num::f64::ANY) {
            if let Some((x, y)) = cell(latitude, longitude) {
                prop_assert!((1..=149).contains(&x) && (1..=253).contains(&y));
            }
        }

        #[test]
        fn neighbours_lie_in_the_same_cell_or_beside_it(latitude in 33.0f64..38.5, longitude in 124.6f64..131.0) {
            let here = cell(latitude, longitude).expect("in Korea");
            let there = cell(latitude + 0.01, longitude + 0.01).expect("in Korea");
            prop_assert!(here.0.abs_diff(there.0) <= 1 && here.1.abs_diff(there.1) <= 1, "{here:?} {there:?}");
        }
    }
}
