//! Files that come with a form.

use super::store;
use crate::server::images::Refusal;
use crate::server::state::AppState;
use crate::shared::error::AppError;
use crate::shared::ids::{ImageId, UserId};
use crate::shared::images::{MAX_BYTES, MAX_PICTURES, Picture, refusal};
use leptos::server_fn::codec::MultipartData;
use std::collections::HashMap;
use std::time::Duration;
use uuid::Uuid;

/// The field of files.
pub const FIELD: &str = "image";
/// Longest text beside them, in bytes.
const MAX_FIELD: usize = 16 * 1024;
/// Fields of a form, files included.
const MAX_FIELDS: usize = 12;
/// A form that takes longer to come is let go.
const PATIENCE: Duration = Duration::from_secs(120);

/// A form that was read.
#[derive(Debug, Default)]
pub struct Received {
    /// Its pictures, drawn anew and kept: not shown to anybody yet.
    pub pictures: Vec<Picture>,
    /// Its other fields.
    pub fields: HashMap<String, String>,
}

/// Reads a form with files of somebody; at least one.
///
/// # Errors
/// [`AppError::Invalid`] with [`FIELD`] for what is no picture or too large or too many, [`AppError::SlowDown`],
/// [`AppError::BadRequest`] for what is no such form, [`AppError::Unavailable`] when the store is.
pub async fn receive(state: &AppState, owner: UserId, data: MultipartData) -> Result<Received, AppError> {
    tokio::time::timeout(PATIENCE, read(state, owner, data)).await.map_err(|_| AppError::BadRequest)?
}

async fn read(state: &AppState, owner: UserId, data: MultipartData) -> Result<Received, AppError> {
    let mut form = data.into_inner().ok_or(AppError::BadRequest)?;
    let mut received = Received::default();
    for _ in 0..MAX_FIELDS {
        let Some(mut field) = form.next_field().await.map_err(|_| AppError::BadRequest)? else { break };
        let name = field.name().unwrap_or_default().to_owned();
        let limit = if name == FIELD { MAX_BYTES } else { MAX_FIELD };
        let mut bytes = Vec::new();
        while let Some(chunk) = field.chunk().await.map_err(|_| AppError::BadRequest)? {
            if bytes.len() + chunk.len() > limit {
                return Err(if name == FIELD { refused(Refusal::TooLarge) } else { AppError::TooLarge });
            }
            bytes.extend_from_slice(&chunk);
        }
        if name != FIELD {
            received.fields.insert(name, String::from_utf8(bytes).map_err(|_| AppError::BadRequest)?);
        } else if !bytes.is_empty() {
            // A chooser that was left alone comes as an empty file.
            if received.pictures.len() == MAX_PICTURES {
                return Err(refusal("images.error.many"));
            }
            received.pictures.push(take(state, owner, bytes).await?);
        }
    }
    if received.pictures.is_empty() { Err(refusal("images.error.none")) } else { Ok(received) }
}

async fn take(state: &AppState, owner: UserId, file: Vec<u8>) -> Result<Picture, AppError> {
    state.limiter.attempt(store::TAKING, &owner.to_string(), state.now())?;
    let drawn = state.images.draw(file).await?.map_err(refused)?;
    let picture = Picture { id: ImageId(Uuid::new_v4()), width: drawn.size.0, height: drawn.size.1 };
    let mut tx = state.db.begin().await?;
    store::begin(&mut tx, picture, owner, state.now()).await?;
    tx.commit().await?;
    state.images.keep(picture.id, drawn).await?;
    metrics::counter!("images_taken_total").increment(1);
    Ok(picture)
}

fn refused(why: Refusal) -> AppError {
    metrics::counter!("images_refused_total", "why" => why.key()).increment(1);
    refusal(why.key())
}
