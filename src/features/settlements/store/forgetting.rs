//! What of a bill is forgotten, and when.

use crate::features::settlements::model::ACCOUNT_KEPT;
use crate::server::db::{Conn, update_of};
use crate::shared::error::AppError;
use crate::shared::ids::UserId;
use crate::shared::time::Timestamp;
use crate::{each, execute};

/// Accounts that are forgotten together.
const SWEEP: i64 = 50;

/// Forgets where money was to be sent to somebody who has closed their account.
///
/// # Errors
/// When the database fails.
pub async fn vacate(tx: &mut Conn, user: UserId) -> Result<(), AppError> {
    let sql = "update settlements set account = '', link = null where set_by = $1 and (account <> '' or link is not null)";
    execute!(tx, sql, user)?;
    Ok(())
}

/// Forgets where money was to be sent a month after that was written; some of it.
///
/// # Errors
/// When the database fails.
pub async fn forget_old(tx: &mut Conn, now: Timestamp) -> Result<(), AppError> {
    let before = now - ACCOUNT_KEPT;
    each!(tx, |c|
        sqlite: sqlx::query(
            "update settlements set account = '', link = null where party_id in
             (select party_id from settlements where (account <> '' or link is not null) and updated_at <= $1 order by updated_at limit $2)",
        ).bind(before).bind(SWEEP).execute(c).await.map(drop),
        pg: sqlx::query(
            "update settlements set account = '', link = null where party_id in
             (select party_id from settlements where (account <> '' or link is not null) and updated_at <= $1 order by updated_at limit $2
              for update skip locked)",
        ).bind(before).bind(SWEEP).execute(c).await.map(drop))?;
    Ok(())
}

/// Forgets what erased people ordered, where money was to be sent to them, and what they called things; what it cost stays, because
/// others have paid their share of it.
///
/// # Errors
/// When the database fails.
pub async fn forget_of(tx: &mut Conn, users: &[UserId]) -> Result<(), AppError> {
    update_of(tx, "bill_items set name = ''", "user_id", users).await?;
    update_of(tx, "bill_extras set label = ''", "author_id", users).await?;
    update_of(tx, "settlements set account = '', link = null", "set_by", users).await?;
    Ok(update_of(tx, "bill_history set label = ''", "actor_id", users).await?)
}
