//! What the host decides about a settlement, and its history.

use super::sheet::{Sheet, sheet};
use crate::features::accounts::auth::Member;
use crate::features::parties;
use crate::features::parties::model::Stage;
use crate::features::parties::store::{News, Seat};
use crate::features::settlements::model::{MAX_EXTRAS, NewExtra, NewTerms, What};
use crate::server::db::Conn;
use crate::shared::error::{AppError, Conflict};
use crate::shared::ids::{ItemId, PartyId, UserId};
use crate::shared::time::Timestamp;
use crate::{execute, fetch_optional};
use uuid::Uuid;

/// Remembers a change.
pub(super) async fn note(
    tx: &mut Conn,
    seat: &Seat,
    what: What,
    subject: Option<UserId>,
    amount: Option<i64>,
    label: &str,
    now: Timestamp,
) -> Result<(), AppError> {
    execute!(
        tx,
        "insert into bill_history (id, party_id, actor_id, what, subject_id, amount, label, created_at) values ($1, $2, $3, $4, $5, $6, $7, $8)",
        Uuid::now_v7(),
        seat.party(),
        seat.person(),
        what.code(),
        subject,
        amount,
        label,
        now
    )?;
    Ok(())
}

/// Refuses what takes more off than there is to pay: a shop pays nobody. Where that is so already (somebody was released), whatever makes
/// it better is right.
async fn refuse_below_nothing(tx: &mut Conn, seat: &Seat, before: i64, field: &'static str) -> Result<(), AppError> {
    let Sheet { receipt, .. } = sheet(tx, seat.party()).await?;
    if receipt < 0 && receipt < before { Err(AppError::field(field, "settlements.error.below")) } else { Ok(()) }
}

#[derive(sqlx::FromRow)]
struct Held {
    fee: i64,
    split: String,
    account: String,
    link: Option<String>,
    set_by: UserId,
    updated_at: Timestamp,
}

/// Says how the host wants to settle. Where to send money stays the word of whoever wrote it: who sends the same again has not.
///
/// # Errors
/// [`AppError::Forbidden`] for everybody but the host; [`Conflict::NotYet`] before it is ordered, [`Conflict::Settled`] once all is
/// settled; [`Conflict::Stale`] when something else was set than the form shows; [`AppError::Invalid`] when more is taken off than there
/// is to pay.
pub async fn set_terms(tx: &mut Conn, member: &Member, terms: &NewTerms, now: Timestamp) -> Result<News, AppError> {
    let seat = parties::store::seat(tx, member, terms.party, now).await?.hosting()?.under_way()?;
    let before = sheet(tx, terms.party).await?.receipt;
    let sql = "select fee, split, account, link, set_by, updated_at from settlements where party_id = $1";
    let held: Option<Held> = fetch_optional!(tx, Held, sql, terms.party)?;
    let is_shared_otherwise = held.as_ref().is_none_or(|held| held.fee != terms.fee || held.split != terms.split.code());
    let goes_elsewhere = held.as_ref().is_none_or(|held| held.account != terms.account || held.link != terms.link);
    if !is_shared_otherwise && !goes_elsewhere {
        return Ok(seat.billed());
    }
    if held.as_ref().map(|held| held.updated_at) != terms.seen {
        return Err(Conflict::Stale.into());
    }
    let set_by = held.as_ref().filter(|_| !goes_elsewhere).map_or_else(|| member.id(), |held| held.set_by);
    execute!(
        tx,
        "insert into settlements (party_id, fee, split, account, link, set_by, updated_at) values ($1, $2, $3, $4, $5, $6, $7)
         on conflict (party_id) do update set fee = excluded.fee, split = excluded.split, account = excluded.account, link = excluded.link,
             set_by = excluded.set_by,
             updated_at = case when settlements.updated_at < excluded.updated_at then excluded.updated_at else settlements.updated_at + 1 end",
        terms.party,
        terms.fee,
        terms.split.code(),
        &terms.account,
        &terms.link,
        set_by,
        now
    )?;
    refuse_below_nothing(tx, &seat, before, "fee").await?;
    if is_shared_otherwise {
        note(tx, &seat, What::Terms, None, Some(terms.fee), "", now).await?;
    }
    if goes_elsewhere && held.is_some() {
        note(tx, &seat, What::Account, None, None, "", now).await?;
    }
    Ok(seat.billed())
}

