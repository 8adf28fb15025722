//! Comments and answers under what others have opened: parties so far.
//!
//! A comment stands alone or under one that does. An answer to an answer stands beside it and names whom it answers.

pub mod api;
pub mod components;
pub mod model;
#[cfg(feature = "ssr")]
pub mod store;

#[cfg(all(test, feature = "ssr"))]
mod tests;
