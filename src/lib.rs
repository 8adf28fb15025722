//! Moim (모임): one crate, two programs.
//!
//! With the feature `ssr` it is the server (`src/main.rs` starts it); with `hydrate` it is the program that takes over the
//! page in the browser. `ARCHITECTURE.md` says which room may know which.
#![recursion_limit = "256"]

pub mod app;
pub mod device;
pub mod features;
pub mod live;
#[cfg(feature = "ssr")]
pub mod server;
pub mod shared;
#[cfg(all(test, feature = "ssr"))]
mod testing;
#[cfg(all(test, feature = "ssr"))]
mod tidy;
pub mod ui;

/// Takes over the server's page in the browser.
#[cfg(feature = "hydrate")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    app::hydrate::start();
}
