//! One question at a time.

use super::state::StoredValue;
use leptos::task::spawn_local;
use std::pin::Pin;

/// Keeps answers of the same question in their order: one is asked at a time, and what happens meanwhile asks once more.
#[derive(Clone, Copy, Debug)]
pub struct Turns {
    is_busy: StoredValue<bool>,
    is_late: StoredValue<bool>,
}

impl Turns {
    /// Nothing is asked yet. It belongs to the present owner.
    #[must_use]
    pub fn new() -> Self {
        Self { is_busy: StoredValue::new(false), is_late: StoredValue::new(false) }
    }

    /// Asks now, or once more when the present answer has come.
    pub fn take<F: Future<Output = ()> + 'static>(self, ask: impl Fn() -> F + 'static) {
        self.take_boxed(Box::new(move || Box::pin(ask())));
    }

    fn take_boxed(self, ask: Box<dyn Fn() -> Pin<Box<dyn Future<Output = ()>>>>) {
        self.is_late.set_value(true);
        if self.is_busy.get_value() {
            return;
        }
        self.is_busy.set_value(true);
        spawn_local(async move {
            // The page may be gone by now.
            while self.is_late.try_get_value() == Some(true) {
                self.is_late.set_value(false);
                ask().await;
            }
            let _ = self.is_busy.try_set_value(false);
        });
    }
}

impl Default for Turns {
    fn default() -> Self {
        Self::new()
    }
}
