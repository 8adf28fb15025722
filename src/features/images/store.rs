//! Pictures in the database: whose they are, and who may see them.
//!
//! A picture is free until something shows it, and again when nothing does any more. Free ones are removed after a while, first
//! their files, then their rows: nothing can take one up again by then.

use crate::features::accounts;
use crate::server::db::Conn;
use crate::server::rate_limit::Limit;
use crate::shared::error::AppError;
use crate::shared::ids::{ImageId, PartyId, RoomId, UserId};
use crate::shared::images::{Picture, Pictures};
use crate::shared::time::{Span, Timestamp};
use crate::{each, execute, fetch_all, fetch_optional};
use serde_json::{Value, json};

/// What one person may put in.
pub const TAKING: Limit = Limit { name: "image_upload", attempts: 120, window: Span::hours(1) };
/// How often somebody may try.
pub const RECEIVING: Limit = Limit { name: "image_form", attempts: 200, window: Span::hours(1) };
/// How long after it was put in a picture can be used.
const USABLE: Span = Span::hours(24);
/// How long a picture stays that nothing shows: longer than it can be used.
const KEPT: Span = Span::hours(48);
/// Free pictures that are removed together.
const SWEEP: i64 = 200;

/// Notes a new picture, before its files are kept: what is kept can always be found again.
///
/// # Errors
/// When the database fails.
pub async fn begin(tx: &mut Conn, picture: Picture, owner: UserId, now: Timestamp) -> Result<(), AppError> {
    execute!(
        tx,
        "insert into images (id, owner_id, width, height, created_at, free_since) values ($1, $2, $3, $4, $5, $5)",
        picture.id,
        owner,
        i64::from(picture.width),
        i64::from(picture.height),
        now
    )?;
    Ok(())
}

/// A picture that somebody may use, held until the end of the transaction.
#[derive(Clone, Copy, Debug)]
pub struct Usable {
    /// The picture.
    pub picture: Picture,
    /// Whose it is.
    pub owner: UserId,
}

type Row = (ImageId, UserId, i32, i32);

/// Which of these pictures may still be used by those who put them in. They are held in the order of their ids.
///
/// # Errors
/// When the database fails.
pub async fn usable(tx: &mut Conn, ids: &[ImageId], now: Timestamp) -> Result<Vec<Usable>, AppError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let (list, since) = (list(ids), now - USABLE);
    let rows: Vec<Row> = each!(tx, |c|
        sqlite: sqlx::query_as(
            "select id, owner_id, width, height from images where id in (select unhex(value) from json_each($1)) and room_id is null and free_since > $2 order by id",
        ).bind(&list).bind(since).fetch_all(c).await,
        pg: sqlx::query_as(
            "select id, owner_id, width, height from images
             where id in (select value::uuid from json_array_elements_text($1::json)) and room_id is null and free_since > $2 order by id for update",
        ).bind(&list).bind(since).fetch_all(c).await)?;
    Ok(rows.into_iter().map(usable_of).collect())
}

fn usable_of((id, owner, width, height): Row) -> Usable {
    let edge = |pixels: i32| u32::try_from(pixels).unwrap_or_default();
    Usable { picture: Picture { id, width: edge(width), height: edge(height) }, owner }
}

/// Shows pictures in rooms from now on; after [`usable`].
///
/// # Errors
/// When the database fails.
pub async fn show_in_rooms(tx: &mut Conn, pictures: &[(ImageId, RoomId)]) -> Result<(), AppError> {
    if pictures.is_empty() {
        return Ok(());
    }
    let rows: Vec<Value> =
        pictures.iter().map(|(id, room)| json!({"id": id.0.simple().to_string(), "room": room.0.simple().to_string()})).collect();
    let rows = json!(rows).to_string();
    each!(tx, |c|
        sqlite: sqlx::query(
            "update images set free_since = null, room_id = (select unhex(value ->> 'room') from json_each($1) where unhex(value ->> 'id') = images.id)
             where id in (select unhex(value ->> 'id') from json_each($1))",
        ).bind(&rows).execute(c).await.map(drop),
        pg: sqlx::query(
            "update images set free_since = null, room_id = x.room from json_to_recordset($1::json) as x(id uuid, room uuid) where images.id = x.id",
        ).bind(&rows).execute(c).await.map(drop))?;
    Ok(())
}

