//! What has to happen without anybody asking: deadlines.

use super::store;
use crate::features::accounts::jobs::Closed;
use crate::features::images;
use crate::server::jobs::{Job, Trouble};
use crate::server::schedules::{Schedule, Turn};
use crate::server::state::AppState;
use crate::shared::error::AppError;

/// Most parties closed in one run; the next run goes on.
const RUN_LIMIT: i64 = 100;
/// Most of yesterday's viewers forgotten in one run: others write in between.
const VIEWS: i64 = 1_000;

/// Gives up what somebody held who has closed their account: their parties are called off or go to who sat down first, their seats and
/// requests go to others. What has ended stays as it was, without their pictures.
///
/// # Errors
/// When the database fails; what was done before stands, and the next try goes on.
pub async fn vacate(state: &AppState, job: &Job) -> Result<(), Trouble> {
    let Closed { user } = job.read()?;
    loop {
        let held = store::held(&mut state.db.read().await?, user, state.now(), RUN_LIMIT).await?;
        if held.is_empty() {
            break;
        }
        for party in held {
            let mut tx = state.db.begin().await?;
            let news = store::vacate(&mut tx, party, user, state.now()).await?;
            tx.commit().await?;
            news.tell(&state.hub);
        }
    }
    loop {
        let pictured = images::store::parties_of(&mut state.db.read().await?, user, RUN_LIMIT).await?;
        if pictured.is_empty() {
            return Ok(());
        }
        for party in pictured {
            let mut tx = state.db.begin().await?;
            let news = store::take_off_of(&mut tx, party, user, state.now()).await?;
            tx.commit().await?;
            news.tell(&state.hub);
        }
    }
}

/// Closes the parties whose deadline has passed, notes which have ended, and forgets yesterday's viewers; how many parties were
/// due. Run it every second, on as many nodes as there are: one of them does it, and each party is closed once.
///
/// # Errors
/// When the database fails; what was done before stands, and the next run goes on.
pub async fn run_once(state: &AppState) -> Result<usize, AppError> {
    let Some(turn) = Turn::take(&state.db, Schedule::Deadlines).await? else { return Ok(0) };
    let closed = close_due(state).await;
    turn.end().await;
    closed
}

async fn close_due(state: &AppState) -> Result<usize, AppError> {
    let now = state.now();
    let today = now.seoul().date.to_days();
    let mut conn = state.db.read().await?;
    let due = store::due(&mut conn, now, RUN_LIMIT).await?;
    let has_old_views = store::has_views_before(&mut conn, today).await?;
    let has_ended = store::has_ended(&mut conn, now).await?;
    drop(conn);
    // Each in a transaction of its own, so that one that fails holds nobody up and locks are short.
    for id in &due {
        let mut tx = state.db.begin().await?;
        let news = store::close_due(&mut tx, *id, now).await?;
        tx.commit().await?;
        news.tell(&state.hub);
    }
    if has_ended {
        let mut tx = state.db.begin().await?;
        store::end_over(&mut tx, now, RUN_LIMIT).await?;
        tx.commit().await?;
    }
    if has_old_views {
        let mut tx = state.db.begin().await?;
        store::forget_views(&mut tx, today, VIEWS).await?;
        tx.commit().await?;
    }
    Ok(due.len())
}
