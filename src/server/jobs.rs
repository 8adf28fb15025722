//! Work that waits in the database: written in the transaction of its cause, done beside the requests, tried again until
//! it worked.
//!
//! A job may be done more than once (a node can die just before it says that it is done), so what it does must be safe to
//! repeat. Nodes share the work: each job is taken by one of them for [`LEASE`], and by another when that one is silent.

use super::db::{Conn, Db};
use crate::shared::error::AppError;
use crate::shared::time::{Span, Timestamp};
use crate::{each, execute, fetch_all, fetch_one, fetch_optional};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fmt;
use std::marker::PhantomData;
use uuid::Uuid;

/// How long a node may work on a job before another takes it.
pub const LEASE: Span = Span::minutes(5);
/// A job that has not worked for this long is given up.
pub const GIVE_UP_AFTER: Span = Span::days(1);
/// A job that was given up is remembered this long, so that somebody can look into it.
const REMEMBERED_FOR: Span = Span::days(30);
/// Given-up jobs that are forgotten together.
const SWEEP: i64 = 500;
/// The first and the longest pause before it is tried again.
const PAUSES: (Span, Span) = (Span::seconds(5), Span::minutes(30));
/// Stuck jobs that are listed at most.
const MOST_LISTED: i64 = 50;
/// After this many tries a job counts as stuck.
const STUCK_AFTER: i64 = 5;

/// A kind of work and what has to be known to do it.
#[derive(Debug)]
pub struct Kind<T> {
    /// How it is stored.
    pub name: &'static str,
    payload: PhantomData<fn() -> T>,
}

impl<T> Kind<T> {
    /// A kind of this name; no two have the same.
    #[must_use]
    pub const fn new(name: &'static str) -> Self {
        Self { name, payload: PhantomData }
    }
}

impl<T: Serialize> Kind<T> {
    /// Has it done soon after the transaction is committed.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn enqueue(&self, tx: &mut Conn, payload: &T, now: Timestamp) -> Result<(), AppError> {
        let payload = serde_json::to_string(payload).map_err(|_| AppError::Internal)?;
        execute!(
            tx,
            "insert into jobs (id, kind, payload, run_at, created_at) values ($1, $2, $3, $4, $4)",
            Uuid::now_v7(),
            self.name,
            payload,
            now
        )?;
        Ok(())
    }
}

/// Why a job was not done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// It may work later.
    Later(String),
    /// It has to work, however long that takes: it is never given up.
    Again(String),
    /// It will never work.
    Never(String),
}

impl Trouble {
    /// The same of a job that must not be given up. What can never work is not made to.
    #[must_use]
    pub fn lasting(self) -> Self {
        match self {
            Self::Later(why) => Self::Again(why),
            other => other,
        }
    }
}

impl From<AppError> for Trouble {
    fn from(error: AppError) -> Self {
        Self::Later(error.to_string())
    }
}

/// A job that this node works on.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Job {
    /// Which.
    pub id: Uuid,
    /// Its kind's name.
    pub kind: String,
    payload: String,
    tries: i64,
    created_at: Timestamp,
}

impl Job {
    /// What has to be known to do it.
    ///
    /// # Errors
    /// [`Trouble::Never`] for what another version wrote in another way.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, Trouble> {
        serde_json::from_str(&self.payload).map_err(|error| Trouble::Never(format!("its payload cannot be read: {error}")))
    }

    /// Whether it is given up when it does not work this time.
    #[must_use]
    pub fn is_last_try(&self, now: Timestamp) -> bool {
        now - self.created_at >= GIVE_UP_AFTER
    }
}

/// Takes the job that has waited longest, if one is due that is not of the kind `left_out`.
///
/// # Errors
/// When the database fails.
pub async fn take(db: &Db, now: Timestamp, left_out: Option<&str>) -> Result<Option<Job>, AppError> {
    let left_out = left_out.unwrap_or_default();
    let due = "select count(*) from (
         select 1 from jobs where dead_at is null and run_at <= $1 and (taken_until is null or taken_until <= $1) and kind <> $2 limit 1) due";
    let (due,): (i64,) = fetch_one!(&mut db.read().await?, (i64,), due, now, left_out)?;
    if due == 0 {
        return Ok(None);
    }
    let mut tx = db.begin().await?;
    let job: Option<Job> = each!(tx, |c|
        sqlite: sqlx::query_as(
            "update jobs set taken_until = $2, tries = tries + 1 where id =
             (select id from jobs where dead_at is null and run_at <= $1 and (taken_until is null or taken_until <= $1)
                and kind <> $3 order by run_at limit 1)
             returning id, kind, payload, tries, created_at",
        ).bind(now).bind(now + LEASE).bind(left_out).fetch_optional(c).await,
        pg: sqlx::query_as(
            "update jobs set taken_until = $2, tries = tries + 1 where id =
             (select id from jobs where dead_at is null and run_at <= $1 and (taken_until is null or taken_until <= $1)
                and kind <> $3 order by run_at limit 1 for update skip locked)
             returning id, kind, payload, tries, created_at",
        ).bind(now).bind(now + LEASE).bind(left_out).fetch_optional(c).await)?;
    tx.commit_unseen().await?;
    Ok(job)
}

