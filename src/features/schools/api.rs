//! Server functions of schools.

use super::model::SchoolView;
use crate::shared::error::AppError;
use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;
#[cfg(feature = "ssr")]
use {super::store, crate::server::state::state, crate::shared::text::lang};

/// The schools that can be named, in the order of their names in the reader's language.
#[server(input = GetUrl, endpoint = "list_schools")]
pub async fn list_schools() -> Result<Vec<SchoolView>, AppError> {
    let mut schools = store::all(&mut state()?.db.read().await?).await?;
    schools.sort_by(|a, b| a.called(lang()).cmp(b.called(lang())));
    Ok(schools)
}
