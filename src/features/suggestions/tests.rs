//! Suggestions, through the router: the five of a day, how often others may be asked for, and the model.

mod model;

use super::api::*;
use super::model::*;
use super::scorer::{Falls, Reason, Weather};
use super::{menus, scorer, store};
use crate::app::work::sweep;
use crate::features::accounts::api::CloseAccount;
use crate::features::accounts::model::CloseForm;
use crate::features::meals::api::EditMeal;
use crate::features::meals::model::{Category, MealForm};
use crate::features::parties::api::{HandOverParty, JoinParty};
use crate::features::parties::tests::{open, order};
use crate::features::weather::api::ReadWeather;
use crate::features::weather::model::Report;
use crate::features::weather::tests::peer::{OPEN_METEO, Peer, Play};
use crate::shared::error::AppError;
use crate::shared::time::Span;
use crate::testing::{Actor, PASSWORD, TestApp, YEONNAM};
use crate::{fetch_all, on_both};
use leptos::server_fn::ServerFn;

const PAGE: &str = "/meals/suggestions";

async fn look(actor: &Actor) -> SuggestionView {
    actor.ask(SuggestMenus {}).await.expect("suggestions")
}

fn names(view: &SuggestionView) -> Vec<String> {
    view.menus.iter().map(|menu| menu.name.clone()).collect()
}

async fn rows(app: &TestApp, sql: &'static str) -> i64 {
    let rows: Vec<(i64,)> = fetch_all!(app.state.db.read().await.expect("a connection"), (i64,), sql).expect("rows");
    rows[0].0
}

