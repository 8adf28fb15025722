//! Signing in against the cost of its hash alone, and what others notice while many sign in.

use crate::base::Kind;
use crate::fail;
use crate::fail::{Fail, Outcome};
use crate::http::Client;
use crate::load::Whole;
use crate::moim::Prepared;
use crate::report::{Budget, Report};
use crate::seed::{PASSWORD, REGION, argon2, parties, password_hash, people};
use crate::settings;
use crate::stats::{median, percentile};
use argon2::password_hash::PasswordVerifier;
use argon2::password_hash::phc::PasswordHash;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::time::{Instant, interval};

/// Hashes, and sign-ins, of a round.
const EACH: usize = 12;
/// Who sign in all the time in the flood.
const FLOOD: u64 = 32;
/// Others' questions in a second.
const OTHERS: u32 = 50;

pub async fn run() -> Outcome<Report> {
    let (rounds, window) = (settings::rounds()?, settings::window()?);
    let moim = Prepared::new(Kind::Sqlite, "sign_in").await?;
    let base = moim.base().await?;
    people(&base, 100).await?;
    parties(&base, 60).await?;
    let server = moim.start(None).await?;
    let hash = password_hash()?;
    let mut client = Client::connect(server.addr).await?;
    let mut report = Report::new("sign-in", rounds);
    report.usually("seconds each", window.as_secs(), settings::SECONDS);
    sign_in(&mut client, 0).await?;
    others(server.addr, Duration::from_secs(1)).await?;
    for _ in 0..rounds {
        let (mut alone, mut whole) = (Vec::new(), Vec::new());
        for _ in 0..EACH {
            let before = Instant::now();
            let known = PasswordHash::new(&hash).map_err(|error| Fail(error.to_string()))?;
            argon2().verify_password(PASSWORD.as_bytes(), &known).map_err(|error| Fail(error.to_string()))?;
            alone.push(before.elapsed().as_secs_f64() * 1_000.0);
            let before = Instant::now();
            sign_in(&mut client, 0).await?;
            whole.push(before.elapsed().as_secs_f64() * 1_000.0);
        }
        report.add("ms, median", "argon2id alone", median(&alone));
        report.add("ms, median", "sign-in", median(&whole));
        let idle = others(server.addr, window).await?;
        let (flooded, rate) = flood(server.addr, window).await?;
        report.add("others' p99, ms", "idle", idle);
        report.add("others' p99, ms", "flood", flooded);
        report.add("sign-ins/s", "flood", rate);
    }
    report.ratio("ms, median", "sign-in", "argon2id alone", Some(Budget::AtMost(1.15)))?;
    report.ratio("others' p99, ms", "flood", "idle", Some(Budget::AtMost(3.0)))?;
    report.note(format!("flood: {FLOOD} people sign in without a pause; others: {OTHERS} list pages a second over one connection"));
    Ok(report)
}

async fn sign_in(client: &mut Client, person: u64) -> Outcome<()> {
    let form = format!("form[email]=p{person}@moim.test&form[password]={}", PASSWORD.replace(' ', "+"));
    let status = client.post("/api/sign_in", "Accept: application/json\r\n", &form).await?;
    if status != 200 || !client.headers("set-cookie").any(|cookie| cookie.starts_with("moim_access=")) {
        fail!("a sign-in was answered with {status}: {}", String::from_utf8_lossy(client.body()));
    }
    Ok(())
}

/// The p99 of somebody who reads a page now and then, in milliseconds.
async fn others(addr: SocketAddr, window: Duration) -> Outcome<f64> {
    let mut client = Client::connect(addr).await?;
    let whole = Whole { bytes: 10_000, text: "<article class=\"order\"", times: 10, end: "</script>" };
    let (mut tick, mut delays) = (interval(Duration::from_secs(1) / OTHERS), Vec::new());
    for n in 0..window.as_secs() * u64::from(OTHERS) {
        // From when it should have been asked: who waits for the one before waits too.
        let due = tick.tick().await;
        let status = client.get(&format!("/meals?region={REGION}&n={n}"), "").await?;
        delays.push(due.elapsed().as_secs_f64() * 1_000.0);
        whole.check(status, client.body())?;
    }
    Ok(percentile(&mut delays, 0.99))
}

/// The same while many sign in; and how many did in a second.
async fn flood(addr: SocketAddr, window: Duration) -> Outcome<(f64, f64)> {
    let started = Instant::now();
    let mut tasks: JoinSet<Outcome<u64>> = JoinSet::new();
    for person in 1..=FLOOD {
        tasks.spawn(async move {
            let mut client = Client::connect(addr).await?;
            let mut count = 0;
            while started.elapsed() < window {
                sign_in(&mut client, person).await?;
                count += 1;
            }
            Ok(count)
        });
    }
    let p99 = others(addr, window).await?;
    let mut count = 0;
    while let Some(done) = tasks.join_next().await {
        count += done??;
    }
    Ok((p99, count as f64 / started.elapsed().as_secs_f64()))
}
