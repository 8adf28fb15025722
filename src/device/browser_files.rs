//! The browser's side of files that people choose.

use super::side::{fetch, number};
use crate::shared::error::AppError;
use crate::shared::json;
use leptos::ev::SubmitEvent;
use send_wrapper::SendWrapper;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{FormData, HtmlFormElement, HtmlInputElement, Url};

/// A file that somebody chose.
#[derive(Clone, Debug)]
pub struct File(SendWrapper<web_sys::Blob>);

impl File {
    /// Its length in bytes.
    #[must_use]
    pub fn size(&self) -> usize {
        number(&self.0, "size").unwrap_or_default() as usize
    }

    /// An address under which this document can show it.
    #[must_use]
    pub fn preview(&self) -> String {
        Url::create_object_url_with_blob(&self.0).unwrap_or_default()
    }
}

/// Ends an address of [`File::preview`]: until then the browser keeps the file.
pub fn forget_preview(address: &str) {
    let _ = Url::revoke_object_url(address);
}

/// The files of a chooser; it is empty afterwards, so that the same file can be chosen again.
#[must_use]
pub fn chosen_files(chooser: &HtmlInputElement) -> Vec<File> {
    let files = files(chooser);
    if !files.is_empty() {
        chooser.set_value("");
    }
    files
}

/// The first file of a chooser, which keeps it for its form.
#[must_use]
pub fn chosen_file(chooser: &HtmlInputElement) -> Option<File> {
    files(chooser).into_iter().next()
}

/// By its names: each type and function of the bindings is paid by every page.
fn files(chooser: &JsValue) -> Vec<File> {
    let files = js_sys::Reflect::get(chooser, &"files".into()).unwrap_or_default();
    js_sys::Array::from(&files).iter().map(|file| File(SendWrapper::new(file.unchecked_into()))).collect()
}

/// Sends a file as the field `image` and reads the text that the server function answers with.
///
/// # Errors
/// Those of the server function; [`AppError::Offline`] when it could not be reached.
pub async fn upload(path: &str, file: &File) -> Result<String, AppError> {
    let form = FormData::new().map_err(|_| AppError::Internal)?;
    form.append_with_blob("image", &file.0).map_err(|_| AppError::Internal)?;
    let answer = fetch(path, Some(&form)).await?;
    json::read(&answer).ok_or(AppError::Internal)
}

/// Sends a form with its files and goes where the answer leads.
///
/// # Errors
/// Those of the server function; [`AppError::Offline`] when it could not be reached.
pub async fn send_files(path: &str, form: FilledForm) -> Result<(), AppError> {
    fetch(path, Some(&*form.0)).await.map(drop)
}

/// What a form held when it was sent.
#[derive(Clone, Debug)]
pub struct FilledForm(SendWrapper<FormData>);

/// What the form of an event holds.
#[must_use]
pub fn filled_form(event: &SubmitEvent) -> Option<FilledForm> {
    let form: HtmlFormElement = event.current_target()?.dyn_into().ok()?;
    FormData::new_with_form(&form).ok().map(|form| FilledForm(SendWrapper::new(form)))
}
