//! The edge of the machine that a page runs on: the browser's abilities there, the response being written here.
//!
//! Both sides have the same functions, so pages need no conditions; what a side cannot do does nothing or answers `None`.

#[cfg(feature = "hydrate")]
#[path = "browser.rs"]
mod side;
#[cfg(not(feature = "hydrate"))]
#[path = "server.rs"]
mod side;
#[cfg(feature = "hydrate")]
#[path = "browser_files.rs"]
mod files;
#[cfg(not(feature = "hydrate"))]
#[path = "server_files.rs"]
mod files;
#[cfg(feature = "hydrate")]
#[path = "browser_document.rs"]
mod document;
#[cfg(not(feature = "hydrate"))]
#[path = "server_document.rs"]
mod document;
#[cfg(feature = "hydrate")]
#[path = "browser_loading.rs"]
mod loading;
#[cfg(not(feature = "hydrate"))]
#[path = "server_loading.rs"]
mod loading;
mod state;
mod timing;
mod turns;

pub use document::{Drawn, begin_head, description, drawn, meta, plain, title, title_format};
pub use files::{File, FilledForm, chosen_file, chosen_files, filled_form, forget_preview, send_files, upload};
pub use loading::{Loading, load};
pub use side::*;
pub use state::{Memo, RwSignal, StoredValue};
pub use timing::{effect, later, next_frame};
pub use turns::Turns;

/// Why the device's position is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoPosition {
    /// Its owner does not allow it.
    Denied,
    /// It cannot be told, at least not now.
    Unknown,
}

/// What came of sharing a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shared {
    /// The system took it, or its owner thought better of it.
    Sent,
    /// Its address is in the clipboard.
    Copied,
    /// This browser does neither.
    Refused,
}

/// What happens to the live connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SocketEvent {
    /// It stands.
    Opened,
    /// A frame.
    Text(String),
    /// It is gone, with the code of [`crate::live::protocol::close`] or the browser's.
    Closed(u16),
}
