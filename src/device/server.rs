//! The server's side: there is no browser, but there is a response.

use super::{NoPosition, SocketEvent};
use crate::shared::form::Refused;
use crate::shared::time::Timestamp;

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
pub async fn locate() -> Result<(f64, f64), NoPosition> {
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

/// A document's title as this side needs it: Leptos writes it into the document unescaped, so it is escaped here.
#[must_use]
pub fn title(text: String) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
