//! One bar a file: starts what is compared, measures it round by round, one after the other in each round, and reports.

mod chat;
pub mod depth;
mod durable;
mod idle;
mod list;
mod sign_in;
mod soak;
mod ssr;
mod stalled;

use crate::fail;
use crate::fail::Outcome;
use crate::report::{Report, Verdict};

/// The bars by their names, in the order in which they are worth waiting for.
pub const NAMES: [&str; 9] = ["list", "sign-in", "durable", "chat", "idle", "stalled", "soak", "ssr", "depth"];

/// Measures one; what its budgets come to.
pub async fn run(name: &str) -> Outcome<Verdict> {
    let report: Report = match name {
        "list" => list::run().await?,
        "sign-in" => sign_in::run().await?,
        "durable" => durable::run().await?,
        "chat" => chat::run().await?,
        "idle" => idle::run().await?,
        "stalled" => stalled::run().await?,
        "soak" => soak::run().await?,
        "ssr" => ssr::run().await?,
        "depth" => depth::run().await?,
        _ => fail!("there is no bar {name:?}; there are {}", NAMES.join(", ")),
    };
    report.finish()
}
