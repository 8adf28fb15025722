//! Access and refresh tokens: renewal, rotation, theft, forgeries.

use crate::features::accounts::api::{SignOut, WhoAmI};
use crate::features::accounts::auth::ACCESS_LIFE;
use crate::features::accounts::store::REFRESH_LIFE;
use crate::on_both;
use crate::server::state::{AppState, Node};
use crate::shared::ids::SessionId;
use crate::shared::time::Span;
use crate::testing::{Actor, Answer, TestApp};
use axum::http::header;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use uuid::Uuid;

const ACCESS: &str = "moim_access";
const REFRESH: &str = "moim_refresh";

async fn is_known(actor: &Actor) -> bool {
    actor.ask(WhoAmI {}).await.expect("an answer").is_some()
}

fn set_cookies(answer: &Answer) -> Vec<String> {
    answer.headers.get_all(header::SET_COOKIE).iter().map(|value| value.to_str().expect("text").to_owned()).collect()
}

/// Another browser with the same cookies: a tab that has its own idea of them, or a thief.
fn copy_of(app: &TestApp, actor: &Actor) -> Actor {
    let copy = app.visitor();
    for name in [ACCESS, REFRESH] {
        copy.set_cookie(name, actor.cookie(name).as_deref());
    }
    copy
}

fn claims(sid: &str, exp: i64) -> serde_json::Value {
    serde_json::json!({ "sub": Uuid::nil(), "sid": sid, "exp": exp })
}

fn session_of(actor: &Actor) -> SessionId {
    let token = actor.cookie(ACCESS).expect("a token");
    let payload = URL_SAFE_NO_PAD.decode(token.split('.').nth(1).expect("three parts")).expect("base64");
    let claims: serde_json::Value = serde_json::from_slice(&payload).expect("JSON");
    claims["sid"].as_str().expect("text").parse().expect("an id")
}

async fn token_count(app: &TestApp) -> i64 {
    let mut conn = app.state.db.read().await.expect("a connection");
    let (count,): (i64,) = crate::fetch_one!(conn, (i64,), "select count(*) from refresh_tokens").expect("a count");
    count
}

