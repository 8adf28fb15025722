//! Seats, and everything that gives and takes them.

mod hosting;
mod lists;
mod pictures;
mod property;
mod races;
mod seats;
mod shelves;
mod stages;

use super::api::*;
use super::model::*;
use crate::features::meals::api::{EditMeal, OpenMeal, ReadMeal};
use crate::features::meals::model::{MealDetail, MealForm, MealView};
use crate::shared::error::{AppError, Conflict};
use crate::shared::ids::{PartyId, UserId};
use crate::shared::paging::PageAsk;
use crate::shared::time::Timestamp;
use crate::testing::{Actor, TestApp};
use crate::{fetch_all, fetch_one};
use uuid::Uuid;

/// An order that opens: thirty minutes, four seats, whoever comes first.
pub fn order() -> MealForm {
    MealForm {
        key: Uuid::now_v7().to_string(),
        title: "반반 치킨 같이 시켜요".to_owned(),
        category: "chicken".to_owned(),
        shop: "온동네치킨".to_owned(),
        link: String::new(),
        fee: "3,500".to_owned(),
        minimum: "18,000".to_owned(),
        due: "30".to_owned(),
        due_at: String::new(),
        seats: "4".to_owned(),
        outside: "0".to_owned(),
        pickup: "경의선숲길 3번 벤치".to_owned(),
        body: "간장 반, **양념 반**".to_owned(),
        joining: "direct".to_owned(),
        ..MealForm::default()
    }
}

/// Opens an order; its id.
pub async fn open(host: &Actor, form: MealForm) -> PartyId {
    let id = form.key.parse().expect("an id");
    host.call(OpenMeal { form }).await.expect("opened");
    id
}

/// Opens an order with so many seats.
async fn open_with(host: &Actor, seats: u8) -> PartyId {
    open(host, MealForm { seats: seats.to_string(), ..order() }).await
}

/// Opens an order whose host decides who comes in.
async fn open_asking(host: &Actor, seats: u8) -> PartyId {
    open(host, MealForm { seats: seats.to_string(), joining: "approval".to_owned(), ..order() }).await
}

/// Edits an order of [`order`]'s.
async fn edit(host: &Actor, id: PartyId, change: impl FnOnce(&mut MealForm)) -> Result<(), AppError> {
    let mut form = MealForm { due: "keep".to_owned(), ..order() };
    change(&mut form);
    host.call(EditMeal { id, form }).await
}

/// The party as somebody sees it.
pub async fn seen(viewer: &Actor, id: PartyId) -> MealDetail {
    match viewer.ask(ReadMeal { id, banned: PageAsk::default() }).await.expect("a party") {
        MealView::Live(detail) => *detail,
        MealView::Cancelled(_) => panic!("it was cancelled"),
    }
}

async fn standing(viewer: &Actor, id: PartyId) -> Standing {
    seen(viewer, id).await.circle.standing
}

async fn join(actor: &Actor, party: PartyId) -> Result<(), AppError> {
    actor.call(JoinParty { party }).await
}

async fn leave(actor: &Actor, party: PartyId) -> Result<(), AppError> {
    actor.call(LeaveParty { party }).await
}

async fn wait(actor: &Actor, party: PartyId) -> Result<(), AppError> {
    actor.call(WaitForSeat { party }).await
}

async fn apply(actor: &Actor, party: PartyId, message: &str) -> Result<(), AppError> {
    actor.call(ApplyToParty { form: ApplyForm { party: Some(party), message: message.to_owned() } }).await
}

async fn remove(host: &Actor, party: PartyId, person: UserId) -> Result<(), AppError> {
    host.call(RemoveMember { party, person }).await
}

async fn cancel(host: &Actor, party: PartyId, reason: &str) -> Result<(), AppError> {
    host.call(CancelParty { form: CancelForm { party: Some(party), reason: reason.to_owned() } }).await
}

fn no(conflict: Conflict) -> Result<(), AppError> {
    Err(conflict.into())
}

/// What the database holds of a party, behind everybody's back.
#[derive(Debug, PartialEq, Eq)]
struct Held {
    seats: i32,
    outside: i32,
    taken: i32,
    state: String,
    closed_by: Option<String>,
    popularity: i64,
    members: Vec<UserId>,
    waiting: Vec<UserId>,
    applied: Vec<UserId>,
    banned: Vec<UserId>,
    in_room: Vec<UserId>,
}

async fn held(app: &TestApp, id: PartyId) -> Held {
    type Row = (i32, i32, i32, String, Option<String>, i64);
    let mut conn = app.state.db.read().await.expect("a connection");
    let sql = "select seats, outside, taken, state, closed_by, popularity from parties where id = $1";
    let (seats, outside, taken, state, closed_by, popularity): Row = fetch_one!(conn, Row, sql, id).expect("a party");
    let people = async |sql: &'static str| -> Vec<UserId> {
        let mut conn = app.state.db.read().await.expect("a connection");
        let rows: Vec<(UserId,)> = fetch_all!(conn, (UserId,), sql, id).expect("rows");
        rows.into_iter().map(|(id,)| id).collect()
    };
    Held {
        seats,
        outside,
        taken,
        state,
        closed_by,
        popularity,
        members: people("select user_id from party_members where party_id = $1 order by user_id").await,
        waiting: people("select user_id from party_requests where party_id = $1 and kind = 'waitlist' order by created_at, user_id").await,
        applied: people("select user_id from party_requests where party_id = $1 and kind = 'application' order by created_at, user_id").await,
        banned: people("select user_id from party_bans where party_id = $1 order by user_id").await,
        in_room: people(
            "select m.user_id from room_members m join parties p on p.room_id = m.room_id where p.id = $1 and m.left_at is null order by m.user_id",
        )
        .await,
    }
}

/// What was said in a party's room: codes and subjects, in order.
async fn notices(app: &TestApp, id: PartyId) -> Vec<(String, String)> {
    let mut conn = app.state.db.read().await.expect("a connection");
    fetch_all!(
        conn,
        (String, String),
        "select m.body, coalesce(su.nickname, m.subject, '') from messages m left join users su on su.id = m.subject_id join parties p on p.room_id = m.room_id
         where p.id = $1 and m.kind = 'notice' order by m.seq",
        id
    )
    .expect("rows")
}

async fn last_notice(app: &TestApp, id: PartyId) -> (String, String) {
    notices(app, id).await.pop().expect("a notice")
}

/// The times of a test begin at a round minute.
fn minutes(n: i64) -> crate::shared::time::Span {
    crate::shared::time::Span::minutes(n)
}

fn sorted(mut ids: Vec<UserId>) -> Vec<UserId> {
    ids.sort();
    ids
}

fn local(at: Timestamp) -> String {
    at.local()
}
