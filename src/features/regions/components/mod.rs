//! Choosing a 동.

mod found;
mod region_field;

pub use region_field::RegionField;