/// Adds something or takes something off, for all or for somebody at the table; the same form does it once.
///
/// # Errors
/// As [`set_terms`]; [`Conflict::NotMember`] when it is for somebody who does not sit there; [`Conflict::ManyItems`] when there are
/// [`MAX_EXTRAS`]; [`Conflict::Stale`] when the form was used for something else.
pub async fn put_extra(tx: &mut Conn, member: &Member, extra: &NewExtra, now: Timestamp) -> Result<News, AppError> {
    let seat = parties::store::seat(tx, member, extra.party, now).await?.hosting()?.under_way()?;
    let Sheet { payers, extras, receipt, .. } = sheet(tx, extra.party).await?;
    if extra.whom.is_some_and(|whom| payers.iter().all(|payer| payer.id != whom)) {
        return Err(Conflict::NotMember.into());
    }
    if extras.iter().all(|known| known.id != extra.id) && extras.len() as i64 >= MAX_EXTRAS {
        return Err(Conflict::ManyItems.into());
    }
    let put = execute!(
        tx,
        "insert into bill_extras (id, party_id, user_id, label, amount, created_at, author_id) values ($1, $2, $3, $4, $5, $6, $7)
         on conflict (id) do nothing",
        extra.id,
        extra.party,
        extra.whom,
        &extra.label,
        extra.amount,
        now,
        member.id()
    )?;
    if put > 0 {
        refuse_below_nothing(tx, &seat, receipt, "amount").await?;
        note(tx, &seat, What::Extra, extra.whom, Some(extra.amount), &extra.label, now).await?;
        return Ok(seat.billed());
    }
    let is_same = extras
        .iter()
        .any(|known| known.id == extra.id && known.label == extra.label && known.amount == extra.amount && known.whom == extra.whom);
    if is_same { Ok(seat.billed()) } else { Err(Conflict::Stale.into()) }
}

/// Takes back what was added or taken off; what is gone needs nothing.
///
/// # Errors
/// As [`set_terms`].
pub async fn remove_extra(tx: &mut Conn, member: &Member, party: PartyId, extra: ItemId, now: Timestamp) -> Result<News, AppError> {
    let seat = parties::store::seat(tx, member, party, now).await?.hosting()?.under_way()?;
    let Sheet { extras, receipt, .. } = sheet(tx, party).await?;
    let Some(gone) = extras.into_iter().find(|known| known.id == extra) else { return Ok(seat.billed()) };
    let own = "delete from bill_extras where id = $1 and party_id = $2 and author_id = $3";
    let is_own = execute!(tx, own, extra, party, member.id())? > 0;
    if !is_own {
        execute!(tx, "delete from bill_extras where id = $1 and party_id = $2", extra, party)?;
    }
    refuse_below_nothing(tx, &seat, receipt, "amount").await?;
    // What a host before called it would outlive them under the name of who removes it.
    let label = if is_own { gone.label.as_str() } else { "" };
    note(tx, &seat, What::ExtraGone, gone.whom, Some(gone.amount), label, now).await?;
    Ok(seat.billed())
}

/// Says that all is settled; where to send money is forgotten with it. `anyway`: although not everybody has paid.
///
/// # Errors
/// [`Conflict::Unpaid`] when somebody still owes something; those of [`parties::store::advance`].
pub async fn settle(tx: &mut Conn, member: &Member, party: PartyId, anyway: bool, now: Timestamp) -> Result<News, AppError> {
    let host = parties::store::host(tx, member, party, now).await?;
    let was_settled = host.is_at(Stage::Settled);
    let news = parties::store::advance(tx, host, Stage::Settled, now).await?;
    if was_settled {
        return Ok(news);
    }
    if !anyway && !sheet(tx, party).await?.is_paid() {
        return Err(Conflict::Unpaid.into());
    }
    execute!(tx, "update settlements set account = '', link = null where party_id = $1", party)?;
    let seat = parties::store::seat(tx, member, party, now).await?;
    note(tx, &seat, What::Settled, None, None, "", now).await?;
    Ok(news.billed())
}
