//! What the page of a room knows, and how it learns more.

use crate::device::{self, RwSignal, StoredValue, Turns, ask};
use crate::features::chat::api::{ChatHistory, ChatMembers, ChatRoom};
use crate::features::chat::model::{Content, Deal, History, Message, Opened, People, RoomMember, RoomView};
use crate::features::chat::thread::{Name, Reads, call, is_gap, is_long, merge, note_author, note_block, raise, renew, shorten};
use crate::live::client::{Link, Live};
use crate::live::protocol::{Down, Up, close};
use crate::shared::ids::{RoomId, Seq, UserId};
use crate::shared::names::is_closed;
use leptos::lazy;
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::time::Duration;

/// How long somebody is shown as writing after they were last heard of.
const TYPING: Duration = Duration::from_secs(5);
/// What was read is told at most this often: in a lively room the server would take it for a flood.
const READ_PAUSE: Duration = Duration::from_millis(500);

/// What the page of a room knows. Everything in it may be told twice and in any order.
#[derive(Clone, Copy)]
pub(super) struct Thread {
    pub(super) live: Live,
    pub(super) room: RoomId,
    pub(super) me: UserId,
    pub(super) messages: RwSignal<Vec<Message>>,
    pub(super) older: RwSignal<bool>,
    /// What is shown does not reach to the end of the log, and is not put aside for it: the reader has come here for what was said long
    /// ago.
    pub(super) past: RwSignal<bool>,
    pub(super) reads: RwSignal<Reads>,
    pub(super) members: RwSignal<Vec<RoomMember>>,
    pub(super) deal: RwSignal<Option<Deal>>,
    pub(super) typing: RwSignal<Vec<(UserId, String)>>,
    /// Who is called something else since the page was read: what was on its way meanwhile does not know it.
    names: StoredValue<Vec<Name>>,
    /// The connection stood before: what happened without it was not told.
    was_online: StoredValue<bool>,
    /// Whose messages are folded. Nor is it said that they are writing.
    pub(super) blocked: RwSignal<Vec<UserId>>,
    /// How often somebody was heard writing; only the last time decides when they rest.
    heard: StoredValue<Vec<(UserId, u32)>>,
    /// Why the room is over for the reader: a code of `close`, and what was said about it.
    pub(super) gone: RwSignal<Option<(u16, String)>>,
    /// The reader is at the newest message.
    pub(super) at_end: RwSignal<bool>,
    /// The last number that was told as read.
    told: StoredValue<Seq>,
    /// It was told just now; what comes meanwhile is told with what comes after.
    rests: RwSignal<bool>,
    fetching: StoredValue<bool>,
    counting: Turns,
    /// How often everything known was dropped because too much had been missed.
    dropped: StoredValue<u32>,
}

impl Thread {
    pub(super) fn new(view: &mut RoomView) -> Self {
        let History { messages, older } = std::mem::take(&mut view.history);
        let People { members, deal, blocked } = std::mem::take(&mut view.people);
        let live = Live::of_page();
        let past = messages.last().is_some_and(|shown| shown.seq < view.last);
        Self {
            live,
            room: view.room,
            me: view.me.id,
            reads: RwSignal::new(members.iter().map(|member| (member.person.id, member.read)).collect()),
            messages: RwSignal::new(messages),
            older: RwSignal::new(older),
            past: RwSignal::new(past),
            members: RwSignal::new(members),
            deal: RwSignal::new(deal),
            typing: RwSignal::new(Vec::new()),
            blocked: RwSignal::new(blocked),
            names: StoredValue::new(Vec::new()),
            was_online: StoredValue::new(live.link().get_untracked() == Link::Online),
            heard: StoredValue::new(Vec::new()),
            gone: RwSignal::new(None),
            at_end: RwSignal::new(true),
            told: StoredValue::new(view.read),
            rests: RwSignal::new(false),
            fetching: StoredValue::new(false),
            counting: Turns::new(),
            dropped: StoredValue::new(0),
        }
    }

    /// Follows the room for as long as the page is there. Only from effects.
    pub(super) fn follow(self) {
        if let Some(page) = Owner::current() {
            spawn_local(follow(self, page));
        }
    }

    fn begin(self) {
        self.was_online.set_value(self.live.link().get_untracked() == Link::Online);
        self.live.listen(move |down| self.hear(down));
        // What was stored just before the page was read waits no more.
        self.messages.with_untracked(|messages| messages.iter().for_each(|message| self.live.arrived(message)));
        self.resume();
    }

    fn last(self) -> Seq {
        self.messages.with_untracked(|messages| messages.last().map_or(0, |last| last.seq))
    }

