//! The schema's history: which migrations this program brings, which a database has had, and which tables come of them.

use super::db::Conn;
use super::keys::hex;
use crate::{each, fetch_all};
use serde::{Deserialize, Serialize};
use sqlx::migrate::Migrator;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// What makes and changes the tables of an SQLite file.
pub static SQLITE: Migrator = sqlx::migrate!("migrations/sqlite");
/// The same for PostgreSQL.
pub static POSTGRES: Migrator = sqlx::migrate!("migrations/postgres");

/// The same, which leaves alone what a later version has brought.
#[must_use]
pub fn lenient(migrator: &Migrator) -> Migrator {
    let mut lenient = Migrator::with_migrations(migrator.iter().cloned().collect());
    lenient.set_ignore_missing(true);
    lenient
}

/// One of the two databases.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A file.
    Sqlite,
    /// A server.
    Postgres,
}

impl Kind {
    /// Which one an address names. (`Config` lets no third one through.)
    #[must_use]
    pub fn of(database_url: &str) -> Self {
        if database_url.starts_with("sqlite:") { Self::Sqlite } else { Self::Postgres }
    }

    /// All migrations that this program has for it.
    #[must_use]
    pub fn migrator(self) -> &'static Migrator {
        match self {
            Self::Sqlite => &SQLITE,
            Self::Postgres => &POSTGRES,
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
        })
    }
}

/// The migrations that a database has had: their numbers with their checksums.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct History(BTreeMap<i64, String>);

/// Why a history is not one of this program's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strange {
    /// It has this migration, which only a later version can bring.
    Newer(i64),
    /// This migration is none of ours, or is another one here.
    Other(i64),
}

impl History {
    /// The history that a database tells; `None` when it has no tables of this program.
    ///
    /// # Errors
    /// A sentence: it cannot be read, or a migration of it has not come to its end.
    pub async fn read(conn: &mut Conn) -> Result<Option<Self>, String> {
        let unreadable = |error: sqlx::Error| format!("The database's schema cannot be read: {error}");
        let (is_there,): (i64,) = each!(conn, |c|
            sqlite: sqlx::query_as("select count(*) from sqlite_master where type = 'table' and name = '_sqlx_migrations'").fetch_one(c).await,
            pg: sqlx::query_as("select count(to_regclass('_sqlx_migrations'))").fetch_one(c).await)
        .map_err(unreadable)?;
        if is_there == 0 {
            return Ok(None);
        }
        let sql = "select version, success, checksum from _sqlx_migrations order by version";
        let rows: Vec<(i64, bool, Vec<u8>)> = fetch_all!(conn, (i64, bool, Vec<u8>), sql).map_err(unreadable)?;
        if let Some((version, ..)) = rows.iter().find(|(_, is_done, _)| !is_done) {
            return Err(format!(
                "Migration {version} of the database has not come to its end: start the program once and see what it says"
            ));
        }
        let history: BTreeMap<i64, String> = rows.into_iter().map(|(version, _, checksum)| (version, hex(&checksum))).collect();
        Ok(Some(Self(history)).filter(|history| !history.0.is_empty()))
    }

    /// The history of a database that is up to date.
    #[must_use]
    pub fn of_program(kind: Kind) -> Self {
        Self(kind.migrator().iter().map(|migration| (migration.version, hex(&migration.checksum))).collect())
    }

    /// The number of the last migration, which is what the schema is called by.
    #[must_use]
    pub fn latest(&self) -> i64 {
        self.0.last_key_value().map_or(0, |(version, _)| *version)
    }

    /// Whether this program knows every step of it.
    ///
    /// # Errors
    /// The first step that it does not know.
    pub fn check(&self, kind: Kind) -> Result<(), Strange> {
        let ours = Self::of_program(kind);
        match self.0.iter().find(|(version, checksum)| ours.0.get(version) != Some(checksum)) {
            None => Ok(()),
            Some((version, _)) if *version > ours.latest() => Err(Strange::Newer(*version)),
            Some((version, _)) => Err(Strange::Other(*version)),
        }
    }

    /// What brings an empty database to this point and no further.
    #[must_use]
    pub fn migrator(&self, kind: Kind) -> Migrator {
        Migrator::with_migrations(kind.migrator().iter().filter(|migration| self.0.contains_key(&migration.version)).cloned().collect())
    }

    /// The tables that there are at this point, by what its migrations say.
    #[must_use]
    pub fn tables(&self, kind: Kind) -> BTreeSet<&'static str> {
        let mut tables = BTreeSet::new();
        for migration in kind.migrator().iter().filter(|migration| self.0.contains_key(&migration.version)) {
            for line in migration.sql.as_str().lines() {
                let words: Vec<&str> = line.split([' ', ';', '(']).filter(|word| !word.is_empty()).collect();
                match words[..] {
                    ["create", "table", name, ..] => {
                        tables.insert(name);
                    }
                    ["drop", "table", name] => {
                        tables.remove(name);
                    }
                    ["alter", "table", old, "rename", "to", new] => {
                        tables.remove(old);
                        tables.insert(new);
                    }
                    _ => {}
                }
            }
        }
        tables
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{execute, on_both};

    on_both! {
        async fn what_a_later_version_has_brought_is_left_alone(app: TestApp) {
            let later = 1_000_000_i64;
            let mut tx = app.state.db.begin().await.expect("a transaction");
            let sql = "insert into _sqlx_migrations (version, description, success, checksum, execution_time) values ($1, 'later', true, $2, 0)";
            execute!(tx, sql, later, vec![7_u8; 48]).expect("brought");
            tx.commit().await.expect("committed");
            assert_eq!(app.state.db.migrate().await, Ok(()));
            let mut conn = app.state.db.read().await.expect("a connection");
            let history = History::read(&mut conn).await.expect("readable").expect("there");
            assert_eq!(history.latest(), later);
            assert_eq!(history.check(Kind::of(&app.database_url)), Err(Strange::Newer(later)), "all the others are ours");
        }
    }
}
