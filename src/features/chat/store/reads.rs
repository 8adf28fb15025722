//! Read positions. They only ever move forward, and never past the end of the log.

use crate::each;
use crate::fetch_all;
use crate::server::db::Conn;
use crate::shared::error::AppError;
use crate::shared::ids::{RoomId, Seq, UserId};
use serde_json::json;

/// Somebody has read a room up to a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct ReadOn {
    /// Which room.
    pub room: RoomId,
    /// Who.
    pub person: UserId,
    /// Up to where.
    pub seq: Seq,
    /// How many said messages that is.
    pub said: i64,
}

/// Moves read positions of people who are in the room; those that really moved.
///
/// # Errors
/// When the database fails.
pub async fn mark_read(tx: &mut Conn, reads: &[(RoomId, UserId, Seq)]) -> Result<Vec<ReadOn>, AppError> {
    if reads.is_empty() {
        return Ok(Vec::new());
    }
    let asked: Vec<_> = reads
        .iter()
        .map(|(room, user, seq)| json!({"room": room.0.simple().to_string(), "person": user.0.simple().to_string(), "seq": seq}))
        .collect();
    let asked = json!(asked).to_string();
    Ok(each!(tx, |c|
        sqlite: sqlx::query_as(
            "update room_members set read_seq = x.seq, read_said = x.said
             from (select unhex(j.value ->> 'room') as room, unhex(j.value ->> 'person') as person, m.seq, m.said
                   from json_each($1) j
                   join rooms r on r.id = unhex(j.value ->> 'room') and r.deleted_at is null
                   join messages m on m.room_id = r.id and m.seq = min(j.value ->> 'seq', r.last_seq)) x
             where room_id = x.room and user_id = x.person and read_seq < x.seq and left_at is null and not hidden
             returning room_id as room, user_id as person, read_seq as seq, read_said as said",
        ).bind(&asked).fetch_all(c).await,
        pg: sqlx::query_as(
            "update room_members set read_seq = x.seq, read_said = x.said
             from (select j.room, j.person, m.seq, m.said
                   from json_to_recordset($1::json) as j(room uuid, person uuid, seq bigint)
                   join rooms r on r.id = j.room and r.deleted_at is null
                   join messages m on m.room_id = r.id and m.seq = least(j.seq, r.last_seq)) x
             where room_id = x.room and user_id = x.person and read_seq < x.seq and left_at is null and not hidden
             returning room_id as room, user_id as person, read_seq as seq, read_said as said",
        ).bind(&asked).fetch_all(c).await)?)
}

/// How far everybody in a room has read, for somebody who is in it; empty for anybody else.
///
/// # Errors
/// When the database fails.
pub async fn reads(conn: &mut Conn, room: RoomId, user: UserId) -> Result<Vec<(UserId, Seq)>, AppError> {
    Ok(fetch_all!(
        conn,
        (UserId, Seq),
        "select m.user_id, m.read_seq from room_members me
         join rooms r on r.id = me.room_id and r.deleted_at is null
         join room_members m on m.room_id = me.room_id and m.left_at is null
         where me.room_id = $1 and me.user_id = $2 and me.left_at is null and not me.hidden",
        room,
        user
    )?)
}
