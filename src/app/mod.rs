//! The composition root: the only room that knows every feature.

#[cfg(feature = "hydrate")]
pub mod hydrate;
#[cfg(feature = "ssr")]
pub mod api;
#[cfg(feature = "ssr")]
pub mod bill;
#[cfg(feature = "ssr")]
pub mod broken;
#[cfg(feature = "ssr")]
pub mod cache;
#[cfg(feature = "ssr")]
pub mod demo;
#[cfg(feature = "ssr")]
mod draw;
#[cfg(feature = "ssr")]
pub mod export;
pub mod layout;
#[cfg(feature = "ssr")]
pub mod oidc;
#[cfg(feature = "ssr")]
pub mod openapi;
pub mod pages;
mod pattern;
pub mod routes;
#[cfg(feature = "ssr")]
pub mod pictures;
#[cfg(feature = "ssr")]
pub mod run;
#[cfg(feature = "ssr")]
pub mod scripts;
#[cfg(feature = "ssr")]
pub mod server;
#[cfg(feature = "ssr")]
pub mod shell;
#[cfg(feature = "ssr")]
pub mod texts;
#[cfg(feature = "ssr")]
pub mod work;
#[cfg(all(test, feature = "ssr"))]
mod backup_tests;
#[cfg(all(test, feature = "ssr"))]
mod broken_tests;
#[cfg(all(test, feature = "ssr"))]
mod cache_tests;
#[cfg(all(test, feature = "ssr"))]
mod openapi_tests;
#[cfg(all(test, feature = "ssr"))]
mod plans_tests;
#[cfg(all(test, feature = "ssr"))]
mod rights_tests;
#[cfg(all(test, feature = "ssr"))]
mod schedules_tests;
#[cfg(all(test, feature = "ssr"))]
mod tests;
#[cfg(all(test, feature = "ssr"))]
mod trouble_tests;
