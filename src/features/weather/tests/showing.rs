//! The weather through the router: whoever asks, and the first page.

use super::peer::{OPEN_METEO, Peer, Play};
use crate::features::accounts::api::SetRegion;
use crate::features::accounts::model::RegionForm;
use crate::features::meals::api::Home;
use crate::features::regions::atlas;
use crate::features::suggestions::api::{SuggestMenus, TodaysMenu};
use crate::features::weather::api::ReadWeather;
use crate::features::weather::forecasts::{ASKING_BY_ADDRESS, FETCHING, FETCHING_BY_ADDRESS};
use crate::features::weather::model::Report;
use crate::on_both;
use crate::shared::error::AppError;
use crate::shared::ids::RegionCode;
use crate::shared::time::Span;
use crate::testing::{Actor, TestApp, YEONNAM};
use axum::http::StatusCode;
use std::sync::Arc;
use tokio::sync::Notify;

async fn told(app: TestApp, play: Play) -> (TestApp, Peer) {
    let peer = Peer::start(play).await;
    (app.told_the_weather_by(peer.as_open_meteo()), peer)
}

fn here() -> ReadWeather {
    ReadWeather { region: None }
}

on_both! {
    async fn everybody_may_ask_for_a_region_and_members_for_their_own(app: TestApp) {
        let (app, peer) = told(app, Play::Says(OPEN_METEO.to_owned())).await;
        let (visitor, mina) = (app.visitor(), app.member("mina").await);
        let there = visitor.ask(ReadWeather { region: Some(YEONNAM) }).await.expect("a report");
        assert!(matches!(there, Report::Fresh(_)));
        assert_eq!(mina.ask(here()).await, Ok(there), "their own");
        assert_eq!(peer.times(), 1);
        assert_eq!(visitor.ask(here()).await, Err(AppError::BadRequest));
        assert_eq!(visitor.ask(ReadWeather { region: Some(RegionCode(99_999_999)) }).await, Err(AppError::NotFound));
    }

    async fn who_asks_too_often_is_slowed_down(app: TestApp) {
        let (app, peer) = told(app, Play::Says(OPEN_METEO.to_owned())).await;
        let visitor = app.visitor();
        for _ in 0..ASKING_BY_ADDRESS.attempts {
            visitor.ask(ReadWeather { region: Some(YEONNAM) }).await.expect("a report");
        }
        let refused = visitor.ask(ReadWeather { region: Some(YEONNAM) }).await;
        assert!(matches!(refused, Err(AppError::SlowDown { .. })), "{refused:?}");
        assert_eq!(peer.times(), 1);
        app.member("mina").await.ask(here()).await.expect("counted by themselves");
    }

    async fn visitors_of_one_address_make_nobody_ask_for_more_than_some_regions_a_day(app: TestApp) {
        let (app, peer) = told(app, Play::Says(OPEN_METEO.to_owned())).await;
        let (visitor, mina) = (app.visitor(), app.member("mina").await);
        let most = FETCHING_BY_ADDRESS.attempts as usize;
        let regions: Vec<RegionCode> = atlas::search("동", FETCHING.attempts as usize + 2).into_iter().map(|region| region.code).collect();
        let ask = |actor: &Actor, region: RegionCode| { let actor = actor.clone(); async move { actor.ask(ReadWeather { region: Some(region) }).await } };
        for region in &regions[..most] {
            assert!(matches!(ask(&visitor, *region).await, Ok(Report::Fresh(_))));
        }
        assert_eq!(ask(&visitor, regions[most]).await, Ok(Report::Unavailable));
        assert_eq!(peer.times(), most, "nobody was asked");
        // What is known is told all the same, also what others have asked for.
        assert!(matches!(ask(&visitor, regions[0]).await, Ok(Report::Fresh(_))));
        assert!(matches!(ask(&mina, regions[most]).await, Ok(Report::Fresh(_))), "a member asks for themselves");
        assert!(matches!(ask(&visitor, regions[most]).await, Ok(Report::Fresh(_))));
        app.advance(Span::minutes(30));
        assert!(matches!(ask(&visitor, regions[0]).await, Ok(Report::Stale { .. })));
        // Members may more, and not everything.
        for region in &regions[1..FETCHING.attempts as usize] {
            app.advance(Span::minutes(1));
            assert!(matches!(ask(&mina, *region).await, Ok(Report::Fresh(_))));
        }
        let asked = peer.times();
        assert_eq!(ask(&mina, regions[FETCHING.attempts as usize]).await, Ok(Report::Unavailable));
        assert_eq!(peer.times(), asked);
        app.advance(Span::days(1));
        assert!(matches!(ask(&visitor, regions[0]).await, Ok(Report::Fresh(_))));
    }

    async fn who_moves_from_place_to_place_makes_nobody_ask_for_more_than_some_a_day(app: TestApp) {
        let (app, peer) = told(app, Play::Says(OPEN_METEO.to_owned())).await;
        let mina = app.member("mina").await;
        let regions: Vec<RegionCode> = atlas::search("동", 4).into_iter().map(|region| region.code).collect();
        // All but three of them.
        for _ in 3..FETCHING.attempts {
            app.state.limiter.attempt(FETCHING, &mina.id().to_string(), app.now()).expect("not yet");
        }
        for (had, region) in regions.iter().enumerate() {
            let form = RegionForm { region: region.0.to_string(), ..RegionForm::default() };
            mina.call(SetRegion { form }).await.expect("moved");
            // Each of these asks for what is not known, and the last one waits for it.
            match had % 2 {
                0 => drop(mina.ask(Home {}).await.expect("a page")),
                _ => drop(mina.ask(TodaysMenu {}).await.expect("a menu")),
            }
            mina.ask(SuggestMenus {}).await.expect("menus");
            let known = mina.ask(Home {}).await.expect("a page").weather.expect("weather");
            assert_eq!((matches!(known, Report::Fresh(_)), known == Report::Unavailable, peer.times()), (had < 3, had >= 3, (had + 1).min(3)));
        }
        assert_eq!(mina.ask(here()).await, Ok(Report::Unavailable));
        assert!(mina.ask(ReadWeather { region: Some(regions[0]) }).await.is_ok_and(|report| matches!(report, Report::Fresh(_))));
        assert_eq!(peer.times(), 3);
    }

    async fn the_first_page_does_not_wait_for_the_weather(app: TestApp) {
        let may = Arc::new(Notify::new());
        let (app, peer) = told(app, Play::Waits(OPEN_METEO.to_owned(), may.clone())).await;
        let mina = app.member("mina").await;
        let page = mina.get("/").await;
        assert!(page.body.contains("연남동 · 날씨를 가져오고 있어요"), "{}", page.body);
        may.notify_one();
        assert!(matches!(mina.ask(here()).await, Ok(Report::Fresh(_))));
        assert_eq!(peer.times(), 1, "the page has begun the request");
        let page = mina.get("/").await;
        for part in ["연남동 17° · 비", "17.4℃", "2.3m/s", "흐림", "1.2mm", "86%", "https://open-meteo.com/"] {
            assert!(page.body.contains(part), "{part}: {}", page.body);
        }
        assert!(!page.body.contains("12:00 기준"));
    }

    async fn what_is_old_says_so_and_what_cannot_be_had_too(app: TestApp) {
        let (app, peer) = told(app, Play::Says(OPEN_METEO.to_owned())).await;
        let mina = app.member("mina").await;
        mina.ask(here()).await.expect("a report");
        peer.play(Play::Status(StatusCode::INTERNAL_SERVER_ERROR));
        app.advance(Span::minutes(35));
        assert!(matches!(mina.ask(here()).await, Ok(Report::Stale { .. })));
        let page = mina.get("/").await;
        assert!(page.body.contains("연남동 17° · 비") && page.body.contains("12:00 기준"), "{}", page.body);
        app.advance(Span::hours(3));
        assert_eq!(mina.ask(here()).await, Ok(Report::Unavailable));
        let page = mina.get("/").await;
        assert_eq!(page.status, 200);
        assert!(page.body.contains("연남동 · 지금은 날씨를 알 수 없어요"), "{}", page.body);
    }

    async fn without_a_provider_there_is_no_word_of_the_weather(app: TestApp) {
        let mina = app.member("mina").await;
        assert_eq!(mina.ask(Home {}).await.expect("a page").weather, None);
        assert_eq!(mina.ask(here()).await, Ok(Report::Unavailable));
        let page = mina.get("/").await;
        assert!(page.body.contains("화요일 · 연남동<"), "{}", page.body);
        assert!(!page.body.contains("class=\"weather\""));
    }

    async fn figures_count_what_came_of_requests(app: TestApp) {
        let (app, peer) = told(app, Play::Says(OPEN_METEO.to_owned())).await;
        let mina = app.member("mina").await;
        mina.ask(here()).await.expect("a report");
        peer.play(Play::Status(StatusCode::BAD_GATEWAY));
        app.advance(Span::minutes(30));
        mina.ask(here()).await.expect("a report");
        let figures = app.visitor().get("/metrics").await.body;
        for outcome in ["answered", "status"] {
            let line = format!("weather_requests_total{{provider=\"open-meteo\",outcome=\"{outcome}\"}}");
            assert!(figures.contains(&line), "{line}");
        }
    }
}
