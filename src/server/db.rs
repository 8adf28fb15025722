//! Two databases, one source of SQL.
//!
//! A [`Conn`] is a connection or a transaction of either driver. The macros [`fetch_all!`](crate::fetch_all),
//! [`fetch_optional!`](crate::fetch_optional), [`fetch_one!`](crate::fetch_one) and [`execute!`](crate::execute) compile the
//! same statement for both; [`each!`](crate::each) is for the few places where the dialects differ. `$1` placeholders,
//! `returning`, `on conflict`, CTEs and window functions are common to both.

use super::schema;
use crate::shared::error::AppError;
use crate::shared::ids::{CommentId, ImageId, ItemId, PartyId, QuestionId, RegionCode, RoomId, SendId, SessionId, UserId};
use crate::shared::images::Pictures;
use crate::shared::time::Timestamp;
use sqlx::migrate::MigrateError;
use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Connection, Executor, PgConnection, PgPool, Postgres, Sqlite, SqliteConnection, SqlitePool, Transaction};
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Waiting longer than this for a connection is answered with 503.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);
/// Pages of the log of SQLite (16 MB) after which they are written into the file. What is busy is in many of them, so that most need
/// not be written; and after a crash that much is read.
const CHECKPOINT: &str = "4000";
/// Bytes of the file of SQLite that are read where the system keeps them already, without a call and a copy for each page; the most that
/// it is compiled for. What a connection keeps of its own is gone with every change of another.
const MAPPED: &str = "2147418112";
/// How PostgreSQL plans what this application asks: once for each statement, whatever its values are and however many rows a table has
/// at that moment, by an index, one row after the other. `app::plans_tests` looks at what is asked with these settings. What a planner
/// knows of a table that has just grown is wrong, and a plan that reads all of it stays until somebody tells it more. Nothing here is
/// worth starting other processes for, or a compiler.
const PLANNING: &str = "set plan_cache_mode = force_generic_plan; set enable_seqscan = off; set enable_hashjoin = off;
    set enable_mergejoin = off; set random_page_cost = 1.1;
    set max_parallel_workers_per_gather = 0; set jit = off";
/// For a transaction that reads or writes whole tables: as the server plans by itself.
pub const AS_THE_SERVER_PLANS: &str = "set local plan_cache_mode to default; set local enable_seqscan to default;
    set local enable_hashjoin to default; set local enable_mergejoin to default;
    set local random_page_cost to default;
    set local max_parallel_workers_per_gather to default; set local jit to default";
/// For a migration, which changes whole tables: as the server plans by itself, and waiting for a table no longer than others can wait
/// behind it. What takes its table for long, a backup for one, would stop everything through it.
const MIGRATING: &str = "reset all; set lock_timeout = '3s'";
/// How often a migration tries to get its table, and what is between: some minutes.
const MIGRATION_TRIES: u32 = 100;
const MIGRATION_PAUSE: Duration = Duration::from_secs(1);
/// Statements that a connection keeps prepared, those that were asked last: more than a busy node asks again and again.
const STATEMENTS: usize = 250;
/// SQLite before this has a bug that can corrupt a WAL database (fixed in 3.51.3).
const SQLITE_FLOOR: (u32, u32, u32) = (3, 51, 3);

/// How often this node has committed what a visitor's page may show.
#[derive(Clone, Debug, Default)]
pub struct Commits(Arc<AtomicU64>);

impl Commits {
    fn count(&self) {
        self.0.fetch_add(1, Ordering::AcqRel);
    }
}

/// The database of this node.
#[derive(Clone, Debug)]
pub enum Db {
    /// A file: one writer, several readers.
    Sqlite {
        /// One connection, so that writers queue here and not in the file's lock.
        write: SqlitePool,
        /// Read-only connections.
        read: SqlitePool,
        /// Counts what is written here.
        commits: Commits,
    },
    /// A server.
    Pg(PgPool, Commits),
}

