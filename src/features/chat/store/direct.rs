//! Conversations of two people: one room for a pair, out of sight for those who left it until somebody writes again.

use super::lock;
use crate::features::accounts::store::nickname_key;
use crate::features::chat::model::{Conversation, Person};
use crate::server::db::Conn;
use crate::shared::error::{AppError, Conflict};
use crate::shared::ids::{ImageId, RoomId, SendId, UserId};
use crate::shared::time::Timestamp;
use crate::{execute, fetch_optional};
use uuid::Uuid;

/// The two ids in order: what a pair has one room by.
pub(super) fn pair(one: UserId, two: UserId) -> String {
    format!("{}:{}", one.min(two), one.max(two))
}

/// The conversation of a person with the one of that name. One that they have left is not shown before somebody writes.
///
/// # Errors
/// [`AppError::NotFound`] when nobody is called that, [`Conflict::Yourself`].
pub async fn find(conn: &mut Conn, me: UserId, nickname: &str) -> Result<Conversation, AppError> {
    let found: Option<(UserId, String, Option<ImageId>)> = fetch_optional!(
        conn,
        (UserId, String, Option<ImageId>),
        "select id, nickname, face_id from users where nickname_key = $1 and closed_at is null",
        nickname_key(nickname.trim())
    )?;
    let (id, nickname, face) = found.ok_or(AppError::NotFound)?;
    if id == me {
        return Err(Conflict::Yourself.into());
    }
    let room: Option<(RoomId,)> = fetch_optional!(
        conn,
        (RoomId,),
        "select r.id from rooms r join room_members m on m.room_id = r.id
         where r.pair = $1 and r.deleted_at is null and m.user_id = $2 and m.left_at is null and not m.hidden",
        pair(me, id),
        me
    )?;
    Ok(room.map_or(Conversation::New { other: Person { id, nickname, face }, send_id: SendId::random() }, |(room,)| Conversation::Room {
        room,
    }))
}

/// The room of a pair, made when there is none. It stays out of both lists until its first message.
///
/// # Errors
/// [`AppError::NotFound`] when there is no such person, [`Conflict::AccountClosed`] when they are gone, [`Conflict::Yourself`].
pub async fn open_direct(tx: &mut Conn, me: UserId, other: UserId, now: Timestamp) -> Result<RoomId, AppError> {
    if me == other {
        return Err(Conflict::Yourself.into());
    }
    let pair = pair(me, other);
    let fresh = RoomId(Uuid::now_v7());
    let made = execute!(
        tx,
        "insert into rooms (id, kind, pair, last_at, created_at)
         select $1, 'direct', $2, $3, $3 from users where id = $4 and closed_at is null
         on conflict (pair) do nothing",
        fresh,
        &pair,
        now,
        other
    )?;
    if made == 1 {
        execute!(
            tx,
            "insert into room_members (room_id, user_id, joined_at, joined_seq, read_seq, read_said, hidden)
             select $1, id, $4, 0, 0, 0, true from users where id in ($2, $3)",
            fresh,
            me,
            other,
            now
        )?;
        return Ok(fresh);
    }
    let found: Option<(RoomId,)> = fetch_optional!(
        tx,
        (RoomId,),
        "select r.id from rooms r join users u on u.id = $2 where r.pair = $1 and u.closed_at is null",
        &pair,
        other
    )?;
    match found {
        Some((room,)) => Ok(room),
        None => {
            let closed: Option<(UserId,)> =
                fetch_optional!(tx, (UserId,), "select id from users where id = $1 and closed_at is not null", other)?;
            Err(closed.map_or(AppError::NotFound, |_| Conflict::AccountClosed.into()))
        }
    }
}

/// Takes a conversation out of a person's list, read to its end; the other side keeps it.
///
/// # Errors
/// [`AppError::NotFound`] when it is not in their list, or is no conversation of two.
pub async fn leave(tx: &mut Conn, room: RoomId, user: UserId) -> Result<(), AppError> {
    lock(tx, room).await?;
    let left = execute!(
        tx,
        "update room_members set hidden = true, read_seq = r.last_seq, read_said = r.last_said
         from rooms r
         where room_id = $1 and user_id = $2 and r.id = room_id and r.kind = 'direct' and left_at is null and not hidden",
        room,
        user
    )?;
    if left == 0 { Err(AppError::NotFound) } else { Ok(()) }
}
