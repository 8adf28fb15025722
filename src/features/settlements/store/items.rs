//! What people order.

use crate::features::accounts::auth::Member;
use crate::features::parties;
use crate::features::parties::store::News;
use crate::features::settlements::model::{MAX_ITEMS, NewItem};
use crate::server::db::Conn;
use crate::shared::error::{AppError, Conflict};
use crate::shared::ids::{ItemId, PartyId, UserId};
use crate::shared::time::Timestamp;
use crate::{execute, fetch_optional};

/// Enters an item of one's own, or changes it where it is there already and that is meant; the same form does it once.
///
/// # Errors
/// [`Conflict::ManyItems`] when there are [`MAX_ITEMS`]; [`AppError::NotFound`] when it is somebody else's or the party is unknown;
/// [`Conflict::Stale`] when the form of a new item was used for another; [`AppError::Forbidden`] for those who do not sit there; why the
/// party has ended, where it has.
pub async fn put_item(tx: &mut Conn, member: &Member, item: &NewItem, now: Timestamp) -> Result<News, AppError> {
    let seat = parties::store::seat(tx, member, item.party, now).await?.gathering()?;
    let put = execute!(
        tx,
        "insert into bill_items (id, party_id, user_id, name, price, count, created_at)
         select $1, $2, $3, $4, $5, $6, $7
         where exists (select 1 from bill_items where id = $1)
            or (select count(*) from bill_items where party_id = $2 and user_id = $3) < $8
         on conflict (id) do update set name = excluded.name, price = excluded.price, count = excluded.count
           where bill_items.party_id = excluded.party_id and bill_items.user_id = excluded.user_id
             and ($9 = 1 or (bill_items.name = excluded.name and bill_items.price = excluded.price and bill_items.count = excluded.count))",
        item.id,
        item.party,
        member.id(),
        &item.name,
        item.price,
        item.count as i32,
        now,
        MAX_ITEMS,
        i64::from(item.is_change)
    )?;
    if put == 0 {
        let sql = "select user_id, party_id from bill_items where id = $1";
        let known: Option<(UserId, PartyId)> = fetch_optional!(tx, (UserId, PartyId), sql, item.id)?;
        return Err(match known {
            None => Conflict::ManyItems.into(),
            Some(known) if known == (member.id(), item.party) => Conflict::Stale.into(),
            Some(_) => AppError::NotFound,
        });
    }
    Ok(seat.billed())
}

/// Takes an item of one's own off; one that is gone needs nothing.
///
/// # Errors
/// As [`put_item`].
pub async fn remove_item(tx: &mut Conn, member: &Member, party: PartyId, item: ItemId, now: Timestamp) -> Result<News, AppError> {
    let seat = parties::store::seat(tx, member, party, now).await?.gathering()?;
    execute!(tx, "delete from bill_items where id = $1 and party_id = $2 and user_id = $3", item, party, member.id())?;
    Ok(seat.billed())
}