    fn resume(self) {
        self.live.say(&Up::Resume { room: self.room, after: self.last() });
    }

    fn hear(self, down: &Down) {
        match down {
            Down::Ready { .. } => {
                // What was told last may have gone into a connection that was dead already.
                self.told.set_value(0);
                self.resume();
                // Whom the reader blocks, and who is called something else, is told only once.
                if self.was_online.get_value() {
                    self.names.set_value(Vec::new());
                    self.count_people();
                    self.look_again();
                }
                self.was_online.set_value(true);
            }
            Down::Message { room, message } if *room == self.room => {
                if self.past.get_untracked() {
                    self.pass(message);
                } else if self.messages.with_untracked(|messages| is_gap(messages, message.seq)) {
                    self.resume();
                } else {
                    self.add(std::slice::from_ref(message));
                }
            }
            Down::Replay { room, messages, gap, reads } if *room == self.room => {
                let (past, known) = (self.past.get_untracked(), self.last());
                if !(*gap && past) {
                    if *gap {
                        self.forget();
                    }
                    self.add(messages);
                }
                if past && !*gap {
                    // What came while this was on its way was passed over.
                    self.past.set(false);
                    self.resume();
                } else if self.last() < known {
                    // What came before this, and was said after this was read, has been put aside.
                    self.resume();
                }
                self.reads.update(|known| reads.iter().for_each(|(user, seq)| raise(known, *user, *seq)));
            }
            Down::Read { room, user, seq, .. } if *room == self.room => self.reads.update(|reads| raise(reads, *user, *seq)),
            Down::Typing { room, user, nickname } if *room == self.room && *user != self.me => self.write(*user, nickname),
            Down::Renamed { user, nickname } => self.rename(*user, nickname),
            Down::Blocked { person, is_blocked } => {
                self.blocked.update(|blocked| note_block(blocked, *person, *is_blocked));
                self.rest(*person);
            }
            Down::Gone { room, code } if *room == self.room => self.end(*code),
            _ => {}
        }
    }

    fn add(self, more: &[Message]) {
        let people_change = more.iter().any(|message| matches!(message.content, Content::Notice { .. }));
        self.reads.update(|reads| more.iter().for_each(|message| note_author(reads, message)));
        for message in more {
            if let Content::Text { author, .. } = &message.content {
                self.rest(author.id);
            }
        }
        self.merge(more.to_vec());
        // Who has scrolled up keeps what they look at.
        if self.at_end.get_untracked() && self.messages.with_untracked(|messages| is_long(messages)) {
            self.messages.update(shorten);
            // What was asked for before no longer joins on.
            self.dropped.update_value(|dropped| *dropped += 1);
            self.older.set(true);
        }
        if people_change {
            self.count_people();
        }
    }

    /// What is shown is put aside; what was asked for before no longer joins on.
    fn forget(self) {
        self.dropped.update_value(|dropped| *dropped += 1);
        self.messages.set(Vec::new());
        self.older.set(true);
    }

    /// Something that is not shown follows what was said long ago.
    fn pass(self, message: &Message) {
        match &message.content {
            Content::Text { author, .. } => self.rest(author.id),
            Content::Notice { .. } => self.count_people(),
            Content::Change { target, text } => self.messages.update(|messages| renew(messages, *target, message.seq, text)),
        }
    }

    /// Reads again what was said long ago: nobody has told what became of it while there was no connection.
    fn look_again(self) {
        let before = self.last() + 1;
        if !self.past.get_untracked() {
            return;
        }
        spawn_local(async move {
            if let Ok(History { messages, older }) = ask(ChatHistory { room: self.room, before }).await
                && self.past.try_get_untracked() == Some(true)
            {
                self.forget();
                self.messages.set(messages);
                self.older.set(older);
            }
        });
    }

    /// Goes on where the log ends.
    pub(super) fn to_end(self) {
        if self.past.get_untracked() {
            self.past.set(false);
            self.forget();
            self.resume();
        }
    }

    fn merge(self, mut more: Vec<Message>) {
        // The page may be gone by now.
        let _ = self.names.try_with_value(|names| more.iter_mut().for_each(|message| call(message, names)));
        let _ = self.messages.try_update(|messages| merge(messages, more));
    }

    /// Somebody is called something else now, wherever they stand on the page.
    fn rename(self, user: UserId, nickname: &str) {
        let name = (user, nickname.to_owned());
        self.messages.update(|messages| messages.iter_mut().for_each(|message| call(message, std::slice::from_ref(&name))));
        self.typing.update(|typing| typing.retain(|(known, _)| *known != user));
        self.names.update_value(|names| names.push(name));
        let is_here = self.members.with_untracked(|members| members.iter().any(|member| member.person.id == user));
        if !is_here {
            return;
        }
        self.members.update(|members| {
            for member in members.iter_mut().filter(|member| member.person.id == user) {
                nickname.clone_into(&mut member.person.nickname);
                if is_closed(nickname) {
                    member.person.face = None;
                }
            }
        });
        // Nobody waits any more for somebody to read who has gone.
        self.count_people();
    }

