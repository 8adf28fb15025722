//! The way to somebody whom this server asks: https, or plain http on this machine for one that was configured so. No redirect is
//! followed, and no answer is read beyond a bound. Time is bounded by who asks.

use axum::body::Bytes;
use axum::http::header::{HeaderValue, USER_AGENT};
use axum::http::{Request, Response, Uri};
use http_body_util::{BodyExt, Full, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use rustls::crypto::ring;
use std::error::Error;
use std::fmt;
use std::net::IpAddr;
use url::Url;

/// Longest answer, in bytes: a sign-in provider's keys take a few thousand, and a forecast ten thousand.
const MAX_ANSWER: usize = 256 * 1024;

/// Asks one peer.
#[derive(Clone)]
pub struct Http {
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
    is_plain: bool,
}

/// Why there was no answer, or none that is of use.
#[derive(Debug)]
pub struct Fault(String);

impl From<&str> for Fault {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for Fault {}

impl Http {
    /// For a peer; `is_plain` when it is one on this machine, without TLS.
    #[must_use]
    pub fn new(is_plain: bool) -> Self {
        let connector = HttpsConnectorBuilder::new()
            .with_provider_and_webpki_roots(ring::default_provider())
            .expect("the provider knows the safe protocol versions")
            .https_or_http()
            .enable_http1()
            .build();
        // Too few come for connections to be worth keeping.
        Self { client: Client::builder(TokioExecutor::new()).pool_max_idle_per_host(0).build(connector), is_plain }
    }

    /// Reads an address.
    ///
    /// # Errors
    /// Why there was no answer, or none that is of use. Answers of any status are answers.
    pub async fn get(&self, url: &Url) -> Result<Response<Vec<u8>>, Fault> {
        let request = Request::get(url.as_str()).body(Vec::new()).map_err(|error| Fault(reason(&error)))?;
        self.ask(request).await
    }

    /// Asks.
    ///
    /// # Errors
    /// Why there was no answer, or none that is of use. Answers of any status are answers.
    pub async fn ask(&self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, Fault> {
        if !self.may_ask(request.uri()) {
            return Err(Fault::from("it names an address that is not https"));
        }
        let mut request = request.map(|body| Full::new(Bytes::from(body)));
        request.headers_mut().insert(USER_AGENT, HeaderValue::from_static("moim"));
        let (head, body) = self.client.request(request).await.map_err(|error| Fault(reason(&error)))?.into_parts();
        let body = Limited::new(body, MAX_ANSWER).collect().await.map_err(|error| Fault(reason(error.as_ref())))?;
        Ok(Response::from_parts(head, body.to_bytes().to_vec()))
    }

    /// A sign-in provider names further addresses of its own, and its word is taken for their hosts: those of Google have several. None
    /// of them may be without TLS: the secret goes there.
    fn may_ask(&self, uri: &Uri) -> bool {
        self.is_safe(uri.scheme_str(), uri.host())
    }

    /// The same for the address to which people are sent.
    #[must_use]
    pub fn may_go(&self, url: &Url) -> bool {
        self.is_safe(Some(url.scheme()), url.host_str())
    }

    fn is_safe(&self, scheme: Option<&str>, host: Option<&str>) -> bool {
        match scheme {
            Some("https") => true,
            Some("http") => self.is_plain && host.is_some_and(is_this_machine),
            _ => false,
        }
    }
}

/// Whether an address that an operator names is one that may be asked: https, or http on this machine; without a question.
#[must_use]
pub fn is_safe_address(url: &Url) -> bool {
    let is_safe = url.scheme() == "https" || (url.scheme() == "http" && url.host_str().is_some_and(is_this_machine));
    is_safe && url.query().is_none() && url.fragment().is_none()
}

/// Whether a host is always this machine.
#[must_use]
pub fn is_this_machine(host: &str) -> bool {
    let number = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    host == "localhost" || number.is_ok_and(|ip| ip.is_loopback())
}

/// An error with its causes, which say more than it does.
#[must_use]
pub fn reason(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_go_over_tls_or_stay_on_this_machine() {
        let (far, near) = (Http::new(false), Http::new(true));
        let may = |http: &Http, uri: &str| http.may_ask(&uri.parse().expect("an address"));
        for uri in ["https://id.example/token", "https://10.0.0.1/token"] {
            assert!(may(&far, uri) && may(&near, uri), "{uri}");
        }
        // People are sent nowhere else, either.
        let go = |http: &Http, url: &str| http.may_go(&Url::parse(url).expect("an address"));
        for (url, is_far, is_near) in [
            ("https://id.example/authorize", true, true),
            ("http://127.0.0.1:9/authorize", false, true),
            ("http://[::1]:9/authorize", false, true),
            ("http://id.example/authorize", false, false),
            ("javascript:alert(1)", false, false),
        ] {
            assert_eq!((go(&far, url), go(&near, url)), (is_far, is_near), "{url}");
        }
        for uri in ["http://127.0.0.1:9/token", "http://[::1]:9/token", "http://localhost:9/token"] {
            assert!(may(&near, uri) && !may(&far, uri), "{uri}");
        }
        for uri in ["http://id.example/token", "http://127.0.0.1.id.example/token", "/token", "ftp://127.0.0.1/token"] {
            assert!(!may(&near, uri) && !may(&far, uri), "{uri}");
        }
    }
}
