//! Profiles in the database.

mod archive;
mod export;
mod said;

pub use archive::archive;
pub use export::export;

use super::model::{MyProfile, ProfileEdit};
use crate::features::accounts::store::{is_reserved, nickname_key};
use crate::server::db::{Conn, is_duplicate};
use crate::server::rate_limit::Limit;
use crate::shared::error::{AppError, Conflict};
use crate::shared::ids::{ImageId, UserId};
use crate::shared::time::{Date, Span, Timestamp};
use crate::{each, execute, fetch_optional};

/// How often a person changes their profile.
pub const CHANGES: Limit = Limit { name: "profile", attempts: 20, window: Span::days(1) };

/// How often a person takes their things along, with or without their pictures.
pub const EXPORTS: Limit = Limit { name: "export", attempts: 10, window: Span::hours(1) };

/// A person as others may see them.
#[derive(Clone, Debug)]
pub struct Seen {
    /// Who.
    pub id: UserId,
    /// What they are called, as they write it.
    pub nickname: String,
    /// Their face, if they show one.
    pub face: Option<ImageId>,
    /// What they say about themselves.
    pub intro: String,
    /// Not for others.
    pub born: Date,
    /// When they came.
    pub since: Timestamp,
}

/// The person of this name, however it is capitalised.
///
/// # Errors
/// [`AppError::NotFound`] when nobody has it, or has it any more; [`Conflict::AccountClosed`] for what closed accounts are called.
pub async fn find(conn: &mut Conn, nickname: &str) -> Result<Seen, AppError> {
    if is_reserved(nickname) {
        return Err(Conflict::AccountClosed.into());
    }
    type Row = (UserId, String, Option<ImageId>, String, String, Timestamp);
    let sql = "select id, nickname, face_id, intro, birth_date, created_at from users where nickname_key = $1 and closed_at is null";
    let row: Option<Row> = fetch_optional!(conn, Row, sql, nickname_key(nickname))?;
    let (id, nickname, face, intro, born, since) = row.ok_or(AppError::NotFound)?;
    Ok(Seen { id, nickname, face, intro, born: Date::parse(&born).ok_or(AppError::Internal)?, since })
}

/// What a person has written about themselves.
///
/// # Errors
/// When the database fails.
pub async fn mine(conn: &mut Conn, user: UserId) -> Result<MyProfile, AppError> {
    type Row = (String, Option<ImageId>, String);
    let row: Option<Row> = fetch_optional!(conn, Row, "select nickname, face_id, intro from users where id = $1", user)?;
    row.map(|(nickname, face, intro)| MyProfile { nickname, face, intro }).ok_or(AppError::NotFound)
}

/// Changes what a person is called and says about themselves; whether they are called something else now.
///
/// # Errors
/// [`AppError::Invalid`] when somebody else has the nickname, however close the race.
pub async fn change(tx: &mut Conn, user: UserId, edit: &ProfileEdit) -> Result<bool, AppError> {
    if is_reserved(&edit.nickname) {
        return Err(AppError::field("nickname", "accounts.nickname.taken"));
    }
    // Locked: of two changes at once the second sees the first.
    let before: Option<(String,)> = each!(tx, |c|
        sqlite: sqlx::query_as("select nickname from users where id = $1").bind(user).fetch_optional(c).await,
        pg: sqlx::query_as("select nickname from users where id = $1 for update").bind(user).fetch_optional(c).await)?;
    let written = execute!(
        tx,
        "update users set nickname = $2, nickname_key = $3, intro = $4 where id = $1 and closed_at is null",
        user,
        &edit.nickname,
        nickname_key(&edit.nickname),
        &edit.intro
    );
    match written {
        Ok(_) => Ok(before.is_some_and(|(nickname,)| nickname != edit.nickname)),
        Err(error) if is_duplicate(&error, "users", "nickname_key") => Err(AppError::field("nickname", "accounts.nickname.taken")),
        Err(error) => Err(error.into()),
    }
}
