//! The five menus that are somebody's.

use super::menus::{Slot, all, find};
use super::model::{Exchange, day_of};
use super::scorer::{FIVE, Facts, Pick, again, five, seed};
use super::store::{self, Day};
use crate::features::accounts::auth::Member;
use crate::server::db::Db;
use crate::shared::error::AppError;
use crate::shared::time::Timestamp;

/// What was chosen for somebody: of one round, for one part of their day. It stays that while it is, whatever the weather does meanwhile.
#[must_use]
fn occasion(day: &Day, facts: &Facts) -> String {
    format!("{} {}", day.rounds, Slot::at(facts.hour).letter())
}

/// Follows the occasion when the weather was known.
const WITH_WEATHER: &str = " w";

/// Five menus that are somebody's.
#[derive(Clone, Debug, PartialEq)]
pub struct Chosen {
    /// In the order in which they fitted when they were chosen, with what speaks for them now.
    pub five: Vec<Pick<'static>>,
    /// Whether the weather was known when they were chosen.
    pub has_weather: bool,
}

/// The five that were chosen; `None` when others are wanted by now.
fn chosen(member: &Member, facts: &Facts, day: &Day, now: Timestamp) -> Option<Chosen> {
    let keys = day.shown();
    let last = &keys[keys.len().saturating_sub(FIVE)..];
    let of_weather = day.shown_for.strip_suffix(WITH_WEATHER);
    if of_weather.unwrap_or(&day.shown_for) != occasion(day, facts) {
        return None;
    }
    let five = again(all(), facts, seed_of(member, now), last);
    // A newer version of the program may not have all of them.
    (five.len() == FIVE).then_some(Chosen { five, has_weather: of_weather.is_some() })
}

fn seed_of(member: &Member, now: Timestamp) -> u64 {
    seed(member.id().0.as_bytes(), day_of(now))
}

/// Five that were neither shown nor named by the model; when there are no five of these any more, five that were not shown.
fn others(member: &Member, facts: &Facts, shown: &[String], talk: &[Exchange], now: Timestamp) -> Chosen {
    let seed = seed_of(member, now);
    let named = talk.iter().flat_map(|exchange| &exchange.menus).filter_map(|menu| find(&menu.name)).map(|menu| menu.key.clone());
    let known: Vec<String> = named.chain(shown.iter().cloned()).collect();
    let new = five(all(), facts, seed, &known);
    let is_new = new.iter().all(|pick| !known.contains(&pick.menu.key));
    let five = if is_new { new } else { five(all(), facts, seed, shown) };
    Chosen { five, has_weather: facts.weather.is_some() }
}

/// The five that [`show`] would show now, without saying that they were seen.
#[must_use]
pub fn glance(member: &Member, facts: &Facts, day: &Day, talk: &[Exchange], now: Timestamp) -> Chosen {
    chosen(member, facts, day, now).unwrap_or_else(|| others(member, facts, &day.shown(), talk, now))
}

/// The five that are shown to somebody, which stay the same until they ask for others or it is another part of the day. Those that they
/// were shown that day come in no later five until all were; nor do those that the model has named to them (`talk`), while there are five
/// others.
///
/// # Errors
/// When the database fails.
pub async fn show(db: &Db, member: &Member, facts: &Facts, talk: &[Exchange], now: Timestamp) -> Result<(Day, Chosen), AppError> {
    let day = store::today(&mut db.read().await?, member.id(), now).await?;
    if let Some(chosen) = chosen(member, facts, &day, now) {
        return Ok((day, chosen));
    }
    let mut tx = db.begin().await?;
    let day = store::hold(&mut tx, member.id(), now).await?;
    // Another page of theirs may have been first.
    if let Some(chosen) = chosen(member, facts, &day, now) {
        return Ok((day, chosen));
    }
    let shown = day.shown();
    let chosen = others(member, facts, &shown, talk, now);
    let new = chosen.five.iter().map(|pick| pick.menu.key.clone());
    // What comes again begins anew: everything was shown.
    let has_begun = chosen.five.iter().any(|pick| shown.contains(&pick.menu.key));
    let shown: Vec<String> = if has_begun { new.collect() } else { shown.into_iter().chain(new).collect() };
    let with_weather = if chosen.has_weather { WITH_WEATHER } else { "" };
    store::show(&mut tx, member.id(), &shown, &format!("{}{with_weather}", occasion(&day, facts)), now).await?;
    tx.commit_unseen().await?;
    Ok((day, chosen))
}
