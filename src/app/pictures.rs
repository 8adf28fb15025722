//! `/images/…`: pictures, to those who may see them.

use super::api;
use crate::features::accounts::auth::Visit;
use crate::features::images::store::{self, Audience};
use crate::server::state::AppState;
use crate::shared::error::AppError;
use crate::shared::ids::ImageId;
use crate::shared::images::Size;
use axum::extract::{Extension, Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};

/// A picture never changes under its name. What everybody may see, a face or what a party shows, is kept by everything on the way
/// and asked for again after five minutes: it may be taken off by then, or its owner gone. Other pictures the reader's own browser
/// keeps, and shows after it has asked each time whether they may still be seen: others may read there by then.
const PASSING: &str = "public, max-age=300";
const PRIVATE: &str = "private, no-cache";

/// Answers with a form of a picture.
pub async fn serve(
    State(state): State<AppState>,
    Extension(visit): Extension<Visit>,
    Path((id, size)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    match find(&state, &visit, &id, &size, &headers).await {
        Ok(answer) => answer,
        Err(error) => api::refuse(&error),
    }
}

async fn find(state: &AppState, visit: &Visit, id: &str, size: &str, headers: &HeaderMap) -> Result<Response, AppError> {
    let size = Size::ALL.into_iter().find(|known| known.code() == size).ok_or(AppError::NotFound)?;
    let id: ImageId = id.parse().map_err(|_| AppError::NotFound)?;
    let viewer = visit.member.as_ref().map(|member| member.id());
    let mut conn = state.db.read().await?;
    let audience = store::audience(&mut conn, id, viewer).await?;
    drop(conn);
    let tag = format!("\"{id}-{}\"", size.code());
    let (caching, vary) = match audience {
        Audience::All => (PASSING, None),
        Audience::Some => (PRIVATE, Some([(header::VARY, "Cookie")])),
    };
    let known = headers.get(header::IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == tag.as_bytes());
    let head = [(header::CACHE_CONTROL, caching.to_owned()), (header::ETAG, tag)];
    if known {
        return Ok((StatusCode::NOT_MODIFIED, vary, head).into_response());
    }
    let file = state.images.read(id, size).await?.ok_or(AppError::NotFound)?;
    Ok((vary, head, [(header::CONTENT_TYPE, "image/jpeg")], file).into_response())
}
