//! Server functions of reports.

use super::model::ReportForm;
use crate::shared::error::AppError;
use leptos::prelude::*;
#[cfg(feature = "ssr")]
use {super::store, crate::features::accounts::auth, crate::server::state::state};

/// Reports a party to those who run the server. Nobody at the party learns of it.
#[server(endpoint = "report")]
pub async fn report(form: ReportForm) -> Result<(), AppError> {
    let member = auth::member()?;
    let report = form.parse()?;
    let state = state()?;
    let now = state.now();
    state.limiter.attempt(store::REPORTING, &member.id().to_string(), now)?;
    let mut tx = state.db.begin().await?;
    store::report(&mut tx, member.id(), &report, now).await?;
    tx.commit().await
}
