//! What has to happen without anybody asking: deadlines.

use super::store;
use crate::features::accounts::jobs::Closed;
use crate::features::images;
use crate::server::jobs::{Job, Trouble};
use crate::server::schedules::{Schedule, Turn};
use crate::server::state::AppState;
use crate::shared::error::AppError;
use crate::shared::ids::PartyId;
use crate::shared::time::Timestamp;
use uuid::Uuid;

/// Most parties looked up together,
const RUN_LIMIT: i64 = 100;
/// and how often one after the other where so many have the same deadline; the next run goes on.
const PAGES: usize = 10;
/// Most seats and requests put away in one run.
const PLACES: i64 = 1_000;
/// Parties that go on, looked at together.
const GOING_ON: i64 = 500;
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
/// When the database fails; what was done stands, also of what came after, and the next run goes on.
pub async fn run_once(state: &AppState) -> Result<usize, AppError> {
    let Some(turn) = Turn::take(&state.db, Schedule::Deadlines).await? else { return Ok(0) };
    let closed = close_due(state, RUN_LIMIT).await;
    turn.end().await;
    closed
}

async fn close_due(state: &AppState, page: i64) -> Result<usize, AppError> {
    let now = state.now();
    // What fails of these keeps nothing of the others.
    let put_away = put_away(state, now).await;
    let closed = close_parties(state, page, now).await;
    note_ended(state, now).await.and(put_away).and(closed)
}

/// One that fails holds nobody up that comes after it.
async fn close_parties(state: &AppState, page: i64, now: Timestamp) -> Result<usize, AppError> {
    let (mut count, mut failed, mut last) = (0, None, store::FIRST_DUE);
    for _ in 0..PAGES {
        let due = store::due(&mut state.db.read().await?, now, last, page).await?;
        // Each in a transaction of its own, so that locks are short.
        for (_, id) in &due {
            // Where there is none there will be none for those that come after.
            let mut tx = state.db.begin().await?;
            let closed = match store::close_due(&mut tx, *id, now).await {
                Ok(news) => tx.commit().await.map(|()| news),
                Err(error) => Err(error),
            };
            match closed {
                Ok(news) => news.tell(&state.hub),
                Err(error) => {
                    tracing::warn!(party = %id, %error, "a party past its deadline could not be closed; the next round tries again");
                    failed.get_or_insert(error);
                }
            }
        }
        count += due.len();
        match due.last() {
            Some(end) if due.len() as i64 == page => last = *end,
            _ => break,
        }
    }
    failed.map_or(Ok(count), Err)
}

async fn put_away(state: &AppState, now: Timestamp) -> Result<(), AppError> {
    if store::has_to_put_away(&mut state.db.read().await?, now).await? {
        let mut tx = state.db.begin().await?;
        store::put_away(&mut tx, now, PLACES).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// Looks through all parties that go on, and puts everybody's shelf right where it is not. One that fails holds nobody up.
///
/// # Errors
/// The first, when the database fails; what was put right stays so.
pub async fn put_right(state: &AppState) -> Result<(), AppError> {
    put_right_by(state, GOING_ON).await
}

pub(super) async fn put_right_by(state: &AppState, page: i64) -> Result<(), AppError> {
    let (now, mut failed, mut after) = (state.now(), None, Some(PartyId(Uuid::nil())));
    while let Some(from) = after {
        let (misplaced, last) = store::misplaced(&mut state.db.read().await?, from, now, page).await?;
        for party in misplaced {
            let mut tx = state.db.begin().await?;
            let done = match store::put_right(&mut tx, party, now).await {
                Ok(()) => tx.commit().await,
                Err(error) => Err(error),
            };
            if let Err(error) = done {
                tracing::warn!(%party, %error, "the shelves of a party could not be put right; the next round tries again");
                failed.get_or_insert(error);
            }
        }
        after = last;
    }
    failed.map_or(Ok(()), Err)
}

async fn note_ended(state: &AppState, now: Timestamp) -> Result<(), AppError> {
    let today = now.seoul().date.to_days();
    let mut conn = state.db.read().await?;
    let has_old_views = store::has_views_before(&mut conn, today).await?;
    let has_ended = store::has_ended(&mut conn, now).await?;
    drop(conn);
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
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::parties::tests::{open, order};
    use crate::shared::time::Span;
    use crate::testing::TestApp;
    use crate::{execute, fetch_one, on_both};

    async fn closed(app: &TestApp, party: PartyId) -> bool {
        let mut conn = app.state.db.read().await.expect("a connection");
        let (state,): (String,) = fetch_one!(conn, (String,), "select state from parties where id = $1", party).expect("a party");
        state == "closed"
    }

    /// Without its room a party cannot be closed.
    async fn set_room_aside(app: &TestApp, party: PartyId, is_aside: bool) {
        let mut tx = app.state.db.begin().await.expect("a transaction");
        let sql = "update rooms set deleted_at = $2 where id = (select room_id from parties where id = $1)";
        execute!(tx, sql, party, is_aside.then_some(1_i64)).expect("set aside");
        tx.commit().await.expect("committed");
    }

    on_both! {
        async fn a_party_that_cannot_be_closed_holds_nobody_up(app: TestApp) {
            let mina = app.member("mina").await;
            let broken = open(&mina, order()).await;
            app.advance(Span::minutes(1));
            let behind = open(&mina, order()).await;
            set_room_aside(&app, broken, true).await;
            app.advance(Span::minutes(30));
            assert_eq!(run_once(&app.state).await, Err(AppError::NotFound));
            assert_eq!((closed(&app, broken).await, closed(&app, behind).await), (false, true));
            set_room_aside(&app, broken, false).await;
            assert_eq!(run_once(&app.state).await, Ok(1));
            assert!(closed(&app, broken).await);
        }

        async fn those_of_one_deadline_are_closed_in_one_run_however_many(app: TestApp) {
            let mina = app.member("mina").await;
            let mut parties = Vec::new();
            for _ in 0..5 {
                parties.push(open(&mina, order()).await);
            }
            app.advance(Span::minutes(30));
            assert_eq!(close_due(&app.state, 2).await, Ok(5));
            for party in parties {
                assert!(closed(&app, party).await);
            }
        }
    }
}
