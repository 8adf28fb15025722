//! What a socket costs in memory that says nothing and hears nothing.

use crate::base::Kind;
use crate::crowd::{expect_ready, our_path};
use crate::fail;
use crate::fail::Outcome;
use crate::moim::{Prepared, cookie};
use crate::process::{Running, start_peer};
use crate::report::{Budget, Report};
use crate::seed::{people, room};
use crate::settings;
use crate::socket::{Frame, Socket};
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::time::sleep;

const SOCKETS: u64 = 8_000;
/// People in a room.
const TABLE: u64 = 10;
/// Opened together.
const TOGETHER: u64 = 64;
/// Of them, an eighth is there before the first look, so that nothing is counted that is made once, such as what the database keeps.
const FIRST: u64 = 8;

pub async fn run() -> Outcome<Report> {
    let (rounds, sockets) = (settings::rounds()?, settings::count(SOCKETS)?.clamp(TOGETHER, SOCKETS));
    let moim = Prepared::new(Kind::Sqlite, "idle").await?;
    let base = moim.base().await?;
    people(&base, sockets).await?;
    for table in 0..sockets.div_ceil(TABLE) {
        room(&base, table, table * TABLE, TABLE).await?;
    }
    base.run("analyze").await?;
    drop(base);
    let mut report = Report::new("idle", rounds);
    report.usually("sockets", sockets, SOCKETS);
    for _ in 0..rounds {
        // A new server each time: what was given back is not always given back to the machine.
        let ours = moim.start(None).await?;
        report.add("KB a socket", "ours", cost(&ours, sockets, true).await?);
        drop(ours);
        let bare = start_peer("bare", &[]).await?;
        report.add("KB a socket", "bare", cost(&bare, sockets, false).await?);
    }
    report.figure("KB a socket", "ours", Budget::AtMost(16.0))?;
    report.ratio("KB a socket", "ours", "bare", None)?;
    report.note(format!("{sockets} sockets of as many people, ten in a room; what the server holds for itself"));
    Ok(report)
}

async fn cost(server: &Running, sockets: u64, is_ours: bool) -> Outcome<f64> {
    let (mut open, first) = (JoinSet::new(), sockets / FIRST);
    gather(server, 0, first, is_ours, &mut open).await?;
    sleep(Duration::from_secs(2)).await;
    let before = server.memory()?;
    gather(server, first, sockets - first, is_ours, &mut open).await?;
    sleep(Duration::from_secs(2)).await;
    let after = server.memory()?;
    if let Some(ended) = open.try_join_next() {
        ended??;
    }
    if after <= before {
        fail!("{} sockets more cost nothing: {before} bytes before, {after} after", sockets - first);
    }
    Ok((after - before) / 1_024.0 / (sockets - first) as f64)
}

/// Opens sockets that then answer pings, and nothing else.
async fn gather(server: &Running, from: u64, count: u64, is_ours: bool, open: &mut JoinSet<Outcome<()>>) -> Outcome<()> {
    let (addr, path, end) = (server.addr, our_path()?, from + count);
    for from in (from..end).step_by(TOGETHER as usize) {
        let mut opening: JoinSet<Outcome<Socket>> = JoinSet::new();
        for n in from..end.min(from + TOGETHER) {
            let path = path.clone();
            opening.spawn(async move {
                let cookie = if is_ours { cookie(n) } else { String::new() };
                let mut socket = Socket::open(addr, &path, &cookie, false).await?;
                if is_ours {
                    expect_ready(&mut socket).await?;
                }
                Ok(socket)
            });
        }
        while let Some(socket) = opening.join_next().await {
            open.spawn(keep(socket??));
        }
    }
    Ok(())
}

async fn keep(mut socket: Socket) -> Outcome<()> {
    loop {
        if let Frame::Closed(code) = socket.next().await? {
            fail!("an idle socket was closed with the code {code}");
        }
    }
}
