//! Accounts in the database.

use crate::features::accounts::model::{Details, NewAccount, NewDetails, Theme};
use crate::server::db::{Conn, is_duplicate};
use crate::shared::error::{AppError, Conflict};
use crate::shared::ids::{ImageId, RegionCode, UserId};
use crate::shared::names::is_closed;
use crate::shared::text::{Lang, t_in};
use crate::shared::time::Timestamp;
use crate::shared::words::compose;
use crate::{each, execute, fetch_one, fetch_optional};
use serde_json::json;
use uuid::Uuid;

/// Opens an account. `password_hash` is a PHC string; `is_verified` when nobody has to prove the address any more.
///
/// # Errors
/// [`AppError::Invalid`] when somebody has the email or the nickname, however close the race; then nothing was written.
pub async fn open_account(
    tx: &mut Conn,
    person: &NewAccount,
    password_hash: &str,
    is_verified: bool,
    now: Timestamp,
) -> Result<UserId, AppError> {
    if is_reserved(&person.nickname) {
        return Err(AppError::field("nickname", "accounts.nickname.taken"));
    }
    let id = UserId(Uuid::now_v7());
    let (school, admission_year) = person.school.as_ref().map_or((None, None), |(school, year)| (Some(school.as_str()), *year));
    let written = execute!(
        tx,
        "insert into users (id, email, email_key, nickname, nickname_key, password_hash, birth_date, gender, region, school, admission_year, created_at, verified_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        id,
        &person.email,
        email_key(&person.email),
        &person.nickname,
        nickname_key(&person.nickname),
        password_hash,
        person.birth_date.iso(),
        person.gender.code(),
        person.region,
        school,
        admission_year,
        now,
        is_verified.then_some(now)
    );
    match written {
        Ok(_) => Ok(id),
        Err(error) if is_duplicate(&error, "users", "email_key") => Err(AppError::field("email", "accounts.email.taken")),
        Err(error) if is_duplicate(&error, "users", "nickname_key") => Err(AppError::field("nickname", "accounts.nickname.taken")),
        Err(error) => Err(error.into()),
    }
}

/// What makes two emails the same.
#[must_use]
pub fn email_key(email: &str) -> String {
    compose(email).to_lowercase()
}

/// What makes two nicknames the same.
#[must_use]
pub fn nickname_key(nickname: &str) -> String {
    compose(nickname).to_lowercase()
}

/// Whether nobody can be called so: it is what closed accounts are called, in one of the languages.
#[must_use]
pub fn is_reserved(nickname: &str) -> bool {
    is_closed(nickname)
        || [Lang::Ko, Lang::En].into_iter().any(|lang| nickname_key(nickname) == nickname_key(&t_in(lang, "accounts.closed")))
}

/// Whether somebody has this email, and whether somebody has this nickname.
///
/// # Errors
/// When the database fails.
pub async fn taken(conn: &mut Conn, email: &str, nickname: &str) -> Result<(bool, bool), AppError> {
    let (email, is_taken): (bool, bool) = fetch_one!(
        conn,
        (bool, bool),
        "select exists (select 1 from users where email_key = $1), exists (select 1 from users where nickname_key = $2)",
        email_key(email),
        nickname_key(nickname)
    )?;
    Ok((email, is_taken || is_reserved(nickname)))
}

/// What some people are called now.
///
/// # Errors
/// When the database fails.
pub async fn nicknames(conn: &mut Conn, users: &[UserId]) -> Result<Vec<(UserId, String)>, AppError> {
    let asked = json!(users.iter().map(|user| user.0.simple().to_string()).collect::<Vec<_>>()).to_string();
    Ok(each!(conn, |c|
        sqlite: sqlx::query_as("select id, nickname from users where id in (select unhex(value) from json_each($1))")
            .bind(&asked).fetch_all(c).await,
        pg: sqlx::query_as("select id, nickname from users where id in (select value::uuid from json_array_elements_text($1::json))")
            .bind(&asked).fetch_all(c).await)?)
}

/// Which of these nicknames somebody has, as their keys.
///
/// # Errors
/// When the database fails.
pub async fn taken_nicknames(conn: &mut Conn, nicknames: &[String]) -> Result<Vec<String>, AppError> {
    let keys: Vec<String> = nicknames.iter().map(|nickname| nickname_key(nickname)).collect();
    let rows: Vec<(String,)> = each!(conn, |c|
        sqlite: sqlx::query_as::<sqlx::Sqlite, _>("select nickname_key from users where nickname_key in (select value from json_each($1))")
            .bind(sqlx::types::Json(&keys)).fetch_all(c).await,
        pg: sqlx::query_as::<sqlx::Postgres, _>("select nickname_key from users where nickname_key = any($1)").bind(&keys).fetch_all(c).await)?;
    Ok(rows.into_iter().map(|(key,)| key).collect())
}

/// Who has this email, and the hash of their password.
///
/// # Errors
/// When the database fails.
pub async fn credentials(conn: &mut Conn, email: &str) -> Result<Option<(UserId, String)>, AppError> {
    Ok(fetch_optional!(
        conn,
        (UserId, String),
        "select id, password_hash from users where email_key = $1 and closed_at is null",
        email_key(email)
    )?)
}

