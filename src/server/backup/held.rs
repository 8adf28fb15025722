//! What is asked of the database that is backed up or restored, whichever of the two it is.

use super::manifest::Manifest;
use crate::server::db::Conn;
use crate::server::schema::{History, Kind};
use crate::shared::ids::ImageId;
use crate::{each, fetch_all};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// Pictures that are read together.
const SOME: i64 = 200;

/// A picture that the database names, and whether nothing shows it any more.
pub type Named = (ImageId, bool);

pub fn unreadable(error: sqlx::Error) -> String {
    format!("The database cannot be read: {error}")
}

/// How many rows each table has.
pub async fn rows(conn: &mut Conn, tables: &BTreeSet<&'static str>) -> Result<BTreeMap<String, u64>, String> {
    let mut rows = BTreeMap::new();
    for table in tables {
        // The names are our own: they stand in the migrations.
        let sql = sqlx::AssertSqlSafe(format!("select count(*) from {table}"));
        let (count,): (i64,) = each!(conn, |c|
            sqlite: sqlx::query_as(sql).fetch_one(c).await,
            pg: sqlx::query_as(sql).fetch_one(c).await)
        .map_err(unreadable)?;
        rows.insert((*table).to_owned(), count.unsigned_abs());
    }
    Ok(rows)
}

/// The pictures after one of them, in the order of their ids: some of them.
pub async fn pictures_after(conn: &mut Conn, id: ImageId) -> Result<Vec<Named>, String> {
    let sql = "select id, free_since is not null from images where id > $1 order by id limit $2";
    fetch_all!(conn, Named, sql, id, SOME).map_err(unreadable)
}

/// The id before all others.
pub const BEFORE_ALL: ImageId = ImageId(Uuid::nil());

/// Finds out whether a database that was read from an archive, and has the archive's schema still, is the one that the manifest
/// describes.
///
/// # Errors
/// A sentence that says what is another way.
pub async fn compare(conn: &mut Conn, kind: Kind, manifest: &Manifest) -> Result<(), String> {
    let tables = manifest.migrations.tables(kind);
    let contradicts = |what: String| format!("The archive cannot be restored: it contradicts itself: {what}");
    if History::read(conn).await?.as_ref() != Some(&manifest.migrations) {
        return Err(contradicts("the database has another schema than the manifest says".to_owned()));
    }
    let rows = rows(conn, &tables).await?;
    if let Some((table, rows)) = rows.iter().find(|(table, rows)| manifest.rows.get(*table) != Some(*rows)) {
        return Err(contradicts(format!("{table} has {rows} rows")));
    }
    if !tables.contains("images") {
        return Ok(());
    }
    let (mut packed, missing) = (manifest.pictures(), manifest.missing.iter().collect::<BTreeSet<_>>());
    let mut last = BEFORE_ALL;
    loop {
        let some = pictures_after(conn, last).await?;
        let Some((end, _)) = some.last() else { break };
        last = *end;
        if let Some((id, _)) = some.iter().find(|(id, _)| !packed.remove(id) && !missing.contains(id)) {
            return Err(contradicts(format!("the picture {id} is neither there nor missing")));
        }
    }
    match packed.first() {
        Some(id) => Err(contradicts(format!("the database does not know the picture {id}"))),
        None => Ok(()),
    }
}
