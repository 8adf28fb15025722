//! Giving seats away and taking them back.

use super::locking::{Locked, News, lock};
use super::shelves::put_on_shelves;
use crate::features::accounts::auth::Member;
use crate::features::chat;
use crate::features::chat::model::NoticeCode;
use crate::features::chat::store::About;
use crate::features::notices::model::NoticeKind;
use crate::features::notices::store::To;
use crate::features::parties::model::{AFTER_DEADLINE, ClosedBy, Joining, State};
use crate::server::db::{Conn, list_of};
use crate::shared::error::{AppError, Conflict};
use crate::shared::ids::{PartyId, UserId};
use crate::shared::time::Timestamp;
use crate::{each, execute, fetch_all, fetch_optional};

/// Sits down at an open party. Who sits there already stays there.
///
/// # Errors
/// [`Conflict::Banned`], [`Conflict::Closed`], [`Conflict::Full`], [`Conflict::ApprovalNeeded`]; [`AppError::NotFound`].
pub async fn join(tx: &mut Conn, member: &Member, id: PartyId, now: Timestamp) -> Result<News, AppError> {
    let mut party = lock(tx, id, now).await?;
    party.by = Some(member.id());
    let seated = execute!(
        tx,
        "update parties set taken = taken + 1
         where id = $1 and state = 'open' and deadline_at > $3 and joining = 'direct' and taken < seats
           and not exists (select 1 from party_bans b where b.party_id = $1 and b.user_id = $2)
           and not exists (select 1 from party_members m where m.party_id = $1 and m.user_id = $2)",
        id,
        member.id(),
        now
    )?;
    if seated == 0 {
        if is_member(tx, id, member.id()).await? {
            return Ok(party.news);
        }
        refuse_banned(tx, id, member.id()).await?;
        let why = party.refusal().filter(|why| *why == Conflict::Closed || party.joining == Joining::Direct);
        return Err(why.unwrap_or(Conflict::ApprovalNeeded).into());
    }
    sit(tx, &mut party, member.id(), now).await?;
    let cause = party.cause(NoticeKind::Joined, Some(member.id()));
    party.news.notify(tx, To::One(party.host), cause, now).await?;
    settle(tx, &mut party, now).await?;
    Ok(party.news)
}

/// Gives the seat back. Who does not sit there has nothing to give back, and nothing happens. Once the host has ordered, only the
/// host releases somebody.
///
/// # Errors
/// [`Conflict::HostCannotLeave`], [`Conflict::Ordered`], [`Conflict::Settled`], [`AppError::NotFound`].
pub async fn leave(tx: &mut Conn, member: &Member, id: PartyId, now: Timestamp) -> Result<News, AppError> {
    let mut party = lock(tx, id, now).await?;
    if party.host == member.id() {
        return Err(Conflict::HostCannotLeave.into());
    }
    if let Some(why) = party.state.ended() {
        let stays = party.state != State::Cancelled && is_member(tx, id, member.id()).await?;
        return if stays { Err(why.into()) } else { Ok(party.news) };
    }
    if stand_up(tx, &mut party, member.id(), now).await? {
        let seq = chat::store::add_notice(tx, party.room, NoticeCode::Left, About::Person(member.id()), now).await?;
        party.news.advanced(seq);
        let cause = party.cause(NoticeKind::Left, Some(member.id()));
        party.news.notify(tx, To::One(party.host), cause, now).await?;
        settle(tx, &mut party, now).await?;
    }
    Ok(party.news)
}

/// Writes down that an open party's deadline has passed; nothing happens to others.
///
/// # Errors
/// [`AppError::NotFound`]
pub async fn close_due(tx: &mut Conn, id: PartyId, now: Timestamp) -> Result<News, AppError> {
    Ok(lock(tx, id, now).await?.news)
}

/// Writes down which parties have ended, so that lists need not read them; at most so many. One that is changed right now waits.
///
/// # Errors
/// When the database fails.
pub async fn end_over(tx: &mut Conn, now: Timestamp, most: i64) -> Result<(), AppError> {
    let over = now - AFTER_DEADLINE;
    each!(tx, |c|
        sqlite: sqlx::query(
            "update parties set ended = 1 where id in
             (select id from parties where ended = 0 and deadline_at <= $1 order by deadline_at limit $2)",
        ).bind(over).bind(most).execute(c).await.map(drop),
        pg: sqlx::query(
            "update parties set ended = 1 where id in
             (select id from parties where ended = 0 and deadline_at <= $1 order by deadline_at limit $2 for update skip locked)",
        ).bind(over).bind(most).execute(c).await.map(drop))?;
    Ok(())
}

