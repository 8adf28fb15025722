//! A provider of the weather that does as it is told.

use crate::server::config::WeatherSource;
use axum::Router;
use axum::extract::{OriginalUri, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use url::Url;

/// Open-Meteo's answer for 연남동 on a rainy noon.
pub const OPEN_METEO: &str = include_str!("open_meteo.json");
/// The Korean Meteorological Administration's for the cell of 연남동, from 11 o'clock on 2026-05-12.
pub const KMA: &str = include_str!("kma.json");
/// What it answers to a key that it does not know.
pub const KMA_REFUSAL: &str = "<OpenAPI_ServiceResponse><cmmMsgHeader><errMsg>SERVICE ERROR</errMsg>\
    <returnAuthMsg>SERVICE_KEY_IS_NOT_REGISTERED_ERROR</returnAuthMsg><returnReasonCode>30</returnReasonCode></cmmMsgHeader></OpenAPI_ServiceResponse>";

/// What it does.
#[derive(Clone)]
pub enum Play {
    /// Answers this.
    Says(String),
    /// Answers this once, and that from then on.
    Late { first: String, then: String },
    /// Answers this as soon as it may.
    Waits(String, Arc<Notify>),
    /// Answers with this status.
    Status(StatusCode),
    /// Leads to another address.
    Elsewhere,
    /// Answers more than anybody reads.
    Endless,
    /// Does not answer.
    Silent,
}

#[derive(Clone)]
struct Desk {
    play: Arc<Mutex<Play>>,
    asked: Arc<Mutex<Vec<Url>>>,
    base: Url,
}

/// The provider. It stops with this value.
pub struct Peer {
    desk: Desk,
    task: JoinHandle<()>,
}

impl Peer {
    /// Listens on a free port.
    pub async fn start(play: Play) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let base = Url::parse(&format!("http://{}/", listener.local_addr().expect("an address"))).expect("an address");
        let desk = Desk { play: Arc::new(Mutex::new(play)), asked: Arc::default(), base };
        let router = Router::new().fallback(answer).with_state(desk.clone());
        let task = tokio::spawn(async move { axum::serve(listener, router).await.expect("it listens") });
        Self { desk, task }
    }

    /// One that says what Open-Meteo says.
    pub async fn open_meteo() -> Self {
        Self::start(Play::Says(OPEN_METEO.to_owned())).await
    }

    /// Does this from now on.
    pub fn play(&self, play: Play) {
        *self.desk.play.lock().expect("a play") = play;
    }

    /// What it was asked so far.
    pub fn asked(&self) -> Vec<Url> {
        self.desk.asked.lock().expect("questions").clone()
    }

    /// How often it was asked.
    pub fn times(&self) -> usize {
        self.asked().len()
    }

    /// It as Open-Meteo.
    pub fn as_open_meteo(&self) -> WeatherSource {
        WeatherSource::OpenMeteo(self.desk.base.clone())
    }

    /// It as the Korean Meteorological Administration.
    pub fn as_kma(&self) -> WeatherSource {
        WeatherSource::Kma { url: self.desk.base.clone(), key: "key".to_owned() }
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn answer(State(desk): State<Desk>, OriginalUri(uri): OriginalUri) -> Response {
    desk.asked.lock().expect("questions").push(desk.base.join(&uri.to_string()).expect("an address"));
    let play = desk.play.lock().expect("a play").clone();
    match play {
        Play::Says(body) => ([(header::CONTENT_TYPE, "application/json")], body).into_response(),
        Play::Late { first, then } => {
            *desk.play.lock().expect("a play") = Play::Says(then);
            ([(header::CONTENT_TYPE, "application/json")], first).into_response()
        }
        Play::Waits(body, may) => {
            may.notified().await;
            body.into_response()
        }
        Play::Status(status) => status.into_response(),
        Play::Elsewhere => {
            (StatusCode::FOUND, [(header::LOCATION, desk.base.join("elsewhere").expect("an address").to_string())]).into_response()
        }
        Play::Endless => OPEN_METEO.replace('{', &format!("{{{}", " ".repeat(1 << 20))).into_response(),
        Play::Silent => std::future::pending().await,
    }
}
