//! Accounts of elsewhere that sign in here, and those who are on their way.
//!
//! Somebody departs to a provider, comes back, and arrives; each step takes what the one before has left, once.

use super::email_key;
use super::links::reader;
use crate::features::accounts::model::NewAccount;
use crate::features::mail::letters::About;
use crate::features::mail::store::post;
use crate::server::db::{Conn, is_duplicate};
use crate::server::keys::fingerprint;
use crate::server::oidc::Identity;
use crate::server::oidc::settings::Settings;
use crate::shared::error::{AppError, Conflict};
use crate::shared::ids::UserId;
use crate::shared::text::Lang;
use crate::shared::time::{Span, Timestamp};
use crate::{each, execute, fetch_all, fetch_optional};
use uuid::Uuid;

/// So long somebody may stay with a provider.
pub const DEPARTURE_LIFE: Span = Span::minutes(10);
/// So long somebody may take to type a password, or to fill in the form of signing up.
pub const ARRIVAL_LIFE: Span = Span::minutes(20);
/// Most that are listed; there is one for each provider that was ever configured.
const MOST: i64 = 50;
/// Rows that are removed together.
const SWEEP: i64 = 500;

/// What is kept of somebody who was sent to a provider.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Departed {
    /// What has to stand in the token.
    pub nonce: String,
    /// What the code is exchanged with.
    pub verifier: String,
    /// Where to go in the end.
    pub next: String,
    /// Who wants to link it, if that is what they went for.
    pub user_id: Option<UserId>,
}

/// Keeps what somebody needs who is sent to a provider. `browser` is the hash of their browser's secret, `state` comes back with
/// them.
///
/// # Errors
/// When the database fails.
pub async fn depart(
    tx: &mut Conn,
    browser: &str,
    provider: &str,
    state: &str,
    departed: &Departed,
    now: Timestamp,
) -> Result<(), AppError> {
    execute!(
        tx,
        "insert into departures (state, browser, provider, nonce, verifier, next, user_id, expires_at) values ($1, $2, $3, $4, $5, $6, $7, $8)",
        fingerprint(state),
        browser,
        provider,
        &departed.nonce,
        &departed.verifier,
        &departed.next,
        departed.user_id,
        now + DEPARTURE_LIFE
    )?;
    Ok(())
}

/// Takes what was kept for this browser, state and provider, once and not too late.
///
/// # Errors
/// When the database fails.
pub async fn come_back(tx: &mut Conn, browser: &str, provider: &str, state: &str, now: Timestamp) -> Result<Option<Departed>, AppError> {
    Ok(fetch_optional!(
        tx,
        Departed,
        "delete from departures where state = $1 and browser = $2 and provider = $3 and expires_at > $4
         returning nonce, verifier, next, user_id",
        fingerprint(state),
        browser,
        provider,
        now
    )?)
}

/// Somebody whom a provider knows, before it is settled who they are here.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Arrival {
    /// What forms name it by: each tab's own.
    pub id: Uuid,
    /// The provider's name.
    pub provider: String,
    /// Its address.
    pub issuer: String,
    /// Its name for the person.
    pub subject: String,
    /// Their address, if the provider has verified it.
    pub email: Option<String>,
    /// Who wants to link it, if that is what they went for.
    pub user_id: Option<UserId>,
}

impl Arrival {
    /// Who they are elsewhere.
    #[must_use]
    pub fn identity(&self) -> Identity {
        Identity { issuer: self.issuer.clone(), subject: self.subject.clone() }
    }

    /// Whether the provider has verified the address with which somebody signs up.
    #[must_use]
    pub fn proves(&self, person: &NewAccount) -> bool {
        self.email.as_deref().is_some_and(|email| email_key(email) == email_key(&person.email))
    }
}

/// Keeps who has arrived in a browser. `browser` is the hash of a secret that the browser gets now: whoever knew the one that it left
/// with has nothing.
///
/// # Errors
/// When the database fails.
pub async fn arrive(tx: &mut Conn, browser: &str, arrival: &Arrival, now: Timestamp) -> Result<(), AppError> {
    execute!(
        tx,
        "insert into arrivals (browser, id, provider, issuer, subject, email, user_id, expires_at) values ($1, $2, $3, $4, $5, $6, $7, $8)",
        browser,
        arrival.id,
        &arrival.provider,
        &arrival.issuer,
        &arrival.subject,
        &arrival.email,
        arrival.user_id,
        now + ARRIVAL_LIFE
    )?;
    Ok(())
}

