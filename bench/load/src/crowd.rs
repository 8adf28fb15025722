//! A thousand sockets in a room. Each of them notes which messages it hears, so that nothing can be missing or come twice.

use crate::base::{Base, Sort, id};
use crate::fail;
use crate::fail::{Fail, Outcome};
use crate::moim;
use crate::once::Once;
use crate::settings;
use crate::socket::{Frame, Socket};
use crate::stats::percentile;
use memchr::memmem;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{Semaphore, mpsc};
use tokio::task::JoinSet;
use tokio::time::{Instant, interval, timeout};
use uuid::Uuid;

/// Messages that are on their way at once when it is measured how many go through.
const ON_THE_WAY: usize = 64;
/// Longer than this, nothing more comes.
const PATIENCE: Duration = Duration::from_secs(60);
/// Most messages of a bar.
const MOST: usize = 500_000;
const MARK: &[u8] = b"#m";
const DIGITS: usize = 10;

/// How a message is said to a server.
#[derive(Clone, Copy, Debug)]
pub enum Speech {
    /// As our browser does, in this room.
    Ours(u64),
    /// As it shall be repeated: the same bytes as ours sends to everybody.
    Repeated,
}

impl Speech {
    fn say(self, number: u64, padding: usize) -> Vec<u8> {
        let text = format!("#m{number:010} 정문 앞에서 만나요{}", "밥".repeat(padding));
        match self {
            Self::Ours(room) => {
                format!(r#"{{"send":{{"room":"{}","send_id":"{}","text":"{text}"}}}}"#, id(Sort::Room, room), Uuid::new_v4())
            }
            Self::Repeated => format!(
                r#"{{"message":{{"room":"{}","message":{{"seq":{number},"said":{number},"at":1795673345254,"content":{{"text":{{"author":{{"id":"{}","nickname":"neighbour 1"}},"send_id":"{}","text":"{text}","pictures":[],"reply":null,"changed":0}}}}}}}}}}"#,
                id(Sort::Room, 1),
                id(Sort::Person, 1),
                Uuid::now_v7()
            ),
        }
        .into_bytes()
    }
}

/// What all members write on.
struct Board {
    begun: Instant,
    members: u32,
    /// When each message was sent, in microseconds, and how many have heard it.
    sent: Vec<AtomicU64>,
    heard: Vec<AtomicU32>,
    /// Which each member has heard.
    each: Vec<Mutex<Once>>,
    /// Deliveries.
    count: AtomicU64,
    last: AtomicU64,
    free: Semaphore,
    is_timing: AtomicBool,
    delays: Mutex<Vec<f64>>,
    trouble: Mutex<Option<Fail>>,
}

impl Board {
    fn now(&self) -> u64 {
        self.begun.elapsed().as_micros() as u64
    }

