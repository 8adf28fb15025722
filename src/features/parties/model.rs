//! What both sides know of parties of every kind.

mod rules;

pub use crate::features::chat::model::Stage;
pub use rules::{RULES, Rule, Step};

use crate::features::chat::model::Person;
use crate::shared::error::{Conflict, FieldErrors};
use crate::shared::ids::PartyId;
use crate::shared::paging::Page;
use crate::shared::time::{Span, Timestamp};
use serde::{Deserialize, Serialize};

/// Most people who may wait for a seat or an answer at one party.
pub const MAX_QUEUE: i64 = 100;
/// Longest message of an application and longest reason of a cancellation, in characters.
pub const MAX_NOTE: usize = 200;
/// Fewest and most characters of a title.
pub const TITLE: (usize, usize) = (2, 60);
/// Longest text of a party, in characters.
pub const MAX_BODY: usize = 5_000;

/// A party goes on for those who sit there until so long after its deadline.
pub const AFTER_DEADLINE: Span = Span::hours(12);

/// Whether people can come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// There are seats, and time.
    Open,
    /// Nobody can come in.
    Closed(ClosedBy),
    /// It takes place: nobody comes or goes any more, and nothing of it is changed.
    UnderWay(Stage),
    /// It will not take place.
    Cancelled,
    /// It is over. Nobody writes this down as its state: readers see it some time after the deadline.
    Ended,
}

/// Why nobody can come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ClosedBy {
    /// Every seat is taken; it opens again when one is freed in time.
    Full,
    /// The deadline has passed; it opens again when the host moves it.
    Deadline,
    /// The host closed it, and only the host opens it again.
    Host,
}

impl ClosedBy {
    /// How it is stored.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Deadline => "deadline",
            Self::Host => "host",
        }
    }
}

impl State {
    /// Reads what is stored; `None` for what is not stored by this version.
    #[must_use]
    pub fn from_codes(state: &str, closed_by: Option<&str>) -> Option<Self> {
        match (state, closed_by) {
            ("open", None) => Some(Self::Open),
            ("closed", Some(code)) => {
                [ClosedBy::Full, ClosedBy::Deadline, ClosedBy::Host].into_iter().find(|by| by.code() == code).map(Self::Closed)
            }
            ("cancelled", _) => Some(Self::Cancelled),
            (stage, None) => Stage::from_code(stage).map(Self::UnderWay),
            _ => None,
        }
    }

    /// The state that readers see: a party whose deadline has passed is closed by it, before anybody has written it down, and
    /// also when it was full before. Seats and lines are over then. [`AFTER_DEADLINE`] it has ended, until its host moves the deadline.
    #[must_use]
    pub fn at(self, deadline: Timestamp, now: Timestamp) -> Self {
        match self {
            Self::Open | Self::Closed(_) if deadline + AFTER_DEADLINE <= now => Self::Ended,
            _ if self.is_due(deadline, now) => Self::Closed(ClosedBy::Deadline),
            other => other,
        }
    }

    /// Whether its deadline has passed and is to be written down.
    #[must_use]
    pub fn is_due(self, deadline: Timestamp, now: Timestamp) -> bool {
        matches!(self, Self::Open | Self::Closed(ClosedBy::Full)) && deadline <= now
    }

    /// Why nobody comes, goes or changes it any more, once that is so. What its deadline alone has ended is still the host's to change.
    #[must_use]
    pub const fn ended(self) -> Option<Conflict> {
        match self {
            Self::Open | Self::Closed(_) | Self::Ended => None,
            Self::UnderWay(Stage::Settled) => Some(Conflict::Settled),
            Self::UnderWay(_) => Some(Conflict::Ordered),
            Self::Cancelled => Some(Conflict::Closed),
        }
    }
}

/// How people come in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Joining {
    /// Whoever comes first.
    #[default]
    Direct,
    /// Whom the host accepts.
    Approval,
}

impl Joining {
    /// How it is stored and written in forms.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Direct => "direct",
            Self::Approval => "approval",
        }
    }

    /// The inverse of [`Joining::code`].
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Direct, Self::Approval].into_iter().find(|joining| joining.code() == code)
    }
}

/// How a list is ordered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Sort {
    /// Open ones by their deadline, then the others, the latest first.
    #[default]
    Soon,
    /// The newest first.
    New,
    /// The most members, waiting people and applications first.
    Popular,
    /// The most viewed first.
    Views,
    /// The most commented first.
    Comments,
}

impl Sort {
    /// In the order in which they are offered.
    pub const ALL: [Self; 5] = [Self::Soon, Self::New, Self::Popular, Self::Views, Self::Comments];

