//! Who listens to what on this node: plain data behind the hub's lock.
//!
//! People are in rooms, not sockets: all tabs of a person follow the same rooms. A room that somebody here follows has a
//! position, the last number that was fanned out; positions only move by one, so everybody gets everything in order.

use crate::features::chat::model::Message;
use crate::shared::ids::{RoomId, Seq, SessionId, UserId};
use axum::extract::ws::Utf8Bytes;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, OnceLock};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// Sockets of one person on this node.
const MOST_LINES: usize = 20;
/// Messages of this node that wait for the fan-out, a room; more are read from the database again.
const MAX_KNOWN: usize = 512;
/// Removals that are remembered while somebody is being let in; more and it is asked again.
const MAX_REMOVALS: usize = 4_096;

/// The end of one socket that frames are put into.
#[derive(Clone, Debug)]
pub(super) struct Line {
    pub id: u64,
    pub session: SessionId,
    pub queue: mpsc::Sender<Utf8Bytes>,
    pub end: End,
}

impl Line {
    /// Puts a frame into the socket's queue; a full one ends the socket.
    pub fn push(&self, frame: Utf8Bytes) {
        self.end.push(&self.queue, frame);
    }
}

/// How a socket is told to close. The first code stands.
#[derive(Clone, Debug, Default)]
pub struct End {
    code: Arc<OnceLock<u16>>,
    told: CancellationToken,
}

impl End {
    /// Puts a frame into the queue of this socket; a full one ends the socket, so that no frame is left out of it.
    pub fn push(&self, queue: &mpsc::Sender<Utf8Bytes>, frame: Utf8Bytes) {
        if let Err(mpsc::error::TrySendError::Full(_)) = queue.try_send(frame) {
            self.close(super::protocol::close::BEHIND);
        }
    }

    /// Tells the socket to close.
    pub fn close(&self, code: u16) {
        self.code.get_or_init(|| code);
        self.told.cancel();
    }

    /// Waits until it is told to.
    pub async fn told(&self) -> u16 {
        self.told.cancelled().await;
        self.code.get().copied().unwrap_or(super::protocol::close::GOING_AWAY)
    }
}

#[derive(Debug, Default)]
struct Person {
    lines: Vec<Line>,
    rooms: HashSet<RoomId>,
}

#[derive(Debug, Default)]
struct Room {
    people: HashSet<UserId>,
    /// The last number that was fanned out.
    position: Seq,
    /// The last number that is known to be committed.
    end: Seq,
    known: BTreeMap<Seq, Message>,
}

/// A room that is behind its log.
#[derive(Debug)]
pub(super) struct Behind {
    pub room: RoomId,
    pub position: Seq,
    /// How far the log is known to go.
    pub end: Seq,
    /// What this node wrote itself.
    pub known: BTreeMap<Seq, Message>,
}

#[derive(Debug, Default)]
pub(super) struct Registry {
    next: u64,
    pub closed: bool,
    pub sockets: usize,
    people: HashMap<UserId, Person>,
    rooms: HashMap<RoomId, Room>,
    behind: HashSet<RoomId>,
    pub entries: HashSet<(RoomId, UserId)>,
    /// Who is called something else now, and nobody was told yet.
    pub renamed: HashSet<UserId>,
    pub check: bool,
    letting_in: usize,
    /// Who was taken out of what (of nobody: the room was deleted) while somebody was being let in.
    removals: Vec<(RoomId, Option<UserId>)>,
    /// How many removals were forgotten.
    forgotten: u64,
    /// Ends of rooms that nobody followed when they were told, while somebody was being let in.
    early: HashMap<RoomId, Seq>,
}

impl Registry {
    /// Takes a socket in; those of this person that are the oldest make room for it.
    pub fn open(&mut self, user: UserId, session: SessionId, queue: mpsc::Sender<Utf8Bytes>, end: End) -> u64 {
        self.next += 1;
        self.sockets += 1;
        let lines = &mut self.people.entry(user).or_default().lines;
        lines.push(Line { id: self.next, session, queue, end });
        // They are in the order of their coming.
        let excess = lines.len().saturating_sub(MOST_LINES);
        lines[..excess].iter().for_each(|line| line.end.close(super::protocol::close::TOO_MANY));
        self.next
    }

