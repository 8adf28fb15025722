//! Logs that can be searched by field, and figures for Prometheus.

use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tracing_subscriber::EnvFilter;

/// Upper bounds of the latency histogram, in seconds.
const LATENCY_BUCKETS: [f64; 11] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5];

/// After so many answers their durations are counted into the buckets. Until then the recorder keeps each by itself; without this for as
/// long as nobody asks for the figures.
const COUNTED_TOGETHER: usize = 4_096;

static RECORDER: OnceLock<PrometheusHandle> = OnceLock::new();

/// Starts logging to standard error, one JSON object a line.
///
/// # Errors
/// A sentence for the operator when the filter makes no sense.
pub fn start_logging(filter: &str) -> Result<(), String> {
    let filter = EnvFilter::try_new(filter).map_err(|e| format!("MOIM_LOG is not a filter such as info or moim=debug,warn: {e}"))?;
    // A second start in one process (tests) keeps the first.
    let _ = tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_span_list(false)
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        // What cannot be written (a full disk) is lost. Saying so in the same place would fail too, and end the task that logs.
        .log_internal_errors(false)
        .try_init();
    Ok(())
}

/// The recorder of this process, installed on first use.
pub fn recorder() -> &'static PrometheusHandle {
    RECORDER.get_or_init(|| {
        let builder = PrometheusBuilder::new()
            .set_buckets_for_metric(Matcher::Full("http_request_seconds".to_owned()), &LATENCY_BUCKETS)
            .expect("the buckets are not empty");
        let recorder = builder.build_recorder();
        let handle = recorder.handle();
        // Only fails when another recorder is there already, which only this cell installs.
        let _ = metrics::set_global_recorder(recorder);
        handle
    })
}

/// Counts an answer and the time it took.
pub fn answered(method: String, route: String, status: u16, time: Duration) {
    static ANSWERS: AtomicUsize = AtomicUsize::new(1);
    metrics::histogram!("http_request_seconds", &[("route", route.clone())]).record(time.as_secs_f64());
    metrics::counter!("http_requests_total", &[("method", method), ("route", route), ("status", status.to_string())]).increment(1);
    if ANSWERS.fetch_add(1, Ordering::Relaxed).is_multiple_of(COUNTED_TOGETHER) {
        recorder().run_upkeep();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What this process holds for itself, in kilobytes.
    fn memory() -> usize {
        let status = std::fs::read_to_string("/proc/self/status").expect("Linux tells");
        let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:")).expect("its memory");
        line.trim().strip_suffix(" kB").and_then(|number| number.trim().parse().ok()).expect("a number")
    }

    #[test]
    fn figures_that_nobody_asks_for_do_not_pile_up() {
        recorder();
        let answer = || answered("GET".to_owned(), "/meals".to_owned(), 200, Duration::from_millis(3));
        (0..10 * COUNTED_TOGETHER).for_each(|_| answer());
        let before = memory();
        (0..100 * COUNTED_TOGETHER).for_each(|_| answer());
        let grown = memory().saturating_sub(before);
        assert!(grown < 2_048, "{grown} KB for 400,000 answers");
        assert!(recorder().render().contains(&format!("http_request_seconds_count{{route=\"/meals\"}} {}", 110 * COUNTED_TOGETHER)));
    }
}
