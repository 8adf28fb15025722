//! Schools in the database. What ships with the program is brought in at its start; an operator's list wins over it.

mod proofs;

pub use proofs::{Claim, address_key, claim, end_other_proof, end_proof, forget_lapsed, prove, standing, verified_school};

use super::directory::{self, Listed, MOST, School, Wrong, key, keys};
use super::model::SchoolView;
use crate::server::db::{Conn, Db};
use crate::shared::error::AppError;
use crate::{each, fetch_all, fetch_optional};
use serde_json::json;
use std::collections::HashSet;
use std::fmt;

#[derive(Clone, Debug, sqlx::FromRow)]
struct Row {
    id: String,
    name: String,
    english: String,
    domains: String,
}

impl From<Row> for School {
    fn from(row: Row) -> Self {
        let domains = row.domains.split(' ').map(str::to_owned).collect();
        Self { id: row.id, names: SchoolView { name: row.name, english: row.english }, domains }
    }
}

/// Rows that are read: an operator's list and the starter list beside it.
fn most() -> i64 {
    (MOST + directory::starter().len()) as i64
}

/// Every school that can be named, at most [`MOST`] and those that ship with the program.
///
/// # Errors
/// When the database fails.
pub async fn all(conn: &mut Conn) -> Result<Vec<SchoolView>, AppError> {
    let rows: Vec<(String, String)> = fetch_all!(conn, (String, String), "select name, english from schools order by id limit $1", most())?;
    Ok(rows.into_iter().map(|(name, english)| SchoolView { name, english }).collect())
}

/// The school with this Korean or English name, however it is spaced or capitalised.
///
/// # Errors
/// When the database fails.
pub async fn named(conn: &mut Conn, name: &str) -> Result<Option<School>, AppError> {
    let sql = "select id, name, english, domains from schools where name_key = $1 or english_key = $1";
    Ok(fetch_optional!(conn, Row, sql, key(name))?.map(School::from))
}

/// The school with this id.
///
/// # Errors
/// When the database fails.
pub async fn find(conn: &mut Conn, id: &str) -> Result<Option<School>, AppError> {
    Ok(fetch_optional!(conn, Row, "select id, name, english, domains from schools where id = $1", id)?.map(School::from))
}

/// What became of an operator's list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Import {
    /// It stands as a whole.
    Done(Sum),
    /// Nothing was changed, because of these lines.
    Refused(Vec<Wrong>),
}

/// How many schools a list had.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sum {
    /// Those that were not there before.
    pub new: usize,
    /// Those that were there and said something else.
    pub changed: usize,
    /// Those that were there as they are.
    pub same: usize,
}

impl fmt::Display for Sum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { new, changed, same } = self;
        write!(f, "{} schools: {new} new, {changed} changed, {same} as they were.", new + changed + same)
    }
}

/// Takes over an operator's list: each school is put in the place of the one with its id. All of them or none.
///
/// # Errors
/// When the database fails.
pub async fn import(tx: &mut Conn, file: &[u8]) -> Result<Import, AppError> {
    let (listed, mut wrong) = directory::read(file);
    lock(tx).await?;
    let ids: HashSet<&str> = listed.iter().map(|listed| listed.school.id.as_str()).collect();
    let (before, others): (Vec<Known>, Vec<Known>) = known(tx).await?.into_iter().partition(|known| ids.contains(known.school.id.as_str()));
    let others: Vec<School> = others.into_iter().map(|known| known.school).collect();
    wrong.extend(directory::clashes(&listed, &others));
    if let Some(last) = listed.last().filter(|_| wrong.is_empty() && others.len() + listed.len() > MOST) {
        wrong.push(Wrong { line: last.line, why: format!("with those that are here there are more than {MOST} schools") });
    }
    if !wrong.is_empty() {
        wrong.sort_by_key(|wrong| wrong.line);
        return Ok(Import::Refused(wrong));
    }
    let schools: Vec<School> = listed.into_iter().map(|Listed { school, .. }| school).collect();
    let same = schools.iter().filter(|school| before.iter().any(|known| known.school == **school)).count();
    put(tx, &schools, true).await?;
    Ok(Import::Done(Sum { new: schools.len() - before.len(), changed: before.len() - same, same }))
}

