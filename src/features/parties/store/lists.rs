//! Lists of parties.

use crate::features::parties::model::{AFTER_DEADLINE, Sort};
use crate::server::db::Conn;
use crate::server::paging::{Listing, Order, page};
use crate::shared::error::AppError;
use crate::shared::ids::{DistrictCode, PartyId, RegionCode};
use crate::shared::paging::{Page, PageAsk};
use crate::shared::time::Timestamp;

/// Where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// In a 읍·면·동.
    Region(RegionCode),
    /// In a 시·군·구.
    District(DistrictCode),
}

/// Which parties of a kind, in which order. A party that is open has a free seat, so there is one question for both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Filter {
    /// `meal`, `companion` or `campus`.
    pub kind: &'static str,
    /// Where.
    pub scope: Scope,
    /// Of one category only.
    pub category: Option<&'static str>,
    /// Only those with a free seat.
    pub open: bool,
    /// This moment: what has ended by then is left out.
    pub now: Timestamp,
    /// The order.
    pub sort: Sort,
}

/// A page of parties; none that was cancelled or has ended.
///
/// # Errors
/// When the database fails.
pub async fn list(conn: &mut Conn, filter: &Filter, ask: PageAsk) -> Result<Page<PartyId>, AppError> {
    let page = page(conn, &filter.listing(), ask).await?;
    let ids = page.rows.iter().copied().map(PartyId).collect();
    Ok(page.with_rows(ids))
}

impl Filter {
    pub(super) fn listing(&self) -> Listing {
        // Literally as in the conditions of the indexes, so that both databases know that these fit.
        let state = if self.open { "state = 'open'" } else { "state <> 'cancelled' and ended = 0" };
        let (key, order) = match self.sort {
            Sort::Soon => ("soon_key", Order::Ascending),
            Sort::New => ("created_at", Order::Descending),
            Sort::Popular => ("popularity", Order::Descending),
            Sort::Views => ("views", Order::Descending),
            Sort::Comments => ("comments", Order::Descending),
        };
        let mut listing = Listing::of("parties", state, key, order).with_text("kind =", self.kind);
        listing = match self.scope {
            Scope::Region(code) => listing.with_number("region =", i64::from(code.0)),
            Scope::District(code) => listing.with_number("district =", i64::from(code.0)),
        };
        if let Some(category) = self.category {
            listing = listing.with_text("category =", category);
        }
        // Few are late without being written down.
        listing.with_number("deadline_at >", if self.open { self.now.0 } else { (self.now - AFTER_DEADLINE).0 })
    }
}

/// How the database would read a list: its first window, one in its middle, and its length. For tests.
#[cfg(test)]
pub async fn plans(db: &crate::server::db::Db, filter: &Filter) -> [String; 3] {
    let mut tx = db.begin().await.expect("a transaction");
    let after = crate::shared::paging::Anchor { key: 7, id: uuid::Uuid::nil() };
    crate::server::paging::plans(&mut tx, &filter.listing(), after).await
}
