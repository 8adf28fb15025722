//! Orders in lists.

use crate::features::accounts::store::is_secret_for;
use crate::features::meals::model::{Category, MealCard, Mine};
use crate::features::parties::model::{AFTER_DEADLINE, State};
use crate::features::regions;
use crate::fetch_all;
use crate::server::db::Conn;
use crate::shared::error::AppError;
use crate::shared::ids::{PartyId, RegionCode, UserId};
use crate::shared::images::Pictures;
use crate::shared::paging::PAGE_SIZE;
use crate::shared::time::Timestamp;
use uuid::Uuid;

#[derive(sqlx::FromRow)]
pub(super) struct CardRow {
    pub id: PartyId,
    pub host_id: UserId,
    pub title: String,
    pub category: Option<String>,
    pub shop: String,
    pub pickup: String,
    pub region: RegionCode,
    pub state: String,
    pub closed_by: Option<String>,
    pub deadline_at: Timestamp,
    pub seats: i32,
    pub taken: i32,
    pub fee: i64,
    pub is_member: bool,
    /// Whether what was written there is kept from the reader.
    pub is_secret: bool,
    pub pictures: Pictures,
}

impl CardRow {
    pub fn into_card(self, viewer: Option<UserId>, now: Timestamp) -> Result<MealCard, AppError> {
        let state = State::from_codes(&self.state, self.closed_by.as_deref()).ok_or(AppError::Internal)?;
        // Of an order that was called off, those who did not sit there learn its title, unless who wrote it is gone, and where it was.
        let is_off = state == State::Cancelled && !self.is_member;
        let is_secret = self.is_secret || is_off;
        let told = |text: String| if is_secret { String::new() } else { text };
        Ok(MealCard {
            id: self.id,
            title: if self.is_secret { String::new() } else { self.title },
            category: self.category.as_deref().and_then(Category::from_code).ok_or(AppError::Internal)?,
            shop: told(self.shop),
            pickup: told(self.pickup),
            region: regions::atlas::find(self.region).map(|region| region.name).unwrap_or_default(),
            state: state.at(self.deadline_at, now),
            deadline: self.deadline_at,
            seats: u8::try_from(self.seats).unwrap_or_default(),
            taken: u8::try_from(self.taken).unwrap_or_default(),
            fee: if is_off { 0 } else { self.fee },
            mine: match viewer {
                Some(viewer) if viewer == self.host_id => Mine::Host,
                Some(_) if self.is_member => Mine::Member,
                _ => Mine::No,
            },
            picture: self.pictures.first().filter(|_| !is_secret).map(|picture| picture.id),
        })
    }
}

/// The orders with these ids (at most a page of them), in this order.
///
/// # Errors
/// When the database fails.
pub async fn cards(conn: &mut Conn, ids: &[PartyId], viewer: Option<UserId>, now: Timestamp) -> Result<Vec<MealCard>, AppError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let id = |n: usize| ids.get(n).copied().unwrap_or(PartyId(Uuid::nil()));
    const { assert!(PAGE_SIZE == 10, "as many gaps as rows on a page") };
    let rows = fetch_all!(
        conn,
        CardRow,
        concat!(
            "select p.id, p.host_id, p.title, p.category, m.shop, m.pickup, p.region, p.state, p.closed_by, p.deadline_at, p.seats, p.taken,
                m.fee, p.pictures, exists (select 1 from party_members pm where pm.party_id = p.id and pm.user_id = $1) as is_member, ",
            is_secret_for!("$1"),
            " as is_secret
             from parties p join meals m on m.party_id = p.id
             where p.id in ($2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"
        ),
        viewer.unwrap_or(UserId(Uuid::nil())),
        id(0),
        id(1),
        id(2),
        id(3),
        id(4),
        id(5),
        id(6),
        id(7),
        id(8),
        id(9)
    )?;
    let mut cards = rows.into_iter().map(|row| row.into_card(viewer, now)).collect::<Result<Vec<_>, _>>()?;
    cards.sort_by_key(|card| ids.iter().position(|id| *id == card.id));
    Ok(cards)
}

/// Open orders in a 동 that close next, with the next ones of its 시군구 in the place of those that are missing; at most a page of
/// them, by their deadlines.
///
/// # Errors
/// When the database fails.
pub async fn closing_near(conn: &mut Conn, region: RegionCode, now: Timestamp, limit: i64) -> Result<Vec<PartyId>, AppError> {
    let rows: Vec<(PartyId,)> = fetch_all!(
        conn,
        (PartyId,),
        "select id from (
           select * from (
             select * from (
               select id, soon_key, 0 as far from parties
               where kind = 'meal' and region = $1 and state = 'open' and soon_key > $3 order by soon_key, id limit $4
             ) as here
             union all
             select id, soon_key, 1 as far from (
               select id, soon_key, region from parties
               where kind = 'meal' and district = $2 and state = 'open' and soon_key > $3 order by soon_key, id limit $5
             ) as around where region <> $1
           ) as near order by far, soon_key, id limit $4
         ) as chosen order by soon_key, id",
        region,
        i64::from(region.district().0),
        now,
        limit,
        // So many hold enough others: where the 동 has fewer than are wanted, no more than those are among them.
        2 * limit
    )?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// Open orders anywhere that close next; at most a page of them.
///
/// # Errors
/// When the database fails.
pub async fn closing_anywhere(conn: &mut Conn, now: Timestamp, limit: i64) -> Result<Vec<PartyId>, AppError> {
    let rows: Vec<(PartyId,)> = fetch_all!(
        conn,
        (PartyId,),
        // By their deadlines: an index that begins with the kind has all there are of it, in another order.
        "select id from parties where state = 'open' and deadline_at > $1 and kind || '' = 'meal' order by deadline_at limit $2",
        now,
        limit
    )?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// The orders at which a person sits and that go on: open ones by their deadline, then the others, the latest first; at most a
/// page of them.
///
/// # Errors
/// When the database fails.
pub async fn mine(conn: &mut Conn, user: UserId, now: Timestamp, limit: i64) -> Result<Vec<PartyId>, AppError> {
    // What is on these shelves is over only since a moment. With a sum, so that no index on when seats end is taken into it: PostgreSQL
    // read there what everybody sits at from now on.
    let rows: Vec<(PartyId,)> = fetch_all!(
        conn,
        (PartyId,),
        "select p.id from party_members pm join parties p on p.id = pm.party_id
         where pm.user_id = $1 and pm.party_kind = 'meal' and pm.shelf in ('hosted', 'joined') and pm.over_at + 0 > $2
         order by p.soon_key <= $4, p.soon_key, p.id limit $3",
        user,
        now - AFTER_DEADLINE,
        limit,
        // What is late counts as closed before anybody has written it down.
        now
    )?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}
