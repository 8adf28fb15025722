//! Views: each person or visitor counts once a day.

use crate::features::accounts::auth::Visit;
use crate::server::db::{Conn, Db};
use crate::server::keys::{Keys, hex, mac};
use crate::server::security::neighbourhood;
use crate::shared::error::AppError;
use crate::shared::ids::PartyId;
use crate::shared::time::Timestamp;
use crate::{execute, fetch_optional};

/// One who looks, for a day.
#[derive(Clone, Debug)]
pub struct Viewer {
    name: String,
    /// Since 1970, in Seoul.
    day: i64,
}

/// Visitors of one neighbourhood that count at a party in a day. A device says of itself what it likes, and addresses next to each
/// other are one owner's: without a bound, one program would be as many visitors as it wants to be, each of them a row.
const EACH: u8 = 8;

impl Viewer {
    /// A member by id; a visitor by a name made of the neighbourhood and the device, of which it knows [`EACH`] kinds. It says
    /// nothing of them and lasts a day.
    #[must_use]
    pub fn of(visit: &Visit, keys: &Keys, now: Timestamp) -> Self {
        let day = now.seoul().date.to_days();
        let name = match &visit.member {
            Some(member) => member.id().to_string(),
            None => {
                let place = visit.ip.map(|ip| neighbourhood(ip).to_string()).unwrap_or_default();
                let device = mac(&keys.visitor, visit.user_agent.as_bytes())[0] % EACH;
                hex(&mac(&keys.visitor, format!("{place}\n{device}\n{day}").as_bytes())[..16])
            }
        };
        Self { name, day }
    }
}

/// Whether this viewer was counted today, so that nothing has to be written.
async fn was_seen(conn: &mut Conn, id: PartyId, viewer: &Viewer) -> Result<bool, AppError> {
    let sql = "select day from party_views where party_id = $1 and viewer = $2 and day = $3";
    Ok(fetch_optional!(conn, (i64,), sql, id, &viewer.name, viewer.day)?.is_some())
}

/// Counts that somebody looks at a party, if they have not been counted today.
///
/// # Errors
/// When the database fails.
pub async fn look_at(db: &Db, mut conn: Conn, id: PartyId, viewer: &Viewer) -> Result<(), AppError> {
    let was_seen = was_seen(&mut conn, id, viewer).await?;
    drop(conn);
    if !was_seen {
        see(db, id, viewer).await;
    }
    Ok(())
}

/// Counts a view, once a viewer and day. A page is worth more than its number, so a failure is logged and that is all.
async fn see(db: &Db, id: PartyId, viewer: &Viewer) {
    if let Err(error) = count(db, id, viewer).await {
        tracing::warn!(%error, "a view was not counted");
    }
}

async fn count(db: &Db, id: PartyId, viewer: &Viewer) -> Result<(), AppError> {
    let mut tx = db.begin().await?;
    let first = execute!(
        tx,
        "insert into party_views (party_id, viewer, day) values ($1, $2, $3) on conflict (party_id, viewer, day) do nothing",
        id,
        &viewer.name,
        viewer.day
    )?;
    if first > 0 {
        execute!(tx, "update parties set views = views + 1 where id = $1", id)?;
    }
    tx.commit_unseen().await
}

/// Whether days before this one are still remembered.
///
/// # Errors
/// When the database fails.
pub async fn has_views_before(conn: &mut Conn, day: i64) -> Result<bool, AppError> {
    Ok(fetch_optional!(conn, (i64,), "select day from party_views where day < $1 limit 1", day)?.is_some())
}

/// Forgets who looked at what on days before this one, at most so many of them; the numbers stay.
///
/// # Errors
/// When the database fails.
pub async fn forget_views(tx: &mut Conn, day: i64, most: i64) -> Result<(), AppError> {
    execute!(
        tx,
        "delete from party_views where (party_id, viewer, day) in (select party_id, viewer, day from party_views where day < $1 limit $2)",
        day,
        most
    )?;
    Ok(())
}