    fn hear(&self, member: usize, text: &[u8]) -> Outcome<()> {
        let Some(number) = number_of(text)? else {
            if text.starts_with(b"{\"refused\"") || text.starts_with(b"{\"error\"") {
                fail!("a message was refused: {}", String::from_utf8_lossy(text));
            }
            return Ok(());
        };
        if number as usize >= MOST {
            fail!("message {number} came, which nobody has sent");
        }
        let now = self.now();
        self.each[member].lock().unwrap_or_else(PoisonError::into_inner).note(number);
        self.count.fetch_add(1, Ordering::Relaxed);
        if self.is_timing.load(Ordering::Relaxed) {
            let delay = now.saturating_sub(self.sent[number as usize].load(Ordering::Relaxed)) as f64 / 1_000.0;
            self.delays.lock().unwrap_or_else(PoisonError::into_inner).push(delay);
        }
        if self.heard[number as usize].fetch_add(1, Ordering::Relaxed) + 1 == self.members {
            self.last.store(now, Ordering::Relaxed);
            self.free.add_permits(1);
        }
        Ok(())
    }
}

/// The number of a message that a crowd has said, if there is one in these bytes.
pub fn number_of(text: &[u8]) -> Outcome<Option<u64>> {
    let Some(place) = memmem::find(text, MARK).map(|place| place + MARK.len()) else { return Ok(None) };
    let digits = text.get(place..place + DIGITS).ok_or_else(|| Fail("a message was cut".to_owned()))?;
    Ok(Some(std::str::from_utf8(digits)?.parse()?))
}

/// Everybody in the room.
pub struct Crowd {
    board: Arc<Board>,
    speech: Speech,
    padding: usize,
    lines: Vec<mpsc::UnboundedSender<Vec<u8>>>,
    next: u64,
    members: JoinSet<()>,
}

/// Milliseconds from saying to hearing.
pub struct Delays {
    pub p50: f64,
    pub p99: f64,
}

/// The address of our own sockets.
pub fn our_path() -> Outcome<String> {
    Ok(format!("/ws?v={}", settings::required("MOIM_WS_VERSION")?))
}

impl Crowd {
    /// Opens so many sockets; with [`Speech::Ours`] of as many people.
    pub async fn gather(addr: SocketAddr, members: u32, speech: Speech, padding: usize) -> Outcome<Self> {
        let board = Arc::new(Board {
            begun: Instant::now(),
            members,
            sent: (0..MOST).map(|_| AtomicU64::new(0)).collect(),
            heard: (0..MOST).map(|_| AtomicU32::new(0)).collect(),
            each: (0..members).map(|_| Mutex::default()).collect(),
            count: AtomicU64::new(0),
            last: AtomicU64::new(0),
            free: Semaphore::new(ON_THE_WAY),
            is_timing: AtomicBool::new(false),
            delays: Mutex::default(),
            trouble: Mutex::default(),
        });
        let mut crowd = Self { board, speech, padding, lines: Vec::new(), next: 0, members: JoinSet::new() };
        let path = match speech {
            Speech::Ours(_) => our_path()?,
            Speech::Repeated => "/ws".to_owned(),
        };
        for n in 0..u64::from(members) {
            let cookie = if matches!(speech, Speech::Ours(_)) { moim::cookie(n) } else { String::new() };
            let mut socket = Socket::open(addr, &path, &cookie, false).await?;
            if matches!(speech, Speech::Ours(_)) {
                expect_ready(&mut socket).await?;
            }
            let (line, said) = mpsc::unbounded_channel();
            crowd.lines.push(line);
            let board = crowd.board.clone();
            crowd.members.spawn(async move {
                if let Err(fail) = take_part(&board, n as usize, socket, said).await {
                    board.trouble.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(fail);
                }
            });
        }
        Ok(crowd)
    }

    /// How many messages were said: the number of the next.
    pub fn said(&self) -> u64 {
        self.next
    }

    /// Deliveries in a second, when as much is said as goes through.
    pub async fn throughput(&mut self, window: Duration) -> Outcome<f64> {
        let (first, begun) = (self.next, self.board.now());
        let until = Instant::now() + window;
        while Instant::now() < until {
            self.wait(1).await?;
            self.say()?;
        }
        self.settle().await?;
        let micros = self.board.last.load(Ordering::Relaxed) - begun;
        Ok((self.next - first) as f64 * f64::from(self.board.members) / (micros as f64 / 1_000_000.0))
    }

    /// How long a message takes to everybody, when so many are said in a second.
    pub async fn delays(&mut self, window: Duration, each_second: u32) -> Outcome<Delays> {
        self.board.is_timing.store(true, Ordering::Relaxed);
        let mut tick = interval(Duration::from_secs(1) / each_second);
        for _ in 0..window.as_secs() * u64::from(each_second) {
            tick.tick().await;
            self.wait(1).await?;
            self.say()?;
        }
        self.settle().await?;
        self.board.is_timing.store(false, Ordering::Relaxed);
        let mut delays = std::mem::take(&mut *self.board.delays.lock().unwrap_or_else(PoisonError::into_inner));
        Ok(Delays { p50: percentile(&mut delays, 0.5), p99: percentile(&mut delays, 0.99) })
    }

