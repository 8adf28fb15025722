//! Rooms, members and the log in the database.
//!
//! Every write that takes a number or changes who may write first locks the room's row, so numbers are given in the order
//! of commits and without gaps, nobody writes after they have left, and two transactions never wait for each other: the
//! room always comes before its members. SQLite has one writer at a time, so there the lock is the transaction itself.
//!
//! A party's room takes its title, kind and host from the party's row.

mod changes;
mod direct;
mod log;
mod quiet;
mod reads;
mod rooms;
mod tallies;

pub use changes::{change, mine};
pub use direct::{find, leave, open_direct};
pub use log::{Appended, Outgoing, Stored, after, append, before, replay};
pub use quiet::{block, blocked, blocked_in, blocks_of, forget_of, hide_direct, is_blocked, mute, muted, unblock};
pub use reads::{ReadOn, mark_read, reads};
pub use rooms::{deleted_reason, list, open, people};
pub use tallies::{Held, Standing, ends, held, held_of, standings, tally_of, unread, whereabouts};

use super::model::{NoticeCode, Person};
use crate::features::images;
use crate::server::db::{Conn, list_of};
use crate::shared::error::AppError;
use crate::shared::ids::{ImageId, RoomId, Seq, UserId};
use crate::shared::time::Timestamp;
use crate::{each, execute, fetch_optional};
use uuid::Uuid;

/// Holds a room's row until the end of the transaction, before anything of its members is changed.
async fn lock(tx: &mut Conn, room: RoomId) -> Result<(), AppError> {
    each!(tx, |c|
        sqlite: { let _ = c; },
        pg: { sqlx::query("select id from rooms where id = $1 for update").bind(room).execute(c).await?; });
    Ok(())
}

/// Opens the room of a new party, empty.
///
/// # Errors
/// When the database fails.
pub async fn create_party_room(tx: &mut Conn, now: Timestamp) -> Result<RoomId, AppError> {
    let room = RoomId(Uuid::now_v7());
    execute!(tx, "insert into rooms (id, kind, last_at, created_at) values ($1, 'party', $2, $2)", room, now)?;
    Ok(room)
}

/// People by their ids, in this order; at most a page of them.
///
/// # Errors
/// When the database fails.
pub async fn persons(conn: &mut Conn, ids: &[UserId]) -> Result<Vec<Person>, AppError> {
    let list = list_of(ids);
    let rows: Vec<(UserId, String, Option<ImageId>)> = each!(conn, |c|
        sqlite: sqlx::query_as("select id, nickname, face_id from users where id in (select unhex(value) from json_each($1))")
            .bind(&list).fetch_all(c).await,
        pg: sqlx::query_as("select id, nickname, face_id from users where id in (select value::uuid from json_array_elements_text($1::json))")
            .bind(&list).fetch_all(c).await)?;
    let mut people: Vec<Person> = rows.into_iter().map(|(id, nickname, face)| Person { id, nickname, face }).collect();
    people.sort_by_key(|person| ids.iter().position(|id| *id == person.id));
    Ok(people)
}

/// Lets a person into a room, from its present end on. A person who was there before comes back to the same history.
///
/// # Errors
/// [`AppError::NotFound`] when the room is gone.
pub async fn add_member(tx: &mut Conn, room: RoomId, user: UserId, now: Timestamp) -> Result<(), AppError> {
    add_members(tx, room, &[user], now).await
}