/// Brings in the list that ships with the program, as far as it says something new. What an operator has imported stays as it is,
/// and keeps its names and domains.
///
/// # Errors
/// When the database fails.
pub async fn bring_starter(db: &Db) -> Result<(), AppError> {
    if news(&known(&mut db.read().await?).await?).is_empty() {
        return Ok(());
    }
    let mut tx = db.begin().await?;
    lock(&mut tx).await?;
    let news = news(&known(&mut tx).await?);
    put(&mut tx, &news, false).await?;
    tx.commit().await
}

/// What the list that ships with the program says that these do not.
fn news(known: &[Known]) -> Vec<School> {
    let imported: Vec<School> = known.iter().filter(|known| known.imported).map(|known| known.school.clone()).collect();
    let starter = directory::starter().into_iter().filter(|school| imported.iter().all(|theirs| theirs.id != school.id));
    starter
        .filter(|school| known.iter().all(|known| known.school != *school))
        .filter(|school| directory::clashes(&[Listed { line: 0, school: school.clone() }], &imported).is_empty())
        .collect()
}

struct Known {
    school: School,
    imported: bool,
}

async fn known(conn: &mut Conn) -> Result<Vec<Known>, AppError> {
    type Row = (String, String, String, String, bool);
    let rows: Vec<Row> = fetch_all!(conn, Row, "select id, name, english, domains, imported from schools order by id limit $1", most())?;
    let known = |(id, name, english, domains, imported)| Known { school: School::from(self::Row { id, name, english, domains }), imported };
    Ok(rows.into_iter().map(known).collect())
}

/// Lets nobody else change the list until the end of the transaction: whether names and domains are free is found out by reading
/// all of it.
async fn lock(tx: &mut Conn) -> Result<(), AppError> {
    each!(tx, |c|
        // The transaction holds the file's only write lock.
        sqlite: sqlx::query("select 1").execute(c).await.map(drop),
        pg: sqlx::query("lock table schools in share row exclusive mode").execute(c).await.map(drop))?;
    Ok(())
}

async fn put(tx: &mut Conn, schools: &[School], imported: bool) -> Result<(), AppError> {
    let rows: Vec<_> = schools
        .iter()
        .map(|school| {
            let [name_key, english_key] = keys(school);
            json!({
                "id": school.id, "name": school.names.name, "english": school.names.english,
                "name_key": name_key, "english_key": english_key, "domains": school.domains.join(" "),
            })
        })
        .collect();
    let rows = json!(rows).to_string();
    each!(tx, |c|
        sqlite: sqlx::query(
            "insert into schools (id, name, english, name_key, english_key, domains, imported)
             select value ->> 'id', value ->> 'name', value ->> 'english', value ->> 'name_key', value ->> 'english_key', value ->> 'domains', $2
             from json_each($1) where true
             on conflict (id) do update set name = excluded.name, english = excluded.english, name_key = excluded.name_key,
                 english_key = excluded.english_key, domains = excluded.domains, imported = excluded.imported",
        ).bind(&rows).bind(imported).execute(c).await.map(drop),
        pg: sqlx::query(
            "insert into schools (id, name, english, name_key, english_key, domains, imported)
             select id, name, english, name_key, english_key, domains, $2
             from json_to_recordset($1::json) as r (id text, name text, english text, name_key text, english_key text, domains text)
             on conflict (id) do update set name = excluded.name, english = excluded.english, name_key = excluded.name_key,
                 english_key = excluded.english_key, domains = excluded.domains, imported = excluded.imported",
        ).bind(&rows).bind(imported).execute(c).await.map(drop))?;
    Ok(())
}
