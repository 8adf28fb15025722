//! What people keep for later, and the parties of one person.

use crate::features::parties::model::{AFTER_DEADLINE, Shelf};
use crate::server::db::Conn;
use crate::server::paging::{Listing, Order, page};
use crate::shared::error::AppError;
use crate::shared::ids::{PartyId, UserId};
use crate::shared::paging::{Page, PageAsk};
use crate::shared::time::Timestamp;
use crate::{each, execute, fetch_all, fetch_optional};

/// The seats of people.
const SEATS: &str = "(select party_id as id, user_id, joined_at, party_kind, shelf from party_members) seats";
/// What people asked for.
const ASKED: &str = "(select party_id as id, user_id, created_at, party_kind, kind as asks, is_over from party_requests) asked";
/// What people keep.
const KEPT: &str = "(select party_id as id, user_id, created_at, party_kind from bookmarks) kept";

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
        "insert into bookmarks (user_id, party_id, created_at, party_kind)
         select $1, id, $3, kind from parties where id = $2 and state <> 'cancelled' on conflict (user_id, party_id) do nothing",
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
pub async fn shelf(conn: &mut Conn, kind: &'static str, user: UserId, shelf: Shelf, ask: PageAsk) -> Result<Page<PartyId>, AppError> {
    let page = page(conn, &listing(kind, user, shelf), ask).await?;
    let ids = page.rows.iter().copied().map(PartyId).collect();
    Ok(page.with_rows(ids))
}

fn listing(kind: &'static str, user: UserId, shelf: Shelf) -> Listing {
    let seats = || Listing::of(SEATS, "joined_at is not null", "joined_at", Order::Descending).with_text("shelf =", shelf.code());
    // Nobody answers, and no seat comes free, after the deadline.
    let asked = |kind| Listing::of(ASKED, "is_over = false", "created_at", Order::Descending).with_text("asks =", kind);
    let listing = match shelf {
        Shelf::Hosted | Shelf::Joined | Shelf::Past => seats(),
        Shelf::Applied => asked("application"),
        Shelf::Waiting => asked("waitlist"),
        Shelf::Kept => Listing::of(KEPT, "created_at is not null", "created_at", Order::Descending),
    };
    listing.with_id("user_id =", user.0).with_text("party_kind =", kind)
}

/// When a party `p` is over for those who sit there: never while it is under way, at once when it is settled or called off, with its
/// deadline otherwise.
macro_rules! over_at {
    () => {
        "case when p.state in ('ordered', 'arrived') then 9000000000000000 when p.state in ('settled', 'cancelled') then 0
              else p.deadline_at end"
    };
}

/// Where a seat `m` at it stands, with the last moment of what is past.
macro_rules! shelf_at {
    ($over:literal) => {
        concat!("case when ", over_at!(), " <= ", $over, " then 'past' when m.user_id = p.host_id then 'hosted' else 'joined' end")
    };
}

