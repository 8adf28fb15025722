//! What a reader sees of a region.

use crate::shared::ids::RegionCode;
use serde::{Deserialize, Serialize};

/// A 읍·면·동 and where it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct RegionView {
    /// Its code.
    pub code: RegionCode,
    /// Its name: `연남동`.
    pub name: String,
    /// The province and district that it lies in: `서울 마포구`.
    pub district: String,
}

impl RegionView {
    /// With where it is, as addresses are written: `서울 마포구 연남동`. Finds it again when it is searched for.
    #[must_use]
    pub fn full(&self) -> String {
        format!("{} {}", self.district, self.name)
    }
}

/// A region as a form names it: by its code, by what was typed, or both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegionChoice {
    pub(in crate::features::regions) code: Option<RegionCode>,
    pub(in crate::features::regions) text: String,
}

impl RegionChoice {
    /// Reads the two fields of the region's box. `None` when both are empty.
    #[must_use]
    pub fn read(code: &str, text: &str) -> Option<Self> {
        let (code, text) = (code.trim(), text.trim());
        let choice = Self { code: code.parse().ok().map(RegionCode), text: text.to_owned() };
        (!code.is_empty() || !text.is_empty()).then_some(choice)
    }
}