    pub fn shut(&mut self, user: UserId, id: u64) {
        let Some(person) = self.people.get_mut(&user) else { return };
        let before = person.lines.len();
        person.lines.retain(|line| line.id != id);
        self.sockets -= before - person.lines.len();
        if person.lines.is_empty()
            && let Some(person) = self.people.remove(&user)
        {
            for room in person.rooms {
                self.unfollow(room, user);
            }
        }
    }

    /// From now on removals and ends are remembered until [`Registry::let_in`]; the number to give to it.
    pub fn begin_letting_in(&mut self) -> u64 {
        self.letting_in += 1;
        self.forgotten + self.removals.len() as u64
    }

    pub fn end_letting_in(&mut self) {
        self.letting_in -= 1;
        if self.letting_in == 0 {
            self.forgotten += self.removals.len() as u64;
            self.removals.clear();
            self.early.clear();
        }
    }

    /// Makes a person follow rooms that the database named after `since`, except those they were taken out of meanwhile.
    /// With `all`, they follow nothing else; the rooms that this takes away are returned. `None` when it must be asked
    /// again. The flag says whether a room has moved on since it was read.
    pub fn let_in(&mut self, user: UserId, rooms: &[(RoomId, Seq)], since: u64, all: bool) -> Option<(bool, Vec<RoomId>)> {
        let skip = usize::try_from(since.checked_sub(self.forgotten)?).ok()?;
        let removed: HashSet<RoomId> =
            self.removals.iter().skip(skip).filter(|(_, who)| who.is_none_or(|who| who == user)).map(|(room, _)| *room).collect();
        let Some(person) = self.people.get_mut(&user) else { return Some((false, Vec::new())) };
        let lost: Vec<RoomId> = if all {
            let kept: HashSet<RoomId> = rooms.iter().map(|(room, _)| *room).collect();
            person.rooms.difference(&kept).copied().collect()
        } else {
            Vec::new()
        };
        let mut moved = false;
        for (room, seq) in rooms.iter().filter(|(room, _)| !removed.contains(room)) {
            person.rooms.insert(*room);
            let followed = self.rooms.entry(*room).or_insert_with(|| Room { position: *seq, end: *seq, ..Room::default() });
            followed.people.insert(user);
            if let Some(end) = self.early.get(room) {
                followed.end = followed.end.max(*end);
            }
            if followed.end > followed.position {
                self.behind.insert(*room);
            }
            moved |= followed.position > *seq;
        }
        for room in &lost {
            self.remove(*room, user);
        }
        Some((moved, lost))
    }

    fn unfollow(&mut self, room: RoomId, user: UserId) {
        if let Some(followed) = self.rooms.get_mut(&room) {
            followed.people.remove(&user);
            if followed.people.is_empty() {
                self.rooms.remove(&room);
                self.behind.remove(&room);
            }
        }
    }

    fn note_removal(&mut self, room: RoomId, user: Option<UserId>) {
        if self.letting_in > 0 {
            if self.removals.len() >= MAX_REMOVALS {
                self.forgotten += self.removals.len() as u64;
                self.removals.clear();
            }
            self.removals.push((room, user));
        }
    }

    /// Takes a person out of a room; their sockets.
    pub fn remove(&mut self, room: RoomId, user: UserId) -> Vec<Line> {
        self.note_removal(room, Some(user));
        self.entries.remove(&(room, user));
        let Some(person) = self.people.get_mut(&user) else { return Vec::new() };
        person.rooms.remove(&room);
        let lines = person.lines.clone();
        self.unfollow(room, user);
        lines
    }

    /// Takes everybody out of a room; their sockets.
    pub fn delete(&mut self, room: RoomId) -> Vec<Line> {
        self.note_removal(room, None);
        self.behind.remove(&room);
        let Some(gone) = self.rooms.remove(&room) else { return Vec::new() };
        let mut lines = Vec::new();
        for user in gone.people {
            if let Some(person) = self.people.get_mut(&user) {
                person.rooms.remove(&room);
                lines.extend(person.lines.iter().cloned());
            }
        }
        lines
    }

