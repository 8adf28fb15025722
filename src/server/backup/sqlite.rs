//! An SQLite file: a copy of it while others write, and a new one in its place.

use super::archive::Archive;
use super::files::Draft;
use super::held;
use super::manifest::Part;
use crate::fetch_all;
use crate::server::db::Conn;
use crate::server::schema::{Kind, SQLITE};
use sqlx::pool::PoolConnection;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions};
use sqlx::{ConnectOptions, Connection, Sqlite, SqliteConnection, SqlitePool};
use std::collections::BTreeSet;
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;
use tokio::task::spawn_blocking;

/// How long a lock is waited for.
const PATIENCE: Duration = Duration::from_secs(5);

fn unreadable(error: sqlx::Error) -> String {
    format!("The database file cannot be read: {error}")
}

fn options(url: &str) -> Result<SqliteConnectOptions, String> {
    let options = SqliteConnectOptions::from_str(url).map_err(|e| format!("DATABASE_URL is not a valid SQLite address: {e}"))?;
    Ok(options.create_if_missing(false).busy_timeout(PATIENCE).disable_statement_logging())
}

/// One connection to a file of our own.
async fn alone(file: &Path, is_read_only: bool) -> Result<(SqlitePool, PoolConnection<Sqlite>), sqlx::Error> {
    let options = SqliteConnectOptions::new().filename(file).read_only(is_read_only).foreign_keys(true).disable_statement_logging();
    // What is written there is worth nothing until it is whole: its journal needs no file.
    let options = if is_read_only { options } else { options.journal_mode(SqliteJournalMode::Memory) };
    let pool = SqlitePoolOptions::new().max_connections(1).connect_with(options).await?;
    let conn = pool.acquire().await?;
    Ok((pool, conn))
}

/// Copies the database that an address names as it is at one moment, beside the archive that it is for. Who writes meanwhile does
/// not wait. The copy is checked, and removed with the draft.
///
/// # Errors
/// A sentence.
pub async fn snapshot(url: &str, archive: &Path) -> Result<(Conn, Draft), String> {
    let options = options(url)?.read_only(true);
    let file = options.get_filename().to_owned();
    if !file.exists() {
        return Err(format!("There is no database at {}", file.display()));
    }
    // It is there before SQLite writes to it: nobody else can read it.
    let (draft, _) = Draft::beside(archive, ".part.db")?;
    let place = draft.path().to_str().ok_or("The archive's name is no text")?.to_owned();
    let mut source = options.connect().await.map_err(unreadable)?;
    let copied = sqlx::query("vacuum into $1").bind(place).execute(&mut source).await;
    copied.map_err(|error| format!("The database cannot be copied beside the archive: {error}"))?;
    source.close().await.map_err(unreadable)?;
    let (_, copy) = alone(draft.path(), true).await.map_err(unreadable)?;
    let mut copy = Conn::Sqlite(copy);
    check(&mut copy).await.map_err(|why| format!("The database is damaged; it was not backed up: {why}"))?;
    Ok((copy, draft))
}

/// SQLite's own checks.
async fn check(conn: &mut Conn) -> Result<(), String> {
    let found: Vec<(String,)> = fetch_all!(conn, (String,), "select * from pragma_integrity_check").map_err(unreadable)?;
    if let Some((wrong,)) = found.iter().find(|(said,)| said != "ok") {
        return Err(wrong.clone());
    }
    let sql = r#"select "table", parent from pragma_foreign_key_check limit 1"#;
    let found: Vec<(String, String)> = fetch_all!(conn, (String, String), sql).map_err(unreadable)?;
    found.first().map_or(Ok(()), |(table, parent)| Err(format!("a row of {table} names one of {parent} that is not there")))
}

/// Tables, indexes and whatever else there is in a database by name.
async fn objects(conn: &mut Conn) -> Result<BTreeSet<(String, String, String)>, String> {
    let sql = "select type, name, tbl_name from sqlite_master where name not like 'sqlite\\_%' escape '\\'";
    Ok(fetch_all!(conn, (String, String, String), sql).map_err(unreadable)?.into_iter().collect())
}

/// Where a database may be put: nobody has the file open, and no people are in it. Others wait for it as long as this is there.
pub struct Place {
    file: PathBuf,
    held: SqliteConnection,
    /// The empty file that was put there to be held, when there was none.
    new: Option<Draft>,
    draft: Draft,
    to: Option<File>,
}

