//! What somebody has asked a model, and what it answered.

use super::days;
use crate::features::suggestions::answers;
use crate::features::suggestions::model::{Exchange, NewQuestion, Progress, day_of, spent};
use crate::server::db::Conn;
use crate::shared::error::{AppError, Conflict};
use crate::shared::ids::{QuestionId, UserId};
use crate::shared::time::{Span, Timestamp};
use crate::{each, execute, fetch_all, fetch_optional};

/// How long a conversation is kept.
const KEPT_FOR: Span = Span::days(1);
/// Questions that are shown: the newest.
const SHOWN: i64 = 20;
/// Questions with their answers that the model is reminded of: the newest.
const RECALLED: i64 = 5;

#[derive(sqlx::FromRow)]
struct Row {
    id: QuestionId,
    question: String,
    answer: String,
    state: String,
    until_at: Timestamp,
}

impl Row {
    fn into_exchange(self, now: Timestamp) -> Exchange {
        let progress = match self.state.as_str() {
            "whole" => Progress::Whole,
            "failed" => Progress::Failed,
            "waiting" if self.until_at > now => Progress::Waiting,
            _ => Progress::BrokenOff,
        };
        let (text, menus) = if progress == Progress::Waiting { (self.answer, Vec::new()) } else { answers::read(&self.answer) };
        Exchange { id: self.id, question: self.question, text, menus, progress, until: self.until_at }
    }
}

/// The conversation of the last day, oldest first.
///
/// # Errors
/// When the database fails.
pub async fn talk(conn: &mut Conn, user: UserId, now: Timestamp) -> Result<Vec<Exchange>, AppError> {
    let rows: Vec<Row> = fetch_all!(
        conn,
        Row,
        "select id, question, answer, state, until_at from suggestion_questions where user_id = $1 and asked_at > $2
         order by asked_at desc, id desc limit $3",
        user,
        now - KEPT_FOR,
        SHOWN
    )?;
    Ok(rows.into_iter().rev().map(|row| row.into_exchange(now)).collect())
}

/// The questions that were answered lately, with their answers, oldest first.
///
/// # Errors
/// When the database fails.
pub async fn recall(conn: &mut Conn, user: UserId, now: Timestamp) -> Result<Vec<(String, String)>, AppError> {
    let mut rows: Vec<(String, String)> = fetch_all!(
        conn,
        (String, String),
        "select question, answer from suggestion_questions where user_id = $1 and asked_at > $2 and state = 'whole'
         order by asked_at desc, id desc limit $3",
        user,
        now - KEPT_FOR,
        RECALLED
    )?;
    rows.reverse();
    Ok(rows)
}

/// Ends the question that nobody answers any more, if there is one, and gives it back.
pub(super) async fn end_lapsed(tx: &mut Conn, user: UserId, now: Timestamp) -> Result<(), AppError> {
    let lapsed: Option<(i64,)> = fetch_optional!(
        tx,
        (i64,),
        "update suggestion_questions set state = 'broken' where user_id = $1 and state = 'waiting' and until_at <= $2 returning day",
        user,
        now
    )?;
    match lapsed {
        Some((day,)) => days::give_back(tx, user, day).await,
        None => Ok(()),
    }
}

/// Takes a question in and counts it; `false` when it was asked before. Nothing is heard of it after `until`: then it counts as broken off.
///
/// # Errors
/// [`AppError::Spent`] when it is one too many today, [`Conflict::Answering`] while another one is answered.
pub async fn ask(tx: &mut Conn, user: UserId, question: &NewQuestion, until: Timestamp, now: Timestamp) -> Result<bool, AppError> {
    // Before the new one comes: one waits at a time.
    end_lapsed(tx, user, now).await?;
    let taken = execute!(
        tx,
        "insert into suggestion_questions (id, user_id, day, question, answer, state, asked_at, until_at)
         values ($1, $2, $3, $4, '', 'waiting', $5, $6) on conflict do nothing",
        question.id,
        user,
        day_of(now),
        question.text.as_str(),
        now,
        until
    )?;
    if taken == 0 {
        let known: Option<(i64,)> =
            fetch_optional!(tx, (i64,), "select day from suggestion_questions where id = $1 and user_id = $2", question.id, user)?;
        return if known.is_some() { Ok(false) } else { Err(Conflict::Answering.into()) };
    }
    if !days::count(tx, user, false, now).await? {
        return Err(spent("text", now));
    }
    Ok(true)
}

/// Keeps what has come of an answer; `false` when nobody wants it any more.
///
/// # Errors
/// When the database fails.
pub async fn keep(tx: &mut Conn, id: QuestionId, answer: &str, until: Timestamp) -> Result<bool, AppError> {
    let kept =
        execute!(tx, "update suggestion_questions set answer = $2, until_at = $3 where id = $1 and state = 'waiting'", id, answer, until)?;
    Ok(kept == 1)
}

/// How an answer has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// It is whole.
    Whole,
    /// The model stopped, or was stopped, before its end.
    Cut,
    /// It failed, or there is nothing to read: the question is given back.
    Failed,
}

/// Writes down how an answer has ended, once.
///
/// # Errors
/// When the database fails.
pub async fn end(tx: &mut Conn, id: QuestionId, answer: &str, end: End) -> Result<(), AppError> {
    let state = match end {
        End::Whole => "whole",
        End::Failed if answer.is_empty() => "failed",
        End::Cut | End::Failed => "broken",
    };
    let ended: Option<(UserId, i64)> = fetch_optional!(
        tx,
        (UserId, i64),
        "update suggestion_questions set answer = $2, state = $3 where id = $1 and state = 'waiting' returning user_id, day",
        id,
        answer,
        state
    )?;
    if let (Some((user, day)), End::Failed) = (ended, end) {
        days::give_back(tx, user, day).await?;
    }
    Ok(())
}

/// Forgets the whole conversation; what is being answered ends, and what nobody answers any more is given back.
///
/// # Errors
/// When the database fails.
pub async fn forget(tx: &mut Conn, user: UserId, now: Timestamp) -> Result<(), AppError> {
    end_lapsed(tx, user, now).await?;
    execute!(tx, "delete from suggestion_questions where user_id = $1", user)?;
    Ok(())
}

/// Removes some of what was asked more than a day ago.
pub(super) async fn forget_old(tx: &mut Conn, now: Timestamp, limit: i64) -> Result<(), AppError> {
    let before = now - KEPT_FOR;
    each!(tx, |c|
        sqlite: sqlx::query(
            "delete from suggestion_questions where id in (select id from suggestion_questions where asked_at <= $1 order by asked_at limit $2)",
        ).bind(before).bind(limit).execute(c).await.map(drop),
        pg: sqlx::query(
            "delete from suggestion_questions where id in
                 (select id from suggestion_questions where asked_at <= $1 order by asked_at limit $2 for update skip locked)",
        ).bind(before).bind(limit).execute(c).await.map(drop))?;
    Ok(())
}