    pub fn is_here(&self, user: UserId) -> bool {
        self.people.contains_key(&user)
    }

    pub fn follows(&self, room: RoomId, user: UserId) -> bool {
        self.rooms.get(&room).is_some_and(|room| room.people.contains(&user))
    }

    pub fn lines_of(&self, user: UserId) -> impl Iterator<Item = &Line> {
        self.people.get(&user).into_iter().flat_map(|person| person.lines.iter())
    }

    pub fn lines_in(&self, room: RoomId) -> impl Iterator<Item = &Line> {
        let people = self.rooms.get(&room).into_iter().flat_map(|room| room.people.iter());
        people.filter_map(|user| self.people.get(user)).flat_map(|person| person.lines.iter())
    }

    pub fn lines(&self) -> impl Iterator<Item = &Line> {
        self.people.values().flat_map(|person| person.lines.iter())
    }

    /// Notes that a room's log is committed up to a number; whether somebody here wants to know.
    pub fn advance(&mut self, room: RoomId, end: Seq, messages: Vec<Message>) -> bool {
        let Some(followed) = self.rooms.get_mut(&room) else {
            if self.letting_in > 0 {
                let early = self.early.entry(room).or_insert(end);
                *early = end.max(*early);
            }
            return false;
        };
        followed.end = followed.end.max(end);
        followed.known.extend(messages.into_iter().map(|message| (message.seq, message)));
        while followed.known.len() > MAX_KNOWN {
            // The oldest is needed first; the newest can be read again.
            followed.known.pop_last();
        }
        if followed.end > followed.position {
            self.behind.insert(room);
        }
        followed.end > followed.position
    }

    /// Rooms that are behind, at most so many.
    pub fn take_behind(&mut self, most: usize) -> Vec<Behind> {
        let rooms: Vec<RoomId> = self.behind.iter().copied().take(most).collect();
        rooms
            .into_iter()
            .filter_map(|room| {
                self.behind.remove(&room);
                let followed = self.rooms.get_mut(&room)?;
                Some(Behind { room, position: followed.position, end: followed.end, known: std::mem::take(&mut followed.known) })
            })
            .collect()
    }

    /// Fans out entries of a room in order and moves its position to the last of them. They must begin right after it;
    /// numbers may only be missing where the log itself has nothing to say. How many frames were put into queues.
    pub fn deliver(&mut self, room: RoomId, frames: &[(Seq, Utf8Bytes)]) -> usize {
        let Some(followed) = self.rooms.get_mut(&room) else { return 0 };
        let due = &frames[frames.partition_point(|(seq, _)| *seq <= followed.position)..];
        if let Some((last, _)) = due.last() {
            followed.position = *last;
        }
        if followed.end > followed.position {
            self.behind.insert(room);
        }
        let mut count = 0;
        for line in self.lines_in(room) {
            for (_, frame) in due {
                line.push(frame.clone());
            }
            count += due.len();
        }
        count
    }

    /// The database has nothing after a room's position although its log was said to go to `end`.
    pub fn give_up(&mut self, room: RoomId, end: Seq) {
        if let Some(followed) = self.rooms.get_mut(&room).filter(|followed| followed.end == end) {
            followed.end = followed.position;
            self.behind.remove(&room);
        }
    }

    /// Puts a room back whose reading failed.
    pub fn put_back(&mut self, room: RoomId) {
        if self.rooms.contains_key(&room) {
            self.behind.insert(room);
        }
    }

    pub fn everybody(&self) -> (Vec<UserId>, Vec<RoomId>) {
        (self.people.keys().copied().collect(), self.rooms.keys().copied().collect())
    }

    pub fn sessions(&self) -> Vec<SessionId> {
        self.lines().map(|line| line.session).collect::<HashSet<_>>().into_iter().collect()
    }

    pub fn waiting(&self) -> usize {
        self.behind.len()
    }
}
