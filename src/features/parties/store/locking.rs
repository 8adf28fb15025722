//! The lock under which seats change, who proved to be the host, and what to tell after the commit.

use super::seats::{is_member, settle};
use crate::each;
use crate::features::accounts::auth::Member;
use crate::features::notices;
use crate::features::notices::model::NoticeKind;
use crate::features::notices::store::{Cause, To};
use crate::features::parties::model::{ClosedBy, Joining, Rule, Stage, State, Step};
use crate::live::hub::Hub;
use crate::server::db::Conn;
use crate::shared::error::{AppError, Conflict};
use crate::shared::ids::{PartyId, RoomId, Seq, UserId};
use crate::shared::time::Timestamp;
use std::collections::BTreeSet;

/// What the live connections have to know once the transaction is committed. Nothing is known of it before.
#[derive(Clone, Debug, Default)]
#[must_use = "tell it to the hub after the commit"]
pub struct News {
    room: Option<RoomId>,
    /// Who was given a seat by others, and where.
    seated: Vec<(UserId, PartyId, String)>,
    entered: Vec<UserId>,
    left: Vec<UserId>,
    last: Option<Seq>,
    deleted: bool,
    billed: bool,
    noticed: BTreeSet<UserId>,
}

impl News {
    pub(super) fn of(room: RoomId) -> Self {
        Self { room: Some(room), ..Self::default() }
    }

    pub(super) fn entered(&mut self, user: UserId) {
        self.entered.push(user);
    }

    pub(super) fn seated(&mut self, user: UserId, party: PartyId, title: &str) {
        self.seated.push((user, party, title.to_owned()));
    }

    pub(super) fn left(&mut self, user: UserId) {
        self.left.push(user);
    }

    pub(super) const fn advanced(&mut self, seq: Seq) {
        self.last = Some(seq);
    }

    pub(super) const fn deleted(&mut self) {
        self.deleted = true;
    }

    /// Something on its bill is different.
    pub const fn billed(mut self) -> Self {
        self.billed = true;
        self
    }

    /// Tells people what happened, in the transaction in which it does.
    pub(super) async fn notify(&mut self, tx: &mut Conn, to: To<'_>, cause: Cause, now: Timestamp) -> Result<(), AppError> {
        self.noticed.extend(notices::store::tell(tx, to, &cause, now).await?);
        Ok(())
    }

    /// Tells somebody what each of some people did, one after the other, in the transaction in which they do.
    pub(super) async fn notify_of(
        &mut self,
        tx: &mut Conn,
        user: UserId,
        kind: NoticeKind,
        party: PartyId,
        actors: &[UserId],
        now: Timestamp,
    ) -> Result<(), AppError> {
        self.noticed.extend(notices::store::tell_of(tx, user, kind, party, actors, now).await?);
        Ok(())
    }

    /// Tells it.
    pub fn tell(self, hub: &Hub) {
        let Some(room) = self.room else { return };
        for user in self.left {
            hub.left(room, user);
        }
        for user in self.entered {
            hub.entered(room, user);
        }
        for (user, party, title) in self.seated {
            hub.seated(user, party, title);
        }
        if let Some(seq) = self.last {
            hub.advanced(room, seq);
        }
        if self.billed {
            hub.billed(room);
        }
        if self.deleted {
            hub.deleted(room);
        }
        for user in self.noticed {
            hub.noticed(user);
        }
    }
}

#[derive(sqlx::FromRow)]
struct Row {
    id: PartyId,
    host_id: UserId,
    room_id: RoomId,
    title: String,
    seats: i32,
    taken: i32,
    deadline_at: Timestamp,
    state: String,
    closed_by: Option<String>,
    joining: String,
}

/// A party whose row is locked until the end of the transaction, as it is now.
pub(super) struct Locked {
    pub id: PartyId,
    pub host: UserId,
    pub room: RoomId,
    pub title: String,
    pub seats: i32,
    pub taken: i32,
    pub deadline: Timestamp,
    pub state: State,
    pub joining: Joining,
    /// Who does what happens now, if it is somebody: they need not be told of it.
    pub by: Option<UserId>,
    pub news: News,
}

impl TryFrom<Row> for Locked {
    type Error = AppError;

    fn try_from(row: Row) -> Result<Self, AppError> {
        let state = State::from_codes(&row.state, row.closed_by.as_deref()).ok_or(AppError::Internal)?;
        let joining = Joining::from_code(&row.joining).ok_or(AppError::Internal)?;
        Ok(Self {
            id: row.id,
            host: row.host_id,
            room: row.room_id,
            title: row.title,
            seats: row.seats,
            taken: row.taken,
            deadline: row.deadline_at,
            state,
            joining,
            by: None,
            news: News::of(row.room_id),
        })
    }
}

impl Locked {
    /// What happened here.
    pub const fn cause(&self, kind: NoticeKind, actor: Option<UserId>) -> Cause {
        Cause { kind, party: self.id, actor }
    }

    /// Why nobody can come in now, if nobody can.
    pub const fn refusal(&self) -> Option<Conflict> {
        match self.state {
            State::Open => None,
            State::Closed(ClosedBy::Full) => Some(Conflict::Full),
            State::Closed(_) | State::UnderWay(_) | State::Cancelled | State::Ended => Some(Conflict::Closed),
        }
    }
}

macro_rules! party_row {
    ($rest:literal) => {
        concat!(
            "select id, host_id, room_id, title, seats, taken, deadline_at, state, closed_by, joining from parties where id = $1",
            $rest
        )
    };
}

