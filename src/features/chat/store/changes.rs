//! Messages that say something else later, or nothing any more.
//!
//! A change overwrites what was said, so that it stands nowhere any more, and takes a number of its own in the log, by which
//! it comes to those who have read further already.

use super::lock;
use crate::features::chat::model::{CHANGEABLE, MyMessage};
use crate::features::images;
use crate::server::db::Conn;
use crate::shared::error::{AppError, Conflict};
use crate::shared::ids::{RoomId, Seq, UserId};
use crate::shared::images::Pictures;
use crate::shared::time::Timestamp;
use crate::{execute, fetch_one, fetch_optional};

#[derive(sqlx::FromRow)]
struct Row {
    body: String,
    pictures: Pictures,
    created_at: Timestamp,
    deleted: bool,
    last_seq: Seq,
}

impl Row {
    /// Whether nothing of it is left.
    fn is_gone(&self) -> bool {
        self.body.is_empty() && self.pictures.is_empty()
    }
}

async fn said_by(conn: &mut Conn, room: RoomId, seq: Seq, author: UserId) -> Result<Row, AppError> {
    let row: Option<Row> = fetch_optional!(
        conn,
        Row,
        "select m.body, m.pictures, m.created_at, r.deleted_at is not null as deleted, r.last_seq
         from messages m
         join rooms r on r.id = m.room_id
         join room_members rm on rm.room_id = m.room_id and rm.user_id = m.author_id and rm.left_at is null and not rm.hidden
         where m.room_id = $1 and m.seq = $2 and m.author_id = $3 and m.kind = 'text'",
        room,
        seq,
        author
    )?;
    row.ok_or(AppError::NotFound)
}

/// A message as its author said it, to be changed.
///
/// # Errors
/// [`AppError::NotFound`] for anybody else, for one that is deleted, and outside the room; [`Conflict::RoomDeleted`],
/// [`Conflict::TooLate`] after [`CHANGEABLE`].
pub async fn mine(conn: &mut Conn, room: RoomId, seq: Seq, author: UserId, now: Timestamp) -> Result<MyMessage, AppError> {
    let row = said_by(conn, room, seq, author).await?;
    match () {
        () if row.deleted => Err(Conflict::RoomDeleted.into()),
        () if row.is_gone() => Err(AppError::NotFound),
        () if now - row.created_at >= CHANGEABLE => Err(Conflict::TooLate.into()),
        () => Ok(MyMessage { room, seq, last: row.last_seq, text: row.body, pictures: row.pictures, at: row.created_at, now }),
    }
}

/// Puts other words in the place of what somebody said, beside its pictures; none to delete it with them. The number of the change, or `None` when it says so
/// already.
///
/// # Errors
/// [`AppError::NotFound`] when they did not say it or are not in the room any more; [`Conflict::RoomDeleted`];
/// [`Conflict::TooLate`] after [`CHANGEABLE`]; [`Conflict::Stale`] for other words in the place of a deleted one.
pub async fn change(tx: &mut Conn, room: RoomId, seq: Seq, author: UserId, text: &str, now: Timestamp) -> Result<Option<Seq>, AppError> {
    lock(tx, room).await?;
    let row = said_by(tx, room, seq, author).await?;
    let is_said_already = if text.is_empty() { row.is_gone() } else { row.body == text };
    match () {
        () if row.deleted => return Err(Conflict::RoomDeleted.into()),
        () if is_said_already => return Ok(None),
        () if row.is_gone() => return Err(Conflict::Stale.into()),
        () if now - row.created_at >= CHANGEABLE => return Err(Conflict::TooLate.into()),
        () => {}
    }
    let kept = if text.is_empty() { Pictures::default() } else { row.pictures.clone() };
    let (number, said): (Seq, i64) =
        fetch_one!(tx, (Seq, i64), "update rooms set last_seq = last_seq + 1 where id = $1 returning last_seq, last_said", room)?;
    let changed = execute!(
        tx,
        "update messages set body = $4, changed_seq = $5, pictures = $7
         where room_id = $1 and seq = $2 and author_id = $3 and kind = 'text' and (body <> '' or pictures <> '') and created_at > $6",
        room,
        seq,
        author,
        text,
        number,
        now - CHANGEABLE,
        &kept
    )?;
    if changed == 0 {
        return Err(Conflict::Stale.into());
    }
    execute!(
        tx,
        "insert into messages (room_id, seq, said, kind, body, reply_to, created_at) values ($1, $2, $3, 'change', '', $4, $5)",
        room,
        number,
        said,
        seq,
        now
    )?;
    if text.is_empty() {
        images::store::release(tx, author, &row.pictures, now).await?;
    }
    Ok(Some(number))
}
