//! A hundred sockets, one of which does not read: what the others notice.

use crate::base::Kind;
use crate::crowd::{Crowd, Delays, Speech, expect_ready, our_path};
use crate::fail;
use crate::fail::Outcome;
use crate::moim::{Prepared, cookie};
use crate::process::Running;
use crate::report::Report;
use crate::seed::{people, room};
use crate::settings;
use crate::socket::{Frame, Socket};
use std::time::Duration;
use tokio::time::timeout;

const OTHERS: u32 = 99;
const ROOM: u64 = 1;
/// Characters of three bytes in each message, so that what nobody reads is more than the kernel keeps.
const PADDING: usize = 1_900;
/// Not less, for the same reason.
const LEAST: Duration = Duration::from_secs(8);
/// How our server closes a socket that falls behind: its reader comes back and resumes.
const BEHIND: u16 = 4_013;

pub async fn run() -> Outcome<Report> {
    let (rounds, window) = (settings::rounds()?, settings::window()?.max(LEAST));
    let moim = Prepared::new(Kind::Sqlite, "stalled").await?;
    let base = moim.base().await?;
    people(&base, u64::from(OTHERS) + rounds as u64).await?;
    room(&base, ROOM, 0, u64::from(OTHERS) + rounds as u64).await?;
    drop(base);
    let server = moim.start(None).await?;
    let mut crowd = Crowd::gather(server.addr, OTHERS, Speech::Ours(ROOM), PADDING).await?;
    let mut report = Report::new("stalled", rounds);
    for round in 0..rounds as u64 {
        let quiet = crowd.delays(window, each_second()).await?;
        add(&mut report, "all read", &quiet);
        let mut stalled = stall(&server, u64::from(OTHERS) + round).await?;
        let before = server.memory()?;
        let beside = crowd.delays(window, each_second()).await?;
        add(&mut report, "one stalled", &beside);
        report.add("more memory, MB", "one stalled", (server.memory()? - before) / 1_048_576.0);
        report.add("closed as behind", "one stalled", f64::from(is_closed(&mut stalled).await?));
    }
    report.ratio("p50, ms", "one stalled", "all read", None)?;
    report.ratio("p99, ms", "one stalled", "all read", None)?;
    report.note(format!("{OTHERS} read, {} messages of 6 KB a second; the others miss nothing, or this had failed", each_second()));
    report.note("closed as behind: 1 when the one who does not read was closed with the code to resume by");
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

/// A socket that is open and does not read, with as little room in the kernel as there can be.
async fn stall(server: &Running, person: u64) -> Outcome<Socket> {
    let mut socket = Socket::open(server.addr, &our_path()?, &cookie(person), true).await?;
    expect_ready(&mut socket).await?;
    Ok(socket)
}

/// Reads at last, and sees how it ends.
async fn is_closed(stalled: &mut Socket) -> Outcome<bool> {
    loop {
        match timeout(Duration::from_secs(2), stalled.next()).await {
            Ok(Ok(Frame::Text(_))) => {}
            Ok(Ok(Frame::Closed(BEHIND))) => return Ok(true),
            Ok(Ok(Frame::Closed(code))) => fail!("the one who does not read was closed with the code {code}"),
            // It is still open: the kernel kept all of it.
            Err(_) => return Ok(false),
            // Closed before it could take the code: it took too long to read.
            Ok(Err(_)) => return Ok(true),
        }
    }
}
