//! What one person has said, for the file of their own things.
//!
//! Messages have no index by their author: everybody's every message would be another page of it to write. So their rooms are looked
//! through, a part of a room at a time.

use super::export::{After, CHUNK, Rows, iso};
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
/// Parts of rooms that are looked through before it is asked whether somebody still listens.
const PARTS: usize = 50;
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

/// Some of what a person has said after a place, and where to go on, if there may be more: there may be more even after nothing.
///
/// # Errors
/// When the database fails.
pub(super) async fn said(conn: &mut Conn, user: UserId, after: After) -> Result<Rows, AppError> {
    said_by(conn, user, after, (CHUNK, ROOMS, PARTS, REACH)).await
}

/// At most `chunk` messages of `page` rooms, in at most `parts` of `reach` entries.
async fn said_by(
    conn: &mut Conn,
    user: UserId,
    (seq, room): After,
    (chunk, page, parts, reach): (i64, i64, usize, Seq),
) -> Result<Rows, AppError> {
    let (mut found, mut asked) = (Vec::new(), 0);
    let rooms = rooms(conn, user, room, page).await?;
    for (id, last) in &rooms {
        // Rooms begin with 1.
        let mut from = if *id == room { seq.max(0) } else { 0 };
        while from < *last {
            let most = chunk - found.len() as i64;
            if most == 0 || asked == parts {
                return Ok((found, Some((from, *id))));
            }
            asked += 1;
            let until = from.saturating_add(reach);
            let rows = part(conn, user, *id, (from, until), most).await?;
            from = rows.last().filter(|_| rows.len() as i64 == most).map_or(until, |row| row.seq);
            for row in rows {
                found.push(serde_json::to_string(&row).map_err(|_| AppError::Internal)?);
            }
        }
    }
    let end = rooms.last().filter(|_| rooms.len() as i64 == page);
    Ok((found, end.map(|(last, _)| (0, Uuid::from_u128(last.as_u128().saturating_add(1))))))
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
                // One of hers she has left since.
                let left = (n == 5).then_some(now);
                for person in if is_hers { vec![mina.id(), jun.id()] } else { vec![jun.id()] } {
                    execute!(
                        tx,
                        "insert into room_members (room_id, user_id, joined_at, joined_seq, read_seq, read_said, left_at) values ($1, $2, $3, 0, 0, 0, $4)",
                        room,
                        person,
                        now,
                        left
                    )
                    .expect("a member");
                }
                for seq in 1..=length {
                    let is_mina = is_hers && seq % every == 0;
                    // Deleted; a picture without words; a change, which has no words of its own.
                    let (kind, body, pictures) = match seq {
                        2 => ("text", "", ""),
                        3 => ("text", "", "a picture"),
                        4 => ("change", "", ""),
                        _ => ("text", "hello", ""),
                    };
                    execute!(
                        tx,
                        "insert into messages (room_id, seq, said, send_id, author_id, kind, body, pictures, created_at)
                         values ($1, $2, $2, $3, $4, $5, $6, $7, $8)",
                        room,
                        seq,
                        SendId::random(),
                        if is_mina { mina.id() } else { jun.id() },
                        kind,
                        body,
                        pictures,
                        now
                    )
                    .expect("a message");
                    if is_mina && !(body.is_empty() && pictures.is_empty()) {
                        expected.push((room, seq));
                    }
                }
            }
            tx.commit().await.expect("committed");
            let mut conn = app.state.db.read().await.expect("a connection");
            let (all, mut pauses) = (expected.len() as i64, 0);
            for asks in [(1, 1, 1, 1), (2, 1, 2, 3), (3, 2, 1, 2), (7, 3, 5, 7), (100, 200, 50, 5_000), (5, 200, 3, 4), (all, 1, 50, 5)] {
                let (mut found, mut after) = (Vec::new(), (i64::MIN, Uuid::nil()));
                loop {
                    let (rows, next) = said_by(&mut conn, mina.id(), after, asks).await.expect("read");
                    assert!(rows.len() as i64 <= asks.0, "{asks:?}");
                    pauses += i32::from(rows.is_empty() && next.is_some());
                    for row in rows {
                        let row: serde_json::Value = serde_json::from_str(&row).expect("JSON");
                        found.push((row["room"].as_str().and_then(|id| id.parse().ok()).expect("a room"), row["seq"].as_i64().expect("a number")));
                    }
                    match next {
                        Some(place) => after = place,
                        None => break,
                    }
                }
                assert_eq!(found, expected, "{asks:?}");
            }
            assert!(pauses > 10, "where nothing is found for long, it is asked whether somebody still listens");
        }
    }
}