/// Shows pictures at a party from now on, in this order, and no others: those that are there already, and free ones of its host. What
/// they take off is free. After the party's lock and its room's.
///
/// # Errors
/// [`AppError::Invalid`] with the field of files when one of them is neither, [`AppError::NotFound`] when the host's account was
/// closed meanwhile; then roll back.
pub async fn show_at_party(tx: &mut Conn, party: PartyId, host: UserId, wanted: &[ImageId], now: Timestamp) -> Result<Pictures, AppError> {
    let (list, since) = (list(wanted), now - USABLE);
    if !accounts::store::stays_open(tx, host).await? {
        return Err(AppError::NotFound);
    }
    // All that changes, in the order of ids, as everybody holds them, and nothing that is not theirs to change; whether they may be
    // shown says the statement that shows them.
    let rows: Vec<Row> = each!(tx, |c|
    sqlite: sqlx::query_as(
        "update images set party_id = $2, free_since = null
             where id in (select unhex(value) from json_each($1)) and (party_id = $2 or (owner_id = $3 and room_id is null and free_since > $4))
             returning id, owner_id, width, height",
    ).bind(&list).bind(party).bind(host).bind(since).fetch_all(c).await,
    pg: {
        // The moment is no condition for an index: PostgreSQL would pass over all that is free anywhere to know which of these are.
        sqlx::query(
            "select id from images where party_id = $2 or (
                 id in (select value::uuid from json_array_elements_text($1::json))
                 and owner_id = $3 and room_id is null and party_id is null and free_since + 0 > $4)
             order by id for update",
        ).bind(&list).bind(party).bind(host).bind(since).execute(&mut *c).await?;
        sqlx::query_as(
            "update images set party_id = $2, free_since = null
                 where id in (select value::uuid from json_array_elements_text($1::json))
                   and (party_id = $2 or (owner_id = $3 and room_id is null and free_since > $4))
                 returning id, owner_id, width, height",
        ).bind(&list).bind(party).bind(host).bind(since).fetch_all(c).await
    })?;
    let found: Vec<Picture> = rows.into_iter().map(|row| usable_of(row).picture).collect();
    let in_order = wanted.iter().map(|id| found.iter().copied().find(|picture| picture.id == *id)).collect::<Option<Pictures>>();
    let shown = in_order.ok_or_else(|| AppError::field("image", "images.error.gone"))?;
    each!(tx, |c|
        sqlite: sqlx::query(
            "update images set party_id = null, free_since = $3 where party_id = $2 and id not in (select unhex(value) from json_each($1))",
        ).bind(&list).bind(party).bind(now).execute(c).await.map(drop),
        pg: sqlx::query(
            "update images set party_id = null, free_since = $3
             where party_id = $2 and id not in (select value::uuid from json_array_elements_text($1::json))",
        ).bind(&list).bind(party).bind(now).execute(c).await.map(drop))?;
    Ok(shown)
}

/// Nothing shows these pictures of somebody any more: nobody else sees them from now on.
///
/// # Errors
/// When the database fails.
pub async fn release(tx: &mut Conn, owner: UserId, pictures: &Pictures, now: Timestamp) -> Result<(), AppError> {
    if pictures.is_empty() {
        return Ok(());
    }
    let list = list(&pictures.iter().map(|picture| picture.id).collect::<Vec<_>>());
    each!(tx, |c|
        sqlite: sqlx::query(
            "update images set free_since = $2, room_id = null where owner_id = $3 and id in (select unhex(value) from json_each($1))",
        ).bind(&list).bind(now).bind(owner).execute(c).await.map(drop),
        pg: sqlx::query(
            "update images set free_since = $2, room_id = null
             where owner_id = $3 and id in (select value::uuid from json_array_elements_text($1::json))",
        ).bind(&list).bind(now).bind(owner).execute(c).await.map(drop))?;
    Ok(())
}

/// Gives somebody a face, or takes it from them; the one before is free.
///
/// # Errors
/// [`AppError::NotFound`] when the account is closed, or the picture cannot be used by them.
pub async fn set_face(tx: &mut Conn, user: UserId, face: Option<ImageId>, now: Timestamp) -> Result<(), AppError> {
    // The person first: of two changes at once the second sees the face of the first.
    let before: Option<(Option<ImageId>,)> = each!(tx, |c|
        sqlite: sqlx::query_as("select face_id from users where id = $1 and closed_at is null").bind(user).fetch_optional(c).await,
        pg: sqlx::query_as("select face_id from users where id = $1 and closed_at is null for update").bind(user).fetch_optional(c).await)?;
    let (before,) = before.ok_or(AppError::NotFound)?;
    if let Some(face) = face {
        let taken = "update images set free_since = null where id = $1 and owner_id = $2 and room_id is null and free_since > $3";
        if execute!(tx, taken, face, user, now - USABLE)? == 0 {
            return Err(AppError::NotFound);
        }
    }
    execute!(tx, "update users set face_id = $2 where id = $1", user, face)?;
    execute!(tx, "update images set free_since = $2 where id = $1", before, now)?;
    Ok(())
}

