//! The pictures of a party.
//!
//! They are held after the party and its room: a message that shows pictures holds its room first, too.

use super::hosting::tell_edited;
use super::locking::{Host, Locked, News, lock};
use crate::features::images;
use crate::server::db::Conn;
use crate::shared::error::AppError;
use crate::shared::ids::{ImageId, PartyId, UserId};
use crate::shared::images::{MAX_PICTURES, Pictures, refusal};
use crate::shared::time::Timestamp;
use crate::{execute, fetch_optional};

/// What a party whose row is locked shows.
pub(super) async fn shown(tx: &mut Conn, party: PartyId) -> Result<Pictures, AppError> {
    let row: Option<(Pictures,)> = fetch_optional!(tx, (Pictures,), "select pictures from parties where id = $1", party)?;
    Ok(row.ok_or(AppError::NotFound)?.0)
}

async fn write(tx: &mut Conn, party: PartyId, pictures: &Pictures) -> Result<(), AppError> {
    execute!(tx, "update parties set pictures = $2 where id = $1", party, pictures)?;
    Ok(())
}

/// Shows these pictures from now on: what is there already, and what its host has put in for it.
///
/// # Errors
/// [`AppError::Invalid`] with the field of files when one of them is neither.
pub(super) async fn show(tx: &mut Conn, party: PartyId, host: UserId, wanted: &[ImageId], now: Timestamp) -> Result<(), AppError> {
    let pictures = images::store::show_at_party(tx, party, host, wanted, now).await?;
    write(tx, party, &pictures).await
}

/// Shows more pictures, behind those that are there, and tells the room. `before` is what the form showed: where the party shows
/// something else, the form was sent before, or another page has changed it, and nothing happens.
///
/// # Errors
/// [`AppError::Invalid`] with the field of files when they would be more than [`MAX_PICTURES`], or are not the host's to show;
/// those of a party that has ended.
pub async fn add_pictures(tx: &mut Conn, host: Host, before: &[ImageId], more: &[ImageId], now: Timestamp) -> Result<News, AppError> {
    let party = host.gathering()?;
    let mut wanted: Vec<ImageId> = shown(tx, party.id).await?.iter().map(|picture| picture.id).collect();
    if wanted != before {
        return Ok(party.news);
    }
    wanted.extend(more.iter().filter(|id| !wanted.contains(id)).copied().collect::<Vec<_>>());
    if wanted.len() > MAX_PICTURES {
        return Err(refusal("images.error.many"));
    }
    change(tx, party, &wanted, now).await
}

/// Takes a picture off, and tells the room; one that is not there needs nothing.
///
/// # Errors
/// Those of a party that has ended.
pub async fn take_picture_off(tx: &mut Conn, host: Host, picture: ImageId, now: Timestamp) -> Result<News, AppError> {
    let party = host.gathering()?;
    let before: Vec<ImageId> = shown(tx, party.id).await?.iter().map(|picture| picture.id).collect();
    let wanted: Vec<ImageId> = before.iter().filter(|id| **id != picture).copied().collect();
    if wanted == before {
        return Ok(party.news);
    }
    change(tx, party, &wanted, now).await
}

async fn change(tx: &mut Conn, mut party: Locked, wanted: &[ImageId], now: Timestamp) -> Result<News, AppError> {
    tell_edited(tx, &mut party, "pictures", now).await?;
    show(tx, party.id, party.host, wanted, now).await?;
    Ok(party.news)
}

/// Takes the pictures off a party that somebody had put in who has closed their account. Twice is once.
///
/// # Errors
/// When the database fails.
pub async fn take_off_of(tx: &mut Conn, id: PartyId, user: UserId, now: Timestamp) -> Result<News, AppError> {
    let party = lock(tx, id, now).await?;
    let before = shown(tx, id).await?;
    let left = images::store::release_at_party(tx, id, user, &before, now).await?;
    write(tx, id, &left).await?;
    Ok(party.news)
}
