//! The browser's side.

use super::{NoPosition, SocketEvent};
use crate::shared::form::Refused;
use crate::shared::time::Timestamp;
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use wasm_bindgen_futures::JsFuture;
use web_sys::{CloseEvent, MessageEvent, Response, VisibilityState, WebSocket, window};

/// Loads another address of ours as a new document.
pub fn go_to(path: &str) {
    if let Some(window) = window() {
        let _ = window.location().assign(path);
    }
}

/// An attribute of the document's root.
#[must_use]
pub fn document_attribute(name: &str) -> Option<String> {
    window()?.document()?.document_element()?.get_attribute(name)
}

/// The body of one of our own addresses, if it can be had.
pub async fn fetch_text(path: &str) -> Option<String> {
    let response: Response = JsFuture::from(window()?.fetch_with_str(path)).await.ok()?.dyn_into().ok()?;
    if !response.ok() {
        return None;
    }
    JsFuture::from(response.text().ok()?).await.ok()?.as_string()
}

/// A form that was refused before this program had loaded is answered under the form's own address; the router needs the
/// page's.
pub fn restore_address() {
    if let (Some(path), Some(window)) = (document_attribute("data-page"), window())
        && let Ok(history) = window.history()
    {
        let _ = history.replace_state_with_url(&wasm_bindgen::JsValue::NULL, "", Some(&path));
    }
}

/// Tells style sheets and tests that the page answers now.
pub fn mark_ready() {
    if let Some(root) = window().and_then(|w| w.document()).and_then(|d| d.document_element()) {
        let _ = root.set_attribute("data-ready", "");
    }
}

/// The status of a document is written before the browser's program runs.
pub fn set_status(_status: u16) {}

/// Only the server meets refused forms; the document carries them here.
#[must_use]
pub fn refused() -> Option<Refused> {
    None
}

/// Sets or removes an attribute of the document's root.
pub fn set_document_attribute(name: &str, value: Option<&str>) {
    let Some(root) = window().and_then(|w| w.document()).and_then(|d| d.document_element()) else { return };
    let _ = match value {
        Some(value) => root.set_attribute(name, value),
        None => root.remove_attribute(name),
    };
}

/// The present moment, by the device's clock.
#[must_use]
pub fn now() -> Timestamp {
    Timestamp(js_sys::Date::now() as i64)
}

/// Asks for the device's position: latitude and longitude in degrees (WGS 84). One from the last five minutes will do.
///
/// # Errors
/// Why it is not known; after ten seconds at the latest.
pub async fn locate() -> Result<(f64, f64), NoPosition> {
    let geolocation = window().and_then(|w| w.navigator().geolocation().ok()).ok_or(NoPosition::Unknown)?;
    let options = web_sys::PositionOptions::new();
    options.set_timeout(10_000);
    options.set_maximum_age(300_000);
    let asked = js_sys::Promise::new(&mut |found, failed| {
        if geolocation.get_current_position_with_error_callback_and_options(&found, Some(&failed), &options).is_err() {
            let _ = failed.call0(&wasm_bindgen::JsValue::NULL);
        }
    });
    match JsFuture::from(asked).await {
        Ok(position) => {
            let coords = js_sys::Reflect::get(&position, &"coords".into()).map_err(|_| NoPosition::Unknown)?;
            number(&coords, "latitude").zip(number(&coords, "longitude")).ok_or(NoPosition::Unknown)
        }
        Err(error) => Err(if number(&error, "code") == Some(PERMISSION_DENIED) { NoPosition::Denied } else { NoPosition::Unknown }),
    }
}

/// `GeolocationPositionError.PERMISSION_DENIED`; the bindings have that type only among their unstable ones.
const PERMISSION_DENIED: f64 = 1.0;

fn number(object: &wasm_bindgen::JsValue, name: &str) -> Option<f64> {
    js_sys::Reflect::get(object, &name.into()).ok()?.as_f64()
}

