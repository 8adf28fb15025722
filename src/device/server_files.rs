//! The server's side of files that people choose: there are none.

use crate::shared::error::AppError;
use leptos::ev::SubmitEvent;
use leptos::web_sys::HtmlInputElement;

/// A file that somebody chose.
#[derive(Clone, Debug)]
pub struct File(());

impl File {
    /// Its length in bytes.
    #[must_use]
    pub const fn size(&self) -> usize {
        0
    }

    /// An address under which this document can show it.
    #[must_use]
    pub const fn preview(&self) -> String {
        String::new()
    }
}

/// Ends an address of [`File::preview`]: only in the browser.
pub const fn forget_preview(_address: &str) {}

/// The files of a chooser: only in the browser.
#[must_use]
pub const fn chosen_files(_chooser: &HtmlInputElement) -> Vec<File> {
    Vec::new()
}

/// The first file of a chooser: only in the browser.
#[must_use]
pub const fn chosen_file(_chooser: &HtmlInputElement) -> Option<File> {
    None
}

/// Sends a file: only in the browser.
///
/// # Errors
/// Always: nobody sends a file on a server.
pub async fn upload(_path: &str, _file: &File) -> Result<String, AppError> {
    Err(AppError::Offline)
}

/// Sends a form with its files: only in the browser.
///
/// # Errors
/// Always: nobody sends a form on a server.
pub async fn send_files(_path: &str, _form: FilledForm) -> Result<(), AppError> {
    Err(AppError::Offline)
}

/// What a form held when it was sent.
#[derive(Clone, Debug)]
pub struct FilledForm(());

/// What the form of an event holds: only in the browser.
#[must_use]
pub const fn filled_form(_event: &SubmitEvent) -> Option<FilledForm> {
    None
}
