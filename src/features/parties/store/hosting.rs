//! What only a party's host does.

use super::locking::{Host, Locked, News};
use super::opening::Edit;
use super::pictures;
use super::queue::count_interest;
use super::seats::{is_member, settle, sit, stand_up};
use super::shelves::put_on_shelves;
use crate::features::accounts;
use crate::features::chat;
use crate::features::chat::model::NoticeCode;
use crate::features::chat::store::About;
use crate::features::notices::model::NoticeKind;
use crate::features::notices::store::To;
use crate::features::parties::model::{ClosedBy, Rule, Stage, State, Step};
use crate::server::db::Conn;
use crate::shared::error::{AppError, Conflict};
use crate::shared::ids::{ImageId, UserId};
use crate::shared::images::Pictures;
use crate::shared::time::Timestamp;
use crate::{execute, fetch_optional};

/// Fields in the words of a host: who changes one stands for all of them.
const WRITTEN: [&str; 5] = ["title", "body", "shop", "shop_link", "pickup"];

/// Gives a seat to somebody who applied. Twice is one seat.
///
/// # Errors
/// [`Conflict::Closed`], [`Conflict::Full`]; [`Conflict::Stale`] when the application is gone; those of a party that has ended.
pub async fn accept(tx: &mut Conn, host: Host, user: UserId, now: Timestamp) -> Result<News, AppError> {
    let mut party = host.gathering()?;
    let seated = execute!(
        tx,
        "update parties set taken = taken + 1
         where id = $1 and state = 'open' and deadline_at > $3 and taken < seats
           and exists (select 1 from party_requests r where r.party_id = $1 and r.user_id = $2 and r.kind = 'application')",
        party.id,
        user,
        now
    )?;
    if seated == 0 {
        if is_member(tx, party.id, user).await? {
            return Ok(party.news);
        }
        return Err(party.refusal().unwrap_or(Conflict::Stale).into());
    }
    sit(tx, &mut party, user, now).await?;
    party.news.seated(user, party.id, &party.title);
    let cause = party.cause(NoticeKind::Accepted, Some(party.host));
    party.news.notify(tx, To::One(user), cause, now).await?;
    settle(tx, &mut party, now).await?;
    Ok(party.news)
}

/// Turns an application down; one that is gone needs nothing.
///
/// # Errors
/// [`Conflict::Closed`] when the party was cancelled.
pub async fn decline(tx: &mut Conn, host: Host, user: UserId, now: Timestamp) -> Result<News, AppError> {
    let mut party = host.live()?;
    let declined =
        execute!(tx, "delete from party_requests where party_id = $1 and user_id = $2 and kind = 'application'", party.id, user)?;
    if declined > 0 {
        let cause = party.cause(NoticeKind::Declined, Some(party.host));
        party.news.notify(tx, To::One(user), cause, now).await?;
    }
    count_interest(tx, party.id).await?;
    Ok(party.news)
}

/// Takes a member's seat away; they cannot come back until the ban is lifted. Twice is once.
///
/// # Errors
/// [`Conflict::HostCannotLeave`] for the host; [`Conflict::NotMember`]; [`Conflict::Closed`] when the party was cancelled.
pub async fn remove(tx: &mut Conn, host: Host, user: UserId, now: Timestamp) -> Result<News, AppError> {
    let mut party = host.live()?;
    if user == party.host {
        return Err(Conflict::HostCannotLeave.into());
    }
    if !stand_up(tx, &mut party, user, now).await? {
        let banned = fetch_optional!(tx, (i64,), "select created_at from party_bans where party_id = $1 and user_id = $2", party.id, user)?;
        return if banned.is_some() { Ok(party.news) } else { Err(Conflict::NotMember.into()) };
    }
    // What they have ordered with the others is paid for, with them or without.
    let has_ordered = i32::from(matches!(party.state, State::UnderWay(_)));
    let sql = "insert into party_bans (party_id, user_id, created_at, has_ordered) values ($1, $2, $3, $4)";
    execute!(tx, sql, party.id, user, now, has_ordered)?;
    let seq = chat::store::add_notice(tx, party.room, NoticeCode::Removed, About::Person(user), now).await?;
    party.news.advanced(seq);
    let cause = party.cause(NoticeKind::Removed, Some(party.host));
    party.news.notify(tx, To::One(user), cause, now).await?;
    settle(tx, &mut party, now).await?;
    Ok(party.news)
}

