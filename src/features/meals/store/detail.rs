//! One order.

use super::cards::CardRow;
use crate::features::accounts::auth::Member;
use crate::features::accounts::store::{is_left, is_secret_for};
use crate::features::chat::model::Person;
use crate::features::meals::model::{Cancelled, DUE_KEEP, MealDetail, MealDraft, MealForm, MealView};
use crate::features::parties::model::{Circle, Joining, Standing, State};
use crate::features::regions;
use crate::features::settlements::model::{Split, payers, shares};
use crate::features::{moderation, parties, threads};
use crate::fetch_optional;
use crate::server::db::Conn;
use crate::server::markdown;
use crate::shared::error::AppError;
use crate::shared::ids::{ImageId, PartyId, RegionCode, RoomId, UserId};
use crate::shared::images::{Pictures, Size, path};
use crate::shared::money::group;
use crate::shared::paging::PageAsk;
use crate::shared::time::Timestamp;
use uuid::Uuid;

/// Comments that are shown on the page of an order.
const WORDS: i64 = 2;

#[derive(sqlx::FromRow)]
struct Row {
    #[sqlx(flatten)]
    card: CardRow,
    is_left: bool,
    room_id: RoomId,
    nickname: String,
    face: Option<ImageId>,
    body: String,
    outside: i32,
    outside_of: Option<UserId>,
    joining: String,
    shop_link: Option<String>,
    minimum: i64,
    views: i64,
    comments: i64,
    deleted_reason: Option<String>,
}

async fn read(conn: &mut Conn, id: PartyId, viewer: Option<UserId>) -> Result<Row, AppError> {
    fetch_optional!(
        conn,
        Row,
        concat!(
            "select p.id, p.host_id, p.title, p.category, m.shop, m.pickup, p.region, p.state, p.closed_by, p.deadline_at, p.seats, p.taken,
                m.fee, p.pictures, exists (select 1 from party_members pm where pm.party_id = p.id and pm.user_id = $2) as is_member, ",
            is_secret_for!("$2"),
            " as is_secret, ",
            is_left!(),
            " as is_left, p.room_id, u.nickname, u.face_id as face, p.body, p.outside, p.outside_of, p.joining, m.shop_link, m.minimum,
                p.views, p.comments, r.deleted_reason
             from parties p join meals m on m.party_id = p.id join users u on u.id = p.host_id join rooms r on r.id = p.room_id
             where p.id = $1"
        ),
        id,
        viewer.unwrap_or(UserId(Uuid::nil()))
    )?
    .ok_or(AppError::NotFound)
}

/// An order as a reader may see it, on a site of this origin; its host with this page of those who were removed.
///
/// # Errors
/// [`AppError::NotFound`]
pub async fn meal(
    conn: &mut Conn,
    id: PartyId,
    viewer: Option<&Member>,
    banned: PageAsk,
    origin: &str,
    now: Timestamp,
) -> Result<MealView, AppError> {
    let viewer_id = viewer.map(Member::id);
    let row = read(conn, id, viewer_id).await?;
    let (code, host) = (row.card.region, row.card.host_id);
    let state = State::from_codes(&row.card.state, row.card.closed_by.as_deref());
    if state == Some(State::Cancelled) {
        return Ok(MealView::Cancelled(Cancelled {
            title: if row.card.is_secret { String::new() } else { row.card.title },
            region: code,
            // What the host tells the others is for them.
            reason: row.deleted_reason.filter(|_| row.card.is_member).unwrap_or_default(),
            was_member: row.card.is_member,
        }));
    }
    let is_secret = row.card.is_secret;
    let pictures = if is_secret { Pictures::default() } else { row.card.pictures.clone() };
    let circle = parties::store::circle(conn, id, host, viewer_id, banned).await?;
    let (is_kept, is_reported) = match viewer_id {
        Some(user) => (parties::store::is_kept(conn, user, id).await?, moderation::store::is_reported(conn, user, id).await?),
        None => (false, false),
    };
    let has_to_be_rewritten = row.is_left && circle.standing == Standing::Host && state.is_some_and(|state| state.ended().is_none());
    let elsewhere = viewer.and_then(Member::region).filter(|own| *own != code).and_then(regions::atlas::find);
    Ok(MealView::Live(Box::new(MealDetail {
        now,
        body: if is_secret { String::new() } else { markdown::to_html(&row.body) },
        cover: pictures.first().map(|picture| format!("{origin}{}", path(picture.id, Size::Large))),
        pictures,
        link: row.shop_link.filter(|_| !is_secret),
        minimum: row.minimum,
        outside: u8::try_from(row.outside).unwrap_or_default(),
        joining: Joining::from_code(&row.joining).ok_or(AppError::Internal)?,
        region: regions::atlas::find(code),
        host: Person { id: host, nickname: row.nickname, face: row.face },
        views: row.views,
        room: circle.standing.is_seated().then_some(row.room_id),
        my_fee: part_of_fee(row.card.fee, host, (row.outside, row.outside_of), &circle, viewer_id),
        circle,
        me: viewer_id,
        comments: row.comments,
        words: if row.comments > 0 { threads::store::newest(conn, id, viewer_id, WORDS).await? } else { Vec::new() },
        is_kept,
        is_reported,
        has_to_be_rewritten,
        elsewhere: elsewhere.map(|region| region.name),
        card: row.card.into_card(viewer_id, now)?,
    })))
}

/// What a reader pays of a fee that is split equally, as the bill will have it; who does not sit there would be the last to sit down.
fn part_of_fee(fee: i64, host: UserId, (outside, outside_of): (i32, Option<UserId>), circle: &Circle, viewer: Option<UserId>) -> i64 {
    let mut people: Vec<(UserId, i64)> = circle.members.iter().map(|member| (member.person.id, 0)).collect();
    let reader = viewer.unwrap_or(UserId(Uuid::nil()));
    if people.iter().all(|(id, _)| *id != reader) {
        people.push((reader, 0));
    }
    let payers = payers(&people, host, outside, outside_of);
    let shares = shares(&payers, fee, Split::Equal, &[]).unwrap_or_default();
    shares.iter().find(|share| share.id == reader).map_or(0, |share| share.amount)
}

/// An order as its host finds it in the form that changes it.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Forbidden`] for everybody but the host; why it has ended, where it has.
pub async fn draft(conn: &mut Conn, id: PartyId, member: &Member, now: Timestamp) -> Result<MealDraft, AppError> {
    let row = read(conn, id, Some(member.id())).await?;
    let card = row.card;
    if card.host_id != member.id() {
        return Err(AppError::Forbidden);
    }
    if let Some(why) = State::from_codes(&card.state, card.closed_by.as_deref()).and_then(State::ended) {
        return Err(why.into());
    }
    let region: RegionCode = card.region;
    let form = MealForm {
        key: id.to_string(),
        title: card.title,
        category: card.category.unwrap_or_default(),
        shop: card.shop,
        link: row.shop_link.unwrap_or_default(),
        fee: group(card.fee),
        minimum: group(row.minimum),
        due: DUE_KEEP.to_owned(),
        due_at: card.deadline_at.local(),
        seats: card.seats.to_string(),
        outside: row.outside.to_string(),
        pickup: card.pickup,
        body: row.body,
        joining: row.joining,
        before: card.pictures.clone(),
        pictures: card.pictures,
    };
    Ok(MealDraft { now, form, region: regions::atlas::find(region), deadline: Some(card.deadline_at) })
}
