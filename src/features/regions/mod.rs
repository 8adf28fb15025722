//! The 읍·면·동 of Korea: choosing one by name or by position.

pub mod api;
#[cfg(feature = "ssr")]
pub mod atlas;
#[cfg(feature = "ssr")]
pub mod choice;
pub mod components;
pub mod model;
#[cfg(all(test, feature = "ssr"))]
mod tests;
