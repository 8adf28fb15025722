//! People at their devices: they write, come and go, and remember what they were told.

use futures_util::{SinkExt, StreamExt};
use leptos::server_fn::ServerFn;
use moim::features::accounts::api::{EndSession, ListSessions, SignIn, SignUp, WhoAmI};
use moim::features::accounts::model::{SignInForm, SignUpForm};
use moim::features::chat::api::SendMessage;
use moim::features::chat::model::{Content, Message, SendForm};
use moim::live::protocol::{Down, Up, VERSION, close};
use moim::shared::error::AppError;
use moim::shared::ids::{RoomId, SendId, Seq, SessionId, UserId};
use moim::shared::images::Pictures;
use reqwest::{Client, RequestBuilder, header, redirect};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio::time::{MissedTickBehavior, timeout};
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::protocol::Message as Frame;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};
use tokio_util::sync::CancellationToken;

const PASSWORD: &str = "correct horse battery staple";
/// A pause between two messages of one person: below what one may send, also right after the program has started anew.
const PACE: Duration = Duration::from_millis(600);
/// Who waits for so many acknowledgements says nothing new: what is refused is said again on every connection, all of it, and more than
/// may be said at once would never be taken.
const MOST_WAITING: usize = 8;
/// Said at once by whoever is hurried: with what is said anew before and after it, below what one may say in ten seconds.
const BURST: usize = 6;
/// How long to wait for a connection, and for its first word.
const CONNECTING: Duration = Duration::from_secs(10);

/// A way to ask for things that follows nobody elsewhere.
pub fn web() -> &'static Client {
    static WEB: LazyLock<Client> = LazyLock::new(|| {
        let _ = rustls::crypto::ring::default_provider().install_default();
        Client::builder()
            .redirect(redirect::Policy::none())
            .timeout(Duration::from_secs(10))
            .pool_max_idle_per_host(0)
            .build()
            .expect("a client")
    });
    &WEB
}

/// Why somebody does not know what came of it, or that nothing did.
#[derive(Debug)]
pub enum Trouble {
    /// It was not done.
    Refused(AppError),
    /// No answer came: it was done or it was not.
    Lost,
}

impl Trouble {
    /// Whether it has to be expected while things break.
    pub fn is_expected(&self) -> bool {
        match self {
            Self::Lost => true,
            Self::Refused(why) => matches!(why, AppError::Unavailable | AppError::SlowDown { .. } | AppError::SignInRequired),
        }
    }
}

/// What somebody was told, and what they said.
#[derive(Debug, Default)]
pub struct Ledger {
    /// The entries of the room, as they came: number and name.
    pub heard: Vec<(Seq, Option<SendId>)>,
    /// What was acknowledged, each once: name and number.
    pub acknowledged: Vec<(SendId, Seq)>,
    /// What is not acknowledged yet, in the order in which it was said.
    pub waiting: Vec<SendId>,
    /// What went wrong.
    pub broken: Vec<String>,
}

/// Somebody.
pub struct Person {
    pub id: UserId,
    email: String,
    cookies: Mutex<BTreeMap<String, String>>,
    addr: SocketAddr,
    pub ledger: Mutex<Ledger>,
    hurried: Notify,
}

impl Person {
    /// Opens an account at a node, and uses that node from now on.
    pub async fn new(name: &str, addr: SocketAddr) -> Arc<Self> {
        let email = format!("{name}@moim.test");
        let nobody = UserId(uuid::Uuid::nil());
        let mut person =
            Self { id: nobody, email: email.clone(), cookies: Mutex::default(), addr, ledger: Mutex::default(), hurried: Notify::new() };
        let form = SignUpForm {
            email,
            nickname: name.to_owned(),
            password: PASSWORD.to_owned(),
            password_again: PASSWORD.to_owned(),
            birth_date: "2000-02-29".to_owned(),
            gender: "unsaid".to_owned(),
            region_text: "연남동".to_owned(),
            region: "1144071000".to_owned(),
            terms: "true".to_owned(),
            privacy: "true".to_owned(),
            ..SignUpForm::default()
        };
        person.call(SignUp { form }).await.expect("an account");
        person.id = person.ask(WhoAmI {}).await.expect("an answer").expect("signed in").id;
        Arc::new(person)
    }

