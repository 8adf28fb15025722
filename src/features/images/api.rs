//! Server functions of pictures. All of them take forms with files.

use crate::shared::error::AppError;
use crate::shared::schema::Described;
use leptos::prelude::*;
use leptos::server_fn::codec::{MultipartData, MultipartFormData};
use serde::{Deserialize, Serialize};
#[cfg(feature = "ssr")]
use {
    super::{receiving::receive, store},
    crate::features::accounts::auth,
    crate::server::state::state,
};

/// Takes a picture in, for something that will show it: its word ([`crate::shared::images::Picture`]).
///
/// # Errors
/// [`AppError::SignInRequired`], [`AppError::Unverified`]; those of [`super::receiving::receive`].
#[server(input = MultipartFormData, endpoint = "upload_image")]
pub async fn upload_image(data: MultipartData) -> Result<String, AppError> {
    let member = auth::verified()?;
    let received = receive(&state()?, member.id(), data).await?;
    received.pictures.first().map(ToString::to_string).ok_or(AppError::BadRequest)
}

/// Makes a picture my face.
///
/// # Errors
/// [`AppError::SignInRequired`]; those of [`super::receiving::receive`].
#[server(input = MultipartFormData, endpoint = "set_face")]
pub async fn set_face(data: MultipartData) -> Result<(), AppError> {
    let member = auth::member()?;
    let state = state()?;
    let received = receive(&state, member.id(), data).await?;
    let mut tx = state.db.begin().await?;
    store::set_face(&mut tx, member.id(), received.pictures.first().map(|picture| picture.id), state.now()).await?;
    tx.commit().await?;
    leptos_axum::redirect("/me?done=profile");
    Ok(())
}

/// Takes my face away.
///
/// # Errors
/// [`AppError::SignInRequired`]
#[server(endpoint = "remove_face", input_derive = (Clone, Serialize, Deserialize, Described))]
pub async fn remove_face() -> Result<(), AppError> {
    let member = auth::member()?;
    let state = state()?;
    let mut tx = state.db.begin().await?;
    store::set_face(&mut tx, member.id(), None, state.now()).await?;
    tx.commit().await?;
    leptos_axum::redirect("/me?done=profile");
    Ok(())
}