/// A connection or an open transaction. Dropping an open transaction rolls it back.
pub enum Conn {
    /// Reads of SQLite.
    Sqlite(PoolConnection<Sqlite>),
    /// Writes of SQLite.
    SqliteTx(Transaction<'static, Sqlite>, Commits),
    /// Reads of PostgreSQL.
    Pg(PoolConnection<Postgres>),
    /// Writes of PostgreSQL.
    PgTx(Transaction<'static, Postgres>, Commits),
}

/// A borrowed connection of one of the two drivers; what the macros match on.
pub enum Link<'a> {
    /// SQLite
    Sqlite(&'a mut SqliteConnection),
    /// PostgreSQL
    Pg(&'a mut PgConnection),
}

impl Conn {
    /// The driver's connection inside.
    pub fn link(&mut self) -> Link<'_> {
        match self {
            Self::Sqlite(c) => Link::Sqlite(&mut *c),
            Self::SqliteTx(c, _) => Link::Sqlite(&mut *c),
            Self::Pg(c) => Link::Pg(&mut *c),
            Self::PgTx(c, _) => Link::Pg(&mut *c),
        }
    }

    /// Makes the transaction's writes durable. A plain connection has nothing to commit.
    ///
    /// # Errors
    /// When the database cannot make them durable; then none of them stands.
    pub async fn commit(self) -> Result<(), AppError> {
        let commits = match &self {
            Self::SqliteTx(_, commits) | Self::PgTx(_, commits) => Some(commits.clone()),
            Self::Sqlite(_) | Self::Pg(_) => None,
        };
        let outcome = self.commit_unseen().await;
        // Also when it failed: it may stand although its answer was lost.
        if let Some(commits) = commits {
            commits.count();
        }
        outcome
    }

    /// The same for writes that no visitor's page shows, or may show a moment later.
    ///
    /// # Errors
    /// Those of [`commit`](Self::commit).
    pub async fn commit_unseen(self) -> Result<(), AppError> {
        match self {
            Self::SqliteTx(tx, _) => tx.commit().await?,
            Self::PgTx(tx, _) => tx.commit().await?,
            Self::Sqlite(_) | Self::Pg(_) => {}
        }
        Ok(())
    }
}

/// Compiles one body for both drivers. With `sqlite:` and `pg:` arms each driver has its own.
#[macro_export]
macro_rules! each {
    ($conn:expr, |$c:ident| sqlite: $sqlite:expr, pg: $pg:expr $(,)?) => {
        match $conn.link() {
            $crate::server::db::Link::Sqlite($c) => $sqlite,
            $crate::server::db::Link::Pg($c) => $pg,
        }
    };
}

/// All rows of a statement as `Vec<$row>`: `fetch_all!(conn, Row, "select …", arg, …)?`.
#[macro_export]
macro_rules! fetch_all {
    ($conn:expr, $row:ty, $sql:expr $(, $arg:expr)* $(,)?) => {
        $crate::each!($conn, |c|
            sqlite: sqlx::query_as::<sqlx::Sqlite, $row>($sql)$(.bind($arg))*.fetch_all(c).await,
            pg: sqlx::query_as::<sqlx::Postgres, $row>($sql)$(.bind($arg))*.fetch_all(c).await)
    };
}

/// The first row of a statement as `Option<$row>`.
#[macro_export]
macro_rules! fetch_optional {
    ($conn:expr, $row:ty, $sql:expr $(, $arg:expr)* $(,)?) => {
        $crate::each!($conn, |c|
            sqlite: sqlx::query_as::<sqlx::Sqlite, $row>($sql)$(.bind($arg))*.fetch_optional(c).await,
            pg: sqlx::query_as::<sqlx::Postgres, $row>($sql)$(.bind($arg))*.fetch_optional(c).await)
    };
}

/// The only row of a statement as `$row`; no row is an error.
#[macro_export]
macro_rules! fetch_one {
    ($conn:expr, $row:ty, $sql:expr $(, $arg:expr)* $(,)?) => {
        $crate::each!($conn, |c|
            sqlite: sqlx::query_as::<sqlx::Sqlite, $row>($sql)$(.bind($arg))*.fetch_one(c).await,
            pg: sqlx::query_as::<sqlx::Postgres, $row>($sql)$(.bind($arg))*.fetch_one(c).await)
    };
}

/// Runs a statement; the number of rows it changed as `u64`.
#[macro_export]
macro_rules! execute {
    ($conn:expr, $sql:expr $(, $arg:expr)* $(,)?) => {
        $crate::each!($conn, |c|
            sqlite: sqlx::query::<sqlx::Sqlite>($sql)$(.bind($arg))*.execute(c).await.map(|done| done.rows_affected()),
            pg: sqlx::query::<sqlx::Postgres>($sql)$(.bind($arg))*.execute(c).await.map(|done| done.rows_affected()))
    };
}

/// Ids as a statement with a list of values takes them: `unhex(value)` of `json_each($1)`, or `value::uuid` of
/// `json_array_elements_text($1::json)`.
#[must_use]
pub fn list_of(users: &[UserId]) -> String {
    serde_json::json!(users.iter().map(|id| id.0.simple().to_string()).collect::<Vec<_>>()).to_string()
}

/// Removes the rows of a table that belong to some people, by its column `user_id`.
///
/// # Errors
/// When the database fails.
pub async fn delete_of(tx: &mut Conn, table: &'static str, users: &[UserId]) -> Result<(), sqlx::Error> {
    for_all_of(tx, &format!("delete from {table} where user_id"), users).await
}

/// Changes the rows of a table that belong to some people, by a column of it: `change` is the beginning of the statement,
/// `table set …`.
///
/// # Errors
/// When the database fails.
pub async fn update_of(tx: &mut Conn, change: &'static str, column: &'static str, users: &[UserId]) -> Result<(), sqlx::Error> {
    for_all_of(tx, &format!("update {change} where {column}"), users).await
}

async fn for_all_of(tx: &mut Conn, statement: &str, users: &[UserId]) -> Result<(), sqlx::Error> {
    let list = list_of(users);
    let ids =
        each!(tx, |_c| sqlite: "select unhex(value) from json_each($1)", pg: "select value::uuid from json_array_elements_text($1::json)");
    let sql = sqlx::AssertSqlSafe(format!("{statement} in ({ids})"));
    each!(tx, |c|
        sqlite: sqlx::query(sql).bind(&list).execute(c).await.map(drop),
        pg: sqlx::query(sql).bind(&list).execute(c).await.map(drop))
}

/// Whether somebody else held a lock for too long.
fn is_late(error: &MigrateError) -> bool {
    let (MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _)) = error else { return false };
    error.as_database_error().and_then(|error| error.code()).as_deref() == Some("55P03")
}

impl Db {
    /// Opens the database that the address names, `sqlite://path` or `postgres://…`, without touching its schema.
    ///
    /// # Errors
    /// A sentence for the operator: an unknown scheme, a malformed address, a database that cannot be reached.
    pub async fn open(url: &str) -> Result<Self, String> {
        if url.starts_with("sqlite:") {
            Self::open_sqlite(url).await
        } else if url.starts_with("postgres:") || url.starts_with("postgresql:") {
            Self::open_postgres(url).await
        } else {
            Err("DATABASE_URL must begin with sqlite:// or postgres://".to_owned())
        }
    }

