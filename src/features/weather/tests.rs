//! The weather, with a provider that listens on this machine.

mod asking;
pub mod peer;
mod reading;
mod showing;
