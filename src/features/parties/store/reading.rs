//! Who is around a party, for its pages.

use crate::features::chat;
use crate::features::chat::model::Person;
use crate::features::parties::model::{AFTER_DEADLINE, Circle, Desk, MAX_QUEUE, Request, Seated, Standing};
use crate::server::db::Conn;
use crate::server::paging::{Listing, Order, page};
use crate::shared::error::AppError;
use crate::shared::ids::{ImageId, PartyId, UserId};
use crate::shared::paging::PageAsk;
use crate::shared::time::Timestamp;
use crate::{fetch_all, fetch_optional};
use uuid::Uuid;

/// Whether there is, or was, such a party.
///
/// # Errors
/// When the database fails.
pub async fn exists(conn: &mut Conn, id: PartyId) -> Result<bool, AppError> {
    Ok(fetch_optional!(conn, (i64,), "select created_at from parties where id = $1", id)?.is_some())
}

/// Whether there is such a party that was not called off.
///
/// # Errors
/// When the database fails.
pub async fn goes_on(conn: &mut Conn, id: PartyId) -> Result<bool, AppError> {
    Ok(fetch_optional!(conn, (i64,), "select created_at from parties where id = $1 and state <> 'cancelled'", id)?.is_some())
}

/// A party and its deadline: its place among those that are due.
pub type Due = (Timestamp, PartyId);

/// Before all that are due.
pub const FIRST_DUE: Due = (Timestamp(i64::MIN), PartyId(Uuid::nil()));

/// Parties whose deadline has passed without being written down, the earliest first: open ones and full ones, of those that come after
/// one.
///
/// # Errors
/// When the database fails.
pub async fn due(conn: &mut Conn, now: Timestamp, after: Due, limit: i64) -> Result<Vec<Due>, AppError> {
    let sql = "select deadline_at, id from parties
         where (state = 'open' or closed_by = 'full') and deadline_at <= $1 and (deadline_at, id) > ($2, $3)
         order by deadline_at, id limit $4";
    Ok(fetch_all!(conn, Due, sql, now, after.0, after.1, limit)?)
}

/// Whether a party has ended without being written down.
///
/// # Errors
/// When the database fails.
pub async fn has_ended(conn: &mut Conn, now: Timestamp) -> Result<bool, AppError> {
    let sql = "select deadline_at from parties where ended = 0 and deadline_at <= $1 limit 1";
    Ok(fetch_optional!(conn, (i64,), sql, now - AFTER_DEADLINE)?.is_some())
}

type PersonRow = (UserId, String, Option<ImageId>, String, Timestamp);

fn request((id, nickname, face, message, at): PersonRow) -> Request {
    Request { person: Person { id, nickname, face }, message, at }
}

/// Those who were removed.
const BANS: &str = "(select user_id as id, party_id, created_at from party_bans) banned";

/// The members of a party, and what the viewer is to it. Its host also sees who asks and waits, and this page of who was removed.
///
/// # Errors
/// When the database fails.
pub async fn circle(conn: &mut Conn, id: PartyId, host: UserId, viewer: Option<UserId>, banned: PageAsk) -> Result<Circle, AppError> {
    let rows: Vec<PersonRow> = fetch_all!(
        conn,
        PersonRow,
        "select u.id, u.nickname, u.face_id, '', m.joined_at from party_members m join users u on u.id = m.user_id
         where m.party_id = $1 order by m.joined_at, m.user_id",
        id
    )?;
    let members: Vec<Seated> = rows.into_iter().map(request).map(|row| Seated { person: row.person, at: row.at }).collect();
    let Some(viewer) = viewer else { return Ok(Circle { standing: Standing::Visitor, members, desk: None }) };
    if viewer == host {
        let desk = Some(desk(conn, id, banned).await?);
        return Ok(Circle { standing: Standing::Host, members, desk });
    }
    let standing =
        if members.iter().any(|member| member.person.id == viewer) { Standing::Member } else { standing(conn, id, viewer).await? };
    Ok(Circle { standing, members, desk: None })
}

async fn standing(conn: &mut Conn, id: PartyId, viewer: UserId) -> Result<Standing, AppError> {
    let found: Option<(String, i64)> = fetch_optional!(
        conn,
        (String, i64),
        "select 'banned', 0 from party_bans where party_id = $1 and user_id = $2
         union all
         select mine.kind, (select count(*) from party_requests r where r.party_id = $1 and r.kind = mine.kind
                            and (r.created_at, r.user_id) <= (mine.created_at, mine.user_id))
         from party_requests mine where mine.party_id = $1 and mine.user_id = $2",
        id,
        viewer
    )?;
    Ok(match found.as_ref().map(|(kind, place)| (kind.as_str(), *place)) {
        Some(("banned", _)) => Standing::Banned,
        Some(("application", _)) => Standing::Applied,
        Some((_, place)) => Standing::Waiting { place },
        None => Standing::Stranger,
    })
}

async fn desk(conn: &mut Conn, id: PartyId, banned: PageAsk) -> Result<Desk, AppError> {
    let mut applications = Vec::new();
    let mut waiting = Vec::new();
    let rows: Vec<(String, UserId, String, Option<ImageId>, String, Timestamp)> = fetch_all!(
        conn,
        (String, UserId, String, Option<ImageId>, String, Timestamp),
        "select r.kind, u.id, u.nickname, u.face_id, r.message, r.created_at from party_requests r join users u on u.id = r.user_id
         where r.party_id = $1 order by r.created_at, r.user_id limit $2",
        id,
        MAX_QUEUE
    )?;
    for (kind, user, nickname, face, message, at) in rows {
        let list = if kind == "application" { &mut applications } else { &mut waiting };
        list.push(request((user, nickname, face, message, at)));
    }
    let listing = Listing::of(BANS, "id is not null", "created_at", Order::Descending).with_id("party_id =", id.0);
    let banned = page(conn, &listing, banned).await?;
    let ids: Vec<UserId> = banned.rows.iter().copied().map(UserId).collect();
    let banned = banned.with_rows(chat::store::persons(conn, &ids).await?);
    Ok(Desk { applications, waiting, banned })
}
