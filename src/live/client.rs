//! The browser's end: one socket a tab, which comes back by itself.
//!
//! What must not be lost does not live in the connection: unsent messages wait in the outbox, in the tab's storage, each
//! under the name by which the server stores it once; open rooms say from where they go on. Everything that counts is
//! told in numbers that only grow, so that it does not matter in which order it arrives.

pub use super::link::Link;
use super::protocol::{Down, Up, VERSION, close};
use crate::device::{self, RwSignal, SocketEvent, StoredValue};
use crate::features::chat::model::{Content, Message, SendForm, Tally};
use crate::shared::error::AppError;
use crate::shared::ids::{RoomId, SendId, UserId};
use crate::shared::json;
use crate::shared::time::Timestamp;
use leptos::lazy;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::{Deserialize, Serialize};
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;
use std::time::Duration;

/// The first and the longest wait before connecting again, in milliseconds.
const PAUSES: (f64, f64) = (500.0, 15_000.0);
/// How often the connection is asked for a sign of life, and how long it may take to answer.
const BEAT: Duration = Duration::from_secs(20);
const PATIENCE: Duration = Duration::from_secs(10);
/// How long a message waits that the server could not store just now.
const TRY_AGAIN: Duration = Duration::from_secs(5);
/// How long making it may take, until the server has said the first word.
const CONNECTING: Duration = Duration::from_secs(15);

/// A message that is not known to be stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unsent {
    /// What, where, under which name.
    pub form: SendForm,
    /// When it was written, by the device's clock.
    pub at: Timestamp,
    /// What it answers, as the page showed it.
    pub quote: Option<(String, String)>,
    /// Why it was refused, if it was. One that was not is sent as soon as there is a connection.
    pub refused: Option<AppError>,
    /// It is stored, but its place in the log has not been told yet.
    #[serde(skip)]
    pub stored: bool,
    /// This connection has been told of it.
    #[serde(skip)]
    said: bool,
}

type Ear = Rc<dyn Fn(&Down)>;

thread_local! {
    static EARS: RefCell<Vec<(u64, Ear)>> = const { RefCell::new(Vec::new()) };
    static NEXT_EAR: Cell<u64> = const { Cell::new(0) };
}

/// The live connection of this tab. The layout provides it; pages find it with [`Live::of_page`].
#[derive(Clone, Copy, Debug)]
pub struct Live {
    me: RwSignal<Option<UserId>>,
    link: RwSignal<Link>,
    tallies: RwSignal<Option<HashMap<RoomId, Tally>>>,
    /// Silent rooms; whenever they change, the tallies are told to have changed as well.
    muted: StoredValue<Vec<RoomId>>,
    outbox: RwSignal<Vec<Unsent>>,
    /// The outbox holds what the tab kept: before, nothing may be kept in its place.
    has_kept: StoredValue<bool>,
    visible: RwSignal<bool>,
    /// Attempts since it last stood.
    attempts: StoredValue<u32>,
    /// Tells timers of an earlier connection from those of this one.
    turn: StoredValue<u32>,
    /// Frames heard; whether there was one since the last sign of life was asked for.
    heard: StoredValue<u32>,
}

impl Live {
    /// Makes one, still idle, and puts it into the context of everything below.
    pub fn provide() -> Self {
        let live = Self {
            me: RwSignal::new(None),
            link: RwSignal::new(Link::Idle),
            tallies: RwSignal::new(None),
            muted: StoredValue::new(Vec::new()),
            outbox: RwSignal::new(Vec::new()),
            has_kept: StoredValue::new(false),
            visible: RwSignal::new(true),
            attempts: StoredValue::new(0),
            turn: StoredValue::new(0),
            heard: StoredValue::new(0),
        };
        provide_context(live);
        live
    }

    /// The one of this page. Without a layout around it, one that stays idle.
    #[must_use]
    pub fn of_page() -> Self {
        use_context().unwrap_or_else(Self::provide)
    }

    /// Connects for a person. Once; only from effects, which the server does not run.
    pub fn start(self, me: UserId) {
        if self.me.get_untracked().is_none() {
            self.me.set(Some(me));
            spawn_local(begin(self));
        }
    }

    fn begin(self) {
        let kept = device::tab_get(&self.outbox_name()).and_then(|kept| json::read(&kept));
        let mut kept: Vec<Unsent> = kept.unwrap_or_default();
        // What was written while this part of the program was still on its way comes after.
        self.outbox.update(|outbox| {
            kept.append(outbox);
            *outbox = kept;
        });
        self.has_kept.set_value(true);
        self.keep();
        self.visible.set(device::is_visible());
        device::on_wake(move || self.wake());
        self.connect();
    }

