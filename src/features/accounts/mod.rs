//! Accounts: signing up, in and out, sessions, passwords, the preferences of a person or visitor.
//!
//! `auth` is the only place that can say who is asking: a [`auth::Member`] in a signature means that somebody proved it.

pub mod api;
#[cfg(feature = "ssr")]
pub mod auth;
#[cfg(feature = "ssr")]
mod common;
pub mod components;
#[cfg(feature = "ssr")]
pub mod desk;
#[cfg(feature = "ssr")]
pub mod jobs;
pub mod model;
#[cfg(feature = "ssr")]
mod nicknames;
pub mod pages;
#[cfg(feature = "ssr")]
pub mod store;
#[cfg(feature = "ssr")]
pub mod travel;
#[cfg(all(test, feature = "ssr"))]
mod tests;
#[cfg(feature = "ssr")]
mod user_agent;
