//! What people do not want to hear of: rooms and other people.
//!
//! Nobody learns that they are blocked. What they write goes where it always went; the conversation of two is out of the other's
//! list and stays there, as if that one had left it.

use super::direct::pair;
use super::{lock, persons};
use crate::features::chat::model::Person;
use crate::server::db::{Conn, delete_of};
use crate::server::paging::{Listing, Order, page};
use crate::shared::error::{AppError, Conflict};
use crate::shared::ids::{RoomId, UserId};
use crate::shared::paging::{Page, PageAsk};
use crate::shared::time::Timestamp;
use crate::{execute, fetch_all, fetch_one, fetch_optional};

/// Blocked people of whom pages know.
const MOST_BLOCKED: i64 = 1_000;
/// Muted rooms of which a live connection knows.
const MOST_MUTED: i64 = 500;

/// Makes a room silent for a person, or lets it be heard again.
///
/// # Errors
/// [`AppError::NotFound`] when it is not in their list.
pub async fn mute(tx: &mut Conn, room: RoomId, user: UserId, mutes: bool) -> Result<(), AppError> {
    let sql = "update room_members set muted = $3 where room_id = $1 and user_id = $2 and left_at is null and not hidden";
    if execute!(tx, sql, room, user, mutes)? == 0 { Err(AppError::NotFound) } else { Ok(()) }
}

/// The rooms that are silent for a person.
///
/// # Errors
/// When the database fails.
pub async fn muted(conn: &mut Conn, user: UserId) -> Result<Vec<RoomId>, AppError> {
    let sql = "select room_id from room_members where user_id = $1 and muted and left_at is null and not hidden order by room_id limit $2";
    let rows: Vec<(RoomId,)> = fetch_all!(conn, (RoomId,), sql, user, MOST_MUTED)?;
    Ok(rows.into_iter().map(|(room,)| room).collect())
}

/// Blocks somebody; [`hide_direct`] afterwards. Twice is once.
///
/// # Errors
/// [`Conflict::Yourself`]; [`AppError::NotFound`] when there is no such person.
pub async fn block(tx: &mut Conn, user: UserId, other: UserId, now: Timestamp) -> Result<(), AppError> {
    if user == other {
        return Err(Conflict::Yourself.into());
    }
    let written = execute!(
        tx,
        "insert into blocks (user_id, blocked_id, created_at) select $1, id, $3 from users where id = $2 and closed_at is null
         on conflict (user_id, blocked_id) do nothing",
        user,
        other,
        now
    )?;
    if written == 0 && !is_blocked(tx, user, other).await? { Err(AppError::NotFound) } else { Ok(()) }
}

/// Takes the conversation with somebody out of a person's list; which, if it was there. In a transaction after the one of
/// [`block`]: a first message that was under way then has its room by now, and every later one knows of the block.
///
/// # Errors
/// When the database fails.
pub async fn hide_direct(tx: &mut Conn, user: UserId, other: UserId) -> Result<Option<RoomId>, AppError> {
    let found: Option<(RoomId,)> = fetch_optional!(tx, (RoomId,), "select id from rooms where pair = $1", pair(user, other))?;
    let Some((room,)) = found else { return Ok(None) };
    lock(tx, room).await?;
    let sql = "update room_members set hidden = true where room_id = $1 and user_id = $2 and not hidden";
    Ok((execute!(tx, sql, room, user)? > 0).then_some(room))
}

/// Blocks somebody no more. The conversation comes back when they write again.
///
/// # Errors
/// When the database fails.
pub async fn unblock(tx: &mut Conn, user: UserId, other: UserId) -> Result<(), AppError> {
    execute!(tx, "delete from blocks where user_id = $1 and blocked_id = $2", user, other)?;
    Ok(())
}

/// Whether a person blocks another one.
///
/// # Errors
/// When the database fails.
pub async fn is_blocked(conn: &mut Conn, user: UserId, other: UserId) -> Result<bool, AppError> {
    let sql = "select exists (select 1 from blocks where user_id = $1 and blocked_id = $2)";
    let (is_blocked,): (bool,) = fetch_one!(conn, (bool,), sql, user, other)?;
    Ok(is_blocked)
}

/// A page of those whom a person blocks, the latest first.
///
/// # Errors
/// When the database fails.
pub async fn blocked(conn: &mut Conn, user: UserId, ask: PageAsk) -> Result<Page<Person>, AppError> {
    const BLOCKS: &str = "(select blocked_id as id, user_id, created_at from blocks) blocked";
    let listing = Listing::of(BLOCKS, "id is not null", "created_at", Order::Descending).with_id("user_id =", user.0);
    let page = page(conn, &listing, ask).await?;
    let ids: Vec<UserId> = page.rows.iter().copied().map(UserId).collect();
    Ok(page.with_rows(persons(conn, &ids).await?))
}

/// Whom a person blocks, as far as pages know of it: the latest.
///
/// # Errors
/// When the database fails.
pub async fn blocks_of(conn: &mut Conn, user: UserId) -> Result<Vec<UserId>, AppError> {
    let sql = "select blocked_id from blocks where user_id = $1 order by created_at desc, blocked_id desc limit $2";
    let rows: Vec<(UserId,)> = fetch_all!(conn, (UserId,), sql, user, MOST_BLOCKED)?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// Whom of those who are or were in a room a person blocks.
///
/// # Errors
/// When the database fails.
pub async fn blocked_in(conn: &mut Conn, user: UserId, room: RoomId) -> Result<Vec<UserId>, AppError> {
    let rows: Vec<(UserId,)> = fetch_all!(
        conn,
        (UserId,),
        "select m.user_id from room_members m join blocks b on b.user_id = $1 and b.blocked_id = m.user_id where m.room_id = $2 limit $3",
        user,
        room,
        MOST_BLOCKED
    )?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// Forgets whom erased people blocked.
///
/// # Errors
/// When the database fails.
pub async fn forget_of(tx: &mut Conn, users: &[UserId]) -> Result<(), AppError> {
    Ok(delete_of(tx, "blocks", users).await?)
}
