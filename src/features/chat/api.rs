//! Server functions of chat. What is said over the socket and what a plain form sends end in the same writer.

use super::model::{ChangeForm, Conversation, DirectForm, History, MyMessage, Opened, Person, RoomList, SendForm, Sent};
use crate::shared::error::AppError;
use crate::shared::ids::{RoomId, Seq, UserId};
use crate::shared::paging::{Page, PageAsk};
use crate::shared::schema::Described;
use leptos::prelude::*;
use leptos::server_fn::codec::{GetUrl, MultipartData, MultipartFormData};
use serde::{Deserialize, Serialize};
#[cfg(feature = "ssr")]
use {
    super::{
        model::{Author, NewMessage},
        store,
        writer::{change, room_of_two, throttle, whereabouts, writer},
    },
    crate::features::accounts::auth,
    crate::features::images::receiving::receive,
    crate::server::state::state,
};

/// A page of my rooms, newest conversation first; with a search text, those whose name has it.
///
/// # Errors
/// [`AppError::SignInRequired`]
#[server(input = GetUrl, endpoint = "chat_rooms", input_derive = (Clone, Serialize, Deserialize, Described))]
pub async fn chat_rooms(#[server(default)] search: String, #[server(default)] after: Option<String>) -> Result<RoomList, AppError> {
    let member = auth::member()?;
    let state = state()?;
    let after = after.and_then(|after| after.parse().ok());
    let mut conn = state.db.read().await?;
    store::list(&mut conn, member.id(), &search, after, state.now()).await
}

/// How many messages I have not read, in all rooms; 0 for those who are not signed in.
///
/// # Errors
/// [`AppError::Unavailable`]
#[server(input = GetUrl, endpoint = "chat_unread", input_derive = (Clone, Serialize, Deserialize, Described))]
pub async fn chat_unread() -> Result<i64, AppError> {
    let Some(member) = auth::visit().member else { return Ok(0) };
    let mut conn = state()?.db.read().await?;
    store::unread(&mut conn, member.id()).await
}

/// One of my rooms with the newest part of its log, or the part before a number.
///
/// # Errors
/// [`AppError::SignInRequired`]; [`AppError::NotFound`] when it is not, or no longer, a room of mine.
#[server(input = GetUrl, endpoint = "chat_room", input_derive = (Clone, Serialize, Deserialize, Described))]
pub async fn chat_room(room: RoomId, #[server(default)] before: Option<Seq>) -> Result<Opened, AppError> {
    let member = auth::member()?;
    let state = state()?;
    let me = Author { id: member.id(), nickname: member.nickname().to_owned() };
    let mut conn = state.db.read().await?;
    match store::open(&mut conn, room, me, before, state.now()).await {
        Ok(view) => Ok(Opened::Room(Box::new(view))),
        Err(AppError::NotFound) => {
            let reason = store::deleted_reason(&mut conn, room, member.id()).await?;
            reason.map(|reason| Opened::Deleted { reason }).ok_or(AppError::NotFound)
        }
        Err(error) => Err(error),
    }
}

/// The part of a log before a number.
///
/// # Errors
/// [`AppError::SignInRequired`]; [`AppError::NotFound`] when it is not, or no longer, a room of mine.
#[server(input = GetUrl, endpoint = "chat_history", input_derive = (Clone, Serialize, Deserialize, Described))]
pub async fn chat_history(room: RoomId, before: Seq) -> Result<History, AppError> {
    let member = auth::member()?;
    let mut conn = state()?.db.read().await?;
    store::tally_of(&mut conn, room, member.id()).await?.ok_or(AppError::NotFound)?;
    store::before(&mut conn, room, member.id(), Some(before)).await
}

/// Everybody in a room, how far they have read, and how things stand with its party.
///
/// # Errors
/// [`AppError::SignInRequired`]; [`AppError::NotFound`] when it is not, or no longer, a room of mine.
#[server(input = GetUrl, endpoint = "chat_members", input_derive = (Clone, Serialize, Deserialize, Described))]
pub async fn chat_members(room: RoomId) -> Result<super::model::People, AppError> {
    let member = auth::member()?;
    let state = state()?;
    let mut conn = state.db.read().await?;
    store::people(&mut conn, room, member.id(), state.now()).await
}

/// My conversation with somebody, by their name.
///
/// # Errors
/// [`AppError::SignInRequired`]; [`AppError::NotFound`] when nobody is called that;
/// [`crate::shared::error::Conflict::Yourself`].
#[server(input = GetUrl, endpoint = "chat_with", input_derive = (Clone, Serialize, Deserialize, Described))]
pub async fn chat_with(nickname: String) -> Result<Conversation, AppError> {
    let member = auth::member()?;
    let mut conn = state()?.db.read().await?;
    store::find(&mut conn, member.id(), &nickname).await
}

