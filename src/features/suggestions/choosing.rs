//! What speaks for a menu for somebody now, and the five that are theirs.

use super::model::day_of;
use super::{menus, scorer, store};
use crate::features::accounts::auth::Member;
use crate::server::db::Conn;
use crate::shared::error::AppError;
use crate::shared::time::Timestamp;

/// What speaks for a menu for a person, with the weather in their 동 where it is known.
///
/// # Errors
/// When the database fails.
pub async fn facts(conn: &mut Conn, member: &Member, weather: Option<scorer::Weather>, now: Timestamp) -> Result<scorer::Facts, AppError> {
    store::facts(conn, member.id(), member.region(), weather, now).await
}

/// The five of a person's day after so many rounds.
#[must_use]
pub fn five(member: &Member, facts: &scorer::Facts, rounds: i32, now: Timestamp) -> Vec<scorer::Pick<'static>> {
    let seed = scorer::seed(member.id().0.as_bytes(), day_of(now));
    scorer::five(menus::all(), facts, seed, u32::try_from(rounds).unwrap_or_default())
}
