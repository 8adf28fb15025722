//! Server functions that every kind of party shares. The pages of the kinds show what came of them.

use super::model::{ApplyForm, CancelForm, Stage};
use crate::shared::error::AppError;
use crate::shared::ids::{ImageId, PartyId, UserId};
use crate::shared::schema::Described;
use leptos::prelude::*;
use leptos::server_fn::codec::{MultipartData, MultipartFormData};
use serde::{Deserialize, Serialize};
#[cfg(feature = "ssr")]
use {
    super::{store, throttle},
    crate::features::accounts::auth,
    crate::features::images::receiving::receive,
    crate::server::state::state,
    crate::shared::images::{Picture, Pictures},
};

/// Sits down at an open party.
#[server(endpoint = "join_party", input_derive = (Clone, Serialize, Deserialize, Described))]
pub async fn join_party(party: PartyId) -> Result<(), AppError> {
    let member = auth::verified()?;
    let state = state()?;
    throttle::coming(&state, &member, party)?;
    let mut tx = state.db.begin().await?;
    let news = store::join(&mut tx, &member, party, state.now()).await?;
    tx.commit().await?;
    news.tell(&state.hub);
    Ok(())
}

/// Gives the seat back.
#[server(endpoint = "leave_party", input_derive = (Clone, Serialize, Deserialize, Described))]
pub async fn leave_party(party: PartyId) -> Result<(), AppError> {
    let member = auth::member()?;
    let state = state()?;
    throttle::deed(&state, &member)?;
    let mut tx = state.db.begin().await?;
    let news = store::leave(&mut tx, &member, party, state.now()).await?;
    tx.commit().await?;
    news.tell(&state.hub);
    Ok(())
}

/// Asks the host for a seat.
#[server(endpoint = "apply_to_party", input_derive = (Clone, Serialize, Deserialize, Described))]
pub async fn apply_to_party(form: ApplyForm) -> Result<(), AppError> {
    let member = auth::verified()?;
    let note = form.parse()?;
    let state = state()?;
    throttle::coming(&state, &member, note.party)?;
    let mut tx = state.db.begin().await?;
    let news = store::apply(&mut tx, &member, &note, state.now()).await?;
    tx.commit().await?;
    news.tell(&state.hub);
    Ok(())
}

/// Gets in line for a seat.
#[server(endpoint = "wait_for_seat", input_derive = (Clone, Serialize, Deserialize, Described))]
pub async fn wait_for_seat(party: PartyId) -> Result<(), AppError> {
    let member = auth::verified()?;
    let state = state()?;
    throttle::coming(&state, &member, party)?;
    let mut tx = state.db.begin().await?;
    let news = store::wait(&mut tx, &member, party, state.now()).await?;
    tx.commit().await?;
    news.tell(&state.hub);
    Ok(())
}

/// Takes an application or a place in line back.
#[server(endpoint = "withdraw_request", input_derive = (Clone, Serialize, Deserialize, Described))]
pub async fn withdraw_request(party: PartyId) -> Result<(), AppError> {
    let member = auth::member()?;
    let state = state()?;
    throttle::deed(&state, &member)?;
    let mut tx = state.db.begin().await?;
    let news = store::withdraw(&mut tx, &member, party, state.now()).await?;
    tx.commit().await?;
    news.tell(&state.hub);
    Ok(())
}

/// Gives a seat to somebody who applied. For the host.
#[server(endpoint = "accept_application", input_derive = (Clone, Serialize, Deserialize, Described))]
pub async fn accept_application(party: PartyId, person: UserId) -> Result<(), AppError> {
    let member = auth::member()?;
    let state = state()?;
    throttle::deed(&state, &member)?;
    let mut tx = state.db.begin().await?;
    let host = store::host(&mut tx, &member, party, state.now()).await?;
    let news = store::accept(&mut tx, host, person, state.now()).await?;
    tx.commit().await?;
    news.tell(&state.hub);
    Ok(())
}

/// Turns an application down. For the host.
#[server(endpoint = "decline_application", input_derive = (Clone, Serialize, Deserialize, Described))]
pub async fn decline_application(party: PartyId, person: UserId) -> Result<(), AppError> {
    let member = auth::member()?;
    let state = state()?;
    throttle::deed(&state, &member)?;
    let mut tx = state.db.begin().await?;
    let host = store::host(&mut tx, &member, party, state.now()).await?;
    let news = store::decline(&mut tx, host, person, state.now()).await?;
    tx.commit().await?;
    news.tell(&state.hub);
    Ok(())
}

/// Removes a member, who cannot come back until the ban is lifted. For the host.
#[server(endpoint = "remove_member", input_derive = (Clone, Serialize, Deserialize, Described))]
pub async fn remove_member(party: PartyId, person: UserId) -> Result<(), AppError> {
    let member = auth::member()?;
    let state = state()?;
    throttle::deed(&state, &member)?;
    let mut tx = state.db.begin().await?;
    let host = store::host(&mut tx, &member, party, state.now()).await?;
    let news = store::remove(&mut tx, host, person, state.now()).await?;
    tx.commit().await?;
    news.tell(&state.hub);
    Ok(())
}

/// Lets somebody come in again who was removed. For the host.
#[server(endpoint = "lift_ban", input_derive = (Clone, Serialize, Deserialize, Described))]
pub async fn lift_ban(party: PartyId, person: UserId) -> Result<(), AppError> {
    let member = auth::member()?;
    let state = state()?;
    throttle::deed(&state, &member)?;
    let mut tx = state.db.begin().await?;
    let host = store::host(&mut tx, &member, party, state.now()).await?;
    let news = store::lift_ban(&mut tx, host, person).await?;
    tx.commit().await?;
    news.tell(&state.hub);
    Ok(())
}

