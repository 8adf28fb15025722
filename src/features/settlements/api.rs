//! Server functions of bills. The pages of the kinds of parties show what came of them.

use super::model::{ExtraForm, ItemForm, SettleForm, TermsForm};
use crate::shared::error::AppError;
use crate::shared::ids::{ItemId, PartyId, UserId};
use crate::shared::schema::Described;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
#[cfg(feature = "ssr")]
use {
    super::store,
    crate::features::accounts::auth,
    crate::features::parties::throttle,
    crate::server::state::{lead_form, state},
};

/// Enters something that the person orders, or changes it.
#[server(endpoint = "put_item", input_derive = (Clone, Serialize, Deserialize, Described))]
pub async fn put_item(form: ItemForm) -> Result<(), AppError> {
    let member = auth::member()?;
    let item = form.parse()?;
    let state = state()?;
    throttle::deed(&state, &member)?;
    let mut tx = state.db.begin().await?;
    let news = store::put_item(&mut tx, &member, &item, state.now()).await?;
    tx.commit().await?;
    news.tell(&state.hub);
    if item.is_change {
        // The page that it stands on is about what was just changed.
        lead_form(&format!("/meals/{}/bill", item.party));
    }
    Ok(())
}

/// Takes something off that the person orders.
#[server(endpoint = "remove_item", input_derive = (Clone, Serialize, Deserialize, Described))]
pub async fn remove_item(party: PartyId, item: ItemId) -> Result<(), AppError> {
    let member = auth::member()?;
    let state = state()?;
    throttle::deed(&state, &member)?;
    let mut tx = state.db.begin().await?;
    let news = store::remove_item(&mut tx, &member, party, item, state.now()).await?;
    tx.commit().await?;
    news.tell(&state.hub);
    Ok(())
}

/// Says how a bill is settled: the fee, how it is split, where to send money. For the host.
#[server(endpoint = "set_terms", input_derive = (Clone, Serialize, Deserialize, Described))]
pub async fn set_terms(form: TermsForm) -> Result<(), AppError> {
    let member = auth::member()?;
    let terms = form.parse()?;
    let state = state()?;
    throttle::deed(&state, &member)?;
    let mut tx = state.db.begin().await?;
    let news = store::set_terms(&mut tx, &member, &terms, state.now()).await?;
    tx.commit().await?;
    news.tell(&state.hub);
    Ok(())
}

/// Adds something to a bill or takes something off, for all or for one. For the host.
#[server(endpoint = "put_extra", input_derive = (Clone, Serialize, Deserialize, Described))]
pub async fn put_extra(form: ExtraForm) -> Result<(), AppError> {
    let member = auth::member()?;
    let extra = form.parse()?;
    let state = state()?;
    throttle::deed(&state, &member)?;
    let mut tx = state.db.begin().await?;
    let news = store::put_extra(&mut tx, &member, &extra, state.now()).await?;
    tx.commit().await?;
    news.tell(&state.hub);
    Ok(())
}

/// Takes back what was added or taken off. For the host.
///
/// # Errors
/// [`AppError::Invalid`] when what is left would be less than nothing.
#[server(endpoint = "remove_extra", input_derive = (Clone, Serialize, Deserialize, Described))]
pub async fn remove_extra(party: PartyId, extra: ItemId) -> Result<(), AppError> {
    let member = auth::member()?;
    let state = state()?;
    throttle::deed(&state, &member)?;
    let mut tx = state.db.begin().await?;
    let news = store::remove_extra(&mut tx, &member, party, extra, state.now()).await?;
    tx.commit().await?;
    news.tell(&state.hub);
    Ok(())
}

/// Says that the person has sent their share, or takes that back.
#[server(endpoint = "mark_sent", input_derive = (Clone, Serialize, Deserialize, Described))]
pub async fn mark_sent(party: PartyId, amount: i64, sent: bool) -> Result<(), AppError> {
    let member = auth::member()?;
    let state = state()?;
    throttle::deed(&state, &member)?;
    let mut tx = state.db.begin().await?;
    let news = store::mark_sent(&mut tx, &member, party, amount, sent, state.now()).await?;
    tx.commit().await?;
    news.tell(&state.hub);
    Ok(())
}

/// Says that somebody's share was received, or takes that back. For the host.
#[server(endpoint = "mark_received", input_derive = (Clone, Serialize, Deserialize, Described))]
pub async fn mark_received(party: PartyId, person: UserId, amount: i64, received: bool) -> Result<(), AppError> {
    let member = auth::member()?;
    let state = state()?;
    throttle::deed(&state, &member)?;
    let mut tx = state.db.begin().await?;
    let news = store::mark_received(&mut tx, &member, party, person, amount, received, state.now()).await?;
    tx.commit().await?;
    news.tell(&state.hub);
    Ok(())
}

/// Reminds somebody of their share, at most once an hour. For the host.
#[server(endpoint = "remind_payer", input_derive = (Clone, Serialize, Deserialize, Described))]
pub async fn remind_payer(party: PartyId, person: UserId) -> Result<(), AppError> {
    let member = auth::member()?;
    let state = state()?;
    throttle::deed(&state, &member)?;
    let mut tx = state.db.begin().await?;
    let news = store::remind(&mut tx, &member, party, person, state.now()).await?;
    tx.commit().await?;
    news.tell(&state.hub);
    Ok(())
}

/// Says that all is settled. For the host.
#[server(endpoint = "settle_bill", input_derive = (Clone, Serialize, Deserialize, Described))]
pub async fn settle_bill(form: SettleForm) -> Result<(), AppError> {
    let member = auth::member()?;
    let party = form.party.ok_or(AppError::BadRequest)?;
    let state = state()?;
    throttle::deed(&state, &member)?;
    let mut tx = state.db.begin().await?;
    let news = store::settle(&mut tx, &member, party, form.anyway == "true", state.now()).await?;
    tx.commit().await?;
    news.tell(&state.hub);
    Ok(())
}