    /// Everybody takes their turn, because nobody may say much in a short time.
    fn say(&mut self) -> Outcome<()> {
        if self.next as usize >= MOST {
            fail!("more than {MOST} messages: measure for a shorter time");
        }
        let text = self.speech.say(self.next, self.padding);
        self.board.sent[self.next as usize].store(self.board.now(), Ordering::Relaxed);
        let line = self.next as usize % self.lines.len();
        self.next += 1;
        self.lines[line].send(text).map_err(|_| self.trouble(Fail("a socket is gone".to_owned())))
    }

    /// Waits until so many of those on the way have arrived everywhere, and takes their places.
    async fn wait(&self, places: u32) -> Outcome<()> {
        let until = Instant::now() + PATIENCE;
        loop {
            if let Ok(Ok(permit)) = timeout(Duration::from_secs(1), self.board.free.acquire_many(places)).await {
                permit.forget();
                return Ok(());
            }
            let is_troubled = self.board.trouble.lock().unwrap_or_else(PoisonError::into_inner).is_some();
            if is_troubled || Instant::now() > until {
                let missing = self.each_once().err().unwrap_or_else(|| Fail("messages are missing".to_owned()));
                return Err(self.trouble(missing));
            }
        }
    }

    /// Waits for everything, and looks whether each socket has heard each message once.
    async fn settle(&self) -> Outcome<()> {
        self.wait(ON_THE_WAY as u32).await?;
        self.board.free.add_permits(ON_THE_WAY);
        self.each_once()
    }

    /// An error that says which socket has not heard which message once.
    fn each_once(&self) -> Outcome<()> {
        for (member, heard) in self.board.each.iter().enumerate() {
            let heard = heard.lock().unwrap_or_else(PoisonError::into_inner);
            heard.check(0..self.next).map_err(|fail| fail.of(&format!("socket {member} of {}", self.board.members)))?;
        }
        Ok(())
    }

    fn trouble(&self, otherwise: Fail) -> Fail {
        let trouble = self.board.trouble.lock().unwrap_or_else(PoisonError::into_inner).take();
        let (count, said) = (self.board.count.load(Ordering::Relaxed), self.next);
        trouble.unwrap_or_else(|| Fail(format!("{otherwise}: {said} said, {count} heard by {} sockets", self.board.members)))
    }
}

async fn take_part(board: &Board, member: usize, mut socket: Socket, mut said: mpsc::UnboundedReceiver<Vec<u8>>) -> Outcome<()> {
    loop {
        tokio::select! {
            frame = socket.next() => match frame? {
                Frame::Text(range) => board.hear(member, socket.text(range))?,
                Frame::Closed(code) => fail!("a socket was closed with the code {code}"),
            },
            text = said.recv() => match text {
                Some(text) => socket.send(&text).await?,
                None => return Ok(()),
            },
        }
    }
}

/// An error unless a room has so many messages, each under a name of its own.
pub async fn stored(base: &Base, room: u64, said: u64) -> Outcome<()> {
    let room = base.id(Sort::Room, &room.to_string());
    let found = base.texts(&format!("select count(*) || ' ' || count(distinct send_id) from messages where room_id = {room}")).await?;
    if found != [format!("{said} {said}")] {
        fail!("{said} messages were acknowledged or heard; of these stand in the log, and under so many names: {}", found.join(", "));
    }
    Ok(())
}

/// The first frame of our own sockets.
pub async fn expect_ready(socket: &mut Socket) -> Outcome<()> {
    match timeout(Duration::from_secs(10), socket.next()).await?? {
        Frame::Text(range) if socket.text(range.clone()).starts_with(b"{\"ready\"") => Ok(()),
        Frame::Text(range) => fail!("the first frame is {}", String::from_utf8_lossy(socket.text(range))),
        Frame::Closed(code) => fail!("a socket was closed at once with the code {code}"),
    }
}
