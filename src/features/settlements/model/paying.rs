//! How what somebody pays stands.

use crate::shared::ids::UserId;
use crate::shared::time::Timestamp;
use serde::{Deserialize, Serialize};

/// What is said of somebody's money, in won.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Paid {
    /// So much they say that they have sent.
    pub sent: Option<i64>,
    /// So much the host has received.
    pub received: Option<i64>,
    /// So much an earlier host has received.
    pub elsewhere: Option<i64>,
}

/// How somebody's payment stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Payment {
    /// There is nothing to pay: it is the host, or their share is 0.
    Nothing,
    /// They owe it.
    Owed,
    /// They say that they have sent it.
    Sent,
    /// The host has received it.
    Received,
    /// So much was sent or received, and the share is another now.
    Differs(i64),
    /// So much was received by somebody who was the host before.
    Elsewhere(i64),
}

impl Payment {
    /// How it stands with somebody who owes a share and of whose money this is said. What the host confirmed outweighs what was said,
    /// unless that is the share as it is now and more than was confirmed.
    #[must_use]
    pub fn of(share: i64, is_host: bool, paid: Paid) -> Self {
        match paid {
            _ if is_host => Self::Nothing,
            Paid { received: Some(received), .. } if received == share => Self::Received,
            Paid { sent: Some(sent), received, .. } if sent == share && received.is_none_or(|received| received < share) => Self::Sent,
            Paid { received: Some(received), .. } => Self::Differs(received),
            Paid { elsewhere: Some(received), .. } => Self::Elsewhere(received),
            Paid { sent: Some(sent), .. } => Self::Differs(sent),
            _ if share == 0 => Self::Nothing,
            _ => Self::Owed,
        }
    }
}

/// What one person pays.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct Line {
    /// Who.
    pub person: UserId,
    /// Won.
    pub amount: i64,
    /// Whether it has a won in it that could not be split.
    pub is_rounded_up: bool,
    /// How it stands.
    pub payment: Payment,
    /// So much they say that they have sent to the host.
    pub sent: Option<i64>,
    /// So much the host has received.
    pub received: Option<i64>,
    /// When they may be reminded again, if they cannot be now.
    pub reminded_until: Option<Timestamp>,
}

impl Line {
    /// Whether they owe nothing any more. Who has paid something and owes nothing by now does not hold the others up.
    #[must_use]
    pub const fn is_done(&self) -> bool {
        matches!(self.payment, Payment::Nothing | Payment::Received) || self.amount == 0
    }

    /// Whether they can be asked for money: they have not paid as much as their share is.
    #[must_use]
    pub const fn is_due(&self) -> bool {
        match self.payment {
            Payment::Owed => true,
            Payment::Differs(before) | Payment::Elsewhere(before) => self.amount > before,
            Payment::Nothing | Payment::Sent | Payment::Received => false,
        }
    }

    /// Whether they can take back that they have sent it: it is not what the host has received.
    #[must_use]
    pub fn can_unsend(&self) -> bool {
        self.payment != Payment::Received && self.sent.is_some() && self.sent != self.received
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn a_payment_counts_for_the_share_that_it_was_made_for() {
        for (share, is_host, sent, received, payment) in [
            (500, true, None, None, Payment::Nothing),
            (0, false, None, None, Payment::Nothing),
            (500, false, None, None, Payment::Owed),
            (500, false, Some(500), None, Payment::Sent),
            (500, false, Some(400), None, Payment::Differs(400)),
            (500, false, Some(400), Some(500), Payment::Received),
            (500, false, Some(500), Some(400), Payment::Sent),
            (500, false, Some(500), Some(600), Payment::Differs(600)),
            (500, false, Some(300), Some(400), Payment::Differs(400)),
            (500, false, None, Some(400), Payment::Differs(400)),
            (0, false, Some(400), None, Payment::Differs(400)),
        ] {
            assert_eq!(Payment::of(share, is_host, Paid { sent, received, elsewhere: None }), payment);
        }
        let elsewhere = Paid { elsewhere: Some(500), ..Paid::default() };
        assert_eq!(Payment::of(500, false, elsewhere), Payment::Elsewhere(500), "another one has it");
        assert_eq!(Payment::of(500, false, Paid { sent: Some(500), ..elsewhere }), Payment::Sent, "it was sent again");
        assert_eq!(Payment::of(500, false, Paid { received: Some(500), ..elsewhere }), Payment::Received);
    }

    #[test]
    fn who_owes_less_than_they_paid_is_asked_for_nothing() {
        let line = |amount, paid: Paid| Line {
            person: UserId(Uuid::from_u128(1)),
            amount,
            is_rounded_up: false,
            payment: Payment::of(amount, false, paid),
            sent: paid.sent,
            received: paid.received,
            reminded_until: None,
        };
        let sent = Paid { sent: Some(400), ..Paid::default() };
        for (line, is_done, is_due, can_unsend) in [
            (line(0, Paid::default()), true, false, false),
            (line(0, sent), true, false, true),
            (line(300, sent), false, false, true),
            (line(400, sent), false, false, true),
            (line(500, sent), false, true, true),
            (line(500, Paid { received: Some(400), ..sent }), false, true, false),
            (line(400, Paid { received: Some(400), ..sent }), true, false, false),
            (line(500, Paid { elsewhere: Some(500), ..Paid::default() }), false, false, false),
            (line(500, Paid::default()), false, true, false),
        ] {
            assert_eq!((line.is_done(), line.is_due(), line.can_unsend()), (is_done, is_due, can_unsend), "{line:?}");
        }
    }
}
