//! The outbox.

use super::jobs::{SEND, Send};
use super::letters::About;
use crate::server::db::Conn;
use crate::shared::error::AppError;
use crate::shared::ids::UserId;
use crate::shared::text::Lang;
use crate::shared::time::{Span, Timestamp};
use crate::{execute, fetch_all, fetch_optional};
use uuid::Uuid;

/// A mail that has gone, or never will, is kept this long, for those who ask where it went.
const KEPT_FOR: Span = Span::days(7);
/// A mail that still waits after this long never goes: its job was given up without a word.
const LOST_AFTER: Span = Span::days(30);
/// Mails that are removed together.
const SWEEP: i64 = 500;
/// Mails that are shown at most.
const MOST_SHOWN: i64 = 50;

/// Has a letter sent to somebody's address as soon as the transaction is committed.
///
/// # Errors
/// When the database fails.
pub async fn post(tx: &mut Conn, user: UserId, recipient: &str, lang: Lang, about: &About, now: Timestamp) -> Result<(), AppError> {
    let id = Uuid::now_v7();
    let letter = serde_json::to_string(about).map_err(|_| AppError::Internal)?;
    execute!(
        tx,
        "insert into mails (id, user_id, recipient, lang, letter, state, created_at) values ($1, $2, $3, $4, $5, 'waiting', $6)",
        id,
        user,
        recipient,
        lang.tag(),
        letter,
        now
    )?;
    SEND.enqueue(tx, &Send { mail: id }, now).await
}

/// A mail of the outbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    /// To whom.
    pub recipient: String,
    /// In which language.
    pub lang: Lang,
    /// What about.
    pub about: About,
    /// Whether it has still to be sent.
    pub waits: bool,
    /// When it was written.
    pub created_at: Timestamp,
}

type Row = (String, String, String, String, Timestamp);

fn mail((recipient, lang, letter, state, created_at): Row) -> Result<Mail, AppError> {
    let about = serde_json::from_str(&letter).map_err(|_| AppError::Internal)?;
    Ok(Mail { recipient, lang: Lang::from_tag(&lang).unwrap_or_default(), about, waits: state == "waiting", created_at })
}

/// A mail by its id.
///
/// # Errors
/// When the database fails, or another version wrote it in another way.
pub async fn find(conn: &mut Conn, id: Uuid) -> Result<Option<Mail>, AppError> {
    let row: Option<Row> = fetch_optional!(conn, Row, "select recipient, lang, letter, state, created_at from mails where id = $1", id)?;
    row.map(mail).transpose()
}

/// Lets the link in a letter begin its life, just before the letter goes; whether it leads anywhere. It does not when it was ended or
/// used up, and when a newer one of its purpose was made for the same person.
///
/// # Errors
/// When the database fails.
pub async fn begin_link(tx: &mut Conn, link: Uuid, now: Timestamp) -> Result<bool, AppError> {
    let begun = execute!(
        tx,
        "update mail_links set expires_at = coalesce($2 + life, expires_at)
         where id = $1 and used_at is null and sent_at is null and (life is not null or expires_at > $2)
           and not exists (select 1 from mail_links n where n.user_id = mail_links.user_id and n.purpose = mail_links.purpose
                             and n.created_at > mail_links.created_at)",
        link,
        now
    )?;
    Ok(begun > 0)
}

/// Notes that the letter with a link went: it counts from now on.
///
/// # Errors
/// When the database fails.
pub async fn count_link(tx: &mut Conn, link: Uuid, now: Timestamp) -> Result<(), AppError> {
    execute!(tx, "update mail_links set sent_at = $2 where id = $1", link, now)?;
    Ok(())
}

/// Forgets a mail that would say nothing any more.
///
/// # Errors
/// When the database fails.
pub async fn drop_mail(tx: &mut Conn, id: Uuid) -> Result<(), AppError> {
    execute!(tx, "delete from mails where id = $1 and state = 'waiting'", id)?;
    Ok(())
}

/// What became of a mail that waited.
///
/// # Errors
/// When the database fails.
pub async fn settle(tx: &mut Conn, id: Uuid, state: &'static str, now: Timestamp) -> Result<(), AppError> {
    execute!(tx, "update mails set state = $2, settled_at = $3 where id = $1 and state = 'waiting'", id, state, now)?;
    Ok(())
}

/// The newest mails that are kept, at most 50.
///
/// # Errors
/// When the database fails.
pub async fn kept(conn: &mut Conn) -> Result<Vec<Mail>, AppError> {
    let rows: Vec<Row> = fetch_all!(
        conn,
        Row,
        "select recipient, lang, letter, state, created_at from mails where state = 'kept' order by created_at desc, id desc limit $1",
        MOST_SHOWN
    )?;
    rows.into_iter().map(mail).collect()
}

/// Removes the letters to a person, whatever became of them: those that wait do not go any more.
///
/// # Errors
/// When the database fails.
pub async fn forget_of(tx: &mut Conn, user: UserId) -> Result<(), AppError> {
    execute!(tx, "delete from mails where user_id = $1", user)?;
    Ok(())
}

/// Removes the letters to a person that wait to go to an address that is theirs no more.
///
/// # Errors
/// When the database fails.
pub async fn forget_waiting(tx: &mut Conn, user: UserId, recipient: &str) -> Result<(), AppError> {
    execute!(tx, "delete from mails where user_id = $1 and recipient = $2 and state = 'waiting'", user, recipient)?;
    Ok(())
}

/// Removes some of the mails that have been settled for a week or were lost, and with them their addresses.
///
/// # Errors
/// When the database fails.
pub async fn forget_old(tx: &mut Conn, now: Timestamp) -> Result<u64, AppError> {
    Ok(execute!(
        tx,
        "delete from mails where id in (select id from mails where settled_at <= $1 or (settled_at is null and created_at <= $3) limit $2)",
        now - KEPT_FOR,
        SWEEP,
        now - LOST_AFTER
    )?)
}
