//! What is left at parties of people who have closed their accounts.

use super::hosting::{cancel, pass_on};
use super::locking::{Host, Locked, News, lock};
use super::queue::count_interest;
use super::seats::{settle, stand_up};
use crate::features::chat;
use crate::features::chat::model::NoticeCode;
use crate::features::chat::store::About;
use crate::features::notices::model::NoticeKind;
use crate::features::notices::store::To;
use crate::features::parties::model::{AFTER_DEADLINE, Stage, State};
use crate::server::db::{Conn, delete_of};
use crate::shared::error::AppError;
use crate::shared::ids::{PartyId, UserId};
use crate::shared::time::Timestamp;
use crate::{execute, fetch_all, fetch_optional};

/// Parties at which a person sits and nothing has been ordered yet, those that are under way and theirs where somebody else could
/// lead, and those where they wait or have asked. What its deadline has ended is over.
///
/// # Errors
/// When the database fails.
pub async fn held(conn: &mut Conn, user: UserId, now: Timestamp, most: i64) -> Result<Vec<PartyId>, AppError> {
    let rows: Vec<(PartyId,)> = fetch_all!(
        conn,
        (PartyId,),
        "select m.party_id from party_members m join parties p on p.id = m.party_id
         where m.user_id = $1 and (p.state in ('open', 'closed') and p.deadline_at > $2 or p.host_id = $1 and p.state in ('ordered', 'arrived')
           and exists (select 1 from party_members o join users u on u.id = o.user_id and u.closed_at is null where o.party_id = p.id and u.id <> $1))
         union select party_id from party_requests where user_id = $1 limit $3",
        user,
        now - AFTER_DEADLINE,
        most
    )?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// Takes a person out of a party: their seat is freed, and one of theirs is called off. From its deadline on, when those who sit there
/// wait for what was agreed, it goes to who came next instead. Once the host has ordered everybody keeps their seat. Twice is once.
///
/// # Errors
/// When the database fails, and when who came next is gone too by then: the next try finds another.
pub async fn vacate(tx: &mut Conn, id: PartyId, user: UserId, now: Timestamp) -> Result<News, AppError> {
    let mut party = lock(tx, id, now).await?;
    party.by = Some(user);
    if execute!(tx, "delete from party_requests where party_id = $1 and user_id = $2", id, user)? > 0 {
        count_interest(tx, id).await?;
    }
    let state = party.state.at(party.deadline, now);
    let is_gathering = matches!(state, State::Open | State::Closed(_));
    if party.host != user {
        return if is_gathering { free(tx, party, user, now).await } else { Ok(party.news) };
    }
    let is_awaited = is_gathering && party.deadline <= now || matches!(state, State::UnderWay(Stage::Ordered | Stage::Arrived));
    let next = if is_awaited { next_host(tx, id, user).await? } else { None };
    match next {
        Some(next) => {
            let news = pass_on(tx, party, next, now).await?;
            if !is_gathering {
                return Ok(news);
            }
            let mut party = lock(tx, id, now).await?;
            (party.by, party.news) = (Some(user), news);
            free(tx, party, user, now).await
        }
        None if is_gathering => cancel(tx, Host { party }, "", now).await,
        None => Ok(party.news),
    }
}

/// Frees the seat of somebody who does not lead, if they have one.
async fn free(tx: &mut Conn, mut party: Locked, user: UserId, now: Timestamp) -> Result<News, AppError> {
    if stand_up(tx, &mut party, user, now).await? {
        let seq = chat::store::add_notice(tx, party.room, NoticeCode::Left, About::Person(user), now).await?;
        party.news.advanced(seq);
        let cause = party.cause(NoticeKind::Left, Some(user));
        party.news.notify(tx, To::One(party.host), cause, now).await?;
        settle(tx, &mut party, now).await?;
    }
    Ok(party.news)
}

/// Who came first of the others at a table.
async fn next_host(tx: &mut Conn, id: PartyId, user: UserId) -> Result<Option<UserId>, AppError> {
    let next: Option<(UserId,)> = fetch_optional!(
        tx,
        (UserId,),
        "select m.user_id from party_members m join users u on u.id = m.user_id and u.closed_at is null
         where m.party_id = $1 and m.user_id <> $2 order by m.joined_at, m.user_id limit 1",
        id,
        user
    )?;
    Ok(next.map(|(next,)| next))
}

/// Forgets what erased people have kept for later.
///
/// # Errors
/// When the database fails.
pub async fn forget_of(tx: &mut Conn, users: &[UserId]) -> Result<(), AppError> {
    Ok(delete_of(tx, "bookmarks", users).await?)
}
