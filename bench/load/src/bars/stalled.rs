//! A hundred sockets, one of which does not read: what the others notice, and whether it has everything in the end.

use crate::base::{Kind, Sort, id};
use crate::crowd::{Crowd, Delays, Speech, expect_ready, number_of, our_path};
use crate::fail;
use crate::fail::{Fail, Outcome};
use crate::http::Client;
use crate::moim::{Prepared, cookie};
use crate::once::Once;
use crate::process::Running;
use crate::report::{Budget, Report};
use crate::seed::{people, room};
use crate::settings;
use crate::socket::{Frame, Socket};
use serde_json::Value;
use std::time::Duration;
use tokio::time::timeout;

const OTHERS: u32 = 99;
const ROOM: u64 = 1;
/// Characters of three bytes in each message, so that what nobody reads is more than the kernel keeps.
const PADDING: usize = 1_900;
/// Not shorter, for the same reason; and not longer: whoever is closed as behind has ten seconds to take the code.
const WINDOW: Duration = Duration::from_secs(8);
/// How our server closes a socket that falls behind (`close::BEHIND`): its reader comes back and resumes.
const BEHIND: u16 = 4_013;
/// After so long without a frame nothing more comes.
const SILENCE: Duration = Duration::from_secs(2);
const PATIENCE: Duration = Duration::from_secs(10);

pub async fn run() -> Outcome<Report> {
    let rounds = settings::rounds()?;
    let moim = Prepared::new(Kind::Sqlite, "stalled").await?;
    let base = moim.base().await?;
    people(&base, u64::from(OTHERS) + rounds as u64).await?;
    room(&base, ROOM, 0, u64::from(OTHERS) + rounds as u64).await?;
    drop(base);
    let server = moim.start(None).await?;
    let mut crowd = Crowd::gather(server.addr, OTHERS, Speech::Ours(ROOM), PADDING).await?;
    let mut report = Report::new("stalled", rounds);
    for round in 0..rounds as u64 {
        let quiet = crowd.delays(WINDOW, each_second()).await?;
        add(&mut report, "all read", &quiet);
        let (person, first) = (u64::from(OTHERS) + round, crowd.said());
        let mut stalled = stall(&server, person).await?;
        let before = server.memory()?;
        let beside = crowd.delays(WINDOW, each_second()).await?;
        add(&mut report, "one stalled", &beside);
        report.add("more memory, MB", "one stalled", (server.memory()? - before) / 1_048_576.0);
        let mut late = Late::default();
        let is_behind = late.read(&mut stalled).await?;
        if is_behind {
            late.resume(&server, person).await?;
        }
        late.heard.check(first..crowd.said()).map_err(|fail| fail.of("the one who did not read"))?;
        report.add("closed as behind", "one stalled", f64::from(is_behind));
    }
    report.ratio("p50, ms", "one stalled", "all read", None)?;
    report.ratio("p99, ms", "one stalled", "all read", None)?;
    report.note(format!("{OTHERS} read, {} messages of 6 KB a second; nobody misses any in the end, or this had failed", each_second()));
    // Where the kernel kept everything each time, nothing was tried.
    report.figure("closed as behind", "one stalled", Budget::AtLeast(1.0))?;
    report.note("closed as behind: 1 when the one who does not read was closed with the code to resume by, and then resumed");
    Ok(report)
}

/// As much as the throttle of a hundred people lets through for some time.
const fn each_second() -> u32 {
    150
}

fn add(report: &mut Report, target: &str, delays: &Delays) {
    report.add("p50, ms", target, delays.p50);
    report.add("p99, ms", target, delays.p99);
}

/// A socket that is open and does not read.
async fn stall(server: &Running, person: u64) -> Outcome<Socket> {
    let mut socket = Socket::open(server.addr, &our_path()?, &cookie(person), true).await?;
    expect_ready(&mut socket).await?;
    Ok(socket)
}

