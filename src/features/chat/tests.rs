//! What chat promises, through the router, its sockets and its writer.

mod bus;
mod calls;
mod changes;
mod log;
mod membership;
mod names;
mod pages;
mod quiet;
mod sockets;

use super::model::{Content, DirectForm, Message, NewMessage, NoticeCode, Opened, RoomRow, RoomView, SendForm, Sent};
use super::{api, store};
use crate::execute;
use crate::live::protocol::{Down, Up};
use crate::shared::error::AppError;
use crate::shared::ids::{PartyId, RoomId, SendId, Seq};
use crate::shared::images::Pictures;
use crate::testing::{Actor, Socket, TestApp};
use uuid::Uuid;

/// A party's room with these people in it, the first one its host.
async fn party(app: &TestApp, title: &str, people: &[&Actor]) -> RoomId {
    let now = app.now();
    let mut tx = app.state.db.begin().await.expect("a transaction");
    let room = store::create_party_room(&mut tx, now).await.expect("a room");
    execute!(
        tx,
        "insert into parties (id, kind, host_id, room_id, title, body, seats, taken, deadline_at, state, joining, soon_key, created_at, updated_at)
         values ($1, 'meal', $2, $3, $4, '', 4, 1, $5, 'open', 'direct', 0, $5, $5)",
        PartyId(Uuid::now_v7()),
        people[0].id(),
        room,
        title,
        now
    )
    .expect("a party");
    for person in people {
        store::add_member(&mut tx, room, person.id(), now).await.expect("a member");
    }
    tx.commit().await.expect("committed");
    for person in people {
        app.state.hub.entered(room, person.id());
    }
    room
}

async fn join(app: &TestApp, room: RoomId, person: &Actor) {
    let mut tx = app.state.db.begin().await.expect("a transaction");
    store::add_member(&mut tx, room, person.id(), app.now()).await.expect("a member");
    let seq = store::add_notice(&mut tx, room, NoticeCode::Joined, store::About::Person(person.id()), app.now()).await.expect("a notice");
    tx.commit().await.expect("committed");
    app.state.hub.entered(room, person.id());
    app.state.hub.advanced(room, seq);
}

async fn remove(app: &TestApp, room: RoomId, person: &Actor) {
    let mut tx = app.state.db.begin().await.expect("a transaction");
    store::remove_member(&mut tx, room, person.id(), app.now()).await.expect("removed");
    let seq = store::add_notice(&mut tx, room, NoticeCode::Removed, store::About::Person(person.id()), app.now()).await.expect("a notice");
    tx.commit().await.expect("committed");
    app.state.hub.left(room, person.id());
    app.state.hub.advanced(room, seq);
}

async fn delete(app: &TestApp, room: RoomId) {
    let mut tx = app.state.db.begin().await.expect("a transaction");
    store::delete_room(&mut tx, room, "cancelled", app.now()).await.expect("deleted");
    tx.commit().await.expect("committed");
    app.state.hub.deleted(room);
}

fn form(room: RoomId, text: &str) -> SendForm {
    SendForm { room, send_id: SendId::random(), text: text.to_owned(), reply_to: None, pictures: Pictures::default() }
}

async fn send(actor: &Actor, room: RoomId, text: &str) -> Result<Sent, AppError> {
    actor.call(api::SendMessage { form: form(room, text) }).await
}

async fn write_to(actor: &Actor, other: &Actor, text: &str) -> Result<Sent, AppError> {
    actor
        .call(api::StartDirect {
            form: DirectForm { to: other.id(), send_id: SendId::random(), text: text.to_owned(), pictures: Pictures::default() },
        })
        .await
}

/// Straight to the writer, past the limits of a person.
async fn put(app: &TestApp, actor: &Actor, room: RoomId, text: &str) -> Result<Sent, AppError> {
    put_as(app, actor, room, SendId::random(), text).await
}

async fn put_as(app: &TestApp, actor: &Actor, room: RoomId, send_id: SendId, text: &str) -> Result<Sent, AppError> {
    app.sockets.writer.send(actor.id(), NewMessage { room, send_id, text: text.to_owned(), reply_to: None, pictures: Vec::new() }).await
}

async fn open(actor: &Actor, room: RoomId) -> Result<RoomView, AppError> {
    match actor.ask(api::ChatRoom { room, before: None }).await? {
        Opened::Room(view) => Ok(*view),
        Opened::Deleted { reason } => panic!("deleted: {reason}"),
    }
}

async fn list(actor: &Actor) -> Vec<RoomRow> {
    actor.ask(api::ChatRooms { search: String::new(), after: None }).await.expect("a list").rooms
}

async fn unread(actor: &Actor, room: RoomId) -> i64 {
    list(actor).await.into_iter().find(|row| row.room == room).expect("the room is in the list").tally.unread()
}

fn text_of(message: &Message) -> &str {
    match &message.content {
        Content::Text { text, .. } => text,
        Content::Notice { notice, .. } => notice.code(),
        Content::Change { .. } => "change",
    }
}

fn texts(messages: &[Message]) -> Vec<&str> {
    messages.iter().map(text_of).collect()
}

/// Waits for the next entry of a room.
async fn entry(socket: &mut Socket, room: RoomId) -> Message {
    match socket.until(|down| matches!(down, Down::Message { room: here, .. } if *here == room)).await {
        Down::Message { message, .. } => message,
        _ => unreachable!(),
    }
}

async fn resume(socket: &mut Socket, room: RoomId, after: Seq) -> (Vec<Message>, bool) {
    socket.say(&Up::Resume { room, after }).await;
    match socket.until(|down| matches!(down, Down::Replay { room: here, .. } if *here == room)).await {
        Down::Replay { messages, gap, .. } => (messages, gap),
        _ => unreachable!(),
    }
}
