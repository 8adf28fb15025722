//! What both sides know of notices.

use crate::shared::ids::{PartyId, RoomId, Seq};
use crate::shared::paging::Page;
use crate::shared::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::fmt::Display;
use std::str::FromStr;
use uuid::Uuid;

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum NoticeKind {
    /// To the host: somebody took a seat.
    Joined,
    /// To the host: somebody gave their seat back.
    Left,
    /// To the host: somebody asks for a seat.
    Applied,
    /// To one who asked: the host said yes.
    Accepted,
    /// To one who asked: the host said no.
    Declined,
    /// To one who waited: a seat is theirs.
    Seated,
    /// To one who was removed.
    Removed,
    /// To the members: the party is theirs to lead now.
    MadeHost,
    /// To the members: somebody else leads it now.
    HostChanged,
    /// To the members: every seat is taken.
    Full,
    /// To the members: the deadline has passed.
    Deadline,
    /// To the members: the host takes no more people.
    Closed,
    /// To the members: people can come in again.
    Reopened,
    /// To the members: the host has ordered.
    Ordered,
    /// To the members: what was ordered has arrived.
    Arrived,
    /// To the members: everybody has paid.
    Settled,
    /// To the members: the host changed what it says.
    Edited,
    /// To the members and those who waited: it will not take place.
    Cancelled,
    /// To the host: somebody says that they have sent their share.
    PaymentSent,
    /// To one who pays: the host has received it.
    PaymentReceived,
    /// To one who pays: the host asks for their share.
    PaymentDue,
    /// To the host: somebody said something under it.
    Commented,
    /// To one who said something under it: somebody answered.
    Replied,
}

impl NoticeKind {
    /// All of them.
    pub const ALL: [Self; 23] = [
        Self::Joined,
        Self::Left,
        Self::Applied,
        Self::Accepted,
        Self::Declined,
        Self::Seated,
        Self::Removed,
        Self::MadeHost,
        Self::HostChanged,
        Self::Full,
        Self::Deadline,
        Self::Closed,
        Self::Reopened,
        Self::Ordered,
        Self::Arrived,
        Self::Settled,
        Self::Edited,
        Self::Cancelled,
        Self::PaymentSent,
        Self::PaymentReceived,
        Self::PaymentDue,
        Self::Commented,
        Self::Replied,
    ];

    /// How it is stored.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Joined => "joined",
            Self::Left => "left",
            Self::Applied => "applied",
            Self::Accepted => "accepted",
            Self::Declined => "declined",
            Self::Seated => "seated",
            Self::Removed => "removed",
            Self::MadeHost => "made_host",
            Self::HostChanged => "host_changed",
            Self::Full => "full",
            Self::Deadline => "deadline",
            Self::Closed => "closed",
            Self::Reopened => "reopened",
            Self::Ordered => "ordered",
            Self::Arrived => "arrived",
            Self::Settled => "settled",
            Self::Edited => "edited",
            Self::Cancelled => "cancelled",
            Self::PaymentSent => "payment_sent",
            Self::PaymentReceived => "payment_received",
            Self::PaymentDue => "payment_due",
            Self::Commented => "commented",
            Self::Replied => "replied",
        }
    }

    /// The inverse of [`NoticeKind::code`].
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }
}

impl NoticeKind {
    /// The page on which it happened.
    #[must_use]
    pub fn path(self, party: PartyId) -> String {
        match self {
            Self::Commented | Self::Replied => format!("/meals/{party}/comments"),
            Self::PaymentSent | Self::PaymentReceived | Self::PaymentDue => format!("/meals/{party}/bill"),
            _ => format!("/meals/{party}"),
        }
    }
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct Notice {
    /// Which.
    pub id: Uuid,
    /// What.
    pub kind: NoticeKind,
    /// At which party.
    pub party: PartyId,
    /// What that is called.
    pub title: String,
    /// Who did it last.
    pub actor: Option<String>,
    /// How often it happened since it was read the last time.
    pub times: i64,
    /// When it happened last.
    pub at: Timestamp,
    /// Whether it was read.
    pub is_read: bool,
}

/// A room with unread messages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct UnreadRoom {
    /// Which.
    pub room: RoomId,
    /// The party's title, or the other one's nickname.
    pub title: String,
    /// How many messages are unread.
    pub unread: i64,
    /// When something last happened in it.
    pub at: Timestamp,
    /// The number of the last entry that is counted here.
    pub seq: Seq,
}

/// A page of notices.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct NoticeList {
    /// The time of the answer.
    pub now: Timestamp,
    /// Rooms with unread messages, the newest conversation first; only on the first page.
    pub rooms: Vec<UnreadRoom>,
    /// The notices, the newest first.
    pub page: Page<Notice>,
    /// The unread notices and how often each has happened, the newest first; at most [`MOST_READ`].
    pub unread: Vec<(Uuid, i64)>,
}

/// Notices that are marked as read together.
pub const MOST_READ: usize = 100;

/// Things with a number each, as a form sends them: `ID.NUMBER`, with spaces between. What is no such pair is left out.
pub fn numbered<T: FromStr>(text: &str) -> Vec<(T, i64)> {
    let pair = |word: &str| word.split_once('.').and_then(|(id, number)| Some((id.parse().ok()?, number.parse().ok()?)));
    text.split_whitespace().filter_map(pair).take(MOST_READ).collect()
}

/// The inverse of [`numbered`].
pub fn in_words<T: Display>(things: impl Iterator<Item = (T, i64)>) -> String {
    things.map(|(id, number)| format!("{id}.{number}")).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::{MOST_READ, NoticeKind, in_words, numbered};
    use uuid::Uuid;

    #[test]
    fn what_a_page_has_shown_is_written_and_read() {
        let some: Vec<(Uuid, i64)> = (1..=3_u8).map(|n| (Uuid::from_u128(n.into()), n.into())).collect();
        assert_eq!(numbered::<Uuid>(&in_words(some.iter().copied())), some);
        assert_eq!(numbered::<Uuid>("x.1 . 00000000-0000-0000-0000-000000000001 00000000-0000-0000-0000-000000000001.x"), []);
        assert_eq!(numbered::<Uuid>(&"00000000-0000-0000-0000-000000000001.1 ".repeat(MOST_READ + 1)).len(), MOST_READ);
    }

    #[test]
    fn every_kind_has_a_code_of_its_own() {
        for kind in NoticeKind::ALL {
            assert_eq!(NoticeKind::from_code(kind.code()), Some(kind));
        }
        assert_eq!(NoticeKind::from_code("?"), None);
    }
}
