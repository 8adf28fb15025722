//! What is done with pictures without anybody asking.

use super::store;
use crate::features::accounts::jobs::Closed;
use crate::server::jobs::{Job, Trouble};
use crate::server::schedules::{Schedule, Turn};
use crate::server::state::AppState;
use crate::shared::error::AppError;

/// Removes some of the pictures that nothing has shown for a while, on one node at a time: their files first, so that none is left that nobody knows of.
///
/// # Errors
/// When the store or the database fails; what is left is found again.
pub async fn collect(state: &AppState) -> Result<usize, AppError> {
    let Some(turn) = Turn::take(&state.db, Schedule::Pictures).await? else { return Ok(0) };
    let collected = collect_now(state).await;
    turn.end().await;
    collected
}

async fn collect_now(state: &AppState) -> Result<usize, AppError> {
    let stale = store::stale(&mut state.db.read().await?, state.now()).await?;
    let (mut gone, mut trouble) = (Vec::new(), None);
    for id in stale {
        // One that cannot be removed does not keep the others.
        match state.images.remove(id).await {
            Ok(()) => gone.push(id),
            Err(error) => trouble = Some(error),
        }
    }
    let mut tx = state.db.begin().await?;
    store::forget(&mut tx, &gone).await?;
    tx.commit().await?;
    trouble.map_or(Ok(gone.len()), Err)
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
