//! A clock that stands still until it is moved.

use crate::server::clock::Clock;
use crate::shared::time::{Span, Timestamp};
use std::sync::atomic::{AtomicI64, Ordering};

/// 2026-05-12 12:00 in Seoul, then whatever a test makes of it.
#[derive(Debug)]
pub struct MockClock(AtomicI64);

impl Default for MockClock {
    fn default() -> Self {
        Self(AtomicI64::new(1_778_554_800_000))
    }
}

impl MockClock {
    /// Lets time pass.
    pub fn advance(&self, span: Span) {
        self.0.fetch_add(span.0, Ordering::SeqCst);
    }
}

impl Clock for MockClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }
}
