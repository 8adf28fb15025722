//! The five menus that are somebody's.

use super::model::day_of;
use super::{menus, scorer};
use crate::features::accounts::auth::Member;
use crate::shared::time::Timestamp;

/// The five of a person's day after so many rounds.
#[must_use]
pub fn five(member: &Member, facts: &scorer::Facts, rounds: i32, now: Timestamp) -> Vec<scorer::Pick<'static>> {
    let seed = scorer::seed(member.id().0.as_bytes(), day_of(now));
    scorer::five(menus::all(), facts, seed, u32::try_from(rounds).unwrap_or_default())
}
