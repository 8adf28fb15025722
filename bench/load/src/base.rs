//! The database of a measured server, as far as it is filled and looked at from here.

use crate::fail;
use crate::fail::Outcome;
use crate::settings;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};
use sqlx::{AssertSqlSafe, PgPool, SqlitePool};
use std::path::Path;
use std::str::FromStr;

/// Which of the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Sqlite,
    Postgres,
}

impl Kind {
    pub const BOTH: [Self; 2] = [Self::Sqlite, Self::Postgres];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
        }
    }

    /// The address of a new, empty database.
    pub async fn create(self, dir: &Path, name: &str) -> Outcome<String> {
        match self {
            Self::Sqlite => Ok(format!("sqlite://{}", dir.join(format!("{name}.db")).display())),
            Self::Postgres => {
                let admin = settings::required("MOIM_BENCH_POSTGRES")?;
                let pool = PgPoolOptions::new().max_connections(1).connect(&admin).await?;
                sqlx::query(AssertSqlSafe(format!("drop database if exists {name}"))).execute(&pool).await?;
                sqlx::query(AssertSqlSafe(format!("create database {name}"))).execute(&pool).await?;
                match admin.rsplit_once('/') {
                    Some((server, _)) => Ok(format!("{server}/{name}")),
                    None => fail!("MOIM_BENCH_POSTGRES is no address of a database"),
                }
            }
        }
    }
}

/// Open.
pub enum Base {
    Sqlite(SqlitePool),
    Postgres(PgPool),
}

impl Base {
    pub async fn open(url: &str) -> Outcome<Self> {
        if url.starts_with("sqlite:") {
            let options = SqliteConnectOptions::from_str(url)?.foreign_keys(false);
            return Ok(Self::Sqlite(SqlitePoolOptions::new().max_connections(1).connect_with(options).await?));
        }
        // Nor is it asked of each row here whether what it names is there.
        let options = PgConnectOptions::from_str(url)?.options([("session_replication_role", "replica")]);
        Ok(Self::Postgres(PgPoolOptions::new().max_connections(1).connect_with(options).await?))
    }

    pub async fn run(&self, sql: &str) -> Outcome<()> {
        let sql = AssertSqlSafe(sql.to_owned());
        match self {
            Self::Sqlite(pool) => {
                sqlx::raw_sql(sql).execute(pool).await?;
            }
            Self::Postgres(pool) => {
                sqlx::raw_sql(sql).execute(pool).await?;
            }
        }
        Ok(())
    }

    /// The rows of a question for texts.
    pub async fn texts(&self, sql: &str) -> Outcome<Vec<String>> {
        let sql = AssertSqlSafe(sql.to_owned());
        let rows: Vec<(String,)> = match self {
            Self::Sqlite(pool) => sqlx::query_as(sql).fetch_all(pool).await?,
            Self::Postgres(pool) => sqlx::query_as(sql).fetch_all(pool).await?,
        };
        Ok(rows.into_iter().map(|(text,)| text).collect())
    }

    /// An id (an expression) as SQL for its digits.
    pub fn hex(&self, id: &str) -> String {
        match self {
            Self::Sqlite(_) => format!("hex({id})"),
            Self::Postgres(_) => format!("replace({id}::text, '-', '')"),
        }
    }

    /// An id as SQL: of the `n`-th thing of a sort, where `n` is an expression.
    pub fn id(&self, sort: Sort, n: &str) -> String {
        let sort = sort as u8;
        match self {
            Self::Sqlite(_) => format!("unhex(printf('0000000000007{sort:03}8000%012x', {n}))"),
            Self::Postgres(_) => format!("('00000000-0000-7{sort:03}-8000-' || lpad(to_hex({n}), 12, '0'))::uuid"),
        }
    }
}

/// What has ids here.
#[derive(Clone, Copy, Debug)]
#[repr(u8)]
pub enum Sort {
    Person = 1,
    Session = 2,
    Room = 3,
    Party = 4,
    Send = 5,
    Comment = 6,
    Notice = 7,
}

/// The same id as [`Base::id`] makes.
pub fn id(sort: Sort, n: u64) -> uuid::Uuid {
    uuid::Uuid::from_u128((0x7000_u128 + u128::from(sort as u8)) << 64 | 0x8000_u128 << 48 | u128::from(n))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_the_same_on_both_sides() {
        assert_eq!(id(Sort::Room, 255).to_string(), "00000000-0000-7003-8000-0000000000ff");
    }
}
