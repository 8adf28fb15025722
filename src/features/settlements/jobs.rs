//! What has to happen to bills without anybody asking.

use super::store;
use crate::features::accounts::jobs::Closed;
use crate::server::jobs::{Job, Trouble};
use crate::server::state::AppState;

/// Nobody sends money to somebody who has closed their account: where that would have gone is removed.
///
/// # Errors
/// When the database fails.
pub async fn vacate(state: &AppState, job: &Job) -> Result<(), Trouble> {
    let Closed { user } = job.read()?;
    let mut tx = state.db.begin().await?;
    store::vacate(&mut tx, user).await?;
    Ok(tx.commit().await?)
}
