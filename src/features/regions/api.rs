//! Server functions of regions.

#[cfg(feature = "ssr")]
use super::atlas;
use super::model::RegionView;
use crate::shared::error::AppError;
use crate::shared::schema::Described;
use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;
use serde::{Deserialize, Serialize};

/// The 동 that fit what somebody is typing, best first.
#[server(input = GetUrl, endpoint = "search_regions", input_derive = (Clone, Serialize, Deserialize, Described))]
pub async fn search_regions(query: String) -> Result<Vec<RegionView>, AppError> {
    Ok(atlas::search(&query, atlas::SUGGESTIONS))
}

/// The 동 at a position in millionths of a degree (WGS 84), or nearest to it. The position is not kept.
///
/// # Errors
/// [`AppError::NotFound`] for a position outside of Korea.
#[server(endpoint = "locate_region", input_derive = (Clone, Serialize, Deserialize, Described))]
pub async fn locate_region(latitude: i32, longitude: i32) -> Result<Option<RegionView>, AppError> {
    Ok(atlas::locate(f64::from(latitude) / 1e6, f64::from(longitude) / 1e6))
}