/// Who has arrived in a browser.
///
/// # Errors
/// When the database fails.
pub async fn arrival(conn: &mut Conn, browser: &str, now: Timestamp) -> Result<Option<Arrival>, AppError> {
    Ok(fetch_optional!(
        conn,
        Arrival,
        "select id, provider, issuer, subject, email, user_id from arrivals where browser = $1 and expires_at > $2",
        browser,
        now
    )?)
}

/// The same, once: whoever gets it is the only one.
///
/// # Errors
/// When the database fails.
pub async fn take_arrival(tx: &mut Conn, browser: &str, now: Timestamp) -> Result<Option<Arrival>, AppError> {
    Ok(fetch_optional!(
        tx,
        Arrival,
        "delete from arrivals where browser = $1 and expires_at > $2 returning id, provider, issuer, subject, email, user_id",
        browser,
        now
    )?)
}

/// Forgets who has arrived in a browser, if somebody has.
///
/// # Errors
/// When the database fails.
pub async fn forget_arrival(tx: &mut Conn, browser: &str) -> Result<(), AppError> {
    execute!(tx, "delete from arrivals where browser = $1", browser)?;
    Ok(())
}

/// Whose account an account of elsewhere signs in to.
///
/// # Errors
/// When the database fails.
pub async fn known_as(conn: &mut Conn, identity: &Identity) -> Result<Option<UserId>, AppError> {
    let found: Option<(UserId,)> = fetch_optional!(
        conn,
        (UserId,),
        "select u.id from identities i join users u on u.id = i.user_id where i.issuer = $1 and i.subject = $2 and u.closed_at is null",
        &identity.issuer,
        &identity.subject
    )?;
    Ok(found.map(|(user,)| user))
}

/// Why somebody may sign in to an account.
#[derive(Clone, Debug)]
pub enum Claim {
    /// They have opened it in this transaction.
    Opened,
    /// They know its password: the hash that was checked.
    Password(String),
    /// An account of theirs elsewhere is linked with it.
    Login(Identity),
}

/// Holds an account until the transaction ends. Who replaces its password, unlinks something or closes it has done so before, or
/// waits.
///
/// # Errors
/// [`Conflict::Stale`] when it is closed.
pub async fn hold(tx: &mut Conn, user: UserId) -> Result<(), AppError> {
    let found: Option<(UserId,)> = each!(tx, |c|
        sqlite: sqlx::query_as("select id from users where id = $1 and closed_at is null").bind(user).fetch_optional(c).await,
        pg: sqlx::query_as("select id from users where id = $1 and closed_at is null for update").bind(user).fetch_optional(c).await)?;
    found.map(drop).ok_or_else(|| Conflict::Stale.into())
}

/// Makes sure that somebody may sign in to an account, and may until the transaction ends: what was checked outside of it may be over.
///
/// # Errors
/// [`Conflict::Stale`] when it is.
pub async fn vouch(tx: &mut Conn, user: UserId, claim: &Claim) -> Result<(), AppError> {
    if matches!(claim, Claim::Opened) {
        return Ok(());
    }
    hold(tx, user).await?;
    // In a statement of its own, which sees what was committed while the one before has waited.
    let stands = match claim {
        Claim::Opened => true,
        Claim::Login(identity) => known_as(tx, identity).await? == Some(user),
        Claim::Password(checked) => {
            let sql = "select id from users where id = $1 and password_hash = $2";
            let found: Option<(UserId,)> = fetch_optional!(tx, (UserId,), sql, user, checked)?;
            found.is_some()
        }
    };
    if stands { Ok(()) } else { Err(Conflict::Stale.into()) }
}

/// Links an account of elsewhere with an account whose password was checked.
///
/// # Errors
/// [`Conflict::Stale`] when the password is another one by now or the account was closed, and those of [`add_login`].
pub async fn link_login(tx: &mut Conn, user: UserId, checked: &str, arrival: &Arrival, now: Timestamp) -> Result<(), AppError> {
    // Held: who closes the account or replaces its password removes what is linked by then, and nothing comes after.
    vouch(tx, user, &Claim::Password(checked.to_owned())).await?;
    add_login(tx, user, arrival, now).await
}