    async fn open_sqlite(url: &str) -> Result<Self, String> {
        let options = SqliteConnectOptions::from_str(url)
            .map_err(|e| format!("DATABASE_URL is not a valid SQLite address: {e}"))?
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(Duration::from_secs(5))
            .pragma("mmap_size", MAPPED)
            .statement_cache_capacity(STATEMENTS);
        let unreachable = |e: sqlx::Error| format!("The database file cannot be opened: {e}");
        let write = SqlitePoolOptions::new()
            .max_connections(1)
            .acquire_timeout(ACQUIRE_TIMEOUT)
            // A file does not go away as a server does: asking whether it is there would only be a way to its thread and back.
            .test_before_acquire(false)
            // A commit that finds the disk full ends its transaction without the driver's knowing: such a connection would refuse
            // every transaction from then on.
            .after_release(|conn, _| Box::pin(async move { Ok(!conn.is_in_transaction()) }))
            .connect_with(options.clone().pragma("temp_store", "memory").pragma("wal_autocheckpoint", CHECKPOINT))
            .await
            .map_err(unreachable)?;
        let (version,): (String,) = sqlx::query_as("select sqlite_version()").fetch_one(&write).await.map_err(unreachable)?;
        let mut parts = version.split('.').map(|part| part.parse::<u32>().unwrap_or(0));
        let found = (parts.next().unwrap_or(0), parts.next().unwrap_or(0), parts.next().unwrap_or(0));
        if found < SQLITE_FLOOR {
            return Err(format!("SQLite {version} is too old; 3.51.3 or later is needed"));
        }
        let read = SqlitePoolOptions::new()
            .max_connections(8)
            .acquire_timeout(ACQUIRE_TIMEOUT)
            .test_before_acquire(false)
            .connect_with(options.create_if_missing(false).read_only(true))
            .await
            .map_err(unreachable)?;
        Ok(Self::Sqlite { write, read, commits: Commits::default() })
    }

