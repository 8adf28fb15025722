//! The server's side: there is no browser, but there is a response.

use super::{NoPosition, Shared, SocketEvent};
use crate::shared::error::AppError;
use crate::shared::form::Refused;
use crate::shared::time::Timestamp;
use leptos::ev::SubmitEvent;
use leptos::server_fn::ServerFn;

/// Asks a server function that only reads, once.
///
/// # Errors
/// Those of the server function.
pub async fn ask<A>(question: A) -> Result<A::Output, AppError>
where
    A: ServerFn<Error = AppError>,
{
    question.run_body().await
}

/// The same with the question in the request's body, where no log shows it.
///
/// # Errors
/// Those of the server function.
pub async fn ask_in_body<A>(question: A) -> Result<A::Output, AppError>
where
    A: ServerFn<Error = AppError>,
{
    question.run_body().await
}

/// Calls a server function with the fields of a form: only in the browser.
///
/// # Errors
/// Always: nobody sends a form on a server.
pub async fn send(_path: &str, _fields: &Fields) -> Result<(), AppError> {
    Err(AppError::Offline)
}

/// The fields of a form.
#[derive(Clone, Debug)]
pub struct Fields(());

impl Fields {
    /// Those of a text: only in the browser.
    #[must_use]
    pub const fn of(_text: &str) -> Option<Self> {
        None
    }
}

/// The fields of a form that is being sent: only in the browser.
#[must_use]
pub fn form_fields(_event: &SubmitEvent) -> Option<Fields> {
    None
}

/// The names and texts of those fields: only in the browser.
#[must_use]
pub fn form_values(_event: &SubmitEvent) -> Vec<(String, String)> {
    Vec::new()
}

/// Puts the form of a field back to what it was drawn with.
pub fn reset_form(_field: &str) {}

/// Scrolls an element into sight: only in the browser.
pub fn bring_into_sight(_element: &leptos::web_sys::Element) {}

/// Whether a media query is true now: only in the browser.
#[must_use]
pub fn matches(_query: &str) -> bool {
    false
}

/// Whether the document has an element that a selector finds now: only in the browser.
#[must_use]
pub fn is_there(_selector: &str) -> bool {
    false
}

/// Forgets what the tab keeps: only in the browser.
pub fn tab_clear() {}

/// Says that the page being rendered answers with this status.
pub fn set_status(status: u16) {
    use axum::http::StatusCode;
    let response = leptos::prelude::use_context::<leptos_axum::ResponseOptions>();
    if let (Some(response), Ok(status)) = (response, StatusCode::from_u16(status)) {
        response.set_status(status);
    }
}

/// The form that was refused and stands on this page, if the page answers one.
#[must_use]
pub fn refused() -> Option<Refused> {
    leptos::prelude::use_context::<axum::http::request::Parts>()?.extensions.get::<Refused>().cloned()
}

/// Loads another address of ours as a new document.
pub fn go_to(_path: &str) {}

/// An attribute of the document's root.
#[must_use]
pub fn document_attribute(_name: &str) -> Option<String> {
    None
}

/// Goes back to the page before, as the browser's own button does.
pub fn go_back() {}

/// Shares the page.
pub async fn share(_title: &str) -> Shared {
    Shared::Refused
}

/// Puts a text into the clipboard: only in the browser.
pub async fn copy(_text: &str) -> bool {
    false
}

/// Prints the page: only in the browser.
pub fn print() {}

/// Sets or removes an attribute of the document's root.
pub fn set_document_attribute(_name: &str, _value: Option<&str>) {}

/// The present moment, by the node's clock.
#[must_use]
pub fn now() -> Timestamp {
    crate::server::state::state().map(|state| state.now()).unwrap_or_default()
}

/// Asks for the device's position: latitude and longitude in degrees (WGS 84).
///
/// # Errors
/// Always: a server is nowhere.
pub async fn locate() -> Result<(i32, i32), NoPosition> {
    Err(NoPosition::Unknown)
}

/// Opens the tab's live connection to one of our own addresses; whether the browser tries.
pub fn socket_open(_path: &str, _hear: impl Fn(SocketEvent) + 'static) -> bool {
    false
}

/// Says something over the live connection; whether it was open.
pub fn socket_send(_text: &str) -> bool {
    false
}

/// Closes the live connection without being told of it.
pub fn socket_close() {}

/// Calls `hear` whenever the network comes or goes, or the tab is shown or hidden.
pub fn on_wake(_hear: impl Fn() + 'static) {}

/// Whether the browser believes that there is a network.
#[must_use]
pub fn is_online() -> bool {
    true
}

/// Whether somebody can see this tab.
#[must_use]
pub fn is_visible() -> bool {
    false
}

/// What this tab keeps under a name until it is closed.
#[must_use]
pub fn tab_get(_name: &str) -> Option<String> {
    None
}

/// Keeps something under a name until the tab is closed, or forgets it.
pub fn tab_set(_name: &str, _value: Option<&str>) {}

/// A number from 0 to 1, for spreading load; not for secrets.
#[must_use]
pub fn random() -> f64 {
    0.5
}
