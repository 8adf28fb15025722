//! The few things of the demo world that nobody does by clicking.

use crate::features::accounts::store::email_key;
use crate::server::db::Conn;
use crate::shared::error::AppError;
use crate::shared::ids::{PartyId, RoomId};
use crate::{execute, fetch_one, fetch_optional};

/// Whether anybody has an account.
pub async fn is_inhabited(conn: &mut Conn) -> Result<bool, AppError> {
    Ok(fetch_optional!(conn, (i64,), "select created_at from users limit 1")?.is_some())
}

/// Whether somebody has an account under this email.
pub async fn has_account(conn: &mut Conn, email: &str) -> Result<bool, AppError> {
    Ok(fetch_optional!(conn, (i64,), "select created_at from users where email_key = $1", email_key(email))?.is_some())
}

/// The room of a party.
pub async fn room_of(conn: &mut Conn, party: PartyId) -> Result<RoomId, AppError> {
    let (room,): (RoomId,) = fetch_one!(conn, (RoomId,), "select room_id from parties where id = $1", party)?;
    Ok(room)
}

/// Says how often a party was looked at, without inventing by whom.
pub async fn set_views(tx: &mut Conn, party: PartyId, views: i64) -> Result<(), AppError> {
    execute!(tx, "update parties set views = $2 where id = $1", party, views)?;
    Ok(())
}