on_both! {
    async fn an_old_access_token_is_renewed_inside_the_page(app: TestApp) {
        let mina = app.member("mina").await;
        let (access, refresh) = (mina.cookie(ACCESS), mina.cookie(REFRESH));
        assert!(set_cookies(&mina.get("/me").await).is_empty(), "nothing to renew yet");
        app.advance(ACCESS_LIFE);
        let page = mina.get("/me").await;
        assert_eq!(page.status, 200);
        assert!(page.body.contains("mina"), "the page already knows her");
        assert_eq!(set_cookies(&page).len(), 2);
        assert_ne!(mina.cookie(ACCESS), access);
        assert_ne!(mina.cookie(REFRESH), refresh);
        assert!(set_cookies(&mina.get("/me").await).is_empty(), "once is enough");
    }

    async fn tokens_are_for_the_server_alone(app: TestApp) {
        let mina = app.member("mina").await;
        app.advance(ACCESS_LIFE);
        for cookie in set_cookies(&mina.get("/").await) {
            for flag in ["; Path=/", "; SameSite=Lax", "; HttpOnly"] {
                assert!(cookie.contains(flag), "{cookie}");
            }
            assert!(!cookie.contains("Secure") && !cookie.contains("Domain"), "{cookie}");
        }
        let config = crate::server::config::Config::read(&|name| (name == "MOIM_URL").then(|| "https://moim.example".to_owned())).expect("valid");
        let secure = AppState::from(Node { config: config.into(), ..Node::clone(&app.state) });
        let cookies = crate::features::accounts::auth::session_cookies(&secure, mina.id(), session_of(&mina), "x", app.now()).expect("cookies");
        assert!(cookies.iter().all(|cookie| cookie.ends_with("; Secure")), "{cookies:?}");
    }

    async fn two_tabs_at_once_stay_signed_in(app: TestApp) {
        let tab = app.member("mina").await;
        app.advance(ACCESS_LIFE);
        let tabs: Vec<Actor> = (0..5).map(|_| copy_of(&app, &tab)).collect();
        let known = futures_util::future::join_all(tabs.iter().map(is_known)).await;
        assert_eq!(known, [true; 5]);
        let late = copy_of(&app, &tab);
        app.advance(Span::seconds(10));
        assert!(is_known(&late).await, "ten seconds later a tab may still have the old one");
        app.advance(ACCESS_LIFE);
        for tab in &tabs {
            assert!(is_known(tab).await, "each tab goes on with its own");
        }
    }

    async fn a_stolen_token_ends_the_session_of_thief_and_owner(app: TestApp) {
        // Also when the clock goes back meanwhile.
        for (name, passed) in [("mina", Span::seconds(11)), ("jun", Span::hours(-1))] {
            let owner = app.member(name).await;
            let thief = copy_of(&app, &owner);
            app.advance(ACCESS_LIFE);
            assert!(is_known(&owner).await);
            app.advance(passed);
            thief.set_cookie(ACCESS, None);
            assert!(!is_known(&thief).await, "{name}");
            assert_eq!((thief.cookie(ACCESS), thief.cookie(REFRESH)), (None, None));
            assert!(!is_known(&owner).await, "the owner's access token was still good");
            assert_eq!(owner.cookie(REFRESH), None);
        }
    }

    async fn a_device_that_is_not_used_for_a_month_is_signed_out(app: TestApp) {
        let mina = app.member("mina").await;
        app.advance(Span(REFRESH_LIFE.0 - 1));
        assert!(is_known(&mina).await);
        app.advance(REFRESH_LIFE);
        assert!(!is_known(&mina).await);
    }

    async fn old_tokens_are_removed(app: TestApp) {
        let mina = app.member("mina").await;
        for _ in 0..5 {
            app.advance(ACCESS_LIFE);
            assert!(is_known(&mina).await);
        }
        assert_eq!(token_count(&app).await, 6);
        app.advance(Span(REFRESH_LIFE.0 - 1_000));
        assert!(is_known(&mina).await);
        assert_eq!(token_count(&app).await, 2, "the last one used, which could be replayed, and the new one");
    }

    async fn forged_tokens_say_nothing(app: TestApp) {
        let mina = app.member("mina").await;
        let sid = session_of(&mina).to_string();
        let later = (app.now() + ACCESS_LIFE).0 / 1_000;
        let sign = |algorithm, key: &[u8], sid: &str, exp| {
            jsonwebtoken::encode(&Header::new(algorithm), &claims(sid, exp), &EncodingKey::from_secret(key)).expect("a token")
        };
        let key = app.state.keys.access;
        let good = sign(Algorithm::HS256, &key, &sid, later);
        let part = |text: &str| URL_SAFE_NO_PAD.encode(text);
        let none = format!("{}.{}.", part(r#"{"alg":"none","typ":"JWT"}"#), part(&claims(&sid, later).to_string()));
        let (head, rest) = good.split_once('.').expect("parts");
        let (_, signature) = rest.split_once('.').expect("parts");
        let other_claims = format!("{head}.{}.{signature}", part(&claims(&Uuid::nil().to_string(), later).to_string()));
        let bad = [
            none.clone(),
            format!("{none}{signature}"),
            sign(Algorithm::HS256, b"another key of somebody else....", &sid, later),
            sign(Algorithm::HS512, &key, &sid, later),
            sign(Algorithm::HS256, &key, &sid, app.now().0 / 1_000),
            sign(Algorithm::HS256, &key, &Uuid::now_v7().to_string(), later),
            sign(Algorithm::HS256, &key, "not an id", later),
            other_claims,
            good[..good.len() - 4].to_owned(),
            "garbage".to_owned(),
            "..".to_owned(),
            "a".repeat(8_000),
        ];
        let visitor = app.visitor();
        visitor.set_cookie(ACCESS, Some(&good));
        assert!(is_known(&visitor).await, "the one that the others are made from is good");
        for token in bad {
            visitor.set_cookie(ACCESS, Some(&token));
            assert!(!is_known(&visitor).await, "{token}");
        }
        visitor.set_cookie(ACCESS, None);
        for token in ["x", "' or 1=1 --", &"f".repeat(64)] {
            visitor.set_cookie(REFRESH, Some(token));
            assert!(!is_known(&visitor).await);
            assert_eq!(visitor.cookie(REFRESH), None, "a token that leads nowhere is taken away");
        }
    }

    async fn signing_out_ends_the_session_on_the_server(app: TestApp) {
        let mina = app.member("mina").await;
        let copy = copy_of(&app, &mina);
        let answer = mina.post_form("/me", "/api/sign_out", &[]).await;
        assert_eq!((answer.status.as_u16(), answer.location()), (303, "/"));
        assert_eq!((mina.cookie(ACCESS), mina.cookie(REFRESH)), (None, None));
        assert!(!is_known(&copy).await, "a copy of the access token");
        assert_eq!(copy.cookie(REFRESH), None);
        mina.call(SignOut {}).await.expect("again does no harm");
    }
}
