//! Shared orders in the database: what they have beyond a party.

mod bill;
mod cards;
mod detail;
mod writing;

use crate::server::rate_limit::Limit;
use crate::shared::time::Span;

pub use bill::bill;
pub use cards::{cards, closing_anywhere, closing_near, mine};
pub use detail::{draft, meal};
pub use writing::{edit, open};

/// Most suggestions for the name of a 동.
pub const SUGGESTIONS: usize = 8;
/// Orders that close soon on the first page.
pub const SOON: i64 = 4;
/// Own orders on the first page.
pub const MINE: i64 = 6;
/// Orders that one person may open.
pub const OPENINGS: Limit = Limit { name: "meal openings", attempts: 30, window: Span::hours(1) };