    async fn open_postgres(url: &str) -> Result<Self, String> {
        let options = PgConnectOptions::from_str(url).map_err(|e| format!("DATABASE_URL is not a valid PostgreSQL address: {e}"))?;
        PgPoolOptions::new()
            .max_connections(16)
            .acquire_timeout(ACQUIRE_TIMEOUT)
            .after_connect(|conn, _| Box::pin(async move { conn.execute(PLANNING).await.map(drop) }))
            .connect_with(options.application_name("moim").statement_cache_capacity(STATEMENTS))
            .await
            .map(|pool| Self::Pg(pool, Commits::default()))
            .map_err(|e| format!("PostgreSQL cannot be reached: {e}"))
    }

    /// Brings the schema up to date, under the database's own lock.
    ///
    /// # Errors
    /// A sentence for the operator.
    pub async fn migrate(&self) -> Result<(), String> {
        // While nodes are replaced one by one, the older ones find what the newer have added: they go on without it.
        let done: Result<(), MigrateError> = match self {
            Self::Sqlite { write, .. } => Self::migrate_file(write).await,
            Self::Pg(pool, _) => Self::migrate_server(pool).await,
        };
        done.map_err(|e| format!("The database's schema cannot be brought up to date: {e}"))
    }

    async fn migrate_server(pool: &PgPool) -> Result<(), MigrateError> {
        let mut conn = pool.acquire().await?;
        conn.execute(MIGRATING).await?;
        let mut tries = 1..MIGRATION_TRIES;
        let done = loop {
            match schema::lenient(&schema::POSTGRES).run(&mut *conn).await {
                Err(error) if is_late(&error) && tries.next().is_some() => {
                    tracing::warn!(%error, "the schema waits for somebody who holds a table, and tries again");
                    tokio::time::sleep(MIGRATION_PAUSE).await;
                }
                done => break done,
            }
        };
        // With its settings, and the lock of a try that failed.
        conn.close().await?;
        done
    }

    /// What undoes a statement is small and lies in memory: a file for each batch of messages is one to make, to remove and to write
    /// through. What a migration sorts is as large as the database, and does not.
    async fn migrate_file(write: &SqlitePool) -> Result<(), MigrateError> {
        let mut conn = write.acquire().await?;
        sqlx::query("pragma temp_store = file").execute(&mut *conn).await?;
        schema::lenient(&schema::SQLITE).run(&mut *conn).await?;
        sqlx::query("pragma temp_store = memory").execute(&mut *conn).await?;
        // What somebody has told the planner of how many rows there are. It would plan by that for as long as the node runs, however
        // much has come since: a list of a 동 would be found among all that goes on anywhere, because that was little.
        for forget in ["drop table if exists sqlite_stat1", "drop table if exists sqlite_stat4"] {
            sqlx::query(forget).execute(&mut *conn).await?;
        }
        Ok(())
    }

    /// A connection for reading.
    ///
    /// # Errors
    /// [`AppError::Unavailable`] when none is free in time or the database is gone.
    pub async fn read(&self) -> Result<Conn, AppError> {
        Ok(match self {
            Self::Sqlite { read, .. } => Conn::Sqlite(read.acquire().await?),
            Self::Pg(pool, _) => Conn::Pg(pool.acquire().await?),
        })
    }

    /// A transaction that may write. On SQLite it holds the file's only write lock: await nothing else inside it.
    ///
    /// # Errors
    /// [`AppError::Unavailable`] when none is free in time, or the database is gone or read-only.
    pub async fn begin(&self) -> Result<Conn, AppError> {
        Ok(match self {
            Self::Sqlite { write, commits, .. } => Conn::SqliteTx(write.begin_with("begin immediate").await?, commits.clone()),
            Self::Pg(pool, commits) => Conn::PgTx(pool.begin().await?, commits.clone()),
        })
    }

    /// A number that grows with everything committed on this node ([`Conn::commit`]). What another node commits does not count.
    #[must_use]
    pub fn version(&self) -> u64 {
        match self {
            Self::Sqlite { commits, .. } | Self::Pg(_, commits) => commits.0.load(Ordering::Acquire),
        }
    }

    /// Whether the database answers and its schema is there.
    pub async fn is_ready(&self) -> bool {
        let Ok(mut conn) = self.read().await else { return false };
        crate::fetch_optional!(conn, (i64,), "select count(*) from users where 1 = 0").is_ok()
    }

    /// Connections now: all of them, and those that wait for work.
    #[must_use]
    pub fn pool_size(&self) -> (u32, usize) {
        match self {
            Self::Sqlite { write, read, .. } => (write.size() + read.size(), write.num_idle() + read.num_idle()),
            Self::Pg(pool, _) => (pool.size(), pool.num_idle()),
        }
    }

