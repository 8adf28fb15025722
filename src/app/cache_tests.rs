//! Pages that are kept: for everybody alike, a second at most, and nobody's own among them.

use crate::features::accounts::api::SetLanguage;
use crate::features::parties::tests::{open, order};
use crate::server::db::Conn;
use crate::shared::ids::PartyId;
use crate::shared::time::Span;
use crate::testing::{Actor, Answer, TestApp};
use crate::{execute, fetch_one, on_both};
use axum::body::Body;
use axum::http::{HeaderName, Request, header};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};
use std::time::Duration;
use tokio::task::yield_now;
use tokio::time::timeout;

/// Less than what a writer is waited for.
const AT_ONCE: Duration = Duration::from_secs(3);
/// Nothing that a test waits for takes this long.
const PATIENCE: Duration = Duration::from_secs(60);

pub(super) async fn ask(actor: &Actor, path: &str, headers: &[(HeaderName, &str)]) -> Answer {
    let request = headers.iter().fold(Request::get(path), |request, (name, value)| request.header(name, *value));
    actor.send(request.body(Body::empty()).expect("a request")).await
}

/// Calls an order something else, and leaves it to the caller who hears of it.
async fn renamed(app: &TestApp, party: PartyId, title: &str) -> Conn {
    let mut tx = app.state.db.begin().await.expect("a transaction");
    execute!(tx, "update parties set title = $2 where id = $1", party, title).expect("renamed");
    tx
}

/// A reader who comes from this address, as a proxy of ours says.
async fn look(actor: &Actor, party: PartyId, from: &str) {
    let answer = ask(actor, &format!("/meals/{party}"), &[(HeaderName::from_static("x-forwarded-for"), from)]).await;
    assert_eq!(answer.status, 200);
}

/// Waits until an order was seen so often, and no more. Views of kept pages are counted behind the answers, in their order.
async fn is_seen(app: &TestApp, party: PartyId, often: i64) {
    let counted = async {
        loop {
            let mut conn = app.state.db.read().await.expect("a connection");
            let (views,): (i64,) = fetch_one!(conn, (i64,), "select views from parties where id = $1", party).expect("a party");
            if views >= often {
                return views;
            }
            drop(conn);
            yield_now().await;
        }
    };
    assert_eq!(timeout(PATIENCE, counted).await.expect("they are counted"), often);
}