/// Lets somebody come in again who was removed, as long as people come and go.
///
/// # Errors
/// Why the party has ended, where it has.
pub async fn lift_ban(tx: &mut Conn, host: Host, user: UserId) -> Result<News, AppError> {
    let party = host.gathering()?;
    execute!(tx, "delete from party_bans where party_id = $1 and user_id = $2", party.id, user)?;
    Ok(party.news)
}

/// Makes another member the host; this one stays a member.
///
/// # Errors
/// [`Conflict::NotMember`], also for one whose account is closed; [`Conflict::Closed`] when the party was cancelled.
pub async fn hand_over(tx: &mut Conn, host: Host, user: UserId, now: Timestamp) -> Result<News, AppError> {
    let party = host.live()?;
    if user == party.host {
        return Ok(party.news);
    }
    pass_on(tx, party, user, now).await
}

/// Makes another member of a party whose row is locked its host; nobody whose account is closed.
pub(super) async fn pass_on(tx: &mut Conn, mut party: Locked, user: UserId, now: Timestamp) -> Result<News, AppError> {
    if !accounts::store::stays_open(tx, user).await? {
        return Err(Conflict::NotMember.into());
    }
    let handed = execute!(
        tx,
        "update parties set host_id = $2, writer_id = nullif(coalesce(writer_id, host_id), $2), updated_at = $3,
                            outside_of = case when outside > 0 then coalesce(outside_of, host_id) end
         where id = $1 and exists (select 1 from party_members m where m.party_id = $1 and m.user_id = $2)",
        party.id,
        user,
        now
    )?;
    if handed == 0 {
        return Err(Conflict::NotMember.into());
    }
    put_on_shelves(tx, party.id, now).await?;
    let seq = chat::store::add_notice(tx, party.room, NoticeCode::HostChanged, About::Person(user), now).await?;
    party.news.advanced(seq);
    let (made, changed) = (party.cause(NoticeKind::MadeHost, Some(party.host)), party.cause(NoticeKind::HostChanged, Some(user)));
    party.news.notify(tx, To::One(user), made, now).await?;
    party.news.notify(tx, To::TableBut(Some(party.host)), changed, now).await?;
    Ok(party.news)
}

/// Closes the party until the host opens it again, also when a seat is freed.
///
/// # Errors
/// Those of [`Step::refusal`].
pub async fn close(tx: &mut Conn, host: Host, now: Timestamp) -> Result<News, AppError> {
    let (mut party, rule) = host.take(Step::Close)?;
    let was_open = party.state == State::Open;
    let closed = execute!(
        tx,
        "update parties set state = 'closed', closed_by = 'host', soon_key = 4000000000000000 - deadline_at, updated_at = $2
         where id = $1 and (state = 'open' or closed_by = 'full')",
        party.id,
        now
    )?;
    if closed > 0 && was_open {
        say(tx, &mut party, rule, ClosedBy::Host.code(), now).await?;
    }
    Ok(party.news)
}

/// Tells the room and those at the table of a step.
async fn say(tx: &mut Conn, party: &mut Locked, rule: &Rule, subject: &str, now: Timestamp) -> Result<(), AppError> {
    if let Some(notice) = rule.says {
        let seq = chat::store::add_notice(tx, party.room, notice, About::Text(subject), now).await?;
        party.news.advanced(seq);
    }
    let cause = party.cause(rule.tells, Some(party.host));
    party.news.notify(tx, To::TableBut(Some(party.host)), cause, now).await
}

