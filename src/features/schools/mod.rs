//! Schools that a student may name.

pub mod api;
#[cfg(feature = "ssr")]
pub mod directory;
pub mod model;
#[cfg(all(test, feature = "ssr"))]
mod tests;