on_both! {
    async fn five_menus_are_there_for_members_and_stay_for_the_day(app: TestApp) {
        assert_eq!(app.visitor().ask(SuggestMenus {}).await, Err(AppError::SignInRequired));
        let mina = app.member("mina").await;
        let view = look(&mina).await;
        assert_eq!((view.menus.len(), view.left, &view.talk), (5, A_DAY, &None));
        assert!(view.menus.iter().all(|menu| !menu.reason.is_empty() && menu.category.is_some()), "{view:?}");
        app.advance(Span::minutes(20));
        assert_eq!(names(&look(&mina).await), names(&view), "looking is no question");
        assert_eq!(look(&mina).await.left, A_DAY);
        app.advance(Span::days(1));
        assert_ne!(names(&look(&mina).await), names(&view));
    }

    async fn others_may_be_asked_for_ten_times_a_day(app: TestApp) {
        let (mina, jun) = (app.member("mina").await, app.member("jun").await);
        let mut seen = vec![names(&look(&mina).await)];
        for asked in 1..=A_DAY {
            mina.call(MoreMenus {}).await.expect("others");
            let view = look(&mina).await;
            assert_eq!(view.left, A_DAY - asked);
            assert_ne!(Some(&names(&view)), seen.last());
            seen.push(names(&view));
        }
        let refused = mina.call_raw(MoreMenus {}).await;
        assert_eq!(refused.status, 429);
        // Twelve hours to midnight.
        assert_eq!(refused.headers["retry-after"], "43200");
        assert!(refused.body.contains("suggestions.spent"), "{}", refused.body);
        assert_eq!(names(&look(&mina).await), *seen.last().expect("eleven"));
        assert_eq!(look(&jun).await.left, A_DAY, "each has their own");
        app.advance(Span::hours(12));
        assert_eq!(look(&mina).await.left, A_DAY);
        mina.call(MoreMenus {}).await.expect("another day");
    }

    async fn others_are_none_that_were_shown_and_a_reload_shows_the_same_whatever_the_weather_does(app: TestApp) {
        let peer = Peer::start(Play::Says(OPEN_METEO.replace("\"weather_code\": 61", "\"weather_code\": 0"))).await;
        let app = app.told_the_weather_by(peer.as_open_meteo());
        let mina = app.member("mina").await;
        let mut seen = names(&look(&mina).await);
        let sky = async || mina.ask(ReadWeather { region: None }).await.expect("a report");
        let mut skies = vec![sky().await];
        for weather in [OPEN_METEO.to_owned(), OPEN_METEO.replace("17.4", "-9.0"), OPEN_METEO.replace("17.4", "33.0")] {
            mina.call(MoreMenus {}).await.expect("others");
            let view = look(&mina).await;
            assert!(names(&view).iter().all(|name| !seen.contains(name)), "{view:?} after {seen:?}");
            seen.extend(names(&view));
            peer.play(Play::Says(weather));
            app.advance(Span::minutes(31));
            assert_eq!(names(&look(&mina).await), names(&view));
            let now = sky().await;
            assert!(matches!(now, Report::Fresh(_)) && !skies.contains(&now), "{now:?} after {skies:?}");
            skies.push(now);
            let headline = mina.ask(TodaysMenu {}).await.expect("an answer").expect("a menu");
            assert!(headline.title.contains(&view.menus[0].name), "{headline:?}");
        }
        // What is for lunch is nothing for the afternoon.
        app.advance(Span::minutes(31));
        let view = look(&mina).await;
        assert!(names(&view).iter().all(|name| !seen.contains(name)), "{view:?} after {seen:?}");
        assert_eq!(view.left, A_DAY - 3);
    }

    async fn of_fifty_at_once_ten_are_answered(app: TestApp) {
        let mina = app.member("mina").await;
        let asked: Vec<_> = (0..50).map(|_| { let mina = mina.clone(); tokio::spawn(async move { mina.call(MoreMenus {}).await }) }).collect();
        let (mut done, mut spent) = (0, 0);
        for asked in asked {
            match asked.await.expect("no panic") {
                Ok(()) => done += 1,
                Err(AppError::Spent { .. }) => spent += 1,
                Err(other) => panic!("{other:?}"),
            }
        }
        assert_eq!((done, spent, look(&mina).await.left), (10, 40, 0));
    }

    async fn it_works_without_a_program(app: TestApp) {
        let mina = app.member("mina").await;
        let page = mina.get(PAGE).await;
        assert_eq!(page.status, 200);
        assert_eq!(page.body.matches("href=\"/meals/new?menu=").count(), 5, "{}", page.body);
        assert!(!page.body.contains("form[text]"), "there is no model");
        assert!(page.body.contains("시간과 계절, 내 입맛") && !page.body.contains("날씨와"), "there is no weather");
        let first = look(&mina).await.menus.remove(0);
        let form = mina.get(&first.href).await.body;
        assert!(form.contains(&format!("value=\"{} 같이 시켜요\"", first.name)), "{}", first.name);
        for _ in 0..A_DAY {
            let answer = mina.post_form(PAGE, MoreMenus::PATH, &[]).await;
            assert_eq!((answer.status.as_u16(), answer.location()), (303, PAGE));
        }
        let refused = mina.post_form(PAGE, MoreMenus::PATH, &[]).await;
        assert_eq!(refused.status, 429);
        assert!(refused.body.contains("하루에 10번만 질문할 수 있습니다"), "{}", refused.body);
        let visitor = app.visitor().get(PAGE).await;
        assert_eq!(visitor.status, 401);
    }

    async fn a_foreign_page_fills_nothing_else_in(app: TestApp) {
        let mina = app.member("mina").await;
        let form = mina.get("/meals/new?menu=%3Cb%3E%22x&category=chicken&title=x&shop=evil").await.body;
        assert!(form.contains("value=\"&lt;b&gt;&quot;x 같이 시켜요\"") && !form.contains("evil"), "escaped, and nothing else");
        let long = "%EA%B0%80".repeat(41);
        let form = mina.get(&format!("/meals/new?menu={long}&category=nothing")).await.body;
        assert!(!form.contains("같이 시켜요\""), "too long");
    }

    async fn what_is_open_and_what_was_liked_speaks_for_a_menu(app: TestApp) {
        let (mina, jun, sol) = (app.member("mina").await, app.member("jun").await, app.member_in("sol", crate::shared::ids::RegionCode(11_440_120)).await);
        for n in 0..3 {
            let form = MealForm { category: "pizza".to_owned(), title: format!("피자 {n}"), ..order() };
            let party = open(&jun, form).await;
            mina.call(JoinParty { party }).await.expect("a seat");
        }
        app.advance(Span::hours(3));
        open(&jun, MealForm { category: "bunsik".to_owned(), title: "떡 볶이 먹을 사람".to_owned(), ..order() }).await;
        open(&mina, MealForm { category: "cafe".to_owned(), title: "와플".to_owned(), ..order() }).await;
        open(&sol, MealForm { category: "korean".to_owned(), ..order() }).await;
        let now = app.now();
        let mut conn = app.state.db.read().await.expect("a connection");
        let facts = store::facts(&mut conn, mina.id(), Some(YEONNAM), None, now).await.expect("facts");
        assert_eq!((facts.hour, facts.month, facts.weather), (15, 5, None));
        assert_eq!(facts.past, [(Category::Pizza, 3), (Category::Cafe, 1)]);
        let near: Vec<_> = facts.near.iter().map(|near| (near.category, near.words.as_str())).collect();
        assert_eq!(near, [(Category::Bunsik, "떡 볶이 먹을 사람 온동네치킨")], "not what is closed, elsewhere or their own");
        // The same with the weather in it.
        let weather = Weather { temperature: Some(18.0), falls: Some(Falls::Rain), wind: None };
        let wet = store::facts(&mut conn, mina.id(), Some(YEONNAM), Some(weather), now).await.expect("facts");
        assert_eq!(wet.weather, Some(weather));
        assert!(scorer::five(menus::all(), &wet, 1, &[]).iter().any(|pick| pick.reason == Reason::Rain));
        assert_eq!(store::facts(&mut conn, mina.id(), None, None, now).await.expect("facts").near, []);
        let mut picks: Vec<scorer::Pick<'_>> = Vec::new();
        for _ in 0..6 {
            let shown: Vec<String> = picks.iter().map(|pick| pick.menu.key.clone()).collect();
            picks.extend(scorer::five(menus::all(), &facts, 1, &shown));
        }
        let tteokbokki = picks.iter().find(|pick| pick.menu.key == "tteokbokki").expect("what is open near them");
        assert_eq!(tteokbokki.reason.text(), "근처에 이 메뉴로 열린 모임이 1개 있어요.");
        let pizza = picks.iter().find(|pick| pick.menu.category == Category::Pizza).expect("what they like");
        assert_eq!(pizza.reason.text(), "최근 앉은 모임 4개 가운데 3개가 피자 모임이에요.");
    }

    async fn what_somebody_wrote_who_is_gone_speaks_for_no_menu(app: TestApp) {
        let (mina, jun, heron) = (app.member("mina").await, app.member("jun").await, app.member("heron").await);
        let form = MealForm { category: "bunsik".to_owned(), title: "떡볶이 먹을 사람".to_owned(), shop: "왜가리분식".to_owned(), ..order() };
        let party = open(&heron, form).await;
        jun.call(JoinParty { party }).await.expect("a seat");
        heron.call(HandOverParty { party, person: jun.id() }).await.expect("handed over");
        let near = async || {
            let mut conn = app.state.db.read().await.expect("a connection");
            let facts = store::facts(&mut conn, mina.id(), Some(YEONNAM), None, app.now()).await.expect("facts");
            facts.near.into_iter().map(|near| (near.category, near.words)).collect::<Vec<_>>()
        };
        assert_eq!(near().await, [(Category::Bunsik, "떡볶이 먹을 사람 왜가리분식".to_owned())]);
        heron.call(CloseAccount { form: CloseForm { current_password: PASSWORD.to_owned() } }).await.expect("closed");
        assert_eq!(near().await, [(Category::Bunsik, String::new())], "its kind is for everybody to see, its words are not");
        // Who leads it now writes it anew.
        let form = MealForm { title: "준이네 순대".to_owned(), category: "bunsik".to_owned(), due: "keep".to_owned(), ..order() };
        jun.call(EditMeal { id: party, form }).await.expect("changed");
        assert_eq!(near().await, [(Category::Bunsik, "준이네 순대 온동네치킨".to_owned())]);
    }

    async fn the_first_page_says_what_fits_most_and_why(app: TestApp) {
        assert_eq!(app.visitor().ask(TodaysMenu {}).await, Ok(None));
        let peer = Peer::start(Play::Says(OPEN_METEO.to_owned())).await;
        let app = app.told_the_weather_by(peer.as_open_meteo());
        let (mina, visitor) = (app.member("mina").await, app.visitor());
        // It rains: what is for rain comes first, once the weather is known.
        let dry = mina.ask(TodaysMenu {}).await.expect("an answer").expect("a menu");
        assert!(!dry.title.contains("비 오는"), "nobody knows yet: {dry:?}");
        assert_eq!((dry.has_weather, dry.weather_of), (false, None));
        mina.ask(ReadWeather { region: None }).await.expect("a report");
        let wet = mina.ask(TodaysMenu {}).await.expect("an answer").expect("a menu");
        assert_eq!((wet.has_weather, wet.weather_of), (true, Some(app.now())));
        let first = look(&mina).await.menus.remove(0);
        assert_eq!((wet.title.as_str(), wet.reason.as_str()), (format!("비 오는 점심엔 {}", first.name).as_str(), "비 오는 날에 잘 어울려요."));
        assert_eq!(first.reason, wet.reason);
        assert!(mina.get(PAGE).await.body.contains("날씨와 시간, 계절, 내 입맛"), "it was looked at");
        let page = mina.get("/").await.body.replace("<!>", "");
        assert!(page.contains(&format!("mina 님,<br>{}</h1>", wet.title)) && page.contains(&wet.reason), "{page}");
        assert!(page.contains("href=\"/meals/suggestions\""));
        let page = visitor.get("/").await.body;
        assert!(!page.contains("/meals/suggestions") && !page.contains(&first.name));
        // What it was some time ago is no reason now.
        peer.play(Play::Status(axum::http::StatusCode::BAD_GATEWAY));
        app.advance(Span::minutes(65));
        mina.ask(ReadWeather { region: None }).await.expect("a report");
        assert!(!mina.ask(TodaysMenu {}).await.expect("an answer").expect("a menu").title.contains("비 오는"));
    }

    async fn what_was_chosen_without_the_weather_says_so_also_when_it_is_known(app: TestApp) {
        let peer = Peer::start(Play::Status(axum::http::StatusCode::BAD_GATEWAY)).await;
        let app = app.told_the_weather_by(peer.as_open_meteo());
        let mina = app.member("mina").await;
        let view = look(&mina).await;
        assert!(!view.has_weather);
        peer.play(Play::Says(OPEN_METEO.to_owned()));
        app.advance(Span::minutes(1));
        mina.ask(ReadWeather { region: None }).await.expect("a report");
        let headline = async || mina.ask(TodaysMenu {}).await.expect("an answer").expect("a menu");
        let (later, first) = (look(&mina).await, headline().await);
        assert_eq!((names(&later), later.has_weather), (names(&view), false), "these were chosen without it");
        // What speaks for them is told with it, so there is no more to ask for.
        assert_eq!((first.has_weather, first.weather_of), (false, Some(app.now())));
        assert!(first.title.contains(&view.menus[0].name), "{first:?}");
        mina.call(MoreMenus {}).await.expect("others");
        let others = look(&mina).await;
        assert!(others.has_weather);
        // And those with it, when it is not known any more.
        let known = app.now();
        peer.play(Play::Status(axum::http::StatusCode::BAD_GATEWAY));
        app.advance(Span::minutes(35));
        assert_eq!(headline().await.weather_of, Some(known), "it is still so");
        app.advance(Span::minutes(40));
        let last = look(&mina).await;
        assert_eq!((names(&last), last.has_weather), (names(&others), true));
        let first = headline().await;
        assert_eq!((first.has_weather, first.weather_of), (true, None));
    }

    async fn days_that_are_past_are_forgotten(app: TestApp) {
        let mina = app.member("mina").await;
        mina.call(MoreMenus {}).await.expect("others");
        app.advance(Span::days(1));
        sweep(&app.state).await.expect("swept");
        assert_eq!(rows(&app, "select count(*) from suggestion_days").await, 1, "yesterday may still be given back");
        app.advance(Span::days(1));
        sweep(&app.state).await.expect("swept");
        assert_eq!(rows(&app, "select count(*) from suggestion_days").await, 0);
    }
}
