//! Sixteen senders, each of whom waits for each message to be on the disk: ours, which stores together what comes together, against one
//! transaction for each.

use crate::base::{Kind, Sort, id};
use crate::crowd::{expect_ready, our_path, stored};
use crate::fail::Outcome;
use crate::moim::{Prepared, cookie};
use crate::report::{Budget, Report};
use crate::seed::{people, room};
use crate::settings;
use crate::socket::Socket;
use sqlx::postgres::{PgPool, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous};
use std::net::SocketAddr;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Barrier;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout};
use uuid::Uuid;

const SENDERS: u64 = 16;
/// Nobody may say more in ten seconds: then the next person goes on in their place.
const EACH: u64 = 20;
/// Of our own messages in a round, so that the measurement lasts a while.
const TURNS: u64 = 8;
const PATIENCE: Duration = Duration::from_secs(30);
const ROOM: u64 = 1;
const TEXT: &str = "정문 앞에서 만나요";

pub async fn run() -> Outcome<Report> {
    let rounds = settings::rounds()?;
    let mut report = Report::new("durable", rounds);
    let everybody = SENDERS * TURNS * (rounds as u64 + 1);
    for kind in Kind::BOTH {
        let moim = Prepared::new(kind, "durable").await?;
        let single = Prepared::new(kind, "durable_single").await?;
        for prepared in [&moim, &single] {
            let base = prepared.base().await?;
            people(&base, everybody).await?;
            room(&base, ROOM, 0, everybody).await?;
            base.run("analyze").await?;
        }
        let server = moim.start(None).await?;
        let peer = Peer::open(&single.url).await?;
        let (ours, one) = (format!("ours, {}", kind.name()), format!("one by one, {}", kind.name()));
        let (our_base, its_base) = (moim.base().await?, single.base().await?);
        // Once for the connections and what they prepare.
        send_all(server.addr, rounds as u64 * SENDERS * TURNS).await?;
        peer.send_all(EACH).await?;
        let (mut sent, mut peer_sent) = (SENDERS * TURNS * EACH, SENDERS * EACH);
        for round in 0..rounds as u64 {
            report.add("messages/s", &ours, send_all(server.addr, round * SENDERS * TURNS).await?);
            report.add("messages/s", &one, peer.send_all(EACH * 2).await?);
            sent += SENDERS * TURNS * EACH;
            peer_sent += SENDERS * EACH * 2;
            stored(&our_base, ROOM, sent).await.map_err(|fail| fail.of(&ours))?;
            stored(&its_base, ROOM, peer_sent).await.map_err(|fail| fail.of(&one))?;
        }
        report.ratio("messages/s", &ours, &one, Some(Budget::AtLeast(5.0)))?;
    }
    report.note(format!(
        "{SENDERS} senders into one room, each waits for the answer before the next; both databases write through to the disk"
    ));
    report.note("ours over its sockets, with rights, throttles and fan-out to the senders; one by one straight to the database");
    Ok(report)
}

/// Messages in a second over our sockets. Only while all send: before each turn everybody has come in.
async fn send_all(addr: SocketAddr, from: u64) -> Outcome<f64> {
    let path = our_path()?;
    let gate = Arc::new(Barrier::new(SENDERS as usize));
    let mut tasks: JoinSet<Outcome<Duration>> = JoinSet::new();
    for sender in 0..SENDERS {
        let (path, gate) = (path.clone(), gate.clone());
        tasks.spawn(async move {
            let mut sending = Duration::ZERO;
            for turn in 0..TURNS {
                let mut socket = Socket::open(addr, &path, &cookie(from + turn * SENDERS + sender), false).await?;
                expect_ready(&mut socket).await?;
                timeout(PATIENCE, gate.wait()).await?;
                let started = Instant::now();
                for _ in 0..EACH {
                    // As the browser names them.
                    let send = Uuid::now_v7();
                    let text = format!(r#"{{"send":{{"room":"{}","send_id":"{send}","text":"{TEXT}"}}}}"#, id(Sort::Room, ROOM));
                    socket.send(text.as_bytes()).await?;
                    timeout(PATIENCE, socket.acknowledged(send)).await??;
                }
                timeout(PATIENCE, gate.wait()).await?;
                sending += started.elapsed();
            }
            Ok(sending)
        });
    }
    let mut longest = Duration::ZERO;
    while let Some(done) = tasks.join_next().await {
        longest = longest.max(done??);
    }
    Ok((SENDERS * TURNS * EACH) as f64 / longest.as_secs_f64())
}

/// One transaction for each message: is the author in the room, its next number, the message, how far the author has read.
#[derive(Clone)]
enum Peer {
    Sqlite(SqlitePool),
    Postgres(PgPool),
}

const MEMBER: &str = "select 1 from room_members where room_id = $1 and user_id = $2 and left_at is null";
const NUMBER: &str = "update rooms set last_seq = last_seq + 1, last_said = last_said + 1, last_shown = last_seq + 1, last_at = $2
    where id = $1 and deleted_at is null returning last_seq, last_said";
const MESSAGE: &str =
    "insert into messages (room_id, seq, said, send_id, author_id, kind, body, created_at) values ($1, $2, $3, $4, $5, 'text', $6, $7)";
const READ: &str = "update room_members set read_seq = $3, read_said = $4 where room_id = $1 and user_id = $2";

macro_rules! say {
    ($tx:expr, $person:expr) => {{
        let (room, person, now) = (id(Sort::Room, ROOM), id(Sort::Person, $person), 1_795_673_345_254_i64);
        sqlx::query(MEMBER).bind(room).bind(person).fetch_one(&mut *$tx).await?;
        let (seq, said): (i64, i64) = sqlx::query_as(NUMBER).bind(room).bind(now).fetch_one(&mut *$tx).await?;
        let message = sqlx::query(MESSAGE).bind(room).bind(seq).bind(said).bind(Uuid::now_v7()).bind(person).bind(TEXT).bind(now);
        message.execute(&mut *$tx).await?;
        sqlx::query(READ).bind(room).bind(person).bind(seq).bind(said).execute(&mut *$tx).await?;
        $tx.commit().await?;
    }};
}

impl Peer {
    async fn open(url: &str) -> Outcome<Self> {
        if url.starts_with("postgres") {
            return Ok(Self::Postgres(PgPoolOptions::new().max_connections(SENDERS as u32).connect(url).await?));
        }
        // As the application opens it: one writer, everything on the disk.
        let options = SqliteConnectOptions::from_str(url)?
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .pragma("wal_autocheckpoint", "4000");
        Ok(Self::Sqlite(SqlitePoolOptions::new().max_connections(1).test_before_acquire(false).connect_with(options).await?))
    }

    async fn say(&self, person: u64) -> Outcome<()> {
        match self {
            Self::Sqlite(pool) => {
                let mut tx = pool.begin_with("begin immediate").await?;
                say!(tx, person);
            }
            Self::Postgres(pool) => {
                let mut tx = pool.begin().await?;
                say!(tx, person);
            }
        }
        Ok(())
    }

    /// Messages in a second.
    async fn send_all(&self, each: u64) -> Outcome<f64> {
        let started = Instant::now();
        let mut tasks: JoinSet<Outcome<()>> = JoinSet::new();
        for sender in 0..SENDERS {
            let peer = self.clone();
            tasks.spawn(async move {
                for _ in 0..each {
                    peer.say(sender).await?;
                }
                Ok(())
            });
        }
        while let Some(done) = tasks.join_next().await {
            done??;
        }
        Ok((SENDERS * each) as f64 / started.elapsed().as_secs_f64())
    }
}