/// Notes what came of a job. What another node has taken since is left to it.
///
/// # Errors
/// When the database fails; then it is done again after [`LEASE`].
pub async fn settle(db: &Db, job: &Job, outcome: &Result<(), Trouble>, now: Timestamp) -> Result<(), AppError> {
    let mut tx = db.begin().await?;
    let goes_on = match outcome {
        Err(Trouble::Later(_)) => !job.is_last_try(now),
        Err(Trouble::Again(_)) => true,
        Ok(()) | Err(Trouble::Never(_)) => false,
    };
    match outcome {
        Ok(()) => execute!(tx, "delete from jobs where id = $1 and tries = $2", job.id, job.tries)?,
        Err(Trouble::Later(why) | Trouble::Again(why)) if goes_on => execute!(
            tx,
            "update jobs set taken_until = null, run_at = $3, trouble = $4 where id = $1 and tries = $2",
            job.id,
            job.tries,
            now + pause(job.tries),
            why
        )?,
        Err(Trouble::Later(why) | Trouble::Again(why) | Trouble::Never(why)) => execute!(
            tx,
            "update jobs set taken_until = null, dead_at = $3, trouble = $4 where id = $1 and tries = $2",
            job.id,
            job.tries,
            now,
            why
        )?,
    };
    tx.commit_unseen().await
}

/// Doubles with each try.
fn pause(tries: i64) -> Span {
    let doublings = u32::try_from(tries.clamp(1, 20) - 1).unwrap_or(0);
    Span(PAUSES.0.0.saturating_mul(1 << doublings).min(PAUSES.1.0))
}

/// A job that does not get done by itself.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Stuck {
    /// Its kind's name.
    pub kind: String,
    /// How often it was tried.
    pub tries: i64,
    /// Why it did not work.
    pub trouble: String,
    /// When it was given up; otherwise it is tried again.
    pub dead_at: Option<Timestamp>,
    /// Since when it waits.
    pub created_at: Timestamp,
}

impl fmt::Display for Stuck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = if self.dead_at.is_some() { "given up" } else { "tried again" };
        let since = self.created_at.seoul();
        write!(
            f,
            "{} since {} {:02}:{:02}: {state} after {} tries: {}",
            self.kind,
            since.date.iso(),
            since.hour,
            since.minute,
            self.tries,
            self.trouble
        )
    }
}

/// Jobs that were given up or tried several times, the newest first, at most 50.
///
/// # Errors
/// When the database fails.
pub async fn stuck(conn: &mut Conn) -> Result<Vec<Stuck>, AppError> {
    Ok(fetch_all!(
        conn,
        Stuck,
        "select kind, tries, coalesce(trouble, '') as trouble, dead_at, created_at from jobs
         where dead_at is not null or tries >= $1 order by created_at desc limit $2",
        STUCK_AFTER,
        MOST_LISTED
    )?)
}

/// How many jobs wait, and how many were given up.
///
/// # Errors
/// When the database fails.
pub async fn count(conn: &mut Conn) -> Result<(i64, i64), AppError> {
    let found: Option<(i64, i64)> = fetch_optional!(
        conn,
        (i64, i64),
        "select coalesce(sum(case when dead_at is null then 1 else 0 end), 0), coalesce(sum(case when dead_at is null then 0 else 1 end), 0) from jobs"
    )?;
    Ok(found.unwrap_or_default())
}

/// Forgets some of the jobs that were given up a month ago.
///
/// # Errors
/// When the database fails.
pub async fn forget_dead(tx: &mut Conn, now: Timestamp) -> Result<u64, AppError> {
    Ok(execute!(
        tx,
        "delete from jobs where id in (select id from jobs where dead_at <= $1 order by dead_at limit $2)",
        now - REMEMBERED_FOR,
        SWEEP
    )?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_half_an_hour() {
        assert_eq!([1, 2, 3, 20, 100].map(pause), [5, 10, 20, 1_800, 1_800].map(Span::seconds));
    }
}
