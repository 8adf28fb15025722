//! Rooms and their log: messages in order, read positions, who may read.
//!
//! Other rooms use `store` to open a room for a party, let people in and out of it, and write notices into it, always in
//! their own transaction. Messages go through `writer`, the one task that gives them their numbers.

pub mod api;
pub mod components;
pub mod links;
pub mod model;
pub mod pages;
pub mod thread;
#[cfg(feature = "ssr")]
pub mod store;
#[cfg(feature = "ssr")]
pub mod writer;
#[cfg(all(test, feature = "ssr"))]
mod tests;
