//! The page that is left when everything else has failed: no database, no templates, no program in the browser.

use super::texts;
use crate::shared::text::{Lang, t_args_in, t_in};
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use uuid::Uuid;

/// Says that it is our fault and which number helps to find the cause in the log. `style` is the style sheet's address.
#[must_use]
pub fn page(lang: Lang, request_id: Uuid, style: &str) -> Response {
    texts::install_all();
    let title = t_in(lang, "shell.broken.title");
    let text = t_args_in(lang, "shell.broken.text", &[("id", request_id.to_string())]);
    let home = t_in(lang, "ui.trouble.home");
    let document = format!(
        r#"<!DOCTYPE html><html lang="{}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title><link rel="stylesheet" href="{style}"></head><body><main class="lost"><p class="lost__code">500</p><h1>{title}</h1>
<p class="lost__text">{text}</p><p><a class="btn btn--main" href="/">{home}</a></p></main></body></html>"#,
        lang.tag()
    );
    let policy = [(header::CONTENT_SECURITY_POLICY, "default-src 'none'; style-src 'self'; frame-ancestors 'none'")];
    (StatusCode::INTERNAL_SERVER_ERROR, policy, Html(document)).into_response()
}
