//! A whole node on a database of its own.

use super::actor::Actor;
use super::chat_model::ChatModel;
use super::clock::MockClock;
use super::oidc::{CLIENT, PROVIDER};
use super::smtp::Smtp;
use super::socket::Socket;
use super::watchdog::watch;
use crate::app::run;
use crate::app::server::router;
use crate::features::accounts::model::{Gender, NewAccount};
use crate::features::accounts::{auth, store};
use crate::live::socket::{Pace, Sockets};
use crate::server::clock::{Clock, SystemClock};
use crate::server::completions::{Completions, Patience};
use crate::server::config::{Config, WeatherSource};
use crate::server::mail::Mailer;
use crate::server::oidc::Providers;
use crate::server::oidc::settings::Settings;
use crate::server::state::{AppState, Node};
use crate::shared::ids::RegionCode;
use crate::shared::time::{Date, Span, Timestamp};
use argon2::password_hash::PasswordHasher;
use argon2::{Algorithm, Argon2, Params, Version};
use axum::Router;
use sqlx::{Connection, Executor, PgConnection};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;
use tokio::net::TcpListener;
use uuid::Uuid;

/// The password of every member, hashed so cheaply that tests stay fast.
pub const PASSWORD: &str = "seven herons on a roof";
/// 서울 마포구 연남동
pub const YEONNAM: RegionCode = RegionCode(11_440_124);

/// A data directory and a database of its own.
pub struct Place {
    /// What a node there is told.
    pub config: Config,
    dir: TempDir,
}

impl Place {
    /// An empty one for the same kind of database, with the pictures in the data directory.
    pub async fn like(app: &TestApp) -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        let url = if app.database_url.starts_with("sqlite:") { sqlite_url(&dir) } else { TestApp::postgres_url().await };
        Self::at(dir, url, &[])
    }

    fn at(dir: TempDir, database_url: String, more: &[(&str, &str)]) -> Self {
        let site = dir.path().join("site");
        std::fs::create_dir_all(site.join("pkg")).expect("a directory");
        let mut values = vec![
            ("MOIM_DATA_DIR", dir.path().display().to_string()),
            ("DATABASE_URL", database_url),
            ("MOIM_SITE_DIR", site.display().to_string()),
            ("MOIM_URL", "http://moim.test".to_owned()),
            // Nothing is asked of anybody outside.
            ("MOIM_WEATHER", "off".to_owned()),
        ];
        values.extend(more.iter().map(|(name, value)| (*name, (*value).to_owned())));
        let config = Config::read(&|name| values.iter().find(|(known, _)| *known == name).map(|(_, value)| value.clone())).expect("valid");
        Self { config, dir }
    }
}

fn sqlite_url(dir: &TempDir) -> String {
    format!("sqlite://{}", dir.path().join("moim.db").display())
}

/// A node under test.
pub struct TestApp {
    /// Its parts, for looking behind the answers.
    pub state: AppState,
    /// Its clock.
    pub clock: Arc<MockClock>,
    /// Its database's address, for a second look at the same data.
    pub database_url: String,
    /// What its live connections stand on.
    pub sockets: Sockets,
    router: Router,
    _dir: TempDir,
}

