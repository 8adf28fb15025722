//! Views of bills. The pages of the kinds of parties put them together.

mod hosting;
mod items;
mod settling;
mod tabs;

pub use hosting::Hosting;
pub use items::{Draft, MyItems};
pub use settling::{Desk, History, MyShare, Shares};
pub use tabs::{Sum, Tabs};

use crate::shared::money::group;
use crate::t;

/// `9,500원`
pub(super) fn won(amount: i64) -> String {
    t!("settlements.won", won = group(amount))
}
