//! Accounts that are closed, and what is left of them.
//!
//! Closing takes effect at once: nobody signs in, and the person is called [`CLOSED`] wherever they are shown. Their address and
//! name stay theirs for [`ERASED_AFTER`]; then everything that says who they were is removed for good.

use super::{end_all_sessions, hold_links, unlink_all};
use crate::features::accounts::model::ERASED_AFTER;
use crate::features::{mail, schools};
use crate::server::db::{Conn, delete_of};
use crate::shared::error::{AppError, Conflict};
use crate::shared::ids::{SessionId, UserId};
use crate::shared::names::CLOSED;
use crate::shared::time::Timestamp;
use crate::{each, execute};
use serde_json::json;

/// Accounts that are erased together.
const SWEEP: i64 = 50;

/// Closes an account whose password was checked; the sessions that ended with it.
///
/// # Errors
/// [`Conflict::Stale`] when the password is another one by now, or the account is closed already.
pub async fn close(tx: &mut Conn, user: UserId, checked: &str, now: Timestamp) -> Result<Vec<SessionId>, AppError> {
    // Links first, then the person: those who use a link take them in this order. They lead nowhere any more.
    hold_links(tx, user).await?;
    execute!(tx, "delete from mail_links where user_id = $1", user)?;
    let closed = execute!(
        tx,
        "update users set closed_at = $3, nickname = $4, face_id = null where id = $1 and password_hash = $2 and closed_at is null",
        user,
        checked,
        now,
        CLOSED
    )?;
    if closed == 0 {
        return Err(Conflict::Stale.into());
    }
    unlink_all(tx, user).await?;
    schools::store::end_proof(tx, user).await?;
    mail::store::forget_of(tx, user).await?;
    end_all_sessions(tx, user, now).await
}

/// Removes what says who people were that closed their accounts a month ago: some of them, all of it. Their ids, for the others
/// who know something of them.
///
/// # Errors
/// When the database fails.
pub async fn erase(tx: &mut Conn, now: Timestamp) -> Result<Vec<UserId>, AppError> {
    let before = now - ERASED_AFTER;
    let erased: Vec<(UserId,)> = each!(tx, |c|
        sqlite: sqlx::query_as(
            "update users set erased_at = $1, email = '', email_key = hex(id), nickname_key = hex(id), password_hash = '', birth_date = '',
                 gender = 'unsaid', region = null, school = null, admission_year = null, lang = null, theme = null, intro = ''
             where id in (select id from users where closed_at <= $2 and erased_at is null order by closed_at limit $3) returning id",
        ).bind(now).bind(before).bind(SWEEP).fetch_all(c).await,
        pg: sqlx::query_as(
            "update users set erased_at = $1, email = '', email_key = id::text, nickname_key = id::text, password_hash = '', birth_date = '',
                 gender = 'unsaid', region = null, school = null, admission_year = null, lang = null, theme = null, intro = ''
             where id in (select id from users where closed_at <= $2 and erased_at is null order by closed_at limit $3 for update skip locked)
             returning id",
        ).bind(now).bind(before).bind(SWEEP).fetch_all(c).await)?;
    let erased: Vec<UserId> = erased.into_iter().map(|(id,)| id).collect();
    if !erased.is_empty() {
        // The tokens of their sessions have expired long ago; those that are swept with others are gone already.
        let list = json!(erased.iter().map(|id| id.0.simple().to_string()).collect::<Vec<_>>()).to_string();
        each!(tx, |c|
            sqlite: sqlx::query(
                "delete from refresh_tokens where session_id in (select id from sessions where user_id in (select unhex(value) from json_each($1)))",
            ).bind(&list).execute(c).await.map(drop),
            pg: sqlx::query(
                "delete from refresh_tokens where session_id = any(array(
                 select id from sessions where user_id in (select value::uuid from json_array_elements_text($1::json))))",
            ).bind(&list).execute(c).await.map(drop))?;
        delete_of(tx, "sessions", &erased).await?;
    }
    Ok(erased)
}
