//! Links in mails: each proves that somebody reads a mailbox, once.

use crate::features::mail::letters::About;
use crate::features::mail::store::post;
use crate::server::db::Conn;
use crate::shared::error::AppError;
use crate::shared::ids::UserId;
use crate::shared::text::Lang;
use crate::shared::time::{Span, Timestamp};
use crate::{each, execute, fetch_optional};
use uuid::Uuid;

/// A person gets a link of one purpose at most this often …
const PAUSE: Span = Span::minutes(1);
/// … and this many a day. Those whose letters did not go are not counted.
const MOST_A_DAY: i64 = 5;
/// A link is remembered this long: its letter was given up by then or it is too old, and it counts for no bound any more.
const KEPT_FOR: Span = Span::days(3);
/// Links that are removed together.
const SWEEP: i64 = 500;

/// What a link is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Proving an address.
    Verify,
    /// A new password in the place of a forgotten one.
    Reset,
    /// Proving that somebody goes to a school.
    School,
}

impl Purpose {
    /// How it is stored and sealed.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Verify => "verify",
            Self::Reset => "reset",
            Self::School => "school",
        }
    }

    /// How long a link is good for, from when its letter goes.
    #[must_use]
    pub const fn life(self) -> Span {
        match self {
            Self::Verify | Self::School => Span::hours(24),
            Self::Reset => Span::minutes(30),
        }
    }
}

/// Whom a link is mailed to.
#[derive(Clone, Debug, sqlx::FromRow)]
pub(super) struct Reader {
    pub(super) email: String,
    pub(super) nickname: String,
    lang: Option<String>,
    pub(super) verified_at: Option<Timestamp>,
}

impl Reader {
    /// The language they have chosen, or else this one.
    pub(super) fn lang(&self, otherwise: Lang) -> Lang {
        self.lang.as_deref().and_then(Lang::from_tag).unwrap_or(otherwise)
    }
}

/// The person whom a link is for. Locked: two requests at once count one after the other.
///
/// # Errors
/// [`AppError::NotFound`] when the account is closed.
pub(super) async fn reader(tx: &mut Conn, user: UserId) -> Result<Reader, AppError> {
    let reader: Option<Reader> = each!(tx, |c|
        sqlite: sqlx::query_as("select email, nickname, lang, verified_at from users where id = $1 and closed_at is null")
            .bind(user).fetch_optional(c).await,
        pg: sqlx::query_as("select email, nickname, lang, verified_at from users where id = $1 and closed_at is null for update")
            .bind(user).fetch_optional(c).await)?;
    reader.ok_or(AppError::NotFound)
}

/// A new link of a person who was locked before. Not twice in a minute, not more than five that went in a day. One whose letter still
/// waits goes no more: the new one does.
///
/// # Errors
/// [`AppError::SlowDown`] with the time until the next may be made.
pub(super) async fn new_link(tx: &mut Conn, user: UserId, purpose: Purpose, now: Timestamp) -> Result<Uuid, AppError> {
    wait_for(tx, user, purpose, now).await?;
    let link = Uuid::now_v7();
    execute!(
        tx,
        "insert into mail_links (id, user_id, purpose, created_at, expires_at, life) values ($1, $2, $3, $4, $5, $6)",
        link,
        user,
        purpose.code(),
        now,
        now + purpose.life(),
        purpose.life().0
    )?;
    Ok(link)
}

/// Mails a person the link with which they prove their address, in their language or else this one; nothing to those who have.
///
/// # Errors
/// Those of [`new_link`].
pub async fn mail_proof(tx: &mut Conn, user: UserId, lang: Lang, now: Timestamp) -> Result<(), AppError> {
    let reader = reader(tx, user).await?;
    if reader.verified_at.is_some() {
        return Ok(());
    }
    let link = new_link(tx, user, Purpose::Verify, now).await?;
    let lang = reader.lang(lang);
    post(tx, user, &reader.email, lang, &About::Verify { nickname: reader.nickname, link }, now).await
}

/// Mails a person the link with which they choose a new password, in their language or else this one.
///
/// # Errors
/// Those of [`new_link`].
pub async fn mail_reset(tx: &mut Conn, user: UserId, lang: Lang, now: Timestamp) -> Result<(), AppError> {
    let reader = reader(tx, user).await?;
    let link = new_link(tx, user, Purpose::Reset, now).await?;
    let lang = reader.lang(lang);
    post(tx, user, &reader.email, lang, &About::Reset { nickname: reader.nickname, link }, now).await
}