/// Says something in a room.
///
/// # Errors
/// [`AppError::SignInRequired`], [`AppError::SlowDown`], [`AppError::Invalid`]; [`AppError::NotFound`] when I am not in it;
/// [`crate::shared::error::Conflict::RoomDeleted`]; [`crate::shared::error::Conflict::AccountClosed`]; [`AppError::Unavailable`].
#[server(endpoint = "send_message", input_derive = (Clone, Serialize, Deserialize, Described))]
pub async fn send_message(form: SendForm) -> Result<Sent, AppError> {
    let member = auth::verified()?;
    let message = form.parse()?;
    throttle(&state()?, member.id())?;
    let sent = writer()?.send(member.id(), message).await?;
    leptos_axum::redirect(&format!("/chat/{}", sent.room));
    Ok(sent)
}

/// Shows pictures in a room, or to somebody with whom there is none yet: for pages without their program, where a form brings them along.
///
/// # Errors
/// Those of [`start_direct`] and of [`crate::features::images::receiving::receive`].
#[server(input = MultipartFormData, endpoint = "send_images")]
pub async fn send_images(data: MultipartData) -> Result<Sent, AppError> {
    let member = auth::verified()?;
    let state = state()?;
    throttle(&state, member.id())?;
    let received = receive(&state, member.id(), data).await?;
    let field = |name: &str| received.fields.get(name).cloned().unwrap_or_default();
    let room = match field("to").as_str() {
        "" => field("room").parse().map_err(|_| AppError::BadRequest)?,
        to => room_of_two(&state, member.id(), to.parse().map_err(|_| AppError::BadRequest)?).await?,
    };
    let form = SendForm {
        room,
        send_id: field("send_id").parse().map_err(|_| AppError::BadRequest)?,
        text: field("text"),
        reply_to: Some(field("reply_to"))
            .filter(|seq| !seq.is_empty())
            .map(|seq| seq.parse())
            .transpose()
            .map_err(|_| AppError::BadRequest)?,
        pictures: received.pictures.iter().copied().collect(),
    };
    let sent = writer()?.send(member.id(), form.parse()?).await?;
    leptos_axum::redirect(&format!("/chat/{}", sent.room));
    Ok(sent)
}

/// Says something to somebody; the first message makes our room.
///
/// # Errors
/// Those of [`send_message`]; [`AppError::NotFound`] when there is no such person;
/// [`crate::shared::error::Conflict::Yourself`]; [`crate::shared::error::Conflict::AccountClosed`].
#[server(endpoint = "start_direct", input_derive = (Clone, Serialize, Deserialize, Described))]
pub async fn start_direct(form: DirectForm) -> Result<Sent, AppError> {
    let member = auth::verified()?;
    let (text, pictures) = form.parse()?;
    let state = state()?;
    throttle(&state, member.id())?;
    let room = room_of_two(&state, member.id(), form.to).await?;
    let message = NewMessage { room, send_id: form.send_id, text, reply_to: None, pictures };
    let sent = writer()?.send(member.id(), message).await?;
    leptos_axum::redirect(&format!("/chat/{}", sent.room));
    Ok(sent)
}

/// A message of mine, to be changed.
///
/// # Errors
/// [`AppError::SignInRequired`]; [`AppError::NotFound`] when it is not mine, or deleted, or in no room of mine;
/// [`crate::shared::error::Conflict::TooLate`]
#[server(input = GetUrl, endpoint = "read_my_message", input_derive = (Clone, Serialize, Deserialize, Described))]
pub async fn read_my_message(room: RoomId, seq: Seq) -> Result<MyMessage, AppError> {
    let member = auth::member()?;
    let state = state()?;
    let mut conn = state.db.read().await?;
    store::mine(&mut conn, room, seq, member.id(), state.now()).await
}

/// Puts other words in the place of what I said.
///
/// # Errors
/// Those of [`send_message`]; [`AppError::NotFound`] when I did not say it; [`crate::shared::error::Conflict::TooLate`];
/// [`crate::shared::error::Conflict::Stale`] when it was deleted meanwhile.
#[server(endpoint = "edit_message", input_derive = (Clone, Serialize, Deserialize, Described))]
pub async fn edit_message(form: ChangeForm) -> Result<(), AppError> {
    let member = auth::verified()?;
    let text = form.parse()?;
    let state = state()?;
    change(&state, form.room, form.seq, member.id(), &text).await?;
    leptos_axum::redirect(&whereabouts(&state, form.room, form.seq).await);
    Ok(())
}

