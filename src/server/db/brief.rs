//! A transaction on a file in as few ways to its thread as it has statements.
//!
//! The driver hands each statement to the thread that has the file, and waits for its answer: twice a thread has to be woken, which
//! takes about as long as what a short statement does. Beginning and committing are such ways of their own. Here they ride along: the
//! first statement has [`BEGIN`] before it, and the last `; commit` behind it.

use sqlx::pool::PoolConnection;
use sqlx::{Sqlite, SqliteConnection};

/// Stands before the first statement.
#[macro_export]
macro_rules! begin_before {
    ($sql:expr) => {
        concat!("begin immediate; ", $sql)
    };
}

/// Stands behind the last statement.
#[macro_export]
macro_rules! commit_behind {
    ($sql:expr) => {
        concat!($sql, "; commit")
    };
}

/// How far it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// Nothing was asked of it.
    New,
    /// It was begun, or something went wrong while it was.
    Open,
    /// Its last statement was on its way.
    Last,
    /// Nothing of it is open.
    Over,
}

/// See the module. What is dropped before it is over takes its connection along, and with that everything it wrote.
#[derive(Debug)]
pub struct Brief {
    conn: PoolConnection<Sqlite>,
    stage: Stage,
}

impl Brief {
    /// Takes a connection that has no transaction.
    pub(super) fn of(conn: PoolConnection<Sqlite>) -> Self {
        Self { conn, stage: Stage::New }
    }

    /// The driver's connection.
    pub(super) fn link(&mut self) -> &mut SqliteConnection {
        &mut self.conn
    }

    /// Whether the next statement is the first: then it has to have [`begin_before!`].
    pub(super) fn begins(&mut self) -> bool {
        let is_new = self.stage == Stage::New;
        if is_new {
            self.stage = Stage::Open;
        }
        is_new
    }

    /// The next statement is the last: whether it has to have [`commit_behind!`], which one that is also the first cannot.
    pub(super) fn ends(&mut self) -> bool {
        let is_open = self.stage == Stage::Open;
        if is_open {
            self.stage = Stage::Last;
        }
        is_open
    }

    /// Commits what is not committed with its last statement.
    pub(super) async fn commit(mut self) -> Result<(), sqlx::Error> {
        if self.stage == Stage::Open {
            sqlx::query("commit").execute(&mut *self.conn).await?;
        }
        self.stage = Stage::Over;
        Ok(())
    }
}

impl Drop for Brief {
    fn drop(&mut self) {
        // Also when it could not be begun: that cannot be told from here, and is rare.
        if matches!(self.stage, Stage::Open | Stage::Last) {
            self.conn.close_on_drop();
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::server::db::Conn;
    use crate::testing::TestApp;
    use crate::{execute, fetch_one, on_both};

    async fn written(app: &TestApp) -> i64 {
        let mut conn = app.state.db.read().await.expect("a connection");
        fetch_one!(conn, (i64,), "select count(*) from names").expect("a number").0
    }

    async fn write(tx: &mut Conn, name: &str) -> Result<(), sqlx::Error> {
        let sql = if tx.begins() { begin_before!("insert into names (name) values ($1)") } else { "insert into names (name) values ($1)" };
        execute!(tx, sql, name).map(drop)
    }

    async fn write_last(tx: &mut Conn, name: &str) -> Result<(), sqlx::Error> {
        let sql = if tx.ends() { commit_behind!("insert into names (name) values ($1)") } else { "insert into names (name) values ($1)" };
        execute!(tx, sql, name).map(drop)
    }

    on_both! {
        async fn what_is_begun_with_its_first_statement_stands_as_a_whole_or_not_at_all(app: TestApp) {
            let mut tx = app.state.db.begin().await.expect("a transaction");
            execute!(tx, "create table names (name text not null constraint name_once unique)").expect("a table");
            tx.commit().await.expect("committed");
            let begin = async || app.state.db.begin_with_first().await.expect("a connection");

            drop(begin().await);
            begin().await.commit().await.expect("nothing to commit");
            assert_eq!(written(&app).await, 0);

            let mut tx = begin().await;
            write(&mut tx, "first").await.expect("written");
            assert_eq!(written(&app).await, 0, "not before the end");
            drop(tx);
            assert_eq!(written(&app).await, 0);

            let mut tx = begin().await;
            write(&mut tx, "first").await.expect("written");
            write(&mut tx, "second").await.expect("written");
            tx.commit().await.expect("committed");
            assert_eq!(written(&app).await, 2);

            let mut tx = begin().await;
            write(&mut tx, "third").await.expect("written");
            write_last(&mut tx, "first").await.expect_err("it is there already");
            drop(tx);
            assert_eq!(written(&app).await, 2, "neither");

            let mut tx = begin().await;
            write(&mut tx, "third").await.expect("written");
            write_last(&mut tx, "fourth").await.expect("written");
            if matches!(tx, Conn::SqliteBrief(..)) {
                assert_eq!(written(&app).await, 4, "committed with its last statement");
            }
            tx.commit().await.expect("committed");
            assert_eq!(written(&app).await, 4);

            // The one writer is free again.
            let mut tx = app.state.db.begin().await.expect("a transaction");
            execute!(tx, "delete from names").expect("removed");
            tx.commit().await.expect("committed");
            assert_eq!(written(&app).await, 0);
        }
    }
}
