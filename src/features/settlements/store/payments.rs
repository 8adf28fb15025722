//! Who says that they have sent what, and what of it the host has received.

use super::settling::note;
use super::sheet::{Sheet, sheet};
use crate::features::accounts::auth::Member;
use crate::features::notices::model::NoticeKind;
use crate::features::parties;
use crate::features::parties::store::News;
use crate::features::settlements::model::{Payment, REMINDING, What};
use crate::server::db::Conn;
use crate::shared::error::{AppError, Conflict};
use crate::shared::ids::{PartyId, UserId};
use crate::shared::time::Timestamp;
use crate::{execute, fetch_optional};

/// Says that one has sent one's share, or takes that back. `amount` is what the page said that it was.
///
/// # Errors
/// [`AppError::Forbidden`] for the host and for those who do not sit there; [`Conflict::Stale`] when the share is another, or there is
/// nothing to say; [`Conflict::NotYet`] and [`Conflict::Settled`] before and after.
pub async fn mark_sent(
    tx: &mut Conn,
    member: &Member,
    party: PartyId,
    amount: i64,
    is_sent: bool,
    now: Timestamp,
) -> Result<News, AppError> {
    let mut seat = parties::store::seat(tx, member, party, now).await?.under_way()?;
    if seat.is_host() {
        return Err(AppError::Forbidden);
    }
    let me = member.id();
    if !is_sent {
        // What the host has received of it is not taken back.
        let unsent = execute!(
            tx,
            "update payments set sent = null, sent_at = null
             where party_id = $1 and user_id = $2 and sent is not null and (received is distinct from sent or received_by is distinct from $3)",
            party,
            me,
            seat.host()
        )?;
        if unsent > 0 {
            note(tx, &seat, What::Unsent, None, None, "", now).await?;
        }
        return Ok(seat.billed());
    }
    if matches!(owed(&sheet(tx, party).await?, me, amount)?, Payment::Sent | Payment::Received) {
        return Ok(seat.billed());
    }
    execute!(
        tx,
        "insert into payments (party_id, user_id, sent, sent_at) values ($1, $2, $3, $4)
         on conflict (party_id, user_id) do update set sent = excluded.sent, sent_at = excluded.sent_at",
        party,
        me,
        amount,
        now
    )?;
    note(tx, &seat, What::Sent, None, Some(amount), "", now).await?;
    let host = seat.host();
    seat.tell(tx, host, NoticeKind::PaymentSent, now).await?;
    Ok(seat.billed())
}

/// Says that the host has received somebody's share, or takes that back: then what was received before that counts again. `amount` is
/// what the page said that their share is, or that was received.
///
/// # Errors
/// As [`mark_sent`], for everybody but the host.
pub async fn mark_received(
    tx: &mut Conn,
    member: &Member,
    party: PartyId,
    person: UserId,
    amount: i64,
    is_received: bool,
    now: Timestamp,
) -> Result<News, AppError> {
    let mut seat = parties::store::seat(tx, member, party, now).await?.hosting()?.under_way()?;
    if !is_received {
        let undone = execute!(
            tx,
            "update payments set received = earlier, received_at = earlier_at, received_by = earlier_by,
                                 earlier = null, earlier_at = null, earlier_by = null
             where party_id = $1 and user_id = $2 and received = $3 and received_by = $4",
            party,
            person,
            amount,
            member.id()
        )?;
        if undone > 0 {
            note(tx, &seat, What::Unreceived, Some(person), None, "", now).await?;
        }
        return Ok(seat.billed());
    }
    owed(&sheet(tx, party).await?, person, amount)?;
    let marked = execute!(
        tx,
        "insert into payments (party_id, user_id, received, received_at, received_by) values ($1, $2, $3, $4, $5)
         on conflict (party_id, user_id) do update set
             earlier = payments.received, earlier_at = payments.received_at, earlier_by = payments.received_by,
             received = excluded.received, received_at = excluded.received_at, received_by = excluded.received_by
         where payments.received is distinct from excluded.received or payments.received_by is distinct from excluded.received_by",
        party,
        person,
        amount,
        now,
        member.id()
    )?;
    if marked > 0 {
        note(tx, &seat, What::Received, Some(person), Some(amount), "", now).await?;
        seat.tell(tx, person, NoticeKind::PaymentReceived, now).await?;
    }
    Ok(seat.billed())
}

/// Reminds somebody of their share.
///
/// # Errors
/// [`AppError::SlowDown`] when they were reminded within [`REMINDING`]; [`Conflict::Stale`] when they owe nothing or less than they paid,
/// or say that they have sent it; else as [`mark_received`].
pub async fn remind(tx: &mut Conn, member: &Member, party: PartyId, person: UserId, now: Timestamp) -> Result<News, AppError> {
    let mut seat = parties::store::seat(tx, member, party, now).await?.hosting()?.under_way()?;
    let sheet = sheet(tx, party).await?;
    let line = sheet.lines().find(|line| line.person == person).ok_or(Conflict::Stale)?;
    if sheet.terms.is_none() || !line.is_due() {
        return Err(Conflict::Stale.into());
    }
    let reminded = execute!(
        tx,
        "insert into payments (party_id, user_id, reminded_at) values ($1, $2, $3)
         on conflict (party_id, user_id) do update set reminded_at = excluded.reminded_at
         where payments.reminded_at is null or payments.reminded_at <= $4",
        party,
        person,
        now,
        now - REMINDING
    )?;
    if reminded == 0 {
        let sql = "select reminded_at from payments where party_id = $1 and user_id = $2 and reminded_at is not null";
        let last: Option<(Timestamp,)> = fetch_optional!(tx, (Timestamp,), sql, party, person)?;
        let left = last.map_or(1, |(last,)| (last + REMINDING - now).0.div_euclid(1_000) + 1);
        return Err(AppError::SlowDown { seconds: u32::try_from(left.max(1)).unwrap_or(1) });
    }
    note(tx, &seat, What::Reminded, Some(person), Some(line.amount), "", now).await?;
    seat.tell(tx, person, NoticeKind::PaymentDue, now).await?;
    Ok(seat.billed())
}

/// How the payment of somebody stands who pays exactly this.
fn owed(sheet: &Sheet, person: UserId, amount: i64) -> Result<Payment, Conflict> {
    let is_known = sheet.terms.is_some() && person != sheet.host && amount > 0;
    let line = sheet.lines().find(|line| is_known && line.person == person && line.amount == amount);
    line.map(|line| line.payment).ok_or(Conflict::Stale)
}