/// Makes another member the host. For the host.
#[server(endpoint = "hand_over_party", input_derive = (Clone, Serialize, Deserialize, Described))]
pub async fn hand_over_party(party: PartyId, person: UserId) -> Result<(), AppError> {
    let member = auth::member()?;
    let state = state()?;
    throttle::deed(&state, &member)?;
    let mut tx = state.db.begin().await?;
    let host = store::host(&mut tx, &member, party, state.now()).await?;
    let news = store::hand_over(&mut tx, host, person, state.now()).await?;
    tx.commit().await?;
    news.tell(&state.hub);
    Ok(())
}

/// Takes no more people. For the host.
#[server(endpoint = "close_party", input_derive = (Clone, Serialize, Deserialize, Described))]
pub async fn close_party(party: PartyId) -> Result<(), AppError> {
    let member = auth::member()?;
    let state = state()?;
    throttle::deed(&state, &member)?;
    let mut tx = state.db.begin().await?;
    let host = store::host(&mut tx, &member, party, state.now()).await?;
    let news = store::close(&mut tx, host, state.now()).await?;
    tx.commit().await?;
    news.tell(&state.hub);
    Ok(())
}

/// Takes people again. For the host.
#[server(endpoint = "reopen_party", input_derive = (Clone, Serialize, Deserialize, Described))]
pub async fn reopen_party(party: PartyId) -> Result<(), AppError> {
    let member = auth::member()?;
    let state = state()?;
    throttle::deed(&state, &member)?;
    let mut tx = state.db.begin().await?;
    let host = store::host(&mut tx, &member, party, state.now()).await?;
    let news = store::reopen(&mut tx, host, state.now()).await?;
    tx.commit().await?;
    news.tell(&state.hub);
    Ok(())
}

/// Says how far a closed party is: ordered, arrived. For the host. That all is settled is said at its bill.
#[server(endpoint = "advance_party", input_derive = (Clone, Serialize, Deserialize, Described))]
pub async fn advance_party(party: PartyId, to: Stage) -> Result<(), AppError> {
    let member = auth::member()?;
    if to == Stage::Settled {
        return Err(AppError::BadRequest);
    }
    let state = state()?;
    throttle::deed(&state, &member)?;
    let mut tx = state.db.begin().await?;
    let host = store::host(&mut tx, &member, party, state.now()).await?;
    let news = store::advance(&mut tx, host, to, state.now()).await?;
    tx.commit().await?;
    news.tell(&state.hub);
    Ok(())
}

/// Calls the party off and releases everyone. For the host.
#[server(endpoint = "cancel_party", input_derive = (Clone, Serialize, Deserialize, Described))]
pub async fn cancel_party(form: CancelForm) -> Result<(), AppError> {
    let member = auth::member()?;
    let note = form.parse()?;
    let state = state()?;
    throttle::deed(&state, &member)?;
    let mut tx = state.db.begin().await?;
    let host = store::host(&mut tx, &member, note.party, state.now()).await?;
    let news = store::cancel(&mut tx, host, &note.text, state.now()).await?;
    tx.commit().await?;
    news.tell(&state.hub);
    Ok(())
}

/// Shows more pictures at a party. For the host, on pages without their program: a form of its own brings them along. One that is sent
/// twice adds them once; its page shows what there is.
///
/// # Errors
/// Those of [`store::add_pictures`] and of [`crate::features::images::receiving::receive`]; [`AppError::Unverified`].
#[server(input = MultipartFormData, endpoint = "add_party_pictures")]
pub async fn add_party_pictures(data: MultipartData) -> Result<(), AppError> {
    let member = auth::verified()?;
    let state = state()?;
    let received = receive(&state, member.id(), data).await?;
    let party = received.fields.get("party").and_then(|party| party.parse().ok()).ok_or(AppError::BadRequest)?;
    let before = Pictures(received.fields.get("before").cloned().unwrap_or_default());
    let before: Vec<ImageId> = before.iter().map(|Picture { id, .. }| id).collect();
    let more: Vec<ImageId> = received.pictures.iter().map(|Picture { id, .. }| *id).collect();
    throttle::deed(&state, &member)?;
    let mut tx = state.db.begin().await?;
    let host = store::host(&mut tx, &member, party, state.now()).await?;
    let news = store::add_pictures(&mut tx, host, &before, &more, state.now()).await?;
    tx.commit().await?;
    news.tell(&state.hub);
    Ok(())
}

/// Takes a picture off a party. For the host, on pages without their program.
///
/// # Errors
/// Those of [`store::take_picture_off`].
#[server(endpoint = "take_party_picture_off", input_derive = (Clone, Serialize, Deserialize, Described))]
pub async fn take_party_picture_off(party: PartyId, picture: ImageId) -> Result<(), AppError> {
    let member = auth::member()?;
    let state = state()?;
    throttle::deed(&state, &member)?;
    let mut tx = state.db.begin().await?;
    let host = store::host(&mut tx, &member, party, state.now()).await?;
    let news = store::take_picture_off(&mut tx, host, picture, state.now()).await?;
    tx.commit().await?;
    news.tell(&state.hub);
    Ok(())
}

/// Keeps a party for later, or no more.
#[server(endpoint = "keep_party", input_derive = (Clone, Serialize, Deserialize, Described))]
pub async fn keep_party(party: PartyId, keeps: bool) -> Result<(), AppError> {
    let member = auth::member()?;
    let state = state()?;
    throttle::deed(&state, &member)?;
    let mut tx = state.db.begin().await?;
    store::keep(&mut tx, member.id(), party, keeps, state.now()).await?;
    tx.commit().await
}
