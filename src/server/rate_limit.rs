//! Throttles: so many attempts of a kind by one account or address in a window.

use crate::shared::error::AppError;
use crate::shared::time::{Span, Timestamp};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// Keys kept at once. At the bound the windows that have passed are dropped, then the oldest.
const MAX_KEYS: usize = 100_000;

/// A bound on attempts.
#[derive(Clone, Copy, Debug)]
pub struct Limit {
    /// What is bounded; part of the key.
    pub name: &'static str,
    /// Attempts in a window.
    pub attempts: u32,
    /// The window's length.
    pub window: Span,
}

/// Counts attempts in fixed windows that begin with the first attempt. One per node.
#[derive(Debug, Default)]
pub struct RateLimiter {
    windows: Mutex<HashMap<(&'static str, String), Window>>,
}

#[derive(Clone, Copy, Debug)]
struct Window {
    ends: Timestamp,
    attempts: u32,
}

impl RateLimiter {
    /// Counts an attempt.
    ///
    /// # Errors
    /// [`AppError::SlowDown`] with the seconds until the window ends, when the bound is passed.
    pub fn attempt(&self, limit: Limit, who: &str, now: Timestamp) -> Result<(), AppError> {
        let mut windows = self.windows.lock().unwrap_or_else(PoisonError::into_inner);
        if windows.len() >= MAX_KEYS {
            make_room(&mut windows, now);
        }
        let window = windows.entry((limit.name, who.to_owned())).or_insert(Window { ends: now + limit.window, attempts: 0 });
        if window.ends <= now {
            *window = Window { ends: now + limit.window, attempts: 0 };
        }
        window.attempts = window.attempts.saturating_add(1);
        if window.attempts > limit.attempts {
            let left = (window.ends - now).0;
            return Err(AppError::SlowDown { seconds: u32::try_from((left + 999) / 1_000).unwrap_or(u32::MAX).max(1) });
        }
        Ok(())
    }

    /// Forgets the attempts of one who succeeded.
    pub fn forget(&self, limit: Limit, who: &str) {
        self.windows.lock().unwrap_or_else(PoisonError::into_inner).remove(&(limit.name, who.to_owned()));
    }

    /// Takes back one attempt that turned out to be right, where only wrong ones are bounded.
    pub fn take_back(&self, limit: Limit, who: &str) {
        let mut windows = self.windows.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(window) = windows.get_mut(&(limit.name, who.to_owned())) {
            window.attempts = window.attempts.saturating_sub(1);
        }
    }
}

fn make_room(windows: &mut HashMap<(&'static str, String), Window>, now: Timestamp) {
    windows.retain(|_, window| window.ends > now);
    if windows.len() >= MAX_KEYS {
        let oldest = windows.iter().min_by_key(|(_, window)| window.ends).map(|(key, _)| key.clone());
        if let Some(key) = oldest {
            windows.remove(&key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: Limit = Limit { name: "test", attempts: 2, window: Span::seconds(10) };

    #[test]
    fn the_bound_holds_for_its_window_and_key() {
        let limiter = RateLimiter::default();
        let start = Timestamp(1_000);
        assert_eq!(limiter.attempt(LIMIT, "a", start), Ok(()));
        assert_eq!(limiter.attempt(LIMIT, "a", start), Ok(()));
        assert_eq!(limiter.attempt(LIMIT, "a", start + Span(1)), Err(AppError::SlowDown { seconds: 10 }));
        assert_eq!(limiter.attempt(LIMIT, "b", start), Ok(()));
        assert_eq!(limiter.attempt(LIMIT, "a", start + Span::seconds(10)), Ok(()));
    }

    #[test]
    fn right_attempts_are_taken_back() {
        let limiter = RateLimiter::default();
        for _ in 0..10 {
            assert_eq!(limiter.attempt(LIMIT, "a", Timestamp(0)), Ok(()));
            limiter.take_back(LIMIT, "a");
        }
        limiter.take_back(LIMIT, "nobody");
    }
}