    /// How the connection is.
    #[must_use]
    pub fn link(self) -> Signal<Link> {
        self.link.into()
    }

    /// Whether the connection stands.
    #[must_use]
    pub fn online(self) -> Signal<bool> {
        let link = self.link;
        Signal::derive(move || link.get() == Link::Online)
    }

    /// Whether somebody can see this tab.
    #[must_use]
    pub fn visible(self) -> Signal<bool> {
        self.visible.into()
    }

    /// Unread messages of a room; `None` before the connection first stood.
    #[must_use]
    pub fn unread(self, room: RoomId) -> Option<i64> {
        self.tallies.with(|tallies| tallies.as_ref().map(|tallies| tallies.get(&room).map_or(0, |tally| tally.unread())))
    }

    /// Unread messages of all rooms but the silent ones; `None` before the connection first stood.
    #[must_use]
    pub fn total(self) -> Option<i64> {
        let heard = |(room, tally): (&RoomId, &Tally)| if self.muted.with_value(|muted| muted.contains(room)) { 0 } else { tally.unread() };
        self.tallies.with(|tallies| tallies.as_ref().map(|tallies| tallies.iter().map(heard).sum()))
    }

    /// The messages of a room that are not known to be stored, oldest first.
    #[must_use]
    pub fn unsent(self, room: RoomId) -> Vec<Unsent> {
        self.outbox.with(|outbox| outbox.iter().filter(|unsent| unsent.form.room == room).cloned().collect())
    }

    /// Hears every frame until the present owner is cleaned up. Only from effects.
    pub fn listen(self, hear: impl Fn(&Down) + 'static) {
        let id = NEXT_EAR.with(|next| next.replace(next.get() + 1));
        EARS.with(|ears| ears.borrow_mut().push((id, Rc::new(hear))));
        on_cleanup(move || EARS.with(|ears| ears.borrow_mut().retain(|(known, _)| *known != id)));
    }

    /// Says something, if the connection stands.
    pub fn say(self, up: &Up) -> bool {
        serde_json::to_string(up).is_ok_and(|text| device::socket_send(&text))
    }

    /// Sends a message as soon as there is a connection and those written before it in its room are stored.
    pub fn send(self, form: SendForm, quote: Option<(String, String)>) {
        let unsent = Unsent { form, at: device::now(), quote, refused: None, stored: false, said: false };
        self.outbox.update(|outbox| outbox.push(unsent));
        self.pump();
    }

    /// Sends a message again.
    pub fn retry(self, send_id: SendId) {
        self.outbox.update(|outbox| {
            if let Some(unsent) = outbox.iter_mut().find(|unsent| unsent.form.send_id == send_id) {
                (unsent.refused, unsent.said) = (None, false);
            }
        });
        self.pump();
    }

    /// Gives a refused message up.
    pub fn discard(self, send_id: SendId) {
        self.outbox.update(|outbox| outbox.retain(|unsent| unsent.form.send_id != send_id));
        self.pump();
    }

    /// Says what is due: of each room the message that was written first, because the server may turn one away and take the
    /// next. Whatever changes the outbox ends here.
    fn pump(self) {
        let _ = self.outbox.try_update_untracked(|outbox| {
            let mut busy: Vec<RoomId> = Vec::new();
            for unsent in outbox.iter_mut().filter(|unsent| unsent.refused.is_none() && !unsent.stored) {
                if !busy.contains(&unsent.form.room) {
                    busy.push(unsent.form.room);
                    unsent.said = unsent.said || self.say(&Up::Send(unsent.form.clone()));
                }
            }
        });
        self.keep();
    }

    /// Notes that this person has read a room up to an entry.
    pub fn read(self, room: RoomId, message: &Message) {
        if self.say(&Up::Read { room, seq: message.seq }) {
            self.count(room, Tally { said: message.said, read: message.said });
        }
    }

    /// Connects at once when it is waiting to.
    pub fn connect_now(self) {
        if matches!(self.link.get_untracked(), Link::Offline { .. }) {
            self.attempts.set_value(0);
            self.connect();
        }
    }

    fn outbox_name(self) -> String {
        self.me.get_untracked().map(|me| format!("moim.outbox.{me}")).unwrap_or_default()
    }