/// What the one who did not read hears at last.
#[derive(Default)]
struct Late {
    heard: Once,
    /// The last position in the room's log; 0 before the first.
    last: u64,
}

/// A message of the crowd in the room's log.
struct Entry {
    seq: u64,
    number: u64,
}

impl Late {
    /// Reads what has come, and sees how it ends: whether the socket was closed as behind.
    async fn read(&mut self, stalled: &mut Socket) -> Outcome<bool> {
        loop {
            // One that is silent is still open: the kernel kept all of it.
            let Ok(frame) = timeout(SILENCE, stalled.next()).await else { return Ok(false) };
            match frame? {
                Frame::Closed(BEHIND) => return Ok(true),
                Frame::Closed(code) => fail!("the one who does not read was closed with the code {code}"),
                Frame::Text(range) => {
                    let frame: Value = serde_json::from_slice(stalled.text(range))?;
                    if let Some(told) = frame.get("message") {
                        self.note(&entry(&told["message"])?)?;
                    }
                }
            }
        }
    }

    /// Comes back as a page does: asks for what follows; where that is only the newest part, reads back from there.
    async fn resume(&mut self, server: &Running, person: u64) -> Outcome<()> {
        let (room, cookie) = (id(Sort::Room, ROOM), cookie(person));
        let mut socket = Socket::open(server.addr, &our_path()?, &cookie, false).await?;
        expect_ready(&mut socket).await?;
        socket.send(format!(r#"{{"resume":{{"room":"{room}","after":{}}}}}"#, self.last).as_bytes()).await?;
        let replay = timeout(PATIENCE, replay(&mut socket)).await??;
        let mut missed = entries(&replay)?;
        if replay["gap"].as_bool() == Some(true) {
            let mut client = Client::connect(server.addr).await?;
            while let Some(first) = missed.first().filter(|first| first.seq > self.last + 1) {
                let path = format!("/api/chat_history?room={room}&before={}", first.seq);
                let status = client.get(&path, &cookie).await?;
                if status != 200 {
                    fail!("{path} was answered with {status}");
                }
                let mut older = entries(&serde_json::from_slice(client.body())?)?;
                if older.is_empty() {
                    fail!("nothing stands before what {path} names");
                }
                older.append(&mut missed);
                missed = older;
            }
        }
        let last = self.last;
        missed.iter().filter(|entry| entry.seq > last).try_for_each(|entry| self.note(entry))
    }

    /// The log has no gaps, so nothing else may follow than the next.
    fn note(&mut self, entry: &Entry) -> Outcome<()> {
        if self.last > 0 && entry.seq != self.last + 1 {
            fail!("the one who does not read heard {} of the room after {}", entry.seq, self.last);
        }
        self.last = entry.seq;
        self.heard.note(entry.number);
        Ok(())
    }
}

/// The answer to who resumes: others may say something in between.
async fn replay(socket: &mut Socket) -> Outcome<Value> {
    loop {
        match socket.next().await? {
            Frame::Closed(code) => fail!("who came back was closed with the code {code}"),
            Frame::Text(range) => {
                let mut frame: Value = serde_json::from_slice(socket.text(range))?;
                if let Some(replay) = frame.get_mut("replay") {
                    return Ok(replay.take());
                }
                if frame.get("error").is_some() {
                    fail!("who came back was told: {frame}");
                }
            }
        }
    }
}

fn entries(part: &Value) -> Outcome<Vec<Entry>> {
    part["messages"].as_array().ok_or_else(|| Fail(format!("no part of a log: {part}")))?.iter().map(entry).collect()
}

fn entry(message: &Value) -> Outcome<Entry> {
    let text = message["content"]["text"]["text"].as_str().unwrap_or_default();
    match (message["seq"].as_u64(), number_of(text.as_bytes())?) {
        (Some(seq), Some(number)) => Ok(Entry { seq, number }),
        _ => fail!("this was said by nobody here: {message}"),
    }
}
