//! The one WebSocket that carries everything live.
//!
//! `protocol` is the language that both sides speak. On the server `hub` knows the open sockets of this node, `fanout`
//! brings them what is in the log, `bus` carries hints to other nodes, and `socket` serves one connection; in the browser
//! `client` keeps one socket a tab open.

#[cfg(feature = "ssr")]
pub mod bus;
pub mod client;
#[cfg(feature = "ssr")]
pub mod fanout;
#[cfg(feature = "ssr")]
pub mod hub;
mod link;
pub mod protocol;
#[cfg(feature = "ssr")]
mod registry;
#[cfg(feature = "ssr")]
pub mod socket;
