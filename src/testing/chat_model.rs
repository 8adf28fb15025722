//! A model that answers as it is told to: a real server on this machine that speaks OpenAI's protocol, or what is no protocol at all.

use crate::server::completions::settings::Settings;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use futures_util::stream::{self, Stream, StreamExt};
use serde_json::{Value, json};
use std::future::pending;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio::time::sleep;
use url::Url;

/// What it does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Says [`ChatModel::ANSWER`], in pieces that end in the middle of characters.
    Well,
    /// The same, but ends without saying that it has.
    Unended,
    /// Says half of it, and the rest when it is told to go on.
    Held,
    /// Says half of it and is gone.
    Dropped,
    /// Says half of it and no more.
    Dumb,
    /// Says nothing at all, not even that it will.
    Silent,
    /// Says more and more.
    Endless,
    /// Says that it is still there, again and again, and nothing else.
    Alive,
    /// Is stopped by its own bound.
    Short,
    /// Is stopped by it before it has said anything.
    Thoughtful,
    /// Says that it has ended, and nothing that can be seen before.
    Blank,
    /// Refuses with this status.
    Refusing(u16),
    /// Says [`ChatModel::ANSWER`] to who bounds it by `max_completion_tokens`, and refuses who does by `max_tokens`, as newer models do.
    Newer,
    /// Sends a page.
    Page,
    /// Sends events that are none.
    Garbage,
    /// Leads to another address.
    Elsewhere,
}

struct Inner {
    way: Mutex<Way>,
    asked: Mutex<Vec<(HeaderMap, Value)>>,
    go_on: Notify,
}

/// It ends with this value.
pub struct ChatModel {
    url: Url,
    inner: Arc<Inner>,
    server: JoinHandle<()>,
}

impl ChatModel {
    /// What it says.
    pub const ANSWER: &str = "비 오는 날엔 이런 게 좋아요.\n1. 칼국수 — 국물이 뜨끈해요\n2. **할머니 손두부** — 고소해요\n";
    /// What proves to it who asks.
    pub const KEY: &str = "sk-test";

    /// Begins to listen.
    pub async fn start(way: Way) -> Self {
        let inner = Arc::new(Inner { way: Mutex::new(way), asked: Mutex::default(), go_on: Notify::new() });
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}/v1/chat/completions", listener.local_addr().expect("an address"));
        let router = Router::new().route("/v1/chat/completions", post(answer)).with_state(inner.clone());
        let server = tokio::spawn(async move { axum::serve(listener, router).await.expect("served") });
        Self { url: url.parse().expect("an address"), inner, server }
    }

    /// Where and how it is asked.
    pub fn settings(&self) -> Settings {
        Settings { url: self.url.clone(), key: Some(Self::KEY.to_owned()), model: "small".to_owned() }
    }

    /// Does otherwise from now on.
    pub fn does(&self, way: Way) {
        *self.inner.way.lock().expect("not poisoned") = way;
    }

    /// Says the rest of what it holds back.
    pub fn goes_on(&self) {
        self.inner.go_on.notify_one();
    }

    /// What it was asked: headers and bodies.
    pub fn asked(&self) -> Vec<(HeaderMap, Value)> {
        self.inner.asked.lock().expect("not poisoned").clone()
    }
}

impl Drop for ChatModel {
    fn drop(&mut self) {
        self.server.abort();
    }
}

type Piece = Result<Bytes, std::io::Error>;

fn event(words: &str) -> Vec<u8> {
    format!("data: {}\n\n", json!({ "choices": [{ "index": 0, "delta": { "content": words }, "finish_reason": null }] })).into_bytes()
}

/// Events of a text, in pieces of five bytes: hardly a character is whole in one.
fn pieces(text: &str, end: &str) -> Vec<Piece> {
    let words = text.split_inclusive(' ').flat_map(event);
    let whole: Vec<u8> = b": hello\n\n".iter().copied().chain(words).chain(end.bytes()).collect();
    whole.chunks(5).map(|piece| Ok(Bytes::copy_from_slice(piece))).collect()
}

fn events(pieces: impl Stream<Item = Piece> + Send + 'static) -> Response {
    ([(header::CONTENT_TYPE, "text/event-stream; charset=utf-8")], Body::from_stream(pieces)).into_response()
}

async fn answer(State(inner): State<Arc<Inner>>, headers: HeaderMap, Json(body): Json<Value>) -> Response {
    const END: &str = "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n";
    let is_older = body.get("max_tokens").is_some();
    inner.asked.lock().expect("not poisoned").push((headers, body));
    let way = *inner.way.lock().expect("not poisoned");
    let (half, rest) = ChatModel::ANSWER.split_at(ChatModel::ANSWER.find('\n').expect("two lines") + 1);
    let half = stream::iter(pieces(half, ""));
    match way {
        Way::Newer if is_older => {
            let message = "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.";
            (StatusCode::BAD_REQUEST, Json(json!({ "error": { "message": message, "param": "max_tokens" } }))).into_response()
        }
        Way::Well | Way::Newer => events(stream::iter(pieces(ChatModel::ANSWER, END))),
        Way::Unended => events(stream::iter(pieces(ChatModel::ANSWER, ""))),
        Way::Held => {
            let go_on = inner.clone();
            let wait = stream::once(async move { go_on.go_on.notified().await }).filter_map(|()| async { None });
            events(half.chain(wait).chain(stream::iter(pieces(rest, END))))
        }
        Way::Dropped => {
            // What was said goes out before.
            let gone = async {
                sleep(Duration::from_millis(100)).await;
                Err(std::io::Error::other("gone"))
            };
            events(half.chain(stream::once(gone)))
        }
        Way::Dumb => events(half.chain(stream::pending())),
        Way::Silent => pending::<Response>().await,
        Way::Endless => events(stream::repeat_with(|| Ok(Bytes::from(event("그리고 또 "))))),
        Way::Alive => {
            let beat = || async {
                sleep(Duration::from_millis(20)).await;
                Ok(Bytes::from_static(b": still here\n\n"))
            };
            events(stream::repeat(()).then(move |()| beat()))
        }
        Way::Short => events(stream::iter(pieces("칼국수 — 국", "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"length\"}]}\n\n"))),
        Way::Thoughtful => events(stream::iter(pieces("", "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"length\"}]}\n\n"))),
        Way::Blank => events(stream::iter(pieces(" \n\u{200b}\n", END))),
        Way::Refusing(status) => (StatusCode::from_u16(status).expect("a status"), "no").into_response(),
        Way::Page => axum::response::Html("<p>not here").into_response(),
        Way::Garbage => events(stream::iter([Ok(Bytes::from_static(b"data: what?\n\n"))])),
        Way::Elsewhere => axum::response::Redirect::temporary("http://127.0.0.1:9/v1/chat/completions").into_response(),
    }
}