    /// Keeps the outbox through a reload.
    fn keep(self) {
        if !self.has_kept.get_value() {
            return;
        }
        let kept = self.outbox.with_untracked(|outbox| {
            let waiting: Vec<&Unsent> = outbox.iter().filter(|unsent| !unsent.stored).collect();
            if waiting.is_empty() { None } else { serde_json::to_string(&waiting).ok() }
        });
        device::tab_set(&self.outbox_name(), kept.as_deref());
    }

    fn wake(self) {
        self.visible.set(device::is_visible());
        match self.link.get_untracked() {
            Link::Offline { .. } if device::is_online() && device::is_visible() => self.connect_now(),
            Link::Online if !device::is_online() => {
                device::socket_close();
                self.lost();
            }
            // The machine may have slept through the end of the connection.
            Link::Online if device::is_visible() => self.check(self.turn.get_value()),
            _ => {}
        }
    }

    fn next_turn(self) -> u32 {
        let turn = self.turn.get_value().wrapping_add(1);
        self.turn.set_value(turn);
        turn
    }

    fn connect(self) {
        let turn = self.next_turn();
        self.link.set(Link::Connecting { again: self.attempts.get_value() > 0 });
        let give_up = move || {
            if self.turn.get_value() == turn && matches!(self.link.get_untracked(), Link::Connecting { .. }) {
                device::socket_close();
                self.lost();
            }
        };
        device::later(give_up, CONNECTING);
        // Named, because another tab may have signed somebody else in meanwhile: this page is not theirs.
        let me = self.me.get_untracked().map(|me| format!("&me={me}")).unwrap_or_default();
        let tries = device::socket_open(&format!("/ws?v={VERSION}{me}"), move |event| match event {
            SocketEvent::Opened => {}
            SocketEvent::Text(text) => {
                self.heard.update_value(|heard| *heard = heard.wrapping_add(1));
                if let Some(down) = json::read(&text) {
                    self.hear(&down, turn);
                }
            }
            // Without an account, or any more, there is nothing to listen to.
            SocketEvent::Closed(close::SESSION_ENDED) => self.over(Link::Ended),
            SocketEvent::Closed(close::OLD_VERSION) => self.over(Link::Outdated),
            // Other pages of this person would make room for this one, and come back themselves: it takes its time.
            SocketEvent::Closed(close::TOO_MANY) => self.lost_after(10),
            SocketEvent::Closed(_) => self.lost(),
        });
        if !tries {
            self.lost();
        }
    }

    /// It does not come back.
    fn over(self, why: Link) {
        self.next_turn();
        device::socket_close();
        device::set_document_attribute("data-live", None);
        self.link.set(why);
    }

    /// Waits longer after each attempt, and not exactly as long as everybody else.
    fn lost(self) {
        self.lost_after(self.attempts.get_value());
    }

    fn lost_after(self, attempts: u32) {
        self.attempts.set_value(attempts.saturating_add(1));
        device::set_document_attribute("data-live", None);
        let longest = (PAUSES.0 * f64::from(2_u32.saturating_pow(attempts.min(10)))).min(PAUSES.1);
        let pause = longest * (0.5 + device::random() / 2.0);
        let turn = self.next_turn();
        self.wait(turn, pause as u64);
    }

    /// Counts down to the next attempt.
    fn wait(self, turn: u32, left: u64) {
        if self.turn.get_value() != turn {
            return;
        }
        if left == 0 {
            return self.connect();
        }
        self.link.set(Link::Offline { seconds: left.div_ceil(1_000) as u32 });
        let step = left.min(1_000);
        device::later(move || self.wait(turn, left - step), Duration::from_millis(step));
    }

    /// Asks for a sign of life, again and again for as long as this connection stands.
    fn beat(self, turn: u32) {
        device::later(
            move || {
                if self.turn.get_value() == turn {
                    self.check(turn);
                    self.beat(turn);
                }
            },
            BEAT,
        );
    }

    fn check(self, turn: u32) {
        let heard = self.heard.get_value();
        self.say(&Up::Ping);
        device::later(
            move || {
                if self.turn.get_value() == turn && self.heard.get_value() == heard {
                    device::socket_close();
                    self.lost();
                }
            },
            PATIENCE,
        );
    }

