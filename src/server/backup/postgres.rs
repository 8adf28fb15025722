//! A PostgreSQL database: its rows as they are at one moment, and the same rows in an empty one.

use super::archive::Archive;
use super::held;
use super::manifest::{Manifest, Part};
use super::packing::Packing;
use crate::server::db::{AS_THE_SERVER_PLANS, Commits, Conn, Db};
use crate::server::schema::{History, Kind, POSTGRES};
use futures_util::TryStreamExt;
use sqlx::migrate::Migrator;
use sqlx::{AssertSqlSafe, Executor, PgConnection, PgPool, Postgres, Transaction};
use std::collections::{BTreeMap, BTreeSet};

/// Everything is read and written in one transaction, which may take long: no limit of the server is meant for it.
const NO_HURRY: &str = "set local statement_timeout = 0; set local lock_timeout = 0; set local idle_in_transaction_session_timeout = 0";
/// The lock that one who restores holds: "moim", and a number that no schedule has.
const RESTORING: i64 = 0x6d6f_696d_0100;

fn unreadable(error: sqlx::Error) -> String {
    format!("The database cannot be read: {error}")
}

fn unwritable(error: sqlx::Error) -> String {
    format!("The database cannot be restored: {error}")
}

/// The server that an address names.
///
/// # Errors
/// A sentence.
pub async fn open(url: &str) -> Result<PgPool, String> {
    match Db::open(url).await? {
        Db::Pg(pool, _) => Ok(pool),
        Db::Sqlite { .. } => Err("DATABASE_URL names no PostgreSQL database".to_owned()),
    }
}

/// A transaction that sees the database as it is now for as long as it lasts; nobody changes the tables themselves meanwhile.
///
/// # Errors
/// A sentence.
pub async fn snapshot(pool: &PgPool) -> Result<Conn, String> {
    let mut conn = Conn::Pg(pool.acquire().await.map_err(unreadable)?);
    let Some(history) = History::read(&mut conn).await? else { return Err(super::NOTHING.to_owned()) };
    drop(conn);
    let mut tx = pool.begin_with("begin transaction isolation level repeatable read, read only").await.map_err(unreadable)?;
    tx.execute(NO_HURRY).await.map_err(unreadable)?;
    tx.execute(AS_THE_SERVER_PLANS).await.map_err(unreadable)?;
    // Before the first question, which is what the moment begins with.
    let tables: Vec<&str> = history.tables(Kind::Postgres).into_iter().chain(["_sqlx_migrations"]).collect();
    let lock = format!("lock table {} in access share mode", tables.join(", "));
    tx.execute(AssertSqlSafe(lock)).await.map_err(unreadable)?;
    let mut conn = Conn::PgTx(tx, Commits::default());
    if History::read(&mut conn).await? != Some(history) {
        return Err("The database's schema was just being changed: try again".to_owned());
    }
    Ok(conn)
}

/// Writes all rows of some tables into an archive; how many they were.
///
/// # Errors
/// A sentence.
pub async fn dump(tx: &mut PgConnection, tables: &BTreeSet<&'static str>, packing: &mut Packing) -> Result<BTreeMap<String, u64>, String> {
    let mut rows = BTreeMap::new();
    for table in tables {
        packing.begin(Part::Table(table)).await?;
        let copy = format!("copy {table} ({}) to stdout", columns(tx, table).await?);
        let mut pieces = tx.copy_out_raw(&copy).await.map_err(unreadable)?;
        let mut count = 0;
        while let Some(piece) = pieces.try_next().await.map_err(unreadable)? {
            // Each row ends with one; those inside are written in another way.
            count += piece.iter().filter(|byte| **byte == b'\n').count() as u64;
            packing.write(&piece).await?;
        }
        rows.insert((*table).to_owned(), count);
    }
    Ok(rows)
}

/// The names of a table's columns in their order, which is that of its migrations.
async fn columns(tx: &mut PgConnection, table: &str) -> Result<String, String> {
    let sql = "select string_agg(quote_ident(attname), ', ' order by attnum) from pg_attribute
               where attrelid = to_regclass($1) and attnum > 0 and not attisdropped";
    let (columns,): (Option<String>,) = sqlx::query_as(sql).bind(table).fetch_one(tx).await.map_err(unreadable)?;
    columns.ok_or_else(|| format!("The database has no table {table}"))
}

/// A database without our tables, in a transaction in which they come.
pub struct Place {
    tx: Transaction<'static, Postgres>,
}

