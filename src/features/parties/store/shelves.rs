//! What people keep for later, and the parties of one person.

use crate::features::parties::model::{AFTER_DEADLINE, Shelf};
use crate::server::db::Conn;
use crate::server::paging::{Listing, Order, page};
use crate::shared::error::AppError;
use crate::shared::ids::{PartyId, UserId};
use crate::shared::paging::{Page, PageAsk};
use crate::shared::time::Timestamp;
use crate::{execute, fetch_optional};

/// When a party is over, for a comparison with the last moment of those that are: one that is under way once it is settled, others with
/// their deadline. Literally as in the index of those that somebody hosts; seats have it as `over_at`.
const GOES_ON: &str =
    "case when state in ('ordered', 'arrived') then 9000000000000000 when state in ('settled', 'cancelled') then 0 else deadline_at end >";
/// The seats of a person, with what has to be known of each party.
const SEATS: &str = "(select m.party_id as id, m.user_id, m.joined_at, m.over_at, p.host_id, p.kind
    from party_members m join parties p on p.id = m.party_id) seats";
/// What people asked for.
const ASKED: &str = "(select r.party_id as id, r.user_id, r.created_at, r.kind as asks, p.kind, p.deadline_at
    from party_requests r join parties p on p.id = r.party_id) asked";
/// What people keep.
const KEPT: &str = "(select b.party_id as id, b.user_id, b.created_at, p.kind from bookmarks b join parties p on p.id = b.party_id) kept";

/// Keeps a party for later, or no more. Doing it twice is doing it once.
///
/// # Errors
/// [`AppError::NotFound`] when there is no such party to keep.
pub async fn keep(tx: &mut Conn, user: UserId, party: PartyId, keeps: bool, now: Timestamp) -> Result<(), AppError> {
    if !keeps {
        execute!(tx, "delete from bookmarks where user_id = $1 and party_id = $2", user, party)?;
        return Ok(());
    }
    let kept = execute!(
        tx,
        "insert into bookmarks (user_id, party_id, created_at) select $1, id, $3 from parties where id = $2 and state <> 'cancelled'
         on conflict (user_id, party_id) do nothing",
        user,
        party,
        now
    )?;
    if kept == 0 && !is_kept(tx, user, party).await? { Err(AppError::NotFound) } else { Ok(()) }
}

/// Whether a person keeps a party.
///
/// # Errors
/// When the database fails.
pub async fn is_kept(conn: &mut Conn, user: UserId, party: PartyId) -> Result<bool, AppError> {
    Ok(fetch_optional!(conn, (i64,), "select created_at from bookmarks where user_id = $1 and party_id = $2", user, party)?.is_some())
}

/// A page of a person's parties of one kind, the latest first.
///
/// # Errors
/// When the database fails.
pub async fn shelf(
    conn: &mut Conn,
    kind: &'static str,
    user: UserId,
    shelf: Shelf,
    ask: PageAsk,
    now: Timestamp,
) -> Result<Page<PartyId>, AppError> {
    let page = page(conn, &listing(kind, user, shelf, now), ask).await?;
    let ids = page.rows.iter().copied().map(PartyId).collect();
    Ok(page.with_rows(ids))
}

fn listing(kind: &'static str, user: UserId, shelf: Shelf, now: Timestamp) -> Listing {
    let over = (now - AFTER_DEADLINE).0;
    let listing = match shelf {
        Shelf::Hosted => Listing::of("parties", "state <> 'cancelled'", "created_at", Order::Descending)
            .with_id("host_id =", user.0)
            .with_number(GOES_ON, over),
        Shelf::Joined => Listing::of(SEATS, "host_id <> user_id", "joined_at", Order::Descending)
            .with_id("user_id =", user.0)
            .with_number("over_at >", over),
        Shelf::Past => Listing::of(SEATS, "joined_at is not null", "joined_at", Order::Descending)
            .with_id("user_id =", user.0)
            .with_number("over_at <=", over),
        // Nobody answers, and no seat comes free, after the deadline.
        Shelf::Applied => Listing::of(ASKED, "asks = 'application'", "created_at", Order::Descending)
            .with_id("user_id =", user.0)
            .with_number("deadline_at >", now.0),
        Shelf::Waiting => Listing::of(ASKED, "asks = 'waitlist'", "created_at", Order::Descending)
            .with_id("user_id =", user.0)
            .with_number("deadline_at >", now.0),
        Shelf::Kept => Listing::of(KEPT, "created_at is not null", "created_at", Order::Descending).with_id("user_id =", user.0),
    };
    listing.with_text("kind =", kind)
}

/// How the database would read a shelf of somebody. For tests.
#[cfg(test)]
pub async fn shelf_plan(db: &crate::server::db::Db, user: UserId, shelf: Shelf, now: Timestamp) -> String {
    let mut tx = db.begin().await.expect("a transaction");
    crate::server::paging::plan(&mut tx, &listing("meal", user, shelf, now), None).await
}
