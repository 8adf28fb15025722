//! One connection: `GET /ws?v=4&me=…`.

use super::hub::{Ear, frame};
use super::protocol::{Down, MAX_FRAME, Up, VERSION, close};
use super::registry::End;
use super::{bus, fanout};
use crate::features::accounts::auth::{Member, Visit};
use crate::features::accounts::store::signed_in;
use crate::features::chat::store::{self, Standing};
use crate::features::chat::writer::{self, Writer, throttle};
use crate::server::security;
use crate::server::state::AppState;
use crate::shared::error::AppError;
use crate::shared::ids::{RoomId, Seq, UserId};
use axum::Extension;
use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket};
use axum::extract::{Query, State, WebSocketUpgrade};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt, StreamExt};
use serde::Deserialize;
use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::{Instant, interval_at, timeout};

/// Rooms whose unread messages the first frame tells.
const MOST_TOLD: usize = 200;
/// Frames that a browser may send in [`FLOOD_WINDOW`].
const FLOOD: u32 = 60;
const FLOOD_WINDOW: Duration = Duration::from_secs(10);
/// "I am writing" is passed on at most this often, a room.
const TYPING_PAUSE: Duration = Duration::from_secs(2);
/// How long a reader that fell behind has to take the closing frame.
const LAST_WORD: Duration = Duration::from_secs(10);
/// Frames that are taken out of the queue for one flush.
const DRAIN: usize = 64;

/// How often a connection gives and asks for a sign of life.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// Between two pings.
    pub ping: Duration,
    /// Without any sign, after which the connection is closed.
    pub silence: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self { ping: Duration::from_secs(25), silence: Duration::from_secs(60) }
    }
}

/// What connections stand on.
#[derive(Clone)]
pub struct Sockets {
    /// The node.
    pub state: AppState,
    /// Where messages go.
    pub writer: Writer,
    /// Signs of life.
    pub pace: Pace,
}

impl Sockets {
    /// Starts everything live of this node: the writer, the fan-out, the bus when there is one.
    #[must_use]
    pub fn start(state: AppState) -> Self {
        fanout::start(state.clone());
        if let Some(url) = &state.config.redis_url {
            bus::start(state.hub.clone(), url);
        }
        Self { writer: writer::start(state.clone()), state, pace: Pace::default() }
    }
}

/// The query of the address.
#[derive(Debug, Deserialize)]
pub struct Ask {
    v: Option<u32>,
    /// Whom the page was made for.
    me: Option<UserId>,
}

