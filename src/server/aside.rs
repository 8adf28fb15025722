//! Computations that keep a core busy for milliseconds, on threads of their own that let everybody else go first.

use rustix::process::setpriority_process;
use std::thread;
use tokio::sync::oneshot;

/// The nice value of these threads, see `sched(7)`. Beside others they get about a tenth of a core (a weight of 110 to 1024), and all of
/// one that nobody else wants.
const NICE: i32 = 10;

/// What `work` makes of it. It goes on when nobody waits any more, so whoever counts what is under way must do so within `work`.
///
/// # Errors
/// Why there is nothing: `work` panicked, or no thread could be started.
pub async fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, String> {
    let (done, result) = oneshot::channel();
    // A thread takes microseconds to start. None of a pool's would do: without privileges, nobody gets back what they have given up.
    let thread = thread::Builder::new().name("aside".to_owned()).spawn(move || {
        // Of this thread: Linux keeps a nice value for each. Where that is refused, the work is done all the same.
        if let Err(error) = setpriority_process(None, NICE) {
            tracing::debug!(%error, "a thread keeps its priority");
        }
        // Whoever asked may be gone.
        let _ = done.send(work());
    });
    thread.map_err(|error| error.to_string())?;
    result.await.map_err(|_| "it panicked".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::process::getpriority_process;

    #[tokio::test]
    async fn only_what_is_put_aside_lets_others_go_first() {
        let before = getpriority_process(None).expect("priority");
        let there = aside(|| getpriority_process(None).expect("priority")).await;
        assert_eq!(there, Ok(NICE.max(before)));
        assert_eq!(getpriority_process(None), Ok(before));
    }

    #[tokio::test]
    async fn a_panic_is_an_error() {
        assert!(aside(|| panic!("on purpose")).await.is_err());
    }
}
