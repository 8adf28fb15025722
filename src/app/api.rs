//! Calls of server functions, from the browser's program, from plain forms and from other programs.
//!
//! Statuses follow [`AppError::status`]. A plain form that is refused is answered by the page it came from, rendered again
//! with what was typed and why it was refused, under the refusal's status; one that succeeds by a redirect.

use super::broken;
use super::openapi;
use super::server::RouteName;
use crate::features::accounts::auth::Visit;
use crate::features::chat::api::SendImages;
use crate::features::chat::writer::Writer;
use crate::features::images::api::{SetFace, UploadImage};
use crate::features::parties::api::AddPartyPictures;
use crate::features::weather::forecasts::Forecasts;
use crate::server::security;
use crate::server::state::AppState;
use crate::shared::error::AppError;
use crate::shared::form::{PlainForm, Refused};
use crate::shared::images::{MAX_BYTES, MAX_PICTURES};
use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use http_body_util::Limited;
use leptos::prelude::provide_context;
use leptos::server_fn::ServerFn;
use leptos::server_fn::axum::server_fn_paths;
use leptos::server_fn::error::SERVER_FN_ERROR_HEADER;
use std::collections::HashSet;
use std::sync::LazyLock;
use tower::ServiceExt;

/// Largest body of a call: the longest party text, percent-encoded, with room to spare.
const MAX_BODY: usize = 128 * 1024;
/// Largest form with files: one more than a message may have, so that it can be said that it is too many.
const MAX_UPLOAD: usize = (MAX_PICTURES + 1) * MAX_BYTES;
/// Those that take forms with files, and nothing else.
const UPLOADS: [&str; 4] = [UploadImage::PATH, SetFace::PATH, SendImages::PATH, AddPartyPictures::PATH];
/// Largest refusal that is read back.
const MAX_ANSWER: usize = 64 * 1024;

/// What the handler needs: the node, and the pages that refused forms are shown on.
#[derive(Clone)]
pub struct Api {
    /// The node.
    pub state: AppState,
    /// All pages.
    pub pages: Router,
    /// Where chat messages go.
    pub writer: Writer,
    /// Where the weather comes from.
    pub forecasts: Forecasts,
}

/// Answers `/api/…`.
pub async fn call(State(api): State<Api>, request: Request) -> Response {
    let name = PATHS.get(request.uri().path()).map(|path| RouteName((*path).to_owned()));
    let from_form = accepts_html(request.headers()) && request.method() == Method::POST;
    let lang = request.extensions().get::<Visit>().map(|visit| visit.preferences.lang).unwrap_or_default();
    let state = api.state.clone();
    let mut response = match answer(api, request, from_form).await {
        Ok(response) => response,
        Err(error) if from_form => broken::refusal(&state, lang, &error),
        Err(error) => refuse(&error),
    };
    if let Some(name) = name {
        response.extensions_mut().insert(name);
    }
    response
}

/// The names that exist: figures must not grow with what strangers ask for.
static PATHS: LazyLock<HashSet<&'static str>> = LazyLock::new(|| server_fn_paths().map(|(path, _)| path).collect());

/// # Errors
/// What is refused before any function is called, or without one.
async fn answer(api: Api, request: Request, from_form: bool) -> Result<Response, AppError> {
    let (mut parts, body) = request.into_parts();
    if security::is_mutation(&parts.method) && !security::is_own_origin(&parts.headers, &api.state.config) {
        return Err(AppError::Forbidden);
    }
    let page = page_of(&parts.headers);
    let headers = parts.headers.clone();
    let visit = parts.extensions.get::<Visit>().cloned().unwrap_or_default();
    let path = parts.uri.path().to_owned();
    let (typed, body) = if UPLOADS.contains(&path.as_str()) {
        (Vec::new(), upload(&headers, &visit, body)?)
    } else {
        let bytes = to_bytes(body, MAX_BODY).await.map_err(|_| AppError::TooLarge)?;
        (if from_form { typed_values(&headers, &bytes) } else { Vec::new() }, Body::from(bytes))
    };
    // Redirects and statuses are decided here, not by the form convention of the library.
    parts.headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
    let state = api.state.clone();
    let context = {
        let visit = visit.clone();
        let (writer, forecasts) = (api.writer.clone(), api.forecasts.clone());
        move || {
            provide_context(state.clone());
            provide_context(writer.clone());
            provide_context(forecasts.clone());
            provide_context(visit.preferences.lang);
            provide_context(visit.clone());
            if from_form {
                provide_context(PlainForm);
            }
        }
    };
    let answer = leptos_axum::handle_server_fns_with_context(context, Request::from_parts(parts, body)).await.into_response();
    let (mut head, body) = answer.into_parts();
    if head.headers.remove(SERVER_FN_ERROR_HEADER).is_none() {
        if head.status == StatusCode::BAD_REQUEST {
            return Err(AppError::NotFound);
        }
        return Ok(succeed(from_form, head, body, &page));
    }
    let body = to_bytes(body, MAX_ANSWER).await.map_err(|_| AppError::Internal)?;
    let error: AppError = serde_json::from_slice(&body).unwrap_or(AppError::Internal);
    if !from_form {
        return Ok(with_cookies(refuse(&error), &head.headers));
    }
    if error == AppError::SignInRequired {
        let next: String = url::form_urlencoded::byte_serialize(page.as_bytes()).collect();
        return Ok(redirect(&format!("/sign-in?next={next}")));
    }
    let refused = Refused { path, values: typed, error };
    Ok(show_again(api, &page, headers, visit, refused).await)
}