/// Says that the host has ordered, that it has arrived, or that everybody has paid. With the first, nobody waits any longer. Twice
/// is once.
///
/// # Errors
/// Those of [`Step::refusal`].
pub async fn advance(tx: &mut Conn, host: Host, stage: Stage, now: Timestamp) -> Result<News, AppError> {
    let (mut party, rule) = host.take(Step::to(stage))?;
    if party.state == State::UnderWay(stage) {
        return Ok(party.news);
    }
    execute!(tx, "update parties set state = $2, closed_by = null, updated_at = $3 where id = $1", party.id, stage.code(), now)?;
    put_on_shelves(tx, party.id, now).await?;
    party.state = State::UnderWay(stage);
    say(tx, &mut party, rule, "", now).await?;
    if let Some(kind) = rule.turns_away {
        let cause = party.cause(kind, Some(party.host));
        party.news.notify(tx, To::Asking, cause, now).await?;
        execute!(tx, "delete from party_requests where party_id = $1", party.id)?;
        count_interest(tx, party.id).await?;
    }
    Ok(party.news)
}

/// Opens the party again. Who waits moves up at once.
///
/// # Errors
/// [`Conflict::DeadlinePassed`], [`Conflict::Full`]; those of [`Step::refusal`].
pub async fn reopen(tx: &mut Conn, host: Host, now: Timestamp) -> Result<News, AppError> {
    let (mut party, _) = host.take(Step::Reopen)?;
    let released = fetch_optional!(
        tx,
        (i32,),
        "update parties set closed_by = 'full' where id = $1 and closed_by = 'host' and taken < seats and deadline_at > $2 returning taken",
        party.id,
        now
    )?;
    if released.is_none() {
        return match party.state {
            State::Open => Ok(party.news),
            _ if party.deadline <= now => Err(Conflict::DeadlinePassed.into()),
            _ => Err(Conflict::Full.into()),
        };
    }
    party.state = State::Closed(ClosedBy::Full);
    settle(tx, &mut party, now).await?;
    Ok(party.news)
}

/// Changes what every kind of party has, and tells the room which fields changed (`also` are those of the kind).
///
/// More seats or a later deadline open what was closed for want of them.
///
/// # Errors
/// [`Conflict::SeatsTaken`] when fewer seats than people are wanted; those of a party that has ended;
/// [`Conflict::Stale`] when the pictures are changed, and the party shows others than its form did;
/// [`AppError::Invalid`] with the field of files when a new picture is not the host's to show.
pub async fn edit(tx: &mut Conn, host: Host, edit: &Edit, also: &[&str], now: Timestamp) -> Result<News, AppError> {
    let mut party = host.gathering()?;
    let before = read_facts(tx, &party).await?;
    let shows_others = before.shows_others(edit)?;
    let changed = execute!(
        tx,
        "update parties set title = $2, body = $3, category = $4, seats = $5, taken = taken - outside + $6, outside = $6,
                            outside_of = case when outside = $6 then outside_of end,
                            deadline_at = coalesce($7, deadline_at), joining = $8
         where id = $1 and taken - outside + $6 <= $5",
        party.id,
        &edit.title,
        &edit.body,
        edit.category,
        i32::from(edit.seats),
        i32::from(edit.outside),
        edit.deadline,
        edit.joining.code()
    )?;
    if changed == 0 {
        return Err(Conflict::SeatsTaken.into());
    }
    // Who stood in line for a seat now waits for the host's answer.
    execute!(
        tx,
        "update party_requests set kind = 'application'
         where party_id = $1 and kind = 'waitlist' and exists (select 1 from parties p where p.id = $1 and p.joining = 'approval')",
        party.id
    )?;
    let mut fields = before.differences(edit);
    fields.extend(shows_others.then_some("pictures"));
    fields.extend(also);
    if fields.iter().any(|field| WRITTEN.contains(field)) {
        execute!(tx, "update parties set writer_id = null where id = $1 and writer_id is not null", party.id)?;
    }
    if !fields.is_empty() {
        tell_edited(tx, &mut party, &fields.join(","), now).await?;
    }
    settle(tx, &mut party, now).await?;
    if shows_others {
        pictures::show(tx, party.id, party.host, &edit.pictures, now).await?;
    }
    Ok(party.news)
}

