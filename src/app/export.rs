//! `/me/export`: everything that is the reader's own, as a file.

use super::{api, broken};
use crate::features::accounts::auth::Visit;
use crate::features::profiles::store;
use crate::server::state::AppState;
use crate::shared::error::AppError;
use axum::body::Body;
use axum::extract::{Extension, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Redirect, Response};

/// Answers with the file; those who are not signed in are led to sign in and back to the page that offers it.
pub async fn download(State(state): State<AppState>, Extension(visit): Extension<Visit>, headers: HeaderMap) -> Response {
    let lang = visit.preferences.lang;
    let is_reader = api::accepts_html(&headers);
    let refuse = |error: AppError| if is_reader { broken::refusal(&state, lang, &error) } else { api::refuse(&error) };
    if let Some(trouble) = visit.trouble {
        return refuse(trouble);
    }
    let Some(member) = &visit.member else {
        return if is_reader { Redirect::to("/sign-in?next=/me/close").into_response() } else { refuse(AppError::SignInRequired) };
    };
    if let Err(error) = state.limiter.attempt(store::EXPORTS, &member.id().to_string(), state.now()) {
        return refuse(error);
    }
    let head = [
        (header::CONTENT_TYPE, "application/json; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"moim.json\""),
        (header::CACHE_CONTROL, "no-store"),
    ];
    match store::export(state.db.clone(), member.id()).await {
        Ok(pieces) => (head, Body::from_stream(pieces)).into_response(),
        Err(error) => refuse(error),
    }
}
