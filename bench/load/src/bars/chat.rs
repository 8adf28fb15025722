//! A room of a thousand sockets: ours, of a thousand people with rights and a durable log; Django Channels with Redis; two loops
//! without any of it.

use crate::base::Kind;
use crate::crowd::{Crowd, Speech, stored};
use crate::django;
use crate::fail::Outcome;
use crate::moim::Prepared;
use crate::process::start_peer;
use crate::report::{Budget, Report};
use crate::seed::{people, room};
use crate::settings;
use std::time::Duration;

const SOCKETS: u32 = 1_000;
const ROOM: u64 = 1;
const EACH_SECOND: u32 = 20;

pub async fn run() -> Outcome<Report> {
    let (rounds, window) = (settings::rounds()?, settings::window()?);
    let moim = Prepared::new(Kind::Sqlite, "chat").await?;
    let base = moim.base().await?;
    people(&base, u64::from(SOCKETS)).await?;
    room(&base, ROOM, 0, u64::from(SOCKETS)).await?;
    drop(base);
    let ours = moim.start(None).await?;
    let channels = django::channels().await?;
    let bare = start_peer("bare", &[]).await?;
    let coalescing = start_peer("coalescing", &[]).await?;
    let mut crowds = Vec::new();
    for (name, addr, speech) in [
        ("ours", ours.addr, Speech::Ours(ROOM)),
        ("Channels", channels.addr, Speech::Repeated),
        ("bare", bare.addr, Speech::Repeated),
        ("coalescing", coalescing.addr, Speech::Repeated),
    ] {
        crowds.push((name, Crowd::gather(addr, SOCKETS, speech, 0).await.map_err(|fail| fail.of(name))?));
    }
    let mut report = Report::new("chat", rounds);
    report.usually("seconds each", window.as_secs(), settings::SECONDS);
    for (name, crowd) in &mut crowds {
        crowd.throughput(Duration::from_secs(1)).await.map_err(|fail| fail.of(name))?;
    }
    for _ in 0..rounds {
        for (name, crowd) in &mut crowds {
            report.add("deliveries/s", name, crowd.throughput(window).await.map_err(|fail| fail.of(name))?);
        }
        for (name, crowd) in &mut crowds {
            let delays = crowd.delays(window, EACH_SECOND).await.map_err(|fail| fail.of(name))?;
            report.add("p50 at 20/s, ms", name, delays.p50);
            report.add("p99 at 20/s, ms", name, delays.p99);
        }
    }
    // What everybody has heard stands in the log.
    stored(&moim.base().await?, ROOM, crowds[0].1.said()).await?;
    report.ratio("deliveries/s", "ours", "Channels", Some(Budget::AtLeast(100.0)))?;
    report.ratio("deliveries/s", "ours", "bare", Some(Budget::AtLeast(1.0)))?;
    report.ratio("deliveries/s", "ours", "coalescing", None)?;
    for other in ["Channels", "bare", "coalescing"] {
        report.ratio("p50 at 20/s, ms", "ours", other, None)?;
        report.ratio("p99 at 20/s, ms", "ours", other, None)?;
    }
    report.note(format!("{SOCKETS} sockets each, ours of as many people; SQLite; at most 64 messages on their way at once"));
    Ok(report)
}
