//! What belongs to no feature: documents, health, headers, calls that are refused before any feature sees them.

use super::cache_tests::ask;
use super::texts;
use crate::device::{self, RwSignal};
use crate::features::accounts::api::WhoAmI;
use crate::features::meals::api::OpenMeal;
use crate::features::meals::model::MealForm;
use crate::features::parties::tests::order;
use crate::features::regions::api::LocateRegion;
use crate::on_both;
use crate::shared::error::AppError;
use crate::shared::text::{Lang, Sentences};
use crate::testing::{Actor, Answer};
use axum::body::Body;
use axum::http::{HeaderValue, Request, header};
use futures_util::{StreamExt, stream};
use leptos::prelude::{Owner, RenderHtml, provide_context};
use leptos::server_fn::ServerFn;
use leptos_meta::{ServerMetaContext, ServerMetaContextOutput};
use uuid::Uuid;

async fn post(actor: &Actor, path: &str, headers: &[(&str, &str)], body: impl Into<Body>) -> Answer {
    let mut request = Request::post(path).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    actor.send(request.body(body.into()).expect("a request")).await
}

fn error(answer: &Answer) -> AppError {
    serde_json::from_str(&answer.body).unwrap_or_else(|e| panic!("{e}: {}", answer.body))
}

/// Draws a page whose titles say a number that it keeps; the page, and its head to write.
fn drawn(number: u32) -> (Owner, ServerMetaContextOutput) {
    let (head, document) = ServerMetaContext::new();
    let page = Owner::new_root(None);
    page.with(|| {
        provide_context(head);
        device::begin_head();
        let number = RwSignal::new(number);
        let format = device::title_format(move |title| format!("({}) {title}", number.get_untracked()));
        for part in [format, device::description("모임".to_owned()), device::title("<방>".to_owned())] {
            part.to_html();
        }
    });
    (page, document)
}

