//! The one task of this node that brings what is in the log to those who follow it.
//!
//! It is told that a room has moved on, never what to send: it sends everything between the room's position and its end,
//! from what this node wrote itself where that follows without a gap, and from the database otherwise. So it does not
//! matter who told first, twice, or not at all.

use super::bus::Event;
use super::hub::frame;
use super::protocol::Down;
use super::registry::Behind;
use crate::features::accounts::store::{alive_sessions, nicknames};
use crate::features::chat::model::{Message, Tally};
use crate::features::chat::store;
use crate::server::state::AppState;
use crate::shared::error::AppError;
use crate::shared::ids::{RoomId, Seq, UserId};
use axum::extract::ws::Utf8Bytes;
use futures_util::FutureExt;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::panic::AssertUnwindSafe;
use std::time::Duration;

/// Rooms that are brought up to date together.
const MOST_ROOMS: usize = 64;
/// Entries that are read together.
const MOST_READ: i64 = 1_000;
/// People whose new names are told together.
const MOST_RENAMED: usize = 20;
/// How long to leave a failing database alone.
const PAUSE: Duration = Duration::from_millis(250);
/// Rooms or people in one question.
const CHECK: usize = 500;

/// Starts the fan-out of this node.
pub fn start(state: AppState) {
    tokio::spawn(async move {
        loop {
            state.hub.news().await;
            loop {
                match AssertUnwindSafe(work(&state)).catch_unwind().await {
                    Ok(true) => {}
                    Ok(false) => break,
                    Err(_) => {
                        // What it had in hand is lost: everything that is followed is compared with the database.
                        tracing::error!("the fan-out panicked");
                        state.hub.hear(Event::Check);
                        tokio::time::sleep(PAUSE).await;
                    }
                }
            }
        }
    });
}

/// One round; whether there may be more to do.
async fn work(state: &AppState) -> bool {
    let hub = &state.hub;
    let mut is_failing = false;
    if hub.take_check() && check(state).await.is_err() {
        hub.hear(Event::Check);
        is_failing = true;
    }
    let entries = hub.take_entries();
    let had_entries = !entries.is_empty();
    if had_entries && let_in(state, &entries).await.is_err() {
        hub.put_entries_back(entries);
        is_failing = true;
    }
    let behind = hub.take_behind(MOST_ROOMS);
    let had_rooms = !behind.is_empty();
    is_failing |= !catch_up(state, behind).await;
    // After what was said before.
    let renamed = hub.take_renamed(MOST_RENAMED);
    let had_renamed = !renamed.is_empty();
    if had_renamed && tell_names(state, &renamed).await.is_err() {
        hub.put_renamed_back(renamed);
        is_failing = true;
    }
    if is_failing {
        tokio::time::sleep(PAUSE).await;
    }
    is_failing || had_entries || had_rooms || had_renamed
}

/// Brings rooms up to date; whether the database answered.
async fn catch_up(state: &AppState, behind: Vec<Behind>) -> bool {
    let mut unknown = HashMap::new();
    for Behind { room, position, end, mut known } in behind {
        let frames: Vec<_> = std::iter::successors(Some(position + 1), |seq| Some(seq + 1))
            .map_while(|seq| known.remove(&seq))
            .map(|message| said(room, message))
            .collect();
        if frames.is_empty() {
            unknown.insert(room, (position, end));
        } else {
            state.hub.deliver(room, &frames);
        }
    }
    if unknown.is_empty() {
        return true;
    }
    let asked: Vec<(RoomId, Seq)> = unknown.iter().map(|(room, (position, _))| (*room, *position)).collect();
    let Ok(found) = read(state, &asked).await else {
        asked.iter().for_each(|(room, _)| state.hub.put_back(*room));
        return false;
    };
    let is_all = (found.len() as i64) < MOST_READ;
    let mut frames: BTreeMap<RoomId, Vec<(Seq, Utf8Bytes)>> = BTreeMap::new();
    for (room, message) in found {
        frames.entry(room).or_default().push(said(room, message));
    }
    for (room, (_, end)) in unknown {
        match frames.get(&room) {
            Some(frames) => {
                state.hub.deliver(room, frames);
            }
            None if is_all => state.hub.give_up(room, end),
            None => state.hub.put_back(room),
        }
    }
    true
}

/// An entry as a frame, serialised once for everybody.
fn said(room: RoomId, message: Message) -> (Seq, Utf8Bytes) {
    (message.seq, frame(&Down::Message { room, message }))
}

async fn read(state: &AppState, asked: &[(RoomId, Seq)]) -> Result<Vec<(RoomId, Message)>, AppError> {
    let mut conn = state.db.read().await?;
    store::after(&mut conn, asked, MOST_READ).await
}

/// Makes people follow rooms that they came into, as far as the database says that they did.
async fn let_in(state: &AppState, entries: &[(RoomId, UserId)]) -> Result<(), AppError> {
    let door = state.hub.letting_in();
    let mut conn = state.db.read().await?;
    for entries in entries.chunks(CHECK) {
        for row in store::held_of(&mut conn, entries).await? {
            if door.follow(row.person, &[(row.room, row.last)]).is_none() {
                return Err(AppError::Unavailable);
            }
            state.hub.tell_entered(row.person, row.room, Tally { said: row.said, read: row.read });
        }
    }
    Ok(())
}

/// Tells what people are called now to everybody here who is in a room that they are or were in.
async fn tell_names(state: &AppState, users: &[UserId]) -> Result<(), AppError> {
    let mut conn = state.db.read().await?;
    let mut rooms: HashMap<UserId, Vec<RoomId>> = HashMap::new();
    for (user, room) in store::whereabouts(&mut conn, users).await? {
        rooms.entry(user).or_default().push(room);
    }
    for (user, nickname) in nicknames(&mut conn, users).await? {
        state.hub.tell_name(user, nickname, rooms.get(&user).map(Vec::as_slice).unwrap_or_default());
    }
    Ok(())
}

/// After events may have been lost: compares every session and everything that is followed here with the database.
async fn check(state: &AppState) -> Result<(), AppError> {
    let (users, rooms) = state.hub.everybody();
    let mut conn = state.db.read().await?;
    for sessions in state.hub.sessions().chunks(CHECK) {
        let alive: HashSet<_> = alive_sessions(&mut conn, sessions).await?.into_iter().collect();
        for session in sessions.iter().filter(|session| !alive.contains(session)) {
            state.hub.hear(Event::SessionEnded { session: *session });
        }
    }
    // Before the people: who is in a room that was deleted has not been taken out of it.
    for rooms in rooms.chunks(CHECK) {
        let ends: HashMap<_, _> =
            store::ends(&mut conn, rooms).await?.into_iter().map(|(room, end, is_party)| (room, (end, is_party))).collect();
        for room in rooms.iter().copied() {
            let Some((seq, is_party)) = ends.get(&room).copied() else {
                state.hub.hear(Event::Deleted { room });
                continue;
            };
            state.hub.hear(Event::Advanced { room, seq });
            if is_party {
                // No number says whether its bill is another: who has it before them asks again.
                state.hub.hear(Event::Billed { room });
            }
        }
    }
    for users in users.chunks(CHECK) {
        let door = state.hub.letting_in();
        let mut held: HashMap<_, Vec<_>> = users.iter().map(|user| (*user, Vec::new())).collect();
        for row in store::held(&mut conn, users).await? {
            held.entry(row.person).or_default().push((row.room, row.last));
        }
        held.iter().for_each(|(user, rooms)| door.follow_only(*user, rooms));
    }
    Ok(())
}
