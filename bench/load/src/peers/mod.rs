//! Hand-written servers that our own is measured against.

mod bare;
mod page;

use crate::fail;
use crate::fail::Outcome;
use std::net::SocketAddr;

/// Serves until it is killed: `peer KIND ADDR …`.
pub async fn run(arguments: &[String]) -> Outcome<()> {
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["template", addr, url, frame] => page::template(addr.parse::<SocketAddr>()?, url, frame).await,
        ["static", addr, file] => page::fixed(addr.parse::<SocketAddr>()?, file).await,
        ["bare", addr] => bare::run(addr.parse::<SocketAddr>()?, bare::Way::EachAtOnce).await,
        ["coalescing", addr] => bare::run(addr.parse::<SocketAddr>()?, bare::Way::Coalescing).await,
        _ => fail!("usage: moim-load peer template|static|bare|coalescing ADDR …"),
    }
}
