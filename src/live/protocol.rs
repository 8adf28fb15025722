//! The frames of the live connection: JSON, one enum each way, the same on both sides: `"ping"`, `{"typing":{"room":…}}`.
//!
//! A frame that the server does not understand is answered with [`Down::Error`], never with a disconnect. Closing codes
//! are in [`close`].

use crate::features::chat::model::{Message, SendForm, Tally};
use crate::shared::error::AppError;
use crate::shared::ids::{PartyId, QuestionId, RoomId, SendId, Seq, UserId};
use crate::shared::time::Timestamp;
use serde::{Deserialize, Serialize};

/// The version of this language; the socket's address carries it (`/ws?v=4`).
pub const VERSION: u32 = 4;
/// Largest frame from a browser, in bytes.
pub const MAX_FRAME: usize = 64 * 1024;

/// Codes with which the server closes a socket.
pub mod close {
    /// The page was loaded before this language changed; load it again.
    pub const OLD_VERSION: u16 = 4000;
    /// Come back: the server restarts.
    pub const GOING_AWAY: u16 = 1001;
    /// The session has ended; sign in again.
    pub const SESSION_ENDED: u16 = 4001;
    /// Too many frames in a short time.
    pub const FLOOD: u16 = 4008;
    /// A frame over the limit.
    pub const TOO_BIG: u16 = 4009;
    /// No sign of life past the heartbeat.
    pub const SILENT: u16 = 4010;
    /// The reader fell behind; come back and resume.
    pub const BEHIND: u16 = 4013;
    /// This person has opened more pages since than are told what happens; come back after a while, or when somebody looks.
    pub const TOO_MANY: u16 = 4014;
    /// Why a room ends on a socket that stays open: the room was deleted.
    pub const ROOM_DELETED: u16 = 4040;
    /// Why a room ends on a socket that stays open: the person is no longer a member.
    pub const ROOM_LEFT: u16 = 4031;
}

/// What a browser says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Up {
    /// "I have this room up to this number: give me what follows."
    Resume {
        /// Which room.
        room: RoomId,
        /// The last number seen.
        after: Seq,
    },
    /// A message.
    Send(SendForm),
    /// "I have read up to here."
    Read {
        /// Which room.
        room: RoomId,
        /// The last number read.
        seq: Seq,
    },
    /// "I am writing."
    Typing {
        /// Where.
        room: RoomId,
    },
    /// A sign of life.
    Ping,
}

/// What the server says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Down {
    /// First frame: the connection works.
    Ready {
        /// How much of each room was read, newest conversation first; rooms without unread messages are left out.
        rooms: Vec<(RoomId, Tally)>,
        /// Rooms that are silent: what is said there is not counted with the others.
        muted: Vec<RoomId>,
    },
    /// The answer to a sign of life.
    Pong,
    /// A message of this browser is stored.
    Ack {
        /// Its name.
        send_id: SendId,
        /// Where.
        room: RoomId,
        /// Its number.
        seq: Seq,
        /// When.
        at: Timestamp,
    },
    /// A message of this browser was not stored.
    Refused {
        /// Its name.
        send_id: SendId,
        /// Where.
        room: RoomId,
        /// Why.
        error: AppError,
    },
    /// A new entry of a room.
    Message {
        /// Where.
        room: RoomId,
        /// What.
        message: Message,
    },
    /// The answer to [`Up::Resume`]: everything after its number, or, when `gap` is set, only the newest.
    Replay {
        /// Where.
        room: RoomId,
        /// In order.
        messages: Vec<Message>,
        /// Whether entries between are missing.
        gap: bool,
        /// How far everybody has read.
        reads: Vec<(UserId, Seq)>,
    },
    /// A member has read on. Writing reads on too, without this frame.
    Read {
        /// Where.
        room: RoomId,
        /// Who.
        user: UserId,
        /// Up to where.
        seq: Seq,
        /// How many said messages that is.
        said: i64,
    },
    /// Something on the bill of a room's party is different.
    Billed {
        /// Which room.
        room: RoomId,
    },
    /// My notices are others now.
    Noticed,
    /// More of an answer to a question of mine. Each says all of it, so that none depends on another.
    Suggested {
        /// Which question.
        question: QuestionId,
        /// The answer so far.
        text: String,
        /// Nothing more comes: its end is read from the page.
        is_over: bool,
    },
    /// Somebody is writing.
    Typing {
        /// Where.
        room: RoomId,
        /// Who.
        user: UserId,
        /// What they are called.
        nickname: String,
    },
    /// Somebody is called something else now, who is or was in a room of this person.
    Renamed {
        /// Who.
        user: UserId,
        /// What they are called; [`crate::shared::names::CLOSED`] when they have closed their account.
        nickname: String,
    },
    /// This person was given a seat: the host accepted them, or it was their turn in line.
    Seated {
        /// Where.
        party: PartyId,
        /// What it is called.
        title: String,
    },
    /// A room is in this person's list now.
    Entered {
        /// Which.
        room: RoomId,
        /// How much of it they have read.
        tally: Tally,
    },
    /// This person can no longer use a room: [`close::ROOM_DELETED`] or [`close::ROOM_LEFT`].
    Gone {
        /// Which.
        room: RoomId,
        /// Why.
        code: u16,
    },
    /// One of this person's rooms is silent now, or is heard again.
    Muted {
        /// Which.
        room: RoomId,
        /// Whether it is silent.
        is_muted: bool,
    },
    /// This person blocks somebody now, or no more.
    Blocked {
        /// Whom.
        person: UserId,
        /// Whether they do.
        is_blocked: bool,
    },
    /// A frame was not understood or not allowed.
    Error {
        /// Why.
        error: AppError,
    },
}
