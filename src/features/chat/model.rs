//! What both sides know of rooms and messages.

mod deal;
mod forms;

pub use deal::{Deal, Stage};
pub use forms::{ChangeForm, DirectForm, MyMessage, NewMessage, SendForm};

use crate::shared::ids::{ImageId, PartyId, RoomId, SendId, Seq, UserId};
use crate::shared::images::Pictures;
use crate::shared::names::called;
use crate::shared::paging::Anchor;
use crate::shared::time::{Span, Timestamp};
use crate::shared::words;
use serde::{Deserialize, Serialize};

/// Longest message, in characters.
pub const MAX_TEXT: usize = 2_000;
/// Messages on a page of history.
pub const HISTORY_PAGE: i64 = 30;
/// Most messages replayed after a reconnect; a bigger gap is answered with the newest page.
pub const REPLAY_LIMIT: i64 = 100;
/// Rooms on a page of the list.
pub const ROOMS_PAGE: i64 = 30;
/// Longest search text, in characters; what is typed beyond it is not looked at.
pub const MAX_SEARCH: usize = 60;
/// Characters of a message that its quotation and the room list show.
pub const MAX_EXCERPT: usize = 80;
/// How long an author may change or delete what they said.
pub const CHANGEABLE: Span = Span::hours(24);

/// What happened in a room, said by nobody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum NoticeCode {
    /// Somebody came in.
    Joined,
    /// Somebody left.
    Left,
    /// The host removed somebody.
    Removed,
    /// Somebody is the host now.
    HostChanged,
    /// The host changed the party; the subject lists what.
    Edited,
    /// The party was closed to new members.
    Closed,
    /// The party was opened again.
    Reopened,
    /// The host has ordered.
    Ordered,
    /// What was ordered has arrived.
    Arrived,
    /// Everybody has paid.
    Settled,
}

impl NoticeCode {
    /// How it is stored.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Joined => "joined",
            Self::Left => "left",
            Self::Removed => "removed",
            Self::HostChanged => "host_changed",
            Self::Edited => "edited",
            Self::Closed => "closed",
            Self::Reopened => "reopened",
            Self::Ordered => "ordered",
            Self::Arrived => "arrived",
            Self::Settled => "settled",
        }
    }

    /// The inverse of [`NoticeCode::code`].
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        [
            Self::Joined,
            Self::Left,
            Self::Removed,
            Self::HostChanged,
            Self::Edited,
            Self::Closed,
            Self::Reopened,
            Self::Ordered,
            Self::Arrived,
            Self::Settled,
        ]
        .into_iter()
        .find(|known| known.code() == code)
    }
}

/// Who said something. Messages are many and carry it each: the face is looked up among the members.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct Author {
    /// Who.
    pub id: UserId,
    /// What they are called.
    pub nickname: String,
}

/// A person, as others in a room see them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct Person {
    /// Who.
    pub id: UserId,
    /// What they are called.
    pub nickname: String,
    /// Their face, if they show one.
    pub face: Option<ImageId>,
}

/// One entry of a room's log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct Message {
    /// Its position in the room.
    pub seq: Seq,
    /// How many of the entries up to and with it were said by people; what unread is counted in.
    pub said: i64,
    /// When it was stored.
    pub at: Timestamp,
    /// What it says.
    pub content: Content,
}

/// What an entry says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Content {
    /// Somebody said something.
    Text {
        /// Who.
        author: Author,
        /// The name their device gave to it.
        send_id: SendId,
        /// What, as typed; may be nothing beside pictures. Without either it was deleted.
        text: String,
        /// What is shown with it.
        #[serde(default, skip_serializing_if = "Pictures::is_empty")]
        pictures: Pictures,
        /// What it answers.
        reply: Option<Quote>,
        /// The number of its last change; 0 when it stands as it was said.
        changed: Seq,
    },
    /// An earlier message says something else now.
    Change {
        /// Which.
        target: Seq,
        /// What; nothing when it was deleted, with its pictures.
        text: String,
    },
    /// Something happened.
    Notice {
        /// What.
        notice: NoticeCode,
        /// To whom or what, as it is called now.
        subject: String,
        /// Who that is, if it is a person.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        person: Option<UserId>,
    },
}

/// The message that another one answers, in short.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct Quote {
    /// Its position.
    pub seq: Seq,
    /// Who said it.
    pub author: UserId,
    /// What they are called.
    pub nickname: String,
    /// It [`in_short`].
    pub text: String,
    /// The number of its last change; 0 when it stands as it was said.
    pub changed: Seq,
}

/// What kind of room it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum RoomKind {
    /// Two people.
    Direct {
        /// The other one.
        other: Person,
    },
    /// The members of a party.
    Party {
        /// Which.
        party: PartyId,
        /// Its title.
        title: String,
        /// What it is about.
        door: Door,
    },
}

impl RoomKind {
    /// What the room is called, as readers are shown it.
    #[must_use]
    pub fn title(&self) -> String {
        match self {
            Self::Direct { other } => called(&other.nickname),
            Self::Party { title, .. } => title.clone(),
        }
    }
}

/// Through which door of the service a party's room was come by: its colour and icon.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Door {
    /// A shared order.
    Meal,
    /// A journey.
    Trip,
    /// A study or campus group.
    Campus,
}

impl Door {
    /// The value of `data-door`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Meal => "meal",
            Self::Trip => "trip",
            Self::Campus => "campus",
        }
    }

    /// The door of a kind of party, by how the kind is stored.
    #[must_use]
    pub fn of_party(kind: &str) -> Self {
        match kind {
            "companion" => Self::Trip,
            "campus" => Self::Campus,
            _ => Self::Meal,
        }
    }
}

