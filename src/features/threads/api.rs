//! Server functions of comments.

use super::model::{CommentChange, CommentForm, ThreadQuery, ThreadView};
use crate::shared::error::AppError;
use crate::shared::ids::{CommentId, PartyId};
use crate::shared::schema::Described;
use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;
use serde::{Deserialize, Serialize};
#[cfg(feature = "ssr")]
use {
    super::store::{self, NewComment},
    crate::features::accounts::auth,
    crate::server::state::{lead_form, state},
};

/// A part of what was said under a party.
///
/// # Errors
/// [`AppError::NotFound`]
#[server(input = GetUrl, endpoint = "comments", input_derive = (Clone, Serialize, Deserialize, Described))]
pub async fn read_thread(party: PartyId, #[server(default)] query: ThreadQuery) -> Result<ThreadView, AppError> {
    let member = auth::visit().member;
    let state = state()?;
    let mut conn = state.db.read().await?;
    store::thread(&mut conn, party, &query, member.as_ref(), state.now()).await
}

/// Says something under a party.
///
/// # Errors
/// [`AppError::SignInRequired`], [`AppError::Unverified`], [`AppError::SlowDown`], [`AppError::Invalid`], [`AppError::NotFound`];
/// [`crate::shared::error::Conflict::Banned`]; [`crate::shared::error::Conflict::Stale`] when what it answers is gone.
#[server(endpoint = "write_comment", input_derive = (Clone, Serialize, Deserialize, Described))]
pub async fn write_comment(form: CommentForm) -> Result<(), AppError> {
    let member = auth::verified()?;
    let new = NewComment { party: form.party, id: form.key, parent: form.parent, text: form.parse()? };
    let state = state()?;
    let now = state.now();
    state.limiter.attempt(store::COMMENTING, &member.id().to_string(), now)?;
    let mut tx = state.db.begin().await?;
    let told = store::write(&mut tx, member.id(), &new, now).await?;
    tx.commit().await?;
    for person in told {
        state.hub.noticed(person);
    }
    if new.parent.is_some() {
        lead_form(&format!("/meals/{}/comments", new.party));
    }
    Ok(())
}

/// Puts other words in the place of what I wrote.
///
/// # Errors
/// Those of [`write_comment`].
#[server(endpoint = "change_comment", input_derive = (Clone, Serialize, Deserialize, Described))]
pub async fn change_comment(form: CommentChange) -> Result<(), AppError> {
    let member = auth::verified()?;
    let text = form.parse()?;
    let state = state()?;
    let now = state.now();
    state.limiter.attempt(store::COMMENTING, &member.id().to_string(), now)?;
    let mut tx = state.db.begin().await?;
    let party = store::change(&mut tx, member.id(), form.id, &text, now).await?;
    tx.commit().await?;
    lead_form(&format!("/meals/{party}/comments"));
    Ok(())
}

/// Takes back what I wrote.
///
/// # Errors
/// [`AppError::SignInRequired`]; [`AppError::NotFound`] when somebody else wrote it.
#[server(endpoint = "delete_comment", input_derive = (Clone, Serialize, Deserialize, Described))]
pub async fn delete_comment(id: CommentId) -> Result<(), AppError> {
    let member = auth::member()?;
    let state = state()?;
    let mut tx = state.db.begin().await?;
    let party = store::delete(&mut tx, member.id(), id, state.now()).await?;
    tx.commit().await?;
    // What the page was about may be gone with it.
    if let Some(party) = party {
        lead_form(&format!("/meals/{party}/comments"));
    }
    Ok(())
}

/// Likes what somebody else wrote, or does not any more. Twice is once.
///
/// # Errors
/// [`AppError::SignInRequired`], [`AppError::Unverified`]; [`AppError::NotFound`] when it is gone, or mine.
#[server(endpoint = "like_comment", input_derive = (Clone, Serialize, Deserialize, Described))]
pub async fn like_comment(id: CommentId, likes: bool) -> Result<(), AppError> {
    let member = auth::verified()?;
    let state = state()?;
    let mut tx = state.db.begin().await?;
    if likes {
        store::like(&mut tx, member.id(), id, state.now()).await?;
    } else {
        store::unlike(&mut tx, member.id(), id).await?;
    }
    tx.commit().await
}
