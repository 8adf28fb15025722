//! Bills, through the router: who writes on them, who sees them, and what comes of them.

mod paying;
mod settling;

use super::api::*;
use super::model::*;
use crate::app::work::sweep;
use crate::features::meals::api::ReadBill;
use crate::features::meals::model::BillView;
use crate::features::parties::api::*;
use crate::features::parties::model::Stage;
use crate::features::parties::tests::{open, order, seen};
use crate::live::protocol::Down;
use crate::shared::error::{AppError, Conflict};
use crate::shared::ids::{ItemId, PartyId};
use crate::shared::time::Span;
use crate::testing::{Actor, TestApp};
use crate::{fetch_all, on_both};
use uuid::Uuid;

fn item(party: PartyId, name: &str, price: i64, count: i64) -> ItemForm {
    ItemForm {
        party: Some(party),
        key: Uuid::now_v7().to_string(),
        name: name.to_owned(),
        price: price.to_string(),
        count: count.to_string(),
        change: String::new(),
    }
}

async fn put(actor: &Actor, party: PartyId, name: &str, price: i64, count: i64) -> ItemId {
    let form = item(party, name, price, count);
    let id = form.key.parse().expect("an id");
    actor.call(PutItem { form }).await.expect("entered");
    id
}

async fn read(actor: &Actor, party: PartyId) -> BillView {
    actor.ask(ReadBill { id: party }).await.expect("a bill")
}

/// What stands on a bill: who, what, how much in all.
async fn lines(actor: &Actor, party: PartyId) -> Vec<(String, Vec<String>, i64)> {
    let tabs = read(actor, party).await.bill.tabs;
    tabs.into_iter().map(|tab| (tab.person.nickname.clone(), tab.items.iter().map(|item| item.name.clone()).collect(), tab.sum())).collect()
}

fn line(who: &str, what: &[&str], sum: i64) -> (String, Vec<String>, i64) {
    (who.to_owned(), what.iter().map(|name| (*name).to_owned()).collect(), sum)
}

/// A table of three with a free seat.
async fn table(app: &TestApp) -> (PartyId, Actor, Actor, Actor) {
    let (mina, jun, sol) = (app.member("mina").await, app.member("jun").await, app.member("sol").await);
    let party = open(&mina, order()).await;
    for guest in [&jun, &sol] {
        app.advance(Span(1));
        guest.call(JoinParty { party }).await.expect("a seat");
    }
    (party, mina, jun, sol)
}

async fn advance(host: &Actor, party: PartyId, to: Stage) {
    if to == Stage::Ordered {
        host.call(CloseParty { party }).await.expect("closed");
    }
    host.call(AdvanceParty { party, to }).await.expect("advanced");
}