on_both! {
    async fn a_title_says_what_belongs_to_its_page_and_not_to_one_that_is_drawn_beside_it(_app: TestApp) {
        let (one, other) = (drawn(3), drawn(7));
        for ((_page, document), expected) in [(one, "<title>(3) &lt;방&gt;</title>"), (other, "<title>(7) &lt;방&gt;</title>")] {
            let body = stream::iter(["<head><!--HEAD--></head><body></body>".to_owned()]);
            let whole = document.inject_meta_context(body).await.collect::<String>().await;
            assert!(whole.contains(expected), "{whole}");
        }
    }

    async fn a_document_is_whole_and_only_runs_our_own_scripts(app: TestApp) {
        let mina = app.member("mina").await;
        let page = mina.get("/").await;
        assert_eq!(page.status, 200);
        assert!(page.body.contains("<html lang=\"ko\"") && page.body.contains("</html>"), "{}", page.body);
        let policy = page.headers["content-security-policy"].to_str().expect("text");
        let nonce = policy.split("'nonce-").nth(1).and_then(|rest| rest.split('\'').next()).expect("a nonce");
        for script in page.body.split("<script").skip(1) {
            let tag = script.split('>').next().expect("a tag");
            assert!(tag.contains(&format!("nonce=\"{nonce}\"")), "<script{tag}>");
        }
        assert!(!page.body.contains(" style=\"") && !page.body.contains(" onclick=\""), "{}", page.body);
        assert_eq!(page.headers["x-content-type-options"], "nosniff");
        assert_ne!(mina.get("/").await.headers["content-security-policy"], policy, "each answer has a nonce of its own");
    }

    async fn the_language_is_the_readers_from_the_first_byte(app: TestApp) {
        let visitor = app.visitor();
        let request = Request::get("/").header(header::ACCEPT_LANGUAGE, "fr, en-US;q=0.8").body(Body::empty()).expect("a request");
        assert!(visitor.send(request).await.body.contains("<html lang=\"en\""));
        visitor.set_cookie("moim_lang", Some("en"));
        visitor.set_cookie("moim_theme", Some("dark"));
        let page = visitor.get("/").await.body;
        assert!(page.contains("<html lang=\"en\"") && page.contains("data-theme=\"dark\""), "{page}");
        visitor.set_cookie("moim_lang", Some("\"><script>"));
        visitor.set_cookie("moim_theme", Some("purple"));
        let page = visitor.get("/").await.body;
        assert!(page.contains("<html lang=\"ko\"") && !page.contains("data-theme"), "{page}");
    }

    async fn every_page_is_described_once(app: TestApp) {
        let mina = app.member("mina").await;
        let form = MealForm { key: Uuid::now_v7().to_string(), ..order() };
        let meal = format!("/meals/{}", form.key);
        mina.call(OpenMeal { form }).await.expect("opened");
        let own = ["/meals", "/meals?region=11440124", &meal, "/sign-up", "/about", "/terms", "/privacy"];
        let others = ["/", "/sign-in", "/chat", "/meals/new", "/me", "/nowhere", "/meals/01890000-0000-7000-8000-000000000000"];
        let mut said = Vec::new();
        for path in own.into_iter().chain(others) {
            for actor in [&mina, &app.visitor()] {
                let page = actor.get(path).await;
                if page.status.is_redirection() {
                    continue;
                }
                let (head, rest) = page.body.split_once("</head>").expect("a head");
                let found: Vec<_> = head.split("name=\"description\" content=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
                assert!(found.len() == 1 && !rest.contains("name=\"description\""), "{path}: {found:?}");
                said.push((path, found[0].to_owned()));
            }
        }
        let site = &said.iter().find(|(path, _)| *path == "/").expect("the first page").1;
        for (path, text) in &said {
            assert_eq!(text == site, others.contains(path), "{path}: {text}");
        }
    }

    async fn sentences_come_as_files_named_by_their_contents(app: TestApp) {
        let page = app.visitor().get("/").await.body;
        let path = |name: &str| page.split(&format!("{name}=\"")).nth(1).and_then(|rest| rest.split('"').next()).expect("a path").to_owned();
        let [first, more] = ["data-text", "data-more"].map(path);
        let said = texts::browsers(Lang::Ko);
        assert!(said[0].contains_key("shell.home") && said[1].contains_key("meals.title"));
        assert!(said.iter().all(|part| !part.contains_key("mail.verify.subject")));
        for (path, part) in [(&first, texts::first(Lang::Ko).collect()), (&more, said[1].clone())] {
            let file = app.visitor().get(path).await;
            assert_eq!(file.status, 200);
            assert!(file.headers["cache-control"].to_str().expect("text").contains("immutable"));
            let length = file.body.len();
            // With many more sentences than there are now it takes long to find a seed: then numbers need more bits.
            assert!(file.body.lines().next().is_some_and(|seed| seed.parse::<u32>().is_ok_and(|seed| seed < 500)));
            let sentences = crate::shared::sentences::unpack(file.body).expect("sentences");
            assert_eq!(sentences.len(), part.len());
            for (key, text) in &part {
                assert_eq!(sentences.get(key), Some(*text), "{key}");
            }
            assert!(length < part.iter().map(|(key, text)| key.len() + text.len()).sum(), "less than all of them");
            let packed = ask(&app.visitor(), path, &[(header::ACCEPT_ENCODING, "gzip, br")]).await;
            assert_eq!(packed.status, 200);
            assert_eq!((&packed.headers["content-encoding"], &packed.headers["vary"]), (&HeaderValue::from_static("br"), &HeaderValue::from_static("accept-encoding")));
        }
        // A document of another version asks for what another version called its sentences, and gets ours, which it may not keep.
        for (name, path) in [("ko-first", &first), ("ko-more", &more)] {
            let [other, own] = [format!("/text/{name}-0123456789abcdef.txt"), path.clone()];
            let file = app.visitor().get(&other).await;
            assert_eq!((file.status.as_u16(), &file.headers["cache-control"]), (200, &HeaderValue::from_static("no-store")));
            assert_eq!(file.body, app.visitor().get(&own).await.body);
        }
        for path in ["/text/ko.txt", "/text/ko-0000000000000000.txt", "/text/fr-more-0000000000000000.txt", "/text/ko-more-0000000000000000", "/text/-.txt"] {
            assert_eq!(app.visitor().get(path).await.status, 404, "{path}");
        }
    }

    async fn an_address_that_leads_nowhere_says_so(app: TestApp) {
        for path in ["/nowhere", "/pkg/nothing.js", "/../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/a/b/c/d?e=f", "/%ff"] {
            let page = app.visitor().get(path).await;
            assert!(matches!(page.status.as_u16(), 400 | 404), "{path}: {}", page.status);
            assert!(!page.body.contains("root:"), "{path}");
        }
        assert!(app.visitor().get("/nowhere").await.body.contains("</html>"));
    }

    async fn the_node_says_whether_it_is_well(app: TestApp) {
        assert_eq!(app.visitor().get("/healthz").await.status, 200);
        assert_eq!(app.visitor().get("/readyz").await.status, 200);
        let figures = app.visitor().get("/metrics").await.body;
        assert!(figures.contains("http_requests_total{") && figures.contains("http_request_seconds_bucket{") && figures.contains("database_connections"), "{figures}");
        app.state.db.close().await;
        assert_eq!(app.visitor().get("/healthz").await.status, 200);
        assert_eq!(app.visitor().get("/readyz").await.status, 503);
    }

    async fn a_page_is_still_answered_when_the_database_is_gone(app: TestApp) {
        app.state.db.close().await;
        let page = app.visitor().get("/").await;
        assert!(page.body.contains("</html>"), "{} {}", page.status, page.body);
    }

    async fn calls_from_foreign_pages_are_refused(app: TestApp) {
        let visitor = app.visitor();
        let body = "latitude=37500000&longitude=127000000";
        for headers in [&[("origin", "https://evil.example")][..], &[("origin", "null")], &[("sec-fetch-site", "cross-site")]] {
            let answer = post(&visitor, LocateRegion::PATH, headers, body).await;
            assert_eq!((answer.status.as_u16(), error(&answer)), (403, AppError::Forbidden), "{headers:?}");
        }
        assert_eq!(post(&visitor, LocateRegion::PATH, &[("origin", "http://moim.test")], body).await.status, 200);
    }

    async fn calls_that_make_no_sense_are_refused_by_name(app: TestApp) {
        let visitor = app.visitor();
        for body in ["", "latitude=x&longitude=y", "latitude=1", "%%%", "[[[[[[=1"] {
            let answer = post(&visitor, LocateRegion::PATH, &[], body).await;
            assert_eq!((answer.status.as_u16(), error(&answer)), (400, AppError::BadRequest), "{body}");
        }
        let large = post(&visitor, LocateRegion::PATH, &[], "x".repeat(1_000_000)).await;
        assert_eq!((large.status.as_u16(), error(&large)), (413, AppError::TooLarge));
        let unknown = post(&visitor, "/api/nothing", &[], "").await;
        assert_eq!((unknown.status.as_u16(), error(&unknown)), (404, AppError::NotFound));
        let wrong_method = visitor.get(LocateRegion::PATH).await;
        assert!(wrong_method.status.is_client_error(), "{}", wrong_method.status);
    }

    async fn figures_only_name_what_there_is(app: TestApp) {
        let visitor = app.visitor();
        let origin = [("origin", "https://evil.example")];
        assert_eq!(post(&visitor, "/api/secret_of_a_stranger", &origin, "").await.status, 403);
        assert_eq!(post(&visitor, "/api/secret_of_a_stranger", &[], "x".repeat(1_000_000)).await.status, 413);
        assert_eq!(post(&visitor, "/api/secret_of_a_stranger", &[], "").await.status, 404);
        let request = Request::builder().method("SECRET_OF_A_STRANGER").uri("/meals").body(Body::empty()).expect("a request");
        assert!(visitor.send(request).await.status.is_client_error());
        assert_eq!(post(&visitor, LocateRegion::PATH, &origin, "").await.status, 403);
        let figures = visitor.get("/metrics").await.body.to_ascii_lowercase();
        assert!(!figures.contains("secret_of_a_stranger"), "{figures}");
        assert!(figures.contains(&format!("route=\"{}\",status=\"403\"", LocateRegion::PATH)), "{figures}");
    }

    async fn a_plain_form_that_no_page_shows_again_gets_a_page_of_its_own(app: TestApp) {
        let visitor = app.visitor();
        let html = ("accept", "text/html");
        let foreign = [html, ("accept-language", "en"), ("origin", "https://evil.example")];
        for (path, headers, body, status, says) in [
            (LocateRegion::PATH, &foreign[..], String::new(), 403, "Check that it is your own moim"),
            (LocateRegion::PATH, &[html][..], "x".repeat(1_000_000), 413, "너무 커요"),
            ("/api/nothing", &[html][..], String::new(), 404, "찾는 것이 없어요"),
        ] {
            let answer = post(&visitor, path, headers, body).await;
            assert_eq!(answer.status.as_u16(), status, "{path}");
            assert!(answer.headers["content-type"].to_str().expect("text").starts_with("text/html"), "{path}");
            assert!(answer.body.contains(says) && answer.body.contains("href=\"/\""), "{}", answer.body);
        }
    }

    async fn a_plain_form_that_is_refused_shows_its_page_again(app: TestApp) {
        let answer = app.visitor().post_form("/?a=b", LocateRegion::PATH, &[("latitude", "nonsense"), ("longitude", "<script>alert(1)</script>")]).await;
        assert_eq!(answer.status, 400);
        assert!(answer.body.contains("data-page=\"/?a=b\""), "the browser's program finds the page's own address");
        assert!(!answer.body.contains("<script>alert(1)"), "{}", answer.body);
        let elsewhere = app.visitor().post_form("//evil.example/", LocateRegion::PATH, &[("latitude", "1"), ("longitude", "1")]).await;
        assert_eq!((elsewhere.status.as_u16(), elsewhere.location()), (303, "/evil.example/"), "only ever an address of ours");
    }

    async fn forged_and_foreign_sessions_are_nobody(app: TestApp) {
        for token in ["x", "a.b.c", "eyJhbGciOiJub25lIn0.eyJzdWIiOiIwMTkwMDAwMC0wMDAwLTcwMDAtODAwMC0wMDAwMDAwMDAwMDAiLCJzaWQiOiIwMTkwMDAwMC0wMDAwLTcwMDAtODAwMC0wMDAwMDAwMDAwMDAiLCJleHAiOjk5OTk5OTk5OTl9."] {
            let visitor = app.visitor();
            visitor.set_cookie("moim_access", Some(token));
            visitor.set_cookie("moim_refresh", Some(token));
            assert_eq!(visitor.ask(WhoAmI {}).await, Ok(None), "{token}");
            assert_eq!(visitor.cookie("moim_refresh"), None, "a refresh token that is not ours is taken back");
        }
    }
}
