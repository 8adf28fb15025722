//! Work that nobody asks for: it runs beside the requests, on every node, and is safe to run twice.

use crate::features::parties;
use crate::server::state::AppState;
use std::time::Duration;
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

/// A party whose deadline has passed is closed, and its room told, within this and the time it takes.
const EVERY: Duration = Duration::from_secs(1);

/// Runs until the node stops.
pub fn start(state: AppState, stop: CancellationToken) {
    tokio::spawn(async move {
        let mut ticks = tokio::time::interval(EVERY);
        // After a long pause (a laptop that slept) one round does for all that were missed.
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                _ = ticks.tick() => {}
            }
            if let Err(error) = parties::jobs::run_once(&state).await {
                tracing::warn!(%error, "parties past their deadline could not be closed; the next round tries again");
            }
        }
    });
}
