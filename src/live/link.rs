//! How the connection of a tab is.

/// How the connection is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Link {
    /// Nobody is signed in, or the page has only just come.
    #[default]
    Idle,
    /// It is being made.
    Connecting {
        /// It stood before, or was tried before.
        again: bool,
    },
    /// It stands.
    Online,
    /// It is gone; it is made again in so many seconds.
    Offline {
        /// At least 1.
        seconds: u32,
    },
    /// The session has ended; it does not come back.
    Ended,
    /// This page is too old for the server; it does not come back.
    Outdated,
}
