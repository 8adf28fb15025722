//! What one node at a time does for all of them.
//!
//! On PostgreSQL a schedule is a lock of the database, held by a transaction of its own: it is free again when the work is done, or
//! when its node is gone. SQLite has one node, which has nobody to wait for.

use super::db::{Conn, Db};
use crate::shared::error::AppError;

/// Work that comes again and again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Schedule {
    /// Parties whose deadline has passed.
    Deadlines,
    /// What is old.
    Sweep,
    /// Pictures that nothing shows.
    Pictures,
}

impl Schedule {
    /// The lock's number. Older nodes know it by this.
    const fn number(self) -> i64 {
        // "moim", and which.
        0x6d6f_696d_0000
            + match self {
                Self::Deadlines => 1,
                Self::Sweep => 2,
                Self::Pictures => 3,
            }
    }
}

/// Leave to do the work of a schedule. Dropping it gives it back too, a little later.
pub struct Turn(Option<Conn>);

impl Turn {
    /// Takes the turn; `None` while another node has it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn take(db: &Db, schedule: Schedule) -> Result<Option<Self>, AppError> {
        let Db::Pg(pool, commits) = db else { return Ok(Some(Self(None))) };
        let mut tx = pool.begin().await?;
        let (is_free,): (bool,) =
            sqlx::query_as("select pg_try_advisory_xact_lock($1)").bind(schedule.number()).fetch_one(&mut *tx).await?;
        if !is_free {
            tx.rollback().await?;
            return Ok(None);
        }
        // A node that the network has lost does not keep it for the hours until the system notices.
        sqlx::query("set local idle_in_transaction_session_timeout = '15min'").execute(&mut *tx).await?;
        Ok(Some(Self(Some(Conn::PgTx(tx, commits.clone())))))
    }

    /// Gives it back. A lock that was lost meanwhile is nobody's loss: all of this work may be done twice.
    pub async fn end(self) {
        if let Some(tx) = self.0
            && let Err(error) = tx.commit_unseen().await
        {
            tracing::warn!(%error, "the lock of a schedule was lost before its work was done");
        }
    }
}
