//! Much at once for a long time: readers, members, sign-ins, a room, sockets that come and go, people who sit down, say something and
//! get up again. No status that is not 200, nothing missing in the room, and memory that does not grow.

use crate::base::{Kind, Sort, id};
use crate::crowd::{Crowd, Speech, expect_ready, our_path};
use crate::fail::Outcome;
use crate::http::Client;
use crate::moim::{Prepared, cookie};
use crate::report::{Budget, Report};
use crate::seed::{PASSWORD, REGION, members, parties, people, room_of};
use crate::settings;
use crate::socket::Socket;
use crate::stats::{ends, slope};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::time::{Instant, interval, sleep};
use uuid::Uuid;

const PEOPLE: u64 = 400;
const SOCKETS: u32 = 200;
const ROOM: u64 = room_of(0);
const PARTIES: u64 = 200;
const READERS: u64 = 8;
/// Between two questions of a reader.
const PAUSE: Duration = Duration::from_millis(25);
/// Between two who sit down: so that nobody does it more often than anybody may.
const SITTING: Duration = Duration::from_millis(500);
/// People who do: those who lead nothing.
const SITTERS: std::ops::Range<u64> = 100..300;
/// Of the whole time; what is kept is filled by then.
const WARM_UP: f64 = 0.25;
/// What it held is told of as many minutes.
const PARTS: usize = 20;
/// Kilobytes a minute.
const MOST_GROWTH: f64 = 256.0;

type Statuses = Arc<Mutex<BTreeMap<u16, u64>>>;

pub async fn run() -> Outcome<Report> {
    let whole = settings::soak()?;
    let moim = Prepared::new(Kind::Sqlite, "soak").await?;
    let base = moim.base().await?;
    people(&base, PEOPLE).await?;
    parties(&base, PARTIES).await?;
    members(&base, ROOM, 1, PEOPLE - 1).await?;
    drop(base);
    let server = moim.start(None).await?;
    let mut report = Report::once("soak");
    report.usually("seconds", whole.as_secs(), settings::SOAK_SECONDS);
    let statuses = Statuses::default();
    let until = Instant::now() + whole;
    let mut tasks: JoinSet<Outcome<()>> = JoinSet::new();
    for reader in 0..READERS {
        tasks.spawn(read(server.addr, reader, until, statuses.clone()));
    }
    tasks.spawn(sign_in(server.addr, until, statuses.clone()));
    tasks.spawn(come_and_go(server.addr, until));
    tasks.spawn(sit_down(server.addr, until, statuses.clone()));
    let mut crowd = Crowd::gather(server.addr, SOCKETS, Speech::Ours(ROOM), 0).await?;
    let talk = async {
        while Instant::now() < until {
            crowd.delays(Duration::from_secs(5), 10).await?;
        }
        Ok(())
    };
    let watch = async {
        let (begun, mut tick, mut memory) = (Instant::now(), interval(Duration::from_secs(1)), Vec::new());
        while Instant::now() < until {
            tick.tick().await;
            memory.push((begun.elapsed().as_secs_f64() / 60.0, server.memory()? / 1_024.0));
            if let Some(ended) = tasks.try_join_next() {
                ended??;
            }
        }
        Ok::<_, crate::fail::Fail>(memory)
    };
    let (_, memory): ((), Vec<(f64, f64)>) = tokio::try_join!(talk, watch)?;
    while let Some(ended) = tasks.join_next().await {
        ended??;
    }
    let minutes = floors(&memory);
    let warm = &minutes[(minutes.len() as f64 * WARM_UP) as usize..];
    let statuses = std::mem::take(&mut *statuses.lock().unwrap_or_else(PoisonError::into_inner));
    let unexpected: u64 = statuses.iter().filter(|(status, _)| **status != 200).map(|(_, count)| count).sum();
    for (minute, size) in minutes.iter().step_by(minutes.len().div_ceil(PARTS)) {
        report.add("memory, MB", &format!("minute {minute:.0}"), size / 1_024.0);
    }
    report.add("growth, KB a minute", "after warm-up", slope(warm));
    report.add("answers", "unexpected", unexpected as f64);
    report.add("answers", "all", statuses.values().sum::<u64>() as f64);
    report.figure("growth, KB a minute", "after warm-up", Budget::AtMost(MOST_GROWTH))?;
    report.figure("answers", "unexpected", Budget::AtMost(0.0))?;
    report.note(format!("{} s; statuses: {statuses:?}", whole.as_secs()));
    Ok(report)
}