/// Tells the others which fields their host has changed; their names with commas between.
pub(super) async fn tell_edited(tx: &mut Conn, party: &mut Locked, fields: &str, now: Timestamp) -> Result<(), AppError> {
    let seq = chat::store::add_notice(tx, party.room, NoticeCode::Edited, About::Text(fields), now).await?;
    party.news.advanced(seq);
    let cause = party.cause(NoticeKind::Edited, Some(party.host));
    party.news.notify(tx, To::TableBut(Some(party.host)), cause, now).await
}

#[derive(sqlx::FromRow)]
struct Facts {
    title: String,
    body: String,
    category: Option<String>,
    seats: i32,
    outside: i32,
    deadline_at: Timestamp,
    joining: String,
    pictures: Pictures,
}

async fn read_facts(tx: &mut Conn, party: &Locked) -> Result<Facts, AppError> {
    let sql = "select title, body, category, seats, outside, deadline_at, joining, pictures from parties where id = $1";
    fetch_optional!(tx, Facts, sql, party.id)?.ok_or(AppError::NotFound)
}

impl Facts {
    /// Whether an edit changes the pictures. One whose form is of before another change does not, unless somebody has touched them
    /// there: then it is not known which of both is meant.
    fn shows_others(&self, edit: &Edit) -> Result<bool, Conflict> {
        let shows = |pictures: &[ImageId]| self.pictures.iter().map(|picture| picture.id).eq(pictures.iter().copied());
        if edit.pictures == edit.before || shows(&edit.pictures) {
            return Ok(false);
        }
        if shows(&edit.before) { Ok(true) } else { Err(Conflict::Stale) }
    }

    /// The names of the fields that an edit changes.
    fn differences(&self, edit: &Edit) -> Vec<&'static str> {
        [
            ("title", self.title != edit.title),
            ("body", self.body != edit.body),
            ("category", self.category.as_deref() != edit.category),
            ("seats", self.seats != i32::from(edit.seats)),
            ("outside", self.outside != i32::from(edit.outside)),
            ("deadline", edit.deadline.is_some_and(|deadline| deadline != self.deadline_at)),
            ("joining", self.joining != edit.joining.code()),
        ]
        .into_iter()
        .filter_map(|(field, differs)| differs.then_some(field))
        .collect()
    }
}

/// Calls the party off: its room closes for everyone with the reason, and nobody waits any longer. Twice is once.
///
/// # Errors
/// Those of [`Step::refusal`].
pub async fn cancel(tx: &mut Conn, host: Host, reason: &str, now: Timestamp) -> Result<News, AppError> {
    let (mut party, rule) = host.take(Step::Cancel)?;
    if party.state == State::Cancelled {
        return Ok(party.news);
    }
    execute!(
        tx,
        "update parties set state = 'cancelled', closed_by = null, soon_key = 4000000000000000 - deadline_at, updated_at = $2 where id = $1",
        party.id,
        now
    )?;
    put_on_shelves(tx, party.id, now).await?;
    let cause = party.cause(rule.tells, Some(party.host));
    party.news.notify(tx, To::AllBut(party.host), cause, now).await?;
    execute!(tx, "delete from party_requests where party_id = $1", party.id)?;
    chat::store::delete_room(tx, party.room, reason, now).await?;
    party.news.deleted();
    Ok(party.news)
}
