//! Work beside the requests: deadlines and what is old, on one node at a time, and the jobs that wait in the database, on all of them.

use crate::features::{accounts, chat, images, mail, notices, parties, schools, settlements, suggestions};
use crate::server::jobs::{self, Job, Trouble};
use crate::server::schedules::{Schedule, Turn};
use crate::server::state::AppState;
use crate::shared::error::AppError;
use futures_util::FutureExt;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Notify, Semaphore};
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

/// A party whose deadline has passed is closed, and its room told, within this and the time it takes. So is a job begun.
const EVERY: Duration = Duration::from_secs(1);
/// What is not needed any more is removed this often, a bounded part of it each time.
const SWEEP_EVERY: Duration = Duration::from_secs(600);
/// Jobs of one node at a time.
const AT_ONCE: usize = 8;
/// How many of these may be letters: a mail server that does not answer must not hold everything up.
const LETTERS_AT_ONCE: usize = 6;

/// Runs until the node stops; what it works with. Jobs that are not finished then are taken up again by whoever comes next.
pub fn start(state: AppState, stop: CancellationToken) -> Hands {
    tokio::spawn(rounds(state.clone(), EVERY, Arc::default(), stop.clone(), |state| async move {
        if let Err(error) = parties::jobs::run_once(&state).await {
            tracing::warn!(%error, "parties past their deadline could not be closed; the next round tries again");
        }
    }));
    tokio::spawn(rounds(state.clone(), SWEEP_EVERY, Arc::default(), stop.clone(), |state| async move {
        if let Err(error) = sweep(&state).await {
            tracing::warn!(%error, "what is old could not be removed; the next round tries again");
        }
        if let Err(error) = images::jobs::collect(&state).await {
            tracing::warn!(%error, "pictures that nothing shows could not be removed; the next round tries again");
        }
    }));
    let hands = Hands::default();
    let woken = state.work.clone();
    let given = hands.clone();
    tokio::spawn(rounds(state, EVERY, woken, stop, move |state| {
        let hands = given.clone();
        async move {
            if let Err(error) = begin(&state, &hands).await {
                tracing::warn!(%error, "jobs could not be taken; the next round tries again");
            }
        }
    }));
    hands
}

/// A round every so often, and at once when `woken`.
async fn rounds<F: Future<Output = ()>>(
    state: AppState,
    every: Duration,
    woken: Arc<Notify>,
    stop: CancellationToken,
    round: impl Fn(AppState) -> F,
) {
    let mut ticks = tokio::time::interval(every);
    // After a long pause (a laptop that slept) one round does for all that were missed.
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = ticks.tick() => {}
            () = woken.notified() => {}
        }
        round(state.clone()).await;
    }
}

/// What a node works with.
#[derive(Clone, Debug)]
pub struct Hands {
    all: Arc<Semaphore>,
    letters: Arc<Semaphore>,
}

impl Hands {
    /// Waits until no job is under way, and lets none begin from now on. A letter that has gone and is not known to have gone would go
    /// again.
    pub async fn rest(&self) {
        // Nobody closes them.
        if let Ok(all) = self.all.acquire_many(AT_ONCE as u32).await {
            all.forget();
        }
    }
}

impl Default for Hands {
    fn default() -> Self {
        Self { all: Arc::new(Semaphore::new(AT_ONCE)), letters: Arc::new(Semaphore::new(LETTERS_AT_ONCE)) }
    }
}

/// Begins as many jobs as there are hands for.
async fn begin(state: &AppState, hands: &Hands) -> Result<(), AppError> {
    while let Ok(hand) = hands.all.clone().try_acquire_owned() {
        let stamp = hands.letters.clone().try_acquire_owned().ok();
        let left_out = stamp.is_none().then_some(mail::jobs::SEND.name);
        let Some(job) = jobs::take(&state.db, state.now(), left_out).await? else { return Ok(()) };
        let hand = (hand, stamp.filter(|_| job.kind == mail::jobs::SEND.name));
        let state = state.clone();
        tokio::spawn(async move {
            // It is tried again after its lease when this fails.
            let _ = perform(&state, &job).await;
            drop(hand);
            // There may have been more jobs than hands.
            state.work.notify_one();
        });
    }
    Ok(())
}

