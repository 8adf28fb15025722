//! Opening and changing orders.

use crate::features::accounts::auth::Member;
use crate::features::meals::model::{MealEdit, MealFacts, NewMeal};
use crate::features::parties;
use crate::features::parties::store::{Edit, Host, NewParty, News};
use crate::server::db::Conn;
use crate::shared::error::{AppError, Conflict};
use crate::shared::ids::{ImageId, PartyId, RegionCode};
use crate::shared::time::Timestamp;
use crate::{execute, fetch_optional};

/// Opens an order in a 동: the party with its room and its host's seat, and what it orders. `None` when this form has opened
/// it before.
///
/// # Errors
/// [`Conflict::Stale`] when the id belongs to somebody else's party.
pub async fn open(tx: &mut Conn, member: &Member, region: RegionCode, meal: &NewMeal, now: Timestamp) -> Result<Option<News>, AppError> {
    let facts = party_facts(&meal.facts, None, &[]);
    let new = NewParty { id: meal.id, kind: "meal", region, deadline: meal.deadline, facts: &facts };
    let Some(news) = parties::store::open(tx, member, &new, now).await? else {
        let sql = "select created_at from parties where id = $1 and host_id = $2 and kind = 'meal'";
        let own = fetch_optional!(tx, (i64,), sql, meal.id, member.id())?;
        return if own.is_some() { Ok(None) } else { Err(Conflict::Stale.into()) };
    };
    let MealFacts { shop, link, fee, minimum, pickup, .. } = &meal.facts;
    execute!(
        tx,
        "insert into meals (party_id, shop, shop_link, fee, minimum, pickup) values ($1, $2, $3, $4, $5, $6)",
        meal.id,
        shop,
        link,
        *fee,
        *minimum,
        pickup
    )?;
    Ok(Some(news))
}

/// Changes an order and tells its room what is different.
///
/// # Errors
/// As [`parties::store::edit`].
pub async fn edit(tx: &mut Conn, host: Host, id: PartyId, edit: &MealEdit, now: Timestamp) -> Result<News, AppError> {
    let MealFacts { shop, link, fee, minimum, pickup, .. } = &edit.facts;
    let before: Option<(String, Option<String>, i64, i64, String)> = fetch_optional!(
        tx,
        (String, Option<String>, i64, i64, String),
        "select shop, shop_link, fee, minimum, pickup from meals where party_id = $1",
        id
    )?;
    let (old_shop, old_link, old_fee, old_minimum, old_pickup) = before.ok_or(AppError::NotFound)?;
    let changes = [
        ("shop", old_shop != *shop),
        ("shop_link", old_link != *link),
        ("fee", old_fee != *fee),
        ("minimum", old_minimum != *minimum),
        ("pickup", old_pickup != *pickup),
    ];
    let also: Vec<&str> = changes.into_iter().filter_map(|(field, differs)| differs.then_some(field)).collect();
    execute!(
        tx,
        "update meals set shop = $2, shop_link = $3, fee = $4, minimum = $5, pickup = $6 where party_id = $1",
        id,
        shop,
        link,
        *fee,
        *minimum,
        pickup
    )?;
    parties::store::edit(tx, host, &party_facts(&edit.facts, edit.deadline, &edit.before), &also, now).await
}

fn party_facts(facts: &MealFacts, deadline: Option<Timestamp>, before: &[ImageId]) -> Edit {
    Edit {
        title: facts.title.clone(),
        body: facts.body.clone(),
        category: Some(facts.category.code()),
        seats: facts.seats,
        outside: facts.outside,
        deadline,
        joining: facts.joining,
        pictures: facts.pictures.clone(),
        before: before.to_vec(),
    }
}
