//! Accounts (in `people`), sessions and refresh tokens in the database.

/// The SQL for whether who wrote the party `p` has closed their account, be it theirs or another's by now.
macro_rules! is_left {
    () => {
        "exists (select 1 from users wu where wu.id = coalesce(p.writer_id, p.host_id) and wu.closed_at is not null)"
    };
}
pub(crate) use is_left;

/// The SQL for whether the words of the party `p` are kept from this person (an expression): who wrote them has closed their account, and
/// the person does not sit there.
macro_rules! is_secret_for {
    ($person:literal) => {
        concat!(
            $crate::features::accounts::store::is_left!(),
            " and not exists (select 1 from party_members pm where pm.party_id = p.id and pm.user_id = ",
            $person,
            ")"
        )
    };
}
pub(crate) use is_secret_for;

/// The SQL for the title of the party `p` as this person (an expression) may read it: it is empty where the party's words are kept from
/// them ([`is_secret_for`]).
macro_rules! title_for {
    ($person:literal) => {
        concat!("case when ", $crate::features::accounts::store::is_secret_for!($person), " then '' else p.title end as title")
    };
}
pub(crate) use title_for;

mod closing;
mod links;
mod logins;
mod people;
mod school;

pub use closing::{close, erase};
pub use links::{LinkState, Purpose, end_links, forget_links, hold_links, link, mail_proof, mail_reset, use_link, use_up_links};
pub use logins::{
    ARRIVAL_LIFE, Arrival, Claim, DEPARTURE_LIFE, Departed, LoginRow, add_login, arrival, arrive, come_back, depart, forget_arrival,
    forget_travellers, known_as, link_login, logins, mail_linked, take_arrival, unlink, unlink_all, vouch,
};
pub use people::{
    Account, account, change_details, change_password, credentials, details, email_key, is_reserved, nickname_key, nicknames, open_account,
    prove_address, reset_password, set_lang, set_region, set_theme, stays_open, taken, taken_nicknames,
};
pub use school::{SCHOOL_MAILS, mail_school_link, set_school};

use crate::server::db::Conn;
use crate::server::keys::{fingerprint, random_secret};
use crate::shared::error::AppError;
use crate::shared::ids::{RegionCode, SessionId, UserId};
use crate::shared::time::{Span, Timestamp};
use crate::{each, execute, fetch_all, fetch_optional};
use serde_json::json;
use uuid::Uuid;

/// How long a device stays signed in without being used.
pub const REFRESH_LIFE: Span = Span::days(30);
/// Two tabs may present the same refresh token within this time.
const REUSE_GRACE: Span = Span::seconds(10);
/// Most sessions that are listed; the oldest are left out.
const MOST_SESSIONS: i64 = 50;
/// Tokens that are too old to be used or reused are removed with each renewal, at most so many at once.
const SWEEP: i64 = 20;
/// Longest user agent that is kept, in characters.
const MAX_USER_AGENT: usize = 300;

/// A living session and its person.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct SignedIn {
    /// The session.
    pub session_id: SessionId,
    /// The person.
    pub user_id: UserId,
    /// What they are called.
    pub nickname: String,
    /// Their 동.
    pub region: Option<RegionCode>,
    /// Their language, if chosen.
    pub lang: Option<String>,
    /// Their colour scheme, if chosen.
    pub theme: Option<String>,
    /// Whether they have proved their address.
    pub is_verified: bool,
}

/// The person of a session that has not ended.
///
/// # Errors
/// When the database fails.
pub async fn signed_in(conn: &mut Conn, session: SessionId) -> Result<Option<SignedIn>, AppError> {
    Ok(fetch_optional!(
        conn,
        SignedIn,
        "select s.id as session_id, u.id as user_id, u.nickname, u.region, u.lang, u.theme, u.verified_at is not null as is_verified
         from sessions s join users u on u.id = s.user_id
         where s.id = $1 and s.ended_at is null and u.closed_at is null",
        session
    )?)
}

