//! Lists: where, what, in which order, and the first page.

use super::*;
use crate::features::parties::jobs;
use crate::features::parties::store::{Filter, Scope, plans};
use crate::server::db::Db;
use crate::shared::ids::DistrictCode;
use crate::shared::paging::PageAsk;
use crate::shared::time::Timestamp;
use crate::{execute, fetch_one};

const HAPJEONG: RegionCode = RegionCode(11_440_122);
const GANGNEUNG: RegionCode = RegionCode(51_150_101);

async fn titles(reader: &Actor, query: MealQuery) -> Vec<String> {
    let list = reader.ask(ListMeals { query }).await.expect("a list");
    list.page.rows.into_iter().map(|card| card.title).collect()
}

async fn titled(host: &Actor, title: &str, change: impl FnOnce(&mut MealForm)) -> PartyId {
    open(host, |form| {
        form.title = title.to_owned();
        change(form);
    })
    .await
}

/// Asserts what the database says of how it would find each list, a deep page of it and its length: by an index, and without sorting anything.
async fn reads_each_list_from_its_own_index(db: &Db, now: Timestamp) {
    let scopes = [("region", Scope::Region(RegionCode(11_440_124))), ("district", Scope::District(DistrictCode(11_440)))];
    let families = [("", None, false), ("_category", Some("pizza"), false), ("_open", None, true), ("_open_category", Some("pizza"), true)];
    for (sort, (area, scope)) in Sort::ALL.into_iter().flat_map(|sort| scopes.map(|scope| (sort, scope))) {
        for (family, category, open) in families {
            let filter = Filter { kind: "meal", scope, category, open, now, sort };
            let name = match sort {
                Sort::Soon => "soon",
                Sort::New => "created",
                Sort::Popular => "popularity",
                Sort::Views => "views",
                Sort::Comments => "comments",
            };
            for plan in plans(db, &filter).await {
                assert!(plan.contains(&format!("parties_by_{area}{family}_{name}")), "{sort:?} {area} {family}: {plan}");
                assert!(!plan.contains("TEMP B-TREE") && !plan.contains("Sort"), "{sort:?} {area} {family}: {plan}");
            }
        }
    }
}