/// Takes a connection in; 403 for pages of others. Who is not signed in is told so by the code that closes it at once: a
/// browser's program never learns the status of a connection that was refused.
pub async fn upgrade(
    State(sockets): State<Sockets>,
    Extension(visit): Extension<Visit>,
    Query(ask): Query<Ask>,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Response {
    if !security::is_own_origin(&headers, &sockets.state.config) {
        return StatusCode::FORBIDDEN.into_response();
    }
    let is_known = ask.v == Some(VERSION);
    upgrade
        .max_message_size(MAX_FRAME)
        .max_frame_size(MAX_FRAME)
        // What people say is short; a buffer lasts as long as its connection, and most of these are silent.
        .read_buffer_size(1024)
        .write_buffer_size(4 * 1024)
        // The longest frame is a replay whose messages are all as long as they may be.
        .max_write_buffer_size(2 * 1024 * 1024)
        .on_upgrade(move |socket| async move {
            let (sink, stream) = socket.split();
            match (visit.member, visit.trouble) {
                _ if !is_known => end(sink, close::OLD_VERSION).await,
                // Somebody else has signed in since: what this page holds is not theirs.
                (Some(member), _) if ask.me.is_some_and(|me| me != member.id()) => end(sink, close::SESSION_ENDED).await,
                (Some(member), _) => serve(sockets, member, sink, stream).await,
                (None, None) => end(sink, close::SESSION_ENDED).await,
                (None, Some(_)) => end(sink, close::GOING_AWAY).await,
            }
        })
}

type Sink = SplitSink<WebSocket, Message>;

/// What a connection does but once, or seldom, is in boxes of its own: a task takes as much memory as the largest thing that it ever
/// waits for, for as long as it lasts.
async fn serve(sockets: Sockets, member: Member, mut sink: Sink, stream: SplitStream<WebSocket>) {
    let Sockets { state, writer, pace } = sockets;
    let mut ear = state.hub.open(member.id(), member.session());
    let ready = match Box::pin(enter(&state, &member)).await {
        Ok(Some(ready)) => ready,
        Ok(None) => return end(sink, close::SESSION_ENDED).await,
        // The reader comes back by itself.
        Err(_) => return end(sink, close::GOING_AWAY).await,
    };
    if sink.send(Message::Text(frame(&ready))).await.is_err() {
        return;
    }
    let (line, told) = (ear.queue.clone(), ear.end.clone());
    let heard = Mutex::new(Instant::now());
    let reader = Reader {
        state: &state,
        writer: &writer,
        member: &member,
        line,
        end: &told,
        heard: &heard,
        typed: HashMap::new(),
        window: (Instant::now(), 0),
    };
    let code = tokio::select! {
        code = reader.run(stream) => code,
        code = told.told() => Some(code),
        code = write(&mut ear, &mut sink, pace, &heard) => code,
    };
    ear.shut();
    if let Some(code) = code {
        end(sink, code).await;
    }
}

async fn end(mut sink: Sink, code: u16) {
    let reason = Message::Close(Some(CloseFrame { code, reason: Utf8Bytes::from_static("") }));
    // A reader that is gone does not miss it.
    let _ = timeout(LAST_WORD, sink.send(reason)).await;
}

/// Makes a person follow their rooms. The first frame; `None` when the session has ended meanwhile.
async fn enter(state: &AppState, member: &Member) -> Result<Option<Down>, AppError> {
    let mut conn = state.db.read().await?;
    match signed_in(&mut conn, member.session()).await? {
        None => return Ok(None),
        // Renamed since the page was made: the connection comes back under the new name.
        Some(now) if now.nickname != member.nickname() => return Err(AppError::Unavailable),
        Some(_) => {}
    }
    loop {
        let door = state.hub.letting_in();
        let mut standings = store::standings(&mut conn, member.id()).await?;
        let ends: Vec<(RoomId, Seq)> = standings.iter().map(|room| (room.room, room.last)).collect();
        let Some(moved) = door.follow(member.id(), &ends) else { continue };
        if moved {
            // What was fanned out between the reading and the following is counted by reading again.
            standings = store::standings(&mut conn, member.id()).await?;
        }
        let rooms = standings.iter().map(|room| (room.room, Standing::tally(*room))).filter(|(_, tally)| tally.unread() > 0);
        return Ok(Some(Down::Ready { rooms: rooms.take(MOST_TOLD).collect(), muted: store::muted(&mut conn, member.id()).await? }));
    }
}

/// Brings frames and pings to the browser. Ends with the code to close with, or nothing when the connection is gone.
async fn write(ear: &mut Ear, sink: &mut Sink, pace: Pace, heard: &Mutex<Instant>) -> Option<u16> {
    let mut ping = interval_at(Instant::now() + pace.ping, pace.ping);
    let mut frames = Vec::with_capacity(4);
    loop {
        tokio::select! {
            count = ear.frames.recv_many(&mut frames, DRAIN) => {
                if count == 0 {
                    return None;
                }
                for frame in frames.drain(..) {
                    sink.feed(Message::Text(frame)).await.ok()?;
                }
                sink.flush().await.ok()?;
            }
            _ = ping.tick() => {
                let last = *heard.lock().unwrap_or_else(PoisonError::into_inner);
                if last.elapsed() > pace.silence {
                    return Some(close::SILENT);
                }
                sink.send(Message::Ping(axum::body::Bytes::new())).await.ok()?;
            }
        }
    }
}

/// The half that listens to the browser.
struct Reader<'a> {
    state: &'a AppState,
    writer: &'a Writer,
    member: &'a Member,
    line: mpsc::Sender<Utf8Bytes>,
    end: &'a End,
    heard: &'a Mutex<Instant>,
    typed: HashMap<RoomId, Instant>,
    /// When the window of counting began, and the frames in it.
    window: (Instant, u32),
}

impl Reader<'_> {
    /// Ends with the code to close with, or nothing when the connection is gone.
    async fn run(mut self, mut stream: SplitStream<WebSocket>) -> Option<u16> {
        loop {
            let message = match stream.next().await? {
                Ok(message) => message,
                Err(error) => return is_too_big(&error).then_some(close::TOO_BIG),
            };
            *self.heard.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
            match message {
                Message::Close(_) => return None,
                Message::Ping(_) | Message::Pong(_) => {
                    if self.count().is_none() {
                        return Some(close::FLOOD);
                    }
                }
                Message::Binary(_) => {
                    if self.count().is_none() {
                        return Some(close::FLOOD);
                    }
                    self.answer(&Down::Error { error: AppError::BadRequest }).await;
                }
                Message::Text(text) => {
                    if self.count().is_none() {
                        return Some(close::FLOOD);
                    }
                    match serde_json::from_str::<Up>(&text) {
                        Ok(up) => self.hear(up).await,
                        Err(_) => self.answer(&Down::Error { error: AppError::BadRequest }).await,
                    }
                }
            }
        }
    }

    /// Counts a frame; `None` when there were too many.
    fn count(&mut self) -> Option<()> {
        if self.window.0.elapsed() >= FLOOD_WINDOW {
            self.window = (Instant::now(), 0);
        }
        self.window.1 += 1;
        (self.window.1 <= FLOOD).then_some(())
    }

    /// Answers wait for room in the queue: who asks much and reads slowly waits for themselves.
    async fn answer(&self, down: &Down) {
        // Fails only when the connection is being closed.
        let _ = self.line.send(frame(down)).await;
    }

    /// Who had not proved their address when the socket was opened may have done so since.
    async fn may_talk(&self) -> Result<(), AppError> {
        if self.member.is_verified() {
            return Ok(());
        }
        let asked = async { signed_in(&mut self.state.db.read().await?, self.member.session()).await };
        let now = Box::pin(asked).await?;
        if now.is_some_and(|now| now.is_verified) { Ok(()) } else { Err(AppError::Unverified) }
    }

    async fn hear(&mut self, up: Up) {
        let me = self.member.id();
        match up {
            Up::Ping => self.answer(&Down::Pong).await,
            Up::Send(form) => {
                let (room, send_id) = (form.room, form.send_id);
                let checked = self.may_talk().await.and_then(|()| throttle(self.state, me)).and_then(|()| Ok(form.parse()?));
                match checked {
                    Err(error) => self.answer(&Down::Refused { send_id, room, error }).await,
                    Ok(message) => {
                        let (line, end) = (self.line.clone(), self.end.clone());
                        self.writer.submit(me, message, move |result| {
                            let answer = match result {
                                Ok(sent) => Down::Ack { send_id, room, seq: sent.seq, at: sent.at },
                                Err(error) => Down::Refused { send_id, room, error },
                            };
                            // The writer waits for nobody: whoever has no room for the answer comes back and asks again.
                            end.push(&line, frame(&answer));
                        });
                    }
                }
            }
            Up::Read { room, seq } => self.writer.read(room, me, seq),
            Up::Typing { room } => {
                let now = Instant::now();
                self.typed.retain(|_, at| now - *at < TYPING_PAUSE);
                if !self.typed.contains_key(&room) && self.state.hub.follows(room, me) {
                    self.typed.insert(room, now);
                    self.state.hub.typing(room, me, self.member.nickname());
                }
            }
            Up::Resume { room, after } => {
                let answer = Box::pin(resume(self.state, self.member, room, after)).await.unwrap_or_else(|error| Down::Error { error });
                self.answer(&answer).await;
            }
        }
    }
}