/// Parties that show pictures of somebody, at most so many.
///
/// # Errors
/// When the database fails.
pub async fn parties_of(conn: &mut Conn, user: UserId, most: i64) -> Result<Vec<PartyId>, AppError> {
    let sql = "select distinct party_id from images where owner_id = $1 and party_id is not null limit $2";
    let rows: Vec<(PartyId,)> = fetch_all!(conn, (PartyId,), sql, user, most)?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// Takes a person's pictures off a party, under its lock; what it shows from now on.
///
/// # Errors
/// When the database fails.
pub async fn release_at_party(tx: &mut Conn, party: PartyId, user: UserId, shown: &Pictures, now: Timestamp) -> Result<Pictures, AppError> {
    // In the order of ids, as everybody holds them.
    each!(tx, |c|
    sqlite: { let _ = c; },
    pg: {
        sqlx::query("select id from images where party_id = $1 and owner_id = $2 order by id for update")
            .bind(party).bind(user).execute(c).await?;
    });
    let sql = "update images set party_id = null, free_since = $3 where party_id = $1 and owner_id = $2 returning id";
    let gone: Vec<(ImageId,)> = fetch_all!(tx, (ImageId,), sql, party, user, now)?;
    Ok(shown.iter().filter(|picture| !gone.contains(&(picture.id,))).collect())
}

/// Frees the face of somebody who has closed their account. What they showed in rooms stays; of parties it is taken by
/// [`release_at_party`].
///
/// # Errors
/// When the database fails.
pub async fn release_public(tx: &mut Conn, user: UserId, now: Timestamp) -> Result<(), AppError> {
    execute!(
        tx,
        "update images set free_since = $2 where owner_id = $1 and room_id is null and party_id is null and free_since is null",
        user,
        now
    )?;
    Ok(())
}

/// Nobody but their owners sees the pictures of a room any more: it was deleted.
///
/// # Errors
/// When the database fails.
pub async fn release_room(tx: &mut Conn, room: RoomId, now: Timestamp) -> Result<(), AppError> {
    execute!(tx, "update images set free_since = $2 where room_id = $1 and free_since is null", room, now)?;
    Ok(())
}

/// Who sees a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    /// Everybody, as long as it is somebody's face or a party shows it: it may be taken off, or the party called off.
    All,
    /// The members of a room or of a party that was called off, or who put it in; the one who asks is among them.
    Some,
}

/// To whom a picture is shown, if it is shown to the one who asks.
///
/// # Errors
/// [`AppError::NotFound`] for everybody else.
pub async fn audience(conn: &mut Conn, id: ImageId, viewer: Option<UserId>) -> Result<Audience, AppError> {
    let found: Option<(bool,)> = fetch_optional!(
        conn,
        (bool,),
        // What somebody showed to all is nobody's from the moment that their account is closed, however long it takes to put away.
        "select i.room_id is null and i.free_since is null and coalesce(p.state <> 'cancelled', true) and o.closed_at is null
         from images i join users o on o.id = i.owner_id left join parties p on p.id = i.party_id
         where i.id = $1 and (
             (i.room_id is null and i.free_since is null and coalesce(p.state <> 'cancelled', true) and o.closed_at is null)
             or i.owner_id = $2
             or exists (select 1 from party_members s where s.party_id = i.party_id and s.user_id = $2)
             or exists (
                 select 1 from room_members m join rooms r on r.id = m.room_id
                 where m.room_id = i.room_id and m.user_id = $2 and m.left_at is null and not m.hidden and r.deleted_at is null))",
        id,
        viewer.unwrap_or(UserId(uuid::Uuid::nil()))
    )?;
    let (is_everybodys,) = found.ok_or(AppError::NotFound)?;
    Ok(if is_everybodys { Audience::All } else { Audience::Some })
}

/// Pictures that nothing has shown for a while, the oldest first: some of them.
///
/// # Errors
/// When the database fails.
pub async fn stale(conn: &mut Conn, now: Timestamp) -> Result<Vec<ImageId>, AppError> {
    let sql = "select id from images where free_since <= $1 order by free_since limit $2";
    let rows: Vec<(ImageId,)> = fetch_all!(conn, (ImageId,), sql, now - KEPT, SWEEP)?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// Forgets pictures whose files are gone.
///
/// # Errors
/// When the database fails.
pub async fn forget(tx: &mut Conn, ids: &[ImageId]) -> Result<(), AppError> {
    let list = list(ids);
    each!(tx, |c|
        sqlite: sqlx::query("delete from images where free_since is not null and id in (select unhex(value) from json_each($1))")
            .bind(&list).execute(c).await.map(drop),
        pg: sqlx::query("delete from images where free_since is not null and id in (select value::uuid from json_array_elements_text($1::json))")
            .bind(&list).execute(c).await.map(drop))?;
    Ok(())
}

fn list(ids: &[ImageId]) -> String {
    json!(ids.iter().map(|id| id.0.simple().to_string()).collect::<Vec<_>>()).to_string()
}