/// Locks a party. SQLite's transactions are alone anyway; PostgreSQL locks the row, so that no statement after this one sees
/// the bans, members or requests of before. A deadline that has passed is written down.
pub(super) async fn lock(tx: &mut Conn, id: PartyId, now: Timestamp) -> Result<Locked, AppError> {
    let row: Option<Row> = each!(tx, |c|
        sqlite: sqlx::query_as(party_row!("")).bind(id).fetch_optional(c).await,
        pg: sqlx::query_as(party_row!(" for update")).bind(id).fetch_optional(c).await)?;
    expire(tx, row.ok_or(AppError::NotFound)?, now).await
}

async fn expire(tx: &mut Conn, row: Row, now: Timestamp) -> Result<Locked, AppError> {
    let mut party = Locked::try_from(row)?;
    if party.state.is_due(party.deadline, now) {
        settle(tx, &mut party, now).await?;
    }
    Ok(party)
}

/// The host of a party, proved under its lock, until the end of the transaction. Only [`host`] makes one.
pub struct Host {
    pub(super) party: Locked,
}

/// Proves that a person is a party's host, and locks the party.
///
/// # Errors
/// [`AppError::NotFound`] for an unknown party, [`AppError::Forbidden`] for everybody but its host.
pub async fn host(tx: &mut Conn, member: &Member, id: PartyId, now: Timestamp) -> Result<Host, AppError> {
    let row: Option<Row> = each!(tx, |c|
        sqlite: sqlx::query_as(party_row!(" and host_id = $2")).bind(id).bind(member.id()).fetch_optional(c).await,
        pg: sqlx::query_as(party_row!(" and host_id = $2 for update")).bind(id).bind(member.id()).fetch_optional(c).await)?;
    match row {
        Some(row) => Ok(Host { party: expire(tx, row, now).await? }),
        None if super::exists(tx, id).await? => Err(AppError::Forbidden),
        None => Err(AppError::NotFound),
    }
}

impl Host {
    /// The party, as long as it goes on: neither called off nor settled.
    pub(super) fn live(self) -> Result<Locked, AppError> {
        match self.party.state {
            State::Cancelled | State::UnderWay(Stage::Settled) => self.gathering(),
            _ => Ok(self.acting()),
        }
    }

    /// The party, as long as people come and go: nothing has been ordered.
    pub(super) fn gathering(self) -> Result<Locked, AppError> {
        match self.party.state.ended() {
            Some(why) => Err(why.into()),
            None => Ok(self.acting()),
        }
    }

    /// The party, if this step can be taken with it as it is now, and what holds for the step.
    pub(super) fn take(self, step: Step) -> Result<(Locked, &'static Rule), AppError> {
        match step.refusal(self.party.state) {
            Some(why) => Err(why.into()),
            None => Ok((self.acting(), step.rule())),
        }
    }

    /// Whether the party is at a stage.
    #[must_use]
    pub fn is_at(&self, stage: Stage) -> bool {
        self.party.state == State::UnderWay(stage)
    }

    fn acting(self) -> Locked {
        Locked { by: Some(self.party.host), ..self.party }
    }
}

/// Somebody who sits at a party, proved under its lock, until the end of the transaction. Only [`seat`] makes one.
pub struct Seat {
    party: Locked,
    person: UserId,
}

/// Proves that a person sits at a party, and locks the party.
///
/// # Errors
/// [`AppError::NotFound`] for an unknown party, [`AppError::Forbidden`] for everybody who does not sit there.
pub async fn seat(tx: &mut Conn, member: &Member, id: PartyId, now: Timestamp) -> Result<Seat, AppError> {
    let party = lock(tx, id, now).await?;
    if is_member(tx, id, member.id()).await? { Ok(Seat { party, person: member.id() }) } else { Err(AppError::Forbidden) }
}

impl Seat {
    /// The same, if it is the host's.
    ///
    /// # Errors
    /// [`AppError::Forbidden`] for the others.
    pub fn hosting(self) -> Result<Self, AppError> {
        if self.is_host() { Ok(self) } else { Err(AppError::Forbidden) }
    }

    /// The same, as long as people come and go: nothing has been ordered.
    ///
    /// # Errors
    /// Why the party has ended, where it has.
    pub fn gathering(self) -> Result<Self, AppError> {
        match self.party.state.ended() {
            Some(why) => Err(why.into()),
            None => Ok(self),
        }
    }

    /// The same, from when the host has ordered until all is settled.
    ///
    /// # Errors
    /// [`Conflict::NotYet`] before; why the party is over, where it is.
    pub fn under_way(self) -> Result<Self, AppError> {
        match self.party.state {
            State::UnderWay(Stage::Ordered | Stage::Arrived) => Ok(self),
            state => Err(state.ended().unwrap_or(Conflict::NotYet).into()),
        }
    }

    /// At which party.
    #[must_use]
    pub const fn party(&self) -> PartyId {
        self.party.id
    }

    /// Who sits there.
    #[must_use]
    pub const fn person(&self) -> UserId {
        self.person
    }

    /// Whose party it is.
    #[must_use]
    pub const fn host(&self) -> UserId {
        self.party.host
    }

    /// Whether it is theirs.
    #[must_use]
    pub fn is_host(&self) -> bool {
        self.person == self.party.host
    }

    /// Tells somebody that this person has done something.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn tell(&mut self, tx: &mut Conn, whom: UserId, kind: NoticeKind, now: Timestamp) -> Result<(), AppError> {
        let cause = self.party.cause(kind, Some(self.person));
        self.party.news.notify(tx, To::One(whom), cause, now).await
    }

    /// What to tell when its bill is different.
    pub fn billed(self) -> News {
        self.party.news.billed()
    }
}
