//! Server functions of notices.

use super::model::NoticeList;
use crate::shared::error::AppError;
use crate::shared::ids::{RoomId, Seq};
use crate::shared::paging::PageAsk;
use crate::shared::schema::Described;
use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;
use serde::{Deserialize, Serialize};
use uuid::Uuid;
#[cfg(feature = "ssr")]
use {
    super::{model::numbered, store},
    crate::features::accounts::auth,
    crate::features::chat,
    crate::server::state::state,
};

/// A page of my notices; on the first one, the rooms with unread messages too.
#[server(input = GetUrl, endpoint = "notices", input_derive = (Clone, Serialize, Deserialize, Described))]
pub async fn list_notices(#[server(default)] page: PageAsk) -> Result<NoticeList, AppError> {
    let member = auth::member()?;
    let state = state()?;
    let now = state.now();
    let mut conn = state.db.read().await?;
    let rooms = if page == PageAsk::default() { store::unread_rooms(&mut conn, member.id()).await? } else { Vec::new() };
    let unread = store::unread_ones(&mut conn, member.id()).await?;
    Ok(NoticeList { now, rooms, page: store::list(&mut conn, member.id(), page).await?, unread })
}

/// How many of my notices are unread; none for visitors.
#[server(input = GetUrl, endpoint = "unread_notices", input_derive = (Clone, Serialize, Deserialize, Described))]
pub async fn unread_notices() -> Result<i64, AppError> {
    let Some(member) = auth::visit().member else { return Ok(0) };
    store::unread(&mut state()?.db.read().await?, member.id()).await
}

/// Marks one of my notices as read, which happened so often when I saw it, and leads to where it happened.
#[server(endpoint = "open_notice", input_derive = (Clone, Serialize, Deserialize, Described))]
pub async fn open_notice(id: Uuid, times: i64) -> Result<(), AppError> {
    let member = auth::member()?;
    let state = state()?;
    let mut tx = state.db.begin().await?;
    let (kind, party) = store::read(&mut tx, member.id(), id, times, state.now()).await?;
    tx.commit().await?;
    state.hub.noticed(member.id());
    leptos_axum::redirect(&kind.path(party));
    Ok(())
}

/// Marks one of my notices as read, which happened so often when I saw it.
#[server(endpoint = "read_notice", input_derive = (Clone, Serialize, Deserialize, Described))]
pub async fn read_notice(id: Uuid, times: i64) -> Result<(), AppError> {
    let member = auth::member()?;
    let state = state()?;
    let mut tx = state.db.begin().await?;
    store::read(&mut tx, member.id(), id, times, state.now()).await?;
    tx.commit().await?;
    state.hub.noticed(member.id());
    Ok(())
}

/// Marks a room of mine as read, up to what was counted when I saw that there is something.
#[server(endpoint = "read_room", input_derive = (Clone, Serialize, Deserialize, Described))]
pub async fn read_room(room: RoomId, seq: Seq) -> Result<(), AppError> {
    let member = auth::member()?;
    let state = state()?;
    let mut tx = state.db.begin().await?;
    chat::store::tally_of(&mut tx, room, member.id()).await?.ok_or(AppError::NotFound)?;
    let moved = chat::store::mark_read(&mut tx, &[(room, member.id(), seq)]).await?;
    tx.commit().await?;
    moved.iter().for_each(|read| state.hub.read(read.room, read.person, read.seq, read.said));
    Ok(())
}

/// Marks all as read that a page has shown me: notices with how often they had happened, and rooms up to what was counted there.
#[server(endpoint = "read_notices", input_derive = (Clone, Serialize, Deserialize, Described))]
pub async fn read_notices(#[server(default)] notices: String, #[server(default)] rooms: String) -> Result<(), AppError> {
    let member = auth::member()?;
    let state = state()?;
    let rooms: Vec<_> = numbered(&rooms).into_iter().map(|(room, seq)| (room, member.id(), seq)).collect();
    let mut tx = state.db.begin().await?;
    // Rooms first: nothing is waited for while notices are held.
    let moved = chat::store::mark_read(&mut tx, &rooms).await?;
    store::read_all(&mut tx, member.id(), &numbered(&notices), state.now()).await?;
    tx.commit().await?;
    moved.iter().for_each(|read| state.hub.read(read.room, read.person, read.seq, read.said));
    state.hub.noticed(member.id());
    Ok(())
}