/// Opens the tab's live connection to one of our own addresses, such as `/ws?v=1`; one that was open before is closed
/// without a word. `hear` is told what happens to it. Whether the browser tries.
pub fn socket_open(path: &str, hear: impl Fn(SocketEvent) + 'static) -> bool {
    socket_close();
    let Some(location) = window().map(|window| window.location()) else { return false };
    let (Ok(protocol), Ok(host)) = (location.protocol(), location.host()) else { return false };
    let scheme = if protocol == "https:" { "wss" } else { "ws" };
    let Ok(socket) = WebSocket::new(&format!("{scheme}://{host}{path}")) else { return false };
    let hear = Rc::new(hear);
    let opened = Closure::<dyn Fn()>::new({
        let hear = hear.clone();
        move || hear(SocketEvent::Opened)
    });
    let said = Closure::<dyn Fn(MessageEvent)>::new({
        let hear = hear.clone();
        move |event: MessageEvent| {
            if let Some(text) = event.data().as_string() {
                hear(SocketEvent::Text(text));
            }
        }
    });
    let closed = Closure::<dyn Fn(CloseEvent)>::new(move |event: CloseEvent| hear(SocketEvent::Closed(event.code())));
    socket.set_onopen(Some(opened.as_ref().unchecked_ref()));
    socket.set_onmessage(Some(said.as_ref().unchecked_ref()));
    socket.set_onclose(Some(closed.as_ref().unchecked_ref()));
    SOCKET.with(|slot| slot.replace(Some(Line { socket, _ears: (opened, said, closed) })));
    true
}

/// Says something over the live connection; whether it was open.
pub fn socket_send(text: &str) -> bool {
    SOCKET.with(|slot| {
        let slot = slot.borrow();
        slot.as_ref().is_some_and(|line| line.socket.ready_state() == WebSocket::OPEN && line.socket.send_with_str(text).is_ok())
    })
}

/// Closes the live connection without being told of it.
pub fn socket_close() {
    if let Some(line) = SOCKET.with(|slot| slot.replace(None)) {
        line.socket.set_onopen(None);
        line.socket.set_onmessage(None);
        line.socket.set_onclose(None);
        // It may be closed already.
        let _ = line.socket.close();
        // An ear may be what is running now; it must outlive the call.
        wasm_bindgen_futures::spawn_local(async move { drop(line) });
    }
}

/// The handlers of a socket, which live as long as it does: opened, message, closed.
type Ears = (Closure<dyn Fn()>, Closure<dyn Fn(MessageEvent)>, Closure<dyn Fn(CloseEvent)>);

struct Line {
    socket: WebSocket,
    _ears: Ears,
}

thread_local! {
    static SOCKET: RefCell<Option<Line>> = const { RefCell::new(None) };
}

/// Calls `hear` for as long as the document lives whenever the network comes or goes, or the tab is shown or hidden.
pub fn on_wake(hear: impl Fn() + 'static) {
    let Some(window) = window() else { return };
    let hear = Closure::<dyn Fn()>::new(hear);
    let ear = hear.as_ref().unchecked_ref();
    for name in ["online", "offline", "pageshow", "focus"] {
        let _ = window.add_event_listener_with_callback(name, ear);
    }
    if let Some(document) = window.document() {
        let _ = document.add_event_listener_with_callback("visibilitychange", ear);
    }
    hear.forget();
}

/// Whether the browser believes that there is a network.
#[must_use]
pub fn is_online() -> bool {
    window().is_none_or(|window| window.navigator().on_line())
}

/// Whether somebody can see this tab.
#[must_use]
pub fn is_visible() -> bool {
    window().and_then(|window| window.document()).is_none_or(|document| document.visibility_state() == VisibilityState::Visible)
}

/// What this tab keeps under a name until it is closed.
#[must_use]
pub fn tab_get(name: &str) -> Option<String> {
    window()?.session_storage().ok()??.get_item(name).ok()?
}

/// Keeps something under a name until the tab is closed, or forgets it.
pub fn tab_set(name: &str, value: Option<&str>) {
    let Some(storage) = window().and_then(|window| window.session_storage().ok().flatten()) else { return };
    // A full or forbidden storage keeps nothing; the page itself still has it.
    let _ = match value {
        Some(value) => storage.set_item(name, value),
        None => storage.remove_item(name),
    };
}

/// A number from 0 to 1, for spreading load; not for secrets.
#[must_use]
pub fn random() -> f64 {
    js_sys::Math::random()
}

/// A document's title as this side needs it: here it is set as text.
#[must_use]
pub fn title(text: String) -> String {
    text
}