on_both! {
    async fn a_reader_sees_their_own_town_first(app: TestApp) {
        let (mina, jun) = (app.member("mina").await, app.member_in("jun", HAPJEONG).await);
        titled(&mina, "연남 치킨", |_| {}).await;
        titled(&jun, "합정 치킨", |_| {}).await;
        assert_eq!(titles(&mina, MealQuery::default()).await, ["연남 치킨"]);
        assert_eq!(titles(&jun, MealQuery::default()).await, ["합정 치킨"]);
        let other = MealQuery { region: Some(HAPJEONG), ..MealQuery::default() };
        assert_eq!(titles(&mina, other.clone()).await, ["합정 치킨"]);
        assert_eq!(titles(&app.visitor(), other).await, ["합정 치킨"]);
        let wide = MealQuery { area: Area::District, ..MealQuery::default() };
        assert_eq!(titles(&mina, wide.clone()).await.len(), 2);
        let far = MealQuery { region: Some(GANGNEUNG), area: Area::District, ..MealQuery::default() };
        assert!(titles(&mina, far).await.is_empty());
        let nowhere = app.visitor().ask(ListMeals { query: wide }).await.expect("a list");
        assert!(nowhere.place.is_none() && nowhere.page.rows.is_empty() && !nowhere.signed_in);
        forget_region(&app, &mina).await;
        let nowhere = mina.ask(ListMeals { query: MealQuery::default() }).await.expect("a list");
        assert!(nowhere.place.is_none() && nowhere.signed_in);
    }

    async fn a_town_is_found_by_its_name(app: TestApp) {
        let query = MealQuery { search: Some("연남".to_owned()), ..MealQuery::default() };
        let list = app.visitor().ask(ListMeals { query }).await.expect("a list");
        assert!(list.found.iter().any(|region| region.code == YEONNAM));
        let query = MealQuery { search: Some("없는동네".to_owned()), region: Some(RegionCode(1)), ..MealQuery::default() };
        let list = app.visitor().ask(ListMeals { query }).await.expect("a list");
        assert!(list.found.is_empty() && list.place.is_none());
    }

    async fn a_list_is_narrowed_down(app: TestApp) {
        let (mina, jun) = (app.member("mina").await, app.member("jun").await);
        titled(&mina, "치킨", |_| {}).await;
        titled(&mina, "피자", |form| form.category = "pizza".to_owned()).await;
        let full = titled(&mina, "둘이서 피자", |form| (form.category, form.seats) = ("pizza".to_owned(), "2".to_owned())).await;
        jun.call(JoinParty { party: full }).await.expect("a seat");
        let pizza = MealQuery { category: Some(Category::Pizza), sort: Sort::New, ..MealQuery::default() };
        assert_eq!(titles(&mina, pizza.clone()).await, ["둘이서 피자", "피자"]);
        assert_eq!(titles(&mina, MealQuery { open: true, ..pizza.clone() }).await, ["피자"]);
        let stew = MealQuery { category: Some(Category::Stew), ..MealQuery::default() };
        assert!(titles(&mina, stew).await.is_empty());
        app.advance(Span::minutes(30));
        assert!(titles(&mina, MealQuery { open: true, ..pizza }).await.is_empty(), "late ones are closed before anybody wrote it down");
    }

    async fn a_list_has_the_order_that_was_asked_for(app: TestApp) {
        let (mina, jun, sol) = (app.member("mina").await, app.member("jun").await, app.member("sol").await);
        let late = titled(&mina, "이미 마감", |form| form.due = "20".to_owned()).await;
        app.advance(Span::minutes(21));
        jobs::run_once(&app.state).await.expect("closed");
        let slow = titled(&mina, "한 시간 뒤", |form| form.due = "60".to_owned()).await;
        app.advance(Span::seconds(1));
        let soon = titled(&mina, "곧 마감", |form| form.due = "20".to_owned()).await;
        jun.call(JoinParty { party: slow }).await.expect("a seat");
        for reader in [&mina, &jun, &sol] {
            seen(reader, late).await;
        }
        seen(&jun, soon).await;
        let mut tx = app.state.db.begin().await.expect("a transaction");
        execute!(tx, "update parties set comments = 3 where id = $1", soon).expect("updated");
        tx.commit().await.expect("committed");
        let by = |sort| MealQuery { sort, ..MealQuery::default() };
        assert_eq!(titles(&sol, by(Sort::Soon)).await, ["곧 마감", "한 시간 뒤", "이미 마감"]);
        assert_eq!(titles(&sol, by(Sort::New)).await, ["곧 마감", "한 시간 뒤", "이미 마감"]);
        assert_eq!(titles(&sol, by(Sort::Popular)).await[0], "한 시간 뒤");
        assert_eq!(titles(&sol, by(Sort::Views)).await[..2], ["이미 마감", "곧 마감"]);
        assert_eq!(titles(&sol, by(Sort::Comments)).await[0], "곧 마감");
    }

    async fn what_is_over_for_long_has_ended_and_is_in_no_list(app: TestApp) {
        let (mina, jun) = (app.member("mina").await, app.member("jun").await);
        let (full, closed, other) = (
            titled(&mina, "어제의 치킨", |form| form.seats = "2".to_owned()).await,
            titled(&mina, "어제의 피자", |_| {}).await,
            titled(&mina, "어제의 족발", |_| {}).await,
        );
        jun.call(JoinParty { party: full }).await.expect("a seat");
        mina.call(CloseParty { party: closed }).await.expect("closed");
        let whole = async || titles(&jun, MealQuery { sort: Sort::New, ..MealQuery::default() }).await;
        app.advance(Span(Span::minutes(750).0 - 1));
        jobs::run_once(&app.state).await.expect("closed");
        assert_eq!(whole().await.len(), 3);
        assert!(mina.get(&format!("/meals/{full}")).await.body.contains("모집 완료"));
        app.advance(Span(1));
        // Before and after it is written down.
        for _ in 0..2 {
            for sort in Sort::ALL {
                assert!(titles(&jun, MealQuery { sort, ..MealQuery::default() }).await.is_empty(), "{sort:?}");
            }
            for id in [full, closed, other] {
                assert_eq!(seen(&jun, id).await.card.state, State::Ended);
            }
            jobs::run_once(&app.state).await.expect("written down");
        }
        let mut conn = app.state.db.read().await.expect("a connection");
        let (left,): (i64,) = fetch_one!(conn, (i64,), "select count(*) from parties where ended = 0").expect("a count");
        drop(conn);
        assert_eq!(left, 0);
        let past = jun.ask(ListMyMeals { query: MineQuery { shelf: Shelf::Past, ..MineQuery::default() } }).await.expect("a list");
        assert_eq!(past.page.rows.iter().map(|card| (card.id, card.state)).collect::<Vec<_>>(), [(full, State::Ended)]);
        for (lang, word) in [("ko", "끝남"), ("en", "Ended")] {
            jun.call(SetLanguage { lang: lang.to_owned() }).await.expect("kept");
            let page = jun.get(&format!("/meals/{full}")).await.body;
            let badge = page.split("<span class=\"badge\">").nth(1).and_then(|rest| rest.split('<').next());
            assert_eq!(badge, Some(word), "{page}");
        }
        // A host who moves the deadline has more in mind with it.
        let form = mina.ask(MealToEdit { id: other }).await.expect("a form").form;
        mina.call(EditMeal { id: other, form: MealForm { due: "30".to_owned(), ..form } }).await.expect("moved");
        assert_eq!((whole().await, seen(&jun, other).await.card.state), (vec!["어제의 족발".to_owned()], State::Open));
        app.advance(Span::minutes(31));
        assert_eq!(whole().await.len(), 1, "it has only just closed");
    }

    async fn every_list_is_read_from_its_own_index(app: TestApp) {
        reads_each_list_from_its_own_index(&app.state.db, app.now()).await;
        // Also after a start with a few orders, all in one 동, and somebody who has counted them: there may be many before the next one.
        for host in ["mina", "jun"] {
            let host = app.member(host).await;
            for n in 0..30 {
                titled(&host, &format!("모임 {n}"), |form| form.due = "60".to_owned()).await;
                app.advance(Span::seconds(1));
            }
        }
        jobs::run_once(&app.state).await.expect("put away");
        let mut counting = app.state.db.begin().await.expect("a transaction");
        execute!(&mut counting, "analyze").expect("counted");
        counting.commit().await.expect("committed");
        app.state.db.close().await;
        let again = Db::open(&app.database_url).await.expect("opened again");
        again.migrate().await.expect("nothing to do");
        reads_each_list_from_its_own_index(&again, app.now()).await;
    }

    async fn pages_have_ten_rows_and_numbers(app: TestApp) {
        let mina = app.member("mina").await;
        for n in 0..23 {
            titled(&mina, &format!("모임 {n}"), |_| {}).await;
        }
        let list = mina.ask(ListMeals { query: MealQuery { page: PageAsk { number: 3, after: None }, ..MealQuery::default() } }).await.expect("a list");
        assert_eq!((list.page.rows.len(), list.page.total, list.page.last), (3, 23, 3));
        let page = mina.get("/meals?page=2").await;
        assert_eq!(page.status, 200);
        assert!(page.body.contains("aria-current=\"page\"") && page.body.contains("/meals?page=3"), "{}", page.body);
    }

    async fn the_first_page_knows_what_is_near_and_mine(app: TestApp) {
        let (mina, jun, sol) = (app.member("mina").await, app.member("jun").await, app.member_in("sol", GANGNEUNG).await);
        let empty = app.visitor().ask(Home {}).await.expect("a page");
        assert!(empty.soon.is_empty() && empty.nickname.is_none());
        let id = titled(&mina, "연남 치킨", |_| {}).await;
        for n in 0..5 {
            titled(&mina, &format!("한 시간 {n}"), |form| form.due = "60".to_owned()).await;
        }
        jun.call(JoinParty { party: id }).await.expect("a seat");
        let first = |home: HomeView| home.soon.first().map(|card| card.title.clone());
        let visitor = app.visitor().ask(Home {}).await.expect("a page");
        assert_eq!((visitor.soon.len(), first(visitor)), (4, Some("연남 치킨".to_owned())));
        let home = jun.ask(Home {}).await.expect("a page");
        assert_eq!((home.nickname.as_deref(), home.soon.len(), home.mine.len()), (Some("jun"), 4, 1));
        assert_eq!(home.mine[0].mine, Mine::Member);
        assert!(sol.ask(Home {}).await.expect("a page").soon.is_empty(), "nothing is near");
        app.advance(Span::hours(13));
        assert!(jun.ask(Home {}).await.expect("a page").mine.is_empty(), "what is over is over");
    }

    async fn what_is_missing_near_comes_from_around(app: TestApp) {
        let (mina, jun, sol) = (app.member("mina").await, app.member_in("jun", HAPJEONG).await, app.member_in("sol", GANGNEUNG).await);
        titled(&sol, "강릉", |form| form.due = "20".to_owned()).await;
        for due in ["20", "30", "60"] {
            titled(&jun, &format!("합정 {due}"), |form| form.due = due.to_owned()).await;
        }
        let soon = async |reader: &Actor| -> Vec<String> {
            reader.ask(Home {}).await.expect("a page").soon.into_iter().map(|card| card.title).collect()
        };
        assert_eq!(soon(&mina).await, ["합정 20", "합정 30", "합정 60"]);
        assert!(mina.get("/").await.body.contains("연남동 가까이에 곧 마감되는 자리가 있어요."));
        titled(&mina, "연남 30", |_| {}).await;
        titled(&mina, "연남 60", |form| form.due = "60".to_owned()).await;
        assert_eq!(soon(&mina).await, ["합정 20", "합정 30", "연남 30", "연남 60"], "their own come first, and all in one order");
        assert!(mina.get("/").await.body.contains("연남동에 곧 마감되는 자리가 있어요."));
        for n in 0..3 {
            titled(&mina, &format!("연남 {n}"), |form| form.due = "60".to_owned()).await;
        }
        assert!(soon(&mina).await.iter().all(|title| title.starts_with("연남")), "enough of their own");
        app.advance(Span::minutes(21));
        assert_eq!(soon(&jun).await, ["합정 30", "연남 30", "합정 60", "연남 60"]);
    }

    async fn my_own_begin_with_what_closes_next(app: TestApp) {
        let (mina, jun) = (app.member("mina").await, app.member("jun").await);
        titled(&mina, "한 시간 뒤", |form| form.due = "60".to_owned()).await;
        let full = titled(&mina, "이미 가득", |form| (form.due, form.seats) = ("30".to_owned(), "2".to_owned())).await;
        jun.call(JoinParty { party: full }).await.expect("a seat");
        titled(&mina, "곧 마감", |form| form.due = "20".to_owned()).await;
        let own = async || -> Vec<String> { mina.ask(Home {}).await.expect("a page").mine.into_iter().map(|card| card.title).collect() };
        assert_eq!(own().await, ["곧 마감", "한 시간 뒤", "이미 가득"]);
        app.advance(Span::minutes(21));
        assert_eq!(own().await, ["한 시간 뒤", "이미 가득", "곧 마감"], "late ones are closed before anybody wrote it down");
    }
}