/// Removes some of what is old, on one node at a time, in one transaction: mails that went or were lost, links that lead nowhere, proofs of schools that
/// ended, notices of three months ago, accounts of a month ago that money was to be sent to, what was asked for menus more than a day ago, jobs that were given up long ago, and who people were that closed their accounts a month ago.
/// Of those who did not come back from a provider all are removed: they come by the press of a button, faster than one part each time.
/// Then everybody's shelf is put right at the parties that go on, each by itself.
///
/// # Errors
/// When the database fails; then nothing was removed, except some of those who did not come back.
pub async fn sweep(state: &AppState) -> Result<(), AppError> {
    let Some(turn) = Turn::take(&state.db, Schedule::Sweep).await? else { return Ok(()) };
    let swept = sweep_now(state).await;
    let put_right = parties::jobs::put_right(state).await;
    turn.end().await;
    swept.and(put_right)
}

async fn sweep_now(state: &AppState) -> Result<(), AppError> {
    let now = state.now();
    let mut were_all = false;
    while !were_all {
        // Each part by itself, so that others may write in between.
        let mut tx = state.db.begin().await?;
        were_all = accounts::store::forget_travellers(&mut tx, now).await?;
        tx.commit().await?;
    }
    let mut tx = state.db.begin().await?;
    mail::store::forget_old(&mut tx, now).await?;
    accounts::store::forget_links(&mut tx, now).await?;
    schools::store::forget_lapsed(&mut tx, now).await?;
    notices::store::forget_old(&mut tx, now).await?;
    suggestions::store::forget_old(&mut tx, now).await?;
    settlements::store::forget_old(&mut tx, now).await?;
    jobs::forget_dead(&mut tx, now).await?;
    let erased = accounts::store::erase(&mut tx, now).await?;
    if !erased.is_empty() {
        chat::store::forget_of(&mut tx, &erased).await?;
        notices::store::forget_of(&mut tx, &erased).await?;
        parties::store::forget_of(&mut tx, &erased).await?;
        settlements::store::forget_of(&mut tx, &erased).await?;
        suggestions::store::forget_of(&mut tx, &erased).await?;
    }
    tx.commit().await
}

/// Does every job that is due, one after the other; how many.
///
/// # Errors
/// When the database fails.
pub async fn run_due(state: &AppState) -> Result<usize, AppError> {
    let mut done = 0;
    while let Some(job) = jobs::take(&state.db, state.now(), None).await? {
        perform(state, &job).await?;
        done += 1;
    }
    Ok(done)
}

async fn perform(state: &AppState, job: &Job) -> Result<(), AppError> {
    let mut outcome = guarded(attempt(state, job)).await;
    // Nobody else would ever free what they held.
    if job.kind == accounts::jobs::CLOSED.name {
        outcome = outcome.map_err(Trouble::lasting);
    }
    let label = match &outcome {
        Ok(()) => "done",
        Err(Trouble::Later(why) | Trouble::Again(why)) => {
            tracing::warn!(kind = job.kind, id = %job.id, why, "a job did not work; it is tried again");
            "put_off"
        }
        Err(Trouble::Never(why)) => {
            tracing::error!(kind = job.kind, id = %job.id, why, "a job was given up");
            "given_up"
        }
    };
    metrics::counter!("jobs_total", "kind" => job.kind.clone(), "outcome" => label).increment(1);
    jobs::settle(&state.db, job, &outcome, state.now()).await
}

