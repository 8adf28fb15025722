//! Schools that a student may name, and who has proved that they go to one.
//!
//! Proving takes a mail to an address at the school; the page and the link are in `accounts`, which stands below.

pub mod api;
#[cfg(feature = "ssr")]
pub mod directory;
pub mod model;
#[cfg(feature = "ssr")]
pub mod store;
#[cfg(all(test, feature = "ssr"))]
mod tests;