/// Everything after a number, for somebody who is in the room; and the room is followed from then on.
async fn resume(state: &AppState, member: &Member, room: RoomId, after: Seq) -> Result<Down, AppError> {
    let me = member.id();
    let mut conn = state.db.read().await?;
    let door = state.hub.letting_in();
    let Some(standing) = store::tally_of(&mut conn, room, me).await? else {
        let is_deleted = store::deleted_reason(&mut conn, room, me).await?.is_some();
        return Ok(Down::Gone { room, code: if is_deleted { close::ROOM_DELETED } else { close::ROOM_LEFT } });
    };
    // A room that they were taken out of meanwhile is not followed; the reading below finds nothing there either.
    let _ = door.follow(me, &[(room, standing.last)]);
    let (messages, gap) = store::replay(&mut conn, room, me, after, standing.last).await?;
    let reads = store::reads(&mut conn, room, me).await?;
    Ok(Down::Replay { room, messages, gap, reads })
}

/// Whether the browser sent more than a frame may have.
fn is_too_big(error: &axum::Error) -> bool {
    let mut cause: Option<&dyn std::error::Error> = Some(error);
    while let Some(error) = cause {
        if error.to_string().contains("too long") || error.to_string().contains("too large") {
            return true;
        }
        cause = error.source();
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::chat::model::SendForm;
    use crate::shared::ids::{SendId, SessionId};
    use crate::shared::images::Pictures;
    use crate::testing::{Actor, TestApp};
    use crate::{fetch_one, on_both};
    use uuid::Uuid;

    /// The memory that a task of this kind takes, in bytes.
    const fn size<A, B, C, D, F>(_: &impl Fn(A, B, C, D) -> F) -> usize {
        size_of::<F>()
    }

    #[test]
    fn a_silent_connection_takes_little() {
        assert!(size(&serve) <= 4 * 1024, "{} bytes", size(&serve));
    }

    async fn member(app: &TestApp, actor: &Actor) -> Member {
        let mut conn = app.state.db.read().await.expect("a connection");
        let (session,) = fetch_one!(conn, (SessionId,), "select id from sessions where user_id = $1", actor.id()).expect("a session");
        Member::from(signed_in(&mut conn, session).await.expect("read").expect("signed in"))
    }

    on_both! {
        async fn an_answer_that_finds_the_queue_full_ends_the_connection(app: TestApp) {
            let mina = app.member("mina").await;
            let member = member(&app, &mina).await;
            let (line, _frames) = mpsc::channel(1);
            line.try_send(frame(&Down::Pong)).expect("room for one");
            let (end, heard) = (End::default(), Mutex::new(Instant::now()));
            let mut reader = Reader {
                state: &app.state,
                writer: &app.sockets.writer,
                member: &member,
                line,
                end: &end,
                heard: &heard,
                typed: HashMap::new(),
                window: (Instant::now(), 0),
            };
            // A room that is none of hers: the writer's answer is a refusal.
            let form = SendForm {
                room: RoomId(Uuid::now_v7()),
                send_id: SendId::random(),
                text: "hello".to_owned(),
                reply_to: None,
                pictures: Pictures::default(),
            };
            reader.hear(Up::Send(form)).await;
            let code = timeout(Duration::from_secs(60), end.told()).await.expect("it is told to close");
            assert_eq!(code, close::BEHIND);
        }
    }
}