    /// The same person, at another node.
    pub fn at(self: &Arc<Self>, addr: SocketAddr) -> Arc<Self> {
        let cookies = Mutex::new(self.cookies.lock().expect("unharmed").clone());
        Arc::new(Self { id: self.id, email: self.email.clone(), cookies, addr, ledger: Mutex::default(), hurried: Notify::new() })
    }

    /// Another device of theirs, which signs in by itself at the same node.
    pub async fn again(&self) -> Arc<Self> {
        let (email, cookies, ledger) = (self.email.clone(), Mutex::default(), Mutex::default());
        let device = Self { id: self.id, email, cookies, addr: self.addr, ledger, hurried: Notify::new() };
        device.sign_in().await.expect("signed in");
        Arc::new(device)
    }

    /// The session of this device.
    pub async fn session(&self) -> SessionId {
        let list = self.ask(ListSessions {}).await.expect("a list");
        list.sessions.into_iter().find(|session| session.is_this).expect("this one").id
    }

    /// Signs another device of theirs out.
    pub async fn end(&self, session: SessionId) {
        self.call(EndSession { session }).await.expect("ended");
    }

    /// Begins a session anew.
    pub async fn sign_in(&self) -> Result<(), Trouble> {
        let form = SignInForm { email: self.email.clone(), password: PASSWORD.to_owned(), ..SignInForm::default() };
        self.call(SignIn { form }).await
    }

    fn cookie(&self) -> String {
        let cookies = self.cookies.lock().expect("unharmed");
        cookies.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
    }

    /// Calls a server function that changes something.
    pub async fn call<F>(&self, arguments: F) -> Result<F::Output, Trouble>
    where
        F: ServerFn<Error = AppError> + Serialize,
        F::Output: DeserializeOwned,
    {
        let query = serde_qs::to_string(&arguments).expect("arguments");
        let request = web()
            .post(format!("http://{}{}", self.addr, F::PATH))
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(query);
        self.send(request).await
    }

    /// Calls a server function that only reads.
    pub async fn ask<F>(&self, arguments: F) -> Result<F::Output, Trouble>
    where
        F: ServerFn<Error = AppError> + Serialize,
        F::Output: DeserializeOwned,
    {
        let query = serde_qs::to_string(&arguments).expect("arguments");
        self.send(web().get(format!("http://{}{}?{query}", self.addr, F::PATH))).await
    }

    async fn send<T: DeserializeOwned>(&self, request: RequestBuilder) -> Result<T, Trouble> {
        let request = request
            .header(header::ACCEPT, "application/json")
            .header(header::ORIGIN, format!("http://{}", self.addr))
            .header(header::COOKIE, self.cookie());
        let answer = request.send().await.map_err(|_| Trouble::Lost)?;
        self.keep_cookies(answer.headers());
        let (is_refusal, status) = (answer.headers().contains_key("serverfnerror"), answer.status());
        let body = answer.bytes().await.map_err(|_| Trouble::Lost)?;
        if is_refusal {
            return Err(Trouble::Refused(serde_json::from_slice(&body).expect("an error")));
        }
        assert!(status.is_success(), "{status}: {}", String::from_utf8_lossy(&body));
        Ok(serde_json::from_slice(&body).expect("what was asked for"))
    }

    fn keep_cookies(&self, headers: &header::HeaderMap) {
        for cookie in headers.get_all(header::SET_COOKIE) {
            let pair = cookie.to_str().ok().and_then(|text| text.split(';').next()).and_then(|pair| pair.split_once('='));
            let (name, value) = pair.expect("a cookie");
            self.cookies.lock().expect("unharmed").insert(name.to_owned(), value.to_owned());
        }
    }

    /// Says one thing; its number.
    pub async fn say(&self, room: RoomId) -> Seq {
        self.call(SendMessage { form: words(room, SendId::random()) }).await.expect("said").seq
    }

