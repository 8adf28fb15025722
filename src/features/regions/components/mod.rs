//! Choosing a 동.

mod found;
mod here;
mod region_box;
mod region_field;

pub use here::Here;
pub use region_box::{Choosing, RegionBox};
pub use region_field::RegionField;
