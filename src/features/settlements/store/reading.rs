//! A bill, for its page.

use super::sheet::{released, sheet_with};
use crate::features::accounts::auth::Member;
use crate::features::chat::model::Person;
use crate::features::parties;
use crate::features::parties::model::State;
use crate::features::settlements::model::{Bill, Item, MAX_ITEMS, Settlement, Tab};
use crate::server::db::Conn;
use crate::shared::error::AppError;
use crate::shared::ids::{ImageId, ItemId, PartyId, RoomId, UserId};
use crate::shared::time::Timestamp;
use crate::{fetch_all, fetch_optional};
use uuid::Uuid;

/// Most people at a table, by the constraint of its seats.
const MOST_PEOPLE: i64 = 30;

#[derive(sqlx::FromRow)]
struct Head {
    title: String,
    room_id: RoomId,
    host_id: UserId,
    state: String,
    closed_by: Option<String>,
    deadline_at: Timestamp,
    outside: i32,
}

/// The bill of a party, for somebody who sits there.
///
/// # Errors
/// [`AppError::Forbidden`] for everybody else; [`AppError::NotFound`] when there is no such party, or it was called off.
pub async fn bill(conn: &mut Conn, party: PartyId, viewer: &Member, now: Timestamp) -> Result<Bill, AppError> {
    let me = viewer.id();
    let head: Option<Head> = fetch_optional!(
        conn,
        Head,
        "select p.title, p.room_id, p.host_id, p.state, p.closed_by, p.deadline_at, p.outside
         from parties p join party_members me on me.party_id = p.id and me.user_id = $2
         where p.id = $1 and p.state <> 'cancelled'",
        party,
        me
    )?;
    let Some(head) = head else {
        return Err(if parties::store::goes_on(conn, party).await? { AppError::Forbidden } else { AppError::NotFound });
    };
    let state = State::from_codes(&head.state, head.closed_by.as_deref()).ok_or(AppError::Internal)?;
    Ok(Bill {
        party,
        title: head.title,
        room: head.room_id,
        state: state.at(head.deadline_at, now),
        host: head.host_id,
        me,
        outside: u8::try_from(head.outside).unwrap_or_default(),
        tabs: tabs(conn, party).await?,
        released: released(conn, party).await?,
        next: ItemId(Uuid::now_v7()),
    })
}

/// How a bill is settled that somebody may see, with the fee that is expected before its host has said what it was; nothing before it
/// is ordered.
///
/// # Errors
/// When the database fails.
pub async fn settlement(conn: &mut Conn, bill: &Bill, expected: i64) -> Result<Option<Settlement>, AppError> {
    if bill.is_open() {
        return Ok(None);
    }
    let sheet = sheet_with(conn, bill.party, expected).await?;
    Ok(Some(sheet.settlement(conn, bill.party).await?))
}

type PersonRow = (UserId, String, Option<ImageId>);
type ItemRow = (UserId, ItemId, String, i64, i32);

/// Who sits at a party and what they order. Ask only for somebody who may know.
async fn tabs(conn: &mut Conn, party: PartyId) -> Result<Vec<Tab>, AppError> {
    let people: Vec<PersonRow> = fetch_all!(
        conn,
        PersonRow,
        "select u.id, u.nickname, u.face_id from party_members m join users u on u.id = m.user_id
         where m.party_id = $1 order by m.joined_at, m.user_id limit $2",
        party,
        MOST_PEOPLE
    )?;
    let items: Vec<ItemRow> = fetch_all!(
        conn,
        ItemRow,
        "select i.user_id, i.id, i.name, i.price, i.count from bill_items i
         join party_members m on m.party_id = i.party_id and m.user_id = i.user_id
         where i.party_id = $1 order by i.created_at, i.id limit $2",
        party,
        MOST_PEOPLE * MAX_ITEMS
    )?;
    let mut tabs: Vec<Tab> =
        people.into_iter().map(|(id, nickname, face)| Tab { person: Person { id, nickname, face }, items: Vec::new() }).collect();
    for (user, id, name, price, count) in items {
        if let Some(tab) = tabs.iter_mut().find(|tab| tab.person.id == user) {
            tab.items.push(Item { id, name, price, count: count.into() });
        }
    }
    Ok(tabs)
}