/// How much of a room one person has read. The numbers only ever grow, so the larger one is the newer one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct Tally {
    /// Messages said in the room.
    pub said: i64,
    /// How many of them stand at or before this person's read position.
    pub read: i64,
}

impl Tally {
    /// Messages after the read position. Writing moves it, so none of them is the person's own.
    #[must_use]
    pub const fn unread(self) -> i64 {
        let unread = self.said - self.read;
        if unread > 0 { unread } else { 0 }
    }

    /// What is known from two sources, whichever came first.
    #[must_use]
    pub fn merge(self, other: Self) -> Self {
        Self { said: self.said.max(other.said), read: self.read.max(other.read) }
    }
}

/// The last entry of a room, in short. A change is no such entry: what it changed may stand further up.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Preview {
    /// Somebody said something.
    Text {
        /// Who.
        author: UserId,
        /// What they are called.
        nickname: String,
        /// It [`in_short`].
        text: String,
    },
    /// Something happened.
    Notice {
        /// What.
        notice: NoticeCode,
        /// To whom or what.
        subject: String,
    },
}

impl Preview {
    /// An entry in short; `None` for a change.
    #[must_use]
    pub fn of(content: &Content) -> Option<Self> {
        match content {
            Content::Text { author, text, pictures, .. } => {
                Some(Self::Text { author: author.id, nickname: author.nickname.clone(), text: in_short(text, pictures) })
            }
            Content::Notice { notice, subject, .. } => Some(Self::Notice { notice: *notice, subject: subject.clone() }),
            Content::Change { .. } => None,
        }
    }
}

/// A room in the list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct RoomRow {
    /// Which.
    pub room: RoomId,
    /// What it is.
    pub kind: RoomKind,
    /// How many people are in it.
    pub members: i64,
    /// When something last happened in it.
    pub at: Timestamp,
    /// What that was; nothing in a party's room where nothing has happened yet.
    pub last: Option<Preview>,
    /// How much of it was read.
    pub tally: Tally,
    /// Whether it is silent.
    pub is_muted: bool,
}

/// A page of the room list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct RoomList {
    /// Newest conversation first.
    pub rooms: Vec<RoomRow>,
    /// Where the next page begins, if there is one.
    pub next: Option<Anchor>,
    /// Whom the reader blocks.
    pub blocked: Vec<UserId>,
    /// The server's clock.
    pub now: Timestamp,
}

/// Somebody in a room.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct RoomMember {
    /// Who.
    pub person: Person,
    /// Whether the party is theirs.
    pub host: bool,
    /// How far they have read.
    pub read: Seq,
}

/// Everybody in a room, and what they are there for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct People {
    /// The host first, then by name.
    pub members: Vec<RoomMember>,
    /// In a party's room.
    pub deal: Option<Deal>,
    /// Whom of them, and of those who were there, the one who looks blocks.
    pub blocked: Vec<UserId>,
}

/// A part of a room's log, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct History {
    /// The entries.
    pub messages: Vec<Message>,
    /// Whether there are older ones.
    pub older: bool,
}

/// An open room.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct RoomView {
    /// Which.
    pub room: RoomId,
    /// What it is.
    pub kind: RoomKind,
    /// Who looks.
    pub me: Author,
    /// Everybody in it.
    pub people: People,
    /// How far the one who looks had read.
    pub read: Seq,
    /// How much that was.
    pub tally: Tally,
    /// The number of the last entry that is seen: changes may follow it.
    pub last: Seq,
    /// A name for the next message of a page without its program.
    pub send_id: SendId,
    /// Whether it is silent for them.
    pub is_muted: bool,
    /// The part that is shown.
    pub history: History,
    /// The server's clock.
    pub now: Timestamp,
}

/// What an address of a room leads to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Opened {
    /// The room.
    Room(Box<RoomView>),
    /// It was deleted.
    Deleted {
        /// Why, as the one who deleted it put it.
        reason: String,
    },
}

/// What an address with somebody's name leads to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Conversation {
    /// The conversation with them.
    Room {
        /// Which.
        room: RoomId,
    },
    /// There is none in the list yet; the first message makes it.
    New {
        /// With whom.
        other: Person,
        /// A name for that message.
        send_id: SendId,
    },
}

/// A stored message, for the one who sent it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct Sent {
    /// Where.
    pub room: RoomId,
    /// Its number.
    pub seq: Seq,
    /// When.
    pub at: Timestamp,
}

/// The address at which an entry of a room is in sight, whose last entry has the number `last`.
#[must_use]
pub fn place(room: RoomId, seq: Seq, last: Seq) -> String {
    // The newest part of the log, which goes on live, needs no number.
    let before = (last - seq >= HISTORY_PAGE).then(|| format!("?before={}", seq + HISTORY_PAGE / 2));
    format!("/chat/{room}{}#m{seq}", before.unwrap_or_default())
}

/// What stands for pictures without words where a message is told in short; readers are shown a word of their language for it.
pub const PICTURE: &str = "\u{1f5bc}";

/// A message in one line: its first characters, [`PICTURE`] where it has none but pictures, nothing when it was deleted.
#[must_use]
pub fn in_short(text: &str, pictures: &Pictures) -> String {
    if text.is_empty() && !pictures.is_empty() { PICTURE.to_owned() } else { excerpt(text) }
}

/// The first characters of a text in one line.
#[must_use]
pub fn excerpt(text: &str) -> String {
    let line = words::line(text);
    match line.char_indices().nth(MAX_EXCERPT) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}
