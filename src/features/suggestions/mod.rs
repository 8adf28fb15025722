//! What to eat: five menus with a reason each, from what is known here, and a conversation with a model where the operator has one.
//!
//! The menus and what suits them are data of ours; nothing outside is asked for them. What is written here only its owner sees, so it is
//! committed unseen.

pub mod api;
pub mod components;
pub mod model;
pub mod pages;
#[cfg(feature = "ssr")]
pub mod answers;
#[cfg(feature = "ssr")]
pub mod asking;
#[cfg(feature = "ssr")]
pub mod choosing;
#[cfg(feature = "ssr")]
pub mod headline;
#[cfg(feature = "ssr")]
pub mod menus;
#[cfg(feature = "ssr")]
pub mod scorer;
#[cfg(feature = "ssr")]
pub mod sky;
#[cfg(feature = "ssr")]
pub mod store;
#[cfg(all(test, feature = "ssr"))]
mod tests;