    /// How it is written in addresses.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Soon => "soon",
            Self::New => "new",
            Self::Popular => "popular",
            Self::Views => "views",
            Self::Comments => "comments",
        }
    }

    /// The inverse of [`Sort::code`].
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|sort| sort.code() == code)
    }
}

/// The parties of one person, by what they are to them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Shelf {
    /// They opened it, and it goes on.
    #[default]
    Hosted,
    /// They sit at somebody else's, and it goes on.
    Joined,
    /// They wait for the host's answer.
    Applied,
    /// They wait for a seat.
    Waiting,
    /// They keep it for later.
    Kept,
    /// They sat there; it is over or was called off.
    Past,
}

impl Shelf {
    /// In the order in which they are offered.
    pub const ALL: [Self; 6] = [Self::Hosted, Self::Joined, Self::Applied, Self::Waiting, Self::Kept, Self::Past];

    /// How it is written in addresses.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Hosted => "hosted",
            Self::Joined => "joined",
            Self::Applied => "applied",
            Self::Waiting => "waiting",
            Self::Kept => "kept",
            Self::Past => "past",
        }
    }

    /// The inverse of [`Shelf::code`].
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|shelf| shelf.code() == code)
    }
}

/// How the viewer stands to a party.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Nobody is signed in.
    Visitor,
    /// Signed in, and nothing to do with it so far.
    Stranger,
    /// Waits for the host's answer.
    Applied,
    /// Waits for a seat.
    Waiting {
        /// From 1: the next one.
        place: i64,
    },
    /// Was removed by the host.
    Banned,
    /// Has a seat.
    Member,
    /// Opened it, or was given it.
    Host,
}

impl Standing {
    /// Whether they sit at the table.
    #[must_use]
    pub const fn is_seated(self) -> bool {
        matches!(self, Self::Member | Self::Host)
    }
}

/// An application, as typed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct ApplyForm {
    /// For which party.
    pub party: Option<PartyId>,
    /// A word to the host; may be empty.
    #[cfg_attr(feature = "ssr", schemars(length(max = MAX_NOTE)))]
    pub message: String,
}

/// A cancellation, as typed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct CancelForm {
    /// Which party.
    pub party: Option<PartyId>,
    /// Why, for the others; may be empty.
    #[cfg_attr(feature = "ssr", schemars(length(max = MAX_NOTE)))]
    pub reason: String,
}

/// A word about a party: at most [`MAX_NOTE`] characters, may be empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// About which party.
    pub party: PartyId,
    /// The word.
    pub text: String,
}

impl ApplyForm {
    /// Checks what was typed.
    ///
    /// # Errors
    /// The fields that are wrong.
    pub fn parse(&self) -> Result<Note, FieldErrors> {
        note(self.party, "message", &self.message)
    }
}

impl CancelForm {
    /// Checks what was typed.
    ///
    /// # Errors
    /// The fields that are wrong.
    pub fn parse(&self) -> Result<Note, FieldErrors> {
        note(self.party, "reason", &self.reason)
    }
}

fn note(party: Option<PartyId>, field: &'static str, text: &str) -> Result<Note, FieldErrors> {
    let text = text.trim().to_owned();
    let mut errors = FieldErrors::default();
    if text.chars().count() > MAX_NOTE {
        errors.add_with(field, "parties.error.note_long", vec![("max", MAX_NOTE.to_string())]);
    }
    let Some(party) = party else {
        errors.add("party", "error.not_found");
        return Err(errors);
    };
    errors.or(|| Note { party, text })
}

/// Somebody who asked to come in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct Request {
    /// Who.
    pub person: Person,
    /// Their word to the host; empty on the waitlist.
    pub message: String,
    /// Since when.
    pub at: Timestamp,
}

/// Somebody with a seat.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct Seated {
    /// Who.
    pub person: Person,
    /// Since when.
    pub at: Timestamp,
}

/// What only the host of a party sees.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct Desk {
    /// Who asks to come in, the first first; at most [`MAX_QUEUE`].
    pub applications: Vec<Request>,
    /// Who waits for a seat, the next first; at most [`MAX_QUEUE`].
    pub waiting: Vec<Request>,
    /// A page of those who were removed, the latest first.
    pub banned: Page<Person>,
}

/// The people around a party, as one viewer may see them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct Circle {
    /// How the viewer stands to it.
    pub standing: Standing,
    /// Who has a seat, in the order of coming; the host is one of them.
    pub members: Vec<Seated>,
    /// For the host.
    pub desk: Option<Desk>,
}
