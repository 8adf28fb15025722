//! Shared delivery orders: neighbours combine one order, split its delivery fee, and pick it up at an agreed spot.
//!
//! An order is a party with a shop, a fee, a minimum and a place to pick it up; seats and states are those of `parties`.

pub mod api;
pub mod components;
pub mod model;
pub mod pages;
#[cfg(feature = "ssr")]
pub mod store;
#[cfg(all(test, feature = "ssr"))]
mod tests;
