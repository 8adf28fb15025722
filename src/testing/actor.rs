//! Somebody who uses the node through its router, with cookies of their own.

use crate::app::openapi::DOCUMENT;
use crate::shared::error::AppError;
use crate::shared::ids::UserId;
use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use leptos::server_fn::ServerFn;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use tower::ServiceExt;

/// What came back.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body as text.
    pub body: String,
    /// The body as it came.
    pub bytes: Bytes,
}

impl Answer {
    /// Where a redirect leads.
    pub fn location(&self) -> &str {
        self.headers.get(header::LOCATION).and_then(|to| to.to_str().ok()).unwrap_or_default()
    }
}

/// A browser, more or less. Clones share their cookies, as tabs do.
#[derive(Clone)]
pub struct Actor {
    router: Router,
    cookies: Arc<Mutex<BTreeMap<String, String>>>,
    identity: Option<(UserId, String)>,
}

impl Actor {
    pub(super) fn new(router: Router) -> Self {
        Self { router, cookies: Arc::default(), identity: None }
    }

    /// The same browser, used by a member.
    pub(super) fn used_by(self, id: UserId, nickname: &str, set_cookies: &[String]) -> Self {
        for cookie in set_cookies {
            self.keep(cookie);
        }
        Self { identity: Some((id, nickname.to_owned())), ..self }
    }

    /// The member's id.
    pub fn id(&self) -> UserId {
        self.identity.as_ref().expect("a member, not a visitor").0
    }

    /// The member's id, if it is one's browser.
    pub fn known_id(&self) -> Option<UserId> {
        self.identity.as_ref().map(|(id, _)| *id)
    }

    /// What the member is called.
    pub fn nickname(&self) -> &str {
        &self.identity.as_ref().expect("a member, not a visitor").1
    }

    /// The `Cookie` header of this browser.
    pub fn cookie_header(&self) -> String {
        let cookies = self.cookies.lock().expect("cookies");
        cookies.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
    }

    /// A cookie's value.
    pub fn cookie(&self, name: &str) -> Option<String> {
        self.cookies.lock().expect("cookies").get(name).cloned()
    }

    /// Puts a cookie in, or takes it out.
    pub fn set_cookie(&self, name: &str, value: Option<&str>) {
        let mut cookies = self.cookies.lock().expect("cookies");
        match value {
            Some(value) => cookies.insert(name.to_owned(), value.to_owned()),
            None => cookies.remove(name),
        };
    }

    /// Does what a `Set-Cookie` header says.
    fn keep(&self, cookie: &str) {
        let (pair, attributes) = cookie.split_once(';').unwrap_or((cookie, ""));
        let (name, value) = pair.split_once('=').expect("a pair");
        self.set_cookie(name, (!attributes.contains("Max-Age=0;")).then_some(value));
    }

    /// Sends a request with this browser's cookies and keeps those that come back.
    pub async fn send(&self, mut request: Request<Body>) -> Answer {
        let cookie = self.cookie_header();
        if !cookie.is_empty() {
            request.headers_mut().insert(header::COOKIE, cookie.parse().expect("a header"));
        }
        let path = request.uri().path().to_owned();
        let response = self.router.clone().oneshot(request).await.expect("an answer");
        let (head, body) = response.into_parts();
        for cookie in head.headers.get_all(header::SET_COOKIE) {
            self.keep(cookie.to_str().expect("text"));
        }
        let body = to_bytes(body, usize::MAX).await.expect("a body");
        if let Some(named) = unnamed(&path, head.status) {
            panic!("{path} answers {}, and says that it refuses with {named:?}: name it in its `# Errors`", head.status);
        }
        Answer { status: head.status, headers: head.headers, body: String::from_utf8_lossy(&body).into_owned(), bytes: body }
    }

    /// Opens a page.
    pub async fn get(&self, path: &str) -> Answer {
        let request = Request::get(path).header(header::ACCEPT, "text/html").header(header::ACCEPT_LANGUAGE, "ko");
        self.send(request.body(Body::empty()).expect("a request")).await
    }

    /// Sends a plain form from a page, as a browser without JavaScript does.
    pub async fn post_form(&self, page: &str, path: &str, fields: &[(&str, &str)]) -> Answer {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let request = Request::post(path)
            .header(header::ACCEPT, "text/html")
            .header(header::ACCEPT_LANGUAGE, "ko")
            .header(header::HOST, "moim.test")
            .header(header::ORIGIN, "http://moim.test")
            .header(header::REFERER, format!("http://moim.test{page}"))
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.send(request.body(Body::from(body)).expect("a request")).await
    }

