//! Views of bills. The pages of the kinds of parties put them together.

mod items;
mod tabs;

pub use items::{Draft, MyItems};
pub use tabs::{Sum, Tabs};

use crate::shared::money::group;
use crate::t;

/// `9,500원`
pub(super) fn won(amount: i64) -> String {
    t!("settlements.won", won = group(amount))
}
