//! What people at a table order together, and who pays what. It knows parties and no kind of them.

pub mod api;
pub mod components;
#[cfg(feature = "ssr")]
pub mod jobs;
pub mod model;
#[cfg(feature = "ssr")]
pub mod store;
#[cfg(all(test, feature = "ssr"))]
mod tests;