/// Writes down with each seat of a party, and what is asked for there, when it is over and on whose shelf it stands: after the party's
/// state, its deadline, its host or who sits there has changed. A seat is put away [`AFTER_DEADLINE`] it is over, what is asked for at
/// once.
pub(super) async fn put_on_shelves(tx: &mut Conn, id: PartyId, now: Timestamp) -> Result<(), AppError> {
    execute!(
        tx,
        concat!(
            "update party_members set over_at = stands.over_at, shelf = stands.shelf
             from (select m.user_id, ",
            over_at!(),
            " as over_at, ",
            shelf_at!("$2"),
            " as shelf from parties p join party_members m on m.party_id = p.id where p.id = $1) stands
             where party_members.party_id = $1 and party_members.user_id = stands.user_id
               and (party_members.over_at <> stands.over_at or party_members.shelf <> stands.shelf)"
        ),
        id,
        now - AFTER_DEADLINE
    )?;
    execute!(
        tx,
        "update party_requests set over_at = p.deadline_at, is_over = p.deadline_at <= $2
         from (select id, deadline_at from parties where id = $1) p
         where party_requests.party_id = p.id
           and (party_requests.over_at <> p.deadline_at or party_requests.is_over <> (p.deadline_at <= $2))",
        id,
        now
    )?;
    Ok(())
}

/// Of a page of the parties that go on, after one of them, those where somebody's shelf is not what it should be; and the last of the
/// page, if there may be more. A version before this one, which may still run beside it, writes nothing on shelves.
///
/// # Errors
/// When the database fails.
pub async fn misplaced(conn: &mut Conn, after: PartyId, now: Timestamp, page: i64) -> Result<(Vec<PartyId>, Option<PartyId>), AppError> {
    let ids: Vec<(PartyId,)> = fetch_all!(
        conn,
        (PartyId,),
        "select id from parties where (ended = 0 or state in ('ordered', 'arrived')) and id > $1 order by id limit $2",
        after,
        page
    )?;
    let Some((last,)) = ids.last().copied() else { return Ok((Vec::new(), None)) };
    let found: Vec<(PartyId,)> = fetch_all!(
        conn,
        (PartyId,),
        concat!(
            "select p.id from parties p join party_members m on m.party_id = p.id
             where (p.ended = 0 or p.state in ('ordered', 'arrived')) and p.id > $1 and p.id <= $2 and (m.over_at <> ",
            over_at!(),
            " or m.shelf <> ",
            shelf_at!("$3"),
            ")
             union select p.id from parties p join party_requests r on r.party_id = p.id
             where (p.ended = 0 or p.state in ('ordered', 'arrived')) and p.id > $1 and p.id <= $2
               and (r.over_at <> p.deadline_at or r.is_over <> (p.deadline_at <= $4))"
        ),
        after,
        last,
        now - AFTER_DEADLINE,
        now
    )?;
    Ok((found.into_iter().map(|(id,)| id).collect(), (ids.len() as i64 == page).then_some(last)))
}

/// Puts everybody's shelf right at one party. A deadline that has passed is for those to write down who close parties.
///
/// # Errors
/// When the database fails.
pub async fn put_right(tx: &mut Conn, id: PartyId, now: Timestamp) -> Result<(), AppError> {
    // Its row first, as whoever changes the party: what is written then is what stands there.
    let _: Option<(PartyId,)> = each!(tx, |c|
        sqlite: sqlx::query_as("select id from parties where id = $1").bind(id).fetch_optional(c).await,
        pg: sqlx::query_as("select id from parties where id = $1 for update").bind(id).fetch_optional(c).await)?;
    put_on_shelves(tx, id, now).await
}

/// Puts away the seats and what is asked for where it is over by now, at most so many of each. One that is changed right
/// now waits.
///
/// # Errors
/// When the database fails.
pub async fn put_away(tx: &mut Conn, now: Timestamp, most: i64) -> Result<(), AppError> {
    let over = now - AFTER_DEADLINE;
    each!(tx, |c|
        sqlite: sqlx::query(
            "update party_members set shelf = 'past' where (party_id, user_id) in
             (select party_id, user_id from party_members where shelf <> 'past' and over_at <= $1 order by over_at limit $2)",
        ).bind(over).bind(most).execute(c).await.map(drop),
        pg: sqlx::query(
            "update party_members set shelf = 'past' where (party_id, user_id) in
             (select party_id, user_id from party_members where shelf <> 'past' and over_at <= $1 order by over_at limit $2
              for update skip locked)",
        ).bind(over).bind(most).execute(c).await.map(drop))?;
    each!(tx, |c|
        sqlite: sqlx::query(
            "update party_requests set is_over = true where (party_id, user_id) in
             (select party_id, user_id from party_requests where is_over = false and over_at <= $1 order by over_at limit $2)",
        ).bind(now).bind(most).execute(c).await.map(drop),
        pg: sqlx::query(
            "update party_requests set is_over = true where (party_id, user_id) in
             (select party_id, user_id from party_requests where is_over = false and over_at <= $1 order by over_at limit $2
              for update skip locked)",
        ).bind(now).bind(most).execute(c).await.map(drop))?;
    Ok(())
}

/// Whether [`put_away`] has something to do.
///
/// # Errors
/// When the database fails.
pub async fn has_to_put_away(conn: &mut Conn, now: Timestamp) -> Result<bool, AppError> {
    let sql = "select over_at from (select over_at from party_members where shelf <> 'past' and over_at <= $1 limit 1) seats
         union all select over_at from (select over_at from party_requests where is_over = false and over_at <= $2 limit 1) asked limit 1";
    Ok(fetch_optional!(conn, (i64,), sql, now - AFTER_DEADLINE, now)?.is_some())
}

/// How the database would read a shelf of somebody: its first window, one in its middle, and its length. For tests.
#[cfg(test)]
pub async fn shelf_plans(db: &crate::server::db::Db, user: UserId, shelf: Shelf) -> [String; 3] {
    let mut tx = db.begin().await.expect("a transaction");
    let after = crate::shared::paging::Anchor { key: 7, id: uuid::Uuid::nil() };
    crate::server::paging::plans(&mut tx, &listing("meal", user, shelf), after).await
}