    fn hear(self, down: &Down, turn: u32) {
        match down {
            Down::Ready { rooms, muted } => self.ready(rooms, muted, turn),
            Down::Ack { send_id, .. } => {
                self.outbox.update(|outbox| {
                    if let Some(unsent) = outbox.iter_mut().find(|unsent| unsent.form.send_id == *send_id) {
                        unsent.stored = true;
                    }
                });
                self.pump();
            }
            Down::Refused { send_id, error, .. } => self.refused(*send_id, error, turn),
            Down::Message { room, message } => {
                self.arrived(message);
                self.counted(*room, message);
            }
            // What it repeats was counted when the connection was made or when it was said.
            Down::Replay { messages, .. } => messages.iter().for_each(|message| self.arrived(message)),
            Down::Read { room, user, said, .. } if Some(*user) == self.me.get_untracked() => {
                self.count(*room, Tally { said: *said, read: *said });
            }
            Down::Entered { room, tally } => self.count(*room, *tally),
            Down::Muted { room, is_muted } => {
                self.muted.update_value(|muted| {
                    muted.retain(|known| known != room);
                    muted.extend(is_muted.then_some(*room));
                });
                self.tallies.update(|_| ());
            }
            Down::Gone { room, .. } => {
                self.tallies.update(|tallies| {
                    if let Some(tallies) = tallies {
                        tallies.remove(room);
                    }
                });
                self.outbox.update(|outbox| outbox.retain(|unsent| unsent.form.room != *room));
                self.pump();
            }
            _ => {}
        }
        // An ear may come or go while one is hearing.
        let ears: Vec<Ear> = EARS.with(|ears| ears.borrow().iter().map(|(_, ear)| ear.clone()).collect());
        ears.iter().for_each(|ear| ear(down));
    }

    fn ready(self, rooms: &[(RoomId, Tally)], muted: &[RoomId], turn: u32) {
        self.attempts.set_value(0);
        self.muted.set_value(muted.to_vec());
        self.tallies.update(|tallies| {
            let old = tallies.take().unwrap_or_default();
            let known = |room: &RoomId| old.get(room).copied().unwrap_or_default();
            *tallies = Some(rooms.iter().map(|(room, tally)| (*room, tally.merge(known(room)))).collect());
        });
        self.link.set(Link::Online);
        device::set_document_attribute("data-live", Some(""));
        self.beat(turn);
        // The server knows those that it has already.
        self.outbox.update(|outbox| {
            outbox.retain(|unsent| !unsent.stored);
            for unsent in outbox.iter_mut() {
                unsent.said = false;
                if unsent.refused == Some(AppError::Internal) {
                    unsent.refused = None;
                }
            }
        });
        self.pump();
    }

    /// A refusal stays beside its message. One that passes by itself is none: the message waits, and those after it.
    fn refused(self, send_id: SendId, error: &AppError, turn: u32) {
        let pause = match error {
            AppError::SlowDown { seconds } => Duration::from_secs(u64::from(*seconds)),
            AppError::Unavailable => TRY_AGAIN,
            _ => {
                self.outbox.update(|outbox| {
                    if let Some(unsent) = outbox.iter_mut().find(|unsent| unsent.form.send_id == send_id) {
                        unsent.refused = Some(error.clone());
                    }
                });
                return self.pump();
            }
        };
        let again = move || {
            if self.turn.get_value() == turn {
                self.retry(send_id);
            }
        };
        device::later(again, pause);
    }

    /// An entry has its place: it waits no more.
    pub fn arrived(self, message: &Message) {
        let Content::Text { author, send_id, .. } = &message.content else { return };
        let waits = |outbox: &Vec<Unsent>| outbox.iter().any(|unsent| unsent.form.send_id == *send_id);
        if Some(author.id) == self.me.get_untracked() && self.outbox.with_untracked(waits) {
            self.discard(*send_id);
        }
    }

    /// Something new was said.
    fn counted(self, room: RoomId, message: &Message) {
        let Content::Text { author, .. } = &message.content else { return };
        let mine = Some(author.id) == self.me.get_untracked();
        let is_known = self.tallies.with_untracked(|tallies| tallies.as_ref().is_some_and(|tallies| tallies.contains_key(&room)));
        let read = match (mine, is_known) {
            (true, _) => message.said,
            (false, true) => 0,
            // A room that was not named when the connection was made was read to its end.
            (false, false) => message.said - 1,
        };
        self.count(room, Tally { said: message.said, read });
    }

    fn count(self, room: RoomId, tally: Tally) {
        self.tallies.update(|tallies| {
            if let Some(tallies) = tallies {
                let known = tallies.entry(room).or_default();
                *known = known.merge(tally);
            }
        });
    }
}

/// Everything that speaks over the socket is a part of its own, which visitors without an account never fetch.
#[lazy]
fn begin(live: Live) {
    live.begin();
}
