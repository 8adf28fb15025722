//! The browser's side.

use super::{NoPosition, Shared, SocketEvent};
use crate::shared::error::AppError;
use crate::shared::form::Refused;
use crate::shared::json;
use crate::shared::time::Timestamp;
use leptos::ev::SubmitEvent;
use leptos::server_fn::ServerFn;
use leptos::server_fn::redirect::REDIRECT_HEADER;
use send_wrapper::SendWrapper;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    CloseEvent, FormData, Headers, HtmlFormElement, MessageEvent, RequestInit, Response, UrlSearchParams, VisibilityState, WebSocket,
    window,
};

/// Loads another address of ours as a new document.
pub fn go_to(path: &str) {
    if let Some(window) = window() {
        let _ = window.location().assign(path);
    }
}

/// Goes back to the page before, as the browser's own button does.
pub fn go_back() {
    if let Some(history) = window().and_then(|window| window.history().ok()) {
        // A page without a past stays where it is.
        let _ = history.back();
    }
}

/// Shares the page: with the system's own sheet where there is one, else by copying its address.
pub async fn share(title: &str) -> Shared {
    let Some(window) = window() else { return Shared::Refused };
    let (Ok(address), navigator) = (window.location().href(), window.navigator()) else { return Shared::Refused };
    // Not every browser has these, and not on every page.
    let has = |what: &str| js_sys::Reflect::get(&navigator, &what.into()).is_ok_and(|found| !found.is_undefined());
    if has("share") {
        let data = web_sys::ShareData::new();
        data.set_title(title);
        data.set_url(&address);
        match JsFuture::from(navigator.share_with_data(&data)).await {
            // Closing the sheet is an answer too; not to be allowed to open one is none.
            Err(error) if error.unchecked_ref::<js_sys::Error>().name() != "AbortError" => {}
            _ => return Shared::Sent,
        }
    }
    if copy(&address).await { Shared::Copied } else { Shared::Refused }
}

/// Puts a text into the clipboard; whether it is there.
pub async fn copy(text: &str) -> bool {
    let Some(navigator) = window().map(|window| window.navigator()) else { return false };
    let has = js_sys::Reflect::get(&navigator, &"clipboard".into()).is_ok_and(|found| !found.is_undefined());
    has && JsFuture::from(navigator.clipboard().write_text(text)).await.is_ok()
}

/// Prints the page.
pub fn print() {
    // Who has forbidden it sees nothing.
    let _ = window().map(|window| window.print());
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
    text_of(&response).await
}

async fn text_of(response: &Response) -> Option<String> {
    JsFuture::from(response.text().ok()?).await.ok()?.as_string()
}

/// Asks a server function that only reads, once.
///
/// # Errors
/// Those of the server function; [`AppError::Offline`] when it could not be reached.
pub async fn ask<A>(question: A) -> Result<A::Output, AppError>
where
    A: ServerFn<Error = AppError> + Serialize,
    A::Output: DeserializeOwned,
{
    let json = fetch(&address(&question)?, None).await?;
    json::read(&json).ok_or(AppError::Internal)
}

/// The same with the question in the request's body, where no log shows it.
///
/// # Errors
/// Those of the server function; [`AppError::Offline`] when it could not be reached.
pub async fn ask_in_body<A>(question: A) -> Result<A::Output, AppError>
where
    A: ServerFn<Error = AppError> + Serialize,
    A::Output: DeserializeOwned,
{
    let fields = serde_qs::to_string(&question).map_err(|_| AppError::BadRequest)?;
    let fields = Fields::of(&fields).ok_or(AppError::BadRequest)?;
    let json = fetch(A::PATH, Some(&fields.0)).await?;
    json::read(&json).ok_or(AppError::Internal)
}

/// Calls a server function that changes something, with the fields of a form, and goes where its answer leads.
///
/// # Errors
/// Those of the server function; [`AppError::Offline`] when it could not be reached.
pub async fn send(path: &str, fields: &Fields) -> Result<(), AppError> {
    fetch(path, Some(&fields.0)).await.map(drop)
}

/// The fields of a form.
#[derive(Clone, Debug)]
pub struct Fields(SendWrapper<UrlSearchParams>);

impl Fields {
    /// Those of a text such as `theme=dark`.
    #[must_use]
    pub fn of(text: &str) -> Option<Self> {
        UrlSearchParams::new_with_str(text).ok().map(|fields| Self(SendWrapper::new(fields)))
    }
}

/// The fields of a form that is being sent, as a body for [`send`].
#[must_use]
pub fn form_fields(event: &SubmitEvent) -> Option<Fields> {
    let form: HtmlFormElement = event.current_target()?.dyn_into().ok()?;
    let fields = FormData::new_with_form(&form).ok()?;
    UrlSearchParams::new_with_str_sequence_sequence(&fields).ok().map(|fields| Fields(SendWrapper::new(fields)))
}

