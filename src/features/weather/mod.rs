//! The weather in a 동: asked of a provider elsewhere, kept for half an hour, and dispensable.

pub mod api;
#[cfg(feature = "ssr")]
mod breaker;
pub mod components;
#[cfg(feature = "ssr")]
pub mod forecasts;
#[cfg(feature = "ssr")]
mod kma;
pub mod model;
#[cfg(feature = "ssr")]
mod open_meteo;
#[cfg(feature = "ssr")]
mod provider;
#[cfg(all(test, feature = "ssr"))]
pub mod tests;