    /// Tries to say one thing; what was tried before and not acknowledged comes first.
    pub async fn try_to_say(&self, room: RoomId) -> Result<(), Trouble> {
        let send_id = {
            let waiting = &mut self.ledger.lock().expect("unharmed").waiting;
            if waiting.is_empty() {
                waiting.push(SendId::random());
            }
            waiting[0]
        };
        let sent = self.call(SendMessage { form: words(room, send_id) }).await?;
        self.ledger.lock().expect("unharmed").told(send_id, sent.seq);
        Ok(())
    }

    /// Has them say several things at once, as soon as they have a connection.
    pub fn hurry(&self) {
        self.hurried.notify_one();
    }

    /// The number of the last entry that they have heard.
    pub fn heard(&self) -> Seq {
        self.ledger.lock().expect("unharmed").heard.last().map_or(0, |(seq, _)| *seq)
    }

    /// Writes in a room until told to stop, and listens there until it is over, whatever becomes of the connection meanwhile.
    pub async fn talk(self: Arc<Self>, room: RoomId, stop: CancellationToken, over: CancellationToken) {
        while !over.is_cancelled() {
            match self.connect().await {
                Some(mut socket) => self.converse(&mut socket, room, &stop, &over).await,
                None => tokio::time::sleep(Duration::from_millis(40)).await,
            }
        }
    }

    /// Only listens, on one connection, for as long as that lasts.
    pub async fn listen(self: Arc<Self>, room: RoomId) {
        let silence = CancellationToken::new();
        silence.cancel();
        let mut socket = self.connect().await.expect("a connection");
        self.converse(&mut socket, room, &silence, &CancellationToken::new()).await;
    }

    /// Opens a connection and only waits; the code with which it is closed.
    pub async fn wait(&self) -> JoinHandle<Option<u16>> {
        let mut socket = self.connect().await.expect("a connection");
        tokio::spawn(async move {
            while let Some(Ok(frame)) = socket.next().await {
                if let Frame::Close(end) = frame {
                    return end.map(|end| u16::from(end.code));
                }
            }
            None
        })
    }

    /// A connection that works: one on which the server has said its first word. Whose session has ended signs in for the next one.
    async fn connect(&self) -> Option<Socket> {
        let mut request = format!("ws://{}/ws?v={VERSION}&me={}", self.addr, self.id).into_client_request().expect("a request");
        let headers = request.headers_mut();
        headers.insert("origin", format!("http://{}", self.addr).parse().expect("a header"));
        headers.insert("cookie", self.cookie().parse().expect("a header"));
        let (mut socket, answer) = timeout(CONNECTING, connect_async(request)).await.ok()?.ok()?;
        // A session that has grown old is renewed on the way.
        self.keep_cookies(answer.headers());
        let first = timeout(CONNECTING, socket.next()).await.ok()??.ok()?;
        match first {
            Frame::Text(_) => Some(socket),
            Frame::Close(Some(end)) if u16::from(end.code) == close::SESSION_ENDED => {
                // Where it does not succeed, the next connection is told the same.
                let _ = self.sign_in().await;
                None
            }
            _ => None,
        }
    }

    /// One connection, from its beginning to its end, or until it is over.
    async fn converse(&self, socket: &mut Socket, room: RoomId, stop: &CancellationToken, over: &CancellationToken) {
        // What is said meanwhile comes before what was missed.
        let mut early = Some(Vec::new());
        let mut pace = tokio::time::interval(PACE);
        pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
        if say(socket, &Up::Resume { room, after: self.heard() }).await.is_err() {
            return;
        }
        let waiting = self.ledger.lock().expect("unharmed").waiting.clone();
        for send_id in waiting {
            if say(socket, &Up::Send(words(room, send_id))).await.is_err() {
                return;
            }
        }
        loop {
            tokio::select! {
                () = over.cancelled() => return,
                frame = socket.next() => {
                    let Some(Ok(frame)) = frame else { return };
                    if let Frame::Text(text) = frame {
                        let frame = serde_json::from_str(&text).expect("a frame");
                        if self.hear(room, frame, &mut early).is_err() {
                            return;
                        }
                    }
                }
                _ = pace.tick() => {
                    let said = if stop.is_cancelled() { Up::Ping } else { self.next(room) };
                    if say(socket, &said).await.is_err() {
                        return;
                    }
                }
                () = self.hurried.notified(), if !stop.is_cancelled() => {
                    for _ in 0..BURST {
                        if say(socket, &self.next(room)).await.is_err() {
                            return;
                        }
                    }
                }
            }
        }
    }

