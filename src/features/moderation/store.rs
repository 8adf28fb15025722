//! Reports.

use super::model::{Report, Reportable};
use crate::features::accounts::store::title_for;
use crate::server::db::Conn;
use crate::server::rate_limit::Limit;
use crate::shared::error::AppError;
use crate::shared::ids::{PartyId, UserId};
use crate::shared::names::is_closed;
use crate::shared::time::{Span, Timestamp};
use crate::{execute, fetch_all, fetch_optional};
use std::fmt;
use uuid::Uuid;

/// What one person may report.
pub const REPORTING: Limit = Limit { name: "report", attempts: 20, window: Span::days(1) };
/// Reports that are listed at most.
const MOST_LISTED: i64 = 50;

/// Stores a report of a party that is not the reporter's own. A second report of the same person takes the first one's place.
///
/// # Errors
/// [`AppError::NotFound`] when there is no such party of somebody else.
pub async fn report(tx: &mut Conn, reporter: UserId, report: &Report, now: Timestamp) -> Result<(), AppError> {
    let stored = execute!(
        tx,
        "insert into reports (id, reporter_id, kind, target_id, reason, body, created_at)
         select $1, $2, 'party', p.id, $3, $4, $5 from parties p where p.id = $6 and p.host_id <> $2
         on conflict (reporter_id, kind, target_id) do update set reason = excluded.reason, body = excluded.body, created_at = excluded.created_at",
        Uuid::now_v7(),
        reporter,
        report.reason.code(),
        &report.text,
        now,
        report.party
    )?;
    if stored == 0 { Err(AppError::NotFound) } else { Ok(()) }
}

/// A party that a person can report.
///
/// # Errors
/// [`AppError::NotFound`] when there is no such party of somebody else.
pub async fn reportable(conn: &mut Conn, reporter: UserId, party: PartyId) -> Result<Reportable, AppError> {
    let sql = concat!("select ", title_for!("$2"), " from parties p where p.id = $1 and p.host_id <> $2");
    let (title,) = fetch_optional!(conn, (String,), sql, party, reporter)?.ok_or(AppError::NotFound)?;
    Ok(Reportable { party, title, is_reported: is_reported(conn, reporter, party).await? })
}

/// Whether a person has reported a party.
///
/// # Errors
/// When the database fails.
pub async fn is_reported(conn: &mut Conn, reporter: UserId, party: PartyId) -> Result<bool, AppError> {
    let sql = "select created_at from reports where reporter_id = $1 and kind = 'party' and target_id = $2";
    Ok(fetch_optional!(conn, (i64,), sql, reporter, party)?.is_some())
}

/// A report as those who run the server see it.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Reported {
    /// What was reported.
    pub kind: String,
    /// Which.
    pub target_id: Uuid,
    /// Its title.
    pub title: String,
    /// Why.
    pub reason: String,
    /// What was said about it.
    pub body: String,
    /// By whom.
    pub reporter: String,
    /// When.
    pub created_at: Timestamp,
}

impl fmt::Display for Reported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = self.created_at.seoul();
        let Self { kind, target_id, title, reason, body, reporter, .. } = self;
        // Each on a line of its own, whatever was typed: control characters would draw on the operator's terminal.
        let plain = |text: &str| text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect::<String>();
        let reporter = if is_closed(reporter) { "somebody whose account is closed" } else { reporter };
        let (title, body, reporter) = (plain(title), plain(body), plain(reporter));
        write!(f, "{} {:02}:{:02} {kind} {target_id} \"{title}\": {reason}, by {reporter}: {body}", at.date.iso(), at.hour, at.minute)
    }
}

/// The newest reports, at most 50.
///
/// # Errors
/// When the database fails.
pub async fn newest(conn: &mut Conn) -> Result<Vec<Reported>, AppError> {
    Ok(fetch_all!(
        conn,
        Reported,
        "select r.kind, r.target_id, p.title, r.reason, r.body, u.nickname as reporter, r.created_at
         from reports r join parties p on p.id = r.target_id join users u on u.id = r.reporter_id
         order by r.created_at desc, r.id desc limit $1",
        MOST_LISTED
    )?)
}
