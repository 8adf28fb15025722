//! Server functions of the weather.

use super::model::Report;
use crate::shared::error::AppError;
use crate::shared::ids::RegionCode;
use crate::shared::schema::Described;
use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;
use serde::{Deserialize, Serialize};
#[cfg(feature = "ssr")]
use {
    super::forecasts::{self, ASKING, ASKING_BY_ADDRESS, FETCHING, FETCHING_BY_ADDRESS},
    crate::features::accounts::auth,
    crate::features::regions::atlas,
    crate::server::state::state,
};

/// The weather in a 동, or in the signed-in person's own. Waits for the provider, which has two seconds. Who has made it ask for as many
/// as they may in a day hears what is known, or that the weather is unavailable.
///
/// # Errors
/// [`AppError::NotFound`] for a 동 that does not exist; [`AppError::SlowDown`].
#[server(input = GetUrl, endpoint = "weather", input_derive = (Clone, Serialize, Deserialize, Described))]
pub async fn read_weather(#[server(default)] region: Option<RegionCode>) -> Result<Report, AppError> {
    let visit = auth::visit();
    let state = state()?;
    let own = visit.member.as_ref().and_then(auth::Member::region);
    let region = region.or(own).ok_or(AppError::BadRequest)?;
    let region = atlas::find(region).ok_or(AppError::NotFound)?.code;
    let (asking, fetching, who) = match &visit.member {
        Some(member) => (ASKING, FETCHING, member.id().to_string()),
        None => (ASKING_BY_ADDRESS, FETCHING_BY_ADDRESS, visit.address()),
    };
    let now = state.now();
    state.limiter.attempt(asking, &who, now)?;
    Ok(forecasts::forecasts()?.report(region, || state.limiter.attempt(fetching, &who, now).is_ok()).await)
}
