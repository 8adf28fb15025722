//! Pages that are sent as a whole: their scripts are named by what they say, so that the page is the same for everybody, byte for byte.

use super::api;
use crate::server::security::content_security_policy;
use crate::shared::error::AppError;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

/// No page is longer, in bytes: what it lists is bounded.
const LONGEST: usize = 4 * 1024 * 1024;

/// In a request: its page may be sent to others too.
#[derive(Clone, Copy, Debug)]
pub struct Whole;

/// The whole of a body; an answer instead when it breaks off.
pub(super) async fn whole(body: Body) -> Result<Bytes, Response> {
    to_bytes(body, LONGEST).await.map_err(|error| {
        tracing::error!(%error, "a page broke off");
        api::refuse(&AppError::Internal)
    })
}

/// Names the scripts of a page by their hashes instead of a nonce of this one answer, and the page by its own. A script without that
/// nonce is named by nothing, and does not run.
pub async fn named(request: Request, next: Next) -> Response {
    let is_asked = request.extensions().get::<Whole>().is_some();
    let response = next.run(request).await;
    if !is_asked || response.status() != StatusCode::OK || !super::server::is_document(&response) {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let body = match whole(body).await {
        Ok(body) => body,
        Err(refused) => return refused,
    };
    let nonce = parts.headers.get(header::CONTENT_SECURITY_POLICY).and_then(|policy| policy.to_str().ok()).and_then(nonce_of);
    let (Some(nonce), Ok(html)) = (nonce, std::str::from_utf8(&body)) else { return Response::from_parts(parts, Body::from(body)) };
    let policy = content_security_policy(&hashes(html, &nonce).join(" "));
    // The library says it also where its scripts come from, which any word does.
    let html = html.replace(&format!(" nonce=\"{nonce}\""), "").replace(&format!(" crossorigin=\"{nonce}\""), " crossorigin=\"\"");
    let tag = format!("W/\"{}\"", STANDARD.encode(Sha256::digest(html.as_bytes())));
    if let (Ok(policy), Ok(tag)) = (HeaderValue::from_str(&policy), HeaderValue::from_str(&tag)) {
        parts.headers.insert(header::CONTENT_SECURITY_POLICY, policy);
        parts.headers.insert(header::ETAG, tag);
    }
    parts.headers.remove(header::CONTENT_LENGTH);
    Response::from_parts(parts, Body::from(html))
}

fn nonce_of(policy: &str) -> Option<String> {
    Some(policy.split("'nonce-").nth(1)?.split('\'').next()?.to_owned())
}

/// What stands in each script that carries the nonce of its answer, as a policy names it (CSP level 3, 6.7.2.2); each once.
fn hashes(html: &str, nonce: &str) -> Vec<String> {
    let ours = format!(" nonce=\"{nonce}\"");
    let mut hashes: Vec<String> = Vec::new();
    let mut rest = html;
    while let Some((_, script)) = rest.split_once("<script") {
        let Some((attributes, inside)) = script.split_once('>') else { break };
        let Some((text, behind)) = inside.split_once("</script") else { break };
        rest = behind;
        // A tag that somebody left open would take in the next one with its nonce.
        let is_ours = attributes.contains(&ours) && !attributes.contains('<');
        let hash = format!("'sha256-{}'", STANDARD.encode(Sha256::digest(text.as_bytes())));
        if is_ours && !attributes.contains(" src=") && !hashes.contains(&hash) {
            hashes.push(hash);
        }
    }
    hashes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::TestApp;
    use axum::routing::get;
    use axum::{Extension, Router, middleware};

    fn hash(text: &str) -> String {
        format!("'sha256-{}'", STANDARD.encode(Sha256::digest(text.as_bytes())))
    }

    #[test]
    fn scripts_are_named_as_the_policy_has_it() {
        // The example of the specification: https://www.w3.org/TR/CSP3/#external-hash
        let own = "<script nonce=\"abc\">alert('Hello, world.');</script>";
        let html = format!("{own}<script type=module src=\"/a.js\" nonce=\"abc\"></script>{own}");
        assert_eq!(hashes(&html, "abc"), ["'sha256-qznLcsROx4GACP2dm0UCKCzCG+HiZ1guq6ZZDob/Tng='"]);
        assert_eq!(hashes("<p>none</p>", "abc"), Vec::<String>::new());
        assert_eq!(hashes("<script nonce=\"abc\">a = '<script>'</script>", "abc"), [hash("a = '<script>'")]);
        assert_eq!(nonce_of("script-src 'self' 'nonce-abc' 'wasm-unsafe-eval'").as_deref(), Some("abc"));
    }

    #[test]
    fn a_script_that_nobody_vouches_for_has_no_name() {
        for foreign in [
            "<script>evil()</script>",
            "<script type=\"module\">evil()</script>",
            "<script type=\"importmap\">{\"imports\":{}}</script>",
            "<script type=\"application/json\">{}</script>",
            "<script nonce>evil()</script>",
            "<script nonce=\"\">evil()</script>",
            "<script nonce=\"ab\">evil()</script>",
            "<script nonce=\"abcd\">evil()</script>",
            "<script data-nonce=\"abc\">evil()</script>",
            "<SCRIPT>evil()</SCRIPT>",
            // Left open, so that what stands behind it would be theirs.
            "<script>evil();",
            "<script x=\"",
            "<script src=\"https://evil.example/a.js\" x=",
        ] {
            let html = format!("<body>{foreign}<script nonce=\"abc\">own()</script>");
            let named = hashes(&html, "abc");
            assert!(named.is_empty() || named == [hash("own()")], "{foreign}: {named:?}");
        }
    }

    #[tokio::test]
    async fn what_came_into_a_page_without_its_nonce_does_not_run() {
        let html = "<script type=\"importmap\" nonce=\"abc\">{\"imports\":{}}</script><script nonce=\"abc\">own()</script><p><script>evil()</script></p>";
        let headers = [(header::CONTENT_TYPE, "text/html"), (header::CONTENT_SECURITY_POLICY, "script-src 'nonce-abc'")];
        let page = Router::new().route("/", get(move || async move { (headers, html) }));
        let page = page.layer(middleware::from_fn(named)).layer(Extension(Whole));
        let page = TestApp::visitor_of(page).get("/").await;
        let policy = page.headers[header::CONTENT_SECURITY_POLICY].to_str().expect("text");
        assert!(policy.contains(&hash("own()")) && policy.contains(&hash("{\"imports\":{}}")), "{policy}");
        assert!(!policy.contains(&hash("evil()")) && policy.matches("sha256").count() == 2, "{policy}");
        assert!(page.body.contains("<script>own()</script>") && !page.body.contains("nonce"), "{}", page.body);
    }
}