    fn count_people(self) {
        self.counting.take(move || async move {
            if let Ok(People { members, deal, blocked }) = ask(ChatMembers { room: self.room }).await {
                let known = self.reads.try_get_untracked().unwrap_or_default();
                let reads = members.iter().map(|member| {
                    let id = member.person.id;
                    let before = known.iter().find(|(user, _)| *user == id).map_or(0, |(_, seq)| *seq);
                    (id, member.read.max(before))
                });
                let names: Vec<Name> = members.iter().map(|member| (member.person.id, member.person.nickname.clone())).collect();
                // The page may be gone by now.
                let _ = self.messages.try_update(|messages| messages.iter_mut().for_each(|message| call(message, &names)));
                let _ = self.reads.try_set(reads.collect());
                let _ = self.members.try_set(members);
                let _ = self.deal.try_set(deal);
                if self.blocked.try_with_untracked(|known| *known != blocked) == Some(true) {
                    let _ = self.blocked.try_set(blocked);
                }
            }
        });
    }

    /// The room is over for the reader; the reason of a deleted one is asked for.
    fn end(self, code: u16) {
        self.typing.set(Vec::new());
        self.gone.set(Some((code, String::new())));
        if code != close::ROOM_DELETED {
            return;
        }
        spawn_local(async move {
            if let Ok(Opened::Deleted { reason }) = ask(ChatRoom { room: self.room, before: None }).await {
                let _ = self.gone.try_set(Some((code, reason)));
            }
        });
    }

    /// They are not writing any more.
    fn rest(self, user: UserId) {
        self.typing.update(|typing| typing.retain(|(known, _)| *known != user));
    }

    fn write(self, user: UserId, nickname: &str) {
        if self.blocked.with_untracked(|blocked| blocked.contains(&user)) {
            return;
        }
        self.typing.update(|typing| {
            if !typing.iter().any(|(known, _)| *known == user) {
                typing.push((user, nickname.to_owned()));
            }
        });
        let times = self.heard_of(user) + 1;
        self.heard.update_value(|heard| {
            heard.retain(|(known, _)| *known != user);
            heard.push((user, times));
        });
        let stop = move || {
            if self.heard_of(user) != times {
                return;
            }
            let _ = self.typing.try_update(|typing| typing.retain(|(known, _)| *known != user));
        };
        device::later(stop, TYPING);
    }

    /// How often somebody was heard writing; never, when the page is gone.
    fn heard_of(self, user: UserId) -> u32 {
        self.heard.try_with_value(|heard| heard.iter().find(|(known, _)| *known == user).map_or(0, |(_, times)| *times)).unwrap_or(0)
    }

    pub(super) fn fetch_older(self) {
        let Some(first) = self.messages.with_untracked(|messages| messages.first().map(|first| first.seq)) else { return };
        if !self.older.get_untracked() || self.fetching.get_value() {
            return;
        }
        self.fetching.set_value(true);
        let dropped = self.dropped.get_value();
        spawn_local(async move {
            let answer = ask(ChatHistory { room: self.room, before: first }).await.ok();
            if let Some(History { messages, older }) = answer.filter(|_| self.dropped.try_get_value() == Some(dropped)) {
                self.merge(messages);
                let _ = self.older.try_set(older);
            }
            let _ = self.fetching.try_set_value(false);
        });
    }

    /// Tells what was read, when the newest message is before the reader's eyes.
    pub(super) fn tell_read(self) {
        let is_seen = self.at_end.get() && self.live.visible().get() && self.live.link().get() == Link::Online && !self.rests.get();
        let last = self.messages.with(|messages| messages.last().cloned());
        if let Some(last) = last.filter(|last| is_seen && last.seq > self.told.get_value()) {
            self.told.set_value(last.seq);
            self.rests.set(true);
            let rests = self.rests;
            let again = move || {
                let _ = rests.try_set(false);
            };
            device::later(again, READ_PAUSE);
            self.live.read(self.room, &last);
        }
    }
}

/// What a room says while its page is open is a part of the program that comes after the page.
#[lazy]
fn follow(thread: Thread, page: Owner) {
    // The page may be gone by now.
    if thread.dropped.try_get_value().is_some() {
        page.with(|| thread.begin());
    }
}