    /// Sends a form with files, each named and with its bytes: as a browser without JavaScript does from a page, or as the
    /// browser's program does.
    pub async fn post_files(&self, page: Option<&str>, path: &str, fields: &[(&str, &str)], files: &[&[u8]]) -> Answer {
        const BOUNDARY: &str = "a-boundary-of-tests";
        let mut body = Vec::new();
        for (name, value) in fields {
            body.extend(format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").into_bytes());
        }
        for file in files {
            let head = "Content-Disposition: form-data; name=\"image\"; filename=\"a.jpg\"\r\nContent-Type: image/jpeg";
            body.extend(format!("--{BOUNDARY}\r\n{head}\r\n\r\n").into_bytes());
            body.extend_from_slice(file);
            body.extend_from_slice(b"\r\n");
        }
        body.extend(format!("--{BOUNDARY}--\r\n").into_bytes());
        let request = Request::post(path)
            .header(header::ACCEPT, if page.is_some() { "text/html" } else { "application/json" })
            .header(header::ACCEPT_LANGUAGE, "ko")
            .header(header::HOST, "moim.test")
            .header(header::ORIGIN, "http://moim.test")
            .header(header::REFERER, format!("http://moim.test{}", page.unwrap_or("/")))
            .header(header::CONTENT_TYPE, format!("multipart/form-data; boundary={BOUNDARY}"));
        self.send(request.body(Body::from(body)).expect("a request")).await
    }

    /// Calls a server function with files.
    ///
    /// # Errors
    /// The refusal.
    pub async fn call_with<F>(&self, fields: &[(&str, &str)], files: &[&[u8]]) -> Result<F::Output, AppError>
    where
        F: ServerFn<Error = AppError>,
        F::Output: DeserializeOwned,
    {
        read(self.post_files(None, F::PATH, fields, files).await)
    }

    /// Calls a server function that changes something (POST), as the browser's program does.
    ///
    /// # Errors
    /// The refusal.
    pub async fn call<F>(&self, arguments: F) -> Result<F::Output, AppError>
    where
        F: ServerFn<Error = AppError> + Serialize,
        F::Output: DeserializeOwned,
    {
        read(self.send(request(Method::POST, &arguments)).await)
    }

    /// Calls a server function that only reads (GET).
    ///
    /// # Errors
    /// The refusal.
    pub async fn ask<F>(&self, arguments: F) -> Result<F::Output, AppError>
    where
        F: ServerFn<Error = AppError> + Serialize,
        F::Output: DeserializeOwned,
    {
        read(self.send(request(Method::GET, &arguments)).await)
    }

    /// The raw answer of a server function that changes something.
    pub async fn call_raw<F>(&self, arguments: F) -> Answer
    where
        F: ServerFn<Error = AppError> + Serialize,
    {
        self.send(request(Method::POST, &arguments)).await
    }
}

/// The statuses that a function's description names, where one that it refuses with is none of these.
fn unnamed(path: &str, status: StatusCode) -> Option<Vec<u16>> {
    if status.is_success() || status.is_redirection() {
        return None;
    }
    let described = DOCUMENT.operations.iter().find(|described| described.operation.path == path)?;
    let named = DOCUMENT.statuses_of(described);
    (!named.contains(&status.as_u16())).then_some(named)
}

fn request<F: ServerFn + Serialize>(method: Method, arguments: &F) -> Request<Body> {
    let query = serde_qs::to_string(arguments).expect("arguments");
    let builder = Request::builder()
        .method(method.clone())
        .header(header::ACCEPT, "application/json")
        .header(header::HOST, "moim.test")
        .header(header::ORIGIN, "http://moim.test");
    if method == Method::GET {
        return builder.uri(format!("{}?{query}", F::PATH)).body(Body::empty()).expect("a request");
    }
    builder.uri(F::PATH).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded").body(Body::from(query)).expect("a request")
}

fn read<T: DeserializeOwned>(answer: Answer) -> Result<T, AppError> {
    if answer.headers.contains_key("serverfnerror") {
        let error: AppError = serde_json::from_str(&answer.body).unwrap_or_else(|e| panic!("{e}: {}", answer.body));
        assert_eq!(error.status(), answer.status.as_u16(), "the status fits the error");
        return Err(error);
    }
    assert!(answer.status.is_success(), "{} {}", answer.status, answer.body);
    Ok(serde_json::from_str(&answer.body).unwrap_or_else(|e| panic!("{e}: {}", answer.body)))
}
