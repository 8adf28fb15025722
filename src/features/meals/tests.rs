//! Shared orders, through the router: opening, changing, lists, pages.

mod lists;
mod pages;

use super::api::*;
use super::model::*;
use crate::features::accounts::api::SetLanguage;
use crate::features::chat::api::ChatRoom;
use crate::features::chat::model::{Content, NoticeCode, Opened};
use crate::features::images::tests::put_in;
use crate::features::parties::api::*;
use crate::features::parties::model::*;
use crate::shared::error::{AppError, Conflict};
use crate::shared::ids::{PartyId, RegionCode};
use crate::shared::images::Pictures;
use crate::shared::paging::PageAsk;
use crate::shared::time::Span;
use crate::testing::{Actor, TestApp, YEONNAM};
use crate::{execute, on_both};
use uuid::Uuid;

fn order() -> MealForm {
    MealForm {
        key: Uuid::now_v7().to_string(),
        title: "반반 치킨 같이 시켜요".to_owned(),
        category: "chicken".to_owned(),
        shop: "온동네치킨 연남점".to_owned(),
        fee: "3,500".to_owned(),
        minimum: "18,000".to_owned(),
        due: "30".to_owned(),
        seats: "4".to_owned(),
        outside: "0".to_owned(),
        pickup: "경의선숲길 3번 벤치".to_owned(),
        body: "간장 반, **양념 반**\n\n<script>alert(1)</script>".to_owned(),
        joining: "direct".to_owned(),
        ..MealForm::default()
    }
}

async fn open(host: &Actor, change: impl FnOnce(&mut MealForm)) -> PartyId {
    let mut form = order();
    change(&mut form);
    let id = form.key.parse().expect("an id");
    host.call(OpenMeal { form }).await.expect("opened");
    id
}

async fn seen(viewer: &Actor, id: PartyId) -> MealDetail {
    match viewer.ask(ReadMeal { id, banned: PageAsk::default() }).await.expect("an order") {
        MealView::Live(detail) => *detail,
        MealView::Cancelled(_) => panic!("it was cancelled"),
    }
}

/// The fields of a form as a browser sends them.
fn fields(form: &MealForm) -> Vec<(&'static str, String)> {
    vec![
        ("form[key]", form.key.clone()),
        ("form[title]", form.title.clone()),
        ("form[category]", form.category.clone()),
        ("form[shop]", form.shop.clone()),
        ("form[link]", form.link.clone()),
        ("form[fee]", form.fee.clone()),
        ("form[minimum]", form.minimum.clone()),
        ("form[due]", form.due.clone()),
        ("form[due_at]", form.due_at.clone()),
        ("form[seats]", form.seats.clone()),
        ("form[outside]", form.outside.clone()),
        ("form[pickup]", form.pickup.clone()),
        ("form[body]", form.body.clone()),
        ("form[joining]", form.joining.clone()),
    ]
}

