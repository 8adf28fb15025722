//! Leaving somebody alone who fails again and again: waiting for them helps nobody.

use crate::shared::time::{Span, Timestamp};

/// A circuit breaker. It opens after a number of failures in a row; while it is open one request after each pause finds out whether
/// it can be closed.
#[derive(Clone, Debug)]
pub struct Breaker {
    most: u32,
    pause: Span,
    failures: u32,
    closed_from: Timestamp,
}

impl Breaker {
    /// One that opens after so many failures in a row, for so long.
    #[must_use]
    pub const fn new(most: u32, pause: Span) -> Self {
        Self { most, pause, failures: 0, closed_from: Timestamp(0) }
    }

    /// Whether a request might be made now.
    #[must_use]
    pub fn is_passable(&self, now: Timestamp) -> bool {
        self.failures < self.most || now >= self.closed_from
    }

    /// Whether a request may be made now. While it is open, who may is the one that finds out, and the next pause begins.
    pub fn lets_through(&mut self, now: Timestamp) -> bool {
        let may = self.is_passable(now);
        if may && self.failures >= self.most {
            self.closed_from = now + self.pause;
        }
        may
    }

    /// A request was answered.
    pub const fn succeed(&mut self) {
        self.failures = 0;
    }

    /// A request failed.
    pub fn fail(&mut self, now: Timestamp) {
        self.failures = self.failures.saturating_add(1);
        self.closed_from = now + self.pause;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_778_554_800_000);

    #[test]
    fn failures_in_a_row_open_it_and_one_success_closes_it() {
        let mut breaker = Breaker::new(3, Span::minutes(1));
        for _ in 0..5 {
            breaker.fail(NOW);
            breaker.fail(NOW);
            breaker.succeed();
        }
        assert!(breaker.lets_through(NOW), "never three in a row");
        (0..3).for_each(|_| breaker.fail(NOW));
        assert!(!breaker.lets_through(NOW + Span::seconds(59)));
        assert!(breaker.lets_through(NOW + Span::minutes(1)), "one finds out");
        assert!(!breaker.lets_through(NOW + Span::minutes(1)), "the others wait for what it finds");
        breaker.fail(NOW + Span::minutes(1));
        assert!(!breaker.lets_through(NOW + Span::seconds(119)));
        assert!(breaker.lets_through(NOW + Span::minutes(2)));
        breaker.succeed();
        assert!(breaker.lets_through(NOW + Span::minutes(2)) && breaker.lets_through(NOW + Span::minutes(2)));
    }

    #[test]
    fn who_finds_out_and_never_comes_back_is_followed_by_another() {
        let mut breaker = Breaker::new(1, Span::minutes(1));
        breaker.fail(NOW);
        assert!(breaker.lets_through(NOW + Span::minutes(1)));
        assert!(breaker.lets_through(NOW + Span::minutes(2)));
    }
}
