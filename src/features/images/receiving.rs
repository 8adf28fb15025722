//! Files that come with a form.

use super::store;
use crate::server::images::{Reader, Refusal};
use crate::server::state::AppState;
use crate::shared::error::AppError;
use crate::shared::ids::{ImageId, UserId};
use crate::shared::images::{MAX_BYTES, MAX_PICTURES, Picture, refusal};
use leptos::server_fn::codec::MultipartData;
use multer::Multipart;
use std::collections::HashMap;
use std::time::Duration;
use tokio::time::{Instant, timeout_at};
use uuid::Uuid;

/// The field of files.
pub const FIELD: &str = "image";
/// Longest text beside them, in bytes.
const MAX_FIELD: usize = 16 * 1024;
/// Fields of a form, files included.
const MAX_FIELDS: usize = 12;
/// How long a form may take to come, without what is done with it.
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
/// [`AppError::Invalid`] with [`FIELD`] for what is no picture or too large or too many or too slow, [`AppError::SlowDown`],
/// [`AppError::BadRequest`] for what is no such form, [`AppError::Unavailable`] when the store is or too many others are read.
pub async fn receive(state: &AppState, owner: UserId, data: MultipartData) -> Result<Received, AppError> {
    let mut form = data.into_inner().ok_or(AppError::BadRequest)?;
    let (received, until) = match permit(state, owner).await {
        Ok(_reader) => {
            let until = Instant::now() + PATIENCE;
            (read(state, owner, &mut form, until).await, until)
        }
        Err(refused) => (Err(refused), Instant::now() + PATIENCE),
    };
    if received.is_err() {
        // A browser listens to the answer only when it has said everything.
        let _ = timeout_at(until, pass_over(&mut form)).await;
    }
    received
}

async fn permit(state: &AppState, owner: UserId) -> Result<Reader, AppError> {
    state.limiter.attempt(store::RECEIVING, &owner.to_string(), state.now())?;
    state.images.reader(owner).await
}

async fn pass_over(form: &mut Multipart<'static>) {
    while let Ok(Some(mut field)) = form.next_field().await {
        while let Ok(Some(_)) = field.chunk().await {}
    }
}

/// What comes in time.
async fn in_time<T>(until: Instant, coming: impl Future<Output = Result<T, multer::Error>>) -> Result<T, AppError> {
    match timeout_at(until, coming).await {
        Ok(come) => come.map_err(|_| AppError::BadRequest),
        Err(_) => Err(refusal("images.error.slow")),
    }
}

async fn read(state: &AppState, owner: UserId, form: &mut Multipart<'static>, until: Instant) -> Result<Received, AppError> {
    let mut received = Received::default();
    for _ in 0..MAX_FIELDS {
        let Some(mut field) = in_time(until, form.next_field()).await? else { break };
        let name = field.name().unwrap_or_default().to_owned();
        let limit = if name == FIELD { MAX_BYTES } else { MAX_FIELD };
        let mut bytes = Vec::new();
        while let Some(chunk) = in_time(until, field.chunk()).await? {
            if name == FIELD && received.pictures.len() == MAX_PICTURES {
                return Err(refusal("images.error.many"));
            }
            if bytes.len() + chunk.len() > limit {
                return Err(if name == FIELD { refused(Refusal::TooLarge) } else { AppError::TooLarge });
            }
            bytes.extend_from_slice(&chunk);
        }
        if name != FIELD {
            received.fields.insert(name, String::from_utf8(bytes).map_err(|_| AppError::BadRequest)?);
        } else if !bytes.is_empty() {
            // A chooser that was left alone comes as an empty file.
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
