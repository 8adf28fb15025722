//! How often somebody has asked on a day.

use super::talk;
use crate::features::suggestions::model::{A_DAY, day_of};
use crate::server::db::Conn;
use crate::shared::error::AppError;
use crate::shared::ids::UserId;
use crate::shared::time::Timestamp;
use crate::{each, execute, fetch_optional};

/// What somebody has asked on a day.
#[derive(Clone, Debug, Default, PartialEq, Eq, sqlx::FromRow)]
pub struct Day {
    /// Questions.
    pub asked: i32,
    /// How many of them asked for other menus.
    pub rounds: i32,
    shown: String,
    /// What the last five that were shown were chosen for.
    pub shown_for: String,
}

impl Day {
    /// How many more they may ask.
    #[must_use]
    pub fn left(&self) -> i32 {
        (A_DAY - self.asked).max(0)
    }

    /// The keys of the menus that they were shown, oldest first.
    #[must_use]
    pub fn shown(&self) -> Vec<String> {
        self.shown.split_whitespace().map(str::to_owned).collect()
    }
}

/// What somebody has asked today.
///
/// # Errors
/// When the database fails.
pub async fn today(conn: &mut Conn, user: UserId, now: Timestamp) -> Result<Day, AppError> {
    let day: Option<Day> = fetch_optional!(
        conn,
        Day,
        // What nobody answers any more is given back by the next question; until then it is not counted.
        "select asked - cast((select count(*) from suggestion_questions q
                 where q.user_id = d.user_id and q.day = d.day and q.state = 'waiting' and q.until_at <= $3) as integer) as asked,
             rounds, shown, shown_for
         from suggestion_days d where user_id = $1 and day = $2",
        user,
        day_of(now),
        now
    )?;
    Ok(day.unwrap_or_default())
}

/// The same, with its row held until the transaction ends.
///
/// # Errors
/// When the database fails.
pub async fn hold(tx: &mut Conn, user: UserId, now: Timestamp) -> Result<Day, AppError> {
    execute!(
        tx,
        "insert into suggestion_days (user_id, day, asked, rounds) values ($1, $2, 0, 0)
         on conflict (user_id, day) do update set asked = suggestion_days.asked",
        user,
        day_of(now)
    )?;
    today(tx, user, now).await
}

/// Writes down which menus somebody was shown today, oldest first, and what the last five of them were chosen for.
///
/// # Errors
/// When the database fails.
pub async fn show(tx: &mut Conn, user: UserId, shown: &[String], shown_for: &str, now: Timestamp) -> Result<(), AppError> {
    execute!(
        tx,
        "update suggestion_days set shown = $3, shown_for = $4 where user_id = $1 and day = $2",
        user,
        day_of(now),
        shown.join(" "),
        shown_for
    )?;
    Ok(())
}

/// Counts a question; `false` when they have asked as often as they may. `is_round`: it asks for other menus. What nobody answers any more
/// is given back first.
///
/// # Errors
/// When the database fails.
pub async fn count(tx: &mut Conn, user: UserId, is_round: bool, now: Timestamp) -> Result<bool, AppError> {
    talk::end_lapsed(tx, user, now).await?;
    let counted = execute!(
        tx,
        "insert into suggestion_days (user_id, day, asked, rounds) values ($1, $2, 1, $3)
         on conflict (user_id, day) do update set asked = suggestion_days.asked + 1, rounds = suggestion_days.rounds + excluded.rounds
         where suggestion_days.asked < $4",
        user,
        day_of(now),
        i32::from(is_round),
        A_DAY
    )?;
    Ok(counted == 1)
}

/// Takes a question of a day back that came to nothing.
pub(super) async fn give_back(tx: &mut Conn, user: UserId, day: i64) -> Result<(), AppError> {
    execute!(tx, "update suggestion_days set asked = asked - 1 where user_id = $1 and day = $2 and asked > 0", user, day)?;
    Ok(())
}

/// Removes some of the days before yesterday.
pub(super) async fn forget_old(tx: &mut Conn, now: Timestamp, limit: i64) -> Result<(), AppError> {
    let before = day_of(now) - 1;
    each!(tx, |c|
        sqlite: sqlx::query(
            "delete from suggestion_days where (user_id, day) in (select user_id, day from suggestion_days where day < $1 order by day limit $2)",
        ).bind(before).bind(limit).execute(c).await.map(drop),
        pg: sqlx::query(
            "delete from suggestion_days where (user_id, day) in
                 (select user_id, day from suggestion_days where day < $1 order by day limit $2 for update skip locked)",
        ).bind(before).bind(limit).execute(c).await.map(drop))?;
    Ok(())
}