macro_rules! letting_in {
    ($people:literal) => {
        concat!(
            "insert into room_members (room_id, user_id, joined_at, joined_seq, read_seq, read_said)
             select r.id, people.id, $3, r.last_seq, r.last_seq, r.last_said from rooms r cross join (",
            $people,
            ") people where r.id = $1 and r.deleted_at is null
             on conflict (room_id, user_id) do update
             set left_at = null, hidden = false, joined_at = excluded.joined_at, joined_seq = excluded.joined_seq,
                 read_seq = excluded.read_seq, read_said = excluded.read_said"
        )
    };
}

/// Lets people into a room, as [`add_member`] does one.
///
/// # Errors
/// [`AppError::NotFound`] when the room is gone.
pub async fn add_members(tx: &mut Conn, room: RoomId, users: &[UserId], now: Timestamp) -> Result<(), AppError> {
    lock(tx, room).await?;
    let list = list_of(users);
    let added = each!(tx, |c|
        sqlite: sqlx::query(letting_in!("select unhex(value) as id from json_each($2)"))
            .bind(room).bind(&list).bind(now).execute(c).await.map(|done| done.rows_affected()),
        pg: sqlx::query(letting_in!("select value::uuid as id from json_array_elements_text($2::json)"))
            .bind(room).bind(&list).bind(now).execute(c).await.map(|done| done.rows_affected()))?;
    if added == 0 { Err(AppError::NotFound) } else { Ok(()) }
}

/// Takes a person out of a room: they can no longer list, read or write it.
///
/// # Errors
/// When the database fails.
pub async fn remove_member(tx: &mut Conn, room: RoomId, user: UserId, now: Timestamp) -> Result<(), AppError> {
    lock(tx, room).await?;
    execute!(tx, "update room_members set left_at = $3 where room_id = $1 and user_id = $2 and left_at is null", room, user, now)?;
    Ok(())
}

/// What a notice is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum About<'a> {
    /// A person, who is shown under the name that they have then.
    Person(UserId),
    /// Something else, or nothing.
    Text(&'a str),
}

/// Writes what happened into a room's log; its number.
///
/// # Errors
/// [`AppError::NotFound`] when the room is gone.
pub async fn add_notice(tx: &mut Conn, room: RoomId, notice: NoticeCode, about: About<'_>, now: Timestamp) -> Result<Seq, AppError> {
    let (person, text) = match about {
        About::Person(person) => (Some(person), None),
        About::Text(text) => (None, Some(text)),
    };
    let (seq, said): (i64, i64) = fetch_optional!(
        tx,
        (i64, i64),
        "update rooms set last_seq = last_seq + 1, last_shown = last_seq + 1, last_at = $2
         where id = $1 and deleted_at is null returning last_seq, last_said",
        room,
        now
    )?
    .ok_or(AppError::NotFound)?;
    execute!(
        tx,
        "insert into messages (room_id, seq, said, kind, body, subject, subject_id, created_at) values ($1, $2, $3, 'notice', $4, $5, $6, $7)",
        room,
        seq,
        said,
        notice.code(),
        text,
        person,
        now
    )?;
    Ok(seq)
}

macro_rules! noting_people {
    ($people:literal) => {
        concat!(
            "insert into messages (room_id, seq, said, kind, body, subject_id, created_at)
             select $1, $2 + people.n, $3, 'notice', $4, people.id, $6 from (",
            $people,
            ") people"
        )
    };
}

/// Writes into a room's log what happened to each of some people, one after the other; the number of the last. They must be some.
///
/// # Errors
/// [`AppError::NotFound`] when the room is gone.
pub async fn add_notices(tx: &mut Conn, room: RoomId, notice: NoticeCode, people: &[UserId], now: Timestamp) -> Result<Seq, AppError> {
    let count = people.len() as i64;
    let (last, said): (i64, i64) = fetch_optional!(
        tx,
        (i64, i64),
        "update rooms set last_seq = last_seq + $3, last_shown = last_seq + $3, last_at = $2
         where id = $1 and deleted_at is null returning last_seq, last_said",
        room,
        now,
        count
    )?
    .ok_or(AppError::NotFound)?;
    let (before, list) = (last - count, list_of(people));
    each!(tx, |c|
        sqlite: sqlx::query(noting_people!("select unhex(value) as id, key + 1 as n from json_each($5)"))
            .bind(room).bind(before).bind(said).bind(notice.code()).bind(&list).bind(now).execute(c).await.map(drop),
        pg: sqlx::query(noting_people!("select value::uuid as id, n from json_array_elements_text($5::json) with ordinality as list (value, n)"))
            .bind(room).bind(before).bind(said).bind(notice.code()).bind(&list).bind(now).execute(c).await.map(drop))?;
    Ok(last)
}

/// Closes a room for everyone, with the reason that its page will give.
///
/// # Errors
/// When the database fails.
pub async fn delete_room(tx: &mut Conn, room: RoomId, reason: &str, now: Timestamp) -> Result<(), AppError> {
    execute!(tx, "update rooms set deleted_at = $2, deleted_reason = $3 where id = $1 and deleted_at is null", room, now, reason)?;
    images::store::release_room(tx, room, now).await
}