on_both! {
    async fn everybody_at_the_table_sees_what_everybody_orders(app: TestApp) {
        let (party, mina, jun, sol) = table(&app).await;
        put(&jun, party, "간장 반 마리", 9_500, 2).await;
        app.advance(Span(1));
        put(&jun, party, "콜라", 2_000, 1).await;
        put(&mina, party, "양념 반 마리", 9_500, 1).await;
        let all = [line("mina", &["양념 반 마리"], 9_500), line("jun", &["간장 반 마리", "콜라"], 21_000), line("sol", &[], 0)];
        for viewer in [&mina, &jun, &sol] {
            assert_eq!(lines(viewer, party).await, all);
        }
        let view = read(&jun, party).await;
        assert_eq!((view.minimum, view.bill.sum(), view.bill.mine().len(), view.bill.is_open()), (18_000, 30_500, 2, true));
    }

    async fn nobody_else_sees_a_bill_in_any_form(app: TestApp) {
        let (party, mina, jun, sol) = table(&app).await;
        put(&jun, party, "비밀 메뉴", 9_500, 1).await;
        mina.call(RemoveMember { party, person: sol.id() }).await.expect("removed");
        let page = format!("/meals/{party}/bill");
        for (viewer, why, status) in
            [(&app.visitor(), AppError::SignInRequired, 401), (&app.member("bo").await, AppError::Forbidden, 403), (&sol, AppError::Forbidden, 403)]
        {
            assert_eq!(viewer.ask(ReadBill { id: party }).await.map(drop), Err(why.clone()));
            assert_eq!(viewer.call(PutItem { form: item(party, "콜라", 2_000, 1) }).await, Err(why.clone()));
            assert_eq!(viewer.call(RemoveItem { party, item: ItemId(Uuid::now_v7()) }).await, Err(why));
            let answer = viewer.get(&page).await;
            assert!(answer.status == status && !answer.body.contains("비밀 메뉴"), "{}", answer.body);
            assert!(!viewer.get(&format!("/meals/{party}")).await.body.contains("비밀 메뉴"));
        }
        assert!(jun.get(&page).await.body.contains("비밀 메뉴"));
        assert_eq!(mina.ask(ReadBill { id: PartyId(Uuid::now_v7()) }).await.map(drop), Err(AppError::NotFound));
    }

    async fn an_item_is_its_owners_to_change(app: TestApp) {
        let (party, mina, jun, _sol) = table(&app).await;
        let form = item(party, "콜라", 2_000, 1);
        for _ in 0..2 {
            assert_eq!(jun.call(PutItem { form: form.clone() }).await, Ok(()), "the same form enters it once");
        }
        let changed = ItemForm { name: "사이다".to_owned(), count: "3".to_owned(), ..form.clone() };
        assert_eq!(jun.call(PutItem { form: changed.clone() }).await, Err(Conflict::Stale.into()), "a form for a new one changes none");
        assert_eq!(lines(&jun, party).await[1], line("jun", &["콜라"], 2_000));
        let changed = ItemForm { change: "true".to_owned(), ..changed };
        assert_eq!(jun.call(PutItem { form: changed.clone() }).await, Ok(()));
        assert_eq!(lines(&jun, party).await[1], line("jun", &["사이다"], 6_000));
        assert_eq!(mina.call(PutItem { form: changed }).await, Err(AppError::NotFound), "it is somebody else's");
        let id: ItemId = form.key.parse().expect("an id");
        assert_eq!(mina.call(RemoveItem { party, item: id }).await, Ok(()));
        let other = open(&jun, order()).await;
        assert_eq!(jun.call(PutItem { form: ItemForm { party: Some(other), ..form.clone() } }).await, Err(AppError::NotFound), "it is elsewhere");
        assert_eq!(jun.call(RemoveItem { party: other, item: id }).await, Ok(()));
        assert_eq!(lines(&jun, party).await[1], line("jun", &["사이다"], 6_000), "nothing of it went");
        for _ in 0..2 {
            assert_eq!(jun.call(RemoveItem { party, item: id }).await, Ok(()));
        }
        assert_eq!(lines(&jun, party).await[1], line("jun", &[], 0));
        let wrong = jun.call(PutItem { form: ItemForm { price: "-5".to_owned(), ..item(party, "", 0, 0) } }).await.expect_err("wrong");
        assert_eq!(wrong.fields().0.iter().map(|error| error.field.as_ref()).collect::<Vec<_>>(), ["name", "price", "count"]);
    }

    async fn nobody_orders_more_than_thirty_things(app: TestApp) {
        let (party, mina, jun, _sol) = table(&app).await;
        let mut last = None;
        for n in 0..MAX_ITEMS {
            last = Some(put(&jun, party, &format!("메뉴 {n}"), 100, 1).await);
        }
        assert_eq!(jun.call(PutItem { form: item(party, "하나 더", 100, 1) }).await, Err(Conflict::ManyItems.into()));
        let again = ItemForm { key: last.expect("an item").to_string(), change: "true".to_owned(), ..item(party, "다른 것", 100, 1) };
        assert_eq!(jun.call(PutItem { form: again }).await, Ok(()), "what is there can be changed");
        put(&mina, party, "내 것", 100, 1).await;
        // However many come at once.
        jun.call(RemoveItem { party, item: last.expect("an item") }).await.expect("gone");
        let more: Vec<_> = (0..5).map(|n| item(party, &format!("동시에 {n}"), 100, 1)).collect();
        let mut done = 0;
        for outcome in futures_util::future::join_all(more.into_iter().map(|form| jun.call(PutItem { form }))).await {
            done += usize::from(outcome.is_ok());
        }
        assert_eq!((done, read(&jun, party).await.bill.mine().len()), (1, 30));
    }

    async fn once_it_is_ordered_the_bill_stands(app: TestApp) {
        let (party, mina, jun, _sol) = table(&app).await;
        let id = put(&jun, party, "콜라", 2_000, 1).await;
        mina.call(CloseParty { party }).await.expect("closed");
        put(&jun, party, "사이다", 2_000, 1).await;
        advance(&mina, party, Stage::Ordered).await;
        for refused in [
            jun.call(PutItem { form: item(party, "늦은 것", 1, 1) }).await,
            jun.call(RemoveItem { party, item: id }).await,
            mina.call(PutItem { form: item(party, "늦은 것", 1, 1) }).await,
        ] {
            assert_eq!(refused, Err(Conflict::Ordered.into()));
        }
        let view = read(&jun, party).await;
        assert!(!view.bill.is_open() && view.bill.sum() == 4_000);
        assert!(jun.get(&format!("/meals/{party}/bill")).await.body.contains("방장이 주문해서 더 바꿀 수 없어요."));
    }

    async fn who_leaves_takes_their_things_along_and_finds_them_again(app: TestApp) {
        let (party, mina, jun, _sol) = table(&app).await;
        put(&jun, party, "콜라", 2_000, 1).await;
        jun.call(LeaveParty { party }).await.expect("left");
        assert_eq!(read(&mina, party).await.bill.sum(), 0);
        jun.call(JoinParty { party }).await.expect("back");
        assert_eq!(read(&mina, party).await.bill.sum(), 2_000);
        mina.call(CancelParty { form: crate::features::parties::model::CancelForm { party: Some(party), reason: String::new() } }).await.expect("called off");
        assert_eq!(jun.ask(ReadBill { id: party }).await.map(drop), Err(AppError::NotFound));
    }

    async fn those_at_the_table_are_told_at_once(app: TestApp) {
        let (party, mina, jun, _sol) = table(&app).await;
        let bo = app.member("bo").await;
        let room = seen(&jun, party).await.room.expect("a seat");
        let addr = app.listen().await;
        let (mut hers, mut theirs) = (app.connect(addr, &mina).await, app.connect(addr, &bo).await);
        // Before that they hear nothing yet.
        hers.ready().await;
        theirs.ready().await;
        let id = put(&jun, party, "콜라", 2_000, 1).await;
        assert_eq!(hers.until(|down| matches!(down, Down::Billed { .. })).await, Down::Billed { room });
        jun.call(RemoveItem { party, item: id }).await.expect("gone");
        assert_eq!(hers.until(|down| matches!(down, Down::Billed { .. })).await, Down::Billed { room });
        // A stranger's line is silent: the next that they hear is the answer to their own sign of life.
        theirs.say(&crate::live::protocol::Up::Ping).await;
        assert_eq!(theirs.until(|down| matches!(down, Down::Billed { .. } | Down::Pong)).await, Down::Pong);
    }

    async fn forms_work_without_the_program(app: TestApp) {
        let (party, _mina, jun, _sol) = table(&app).await;
        let page = format!("/meals/{party}/bill");
        let (id, key) = (party.to_string(), Uuid::now_v7().to_string());
        let fields = [("form[party]", id.as_str()), ("form[key]", &key), ("form[name]", "콜라"), ("form[price]", "2,000"), ("form[count]", "2")];
        let answer = jun.post_form(&page, "/api/put_item", &fields).await;
        assert_eq!((answer.status.as_u16(), answer.location()), (303, page.as_str()));
        let shown = jun.get(&page).await.body;
        assert!(shown.contains("4,000원") && shown.contains("최소 주문 18,000원까지 14,000원 남았어요"), "{shown}");
        let edit = jun.get(&format!("{page}?edit={key}")).await.body;
        assert!(edit.contains("value=\"2,000\"") && edit.contains(&format!("value=\"{key}\"")), "{edit}");
        assert!(edit.contains("name=\"form[change]\"") && !shown.contains("name=\"form[change]\""), "{edit}");
        let changed = [&fields[..3], &[("form[price]", "1,500"), ("form[count]", "2"), ("form[change]", "true")]].concat();
        let answer = jun.post_form(&format!("{page}?edit={key}"), "/api/put_item", &changed).await;
        assert_eq!((answer.status.as_u16(), answer.location()), (303, page.as_str()), "it is done with this one");
        // Back to the form of before, for something else.
        let other = [&fields[..2], &[("form[name]", "사이다"), ("form[price]", "900"), ("form[count]", "1")]].concat();
        let answer = jun.post_form(&page, "/api/put_item", &other).await;
        assert_eq!(answer.status.as_u16(), 409);
        assert!(answer.body.contains("value=\"사이다\"") && !answer.body.contains(&format!("name=\"form[key]\" value=\"{key}\"")), "{}", answer.body);
        assert_eq!(lines(&jun, party).await[1], line("jun", &["콜라"], 3_000));
        let wrong = [("form[party]", id.as_str()), ("form[key]", &key), ("form[name]", "콜라 큰 것"), ("form[price]", "많이"), ("form[count]", "2")];
        let answer = jun.post_form(&page, "/api/put_item", &wrong).await;
        assert_eq!(answer.status.as_u16(), 422);
        assert!(answer.body.contains("값은 0원부터") && answer.body.contains("value=\"콜라 큰 것\""), "{}", answer.body);
        let answer = jun.post_form(&page, "/api/remove_item", &[("party", &id), ("item", &key)]).await;
        assert_eq!(answer.status.as_u16(), 303);
        assert!(jun.get(&page).await.body.contains("아직 적은 것이 없어요."));
        assert!(jun.get(&format!("/meals/{party}")).await.body.contains(&page), "the order leads there");
        assert!(!app.visitor().get(&format!("/meals/{party}")).await.body.contains(&page));
    }

    async fn what_one_orders_is_ones_own_to_take_along_and_is_forgotten_with_them(app: TestApp) {
        let (party, mina, jun, _sol) = table(&app).await;
        put(&jun, party, "콜라 <큰 것>", 2_000, 2).await;
        put(&mina, party, "미나의 것", 500, 1).await;
        let body = jun.get("/me/export").await.body;
        let json: serde_json::Value = serde_json::from_str(&body).expect("JSON");
        assert_eq!(json["ordered"][0]["what"], "콜라 <큰 것>");
        assert_eq!((json["ordered"].as_array().map(Vec::len), &json["ordered"][0]["price"]), (Some(1), &serde_json::json!(2_000)));
        advance(&mina, party, Stage::Ordered).await;
        let form = crate::features::accounts::model::CloseForm { current_password: crate::testing::PASSWORD.to_owned() };
        jun.call(crate::features::accounts::api::CloseAccount { form }).await.expect("closed");
        app.advance(Span::days(31));
        sweep(&app.state).await.expect("swept");
        let mut conn = app.state.db.read().await.expect("a connection");
        let sql = "select name, price from bill_items where party_id = $1 order by price";
        let left: Vec<(String, i64)> = fetch_all!(&mut conn, (String, i64), sql, party).expect("rows");
        assert_eq!(left, [("미나의 것".to_owned(), 500), (String::new(), 2_000)], "what it cost stays");
    }
}
