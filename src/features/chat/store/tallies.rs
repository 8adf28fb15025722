//! Which rooms people are in and how much of them they have read: what the live connections need.

use crate::each;
use crate::features::chat::model::Tally;
use crate::server::db::Conn;
use crate::shared::error::AppError;
use crate::shared::ids::{RoomId, Seq, UserId};
use crate::{fetch_all, fetch_one, fetch_optional};
use serde_json::json;

/// Rooms of renamed people that are told of it.
const MOST_WHEREABOUTS: i64 = 10_000;

/// Most rooms that a connection follows by itself, newest first; another one is followed when it is opened.
const MAX_FOLLOWED: i64 = 2_000;

/// A room of a person, for their live connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Standing {
    /// Which.
    pub room: RoomId,
    /// The last number of its log.
    pub last: Seq,
    /// Messages said in it.
    pub said: i64,
    /// How many of them were read.
    pub read: i64,
}

impl Standing {
    /// How much of it was read.
    #[must_use]
    pub const fn tally(self) -> Tally {
        Tally { said: self.said, read: self.read }
    }
}

/// The rooms in a person's list, newest conversation first.
///
/// # Errors
/// When the database fails.
pub async fn standings(conn: &mut Conn, user: UserId) -> Result<Vec<Standing>, AppError> {
    Ok(fetch_all!(
        conn,
        Standing,
        "select r.id as room, r.last_seq as last, r.last_said as said, m.read_said as read
         from room_members m join rooms r on r.id = m.room_id
         where m.user_id = $1 and m.left_at is null and not m.hidden and r.deleted_at is null
         order by r.last_at desc, r.id desc limit $2",
        user,
        MAX_FOLLOWED
    )?)
}

/// Unread messages in the rooms of a person's list, as far as connections follow them, but not in the silent ones.
///
/// # Errors
/// When the database fails.
pub async fn unread(conn: &mut Conn, user: UserId) -> Result<i64, AppError> {
    let (unread,): (i64,) = fetch_one!(
        conn,
        (i64,),
        "select cast(coalesce(sum(case when muted or said < read then 0 else said - read end), 0) as bigint)
         from (select r.last_said as said, m.read_said as read, m.muted as muted
               from room_members m join rooms r on r.id = m.room_id
               where m.user_id = $1 and m.left_at is null and not m.hidden and r.deleted_at is null
               order by r.last_at desc, r.id desc limit $2) followed",
        user,
        MAX_FOLLOWED
    )?;
    Ok(unread)
}

/// One of them.
///
/// # Errors
/// When the database fails.
pub async fn tally_of(conn: &mut Conn, room: RoomId, user: UserId) -> Result<Option<Standing>, AppError> {
    Ok(fetch_optional!(
        conn,
        Standing,
        "select r.id as room, r.last_seq as last, r.last_said as said, m.read_said as read
         from room_members m join rooms r on r.id = m.room_id
         where m.room_id = $1 and m.user_id = $2 and m.left_at is null and not m.hidden and r.deleted_at is null",
        room,
        user
    )?)
}

/// A room that a person has in their list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Held {
    /// Who.
    pub person: UserId,
    /// Which room.
    pub room: RoomId,
    /// The last number of its log.
    pub last: Seq,
    /// Messages said in it.
    pub said: i64,
    /// How many of them were read.
    pub read: i64,
}

/// All rooms of some people.
///
/// # Errors
/// When the database fails.
pub async fn held(conn: &mut Conn, users: &[UserId]) -> Result<Vec<Held>, AppError> {
    let asked = json!(users.iter().map(|user| user.0.simple().to_string()).collect::<Vec<_>>()).to_string();
    Ok(each!(conn, |c|
        sqlite: sqlx::query_as(
            "select m.user_id as person, r.id as room, r.last_seq as last, r.last_said as said, m.read_said as read
             from json_each($1) j join room_members m on m.user_id = unhex(j.value) join rooms r on r.id = m.room_id
             where m.left_at is null and not m.hidden and r.deleted_at is null",
        ).bind(&asked).fetch_all(c).await,
        pg: sqlx::query_as(
            "select m.user_id as person, r.id as room, r.last_seq as last, r.last_said as said, m.read_said as read
             from json_array_elements_text($1::json) as j(value) join room_members m on m.user_id = j.value::uuid join rooms r on r.id = m.room_id
             where m.left_at is null and not m.hidden and r.deleted_at is null",
        ).bind(&asked).fetch_all(c).await)?)
}

