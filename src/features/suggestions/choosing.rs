//! What speaks for a menu for somebody now, and the five that are theirs.

use super::model::day_of;
use super::{menus, scorer, sky, store};
use crate::features::accounts::auth::Member;
use crate::server::db::Conn;
use crate::shared::error::AppError;
use crate::shared::time::Timestamp;

/// What speaks for a menu for a person, with what is known of the weather in their 동.
///
/// # Errors
/// When the database fails.
pub async fn facts(conn: &mut Conn, member: &Member, now: Timestamp) -> Result<scorer::Facts, AppError> {
    let weather = member.region().and_then(sky::glance);
    store::facts(conn, member.id(), member.region(), weather, now).await
}

/// The five of a person's day after so many rounds.
#[must_use]
pub fn five(member: &Member, facts: &scorer::Facts, rounds: i32, now: Timestamp) -> Vec<scorer::Pick<'static>> {
    let seed = scorer::seed(member.id().0.as_bytes(), day_of(now));
    scorer::five(menus::all(), facts, seed, u32::try_from(rounds).unwrap_or_default())
}
