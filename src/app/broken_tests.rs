//! What a fault of ours looks like from outside.

use crate::app::server::{finished, surrounded};
use crate::on_both;
use crate::shared::error::AppError;
use crate::testing::{Actor, TestApp};
use axum::Router;
use axum::body::Body;
use axum::http::{Method, Request, header};
use axum::routing::{any, get};
use std::sync::{Arc, Mutex};
use tokio::sync::oneshot;

const WORDS: &str = "a secret in the words of a panic";

/// A visitor of a node on which everything goes wrong.
fn unlucky(app: &TestApp) -> Actor {
    let panics = any(|| async {
        if true {
            panic!("{WORDS}")
        }
    });
    let inside = Router::new().route("/panics", panics).route("/well", get(|| async { "well" }));
    TestApp::visitor_of(surrounded(finished(inside), app.state.clone()))
}

fn request(method: Method, accept: &str, language: &str) -> Request<Body> {
    let request = Request::builder().method(method).uri("/panics").header(header::ACCEPT, accept).header(header::ACCEPT_LANGUAGE, language);
    request.body(Body::empty()).expect("a request")
}

on_both! {
    async fn a_reader_gets_a_page_that_stands_alone_and_a_number_to_ask_with(app: TestApp) {
        let visitor = unlucky(&app);
        for (method, language, title) in
            [(Method::GET, "ko", "상이 잠깐 기울었어요"), (Method::GET, "en", "The table wobbled"), (Method::POST, "ko", "상이 잠깐 기울었어요")]
        {
            let page = visitor.send(request(method, "text/html", language)).await;
            assert_eq!(page.status, 500);
            let id = page.headers["x-request-id"].to_str().expect("text");
            assert!(page.body.contains(title) && page.body.contains(id) && page.body.contains(&format!("<html lang=\"{language}\"")), "{}", page.body);
            assert!(!page.body.contains(WORDS) && !page.body.contains("<script"), "{}", page.body);
            assert!(page.headers[header::CONTENT_TYPE].as_bytes().starts_with(b"text/html"));
            assert!(page.headers["content-security-policy"].as_bytes().starts_with(b"default-src 'none'; style-src 'self'"));
            assert_eq!((&page.headers["x-content-type-options"], &page.headers["cache-control"]), (&"nosniff".parse().expect("a header"), &"private, no-cache".parse().expect("a header")));
        }
        // The node goes on.
        assert_eq!(visitor.get("/well").await.body, "well");
    }

    async fn a_page_that_was_begun_is_drawn_to_its_end_also_when_its_reader_has_gone(app: TestApp) {
        let ((begins, begun), (goes_on, waits), (ends, ended)) = (oneshot::channel(), oneshot::channel::<()>(), oneshot::channel());
        let once = Arc::new(Mutex::new(Some((begins, waits, ends))));
        let page = get(move || async move {
            let (begins, waits, ends) = once.lock().expect("nobody panicked").take().expect("it is asked for once");
            begins.send(()).expect("somebody waits");
            waits.await.expect("it goes on");
            ends.send(()).expect("somebody waits");
        });
        let reader = TestApp::visitor_of(surrounded(finished(Router::new().route("/page", page)), app.state.clone()));
        let reading = tokio::spawn(async move { reader.get("/page").await });
        begun.await.expect("begun");
        reading.abort();
        assert!(reading.await.expect_err("gone").is_cancelled());
        goes_on.send(()).expect("it is drawn still");
        assert_eq!(ended.await, Ok(()));
    }

    async fn a_program_gets_a_code(app: TestApp) {
        let answer = unlucky(&app).send(request(Method::POST, "application/json", "ko")).await;
        assert_eq!((answer.status.as_u16(), answer.headers.contains_key("serverfnerror")), (500, true));
        assert_eq!(serde_json::from_str::<AppError>(&answer.body).expect("a code"), AppError::Internal);
        assert!(answer.headers.contains_key("x-request-id") && !answer.body.contains(WORDS));
    }
}
