//! Who has proved that they go to a school. A proof is a mailbox that its owner reads; it ends by itself after a year, and with
//! the school that the person names.
//!
//! A mailbox stands for one person at a time, and who has read it last is the one: nobody is kept out by an account that they
//! have forgotten or lost, and no answer tells whether an address is somebody's.

use crate::features::schools::directory::School;
use crate::features::schools::model::Standing;
use crate::server::db::Conn;
use crate::server::keys::{Keys, hex, mac};
use crate::shared::error::AppError;
use crate::shared::ids::UserId;
use crate::shared::time::{Span, Timestamp};
use crate::{each, execute, fetch_optional};
use uuid::Uuid;

/// So long a proof is good for.
const LIFE: Span = Span::days(365);
/// So long it is remembered after that, for the person to see.
const KEPT_FOR: Span = Span::days(30);
/// Proofs that are removed together.
const SWEEP: i64 = 500;

/// A mailbox's name that says nothing about it. What follows a + before the @ is dropped: those are one mailbox.
#[must_use]
pub fn address_key(keys: &Keys, address: &str) -> String {
    let address = address.to_ascii_lowercase();
    let (local, domain) = address.split_once('@').unwrap_or((&address, ""));
    // A mailbox that begins with a + is called so.
    let local = local.split_once('+').map(|(before, _)| before).filter(|before| !before.is_empty()).unwrap_or(local);
    hex(&mac(&keys.school_address, format!("{local}@{domain}").as_bytes()))
}

/// What a mailed link would prove.
#[derive(Clone, Copy, Debug)]
pub struct Claim<'a> {
    /// The school.
    pub school: &'a School,
    /// The mailbox, as [`address_key`] has it.
    pub address_key: &'a str,
}

/// Notes what a link is about. It is forgotten with the link.
///
/// # Errors
/// When the database fails.
pub async fn claim(tx: &mut Conn, link: Uuid, claim: Claim<'_>) -> Result<(), AppError> {
    let sql = "insert into school_claims (link_id, school_id, address_key) values ($1, $2, $3)";
    execute!(tx, sql, link, &claim.school.id, claim.address_key)?;
    Ok(())
}

/// Notes that a person reads the mailbox that a used link of theirs went to, for a year from now. Whoever had proved themselves
/// with it before has not any more. False when they name another school by now.
///
/// # Errors
/// When the database fails.
pub async fn prove(tx: &mut Conn, link: Uuid, user: UserId, now: Timestamp) -> Result<bool, AppError> {
    // The person first: what they name stands still until the end, and two proofs of theirs come one after the other.
    let claimed: Option<(String, String)> = each!(tx, |c|
        sqlite: sqlx::query_as(
            "select c.school_id, c.address_key from users u join school_claims c on c.link_id = $1 and c.school_id = u.school
             where u.id = $2 and u.verified_at is not null and u.closed_at is null",
        ).bind(link).bind(user).fetch_optional(c).await,
        pg: sqlx::query_as(
            "select c.school_id, c.address_key from users u join school_claims c on c.link_id = $1 and c.school_id = u.school
             where u.id = $2 and u.verified_at is not null and u.closed_at is null for update of u",
        ).bind(link).bind(user).fetch_optional(c).await)?;
    let Some((school, address)) = claimed else { return Ok(false) };
    // Then their old proof and the mailbox's, in one order: two people may be exchanging mailboxes.
    each!(tx, |c|
        sqlite: sqlx::query("select 1 from school_proofs where user_id = $1 or address_key = $2")
            .bind(user).bind(&address).execute(c).await.map(drop),
        pg: sqlx::query("select 1 from school_proofs where user_id = $1 or address_key = $2 order by address_key for update")
            .bind(user).bind(&address).execute(c).await.map(drop))?;
    execute!(tx, "delete from school_proofs where user_id = $1 and address_key <> $2", user, &address)?;
    // Of two who prove a new one at once, the second waits here and is the later.
    execute!(
        tx,
        "insert into school_proofs (address_key, user_id, school_id, proved_at, until_at) values ($1, $2, $3, $4, $5)
         on conflict (address_key) do update set user_id = excluded.user_id, school_id = excluded.school_id,
             proved_at = excluded.proved_at, until_at = excluded.until_at",
        &address,
        user,
        &school,
        now,
        now + LIFE
    )?;
    Ok(true)
}

/// How a person's proof that they go to the school they name stands.
///
/// # Errors
/// When the database fails.
pub async fn standing(conn: &mut Conn, user: UserId, now: Timestamp) -> Result<Standing, AppError> {
    let proof: Option<(Timestamp, Timestamp)> = fetch_optional!(
        conn,
        (Timestamp, Timestamp),
        "select p.proved_at, p.until_at from school_proofs p join users u on u.id = p.user_id and u.school = p.school_id
         where p.user_id = $1",
        user
    )?;
    Ok(Standing::of(proof, now))
}

/// The school that a person goes to now, as far as they have proved it.
///
/// # Errors
/// When the database fails.
pub async fn verified_school(conn: &mut Conn, user: UserId, now: Timestamp) -> Result<Option<School>, AppError> {
    let row: Option<super::Row> = fetch_optional!(
        conn,
        super::Row,
        "select s.id, s.name, s.english, s.domains from school_proofs p
         join users u on u.id = p.user_id and u.school = p.school_id and u.closed_at is null
         join schools s on s.id = p.school_id
         where p.user_id = $1 and p.until_at > $2",
        user,
        now
    )?;
    Ok(row.map(School::from))
}

/// Ends a person's proof.
///
/// # Errors
/// When the database fails.
pub async fn end_proof(tx: &mut Conn, user: UserId) -> Result<(), AppError> {
    execute!(tx, "delete from school_proofs where user_id = $1", user)?;
    Ok(())
}

/// Ends a person's proof unless it is of this school.
///
/// # Errors
/// When the database fails.
pub async fn end_other_proof(tx: &mut Conn, user: UserId, school: &str) -> Result<(), AppError> {
    execute!(tx, "delete from school_proofs where user_id = $1 and school_id <> $2", user, school)?;
    Ok(())
}

/// Removes some of the proofs that ended a month ago.
///
/// # Errors
/// When the database fails.
pub async fn forget_lapsed(tx: &mut Conn, now: Timestamp) -> Result<(), AppError> {
    let before = now - KEPT_FOR;
    // Those that somebody is renewing are left alone.
    each!(tx, |c|
        sqlite: sqlx::query("delete from school_proofs where address_key in (select address_key from school_proofs where until_at <= $1 limit $2)")
            .bind(before).bind(SWEEP).execute(c).await.map(drop),
        pg: sqlx::query(
            "delete from school_proofs where address_key in
             (select address_key from school_proofs where until_at <= $1 limit $2 for update skip locked)",
        ).bind(before).bind(SWEEP).execute(c).await.map(drop))?;
    Ok(())
}