async fn attempt(state: &AppState, job: &Job) -> Result<(), Trouble> {
    match job.kind.as_str() {
        name if name == mail::jobs::SEND.name => mail::jobs::send(state, job).await,
        name if name == accounts::jobs::FORGOT.name => accounts::jobs::forgot(state, job).await,
        name if name == accounts::jobs::CLOSED.name => {
            images::jobs::vacate(state, job).await?;
            settlements::jobs::vacate(state, job).await?;
            parties::jobs::vacate(state, job).await
        }
        // A newer node wrote it and will do it.
        _ => Err(Trouble::Later("this version does not know it".to_owned())),
    }
}

/// Work that panics is tried again and given up like work that fails.
async fn guarded(work: impl Future<Output = Result<(), Trouble>>) -> Result<(), Trouble> {
    AssertUnwindSafe(work).catch_unwind().await.unwrap_or_else(|_| Err(Trouble::Later("it panicked".to_owned())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::accounts::jobs::Closed;
    use crate::features::mail::letters::About;
    use crate::on_both;
    use crate::shared::text::Lang;
    use crate::shared::time::Span;
    use crate::testing::{Manners, Smtp};

    on_both! {
        async fn a_mail_server_that_says_nothing_holds_up_letters_only(app: TestApp) {
            let server = Smtp::start().await;
            server.behave(Manners::Silent);
            let (state, mina) = (app.mailing(&server), app.member("mina").await);
            let mut tx = app.state.db.begin().await.expect("a transaction");
            for _ in 0..3 * AT_ONCE {
                let about = About::Linked { nickname: "mina".to_owned(), provider: "학교".to_owned() };
                mail::store::post(&mut tx, mina.id(), "mina@moim.test", Lang::Ko, &about, app.now()).await.expect("written");
            }
            app.advance(Span::seconds(1));
            accounts::jobs::CLOSED.enqueue(&mut tx, &Closed { user: mina.id() }, app.now()).await.expect("written");
            tx.commit().await.expect("committed");
            let hands = Hands::default();
            // The letters wait for their server, so only the other one can end.
            let done = tokio::time::timeout(Duration::from_secs(20), async {
                begin(&state, &hands).await.expect("begun");
                while jobs::count(&mut app.state.db.read().await.expect("a connection")).await.expect("numbers").0 > 24 {
                    state.work.notified().await;
                }
            });
            done.await.expect("it was done beside the letters");
            assert_eq!(hands.letters.available_permits(), 0);
        }

        async fn what_somebody_held_is_given_up_however_late(app: TestApp) {
            let mina = app.member("mina").await;
            let mut tx = app.state.db.begin().await.expect("a transaction");
            accounts::jobs::CLOSED.enqueue(&mut tx, &Closed { user: mina.id() }, app.now()).await.expect("written");
            tx.commit().await.expect("committed");
            let rename = async |from: &str, to: &str| {
                let mut tx = app.state.db.begin().await.expect("a transaction");
                let sql = format!("alter table {from} rename to {to}");
                crate::execute!(tx, sqlx::AssertSqlSafe(sql.as_str())).expect("renamed");
                tx.commit().await.expect("committed");
            };
            for days in [0, 1, 30] {
                app.advance(Span::days(days));
                rename("party_requests", "out_of_reach").await;
                assert_eq!(run_due(&app.state).await, Ok(1), "it was tried");
                rename("out_of_reach", "party_requests").await;
                assert_eq!(jobs::count(&mut app.state.db.read().await.expect("a connection")).await, Ok((1, 0)), "and waits");
                app.advance(Span::minutes(30));
            }
            assert_eq!(run_due(&app.state).await, Ok(1));
            assert_eq!(jobs::count(&mut app.state.db.read().await.expect("a connection")).await, Ok((0, 0)));
        }
    }

    #[tokio::test]
    async fn a_panic_is_a_failure_like_others() {
        assert_eq!(guarded(async { Ok(()) }).await, Ok(()));
        assert_eq!(guarded(async { panic!("a job of ours") }).await, Err(Trouble::Later("it panicked".to_owned())));
    }
}