/// Tells a person by mail that an account of elsewhere signs in to theirs from now on, in their language or else this one. Only at an
/// address that is proved: others are not theirs to have mail sent to.
///
/// # Errors
/// When the database fails, or the account is closed.
pub async fn mail_linked(tx: &mut Conn, user: UserId, provider: &Settings, lang: Lang, now: Timestamp) -> Result<(), AppError> {
    let reader = reader(tx, user).await?;
    if reader.verified_at.is_none() {
        return Ok(());
    }
    let lang = reader.lang(lang);
    let about = About::Linked { nickname: reader.nickname, provider: provider.called(lang) };
    post(tx, user, &reader.email, lang, &about, now).await
}

/// Links an account of elsewhere with an account that was opened in this transaction.
///
/// # Errors
/// [`Conflict::LoginTaken`] when it is linked with an account already; [`Conflict::SecondLogin`] when the account is linked with another
/// one of the same provider.
pub async fn add_login(tx: &mut Conn, user: UserId, arrival: &Arrival, now: Timestamp) -> Result<(), AppError> {
    let written = execute!(
        tx,
        "insert into identities (id, user_id, issuer, subject, created_at) values ($1, $2, $3, $4, $5)",
        Uuid::now_v7(),
        user,
        &arrival.issuer,
        &arrival.subject,
        now
    );
    match written {
        Ok(_) => Ok(()),
        Err(error) if is_duplicate(&error, "identities", "subject") => Err(Conflict::LoginTaken.into()),
        Err(error) if is_duplicate(&error, "identities", "user_id") => Err(Conflict::SecondLogin.into()),
        Err(error) => Err(error.into()),
    }
}

/// An account of elsewhere, as its person sees it.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct LoginRow {
    /// Its link.
    pub id: Uuid,
    /// The provider's address.
    pub issuer: String,
    /// When it was linked.
    pub created_at: Timestamp,
}

/// What is linked with an account, the oldest first.
///
/// # Errors
/// When the database fails.
pub async fn logins(conn: &mut Conn, user: UserId) -> Result<Vec<LoginRow>, AppError> {
    let sql = "select id, issuer, created_at from identities where user_id = $1 order by created_at, id limit $2";
    Ok(fetch_all!(conn, LoginRow, sql, user, MOST)?)
}

/// Unlinks one of a person's own; whether it was theirs. Who signs in with it has done so before, or does not: end the sessions
/// afterwards.
///
/// # Errors
/// [`Conflict::Stale`] when the account is closed.
pub async fn unlink(tx: &mut Conn, user: UserId, id: Uuid) -> Result<bool, AppError> {
    hold(tx, user).await?;
    Ok(execute!(tx, "delete from identities where id = $1 and user_id = $2", id, user)? > 0)
}

/// Unlinks all of a person's.
///
/// # Errors
/// When the database fails.
pub async fn unlink_all(tx: &mut Conn, user: UserId) -> Result<(), AppError> {
    execute!(tx, "delete from identities where user_id = $1", user)?;
    Ok(())
}

/// Removes some of those who did not come back or went no further; whether that were all.
///
/// # Errors
/// When the database fails.
pub async fn forget_travellers(tx: &mut Conn, now: Timestamp) -> Result<bool, AppError> {
    // Rows that somebody is taking are left for the next time.
    let departed = each!(tx, |c|
        sqlite: sqlx::query("delete from departures where state in (select state from departures where expires_at <= $1 order by expires_at limit $2)")
            .bind(now).bind(SWEEP).execute(c).await.map(|done| done.rows_affected()),
        pg: sqlx::query(
            "delete from departures where state in
             (select state from departures where expires_at <= $1 order by expires_at limit $2 for update skip locked)",
        ).bind(now).bind(SWEEP).execute(c).await.map(|done| done.rows_affected()))?;
    let arrived = each!(tx, |c|
        sqlite: sqlx::query("delete from arrivals where browser in (select browser from arrivals where expires_at <= $1 order by expires_at limit $2)")
            .bind(now).bind(SWEEP).execute(c).await.map(|done| done.rows_affected()),
        pg: sqlx::query(
            "delete from arrivals where browser in
             (select browser from arrivals where expires_at <= $1 order by expires_at limit $2 for update skip locked)",
        ).bind(now).bind(SWEEP).execute(c).await.map(|done| done.rows_affected()))?;
    Ok(departed.max(arrived) < SWEEP.unsigned_abs())
}
