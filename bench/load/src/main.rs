//! `moim-load BAR…` measures, `moim-load peer KIND ADDR …` is one of those that are measured, `moim-load world` a server to visit,
//! `moim-load answers` asks what `depth` asks, once, and measures nothing.
//! `scripts/bench.sh` calls it.

mod bars;
mod base;
mod crowd;
mod django;
mod fail;
mod http;
mod load;
mod moim;
mod once;
mod peers;
mod process;
mod report;
mod seed;
mod settings;
mod socket;
mod stats;
mod world;

use fail::Outcome;
use report::Verdict;
use std::process::ExitCode;
use tokio::runtime::Builder;
use tokio::signal::unix::{SignalKind, signal};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let is_peer = arguments.first().is_some_and(|first| first == "peer");
    // Who measures takes one core at most, and leaves the rest to whom is measured. Peers have the threads that our own server has.
    let runtime =
        if is_peer { Builder::new_multi_thread().enable_all().build() } else { Builder::new_current_thread().enable_all().build() };
    let outcome = runtime.map_err(fail::Fail::from).and_then(|runtime| {
        runtime
            .block_on(async { if is_peer { peers::run(&arguments[1..]).await.map(|()| Verdict::Met) } else { measure(&arguments).await } })
    });
    match outcome {
        Ok(verdict) => ExitCode::from(verdict.code()),
        Err(fail) => {
            eprintln!("failed: {fail}");
            ExitCode::from(2)
        }
    }
}

/// Measures the bars that are named; the worst of what they come to. When somebody stops it, everything that was started ends with it.
async fn measure(bars: &[String]) -> Outcome<Verdict> {
    let (mut interrupted, mut ended) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    let mut worst = Verdict::Met;
    for bar in bars {
        tokio::select! {
            outcome = one(bar) => worst = worst.max(outcome?),
            _ = interrupted.recv() => fail!("stopped"),
            _ = ended.recv() => fail!("stopped"),
        }
    }
    Ok(worst)
}

async fn one(bar: &str) -> Outcome<Verdict> {
    match bar {
        "world" => world::run().await.map(|()| Verdict::Met),
        "answers" => bars::depth::check().await.map(|()| Verdict::Met),
        _ => bars::run(bar).await,
    }
}
