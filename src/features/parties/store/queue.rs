//! Asking to come in: applications to the host, and the line for a seat.

use super::locking::{Locked, News, lock};
use super::seats::{is_member, refuse_banned};
use crate::features::accounts::auth::Member;
use crate::features::notices::model::NoticeKind;
use crate::features::notices::store::To;
use crate::features::parties::model::{ClosedBy, Joining, MAX_QUEUE, Note, State};
use crate::server::db::Conn;
use crate::shared::error::{AppError, Conflict};
use crate::shared::ids::{PartyId, UserId};
use crate::shared::time::Timestamp;
use crate::{execute, fetch_one};

/// Asks the host for a seat. A second application replaces the words of the first; a member has nothing to ask for.
///
/// # Errors
/// [`Conflict::Banned`], [`Conflict::Closed`], [`Conflict::QueueFull`]; where nobody has to ask, [`Conflict::SeatsFree`] or
/// [`Conflict::Full`]; [`AppError::NotFound`].
pub async fn apply(tx: &mut Conn, member: &Member, note: &Note, now: Timestamp) -> Result<News, AppError> {
    let mut party = lock(tx, note.party, now).await?;
    if is_member(tx, party.id, member.id()).await? {
        return Ok(party.news);
    }
    refuse_banned(tx, party.id, member.id()).await?;
    match (party.refusal(), party.joining) {
        (Some(Conflict::Closed), _) => return Err(Conflict::Closed.into()),
        (why, Joining::Direct) => return Err(why.unwrap_or(Conflict::SeatsFree).into()),
        (_, Joining::Approval) => {}
    }
    enqueue(tx, &party, member.id(), "application", &note.text, now).await?;
    let cause = party.cause(NoticeKind::Applied, Some(member.id()));
    party.news.notify(tx, To::One(party.host), cause, now).await?;
    Ok(party.news)
}

/// Gets in line for a seat at a full party; who stands in it keeps their place.
///
/// # Errors
/// [`Conflict::Banned`], [`Conflict::SeatsFree`], [`Conflict::Closed`], [`Conflict::ApprovalNeeded`],
/// [`Conflict::QueueFull`]; [`AppError::NotFound`].
pub async fn wait(tx: &mut Conn, member: &Member, id: PartyId, now: Timestamp) -> Result<News, AppError> {
    let party = lock(tx, id, now).await?;
    if is_member(tx, id, member.id()).await? {
        return Ok(party.news);
    }
    refuse_banned(tx, id, member.id()).await?;
    match party.state {
        State::Closed(ClosedBy::Full) => {}
        State::Open if party.joining == Joining::Direct => return Err(Conflict::SeatsFree.into()),
        State::Open => return Err(Conflict::ApprovalNeeded.into()),
        State::Closed(_) | State::UnderWay(_) | State::Cancelled | State::Ended => return Err(Conflict::Closed.into()),
    }
    if party.joining == Joining::Approval {
        return Err(Conflict::ApprovalNeeded.into());
    }
    enqueue(tx, &party, member.id(), "waitlist", "", now).await?;
    Ok(party.news)
}

async fn enqueue(tx: &mut Conn, party: &Locked, user: UserId, kind: &str, message: &str, now: Timestamp) -> Result<(), AppError> {
    let asked = execute!(
        tx,
        "insert into party_requests (party_id, user_id, kind, message, created_at, party_kind, over_at)
         select id, $2, $3, $4, $5, parties.kind, deadline_at from parties
         where id = $1 and ((select count(*) from party_requests where party_id = $1) < $6
            or exists (select 1 from party_requests where party_id = $1 and user_id = $2))
         on conflict (party_id, user_id) do update
         set message = excluded.message, kind = excluded.kind, party_kind = excluded.party_kind, over_at = excluded.over_at, is_over = false,
             created_at = case when party_requests.kind = excluded.kind then party_requests.created_at else excluded.created_at end",
        party.id,
        user,
        kind,
        message,
        now,
        MAX_QUEUE
    )?;
    if asked == 0 {
        return Err(Conflict::QueueFull.into());
    }
    count_interest(tx, party.id).await
}

/// Takes an application or a place in line back; without one nothing happens.
///
/// # Errors
/// [`AppError::NotFound`]
pub async fn withdraw(tx: &mut Conn, member: &Member, id: PartyId, now: Timestamp) -> Result<News, AppError> {
    let party = lock(tx, id, now).await?;
    execute!(tx, "delete from party_requests where party_id = $1 and user_id = $2", party.id, member.id())?;
    count_interest(tx, party.id).await?;
    Ok(party.news)
}

/// Popularity: members, those who wait and those who asked.
pub(super) async fn count_interest(tx: &mut Conn, id: PartyId) -> Result<(), AppError> {
    let _: (i64,) = fetch_one!(
        tx,
        (i64,),
        "update parties set popularity = (select count(*) from party_members m where m.party_id = $1)
                                       + (select count(*) from party_requests r where r.party_id = $1)
         where id = $1 returning popularity",
        id
    )?;
    Ok(())
}