    /// Closes every connection after its present work.
    pub async fn close(&self) {
        match self {
            Self::Sqlite { write, read, .. } => {
                read.close().await;
                write.close().await;
            }
            Self::Pg(pool, _) => pool.close().await,
        }
    }
}

/// Whether a write was refused because `table.column` must be unique (its constraint is `<table>_<column>_unique`).
#[must_use]
pub fn is_duplicate(error: &sqlx::Error, table: &str, column: &str) -> bool {
    let sqlx::Error::Database(cause) = error else { return false };
    cause.is_unique_violation()
        && cause
            .constraint()
            .map_or_else(|| cause.message().contains(&format!("{table}.{column}")), |name| name == format!("{table}_{column}_unique"))
}

impl From<sqlx::Error> for AppError {
    /// Where a database's failure becomes an answer; its cause is logged here, once.
    fn from(error: sqlx::Error) -> Self {
        let gone = match &error {
            sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::Io(_) | sqlx::Error::WorkerCrashed => true,
            // SQLite: 5 busy, 6 locked, 8 read-only, 10 I/O, 11 corrupt, 13 full, 14 cannot open, 26 not a database.
            // PostgreSQL: class 08 connection, 25006 read-only, 28 and 3D and 55000 no way in, 53 resources, 57 the operator.
            sqlx::Error::Database(cause) => cause.code().is_some_and(|code| {
                code.parse::<u32>().is_ok_and(|n| code.len() < 5 && matches!(n & 0xff, 5 | 6 | 8 | 10 | 11 | 13 | 14 | 26))
                    || ["08", "25006", "28", "3D", "53", "55000", "57"].iter().any(|class| code.len() == 5 && code.starts_with(class))
            }),
            _ => false,
        };
        if gone {
            tracing::error!(error = %error, "the database is not available");
            Self::Unavailable
        } else {
            tracing::error!(error = ?error, "a database statement failed");
            Self::Internal
        }
    }
}

/// Lets an id or a moment be bound and read as what it holds.
macro_rules! stored_as {
    ($($ours:ty => $inner:ty, $out:expr, $in:expr;)*) => {$(
        impl<DB: sqlx::Database> sqlx::Type<DB> for $ours where $inner: sqlx::Type<DB> {
            fn type_info() -> DB::TypeInfo { <$inner as sqlx::Type<DB>>::type_info() }
            fn compatible(ty: &DB::TypeInfo) -> bool { <$inner as sqlx::Type<DB>>::compatible(ty) }
        }
        impl<'q, DB: sqlx::Database> sqlx::Encode<'q, DB> for $ours where $inner: sqlx::Encode<'q, DB> {
            fn encode_by_ref(&self, buf: &mut DB::ArgumentBuffer) -> Result<sqlx::encode::IsNull, sqlx::error::BoxDynError> {
                let out: fn(&$ours) -> $inner = $out;
                <$inner as sqlx::Encode<'q, DB>>::encode(out(self), buf)
            }
        }
        impl<'r, DB: sqlx::Database> sqlx::Decode<'r, DB> for $ours where $inner: sqlx::Decode<'r, DB> {
            fn decode(value: DB::ValueRef<'r>) -> Result<Self, sqlx::error::BoxDynError> {
                let read: fn($inner) -> Result<$ours, sqlx::error::BoxDynError> = $in;
                read(<$inner as sqlx::Decode<'r, DB>>::decode(value)?)
            }
        }
    )*};
}

stored_as! {
    UserId => uuid::Uuid, |id| id.0, |id| Ok(UserId(id));
    SessionId => uuid::Uuid, |id| id.0, |id| Ok(SessionId(id));
    CommentId => uuid::Uuid, |id| id.0, |id| Ok(CommentId(id));
    ItemId => uuid::Uuid, |id| id.0, |id| Ok(ItemId(id));
    ImageId => uuid::Uuid, |id| id.0, |id| Ok(ImageId(id));
    QuestionId => uuid::Uuid, |id| id.0, |id| Ok(QuestionId(id));
    PartyId => uuid::Uuid, |id| id.0, |id| Ok(PartyId(id));
    RoomId => uuid::Uuid, |id| id.0, |id| Ok(RoomId(id));
    SendId => uuid::Uuid, |id| id.0, |id| Ok(SendId(id));
    Pictures => String, |pictures| pictures.0.clone(), |text| Ok(Pictures(text));
    Timestamp => i64, |at| at.0, |at| Ok(Timestamp(at));
    RegionCode => i64, |code| i64::from(code.0), |code| Ok(RegionCode(u32::try_from(code)?));
}