/// Those of these sessions that have not ended.
///
/// # Errors
/// When the database fails.
pub async fn alive_sessions(conn: &mut Conn, sessions: &[SessionId]) -> Result<Vec<SessionId>, AppError> {
    let asked = json!(sessions.iter().map(|session| session.0.simple().to_string()).collect::<Vec<_>>()).to_string();
    let rows: Vec<(SessionId,)> = each!(conn, |c|
        sqlite: sqlx::query_as(
            "select s.id from json_each($1) j join sessions s on s.id = unhex(j.value) join users u on u.id = s.user_id
             where s.ended_at is null and u.closed_at is null",
        ).bind(&asked).fetch_all(c).await,
        pg: sqlx::query_as(
            "select s.id from json_array_elements_text($1::json) as j(value) join sessions s on s.id = j.value::uuid
             join users u on u.id = s.user_id where s.ended_at is null and u.closed_at is null",
        ).bind(&asked).fetch_all(c).await)?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// Signs a person in on a device: a session and its first refresh token.
///
/// # Errors
/// When the database fails.
pub async fn begin_session(tx: &mut Conn, user: UserId, user_agent: &str, now: Timestamp) -> Result<(SessionId, String), AppError> {
    let session = SessionId(Uuid::now_v7());
    let user_agent: String = user_agent.chars().take(MAX_USER_AGENT).collect();
    execute!(
        tx,
        "insert into sessions (id, user_id, user_agent, created_at, last_seen_at) values ($1, $2, $3, $4, $4)",
        session,
        user,
        user_agent,
        now
    )?;
    let token = issue_token(tx, session, now).await?;
    Ok((session, token))
}

async fn issue_token(tx: &mut Conn, session: SessionId, now: Timestamp) -> Result<String, AppError> {
    let token = random_secret();
    execute!(
        tx,
        "insert into refresh_tokens (hash, session_id, issued_at, expires_at) values ($1, $2, $3, $4)",
        fingerprint(&token),
        session,
        now,
        now + REFRESH_LIFE
    )?;
    Ok(token)
}

/// What presenting a refresh token led to.
#[derive(Clone, Debug)]
pub enum Renewal {
    /// The session goes on with a new token.
    Renewed(SignedIn, String),
    /// The token was used before: somebody has a copy, so the session was ended.
    Reused(SessionId),
    /// The token is unknown, too old, or its session has ended.
    Refused,
}

/// Removes some of the tokens that have expired, so that the table does not grow for ever.
async fn sweep(tx: &mut Conn, now: Timestamp) -> Result<(), AppError> {
    // Rows that another renewal is removing are left to it; waiting for them in another order could deadlock.
    each!(tx, |c|
        sqlite: sqlx::query::<sqlx::Sqlite>("delete from refresh_tokens where hash in (select hash from refresh_tokens where expires_at <= $1 limit $2)")
            .bind(now).bind(SWEEP).execute(c).await.map(|_| ()),
        pg: sqlx::query::<sqlx::Postgres>(
            "delete from refresh_tokens where hash in (select hash from refresh_tokens where expires_at <= $1 limit $2 for update skip locked)")
            .bind(now).bind(SWEEP).execute(c).await.map(|_| ()))?;
    Ok(())
}

/// Exchanges a refresh token for a new one. Commit afterwards, whatever came of it.
///
/// # Errors
/// When the database fails.
pub async fn renew(tx: &mut Conn, token: &str, now: Timestamp) -> Result<Renewal, AppError> {
    let hash = fingerprint(token);
    let fresh: Option<(SessionId,)> = fetch_optional!(
        tx,
        (SessionId,),
        "update refresh_tokens set used_at = $2 where hash = $1 and used_at is null and expires_at > $2 returning session_id",
        &hash,
        now
    )?;
    let session = if let Some((session,)) = fresh {
        session
    } else {
        let used: Option<(SessionId, Timestamp)> = fetch_optional!(
            tx,
            (SessionId, Timestamp),
            "select session_id, used_at from refresh_tokens where hash = $1 and used_at is not null",
            &hash
        )?;
        match used {
            None => return Ok(Renewal::Refused),
            // Nor does a clock that has gone back make it longer.
            Some((session, used_at)) if (now - used_at).0.abs() > REUSE_GRACE.0 => {
                end_session(tx, session, now).await?;
                return Ok(Renewal::Reused(session));
            }
            Some((session, _)) => session,
        }
    };
    let Some(person) = signed_in(tx, session).await? else { return Ok(Renewal::Refused) };
    sweep(tx, now).await?;
    execute!(tx, "update sessions set last_seen_at = $2 where id = $1", session, now)?;
    let token = issue_token(tx, session, now).await?;
    Ok(Renewal::Renewed(person, token))
}

/// Ends a session; whether it was alive.
///
/// # Errors
/// When the database fails.
pub async fn end_session(tx: &mut Conn, session: SessionId, now: Timestamp) -> Result<bool, AppError> {
    Ok(execute!(tx, "update sessions set ended_at = $2 where id = $1 and ended_at is null", session, now)? > 0)
}

/// Ends a session of this person; whether it was theirs and alive.
///
/// # Errors
/// When the database fails.
pub async fn end_own_session(tx: &mut Conn, user: UserId, session: SessionId, now: Timestamp) -> Result<bool, AppError> {
    let sql = "update sessions set ended_at = $3 where id = $2 and user_id = $1 and ended_at is null";
    Ok(execute!(tx, sql, user, session, now)? > 0)
}

/// Ends every session of a person except one; those that were ended.
///
/// # Errors
/// When the database fails.
pub async fn end_other_sessions(tx: &mut Conn, user: UserId, keep: SessionId, now: Timestamp) -> Result<Vec<SessionId>, AppError> {
    let ended: Vec<(SessionId,)> = fetch_all!(
        tx,
        (SessionId,),
        "update sessions set ended_at = $3 where user_id = $1 and id <> $2 and ended_at is null returning id",
        user,
        keep,
        now
    )?;
    Ok(ended.into_iter().map(|(id,)| id).collect())
}

/// Ends every session of a person; those that were ended.
///
/// # Errors
/// When the database fails.
pub async fn end_all_sessions(tx: &mut Conn, user: UserId, now: Timestamp) -> Result<Vec<SessionId>, AppError> {
    let sql = "update sessions set ended_at = $2 where user_id = $1 and ended_at is null returning id";
    let ended: Vec<(SessionId,)> = fetch_all!(tx, (SessionId,), sql, user, now)?;
    Ok(ended.into_iter().map(|(id,)| id).collect())
}

/// A session as its person sees it.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct SessionRow {
    /// Which.
    pub id: SessionId,
    /// What its browser says of itself.
    pub user_agent: String,
    /// When it signed in.
    pub created_at: Timestamp,
    /// When it was last renewed.
    pub last_seen_at: Timestamp,
}

/// Where a person is signed in: `this` one first, then the last seen.
///
/// # Errors
/// When the database fails.
pub async fn sessions(conn: &mut Conn, user: UserId, this: SessionId, now: Timestamp) -> Result<Vec<SessionRow>, AppError> {
    Ok(fetch_all!(
        conn,
        SessionRow,
        "select id, user_agent, created_at, last_seen_at from sessions
         where user_id = $1 and ended_at is null and last_seen_at > $3
         order by case when id = $2 then 0 else 1 end, last_seen_at desc, id desc limit $4",
        user,
        this,
        now - REFRESH_LIFE,
        MOST_SESSIONS
    )?)
}