impl TestApp {
    /// On a fresh SQLite file.
    pub async fn sqlite() -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        let url = sqlite_url(&dir);
        Self::on(dir, url, &[]).await
    }

    /// On a fresh PostgreSQL database.
    pub async fn postgres() -> Self {
        Self::on(tempfile::tempdir().expect("a directory"), Self::postgres_url().await, &[]).await
    }

    /// Two nodes on a fresh PostgreSQL database that do not hear of each other.
    pub async fn two_nodes_apart() -> (Self, Self) {
        let url = Self::postgres_url().await;
        let shared = [("MOIM_SECRET", "one secret for both of the nodes of a test")];
        let dir = || tempfile::tempdir().expect("a directory");
        (Self::on(dir(), url.clone(), &shared).await, Self::on(dir(), url, &shared).await)
    }

    /// Two nodes on a fresh PostgreSQL database that tell each other over Redis.
    pub async fn two_nodes(redis: &str) -> (Self, Self) {
        let url = Self::postgres_url().await;
        let shared = [("REDIS_URL", redis), ("MOIM_SECRET", "one secret for both of the nodes of a test")];
        let dir = || tempfile::tempdir().expect("a directory");
        (Self::on(dir(), url.clone(), &shared).await, Self::on(dir(), url, &shared).await)
    }

    /// On a fresh SQLite file, with its pictures in an S3 store under a prefix of its own.
    pub async fn with_s3() -> Self {
        Self::at(Self::place_with_s3()).await
    }

    /// Where such a node is.
    pub fn place_with_s3() -> Place {
        let address =
            std::env::var("MOIM_TEST_S3").expect("MOIM_TEST_S3 names an S3 store as scripts/s3.sh prints it; `make test` starts one");
        let address = url::Url::parse(&address).expect("an address");
        let endpoint = format!("http://{}:{}", address.host_str().expect("a host"), address.port().expect("a port"));
        let bucket = format!("s3://{}/{}", address.path().trim_matches('/'), Uuid::now_v7().as_simple());
        let dir = tempfile::tempdir().expect("a directory");
        let url = sqlite_url(&dir);
        let more = [
            ("MOIM_IMAGES", bucket.as_str()),
            ("AWS_ENDPOINT_URL", endpoint.as_str()),
            ("AWS_ACCESS_KEY_ID", address.username()),
            ("AWS_SECRET_ACCESS_KEY", address.password().expect("a secret")),
        ];
        Place::at(dir, url, &more)
    }

    async fn postgres_url() -> String {
        let admin = std::env::var("MOIM_TEST_POSTGRES")
            .expect("MOIM_TEST_POSTGRES names a server where databases may be made; `make test` starts one");
        let name = format!("moim_{}", Uuid::now_v7().as_simple());
        let mut conn = PgConnection::connect(&admin).await.expect("the PostgreSQL server");
        conn.execute(sqlx::AssertSqlSafe(format!("create database {name}"))).await.expect("a database");
        conn.close().await.expect("close");
        let mut url = url::Url::parse(&admin).expect("an address");
        url.set_path(&name);
        url.to_string()
    }

    async fn on(dir: TempDir, database_url: String, more: &[(&str, &str)]) -> Self {
        Self::at(Place::at(dir, database_url, more)).await
    }

    /// On whatever there is in a place.
    pub async fn at(place: Place) -> Self {
        watch();
        let clock = Arc::new(MockClock::default());
        let database_url = place.config.database_url.clone();
        let state = run::prepare(place.config, clock.clone()).await.expect("a node");
        let sockets = Sockets::start(state.clone());
        Self { router: router(state.clone(), sockets.clone()), state, sockets, clock, database_url, _dir: place.dir }
    }

    /// The node's parts with the way to a mail server. (The node itself has none, and keeps its mails.)
    pub fn mailing(&self, server: &Smtp) -> AppState {
        let config = Config { smtp_url: Some(server.url()), ..(*self.state.config).clone() };
        AppState::from(Node { mailer: Mailer::of(&config).expect("valid"), config: Arc::new(config), ..Node::clone(&self.state) })
    }

    /// The same where the mail server gets so long to take a letter.
    pub fn mailing_within(&self, server: &Smtp, patience: Duration) -> AppState {
        let state = self.mailing(server);
        AppState::from(Node { mailer: Mailer::patient(&state.config, patience).expect("valid"), ..Node::clone(&state) })
    }

    /// The same node where people may also sign in with an account of a provider, which gets so long to answer.
    pub fn offering(self, issuer: &str, patience: Duration) -> Self {
        let settings = Settings {
            name: PROVIDER.to_owned(),
            issuer: issuer.to_owned(),
            label: Some("학교".to_owned()),
            id: CLIENT.0.to_owned(),
            secret: CLIENT.1.to_owned(),
            scopes: vec!["email".to_owned()],
        };
        let config = Config { oidc: vec![settings], ..(*self.state.config).clone() };
        let state =
            AppState::from(Node { providers: Providers::patient(&config, patience), config: Arc::new(config), ..Node::clone(&self.state) });
        self.made_of(state)
    }

    /// The same node with a model that may be asked what to eat, which gets so long to answer.
    pub fn advised(self, model: &ChatModel, patience: Patience) -> Self {
        let completions = Completions::patient(model.settings(), patience);
        let state = AppState::from(Node { completions: Some(completions), ..Node::clone(&self.state) });
        self.made_of(state)
    }

    /// The same node where the weather comes from somebody.
    pub fn told_the_weather_by(self, weather: WeatherSource) -> Self {
        let config = Config { weather, ..(*self.state.config).clone() };
        let state = AppState::from(Node { config: Arc::new(config), ..Node::clone(&self.state) });
        self.made_of(state)
    }

    /// The same node where a form with files waits so long for those of others.
    pub fn reading(self, patience: Duration) -> Self {
        let state = AppState::from(Node { images: self.state.images.patient(patience), ..Node::clone(&self.state) });
        self.made_of(state)
    }

    fn made_of(self, state: AppState) -> Self {
        let sockets = Sockets { state: state.clone(), ..self.sockets };
        Self { router: router(state.clone(), sockets.clone()), state, sockets, ..self }
    }

    /// Lets as much time pass as makes it what it is outside, for those who bring the time with them.
    pub fn catch_up(&self) {
        self.advance(SystemClock.now() - self.now());
    }

    /// Somebody with a browser of their own, not signed in.
    pub fn visitor(&self) -> Actor {
        Actor::new(self.router.clone())
    }

    /// The same at something that is no node.
    pub fn visitor_of(router: Router) -> Actor {
        Actor::new(router)
    }

    /// The same at a node that is configured in another way.
    pub fn visitor_where(&self, change: impl FnOnce(&mut Config)) -> Actor {
        let mut config = (*self.state.config).clone();
        change(&mut config);
        let state = AppState::from(Node { config: Arc::new(config), ..Node::clone(&self.state) });
        Actor::new(router(state.clone(), Sockets { state, ..self.sockets.clone() }))
    }

    /// Somebody who is signed in and lives in 연남동. Their password is [`PASSWORD`].
    pub async fn member(&self, nickname: &str) -> Actor {
        self.member_in(nickname, YEONNAM).await
    }

    /// Somebody who is signed in and lives there.
    pub async fn member_in(&self, nickname: &str, region: RegionCode) -> Actor {
        let params = Params::new(Params::MIN_M_COST, 1, 1, None).expect("within Argon2's ranges");
        let hash = Argon2::new(Algorithm::Argon2id, Version::V0x13, params).hash_password(PASSWORD.as_bytes()).expect("a hash");
        let person = NewAccount {
            email: format!("{}@moim.test", Uuid::new_v4().as_simple()),
            nickname: nickname.to_owned(),
            birth_date: Date { year: 2000, month: 2, day: 29 },
            gender: Gender::Unsaid,
            region,
            school: None,
        };
        let now = self.now();
        let mut tx = self.state.db.begin().await.expect("a transaction");
        let id = store::open_account(&mut tx, &person, &hash.to_string(), true, now).await.expect("the nickname is free");
        let (session, refresh) = store::begin_session(&mut tx, id, "a test's browser", now).await.expect("a session");
        tx.commit().await.expect("committed");
        let cookies = auth::session_cookies(&self.state, id, session, &refresh, now).expect("cookies");
        self.visitor().used_by(id, nickname, &cookies)
    }

    /// The present moment of its clock.
    pub fn now(&self) -> Timestamp {
        self.state.now()
    }

    /// Lets time pass.
    pub fn advance(&self, span: Span) {
        self.clock.advance(span);
    }

    /// Listens on a free port for the rest of the test.
    pub async fn listen(&self) -> SocketAddr {
        Self::serve(self.router.clone()).await
    }

    /// The same with another pace of signs of life.
    pub async fn listen_at(&self, pace: Pace) -> SocketAddr {
        Self::serve(router(self.state.clone(), Sockets { pace, ..self.sockets.clone() })).await
    }

    async fn serve(router: Router) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let addr = listener.local_addr().expect("an address");
        let service = router.into_make_service_with_connect_info::<SocketAddr>();
        tokio::spawn(async move { axum::serve(listener, service).await });
        addr
    }

    /// A live connection of a signed-in person.
    pub async fn connect(&self, addr: SocketAddr, actor: &Actor) -> Socket {
        Socket::open(addr, actor).await.expect("the socket opens")
    }
}