impl Place {
    /// Takes the place that an address names.
    ///
    /// # Errors
    /// A sentence: somebody uses it, or has used it.
    pub async fn take(url: &str) -> Result<Self, String> {
        let options = options(url)?;
        let file = options.get_filename().to_owned();
        let is_there = file.exists();
        if !is_there {
            for ending in ["-wal", "-journal"] {
                let mut left = file.clone().into_os_string();
                left.push(ending);
                let left = PathBuf::from(left);
                if left.exists() {
                    return Err(format!("{} is there without its database: remove it and try again", left.display()));
                }
            }
        }
        let (draft, to) = Draft::beside(&file, ".restoring")?;
        let new = if is_there { None } else { Some(Draft::beside(&file, "")?.0) };
        let mut place = Self { held: options.connect().await.map_err(unreadable)?, file, new, draft, to: Some(to) };
        place.hold().await?;
        Ok(place)
    }

    async fn hold(&mut self) -> Result<(), String> {
        let (at, unreadable) = (self.file.display(), |error: sqlx::Error| format!("{}: {error}", self.file.display()));
        let held = &mut self.held;
        let (things, of_ours): (i64, i64) =
            sqlx::query_as("select count(*), count(case when name = 'users' then 1 end) from sqlite_master")
                .fetch_one(&mut *held)
                .await
                .map_err(unreadable)?;
        if things > 0 && of_ours == 0 {
            return Err(format!("{at} is no database of this program: move it away, or name another file in DATABASE_URL"));
        }
        if things > 0 {
            let (people,): (i64,) = sqlx::query_as("select count(*) from users").fetch_one(&mut *held).await.map_err(unreadable)?;
            if people > 0 {
                return Err(format!(
                    "There are people in {at}, and nothing is overwritten: move it away (with {at}-wal and {at}-shm, should they be there)"
                ));
            }
        }
        // Only whoever is alone can take its log away, and its log must not be read with another file.
        let busy = |_| format!("Somebody has {at} open: stop the server first");
        sqlx::query("pragma journal_mode = delete").execute(&mut *held).await.map_err(busy)?;
        // Nor must what is held have a journal there: it would be rolled back into the file that comes in its place.
        sqlx::query("pragma journal_mode = memory").execute(&mut *held).await.map_err(busy)?;
        sqlx::query("begin exclusive").execute(&mut *held).await.map_err(busy)?;
        Ok(())
    }

    /// Reads the database out of an archive, checks it and brings it up to date, beside where it will be.
    ///
    /// # Errors
    /// A sentence.
    pub async fn load(&mut self, mut archive: Archive) -> Result<Archive, String> {
        let mut to = self.to.take().ok_or("The database was read already")?;
        let path = self.draft.path().to_owned();
        let read = move || {
            let unwritable = |error: std::io::Error| format!("{} cannot be written: {error}", path.display());
            archive.read(Part::Database, &mut |bytes| to.write_all(bytes).map_err(unwritable))?;
            Ok::<_, String>(archive)
        };
        let archive = spawn_blocking(read).await.map_err(|error| format!("The archive cannot be read: {error}"))??;
        let refused = |why: String| format!("The archive's database cannot be used: {why}");
        let (pool, conn) = alone(self.draft.path(), false).await.map_err(unreadable).map_err(refused)?;
        let mut conn = Conn::Sqlite(conn);
        check(&mut conn).await.map_err(refused)?;
        held::compare(&mut conn, Kind::Sqlite, &archive.manifest).await?;
        let (_model, model) = alone(Path::new(":memory:"), false).await.map_err(unreadable)?;
        let mut model = Conn::Sqlite(model);
        if let Conn::Sqlite(model) = &mut model {
            let unmade = |error| format!("The schema cannot be made: {error}");
            archive.manifest.migrations.migrator(Kind::Sqlite).run(&mut **model).await.map_err(unmade)?;
        }
        let (found, known) = (objects(&mut conn).await?, objects(&mut model).await?);
        if let Some((kind, name, _)) = found.symmetric_difference(&known).next() {
            return Err(refused(format!("its {kind} {name} is not as its schema says")));
        }
        if let Conn::Sqlite(conn) = &mut conn {
            SQLITE.run(&mut **conn).await.map_err(|error| refused(format!("it cannot be brought up to date: {error}")))?;
        }
        drop(conn);
        pool.close().await;
        File::open(self.draft.path())
            .and_then(|file| file.sync_all())
            .map_err(|error| format!("The database cannot be written: {error}"))?;
        Ok(archive)
    }

    /// Puts the database in place.
    ///
    /// # Errors
    /// A sentence; then it is not there.
    pub async fn settle(self) -> Result<(), String> {
        self.draft.keep_as(&self.file)?;
        if let Some(new) = self.new {
            new.keep();
        }
        // What is held is the file that was there before, and has no name any more.
        let _ = self.held.close().await;
        Ok(())
    }
}
