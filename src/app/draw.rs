//! Draws a page: runs the application for one request and writes down all of it.
//!
//! `leptos_axum` does this for pages that are sent part by part. All of ours are there as a whole before their first byte goes
//! (`SsrMode::Async`), so they go as one text, and what their resources answered is written into them once, by [`literal`]: the
//! library asks of each character whether it can be printed, which cost more than reading the answers from the database.

use super::texts;
use crate::shared::text::lang;
use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderValue, header};
use axum::response::Response;
use futures_util::StreamExt;
use futures_util::stream::once;
use hydration_context::{SharedContext, SsrSharedContext};
use leptos::nonce::{provide_nonce, use_nonce};
use leptos::prelude::{IntoView, Owner, ReadValue, RenderHtml, provide_context, use_context, view};
use leptos::reactive::owner::Sandboxed;
use leptos::{PrefetchLazyFn, WasmSplitManifest};
use leptos_axum::ResponseOptions;
use leptos_meta::{Link, ServerMetaContext};
use leptos_router::components::provide_server_redirect;
use leptos_router::location::RequestUrl;
use std::future::ready;
use std::pin::pin;
use std::sync::{Arc, PoisonError};

/// The page that `document` makes of a request. `contexts` provides what it needs beside the library's own: the request's head and
/// the response's options.
pub(super) async fn page<V>(contexts: impl Fn() + Send, document: impl Fn() -> V + Send, request: Request) -> Response
where
    V: IntoView + 'static,
{
    let options = ResponseOptions::default();
    let html = Sandboxed::new(written(contexts, document, request, options.clone())).await;
    let decided = std::mem::take(&mut *options.0.write().unwrap_or_else(PoisonError::into_inner));
    let mut response = Response::new(Body::from(html));
    if let Some(status) = decided.status {
        *response.status_mut() = status;
    }
    response.headers_mut().extend(decided.headers);
    response.headers_mut().entry(header::CONTENT_TYPE).or_insert(HeaderValue::from_static("text/html; charset=utf-8"));
    response
}

async fn written<V>(contexts: impl Fn() + Send, document: impl Fn() -> V + Send, request: Request, options: ResponseOptions) -> String
where
    V: IntoView + 'static,
{
    let shared = Arc::new(SsrSharedContext::new());
    let owner = Owner::new_root(Some(shared.clone()));
    let (meta, heard) = ServerMetaContext::new();
    let lazy = PrefetchLazyFn::default();
    let (parts, _) = request.into_parts();
    // The router reads the path and the question of it; whose they are is of no account.
    let address = format!("http://leptos.dev{}", parts.uri.path_and_query().map_or("/", |address| address.as_str()));
    let (body, nonce) = owner.with(|| {
        provide_context(RequestUrl::new(&address));
        provide_context(meta);
        provide_context(parts);
        provide_context(options);
        provide_server_redirect(leptos_axum::redirect);
        provide_nonce();
        provide_context(lazy.clone());
        contexts();
        (document().to_html_stream_in_order(), use_nonce())
    });
    let body = body.collect::<String>().await;
    while let Some(waiting) = shared.await_deferred() {
        waiting.await;
    }
    owner.with(|| preload(&lazy));
    let mut html = pin!(heard.inject_meta_context(once(ready(body))).await).next().await.unwrap_or_default();
    answers(&mut html, nonce.as_deref(), &shared.consume_buffers().await);
    owner.unset_with_forced_cleanup();
    html
}

/// What the manifest of lazy parts has for a page that says more than what every page says (`scripts/parts.mjs`).
const MORE: &str = "more";

/// Names the parts of the browser's program that the page needs in its head, so that they are fetched beside the entry.
fn preload(lazy: &PrefetchLazyFn) {
    let (lazy, manifest) = (lazy.0.read_value(), use_context::<WasmSplitManifest>());
    let Some(manifest) = manifest.as_ref().and_then(|manifest| manifest.0.try_read_value()).filter(|_| !lazy.is_empty()) else { return };
    let (directory, files, loader) = &*manifest;
    // What the library's tags come to goes to the page's head, not to where they stand.
    for file in lazy.iter().filter_map(|name| files.get(*name)).flatten() {
        let (href, kind) = match file.as_str() {
            MORE => (texts::files(lang()).more.path.clone(), "text/plain"),
            _ => (format!("{directory}/{file}.wasm"), "application/wasm"),
        };
        view! { <Link rel="preload" href as_="fetch" type_=kind crossorigin=""/> }.to_html();
    }
    view! { <Link rel="modulepreload" href=format!("{directory}/{loader}") crossorigin=""/> }.to_html();
}

/// Writes what the page's resources answered, for the browser's program, under the names that the library reads.
fn answers(html: &mut String, nonce: Option<&str>, answers: &[(hydration_context::SerializedDataId, String)]) {
    html.reserve(256 + answers.iter().map(|(_, answer)| answer.len() + answer.len() / 8 + 32).sum::<usize>());
    html.push_str("<script");
    if let Some(nonce) = nonce {
        html.push_str(" nonce=\"");
        html.push_str(nonce);
        html.push('"');
    }
    html.push_str(">__RESOLVED_RESOURCES=[];__SERIALIZED_ERRORS=[];__PENDING_RESOURCES=[];__RESOURCE_RESOLVERS=[];__INCOMPLETE_CHUNKS=[];");
    for (id, answer) in answers {
        html.push_str("__RESOLVED_RESOURCES[");
        html.push_str(&id.clone().into_inner().to_string());
        html.push_str("]=");
        literal(html, answer);
        html.push(';');
    }
    html.push_str("</script>");
}

/// A text as a literal of JavaScript inside a page. In single quotes, because JSON is full of double ones.
fn literal(html: &mut String, text: &str) {
    html.push('\'');
    let mut plain = 0;
    for (at, byte) in text.bytes().enumerate() {
        let escaped = match byte {
            b'\'' => "\\'",
            b'\\' => "\\\\",
            // No end of a script, and no beginning of a comment, is seen inside.
            b'<' => "\\u003c",
            b'\n' => "\\n",
            b'\r' => "\\r",
            _ => continue,
        };
        html.push_str(&text[plain..at]);
        html.push_str(escaped);
        plain = at + 1;
    }
    html.push_str(&text[plain..]);
    html.push('\'');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_in_a_script_ends_neither_itself_nor_the_script() {
        let mut html = String::new();
        literal(&mut html, "{\"a\":\"</script><!-- it's \\\" 밥\n\r\"}");
        assert_eq!(html, r#"'{"a":"\u003c/script>\u003c!-- it\'s \\" 밥\n\r"}'"#);
    }

    #[test]
    fn what_was_answered_stands_under_its_number() {
        let mut html = String::new();
        answers(&mut html, Some("abc"), &[(hydration_context::SerializedDataId::new(6), "null".to_owned())]);
        assert!(html.starts_with("<script nonce=\"abc\">__RESOLVED_RESOURCES=[];"), "{html}");
        assert!(html.ends_with("__RESOLVED_RESOURCES[6]='null';</script>"), "{html}");
        assert_eq!(html.matches("<script").count(), 1);
    }
}