/// Gives somebody for whom a seat has just been counted their place at the table and in the room.
pub(super) async fn sit(tx: &mut Conn, party: &mut Locked, user: UserId, now: Timestamp) -> Result<(), AppError> {
    sit_all(tx, party, &[user], now).await
}

/// Gives some people, in this order, the places that were counted for them: in as many statements as for one, because others wait
/// for the party meanwhile.
async fn sit_all(tx: &mut Conn, party: &mut Locked, users: &[UserId], now: Timestamp) -> Result<(), AppError> {
    let list = list_of(users);
    each!(tx, |c|
        sqlite: sqlx::query("insert into party_members (party_id, user_id, joined_at, party_kind)
                              select p.id, unhex(value), $3, p.kind from parties p, json_each($2) where p.id = $1")
            .bind(party.id).bind(&list).bind(now).execute(c).await.map(drop),
        pg: sqlx::query("insert into party_members (party_id, user_id, joined_at, party_kind)
                          select p.id, value::uuid, $3, p.kind from parties p, json_array_elements_text($2::json) where p.id = $1")
            .bind(party.id).bind(&list).bind(now).execute(c).await.map(drop))?;
    each!(tx, |c|
        sqlite: sqlx::query("delete from party_requests where party_id = $1 and user_id in (select unhex(value) from json_each($2))")
            .bind(party.id).bind(&list).execute(c).await.map(drop),
        pg: sqlx::query("delete from party_requests where party_id = $1 and user_id in (select value::uuid from json_array_elements_text($2::json))")
            .bind(party.id).bind(&list).execute(c).await.map(drop))?;
    chat::store::add_members(tx, party.room, users, now).await?;
    let seq = chat::store::add_notices(tx, party.room, NoticeCode::Joined, users, now).await?;
    users.iter().for_each(|user| party.news.entered(*user));
    party.news.advanced(seq);
    Ok(())
}

/// Frees the seat of a member, with those of the guests they brought while people still come, and takes them out of the room; whether
/// they had one. [`settle`] afterwards.
pub(super) async fn stand_up(tx: &mut Conn, party: &mut Locked, user: UserId, now: Timestamp) -> Result<bool, AppError> {
    if execute!(tx, "delete from party_members where party_id = $1 and user_id = $2", party.id, user)? == 0 {
        return Ok(false);
    }
    if matches!(party.state, State::UnderWay(_)) {
        execute!(tx, "update parties set taken = taken - 1 where id = $1", party.id)?;
    } else {
        // Who led before and leaves takes along whom they brought.
        execute!(
            tx,
            "update parties set taken = taken - 1 - case when outside_of = $2 then outside else 0 end,
                    outside = case when outside_of = $2 then 0 else outside end,
                    outside_of = case when outside_of = $2 then null else outside_of end
             where id = $1",
            party.id,
            user
        )?;
    }
    chat::store::remove_member(tx, party.room, user, now).await?;
    party.news.left(user);
    Ok(true)
}

#[derive(sqlx::FromRow)]
struct Settled {
    seats: i32,
    taken: i32,
    deadline_at: Timestamp,
    state: String,
    closed_by: Option<String>,
}

/// After seats, deadline, waitlist or joining mode have changed: who waits moves up into free seats, the party closes when it
/// is full or late and opens when it no longer is, and the room hears of it. What the host closed stays closed, and what is under way
/// stays so.
pub(super) async fn settle(tx: &mut Conn, party: &mut Locked, now: Timestamp) -> Result<(), AppError> {
    let was = party.state;
    let was_open = was == State::Open;
    move_up(tx, party, now).await?;
    let settled: Settled = fetch_optional!(
        tx,
        Settled,
        "update parties set
           state = case when state not in ('open', 'closed') or closed_by = 'host' then state
                        when taken < seats and deadline_at > $2 then 'open' else 'closed' end,
           closed_by = case when state not in ('open', 'closed') or closed_by = 'host' then closed_by
                            when deadline_at <= $2 then 'deadline' when taken >= seats then 'full' end,
           soon_key = case when state in ('open', 'closed') and coalesce(closed_by, '') <> 'host' and taken < seats and deadline_at > $2
                           then deadline_at else 4000000000000000 - deadline_at end,
           ended = case when deadline_at > $3 then 0 else ended end,
           popularity = (select count(*) from party_members m where m.party_id = $1)
                      + (select count(*) from party_requests r where r.party_id = $1),
           updated_at = $2
         where id = $1
         returning seats, taken, deadline_at, state, closed_by",
        party.id,
        now,
        now - AFTER_DEADLINE
    )?
    .ok_or(AppError::NotFound)?;
    put_on_shelves(tx, party.id, now).await?;
    party.state = State::from_codes(&settled.state, settled.closed_by.as_deref()).ok_or(AppError::Internal)?;
    (party.seats, party.taken, party.deadline) = (settled.seats, settled.taken, settled.deadline_at);
    let is_open = party.state == State::Open;
    let has_turned = is_open != was_open && party.state.ended().is_none();
    // The room of a full party has heard already that nobody comes in any more; that its time is over is for everybody at the table to
    // know, wherever they are.
    let has_run_out = (was, party.state) == (State::Closed(ClosedBy::Full), State::Closed(ClosedBy::Deadline));
    if has_turned {
        let notice = if is_open { NoticeCode::Reopened } else { NoticeCode::Closed };
        let why = if let State::Closed(by) = party.state { by.code() } else { "" };
        let seq = chat::store::add_notice(tx, party.room, notice, About::Text(why), now).await?;
        party.news.advanced(seq);
    }
    if has_turned || has_run_out {
        let kind = match party.state {
            State::Closed(ClosedBy::Full) => NoticeKind::Full,
            State::Closed(ClosedBy::Deadline) => NoticeKind::Deadline,
            State::Closed(ClosedBy::Host) | State::UnderWay(_) | State::Cancelled | State::Ended => NoticeKind::Closed,
            State::Open => NoticeKind::Reopened,
        };
        let (cause, by) = (party.cause(kind, None), party.by);
        party.news.notify(tx, To::TableBut(by), cause, now).await?;
    }
    Ok(())
}

/// Seats those who wait, the first in line first, as far as seats and time allow.
async fn move_up(tx: &mut Conn, party: &mut Locked, now: Timestamp) -> Result<(), AppError> {
    if party.state.ended().is_some() || party.state == State::Closed(ClosedBy::Host) {
        return Ok(());
    }
    // No more than there are free seats, at most thirty; nobody while the host decides who comes in.
    let next: Vec<(UserId,)> = fetch_all!(
        tx,
        (UserId,),
        "select r.user_id from party_requests r join users u on u.id = r.user_id and u.closed_at is null
         where r.party_id = $1 and r.kind = 'waitlist'
           and exists (select 1 from parties p where p.id = $1 and p.joining = 'direct' and p.deadline_at > $2)
         order by r.created_at, r.user_id
         limit (select seats - taken from parties where id = $1)",
        party.id,
        now
    )?;
    if next.is_empty() {
        return Ok(());
    }
    let next: Vec<UserId> = next.into_iter().map(|(user,)| user).collect();
    execute!(tx, "update parties set taken = taken + $2 where id = $1", party.id, next.len() as i64)?;
    sit_all(tx, party, &next, now).await?;
    next.iter().for_each(|user| party.news.seated(*user, party.id, &party.title));
    party.news.notify_of(tx, party.host, NoticeKind::Joined, party.id, &next, now).await?;
    let seated = party.cause(NoticeKind::Seated, None);
    party.news.notify(tx, To::Many(&next), seated, now).await
}

pub(super) async fn is_member(conn: &mut Conn, id: PartyId, user: UserId) -> Result<bool, AppError> {
    let found = fetch_optional!(conn, (i64,), "select joined_at from party_members where party_id = $1 and user_id = $2", id, user)?;
    Ok(found.is_some())
}

/// # Errors
/// [`Conflict::Banned`] for somebody whom the host removed.
pub(super) async fn refuse_banned(conn: &mut Conn, id: PartyId, user: UserId) -> Result<(), AppError> {
    let found = fetch_optional!(conn, (i64,), "select created_at from party_bans where party_id = $1 and user_id = $2", id, user)?;
    if found.is_some() { Err(Conflict::Banned.into()) } else { Ok(()) }
}
