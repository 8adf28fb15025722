//! Identifiers. Each kind of thing has its own type, so that one can never stand in for another.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;
use uuid::Uuid;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.as_hyphenated().fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::from_str(text).map(Self)
            }
        }
    };
}

id!(
    /// An account.
    UserId
);
id!(
    /// One signed-in device of an account.
    SessionId
);
id!(
    /// A party: a shared order, a companion post, a study group.
    PartyId
);
id!(
    /// A chat room.
    RoomId
);
id!(
    /// The name that the sender's device gave to a message before it was sent; sending it twice stores it once. One that begins with
    /// the moment ([`SendId::random`]) lies beside those of its time where it is stored, and is written with them.
    SendId
);

id!(
    /// A comment; its writer's form names it, so that sending it twice stores it once.
    CommentId
);

id!(
    /// Something that somebody orders; its owner's form names it, so that entering it twice enters it once.
    ItemId
);

id!(
    /// A question to a model; its form names it, so that asking it twice asks it once.
    QuestionId
);

id!(
    /// A picture; random, so that nobody finds one whose id they were not told.
    ImageId
);

impl SendId {
    /// A fresh name: random, behind the moment (UUID version 7, RFC 9562).
    #[must_use]
    pub fn random() -> Self {
        Self(Uuid::new_v7(uuid::Timestamp::now(uuid::NoContext)))
    }

    /// The name of another message of the same page.
    #[must_use]
    pub const fn twin(self) -> Self {
        Self(Uuid::from_u128(self.0.as_u128() ^ 1))
    }
}

/// The position of a message in its room: 1 for the first, without gaps.
pub type Seq = i64;

/// A 읍·면·동: the first eight digits of its 법정동 code, `PPDDDEEE` (province, district, town).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct RegionCode(pub u32);

impl RegionCode {
    /// The 시·군·구 that contains it.
    #[must_use]
    pub const fn district(self) -> DistrictCode {
        DistrictCode(self.0 / 1_000)
    }
}

/// A 시·군·구: the first five digits of the codes of its towns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct DistrictCode(pub u32);