impl Place {
    /// Takes the place.
    ///
    /// # Errors
    /// A sentence: there are tables of ours, or somebody else restores.
    pub async fn take(pool: &PgPool) -> Result<Self, String> {
        let mut tx = pool.begin().await.map_err(unreadable)?;
        tx.execute(NO_HURRY).await.map_err(unreadable)?;
        tx.execute(AS_THE_SERVER_PLANS).await.map_err(unreadable)?;
        let (is_free,): (bool,) =
            sqlx::query_as("select pg_try_advisory_xact_lock($1)").bind(RESTORING).fetch_one(&mut *tx).await.map_err(unreadable)?;
        if !is_free {
            return Err("Somebody else is restoring into this database, or was broken off a moment ago: try again".to_owned());
        }
        let ours: Vec<&str> = History::of_program(Kind::Postgres).tables(Kind::Postgres).into_iter().chain(["_sqlx_migrations"]).collect();
        let sql = "select name from unnest($1::text[]) name where to_regclass(name) is not null limit 1";
        let found: Option<(String,)> = sqlx::query_as(sql).bind(ours).fetch_optional(&mut *tx).await.map_err(unreadable)?;
        match found {
            None => Ok(Self { tx }),
            Some((table,)) => Err(format!(
                "The database has a table {table}, and nothing is overwritten: make an empty one (createdb) and name it in DATABASE_URL"
            )),
        }
    }

    /// Makes the tables as the archive has them, fills them, checks them and brings them up to date.
    ///
    /// # Errors
    /// A sentence; then the database is as it was.
    pub async fn load(&mut self, archive: Archive) -> Result<Archive, String> {
        let manifest = archive.manifest.clone();
        self.migrate(&manifest.migrations.migrator(Kind::Postgres)).await?;
        // Rows come table by table, and tables name each other in circles.
        let sql = "select conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid) from pg_constraint
                   where contype = 'f' and connamespace = current_schema()::regnamespace";
        let keys: Vec<(String, String, String)> = sqlx::query_as(sql).fetch_all(&mut *self.tx).await.map_err(unwritable)?;
        for (table, name, _) in &keys {
            self.run(format!("alter table {table} drop constraint {name}")).await?;
        }
        let archive = self.fill(archive, &manifest).await?;
        for (table, name, rule) in &keys {
            self.run(format!("alter table {table} add constraint {name} {rule}")).await?;
        }
        Ok(archive)
    }

    async fn fill(&mut self, archive: Archive, manifest: &Manifest) -> Result<Archive, String> {
        let tables = manifest.migrations.tables(Kind::Postgres);
        let mut parts = archive.unpack(tables.iter().copied().map(Part::Table).collect());
        for table in tables {
            let copy = format!("copy {table} ({}) from stdin", columns(&mut self.tx, table).await?);
            let mut rows = self.tx.copy_in_raw(&copy).await.map_err(unwritable)?;
            loop {
                match parts.next().await {
                    Ok(Some(piece)) => {
                        rows.send(piece).await.map_err(unwritable)?;
                    }
                    Ok(None) => break,
                    Err(sentence) => {
                        let _ = rows.abort("the archive is damaged").await;
                        return Err(sentence);
                    }
                }
            }
            rows.finish().await.map_err(unwritable)?;
        }
        parts.end().await
    }

    /// The rest, when the rows are there: compares them with the manifest and brings the schema up to date.
    ///
    /// # Errors
    /// A sentence; then the database is as it was.
    pub async fn check(self, manifest: &Manifest) -> Result<Self, String> {
        let mut conn = Conn::PgTx(self.tx, Commits::default());
        held::compare(&mut conn, Kind::Postgres, manifest).await?;
        let Conn::PgTx(tx, _) = conn else { return Err("The transaction is gone".to_owned()) };
        let mut place = Self { tx };
        place.migrate(&POSTGRES).await?;
        // How rows are found fast is not known yet.
        place.run("analyze".to_owned()).await?;
        Ok(place)
    }

    /// Makes all of it durable.
    ///
    /// # Errors
    /// A sentence; then the database is as it was.
    pub async fn settle(self) -> Result<(), String> {
        self.tx.commit().await.map_err(unwritable)
    }

    async fn migrate(&mut self, migrator: &Migrator) -> Result<(), String> {
        migrator.run(&mut *self.tx).await.map_err(|error| format!("The schema cannot be made: {error}"))
    }

    async fn run(&mut self, sql: String) -> Result<(), String> {
        self.tx.execute(AssertSqlSafe(sql)).await.map(drop).map_err(unwritable)
    }
}