on_both! {
    async fn what_is_written_here_is_seen_at_once_and_the_rest_a_second_later(app: TestApp) {
        let mina = app.member("mina").await;
        let path = format!("/meals/{}", open(&mina, order()).await);
        let party = path.rsplit('/').next().and_then(|id| id.parse().ok()).expect("an id");
        let shows = async |title: &str| app.visitor().get(&path).await.body.contains(title);
        renamed(&app, party, "첫 이름").await.commit().await.expect("committed");
        assert!(shows("첫 이름").await);
        // As another node writes it: nobody hears of it here.
        renamed(&app, party, "둘째 이름").await.commit_unseen().await.expect("committed");
        assert!(shows("첫 이름").await && !shows("둘째 이름").await, "one page is drawn for all");
        app.advance(Span(999));
        assert!(shows("첫 이름").await);
        app.advance(Span(1));
        assert!(shows("둘째 이름").await);
        renamed(&app, party, "셋째 이름").await.commit().await.expect("committed");
        assert!(shows("셋째 이름").await);
        // What is rolled back is nothing.
        drop(renamed(&app, party, "넷째 이름").await);
        assert!(shows("셋째 이름").await);
    }

    async fn nobody_gets_the_page_of_somebody_who_is_signed_in(app: TestApp) {
        let (mina, heron) = (app.member("mina").await, app.member("heron").await);
        let party = open(&mina, order()).await;
        for path in ["/".to_owned(), "/meals".to_owned(), format!("/meals/{party}"), format!("/meals/{party}/comments"), "/users/mina".to_owned(), "/about".to_owned()] {
            let visitor = app.visitor();
            for (actor, is_kept) in [(&mina, false), (&visitor, true), (&heron, false), (&visitor, true)] {
                let page = actor.get(&path).await;
                assert_eq!((page.status.as_u16(), page.headers.contains_key(header::ETAG)), (200, is_kept), "{path}");
                assert_eq!(page.headers[header::CACHE_CONTROL], "private, no-cache");
                assert_eq!(page.body.contains("/sign-in"), is_kept, "{path}: {}", page.body);
                // Nobody who is not signed in is led to a talk with somebody.
                assert!(!is_kept || !page.body.contains("/chat/with/"), "{path}");
            }
        }
        // A session in the cookies decides before anything that is kept does, also one that has just begun.
        let visitor = app.visitor();
        assert!(visitor.get("/").await.headers.contains_key(header::ETAG));
        visitor.set_cookie("moim_access", mina.cookie("moim_access").as_deref());
        assert!(!visitor.get("/").await.headers.contains_key(header::ETAG));
        visitor.set_cookie("moim_access", Some("no token"));
        assert!(visitor.get("/").await.headers.contains_key(header::ETAG));
    }

    async fn who_asks_at_the_same_time_gets_their_own_page(app: TestApp) {
        let (mina, heron, visitor) = (app.member("mina").await, app.member("heron").await, app.visitor());
        let party = open(&mina, order()).await;
        let of = |actor: &Actor| actor.id().to_string();
        for round in 0..8 {
            // Nothing that is kept fits any more: all of these draw, or wait for who draws.
            renamed(&app, party, &format!("{round}번째 이름")).await.commit().await.expect("committed");
            for path in ["/", "/meals"] {
                let (one, hers, two, his, three) =
                    tokio::join!(visitor.get(path), mina.get(path), visitor.get(path), heron.get(path), visitor.get(path));
                for page in [&one, &two, &three] {
                    assert!(page.headers.contains_key(header::ETAG) && page.body.contains("/sign-in"), "{path}: {}", page.body);
                    assert!(!page.body.contains(&of(&mina)) && !page.body.contains(&of(&heron)), "{path}: {}", page.body);
                    assert_eq!(page.body, one.body, "{path}");
                }
                for (page, me, other) in [(&hers, &mina, &heron), (&his, &heron, &mina)] {
                    assert!(!page.headers.contains_key(header::ETAG) && !page.body.contains("/sign-in"), "{path}: {}", page.body);
                    assert!(page.body.contains(&of(me)) && !page.body.contains(&of(other)), "{path}: {}", page.body);
                }
            }
        }
    }

    async fn each_language_colours_and_coding_has_a_page_of_its_own(app: TestApp) {
        let visitor = app.visitor();
        for _ in 0..2 {
            assert!(ask(&visitor, "/about", &[]).await.body.contains("<html lang=\"ko\""));
            assert!(ask(&visitor, "/about", &[(header::ACCEPT_LANGUAGE, "en")]).await.body.contains("<html lang=\"en\""));
            for (accepts, coding) in [("gzip, deflate, br, zstd", Some("br")), ("br;q=0, gzip", Some("gzip")), ("identity", None), ("zstd", None), ("gzip;q=1.0", Some("gzip"))] {
                let page = ask(&visitor, "/about", &[(header::ACCEPT_ENCODING, accepts)]).await;
                assert_eq!(page.headers.get(header::CONTENT_ENCODING).and_then(|coding| coding.to_str().ok()), coding, "{accepts}");
                assert_eq!(page.headers[header::VARY], "accept-encoding");
                assert_eq!(page.body.contains("</html>"), coding.is_none());
            }
        }
        let dark = app.visitor();
        dark.set_cookie("moim_theme", Some("dark"));
        assert!(dark.get("/about").await.body.contains("data-theme=\"dark\"") && !visitor.get("/about").await.body.contains("data-theme"));
        visitor.call(SetLanguage { lang: "en".to_owned() }).await.expect("set");
        assert!(visitor.get("/about").await.body.contains("<html lang=\"en\""));
    }

    async fn who_has_the_page_gets_none(app: TestApp) {
        let mina = app.member("mina").await;
        let party = open(&mina, order()).await;
        let path = format!("/meals/{party}");
        let page = app.visitor().get(&path).await;
        let tag = page.headers[header::ETAG].to_str().expect("text");
        for known in [tag.to_owned(), format!("W/\"other\", {tag}"), "*".to_owned()] {
            let answer = ask(&app.visitor(), &path, &[(header::IF_NONE_MATCH, &known)]).await;
            assert_eq!((answer.status.as_u16(), answer.body.as_str(), &answer.headers[header::ETAG]), (304, "", &page.headers[header::ETAG]));
            // A browser puts these in the place of those that it has: they must fit the page it has.
            assert_eq!(answer.headers[header::CONTENT_SECURITY_POLICY], page.headers[header::CONTENT_SECURITY_POLICY]);
            assert!(!answer.headers.contains_key(header::CONTENT_TYPE));
        }
        renamed(&app, party, "다른 이름").await.commit().await.expect("committed");
        let answer = ask(&app.visitor(), &path, &[(header::IF_NONE_MATCH, tag)]).await;
        assert_eq!(answer.status, 200);
        assert_ne!(answer.headers[header::ETAG], page.headers[header::ETAG]);
        assert_eq!(ask(&mina, &path, &[(header::IF_NONE_MATCH, "*")]).await.status, 200);
    }

    async fn a_page_that_says_the_same_is_the_same_also_when_it_is_drawn_anew(app: TestApp) {
        let tag = async || app.visitor().get("/about").await.headers[header::ETAG].clone();
        let before = tag().await;
        app.advance(Span::seconds(2));
        assert_eq!(tag().await, before);
    }

    async fn who_asks_only_for_the_head_leaves_the_page_to_others(app: TestApp) {
        let head = app.visitor().send(Request::head("/about").body(Body::empty()).expect("a request")).await;
        assert_eq!((head.status.as_u16(), head.body.as_str()), (200, ""));
        assert!(app.visitor().get("/about").await.body.contains("</html>"));
    }

    async fn a_kept_page_only_runs_the_scripts_it_came_with(app: TestApp) {
        let page = app.visitor().get("/meals").await;
        let policy = page.headers[header::CONTENT_SECURITY_POLICY].to_str().expect("text");
        assert!(!policy.contains("nonce") && !policy.contains("unsafe-inline") && !page.body.contains("nonce="), "{policy}");
        let scripts: Vec<&str> = page.body.split("<script").skip(1).filter_map(|script| script.split_once('>')?.1.split("</script").next()).collect();
        assert!(scripts.len() > 1);
        for script in &scripts {
            assert!(policy.contains(&format!("'sha256-{}'", STANDARD.encode(Sha256::digest(script)))), "{script}");
        }
        assert!(policy.matches("sha256").count() <= scripts.len());
    }

    async fn every_reader_counts_also_of_a_kept_page(app: TestApp) {
        let mina = app.member("mina").await;
        let party = open(&mina, order()).await;
        let proxied = app.visitor_where(|config| config.proxies = 1);
        for n in [0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 5] {
            look(&proxied, party, &format!("203.0.{n}.7")).await;
        }
        is_seen(&app, party, 6).await;
    }

    async fn a_kept_page_waits_for_nobody_who_writes(app: TestApp) {
        let mina = app.member("mina").await;
        let party = open(&mina, order()).await;
        let proxied = app.visitor_where(|config| config.proxies = 1);
        look(&proxied, party, "203.0.1.7").await;
        let held = renamed(&app, party, "다른 이름").await;
        timeout(AT_ONCE, look(&proxied, party, "203.0.2.7")).await.expect("the page lies ready");
        held.commit().await.expect("committed");
        is_seen(&app, party, 2).await;
    }

    async fn what_is_nobodys_to_keep_is_drawn_each_time(app: TestApp) {
        let mina = app.member("mina").await;
        let party = open(&mina, order()).await;
        for path in ["/users/nobody", "/sign-in", "/sign-up", "/meals/new", "/no/such/page", "/meals/suggestions", &format!("/meals/{party}/edit"), &format!("/meals?search={}", "가".repeat(200))] {
            assert!(!app.visitor().get(path).await.headers.contains_key(header::ETAG), "{path}");
        }
        // Somebody who comes later is found although nobody was there a moment ago.
        assert_eq!(app.visitor().get("/users/sol").await.status, 404);
        app.member("sol").await;
        assert_eq!(app.visitor().get("/users/sol").await.status, 200);
    }

    async fn more_pages_than_are_kept_are_answered_as_well(app: TestApp) {
        for n in 0..300 {
            let page = app.visitor().get(&format!("/about?n={n}")).await;
            assert_eq!((page.status.as_u16(), page.headers.contains_key(header::ETAG)), (200, n < 256), "{n}");
        }
        // What people read gets a place among addresses that somebody made up.
        let is_kept = async || app.visitor().get("/terms").await.headers.contains_key(header::ETAG);
        assert_eq!((is_kept().await, is_kept().await, is_kept().await), (false, true, true));
        app.advance(Span::seconds(1));
        assert!(app.visitor().get("/about?n=299").await.headers.contains_key(header::ETAG), "those of before have made room");
    }
}
