//! What is done with pictures without anybody asking.

use super::store;
use crate::features::accounts::jobs::Closed;
use crate::server::jobs::{Job, Trouble};
use crate::server::state::AppState;
use crate::shared::error::AppError;

/// Removes some of the pictures that nothing has shown for a while: their files first, so that none is left that nobody knows of.
///
/// # Errors
/// When the store or the database fails; what is left is found again.
pub async fn collect(state: &AppState) -> Result<usize, AppError> {
    let stale = store::stale(&mut state.db.read().await?, state.now()).await?;
    for id in &stale {
        state.images.remove(*id).await?;
    }
    let mut tx = state.db.begin().await?;
    store::forget(&mut tx, &stale).await?;
    tx.commit().await?;
    Ok(stale.len())
}

/// The face of somebody who has closed their account is nobody's any more.
///
/// # Errors
/// When the database fails.
pub async fn vacate(state: &AppState, job: &Job) -> Result<(), Trouble> {
    let Closed { user } = job.read()?;
    let mut tx = state.db.begin().await?;
    store::release_public(&mut tx, user, state.now()).await?;
    Ok(tx.commit().await?)
}