    /// What they say next.
    fn next(&self, room: RoomId) -> Up {
        let waiting = &mut self.ledger.lock().expect("unharmed").waiting;
        if waiting.len() >= MOST_WAITING {
            return Up::Ping;
        }
        let send_id = SendId::random();
        waiting.push(send_id);
        Up::Send(words(room, send_id))
    }

    /// `Err` when the conversation has to begin anew.
    fn hear(&self, room: RoomId, frame: Down, early: &mut Option<Vec<Message>>) -> Result<(), ()> {
        let ledger = &mut *self.ledger.lock().expect("unharmed");
        match frame {
            Down::Message { room: of, message } if of == room => match early {
                Some(early) => early.push(message),
                None => ledger.enter(&message),
            },
            Down::Replay { room: of, messages, gap, .. } if of == room => {
                if gap {
                    ledger.broken.push("a gap although little was missed".to_owned());
                }
                messages.iter().chain(&early.take().unwrap_or_default()).for_each(|message| ledger.enter(message));
            }
            Down::Ack { send_id, seq, .. } => ledger.told(send_id, seq),
            // It stays among what waits and is said again on the next connection.
            Down::Refused { error: AppError::SlowDown { .. } | AppError::Unavailable, .. } => return Err(()),
            // What was missed could not be read just now.
            Down::Error { error: AppError::Unavailable } => return Err(()),
            Down::Refused { error, .. } | Down::Error { error } => ledger.broken.push(format!("refused: {error:?}")),
            _ => {}
        }
        Ok(())
    }
}

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

async fn say(socket: &mut Socket, frame: &Up) -> Result<(), ()> {
    let text = serde_json::to_string(frame).expect("a frame");
    socket.send(Frame::text(text)).await.map_err(drop)
}

/// What is said says how it is called.
fn words(room: RoomId, send_id: SendId) -> SendForm {
    SendForm { room, send_id, text: text_of(send_id), reply_to: None, pictures: Pictures::default() }
}

/// What a message of this name says.
pub fn text_of(send_id: SendId) -> String {
    format!("말 {}", send_id.0)
}

impl Ledger {
    /// Somebody is told where something stands that they said.
    fn told(&mut self, send_id: SendId, seq: Seq) {
        self.waiting.retain(|waiting| *waiting != send_id);
        match self.acknowledged.iter().find(|(known, _)| *known == send_id) {
            Some((_, other)) if *other == seq => {}
            Some((_, other)) => self.broken.push(format!("{send_id:?} is acknowledged at {other:?} and at {seq:?}")),
            None => self.acknowledged.push((send_id, seq)),
        }
    }

    fn enter(&mut self, message: &Message) {
        let last = self.heard.last().map_or(0, |(seq, _)| *seq);
        let name = match &message.content {
            Content::Text { send_id, text, .. } => {
                if *text != text_of(*send_id) {
                    self.broken.push(format!("{send_id:?} says {text}"));
                }
                Some(*send_id)
            }
            _ => None,
        };
        if message.seq <= last {
            // What a replay repeats has to be what it was.
            if !self.heard.contains(&(message.seq, name)) {
                self.broken.push(format!("{:?} was something else before", message.seq));
            }
        } else if message.seq == last + 1 {
            self.heard.push((message.seq, name));
        } else {
            self.broken.push(format!("{:?} follows {last:?}", message.seq));
        }
    }
}
