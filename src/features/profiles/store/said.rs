//! What one person has said, for the file of their own things.
//!
//! Messages have no index by their author: everybody's every message would be another page of it to write. So their rooms are looked
//! through, a part of a room at a time.

use super::export::{After, CHUNK, iso};
use crate::fetch_all;
use crate::server::db::Conn;
use crate::shared::error::AppError;
use crate::shared::ids::{RoomId, Seq, UserId};
use crate::shared::images::Pictures;
use crate::shared::time::Timestamp;
use serde::Serialize;
use uuid::Uuid;

/// Rooms that are asked for together.
const ROOMS: i64 = 200;
/// Entries of a room that are looked through together.
const REACH: Seq = 5_000;

#[derive(Serialize, sqlx::FromRow)]
struct Said {
    room: RoomId,
    seq: Seq,
    text: String,
    pictures: Pictures,
    #[serde(serialize_with = "iso")]
    created_at: Timestamp,
}

/// What a person has said after a place, at most [`CHUNK`]; fewer only at the end.
///
/// # Errors
/// When the database fails.
pub(super) async fn said(conn: &mut Conn, user: UserId, after: After) -> Result<Vec<(After, String)>, AppError> {
    said_by(conn, user, after, CHUNK, ROOMS, REACH).await
}

/// `chunk` messages, found by asking for `page` rooms and looking through `reach` entries at a time.
async fn said_by(
    conn: &mut Conn,
    user: UserId,
    (mut seq, mut room): After,
    chunk: i64,
    page: i64,
    reach: Seq,
) -> Result<Vec<(After, String)>, AppError> {
    let mut found = Vec::new();
    loop {
        let rooms = rooms(conn, user, room, page).await?;
        for (id, last) in &rooms {
            // Rooms begin with 1.
            let mut from = if *id == room { seq.max(0) } else { 0 };
            while from < *last {
                let most = chunk - found.len() as i64;
                let rows = part(conn, user, *id, (from, from.saturating_add(reach)), most).await?;
                from = if (rows.len() as i64) < most { from.saturating_add(reach) } else { *last };
                for row in rows {
                    found.push(((row.seq, *id), serde_json::to_string(&row).map_err(|_| AppError::Internal)?));
                }
                if found.len() as i64 == chunk {
                    return Ok(found);
                }
            }
        }
        match rooms.last() {
            Some((last, _)) if rooms.len() as i64 == page => (seq, room) = (0, Uuid::from_u128(last.as_u128().saturating_add(1))),
            _ => return Ok(found),
        }
    }
}

/// Some of the rooms that a person is or was in from one on, with the last number of each.
async fn rooms(conn: &mut Conn, user: UserId, from: Uuid, page: i64) -> Result<Vec<(Uuid, Seq)>, AppError> {
    Ok(fetch_all!(
        conn,
        (Uuid, Seq),
        "select m.room_id, r.last_seq from room_members m join rooms r on r.id = m.room_id where m.user_id = $1 and m.room_id >= $2
         order by m.room_id limit $3",
        user,
        from,
        page
    )?)
}

/// What somebody said in a room between two numbers, the first excluded.
async fn part(conn: &mut Conn, user: UserId, room: Uuid, (after, until): (Seq, Seq), most: i64) -> Result<Vec<Said>, AppError> {
    Ok(fetch_all!(
        conn,
        Said,
        "select room_id as room, seq, body as text, pictures, created_at from messages
         where room_id = $2 and seq > $3 and seq <= $4 and author_id = $1 and kind = 'text' and (body <> '' or pictures <> '')
         order by seq limit $5",
        user,
        room,
        after,
        until,
        most
    )?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shared::ids::SendId;
    use crate::{execute, on_both};

    on_both! {
        async fn all_that_one_has_said_is_found_in_its_order_however_it_is_read(app: TestApp) {
            let (mina, jun) = (app.member("mina").await, app.member("jun").await);
            let mut tx = app.state.db.begin().await.expect("a transaction");
            let mut expected = Vec::new();
            // Rooms where she said everything, something, nothing; an empty one; and one where she has never been.
            for (n, length, every) in [(1, 7, 1), (2, 23, 3), (3, 9, 100), (4, 0, 1), (5, 12, 2), (6, 8, 1)] {
                let (room, now) = (RoomId(Uuid::from_u128(n << 64)), app.now());
                execute!(
                    tx,
                    "insert into rooms (id, kind, last_seq, last_said, last_at, created_at) values ($1, 'party', $2, $2, $3, $3)",
                    room,
                    length,
                    now
                )
                .expect("a room");
                let is_hers = n != 6;
                for person in if is_hers { vec![mina.id(), jun.id()] } else { vec![jun.id()] } {
                    execute!(
                        tx,
                        "insert into room_members (room_id, user_id, joined_at, joined_seq, read_seq, read_said) values ($1, $2, $3, 0, 0, 0)",
                        room,
                        person,
                        now
                    )
                    .expect("a member");
                }
                for seq in 1..=length {
                    let (is_mina, body) = (is_hers && seq % every == 0, if seq == 2 { "" } else { "hello" });
                    execute!(
                        tx,
                        "insert into messages (room_id, seq, said, send_id, author_id, kind, body, created_at) values ($1, $2, $2, $3, $4, 'text', $5, $6)",
                        room,
                        seq,
                        SendId::random(),
                        if is_mina { mina.id() } else { jun.id() },
                        body,
                        now
                    )
                    .expect("a message");
                    if is_mina && !body.is_empty() {
                        expected.push((seq, room.0));
                    }
                }
            }
            tx.commit().await.expect("committed");
            let mut conn = app.state.db.read().await.expect("a connection");
            for (chunk, page, reach) in [(1, 1, 1), (2, 1, 3), (3, 2, 2), (7, 3, 7), (100, 200, 5_000), (5, 200, 4), (expected.len() as i64, 1, 5)] {
                let (mut found, mut after) = (Vec::new(), (i64::MIN, Uuid::nil()));
                loop {
                    let rows = said_by(&mut conn, mina.id(), after, chunk, page, reach).await.expect("read");
                    let is_end = (rows.len() as i64) < chunk;
                    found.extend(rows.iter().map(|(place, _)| *place));
                    match found.last() {
                        Some(last) if !is_end => after = *last,
                        _ => break,
                    }
                }
                assert_eq!(found, expected, "{chunk} {page} {reach}");
            }
        }
    }
}