/// The names and texts of the fields of a form that is being sent.
#[must_use]
pub fn form_values(event: &SubmitEvent) -> Vec<(String, String)> {
    let form = event.current_target().and_then(|form| form.dyn_into::<HtmlFormElement>().ok());
    let Some(fields) = form.and_then(|form| FormData::new_with_form(&form).ok()) else { return Vec::new() };
    let pair = |pair: wasm_bindgen::JsValue| {
        let pair: js_sys::Array = pair.dyn_into().ok()?;
        Some((pair.get(0).as_string()?, pair.get(1).as_string()?))
    };
    js_sys::Array::from(&fields).iter().filter_map(pair).collect()
}

pub(super) fn address<A: ServerFn + Serialize>(question: &A) -> Result<String, AppError> {
    let question = serde_qs::to_string(question).map_err(|_| AppError::BadRequest)?;
    Ok(format!("{}?{question}", A::PATH))
}

pub(super) fn decode<T: DeserializeOwned>(json: impl AsRef<str>) -> Result<T, AppError> {
    json::read(json.as_ref()).unwrap_or(Err(AppError::Internal))
}

/// The body of an answer; a refusal as the error that it says. With a body, which says itself what it is, it is a POST.
pub(super) async fn fetch(address: &str, body: Option<&wasm_bindgen::JsValue>) -> Result<String, AppError> {
    let init = RequestInit::new();
    let headers = Headers::new().map_err(|_| AppError::Internal)?;
    // The names are valid, and nothing forbids them.
    let _ = headers.set("accept", "application/json");
    if let Some(body) = body {
        init.set_method("POST");
        init.set_body(body);
    }
    init.set_headers(&headers);
    let asked = window().ok_or(AppError::Offline)?.fetch_with_str_and_init(address, &init);
    let response = JsFuture::from(asked).await.map_err(|_| AppError::Offline)?;
    let response: Response = response.dyn_into().map_err(|_| AppError::Internal)?;
    let body = text_of(&response).await.ok_or(AppError::Offline)?;
    if !response.ok() {
        return Err(json::read(&body).unwrap_or(AppError::Internal));
    }
    let headers = response.headers();
    if let (Ok(true), Ok(Some(path))) = (headers.has(REDIRECT_HEADER), headers.get("location")) {
        // What exists or who is signed in has changed: the next document says so from its first byte.
        go_to(&path);
    }
    Ok(body)
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

/// The address of the page without its query.
#[must_use]
pub fn path() -> String {
    window().and_then(|window| window.location().pathname().ok()).unwrap_or_default()
}

/// Puts the form of a field back to what it was drawn with.
pub fn reset_form(field: &str) {
    let field = window().and_then(|window| window.document()).and_then(|document| document.get_element_by_id(field));
    if let Some(form) = field.and_then(|field| field.dyn_into::<web_sys::HtmlInputElement>().ok()).and_then(|field| field.form()) {
        form.reset();
    }
}

/// Scrolls an element into sight, no farther than it has to.
pub fn bring_into_sight(element: &web_sys::Element) {
    let nearest = web_sys::ScrollIntoViewOptions::new();
    nearest.set_block(web_sys::ScrollLogicalPosition::Nearest);
    element.scroll_into_view_with_scroll_into_view_options(&nearest);
}

/// Whether a media query such as `(hover: hover)` is true now.
#[must_use]
pub fn matches(query: &str) -> bool {
    window().and_then(|window| window.match_media(query).ok().flatten()).is_some_and(|found| found.matches())
}

/// Whether the document has an element that a selector finds now.
#[must_use]
pub fn is_there(selector: &str) -> bool {
    window()
        .and_then(|window| window.document())
        .is_some_and(|document| document.query_selector(selector).is_ok_and(|found| found.is_some()))
}

/// Forgets everything that this tab keeps.
pub fn tab_clear() {
    if let Some(storage) = window().and_then(|window| window.session_storage().ok().flatten()) {
        // What cannot be reached keeps nothing either.
        let _ = storage.clear();
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

/// Asks for the device's position: latitude and longitude in millionths of a degree (WGS 84). One from the last five minutes will do.
///
/// # Errors
/// Why it is not known; after ten seconds at the latest.
pub async fn locate() -> Result<(i32, i32), NoPosition> {
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
            let millionths = |name| number(&coords, name).map(|degrees| (degrees * 1e6) as i32);
            millionths("latitude").zip(millionths("longitude")).ok_or(NoPosition::Unknown)
        }
        Err(error) => Err(if number(&error, "code") == Some(PERMISSION_DENIED) { NoPosition::Denied } else { NoPosition::Unknown }),
    }
}

/// `GeolocationPositionError.PERMISSION_DENIED`; the bindings have that type only among their unstable ones.
const PERMISSION_DENIED: f64 = 1.0;

pub(super) fn number(object: &wasm_bindgen::JsValue, name: &str) -> Option<f64> {
    js_sys::Reflect::get(object, &name.into()).ok()?.as_f64()
}

/// Opens the tab's live connection to one of our own addresses, such as `/ws?v=2`; one that was open before is closed
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
