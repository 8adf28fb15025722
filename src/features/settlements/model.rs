//! What both sides know of a bill.

mod forms;
mod paying;
mod settling;
mod shares;

pub use forms::{ItemForm, MAX_COUNT, MAX_NAME, MAX_PRICE, NewItem};
pub use paying::{Line, Paid, Payment};
pub use settling::{
    ACCOUNT_KEPT, Change, ExtraForm, ExtraLine, HISTORY, MAX_ACCOUNT, MAX_EXTRAS, MAX_LINK, NewExtra, NewTerms, REMINDING, SettleForm,
    Settlement, Terms, TermsForm, What,
};
pub use shares::{Extra, Payer, Share, Split, payers, receipt, shares};

use crate::features::chat::model::Person;
use crate::features::parties::model::{Stage, State};
use crate::shared::ids::{ItemId, PartyId, RoomId, UserId};
use serde::{Deserialize, Serialize};

/// Most items that one person may enter at one party.
pub const MAX_ITEMS: i64 = 30;

/// Something that somebody orders.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct Item {
    /// Which.
    pub id: ItemId,
    /// What it is; nothing once its owner's account has been erased.
    pub name: String,
    /// Won, of one.
    pub price: i64,
    /// How many.
    pub count: i64,
}

impl Item {
    /// What all of them cost, in won.
    #[must_use]
    pub const fn sum(&self) -> i64 {
        self.price * self.count
    }
}

/// What one person orders.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct Tab {
    /// Who.
    pub person: Person,
    /// In the order of entering; at most [`MAX_ITEMS`].
    pub items: Vec<Item>,
}

impl Tab {
    /// What all of it costs, in won.
    #[must_use]
    pub fn sum(&self) -> i64 {
        self.items.iter().map(Item::sum).sum()
    }
}

/// The bill of a party, for those who sit there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct Bill {
    /// Of which party.
    pub party: PartyId,
    /// What that is called.
    pub title: String,
    /// Its room.
    pub room: RoomId,
    /// How it stands.
    pub state: State,
    /// Whose it is.
    pub host: UserId,
    /// Who looks.
    pub me: UserId,
    /// People who came along and are not on the service.
    pub outside: u8,
    /// What everybody orders, in the order of coming.
    pub tabs: Vec<Tab>,
    /// What those had ordered whom the host has released since it was ordered, in won: the host pays it.
    pub released: i64,
    /// A name for the next item.
    pub next: ItemId,
}

impl Bill {
    /// What all of it costs, in won.
    #[must_use]
    pub fn sum(&self) -> i64 {
        self.tabs.iter().map(Tab::sum).sum::<i64>() + self.released
    }

    /// What the one who looks orders.
    #[must_use]
    pub fn mine(&self) -> &[Item] {
        self.tabs.iter().find(|tab| tab.person.id == self.me).map_or(&[], |tab| &tab.items)
    }

    /// Whether items can still be entered and changed.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        self.state.ended().is_none()
    }

    /// Whether it has been ordered and is not settled.
    #[must_use]
    pub const fn is_under_way(&self) -> bool {
        matches!(self.state, State::UnderWay(Stage::Ordered | Stage::Arrived))
    }
}
