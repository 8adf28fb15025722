//! Computations that keep a core busy for milliseconds, on threads of their own that let everybody else go first.

use crate::shared::error::AppError;
use rustix::process::setpriority_process;
use std::sync::Once;
use std::thread;
use tokio::sync::oneshot;

/// The nice value of these threads, see `sched(7)`. Beside others they get about a tenth of a core (a weight of 110 to 1024), and all of
/// one that nobody else wants.
const NICE: i32 = 10;
/// Said once.
static REFUSED: Once = Once::new();

/// What comes of `work`; `None` when it panicked. It goes on when nobody waits any more, so whoever counts what is under way must do so
/// within it.
///
/// # Errors
/// [`AppError::Internal`] when no thread can be started.
pub async fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<Option<T>, AppError> {
    let (done, result) = oneshot::channel();
    // A thread takes microseconds to start. None of a pool's would do: without privileges, nobody gets back what they have given up.
    let thread = thread::Builder::new().name("aside".to_owned()).spawn(move || {
        // Of this thread: Linux keeps a nice value for each. Where that is refused, the work is done all the same.
        if let Err(error) = setpriority_process(None, NICE) {
            REFUSED.call_once(|| tracing::warn!(%error, "long work cannot be given a lower priority"));
        }
        // Whoever asked may be gone.
        let _ = done.send(work());
    });
    thread.map_err(|error| {
        tracing::error!(%error, "no thread can be started");
        AppError::Internal
    })?;
    Ok(result.await.ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::process::getpriority_process;

    #[tokio::test]
    async fn only_what_is_put_aside_lets_others_go_first() {
        let before = getpriority_process(None).expect("priority");
        let there = aside(|| getpriority_process(None).expect("priority")).await;
        assert_eq!(there.expect("a thread"), Some(NICE.max(before)));
        assert_eq!(getpriority_process(None), Ok(before));
    }

    #[tokio::test]
    async fn nothing_comes_of_a_panic() {
        assert_eq!(aside(|| -> u8 { panic!("on purpose") }).await.expect("a thread"), None);
    }
}
