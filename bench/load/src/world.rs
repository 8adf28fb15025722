//! A filled server for the browser: `moim-load world` starts one, says where it is, and lets people talk when it is told to.

use crate::base::{Kind, Sort, id};
use crate::crowd::{expect_ready, our_path};
use crate::fail::{Fail, Outcome};
use crate::moim::{Prepared, cookie};
use crate::seed::{REGION, members, parties, people, room_of};
use crate::socket::Socket;
use std::net::SocketAddr;
use tokio::io::{AsyncBufReadExt, BufReader, stdin};
use uuid::Uuid;

const PEOPLE: u64 = 400;
const PARTIES: u64 = 3_000;
const ROOM: u64 = room_of(0);
/// What one person says before it is another's turn: nobody may say more in a short time.
const EACH: u64 = 10;

/// Runs until its input ends. One line of JSON says that it is ready, one number each time that what was asked for is done: of the last message.
pub async fn run() -> Outcome<()> {
    let moim = Prepared::new(Kind::Sqlite, "world").await?;
    let base = moim.base().await?;
    people(&base, PEOPLE).await?;
    parties(&base, PARTIES).await?;
    members(&base, ROOM, 1, PEOPLE - 1).await?;
    drop(base);
    let server = moim.start(None).await?;
    let token = cookie(0);
    let token = token.trim().strip_prefix("Cookie: moim_access=").unwrap_or_default();
    println!(
        "{}",
        serde_json::json!({
            "url": format!("http://{}", server.addr), "token": token, "region": REGION,
            "room": id(Sort::Room, ROOM), "party": id(Sort::Party, 0), "nickname": "neighbour 0",
        })
    );
    let mut lines = BufReader::new(stdin()).lines();
    let mut said = 0;
    while let Some(line) = lines.next_line().await? {
        let count: u64 =
            line.strip_prefix("talk ").and_then(|count| count.parse().ok()).ok_or_else(|| Fail(format!("what is {line:?}?")))?;
        talk(server.addr, said, said + count).await?;
        said += count;
        println!("{said}");
    }
    Ok(())
}

/// The messages after `from` up to `to` in the room, of one person after the other.
async fn talk(addr: SocketAddr, from: u64, to: u64) -> Outcome<()> {
    let path = our_path()?;
    for first in (from..to).step_by(EACH as usize) {
        let person = 1 + first / EACH % (PEOPLE - 1);
        let mut socket = Socket::open(addr, &path, &cookie(person), false).await?;
        expect_ready(&mut socket).await?;
        for n in first + 1..=to.min(first + EACH) {
            let (room, send) = (id(Sort::Room, ROOM), Uuid::now_v7());
            let text = format!(r#"{{"send":{{"room":"{room}","send_id":"{send}","text":"{n}번째로 말해요"}}}}"#);
            socket.send(text.as_bytes()).await?;
            socket.acknowledged(send).await?;
        }
    }
    Ok(())
}
