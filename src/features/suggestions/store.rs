//! What suggestions are made of, and how often somebody asked.

mod days;
mod facts;
mod talk;

pub use days::{Day, count, hold, show, today};
pub use facts::facts;
pub use talk::{End, ask, end, forget, keep, recall, talk};

use crate::server::db::{Conn, delete_of};
use crate::server::rate_limit::Limit;
use crate::shared::error::AppError;
use crate::shared::ids::UserId;
use crate::shared::time::{Span, Timestamp};

/// Questions to the model by one person, those that it failed to answer included.
pub const QUESTIONS: Limit = Limit { name: "menu_question", attempts: 40, window: Span::hours(1) };
/// Rows that are removed together.
const SWEEP: i64 = 1_000;

/// Removes some of what is older than a day.
///
/// # Errors
/// When the database fails.
pub async fn forget_old(tx: &mut Conn, now: Timestamp) -> Result<(), AppError> {
    talk::forget_old(tx, now, SWEEP).await?;
    days::forget_old(tx, now, SWEEP).await
}

/// Forgets what erased people asked.
///
/// # Errors
/// When the database fails.
pub async fn forget_of(tx: &mut Conn, users: &[UserId]) -> Result<(), AppError> {
    delete_of(tx, "suggestion_questions", users).await?;
    Ok(delete_of(tx, "suggestion_days", users).await?)
}
