//! Server functions of schools.

use super::model::SchoolView;
use crate::shared::error::AppError;
use crate::shared::schema::Described;
use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;
use serde::{Deserialize, Serialize};
#[cfg(feature = "ssr")]
use {super::store, crate::server::state::state, crate::shared::text::lang};

/// The schools that can be named, in the order of their names in the reader's language.
#[server(input = GetUrl, endpoint = "list_schools", input_derive = (Clone, Serialize, Deserialize, Described))]
pub async fn list_schools() -> Result<Vec<SchoolView>, AppError> {
    let mut schools = store::all(&mut state()?.db.read().await?).await?;
    schools.sort_by(|a, b| a.called(lang()).cmp(b.called(lang())));
    Ok(schools)
}
