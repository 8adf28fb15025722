//! Plane geometry on the grid of the data: containment and distance.

/// How far outside of every boundary a position may be and still belong to the
/// nearest unit; it covers bays, bridges and the gaps left by simplification.
pub(super) const MAX_DISTANCE_KM: f64 = 30.0;

/// Length of a degree of latitude.
const KM_PER_DEGREE: f64 = 111.2;

/// A corner of a boundary or a centre, in grid units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct GridPoint {
    pub lat: i32,
    pub lon: i32,
}

/// A position to look up: grid units, and how long those are there.
#[derive(Clone, Copy, Debug)]
pub(super) struct Position {
    lat: f64,
    lon: f64,
    km_per_lat: f64,
    km_per_lon: f64,
}

impl Position {
    /// `None` for anything that is not a position on earth in degrees.
    pub fn new(lat: f64, lon: f64, units_per_degree: f64) -> Option<Self> {
        // Ranges never contain NaN or an infinity.
        if !(-90.0..=90.0).contains(&lat) || !(-180.0..=180.0).contains(&lon) {
            return None;
        }
        let km_per_lat = KM_PER_DEGREE / units_per_degree;
        Some(Self { lat: lat * units_per_degree, lon: lon * units_per_degree, km_per_lat, km_per_lon: km_per_lat * lat.to_radians().cos() })
    }

    fn length_km(self, lat: f64, lon: f64) -> f64 {
        (lat * self.km_per_lat).hypot(lon * self.km_per_lon)
    }
}

/// The boundary of a unit: outer rings and holes alike, none of them closed by a
/// repeated point.
#[derive(Debug)]
pub(super) struct Shape {
    rings: Vec<Vec<GridPoint>>,
    south_west: GridPoint,
    north_east: GridPoint,
}

impl Shape {
    /// `None` unless there is a ring and every ring has an area to speak of.
    pub fn new(rings: Vec<Vec<GridPoint>>) -> Option<Self> {
        if rings.iter().any(|ring| ring.len() < 3) {
            return None;
        }
        let points = || rings.iter().flatten();
        let south_west = GridPoint { lat: points().map(|point| point.lat).min()?, lon: points().map(|point| point.lon).min()? };
        let north_east = GridPoint { lat: points().map(|point| point.lat).max()?, lon: points().map(|point| point.lon).max()? };
        Some(Self { rings, south_west, north_east })
    }

    /// Whether the position lies inside: an odd number of edges to its east, so
    /// that holes and islands need no distinction.
    pub fn contains(&self, position: Position) -> bool {
        self.box_contains(position) && self.edges().filter(|(a, b)| crosses(*a, *b, position)).count() % 2 == 1
    }

    /// Distance to the bounding box, 0 inside of it.
    pub fn box_distance_km(&self, position: Position) -> f64 {
        let outside = |value: f64, low: i32, high: i32| (f64::from(low) - value).max(value - f64::from(high)).max(0.0);
        position.length_km(
            outside(position.lat, self.south_west.lat, self.north_east.lat),
            outside(position.lon, self.south_west.lon, self.north_east.lon),
        )
    }

    /// Distance to the nearest edge.
    pub fn distance_km(&self, position: Position) -> f64 {
        let distances = self.edges().map(|(a, b)| edge_distance_km(a, b, position));
        distances.fold(f64::INFINITY, f64::min)
    }

    fn box_contains(&self, position: Position) -> bool {
        let lats = f64::from(self.south_west.lat)..=f64::from(self.north_east.lat);
        let lons = f64::from(self.south_west.lon)..=f64::from(self.north_east.lon);
        lats.contains(&position.lat) && lons.contains(&position.lon)
    }

    fn edges(&self) -> impl Iterator<Item = (GridPoint, GridPoint)> {
        self.rings.iter().flat_map(|ring| {
            let next = ring.iter().cycle().skip(1);
            ring.iter().zip(next).map(|(a, b)| (*a, *b))
        })
    }
}

fn crosses(a: GridPoint, b: GridPoint, position: Position) -> bool {
    let (a_lat, b_lat) = (f64::from(a.lat), f64::from(b.lat));
    if (a_lat > position.lat) == (b_lat > position.lat) {
        return false;
    }
    let share = (position.lat - a_lat) / (b_lat - a_lat);
    position.lon < f64::from(a.lon) + share * f64::from(b.lon - a.lon)
}

fn edge_distance_km(a: GridPoint, b: GridPoint, position: Position) -> f64 {
    let km = |point: GridPoint| {
        ((f64::from(point.lat) - position.lat) * position.km_per_lat, (f64::from(point.lon) - position.lon) * position.km_per_lon)
    };
    let ((a_y, a_x), (b_y, b_x)) = (km(a), km(b));
    let (y, x) = (b_y - a_y, b_x - a_x);
    let squared = y * y + x * x;
    let share = if squared > 0.0 { (-(a_y * y + a_x * x) / squared).clamp(0.0, 1.0) } else { 0.0 };
    (a_y + share * y).hypot(a_x + share * x)
}
