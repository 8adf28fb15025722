//! Pages that stand alone: no database, no templates, no program in the browser.

use super::texts;
use crate::server::state::AppState;
use crate::shared::error::AppError;
use crate::shared::text::{Lang, t_args_in, t_in};
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use uuid::Uuid;

/// What is left when everything else has failed: says that it is our fault and which number helps to find the cause in the log.
#[must_use]
pub fn page(state: &AppState, lang: Lang, request_id: Uuid) -> Response {
    texts::install_all();
    let text = t_args_in(lang, "shell.broken.text", &[("id", request_id.to_string())]);
    document(state, lang, StatusCode::INTERNAL_SERVER_ERROR, &t_in(lang, "shell.broken.title"), &text, home(lang))
}

/// Answers a plain form that no page of ours can show again: from a foreign page, too large, for nothing that there is.
#[must_use]
pub fn refusal(state: &AppState, lang: Lang, error: &AppError) -> Response {
    texts::install_all();
    let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    document(state, lang, status, &t_in(lang, "shell.refused.title"), &t_in(lang, error.key()), home(lang))
}

fn home(lang: Lang) -> (&'static str, String) {
    ("/", t_in(lang, "ui.trouble.home"))
}

/// A page that says `text` and leads to an address of ours, whose name stands beside it.
#[must_use]
pub fn document(state: &AppState, lang: Lang, status: StatusCode, title: &str, text: &str, (to, name): (&str, String)) -> Response {
    let style = format!("/{}/{}.css", state.leptos.site_pkg_dir, state.leptos.output_name);
    let code = status.as_u16();
    let text = text.replace('&', "&amp;").replace('<', "&lt;");
    let document = format!(
        r#"<!DOCTYPE html><html lang="{}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title><link rel="stylesheet" href="{style}"></head><body><main class="lost"><p class="lost__code">{code}</p><h1>{title}</h1>
<p class="lost__text">{text}</p><p><a class="btn btn--main" href="{to}">{name}</a></p></main></body></html>"#,
        lang.tag()
    );
    let policy = [(header::CONTENT_SECURITY_POLICY, "default-src 'none'; style-src 'self'; frame-ancestors 'none'")];
    (status, policy, Html(document)).into_response()
}
