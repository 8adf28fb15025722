//! Two nodes over one database. `MOIM_TEST_REDIS` names a Redis server; without it there is nothing to test here.

use super::*;
use crate::live::protocol::close;
use std::time::Duration;

async fn nodes() -> Option<(TestApp, TestApp)> {
    let redis = std::env::var("MOIM_TEST_REDIS").ok()?;
    let (here, there) = TestApp::two_nodes(&redis).await;
    let listener = here.member("listener").await;
    let room = party(&here, "들려요?", &[&listener]).await;
    for (mouth, ear) in [(&here, &there), (&there, &here)] {
        let mut socket = ear.connect(ear.listen().await, &listener).await;
        socket.ready().await;
        // Nobody hears what is said before they are on the bus.
        let mut says = tokio::time::interval(Duration::from_millis(20));
        let hears = async { socket.until(|down| matches!(down, Down::Typing { .. })).await };
        tokio::pin!(hears);
        loop {
            tokio::select! {
                _ = &mut hears => break,
                _ = says.tick() => mouth.state.hub.typing(room, listener.id(), "listener"),
            }
        }
    }
    Some((here, there))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_happens_on_one_node_is_seen_on_the_other() {
    let Some((here, there)) = nodes().await else { return };
    let mina = here.member("mina").await;
    let jun = here.member("jun").await;
    let (at_here, at_there) = (here.listen().await, there.listen().await);
    let (mut one, mut two) = (here.connect(at_here, &mina).await, there.connect(at_there, &jun).await);
    one.ready().await;
    two.ready().await;
    let room = party(&here, "치킨", &[&mina, &jun]).await;
    two.until(|down| matches!(down, Down::Entered { .. })).await;
    send(&mina, room, "들려요?").await.expect("stored");
    assert_eq!(text_of(&entry(&mut two, room).await), "들려요?");
    two.say(&Up::Send(form(room, "네!"))).await;
    one.until(|down| matches!(down, Down::Message { message, .. } if text_of(message) == "네!")).await;
    two.say(&Up::Typing { room }).await;
    one.until(|down| matches!(down, Down::Typing { .. })).await;
    one.say(&Up::Read { room, seq: 2 }).await;
    two.until(|down| matches!(down, Down::Read { seq: 2, .. })).await;
    remove(&here, room, &jun).await;
    let gone = two.until(|down| matches!(down, Down::Gone { .. })).await;
    assert_eq!(gone, Down::Gone { room, code: close::ROOM_LEFT });
    delete(&there, room).await;
    assert_eq!(one.until(|down| matches!(down, Down::Gone { .. })).await, Down::Gone { room, code: close::ROOM_DELETED });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn both_nodes_write_into_one_room_without_gaps() {
    let Some((here, there)) = nodes().await else { return };
    let mina = here.member("mina").await;
    let jun = here.member("jun").await;
    let rooms = [party(&here, "하나", &[&mina, &jun]).await, party(&here, "둘", &[&mina, &jun]).await];
    let (at_here, at_there) = (here.listen().await, there.listen().await);
    let (mut one, mut two) = (here.connect(at_here, &mina).await, there.connect(at_there, &jun).await);
    one.ready().await;
    two.ready().await;
    let same = SendId::random();
    let writes = |app: &TestApp, actor: &Actor| {
        let (writer, person) = (app.sockets.writer.clone(), actor.id());
        async move {
            for n in 0..40 {
                let send_id = if n == 20 { same } else { SendId::random() };
                writer
                    .send(person, NewMessage { room: rooms[n % 2], send_id, text: n.to_string(), reply_to: None, pictures: Vec::new() })
                    .await
                    .expect("stored");
            }
        }
    };
    // The same person writes on both, once with the same name.
    tokio::join!(writes(&here, &mina), writes(&there, &mina), writes(&here, &jun));
    for socket in [&mut one, &mut two] {
        let mut seen = std::collections::HashMap::from([(rooms[0], 0), (rooms[1], 0)]);
        while seen.values().sum::<Seq>() < 119 {
            if let Down::Message { room, message } = socket.next().await.expect("open") {
                let last = seen.get_mut(&room).expect("one of them");
                assert_eq!(message.seq, *last + 1, "in order and complete");
                *last = message.seq;
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_bus_loses_is_found_in_the_database() {
    let Some((here, there)) = nodes().await else { return };
    let mina = here.member("mina").await;
    let jun = here.member("jun").await;
    let room = party(&here, "치킨", &[&mina, &jun]).await;
    let other = party(&here, "피자", &[&mina, &jun]).await;
    let deleted = party(&here, "족발", &[&mina, &jun]).await;
    let addr = there.listen().await;
    let mut socket = there.connect(addr, &jun).await;
    let mut signed_out = there.connect(addr, &mina).await;
    socket.ready().await;
    signed_out.ready().await;
    // Nobody tells: as if every hint was lost.
    let mut tx = here.state.db.begin().await.expect("a transaction");
    store::add_notice(&mut tx, room, NoticeCode::Closed, store::About::Text(""), here.now()).await.expect("a notice");
    store::remove_member(&mut tx, other, jun.id(), here.now()).await.expect("removed");
    store::delete_room(&mut tx, deleted, "비가 와요", here.now()).await.expect("deleted");
    execute!(tx, "update sessions set ended_at = $2 where user_id = $1", mina.id(), here.now()).expect("ended");
    tx.commit().await.expect("committed");
    // A third node comes to the bus and everybody looks.
    let redis = std::env::var("MOIM_TEST_REDIS").expect("checked");
    let _third = TestApp::two_nodes(&redis).await;
    let mut missing = std::collections::HashSet::from(["message", "billed", "left", "deleted"]);
    while !missing.is_empty() {
        missing.remove(match socket.next().await.expect("open") {
            Down::Message { message, .. } if text_of(&message) == "closed" => "message",
            Down::Billed { room: told } if told == room => "billed",
            Down::Gone { room, code: close::ROOM_LEFT } if room == other => "left",
            Down::Gone { room, code: close::ROOM_DELETED } if room == deleted => "deleted",
            _ => "",
        });
    }
    assert_eq!(signed_out.closed().await, close::SESSION_ENDED);
}
