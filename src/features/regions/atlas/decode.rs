//! Reads `data/regions/regions.bin`; its README describes the format.

use super::{
    geometry::{GridPoint, Shape},
    search::{Keys, NameKeys},
};
use crate::{
    features::regions::model::RegionView,
    shared::ids::{DistrictCode, RegionCode},
};

const MAGIC: &[u8] = b"MREG";
const VERSION: u32 = 1;

/// All regions, each list ordered by code.
#[derive(Debug)]
pub(super) struct Atlas {
    pub units_per_degree: f64,
    pub provinces: Vec<Province>,
    pub districts: Vec<District>,
    pub units: Vec<Unit>,
}

/// A 시도.
#[derive(Debug)]
pub(super) struct Province {
    pub code: u32,
    pub name: String,
    short: String,
    others: Vec<String>,
}

/// A 시군구.
#[derive(Debug)]
pub(super) struct District {
    pub code: DistrictCode,
    pub name: String,
    /// With the short name of the province in front.
    pub label: String,
    /// What finds it: its own words and every name of its province.
    pub keys: Vec<Keys>,
}

/// A 읍면동.
#[derive(Debug)]
pub(super) struct Unit {
    pub code: RegionCode,
    pub name: String,
    /// Position in [`Atlas::districts`].
    pub district: usize,
    /// A grid point inside of the largest part.
    pub centre: GridPoint,
    pub shape: Shape,
    pub keys: NameKeys,
}

impl Atlas {
    /// `None` when the bytes are not a whole file of the expected version.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let mut reader = Reader(bytes.strip_prefix(MAGIC)?);
        if reader.number()? != VERSION {
            return None;
        }
        let units_per_degree = f64::from(reader.number()?);
        let provinces = reader.list(Reader::province)?;
        let districts = reader.list(|reader| reader.district(&provinces))?;
        let units = reader.list(|reader| reader.unit(&districts))?;
        let whole = reader.0.is_empty() && units.is_sorted_by_key(|unit| unit.code);
        whole.then_some(Self { units_per_degree, provinces, districts, units })
    }

    /// The 읍면동 with this code.
    pub fn unit(&self, code: RegionCode) -> Option<&Unit> {
        let found = self.units.binary_search_by_key(&code, |unit| unit.code);
        found.ok().map(|index| &self.units[index])
    }

    /// The 시군구 with this code.
    pub fn district(&self, code: DistrictCode) -> Option<&District> {
        self.districts.iter().find(|district| district.code == code)
    }

    /// A 읍면동 for people.
    pub fn view(&self, unit: &Unit) -> RegionView {
        RegionView { code: unit.code, name: unit.name.clone(), district: self.districts[unit.district].label.clone() }
    }
}

/// The bytes that are still to be read. Every method gives `None` at a premature
/// end or a value out of range.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn province(&mut self) -> Option<Province> {
        Some(Province { code: self.number()?, name: self.text()?, short: self.text()?, others: self.list(Self::text)? })
    }

    fn district(&mut self, provinces: &[Province]) -> Option<District> {
        let (code, name) = (DistrictCode(self.number()?), self.text()?);
        let province = provinces.iter().find(|province| province.code == code.0 / 1_000)?;
        // 세종 is province and district in one; naming it twice helps nobody.
        let label = if province.others.contains(&name) { name.clone() } else { format!("{} {name}", province.short) };
        let aliases = province.others.iter().map(String::as_str);
        // People also write 서울마포구.
        let glued = label.replace(' ', "");
        let words = name.split(' ').chain([province.short.as_str(), &province.name, &glued]);
        let keys = words.chain(aliases).map(Keys::new).collect();
        Some(District { code, name, label, keys })
    }

    fn unit(&mut self, districts: &[District]) -> Option<Unit> {
        let (code, name) = (RegionCode(self.number()?), self.text()?);
        let district = districts.binary_search_by_key(&code.district(), |district| district.code);
        let centre = self.point(GridPoint { lat: 0, lon: 0 })?;
        let mut previous = centre;
        let rings = self.list(|reader| {
            reader.list(|reader| {
                previous = reader.point(previous)?;
                Some(previous)
            })
        })?;
        let keys = NameKeys::new(&name);
        Some(Unit { code, name, district: district.ok()?, centre, shape: Shape::new(rings)?, keys })
    }

    fn point(&mut self, previous: GridPoint) -> Option<GridPoint> {
        Some(GridPoint { lat: previous.lat.checked_add(self.signed()?)?, lon: previous.lon.checked_add(self.signed()?)? })
    }

    fn list<T>(&mut self, mut item: impl FnMut(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        (0..self.number()?).map(|_| item(self)).collect()
    }

    fn text(&mut self) -> Option<String> {
        let length = usize::try_from(self.number()?).ok()?;
        let (text, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        String::from_utf8(text.to_vec()).ok()
    }

    fn signed(&mut self) -> Option<i32> {
        let zigzag = self.number()?;
        let magnitude = i32::try_from(zigzag >> 1).ok()?;
        Some(if zigzag & 1 == 0 { magnitude } else { -magnitude - 1 })
    }

    fn number(&mut self) -> Option<u32> {
        let mut value = 0;
        for shift in (0..32).step_by(7) {
            let (&byte, rest) = self.0.split_first()?;
            self.0 = rest;
            value |= u32::from(byte & 0x7F) << shift;
            if byte < 0x80 {
                return Some(value);
            }
        }
        None
    }
}
