//! The party: a host, seats, a deadline, a state, members, a chat room. Everything that every kind of party can do.
//!
//! `store` is the only place that gives seats away. A kind (a shared order, say) adds its own facts and pages, and opens and
//! edits parties through the drafts here; a `Host` in a signature means that the store proved it under the party's lock.

pub mod api;
pub mod components;
#[cfg(feature = "ssr")]
pub mod jobs;
pub mod model;
#[cfg(feature = "ssr")]
pub mod store;
#[cfg(all(test, feature = "ssr"))]
pub mod tests;
#[cfg(feature = "ssr")]
pub mod throttle;
