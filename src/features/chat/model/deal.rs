//! The party of a room.

use crate::shared::time::Timestamp;
use serde::{Deserialize, Serialize};

/// How far a party is to which nobody comes any more, in the order in which it happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// The host has ordered.
    Ordered,
    /// What was ordered has arrived.
    Arrived,
    /// Everybody has paid.
    Settled,
}

impl Stage {
    /// All of them, in order.
    pub const ALL: [Self; 3] = [Self::Ordered, Self::Arrived, Self::Settled];

    /// How it is stored and written in forms.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Ordered => "ordered",
            Self::Arrived => "arrived",
            Self::Settled => "settled",
        }
    }

    /// The inverse of [`Stage::code`].
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|stage| stage.code() == code)
    }
}

/// How things stand with the party whose room it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct Deal {
    /// Until when people can come in.
    pub deadline: Timestamp,
    /// Whether they can.
    pub is_open: bool,
    /// How far it is, once the host has ordered.
    pub stage: Option<Stage>,
    /// Seats at its table.
    pub seats: u8,
    /// Those that are taken.
    pub taken: u8,
    /// Where what was ordered is picked up, when it is an order.
    pub pickup: Option<String>,
}
