//! Sign-in providers: a real one, started for a test, and the browser of somebody who signs in there.

use axum::body::Bytes;
use axum::http::{Method, Request, Response, header};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::json;
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use url::Url;

/// What this server is called there, and how it proves that it is: those of `end2end/peers/oidc.mjs`.
pub const CLIENT: (&str, &str) = ("moim", "a secret that two sides of a test share");
/// The provider's name at the node under test.
pub const PROVIDER: &str = "campus";
/// Pages between leaving and coming back, at most.
const MOST_STEPS: usize = 20;

/// `oidc-provider` from npm. It ends with this value.
pub struct OidcProvider {
    child: Child,
    /// It would not outlive a closed one.
    _stdout: BufReader<ChildStdout>,
    issuer: String,
}

impl OidcProvider {
    /// One that says no more in its token than it must, and takes a client's secret in the header.
    pub async fn start() -> Self {
        Self::start_as("less", "client_secret_basic").await
    }

    /// One that `says` and `takes` what `end2end/peers/oidc.mjs` explains.
    pub async fn start_as(says: &'static str, takes: &'static str) -> Self {
        tokio::task::spawn_blocking(move || {
            let root = Path::new(env!("CARGO_MANIFEST_DIR"));
            let how = json!({ "callbacks": [format!("http://moim.test/oidc/callback/{PROVIDER}")], "says": says, "takes": takes });
            let mut child = Command::new("node")
                .arg(root.join("end2end/peers/oidc.mjs"))
                .arg(how.to_string())
                // It ends when this pipe does, also with a test that is killed.
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .stderr(Stdio::null())
                .spawn()
                .expect("node runs");
            let mut issuer = String::new();
            let mut stdout = BufReader::new(child.stdout.take().expect("piped"));
            stdout.read_line(&mut issuer).expect("a line");
            assert!(issuer.starts_with("http://127.0.0.1:"), "the provider did not start (is node_modules there?): {issuer}");
            Self { child, _stdout: stdout, issuer: issuer.trim().to_owned() }
        })
        .await
        .expect("it was not stopped")
    }

    /// Its address.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// Ends it.
    pub fn stop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Signs in there as `login` with a new browser and follows every way that leads on: the path of ours to which the
    /// provider sends back. `None` presses the button that says no.
    pub async fn visit(&self, start: &str, login: Option<&str>) -> String {
        let mut browser = Browser::default();
        let mut url = Url::parse(start).expect("an address");
        for _ in 0..MOST_STEPS {
            if !url.as_str().starts_with(&self.issuer) {
                return url[url::Position::BeforePath..].to_owned();
            }
            let answer = match (url.path().starts_with("/interaction/"), login) {
                (false, _) => browser.send(&url, None).await,
                (true, None) => browser.send(&url.join(&format!("{}/abort", url.path())).expect("joins"), None).await,
                (true, Some(login)) => browser.send(&url, Some(&[("login", login)])).await,
            };
            let to = answer.headers().get(header::LOCATION).unwrap_or_else(|| panic!("{url} leads nowhere: {}", answer.status()));
            url = url.join(to.to_str().expect("text")).expect("an address");
        }
        panic!("{start} leads round and round");
    }
}

impl Drop for OidcProvider {
    fn drop(&mut self) {
        self.stop();
    }
}

/// A browser that goes where it is sent and keeps cookies by their names.
struct Browser {
    client: Client<HttpConnector, Full<Bytes>>,
    cookies: BTreeMap<String, String>,
}

impl Default for Browser {
    fn default() -> Self {
        Self { client: Client::builder(TokioExecutor::new()).build_http(), cookies: BTreeMap::new() }
    }
}

impl Browser {
    async fn send(&mut self, url: &Url, form: Option<&[(&str, &str)]>) -> Response<Bytes> {
        let cookies: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let body = form.map(|fields| url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish());
        let request = Request::builder()
            .method(if body.is_some() { Method::POST } else { Method::GET })
            .uri(url.as_str())
            .header(header::COOKIE, cookies.join("; "))
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        let request = request.body(Full::new(Bytes::from(body.unwrap_or_default()))).expect("a request");
        let (head, body) = self.client.request(request).await.expect("an answer").into_parts();
        for cookie in head.headers.get_all(header::SET_COOKIE) {
            let (name, value) = cookie.to_str().expect("text").split(';').next().and_then(|pair| pair.split_once('=')).expect("a pair");
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
        Response::from_parts(head, body.collect().await.expect("a body").to_bytes())
    }
}
