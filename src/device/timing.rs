//! Work for later. Each closure that leptos is given brings a copy of what runs it into the browser's program; these give it
//! one type each.

use leptos::prelude::{Effect, request_animation_frame, set_timeout};
use std::time::Duration;

/// Runs as soon as the page stands and whenever what it depends on changes. Only in the browser.
pub fn effect(mut run: impl FnMut() + 'static) {
    let run: Box<dyn FnMut(Option<()>)> = Box::new(move |_| run());
    Effect::new(run);
}

/// Runs once, after a while. Only in the browser.
pub fn later(run: impl FnOnce() + 'static, after: Duration) {
    let run: Box<dyn FnOnce()> = Box::new(run);
    set_timeout(run, after);
}

/// Runs once, before the next frame is drawn. Only in the browser.
pub fn next_frame(run: impl FnOnce() + 'static) {
    let run: Box<dyn FnOnce()> = Box::new(run);
    request_animation_frame(run);
}
