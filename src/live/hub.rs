//! The open sockets of this node.

use super::bus::Event;
use super::protocol::{Down, close};
use super::registry::{Behind, End, Line, Registry};
use crate::features::chat::model::{Message, Tally};
use crate::shared::ids::{PartyId, QuestionId, RoomId, Seq, SessionId, UserId};
use axum::extract::ws::Utf8Bytes;
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;
use tokio::sync::{Notify, mpsc};

/// Frames that may wait for a socket; a reader that falls farther behind is closed and resumes.
pub const QUEUE: usize = 256;

/// Knows who listens here and tells them what happened. Cheap to clone. Call it after the commit of the cause.
#[derive(Clone, Debug, Default)]
pub struct Hub(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    registry: Mutex<Registry>,
    /// Wakes the fan-out.
    news: Notify,
    bus: OnceLock<mpsc::Sender<Event>>,
    /// An event could not be handed to the bus: other nodes must look themselves.
    lost: AtomicBool,
    /// Sockets that are open or say their last word.
    alive: AtomicUsize,
}

/// A socket's end of the hub. Lives as long as the connection.
#[derive(Debug)]
pub struct Ear {
    hub: Hub,
    id: u64,
    user: UserId,
    /// Frames for this socket.
    pub frames: mpsc::Receiver<Utf8Bytes>,
    /// Puts frames there.
    pub queue: mpsc::Sender<Utf8Bytes>,
    /// Closes it.
    pub end: End,
}

impl Ear {
    /// Takes the socket out: nothing is put into its queue any more.
    pub fn shut(&self) {
        self.hub.with(|registry| {
            registry.shut(self.user, self.id);
            metrics::gauge!("sockets_open").set(registry.sockets as f64);
        });
    }
}

impl Drop for Ear {
    fn drop(&mut self) {
        self.shut();
        self.hub.0.alive.fetch_sub(1, Ordering::AcqRel);
    }
}

/// While it lives, the hub remembers who is taken out of what, so that what the database said before cannot undo it.
#[derive(Debug)]
pub struct LettingIn {
    hub: Hub,
    since: u64,
}

impl Drop for LettingIn {
    fn drop(&mut self) {
        self.hub.with(Registry::end_letting_in);
    }
}

impl LettingIn {
    /// Makes a person follow rooms that the database named after this was made. `None`: ask it again. Whether one of
    /// them has moved on since.
    #[must_use]
    pub fn follow(&self, user: UserId, rooms: &[(RoomId, Seq)]) -> Option<bool> {
        let (moved, _) = self.hub.with(|registry| registry.let_in(user, rooms, self.since, false))?;
        self.hub.0.news.notify_one();
        Some(moved)
    }

    /// Makes a person follow these rooms and no others; those they lose are told.
    pub(super) fn follow_only(&self, user: UserId, rooms: &[(RoomId, Seq)]) {
        let lost = self.hub.with(|registry| registry.let_in(user, rooms, self.since, true)).map(|(_, lost)| lost).unwrap_or_default();
        for room in lost {
            self.hub.send_to(user, &Down::Gone { room, code: close::ROOM_LEFT });
        }
        self.hub.0.news.notify_one();
    }
}

/// A frame as it goes over the wire.
#[must_use]
pub fn frame(down: &Down) -> Utf8Bytes {
    serde_json::to_string(down).expect("a frame is JSON").into()
}

impl Hub {
    /// A person came into a room.
    pub fn entered(&self, room: RoomId, user: UserId) {
        self.tell_all(Event::Entered { room, user });
    }

    /// A person was given a seat by others: the host accepted them, or it was their turn.
    pub fn seated(&self, user: UserId, party: PartyId, title: String) {
        self.tell_all(Event::Seated { user, party, title });
    }

    /// What the sockets of a person were told first is otherwise now: they come back.
    pub fn recall(&self, user: UserId) {
        self.tell_all(Event::Recalled { user });
    }

    /// A person is called something else now: their sockets come back and are known by the new name, and the open pages of those
    /// they share or shared a room with call them so.
    pub fn renamed(&self, user: UserId) {
        self.tell_all(Event::Renamed { user });
    }

    /// The notices of a person are others now: their pages count them again.
    pub fn noticed(&self, user: UserId) {
        self.tell_all(Event::Noticed { user });
    }

    /// More of an answer to a person's question has come, or its end: their pages show it.
    pub fn suggested(&self, user: UserId, question: QuestionId, text: String, is_over: bool) {
        self.tell_all(Event::Suggested { user, question, text, is_over });
    }

    /// A room is silent for a person now, or is heard again: their pages count without it, or with it.
    pub fn muted(&self, room: RoomId, user: UserId, is_muted: bool) {
        self.tell_all(Event::Muted { user, room, is_muted });
    }

    /// A person blocks another one now, or no more: their own pages fold what that one says. Nobody else is told.
    pub fn blocked(&self, user: UserId, person: UserId, is_blocked: bool) {
        self.tell_all(Event::Blocked { user, person, is_blocked });
    }