/// What a person's own pages and forms need of their account.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Account {
    /// The login name.
    pub email: String,
    /// What they are called.
    pub nickname: String,
    /// Their face, if they show one.
    pub face_id: Option<ImageId>,
    /// A PHC string.
    pub password_hash: String,
    /// Their 동.
    pub region: Option<RegionCode>,
    /// Their school's id.
    pub school: Option<String>,
    /// The year they entered it.
    pub admission_year: Option<i32>,
    /// When they proved their address.
    pub verified_at: Option<Timestamp>,
}

/// A person's own account.
///
/// # Errors
/// When the database fails.
pub async fn account(conn: &mut Conn, user: UserId) -> Result<Account, AppError> {
    let sql = "select email, nickname, face_id, password_hash, region, school, admission_year, verified_at from users where id = $1";
    Ok(fetch_one!(conn, Account, sql, user)?)
}

/// Whether somebody's account is open, and then until the end of the transaction: closing it waits, and what gives up what they
/// held finds what this transaction gives them.
///
/// # Errors
/// When the database fails.
pub async fn stays_open(tx: &mut Conn, user: UserId) -> Result<bool, AppError> {
    let open: Option<(i32,)> = each!(tx, |c|
        sqlite: sqlx::query_as("select 1 from users where id = $1 and closed_at is null").bind(user).fetch_optional(c).await,
        pg: sqlx::query_as("select 1 from users where id = $1 and closed_at is null for share").bind(user).fetch_optional(c).await)?;
    Ok(open.is_some())
}

/// Puts a new password in the place of the one whose hash was checked; false when that one is no longer theirs.
///
/// # Errors
/// When the database fails.
pub async fn change_password(tx: &mut Conn, user: UserId, checked: &str, new: &str) -> Result<bool, AppError> {
    Ok(execute!(tx, "update users set password_hash = $3 where id = $1 and password_hash = $2", user, checked, new)? > 0)
}

/// Puts a new password in the place of a forgotten one.
///
/// # Errors
/// When the database fails.
pub async fn reset_password(tx: &mut Conn, user: UserId, new: &str) -> Result<(), AppError> {
    execute!(tx, "update users set password_hash = $2 where id = $1", user, new)?;
    Ok(())
}

/// Notes that a person has proved their address; once is enough.
///
/// # Errors
/// When the database fails.
pub async fn prove_address(tx: &mut Conn, user: UserId, now: Timestamp) -> Result<(), AppError> {
    execute!(tx, "update users set verified_at = $2 where id = $1 and verified_at is null", user, now)?;
    Ok(())
}

/// What somebody has said of themselves whose address is not proved.
///
/// # Errors
/// [`Conflict::Proved`] when it is.
pub async fn details(conn: &mut Conn, user: UserId) -> Result<Details, AppError> {
    let sql = "select email, birth_date, gender from users where id = $1 and verified_at is null";
    let row: Option<(String, String, String)> = fetch_optional!(conn, (String, String, String), sql, user)?;
    let (email, birth_date, gender) = row.ok_or(Conflict::Proved)?;
    Ok(Details { email, birth_date, gender })
}

/// Changes it, for somebody whose password was checked. After [`super::end_links`], as who uses a link takes these.
///
/// # Errors
/// [`AppError::Invalid`] when somebody else has the email; [`Conflict::Proved`] when the address was proved meanwhile, or the password is another one by
/// now; then roll back.
pub async fn change_details(tx: &mut Conn, user: UserId, checked: &str, new: &NewDetails) -> Result<(), AppError> {
    let written = execute!(
        tx,
        "update users set email = $3, email_key = $4, birth_date = $5, gender = $6
         where id = $1 and password_hash = $2 and verified_at is null and closed_at is null",
        user,
        checked,
        &new.email,
        email_key(&new.email),
        new.birth_date.iso(),
        new.gender.code()
    );
    match written {
        Ok(0) => Err(Conflict::Proved.into()),
        Ok(_) => Ok(()),
        Err(error) if is_duplicate(&error, "users", "email_key") => Err(AppError::field("email", "accounts.email.taken")),
        Err(error) => Err(error.into()),
    }
}

/// Moves a person to another 동.
///
/// # Errors
/// When the database fails.
pub async fn set_region(tx: &mut Conn, user: UserId, region: RegionCode) -> Result<(), AppError> {
    execute!(tx, "update users set region = $2 where id = $1", user, region)?;
    Ok(())
}

/// Keeps a person's language.
///
/// # Errors
/// When the database fails.
pub async fn set_lang(tx: &mut Conn, user: UserId, lang: Lang) -> Result<(), AppError> {
    execute!(tx, "update users set lang = $2 where id = $1", user, lang.tag())?;
    Ok(())
}

/// Keeps a person's colour scheme.
///
/// # Errors
/// When the database fails.
pub async fn set_theme(tx: &mut Conn, user: UserId, theme: Theme) -> Result<(), AppError> {
    execute!(tx, "update users set theme = $2 where id = $1", user, theme.code())?;
    Ok(())
}
