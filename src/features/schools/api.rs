//! Server functions of schools.

use super::model::SchoolView;
use crate::shared::error::AppError;
use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;
#[cfg(feature = "ssr")]
use {super::directory, crate::shared::text::lang};

/// The schools that can be named, in the order of their names in the reader's language.
#[server(input = GetUrl, endpoint = "list_schools")]
pub async fn list_schools() -> Result<Vec<SchoolView>, AppError> {
    Ok(directory::all(lang()))
}