/// Of each minute what was held the whole time: the least. What is in use for a moment, such as the 19 MB of a password that is being
/// hashed, is no growth, and hides it. Where there are several, one that is not half over at the end says too little.
fn floors(memory: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let mut minutes: Vec<_> = memory.chunk_by(|(one, _), (next, _)| one.floor() == next.floor()).collect();
    if minutes.len() > 1 {
        minutes.retain(|minute| minute.len() >= 30);
    }
    minutes.into_iter().map(|minute| (minute[0].0.floor(), ends(&minute.iter().map(|(_, size)| *size).collect::<Vec<_>>()).0)).collect()
}

fn count(statuses: &Statuses, status: u16) {
    *statuses.lock().unwrap_or_else(PoisonError::into_inner).entry(status).or_default() += 1;
}

/// Half of the readers are signed in.
async fn read(addr: SocketAddr, reader: u64, until: Instant, statuses: Statuses) -> Outcome<()> {
    let mut client = Client::connect(addr).await?;
    let headers = if reader.is_multiple_of(2) { cookie(300 + reader) } else { String::new() };
    let mut paths =
        vec!["/".to_owned(), format!("/meals?region={REGION}"), format!("/api/meals?query[region]={REGION}"), "/about".to_owned()];
    if reader.is_multiple_of(2) {
        paths.extend(["/me", "/me/parties", "/me/notices", "/chat", "/api/chat_rooms?search="].map(str::to_owned));
        paths.push(format!("/chat/{}", id(Sort::Room, ROOM)));
    }
    for n in (reader..).step_by(READERS as usize) {
        if Instant::now() > until {
            break;
        }
        let one = format!("/meals/{}", id(Sort::Party, n % PARTIES));
        let path = if n % 3 == 0 { &one } else { &paths[n as usize / 3 % paths.len()] };
        let status = client.get(path, &headers).await?;
        count(&statuses, status);
        sleep(PAUSE).await;
    }
    Ok(())
}

async fn sign_in(addr: SocketAddr, until: Instant, statuses: Statuses) -> Outcome<()> {
    let mut client = Client::connect(addr).await?;
    let form = format!("form[email]=p399@moim.test&form[password]={}", PASSWORD.replace(' ', "+"));
    while Instant::now() < until {
        let status = client.post("/api/sign_in", "Accept: application/json\r\n", &form).await?;
        count(&statuses, status);
        sleep(Duration::from_secs(1)).await;
    }
    Ok(())
}

async fn come_and_go(addr: SocketAddr, until: Instant) -> Outcome<()> {
    let path = our_path()?;
    for n in 0.. {
        if Instant::now() > until {
            break;
        }
        let mut socket = Socket::open(addr, &path, &cookie(200 + n % 100), false).await?;
        expect_ready(&mut socket).await?;
        sleep(Duration::from_millis(100)).await;
    }
    Ok(())
}

/// One after the other takes a seat at an order, comments on it and gets up again; each time at another one.
async fn sit_down(addr: SocketAddr, until: Instant, statuses: Statuses) -> Outcome<()> {
    let (mut client, count_of) = (Client::connect(addr).await?, SITTERS.end - SITTERS.start);
    for n in 0.. {
        if Instant::now() > until {
            break;
        }
        let headers = format!("{}Accept: application/json\r\n", cookie(SITTERS.start + n % count_of));
        // Not the one whose room everybody is in already.
        let party = id(Sort::Party, 1 + (n * 7 + n / count_of) % (PARTIES - 1));
        let comment =
            format!("form[party]={party}&form[key]={}&form[text]=%EC%A0%95%EB%AC%B8+%EC%95%9E%EC%9D%B4%EC%A3%A0%3F", Uuid::now_v7());
        let seat = format!("party={party}");
        for (path, form) in [("/api/join_party", &seat), ("/api/write_comment", &comment), ("/api/leave_party", &seat)] {
            let status = client.post(path, &headers, form).await?;
            if status != 200 {
                eprintln!("{path}: {status}, {}", String::from_utf8_lossy(client.body()));
            }
            count(&statuses, status);
        }
        sleep(SITTING).await;
    }
    Ok(())
}
