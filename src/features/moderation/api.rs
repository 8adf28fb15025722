//! Server functions of reports.

use super::model::{ReportForm, Reportable};
use crate::shared::error::AppError;
use crate::shared::ids::PartyId;
use crate::shared::schema::Described;
use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;
use serde::{Deserialize, Serialize};
#[cfg(feature = "ssr")]
use {super::store, crate::features::accounts::auth, crate::server::state::state};

/// Reports a party to those who run the server. Nobody at the party learns of it.
#[server(endpoint = "report", input_derive = (Clone, Serialize, Deserialize, Described))]
pub async fn report(form: ReportForm) -> Result<(), AppError> {
    let member = auth::member()?;
    let report = form.parse()?;
    let state = state()?;
    let now = state.now();
    state.limiter.attempt(store::REPORTING, &member.id().to_string(), now)?;
    let mut tx = state.db.begin().await?;
    store::report(&mut tx, member.id(), &report, now).await?;
    tx.commit().await?;
    leptos_axum::redirect(&format!("/meals/{}", report.party));
    Ok(())
}

/// What I am about to report: a party that is not my own.
#[server(input = GetUrl, endpoint = "reportable", input_derive = (Clone, Serialize, Deserialize, Described))]
pub async fn read_reportable(party: PartyId) -> Result<Reportable, AppError> {
    let member = auth::member()?;
    store::reportable(&mut state()?.db.read().await?, member.id(), party).await
}
