//! What `scripts/bench.sh` tells: where things are, and how long to measure.

use crate::fail::{Fail, Outcome};
use std::path::PathBuf;
use std::time::Duration;

/// What a measurement has, unless it is told otherwise: rounds, seconds each in a round, seconds of a soak. With less it is a quick look.
pub const ROUNDS: u64 = 5;
pub const SECONDS: u64 = 4;
pub const SOAK_SECONDS: u64 = 1_200;

/// A variable that `scripts/bench.sh` sets.
pub fn required(name: &str) -> Outcome<String> {
    std::env::var(name).map_err(|_| Fail(format!("{name} is not set: run `make bench`")))
}

fn number(name: &str, usual: u64) -> Outcome<u64> {
    match std::env::var(name) {
        Ok(text) => text.parse().map_err(|_| Fail(format!("{name} must be a number, not {text:?}"))),
        Err(_) => Ok(usual),
    }
}

/// How often everything is measured.
pub fn rounds() -> Outcome<usize> {
    Ok(number("BENCH_ROUNDS", ROUNDS)?.clamp(1, 50) as usize)
}

/// How long each is measured in a round.
pub fn window() -> Outcome<Duration> {
    Ok(Duration::from_secs(number("BENCH_SECONDS", SECONDS)?.clamp(1, 60)))
}

/// The whole length of the soak.
pub fn soak() -> Outcome<Duration> {
    Ok(Duration::from_secs(number("BENCH_SOAK_SECONDS", SOAK_SECONDS)?.clamp(30, 7_200)))
}

/// A count of a bar, which can be made smaller for a quick look.
pub fn count(usual: u64) -> Outcome<u64> {
    Ok(number("BENCH_COUNT", usual)?.clamp(1, 1_000_000))
}

/// A directory that is removed at the end.
pub fn work() -> Outcome<PathBuf> {
    Ok(PathBuf::from(required("MOIM_BENCH_WORK")?))
}