/// The body of a form with files: it is read while it comes, so only its length is bounded here. A visitor's is not read at all.
///
/// # Errors
/// [`AppError::BadRequest`] for what is no such form.
fn upload(headers: &HeaderMap, visit: &Visit, body: Body) -> Result<Body, AppError> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    if multer::parse_boundary(kind).is_err() {
        return Err(AppError::BadRequest);
    }
    Ok(if visit.member.is_some() { Body::new(Limited::new(body, MAX_UPLOAD)) } else { Body::empty() })
}

/// A refusal as JSON, with its status.
#[must_use]
pub fn refuse(error: &AppError) -> Response {
    let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = (status, axum::Json(error)).into_response();
    let headers = response.headers_mut();
    headers.insert(SERVER_FN_ERROR_HEADER, HeaderValue::from_static("1"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Some(seconds) = error.retry_after() {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

fn succeed(from_form: bool, head: axum::http::response::Parts, body: Body, page: &str) -> Response {
    if !from_form {
        let mut response = Response::from_parts(head, body);
        response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        return response;
    }
    let to = head.headers.get(header::LOCATION).and_then(|to| to.to_str().ok()).unwrap_or(page).to_owned();
    with_cookies(redirect(&to), &head.headers)
}

fn redirect(to: &str) -> Response {
    let location = HeaderValue::from_str(to).unwrap_or(HeaderValue::from_static("/"));
    (StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response()
}

fn with_cookies(mut response: Response, from: &HeaderMap) -> Response {
    for cookie in from.get_all(header::SET_COOKIE) {
        response.headers_mut().append(header::SET_COOKIE, cookie.clone());
    }
    response
}

async fn show_again(api: Api, page: &str, headers: HeaderMap, visit: Visit, refused: Refused) -> Response {
    let status = StatusCode::from_u16(refused.error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let retry_after = refused.error.retry_after();
    let uri: Uri = page.parse().unwrap_or_else(|_| Uri::from_static("/"));
    let mut request = Request::new(Body::empty());
    *request.uri_mut() = uri;
    *request.headers_mut() = headers;
    for name in [header::CONTENT_LENGTH, header::CONTENT_TYPE, header::IF_NONE_MATCH] {
        request.headers_mut().remove(name);
    }
    request.extensions_mut().insert(visit);
    request.extensions_mut().insert(refused);
    let mut response = api.pages.oneshot(request).await.into_response();
    *response.status_mut() = status;
    if let Some(seconds) = retry_after {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    remember_page(&mut response, page, api.state.config.is_https());
    response
}

/// Whether a reader waits for a page.
#[must_use]
pub fn accepts_html(headers: &HeaderMap) -> bool {
    headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok()).is_some_and(|accept| accept.contains("text/html"))
}

/// The path and query of the page that a form stands on. Only ever an address of ours.
fn page_of(headers: &HeaderMap) -> String {
    let referer = headers.get(header::REFERER).and_then(|referer| referer.to_str().ok());
    let Some(url) = referer.and_then(|referer| url::Url::parse(referer).ok()) else { return "/".to_owned() };
    if url.path().starts_with("/api/") && url.path() != openapi::PAGE_PATH {
        return remembered_page(headers).unwrap_or_else(|| "/".to_owned());
    }
    // One slash, so that the address cannot name another host.
    let path = url.path().trim_start_matches('/');
    url.query().map_or_else(|| format!("/{path}"), |query| format!("/{path}?{query}"))
}

/// A refused plain form is answered under its own address, so at the next try the browser names that one as the page. The
/// page itself stands in this cookie.
const PAGE_COOKIE: &str = "moim_page";

fn remember_page(response: &mut Response, page: &str, is_https: bool) {
    let value: String = url::form_urlencoded::byte_serialize(page.as_bytes()).collect();
    let secure = if is_https { "; Secure" } else { "" };
    let cookie = format!("{PAGE_COOKIE}={value}; Path=/api; Max-Age=3600; SameSite=Lax; HttpOnly{secure}");
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
}

fn remembered_page(headers: &HeaderMap) -> Option<String> {
    let pairs = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(';'));
    let value = pairs.filter_map(|pair| pair.trim().split_once('=')).find(|(name, _)| *name == PAGE_COOKIE)?.1;
    let pair = format!("page={value}");
    let (_, page) = url::form_urlencoded::parse(pair.as_bytes()).next()?;
    (page.starts_with('/') && !page.starts_with("//") && !page.starts_with("/api/")).then(|| page.into_owned())
}

/// What was typed into a plain form, without its secrets.
fn typed_values(headers: &HeaderMap, body: &Bytes) -> Vec<(String, String)> {
    let is_form = headers
        .get(header::CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
        .is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"));
    if !is_form {
        return Vec::new();
    }
    url::form_urlencoded::parse(body)
        .filter(|(name, _)| !name.contains("password"))
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect()
}