async fn send(actor: &Actor, page: &str, path: &str, fields: &[(&'static str, String)]) -> crate::testing::Answer {
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    actor.post_form(page, path, &fields).await
}

async fn forget_region(app: &TestApp, actor: &Actor) {
    let mut tx = app.state.db.begin().await.expect("a transaction");
    execute!(tx, "update users set region = null where id = $1", actor.id()).expect("updated");
    tx.commit().await.expect("committed");
}

on_both! {
    async fn an_order_is_what_was_typed(app: TestApp) {
        let mina = app.member("mina").await;
        let id = open(&mina, |form| (form.link, form.outside) = ("https://shop.example/연남".to_owned(), "1".to_owned())).await;
        let meal = seen(&mina, id).await;
        let card = &meal.card;
        assert_eq!((card.title.as_str(), card.category, card.shop.as_str()), ("반반 치킨 같이 시켜요", Category::Chicken, "온동네치킨 연남점"));
        assert_eq!((card.fee, meal.minimum, card.seats, card.taken, meal.outside), (3_500, 18_000, 4, 2, 1));
        assert_eq!((card.deadline, card.state, card.mine), (app.now() + Span::minutes(30), State::Open, Mine::Host));
        assert_eq!((meal.me, seen(&app.visitor(), id).await.me), (Some(mina.id()), None));
        assert_eq!(meal.link.as_deref(), Some("https://shop.example/연남"));
        assert_eq!(meal.region.expect("a region").code, YEONNAM);
        assert!(meal.body.contains("<strong>양념 반</strong>") && !meal.body.contains("<script"), "{}", meal.body);
    }

    async fn the_region_is_the_hosts_and_stays(app: TestApp) {
        let mina = app.member("mina").await;
        let id = open(&mina, |_| {}).await;
        forget_region(&app, &mina).await;
        assert_eq!(seen(&mina, id).await.region.expect("a region").code, YEONNAM);
        let refused = mina.call(OpenMeal { form: order() }).await.expect_err("nowhere to open it");
        assert_eq!(refused.fields().0[0].field, "region");
        assert_eq!(mina.ask(BlankMeal {}).await.expect("a form").region, None);
    }

    async fn what_is_wrong_is_refused_beside_its_field(app: TestApp) {
        let mina = app.member("mina").await;
        let form = MealForm { fee: "-1".to_owned(), seats: "11".to_owned(), title: "   ".to_owned(), link: "javascript:alert(1)".to_owned(), ..order() };
        let refused = mina.call(OpenMeal { form: form.clone() }).await.expect_err("wrong");
        let wrong: Vec<_> = refused.fields().0.iter().map(|error| error.field.clone().into_owned()).collect();
        assert_eq!((refused.status(), wrong), (422, ["title", "link", "fee", "seats"].map(str::to_owned).to_vec()));
        let id = open(&mina, |_| {}).await;
        assert_eq!(mina.call(EditMeal { id, form }).await.expect_err("wrong").fields().0.len(), 4);
        assert_eq!(app.visitor().call(OpenMeal { form: order() }).await, Err(AppError::SignInRequired));
        assert_eq!(app.visitor().ask(BlankMeal {}).await.map(drop), Err(AppError::SignInRequired));
    }

    async fn a_form_sent_again_leads_to_the_same_order(app: TestApp) {
        let (mina, jun) = (app.member("mina").await, app.member("jun").await);
        let form = order();
        for _ in 0..2 {
            assert_eq!(mina.call(OpenMeal { form: form.clone() }).await, Ok(()));
        }
        assert_eq!(jun.call(OpenMeal { form: form.clone() }).await, Err(Conflict::Stale.into()), "somebody else's order is not theirs");
        let list = mina.ask(ListMeals { query: MealQuery::default() }).await.expect("a list");
        assert_eq!(list.page.total, 1);
    }

    async fn nobody_opens_more_than_a_person_could_want(app: TestApp) {
        let mina = app.member("mina").await;
        for _ in 0..30 {
            open(&mina, |_| {}).await;
        }
        assert!(matches!(mina.call(OpenMeal { form: order() }).await, Err(AppError::SlowDown { .. })));
        app.advance(Span::hours(1));
        open(&mina, |_| {}).await;
    }

    async fn the_form_that_changes_it_holds_what_it_is(app: TestApp) {
        let mina = app.member("mina").await;
        let id = open(&mina, |_| {}).await;
        let draft = mina.ask(MealToEdit { id }).await.expect("the host's");
        assert_eq!((draft.form.fee.as_str(), draft.form.due.as_str(), draft.form.body.contains("**양념 반**")), ("3,500", DUE_KEEP, true));
        mina.call(EditMeal { id, form: draft.form }).await.expect("the same again");
        assert_eq!(seen(&mina, id).await.card.deadline, app.now() + Span::minutes(30));
        assert_eq!(mina.ask(MealToEdit { id: PartyId(Uuid::now_v7()) }).await.map(drop), Err(AppError::NotFound));
    }

    async fn whatever_is_changed_has_a_name_in_the_room(app: TestApp) {
        let mina = app.member("mina").await;
        let id = open(&mina, |_| {}).await;
        let room = seen(&mina, id).await.room.expect("a room");
        // Without a rest: a field that is new has to be changed here, too.
        let form = MealForm {
            key: String::new(),
            title: "매운 떡볶이 같이 시켜요".to_owned(),
            category: "korean".to_owned(),
            shop: "매운집".to_owned(),
            link: "https://shop.example/".to_owned(),
            fee: "3000".to_owned(),
            minimum: "15000".to_owned(),
            due: "60".to_owned(),
            due_at: String::new(),
            seats: "5".to_owned(),
            outside: "1".to_owned(),
            pickup: "홍대입구역 3번 출구".to_owned(),
            body: "순한 맛도 있어요".to_owned(),
            joining: "approval".to_owned(),
            pictures: [put_in(&mina).await].into_iter().collect(),
            before: Pictures::default(),
        };
        mina.call(EditMeal { id, form }).await.expect("changed");
        let Opened::Room(view) = mina.ask(ChatRoom { room, before: None }).await.expect("a room") else { panic!("it is there") };
        let edited = view.history.messages.iter().find_map(|message| match &message.content {
            Content::Notice { notice: NoticeCode::Edited, subject, .. } => Some(subject.split(',').count()),
            _ => None,
        });
        assert_eq!(edited, Some(13), "all of it");
        for (lang, sentence) in [("ko", "모임 내용이 바뀌었습니다: "), ("en", "The group was changed: ")] {
            mina.call(SetLanguage { lang: lang.to_owned() }).await.expect("kept");
            let page = mina.get(&format!("/chat/{room}")).await.body;
            let names: Vec<_> = page.split(sentence).nth(1).and_then(|rest| rest.split('<').next()).expect("a notice").split(", ").collect();
            assert_eq!(names.len(), 13, "{names:?}");
        }
    }

    async fn strangers_see_no_room_and_no_desk(app: TestApp) {
        let (mina, jun) = (app.member("mina").await, app.member_in("jun", RegionCode(11_440_122)).await);
        let id = open(&mina, |_| {}).await;
        for viewer in [&app.visitor(), &jun] {
            let meal = seen(viewer, id).await;
            assert!(meal.room.is_none() && meal.circle.desk.is_none());
        }
        assert!(seen(&jun, id).await.elsewhere.is_some(), "the reader lives elsewhere");
        assert!(seen(&mina, id).await.elsewhere.is_none());
        assert_eq!(jun.call(JoinParty { party: id }).await, Ok(()), "which is allowed");
        assert_eq!(app.visitor().ask(ReadMeal { id: PartyId(Uuid::now_v7()), banned: PageAsk::default() }).await.map(drop), Err(AppError::NotFound));
    }
}