/// Of these people in these rooms, those who have them in their list.
///
/// # Errors
/// When the database fails.
pub async fn held_of(conn: &mut Conn, asked: &[(RoomId, UserId)]) -> Result<Vec<Held>, AppError> {
    let asked: Vec<_> =
        asked.iter().map(|(room, user)| json!({"room": room.0.simple().to_string(), "person": user.0.simple().to_string()})).collect();
    let asked = json!(asked).to_string();
    Ok(each!(conn, |c|
        sqlite: sqlx::query_as(
            "select m.user_id as person, r.id as room, r.last_seq as last, r.last_said as said, m.read_said as read
             from json_each($1) j
             join room_members m on m.room_id = unhex(j.value ->> 'room') and m.user_id = unhex(j.value ->> 'person')
             join rooms r on r.id = m.room_id
             where m.left_at is null and not m.hidden and r.deleted_at is null",
        ).bind(&asked).fetch_all(c).await,
        pg: sqlx::query_as(
            "select m.user_id as person, r.id as room, r.last_seq as last, r.last_said as said, m.read_said as read
             from json_to_recordset($1::json) as x(room uuid, person uuid)
             join room_members m on m.room_id = x.room and m.user_id = x.person
             join rooms r on r.id = m.room_id
             where m.left_at is null and not m.hidden and r.deleted_at is null",
        ).bind(&asked).fetch_all(c).await)?)
}

/// The rooms that some people are or were in, of each the latest ones first; with those that stand still for years there is a bound.
///
/// # Errors
/// When the database fails.
pub async fn whereabouts(conn: &mut Conn, users: &[UserId]) -> Result<Vec<(UserId, RoomId)>, AppError> {
    let asked = json!(users.iter().map(|user| user.0.simple().to_string()).collect::<Vec<_>>()).to_string();
    Ok(each!(conn, |c|
        sqlite: sqlx::query_as(
            "select m.user_id, r.id from json_each($1) j join room_members m on m.user_id = unhex(j.value) join rooms r on r.id = m.room_id
             where r.deleted_at is null order by r.last_at desc limit $2",
        ).bind(&asked).bind(MOST_WHEREABOUTS).fetch_all(c).await,
        pg: sqlx::query_as(
            "select m.user_id, r.id
             from json_array_elements_text($1::json) as j(value) join room_members m on m.user_id = j.value::uuid join rooms r on r.id = m.room_id
             where r.deleted_at is null order by r.last_at desc limit $2",
        ).bind(&asked).bind(MOST_WHEREABOUTS).fetch_all(c).await)?)
}

/// The last numbers of rooms that are not deleted, and whether each is a party's.
///
/// # Errors
/// When the database fails.
pub async fn ends(conn: &mut Conn, rooms: &[RoomId]) -> Result<Vec<(RoomId, Seq, bool)>, AppError> {
    let asked = json!(rooms.iter().map(|room| room.0.simple().to_string()).collect::<Vec<_>>()).to_string();
    Ok(each!(conn, |c|
        sqlite: sqlx::query_as("select id, last_seq, kind = 'party' from rooms where deleted_at is null and id in (select unhex(value) from json_each($1))")
            .bind(&asked).fetch_all(c).await,
        pg: sqlx::query_as(
            "select id, last_seq, kind = 'party' from rooms
             where deleted_at is null and id in (select value::uuid from json_array_elements_text($1::json))",
        ).bind(&asked).fetch_all(c).await)?)
}