/// # Errors
/// [`AppError::SlowDown`] when as many links went as may.
async fn wait_for(tx: &mut Conn, user: UserId, purpose: Purpose, now: Timestamp) -> Result<(), AppError> {
    let sent: Option<(i64, Option<Timestamp>, Option<Timestamp>)> = fetch_optional!(
        tx,
        (i64, Option<Timestamp>, Option<Timestamp>),
        "select count(sent_at), min(sent_at), max(coalesce(sent_at, created_at)) from mail_links
         where user_id = $1 and purpose = $2 and coalesce(sent_at, created_at) > $3",
        user,
        purpose.code(),
        now - Span::days(1)
    )?;
    let (count, first, last) = sent.unwrap_or_default();
    let next = match (first, last) {
        (Some(first), _) if count >= MOST_A_DAY => first + Span::days(1),
        (_, Some(last)) => last + PAUSE,
        _ => return Ok(()),
    };
    if next <= now {
        return Ok(());
    }
    Err(AppError::SlowDown { seconds: u32::try_from((next - now).0.div_euclid(1_000) + 1).unwrap_or(u32::MAX) })
}

/// How a link stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkState {
    /// It can be used.
    Good,
    /// It was used.
    Used,
    /// It is too old, or there is none.
    Over,
}

/// Whose link it is, and how it stands.
///
/// # Errors
/// When the database fails.
pub async fn link(conn: &mut Conn, id: Uuid, purpose: Purpose, now: Timestamp) -> Result<(LinkState, Option<UserId>), AppError> {
    let found: Option<(UserId, Timestamp, Option<Timestamp>)> = fetch_optional!(
        conn,
        (UserId, Timestamp, Option<Timestamp>),
        "select l.user_id, l.expires_at, l.used_at from mail_links l join users u on u.id = l.user_id
         where l.id = $1 and l.purpose = $2 and u.closed_at is null",
        id,
        purpose.code()
    )?;
    Ok(match found {
        Some((user, _, Some(_))) => (LinkState::Used, Some(user)),
        Some((user, expires_at, None)) if expires_at > now => (LinkState::Good, Some(user)),
        _ => (LinkState::Over, None),
    })
}

/// Uses a link up; whose it was, if it was good.
///
/// # Errors
/// When the database fails.
pub async fn use_link(tx: &mut Conn, id: Uuid, purpose: Purpose, now: Timestamp) -> Result<Option<UserId>, AppError> {
    let used: Option<(UserId,)> = fetch_optional!(
        tx,
        (UserId,),
        "update mail_links set used_at = $3 where id = $1 and purpose = $2 and used_at is null and expires_at > $3
           and exists (select 1 from users u where u.id = user_id and u.closed_at is null)
         returning user_id",
        id,
        purpose.code(),
        now
    )?;
    Ok(used.map(|(user,)| user))
}

/// Holds every link of a person until the end of the transaction, in one order: two who change all of them at once do not wait for each
/// other.
///
/// # Errors
/// When the database fails.
pub async fn hold_links(tx: &mut Conn, user: UserId) -> Result<(), AppError> {
    each!(tx, |c|
    sqlite: { let _ = c; },
    pg: {
        sqlx::query("select id from mail_links where user_id = $1 order by id for update").bind(user).execute(c).await?;
    });
    Ok(())
}

/// Makes every other link of a purpose useless.
///
/// # Errors
/// When the database fails.
pub async fn use_up_links(tx: &mut Conn, user: UserId, purpose: Purpose, now: Timestamp) -> Result<(), AppError> {
    execute!(tx, "update mail_links set used_at = $3 where user_id = $1 and purpose = $2 and used_at is null", user, purpose.code(), now)?;
    Ok(())
}

/// Ends every link of a person that proves their address or replaces their password: it went to an address that is theirs no more, or
/// would go there. Those that went still count for how many may go.
///
/// # Errors
/// When the database fails.
pub async fn end_links(tx: &mut Conn, user: UserId, now: Timestamp) -> Result<(), AppError> {
    hold_links(tx, user).await?;
    execute!(tx, "delete from mail_links where user_id = $1 and used_at is null and sent_at is null", user)?;
    execute!(tx, "update mail_links set expires_at = $2 where user_id = $1 and used_at is null and expires_at > $2", user, now)?;
    Ok(())
}

/// Removes some of the links that lead nowhere any more.
///
/// # Errors
/// When the database fails.
pub async fn forget_links(tx: &mut Conn, now: Timestamp) -> Result<u64, AppError> {
    let before = now - KEPT_FOR;
    // Those that somebody is using up are left for the next time.
    Ok(each!(tx, |c|
        sqlite: sqlx::query("delete from mail_links where id in (select id from mail_links where created_at <= $1 order by created_at limit $2)")
            .bind(before).bind(SWEEP).execute(c).await.map(|done| done.rows_affected()),
        pg: sqlx::query(
            "delete from mail_links where id in (select id from mail_links where created_at <= $1 order by created_at limit $2 for update skip locked)",
        ).bind(before).bind(SWEEP).execute(c).await.map(|done| done.rows_affected()))?)
}
