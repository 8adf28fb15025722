//! Logs that can be searched by field, and figures for Prometheus.

use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use std::sync::OnceLock;
use tracing_subscriber::EnvFilter;

/// Upper bounds of the latency histogram, in seconds.
const LATENCY_BUCKETS: [f64; 11] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5];

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