    /// A person is out of a room: their sockets leave it at once.
    pub fn left(&self, room: RoomId, user: UserId) {
        self.tell_all(Event::Left { room, user });
    }

    /// A room was deleted: every socket leaves it.
    pub fn deleted(&self, room: RoomId) {
        self.tell_all(Event::Deleted { room });
    }

    /// Entries of a room up to this number are committed.
    pub fn advanced(&self, room: RoomId, seq: Seq) {
        self.tell_all(Event::Advanced { room, seq });
    }

    /// A session has ended: its sockets close.
    pub fn session_ended(&self, session: SessionId) {
        self.tell_all(Event::SessionEnded { session });
    }

    /// Every socket closes; the readers come back to another node, or to this one when it is up again.
    pub fn shutdown(&self) {
        self.with(|registry| {
            registry.closed = true;
            registry.lines().for_each(|line| line.end.close(close::GOING_AWAY));
        });
    }

    /// Waits until every socket is closed, at most this long.
    pub async fn drained(&self, most: Duration) {
        let until = tokio::time::Instant::now() + most;
        while self.0.alive.load(Ordering::Acquire) > 0 && tokio::time::Instant::now() < until {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Messages of a room were committed by this node's writer; the same as [`Hub::advanced`] without reading them again.
    pub fn said(&self, room: RoomId, messages: Vec<Message>) {
        let Some(seq) = messages.iter().map(|message| message.seq).max() else { return };
        self.publish(Event::Advanced { room, seq });
        if self.with(|registry| registry.advance(room, seq, messages)) {
            self.0.news.notify_one();
        }
    }

    /// Something on the bill of a room's party is different: who has it before them asks again.
    pub fn billed(&self, room: RoomId) {
        self.tell_all(Event::Billed { room });
    }

    /// Somebody has read on.
    pub fn read(&self, room: RoomId, user: UserId, seq: Seq, said: i64) {
        self.tell_all(Event::Read { room, user, seq, said });
    }

    /// Somebody is writing.
    pub fn typing(&self, room: RoomId, user: UserId, nickname: &str) {
        self.tell_all(Event::Typing { room, user, nickname: nickname.to_owned() });
    }

    /// Takes a socket in. It follows nothing yet.
    #[must_use]
    pub fn open(&self, user: UserId, session: SessionId) -> Ear {
        let (queue, frames) = mpsc::channel(QUEUE);
        let end = End::default();
        self.0.alive.fetch_add(1, Ordering::AcqRel);
        let id = self.with(|registry| {
            if registry.closed {
                end.close(close::GOING_AWAY);
            }
            let id = registry.open(user, session, queue.clone(), end.clone());
            metrics::gauge!("sockets_open").set(registry.sockets as f64);
            id
        });
        Ear { hub: self.clone(), id, user, frames, queue, end }
    }

    /// Begin here, then ask the database, then [`LettingIn::follow`].
    #[must_use]
    pub fn letting_in(&self) -> LettingIn {
        LettingIn { hub: self.clone(), since: self.with(Registry::begin_letting_in) }
    }

    /// Whether a person with a socket here is in a room.
    #[must_use]
    pub fn follows(&self, room: RoomId, user: UserId) -> bool {
        self.with(|registry| registry.follows(room, user))
    }

    /// Open sockets on this node.
    #[must_use]
    pub fn sockets(&self) -> usize {
        self.with(|registry| registry.sockets)
    }

    /// The other nodes' way in, and this one's out.
    pub(super) fn connect_bus(&self, out: mpsc::Sender<Event>) {
        // One node has one bus.
        let _ = self.0.bus.set(out);
    }

    /// Whether an event was lost on its way out since this was last asked.
    pub(super) fn take_lost(&self) -> bool {
        self.0.lost.swap(false, Ordering::AcqRel)
    }

    fn publish(&self, event: Event) {
        if let Some(bus) = self.0.bus.get()
            && bus.try_send(event).is_err()
        {
            self.0.lost.store(true, Ordering::Release);
        }
    }

    fn tell_all(&self, event: Event) {
        self.publish(event.clone());
        self.hear(event);
    }

    /// Does here what an event asks for, wherever it comes from.
    pub(super) fn hear(&self, event: Event) {
        match event {
            Event::Entered { room, user } => {
                let is_here = self.with(|registry| registry.is_here(user) && registry.entries.insert((room, user)));
                if is_here {
                    self.0.news.notify_one();
                }
            }
            Event::Seated { user, party, title } => self.send_to(user, &Down::Seated { party, title }),
            Event::Recalled { user } => self.call_back(user),
            Event::Renamed { user } => {
                self.call_back(user);
                self.with(|registry| registry.renamed.insert(user));
                self.0.news.notify_one();
            }
            Event::Noticed { user } => self.send_to(user, &Down::Noticed),
            Event::Suggested { user, question, text, is_over } => self.send_to(user, &Down::Suggested { question, text, is_over }),
            Event::Muted { user, room, is_muted } => self.send_to(user, &Down::Muted { room, is_muted }),
            Event::Blocked { user, person, is_blocked } => self.send_to(user, &Down::Blocked { person, is_blocked }),
            Event::Left { room, user } => {
                let gone = frame(&Down::Gone { room, code: close::ROOM_LEFT });
                self.with(|registry| registry.remove(room, user).iter().for_each(|line| line.push(gone.clone())));
            }
            Event::Deleted { room } => {
                let gone = frame(&Down::Gone { room, code: close::ROOM_DELETED });
                self.with(|registry| registry.delete(room).iter().for_each(|line| line.push(gone.clone())));
            }
            Event::Advanced { room, seq } => {
                if self.with(|registry| registry.advance(room, seq, Vec::new())) {
                    self.0.news.notify_one();
                }
            }
            Event::SessionEnded { session } => self.with(|registry| {
                registry.lines().filter(|line| line.session == session).for_each(|line| line.end.close(close::SESSION_ENDED));
            }),
            Event::Billed { room } => self.send_in(room, &Down::Billed { room }),
            Event::Read { room, user, seq, said } => self.send_in(room, &Down::Read { room, user, seq, said }),
            Event::Typing { room, user, nickname } => self.send_in(room, &Down::Typing { room, user, nickname }),
            Event::Check => {
                self.with(|registry| registry.check = true);
                self.0.news.notify_one();
            }
        }
    }

    fn call_back(&self, user: UserId) {
        self.with(|registry| registry.lines_of(user).for_each(|line| line.end.close(close::GOING_AWAY)));
    }

    fn send_in(&self, room: RoomId, down: &Down) {
        let frame = frame(down);
        let count = self.with(|registry| registry.lines_in(room).map(|line| line.push(frame.clone())).count());
        metrics::counter!("frames_out_total").increment(count as u64);
    }

    fn send_to(&self, user: UserId, down: &Down) {
        let frame = frame(down);
        self.with(|registry| registry.lines_of(user).for_each(|line| line.push(frame.clone())));
    }

    pub(super) fn tell_entered(&self, user: UserId, room: RoomId, tally: Tally) {
        self.send_to(user, &Down::Entered { room, tally });
    }

    /// Tells everybody who follows one of these rooms what a person is called.
    pub(super) fn tell_name(&self, user: UserId, nickname: String, rooms: &[RoomId]) {
        let frame = frame(&Down::Renamed { user, nickname });
        self.with(|registry| {
            let registry = &*registry;
            let lines: HashMap<u64, &Line> = rooms.iter().flat_map(|room| registry.lines_in(*room)).map(|line| (line.id, line)).collect();
            lines.values().for_each(|line| line.push(frame.clone()));
        });
    }

    /// Some of those who are called something else now.
    pub(super) fn take_renamed(&self, most: usize) -> Vec<UserId> {
        self.with(|registry| {
            let renamed: Vec<UserId> = registry.renamed.iter().copied().take(most).collect();
            registry.renamed.retain(|user| !renamed.contains(user));
            renamed
        })
    }

    pub(super) fn put_renamed_back(&self, renamed: Vec<UserId>) {
        self.with(|registry| registry.renamed.extend(renamed));
    }

    /// Waits until there is something for the fan-out.
    pub(super) async fn news(&self) {
        self.0.news.notified().await;
    }

    pub(super) fn take_entries(&self) -> Vec<(RoomId, UserId)> {
        self.with(|registry| std::mem::take(&mut registry.entries)).into_iter().collect()
    }

    pub(super) fn put_entries_back(&self, entries: Vec<(RoomId, UserId)>) {
        self.with(|registry| registry.entries.extend(entries));
    }

    pub(super) fn take_check(&self) -> bool {
        self.with(|registry| std::mem::take(&mut registry.check))
    }

    pub(super) fn take_behind(&self, most: usize) -> Vec<Behind> {
        self.with(|registry| {
            metrics::gauge!("fanout_rooms_waiting").set(registry.waiting() as f64);
            registry.take_behind(most)
        })
    }

    pub(super) fn deliver(&self, room: RoomId, frames: &[(Seq, Utf8Bytes)]) -> usize {
        let count = self.with(|registry| registry.deliver(room, frames));
        metrics::counter!("frames_out_total").increment(count as u64);
        count
    }

    pub(super) fn give_up(&self, room: RoomId, end: Seq) {
        self.with(|registry| registry.give_up(room, end));
    }

    pub(super) fn put_back(&self, room: RoomId) {
        self.with(|registry| registry.put_back(room));
    }

    pub(super) fn everybody(&self) -> (Vec<UserId>, Vec<RoomId>) {
        self.with(|registry| registry.everybody())
    }

    pub(super) fn sessions(&self) -> Vec<SessionId> {
        self.with(|registry| registry.sessions())
    }

    fn with<T>(&self, work: impl FnOnce(&mut Registry) -> T) -> T {
        let mut registry: MutexGuard<'_, Registry> = self.0.registry.lock().unwrap_or_else(PoisonError::into_inner);
        work(&mut registry)
    }
}