/// Deletes what I said.
///
/// # Errors
/// Those of [`edit_message`].
#[server(endpoint = "delete_message", input_derive = (Clone, Serialize, Deserialize, Described))]
pub async fn delete_message(room: RoomId, seq: Seq) -> Result<(), AppError> {
    let member = auth::member()?;
    let state = state()?;
    change(&state, room, seq, member.id(), "").await?;
    leptos_axum::redirect(&whereabouts(&state, room, seq).await);
    Ok(())
}

/// Notes that I have read a room up to a number. For pages without their program; the others tell it over the socket.
///
/// # Errors
/// [`AppError::SignInRequired`]; [`AppError::NotFound`] when it is not, or no longer, a room of mine.
#[server(endpoint = "mark_read", input_derive = (Clone, Serialize, Deserialize, Described))]
pub async fn mark_read(room: RoomId, seq: Seq) -> Result<(), AppError> {
    let member = auth::member()?;
    let state = state()?;
    let mut tx = state.db.begin().await?;
    store::tally_of(&mut tx, room, member.id()).await?.ok_or(AppError::NotFound)?;
    let moved = store::mark_read(&mut tx, &[(room, member.id(), seq)]).await?;
    tx.commit().await?;
    for read in moved {
        state.hub.read(read.room, read.person, read.seq, read.said);
    }
    leptos_axum::redirect(&format!("/chat/{room}"));
    Ok(())
}

/// Takes a conversation of two out of my list until somebody writes in it again.
///
/// # Errors
/// [`AppError::SignInRequired`]; [`AppError::NotFound`] when it is no such room of mine.
#[server(endpoint = "leave_room", input_derive = (Clone, Serialize, Deserialize, Described))]
pub async fn leave_room(room: RoomId) -> Result<(), AppError> {
    let member = auth::member()?;
    let state = state()?;
    let mut tx = state.db.begin().await?;
    store::leave(&mut tx, room, member.id()).await?;
    tx.commit().await?;
    state.hub.left(room, member.id());
    leptos_axum::redirect("/chat");
    Ok(())
}

/// Makes one of my rooms silent, or lets it be heard again: unread messages there are not counted with the others.
///
/// # Errors
/// [`AppError::SignInRequired`]; [`AppError::NotFound`] when it is not, or no longer, a room of mine.
#[server(endpoint = "mute_room", input_derive = (Clone, Serialize, Deserialize, Described))]
pub async fn mute_room(room: RoomId, mutes: bool) -> Result<(), AppError> {
    let member = auth::member()?;
    let state = state()?;
    let mut tx = state.db.begin().await?;
    store::mute(&mut tx, room, member.id(), mutes).await?;
    tx.commit().await?;
    state.hub.muted(room, member.id(), mutes);
    Ok(())
}

/// Blocks somebody, or no more. They are not told, and cannot tell.
///
/// # Errors
/// [`AppError::SignInRequired`]; [`AppError::NotFound`] when there is no such person; [`crate::shared::error::Conflict::Yourself`].
#[server(endpoint = "block_person", input_derive = (Clone, Serialize, Deserialize, Described))]
pub async fn block_person(person: UserId, blocks: bool) -> Result<(), AppError> {
    let member = auth::member()?;
    let state = state()?;
    let mut tx = state.db.begin().await?;
    if !blocks {
        store::unblock(&mut tx, member.id(), person).await?;
        tx.commit().await?;
        state.hub.blocked(member.id(), person, false);
        return Ok(());
    }
    store::block(&mut tx, member.id(), person, state.now()).await?;
    tx.commit().await?;
    state.hub.blocked(member.id(), person, true);
    let mut tx = state.db.begin().await?;
    let hidden = store::hide_direct(&mut tx, member.id(), person).await?;
    tx.commit().await?;
    if let Some(room) = hidden {
        state.hub.left(room, member.id());
    }
    Ok(())
}

/// A page of those whom I block, the latest first.
///
/// # Errors
/// [`AppError::SignInRequired`]
#[server(input = GetUrl, endpoint = "blocked_people", input_derive = (Clone, Serialize, Deserialize, Described))]
pub async fn blocked_people(#[server(default)] page: PageAsk) -> Result<Page<Person>, AppError> {
    let member = auth::member()?;
    store::blocked(&mut state()?.db.read().await?, member.id(), page).await
}
