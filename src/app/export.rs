//! `/me/export` and `/me/export.zip`: everything that is the reader's own, as a file, and with their pictures.

use super::{api, broken};
use crate::features::accounts::auth::{Member, Visit};
use crate::features::profiles::store;
use crate::server::state::AppState;
use crate::shared::error::AppError;
use axum::body::Body;
use axum::extract::{Extension, State};
use axum::http::{HeaderMap, HeaderName, header};
use axum::response::{IntoResponse, Redirect, Response};

/// The kind of archives, which nobody can press together any more.
pub const ARCHIVE: &str = "application/zip";

/// Answers with the document; those who are not signed in are led to sign in and back to the page that offers it.
pub async fn download(State(state): State<AppState>, Extension(visit): Extension<Visit>, headers: HeaderMap) -> Response {
    let member = match permit(&state, &visit, &headers) {
        Ok(member) => member,
        Err(answer) => return *answer,
    };
    match store::export(state.db.clone(), member.session(), member.id()).await {
        Ok(pieces) => (head("application/json; charset=utf-8", "moim.json"), Body::from_stream(pieces)).into_response(),
        Err(error) => refuse(&state, &visit, &headers, &error),
    }
}

/// Answers with the archive that has the pictures too, to the same people and as often.
pub async fn download_all(State(state): State<AppState>, Extension(visit): Extension<Visit>, headers: HeaderMap) -> Response {
    let member = match permit(&state, &visit, &headers) {
        Ok(member) => member,
        Err(answer) => return *answer,
    };
    match store::archive(state.db.clone(), state.images.clone(), member.session(), member.id(), state.now()).await {
        Ok(pieces) => (head(ARCHIVE, "moim.zip"), Body::from_stream(pieces)).into_response(),
        Err(error) => refuse(&state, &visit, &headers, &error),
    }
}

/// Who takes their things along, if they may now; else the answer.
fn permit<'a>(state: &AppState, visit: &'a Visit, headers: &HeaderMap) -> Result<&'a Member, Box<Response>> {
    if let Some(trouble) = &visit.trouble {
        return Err(Box::new(refuse(state, visit, headers, trouble)));
    }
    let Some(member) = &visit.member else {
        let sign_in = Redirect::to("/sign-in?next=/me/close").into_response();
        let is_reader = api::accepts_html(headers);
        return Err(Box::new(if is_reader { sign_in } else { refuse(state, visit, headers, &AppError::SignInRequired) }));
    };
    match state.limiter.attempt(store::EXPORTS, &member.id().to_string(), state.now()) {
        Ok(()) => Ok(member),
        Err(error) => Err(Box::new(refuse(state, visit, headers, &error))),
    }
}

fn refuse(state: &AppState, visit: &Visit, headers: &HeaderMap, error: &AppError) -> Response {
    if api::accepts_html(headers) { broken::refusal(state, visit.preferences.lang, error) } else { api::refuse(error) }
}

/// The head of a file that is kept by nobody on the way.
pub fn head(kind: &'static str, name: &str) -> [(HeaderName, String); 3] {
    [
        (header::CONTENT_TYPE, kind.to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ]
}
