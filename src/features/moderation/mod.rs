//! What people report, for those who run the server.

pub mod api;
pub mod model;
#[cfg(feature = "ssr")]
pub mod store;

#[cfg(all(test, feature = "ssr"))]
mod tests;
