//! Throttles: so many attempts of a kind by one account or address in a window.

use crate::shared::error::AppError;
use crate::shared::time::{Span, Timestamp};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// Keys kept at once. At the bound the windows that have passed are dropped, and of the others those that end first, so many
/// together that making room costs each attempt next to nothing.
const MAX_KEYS: usize = 100_000;
/// What is dropped together.
const ROOM: usize = MAX_KEYS / 10;

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
        // One that ends later than any that begins now was opened before the clock went back.
        if window.ends <= now || window.ends > now + limit.window {
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
    let Some(excess) = (windows.len() + ROOM).checked_sub(MAX_KEYS).filter(|excess| *excess > 0) else { return };
    let mut ends: Vec<Timestamp> = windows.values().map(|window| window.ends).collect();
    let (_, last, _) = ends.select_nth_unstable(excess - 1);
    let last = *last;
    let mut left = excess;
    windows.retain(|_, window| {
        let goes = left > 0 && window.ends <= last;
        left -= usize::from(goes);
        !goes
    });
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
    fn a_clock_that_goes_back_refuses_nobody_for_longer() {
        let limiter = RateLimiter::default();
        let later = Timestamp(0) + Span::days(2);
        for _ in 0..3 {
            let _ = limiter.attempt(LIMIT, "a", later);
        }
        assert_eq!(limiter.attempt(LIMIT, "a", Timestamp(0)), Ok(()));
        assert_eq!(limiter.attempt(LIMIT, "a", Timestamp(0)), Ok(()));
        assert_eq!(limiter.attempt(LIMIT, "a", Timestamp(0)), Err(AppError::SlowDown { seconds: 10 }));
    }

    #[test]
    fn room_is_made_for_many_at_once_and_the_youngest_stay() {
        let limiter = RateLimiter::default();
        for n in 0..MAX_KEYS {
            assert_eq!(limiter.attempt(LIMIT, &n.to_string(), Timestamp(n as i64 / 20)), Ok(()));
        }
        let now = Timestamp(MAX_KEYS as i64 / 20);
        assert_eq!(limiter.attempt(LIMIT, "one more", now), Ok(()));
        let windows = limiter.windows.lock().expect("not poisoned");
        assert_eq!(windows.len(), MAX_KEYS - ROOM + 1);
        let has = |who: usize| windows.contains_key(&(LIMIT.name, who.to_string()));
        assert!(has(MAX_KEYS - 1) && has(ROOM) && !has(0) && !has(ROOM - 1));
    }

    #[test]
    fn all_of_one_moment_are_not_dropped_together() {
        let limiter = RateLimiter::default();
        for n in 0..=MAX_KEYS {
            assert_eq!(limiter.attempt(LIMIT, &n.to_string(), Timestamp(0)), Ok(()));
        }
        assert_eq!(limiter.windows.lock().expect("not poisoned").len(), MAX_KEYS - ROOM + 1);
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
