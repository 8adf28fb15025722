//! New parties, and what an edit changes of them.

use super::locking::{News, lock};
use super::pictures::show;
use super::seats::settle;
use crate::execute;
use crate::features::accounts::auth::Member;
use crate::features::chat;
use crate::features::parties::model::Joining;
use crate::server::db::Conn;
use crate::shared::error::AppError;
use crate::shared::ids::{ImageId, PartyId, RegionCode};
use crate::shared::time::Timestamp;

/// A party to open. Only a kind's own drafts lead to one.
#[derive(Clone, Debug)]
pub struct NewParty<'a> {
    /// The name that its form gave to it, so that the same form opens one party.
    pub id: PartyId,
    /// `meal`, `companion` or `campus`.
    pub kind: &'static str,
    /// Where, for good.
    pub region: RegionCode,
    /// When people can no longer come in.
    pub deadline: Timestamp,
    /// The rest.
    pub facts: &'a Edit,
}

/// What every kind of party has and its host may change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// Its title.
    pub title: String,
    /// Its text, in Markdown.
    pub body: String,
    /// What kind of its kind it is.
    pub category: Option<&'static str>,
    /// Seats, the host's included.
    pub seats: u8,
    /// People with the host who are not on the service.
    pub outside: u8,
    /// A new deadline, if it changes.
    pub deadline: Option<Timestamp>,
    /// How people come in.
    pub joining: Joining,
    /// What it shows, at most [`crate::shared::images::MAX_PICTURES`]; the first is its cover.
    pub pictures: Vec<ImageId>,
    /// What it showed when its form was made.
    pub before: Vec<ImageId>,
}

/// Opens a party with its room and its host's seat; `None` when there is one of this id already.
///
/// # Errors
/// [`AppError::Invalid`] with the field of files when a picture is not the host's to show.
pub async fn open(tx: &mut Conn, member: &Member, new: &NewParty<'_>, now: Timestamp) -> Result<Option<News>, AppError> {
    let NewParty { id, kind, region, deadline, facts } = new;
    let room = chat::store::create_party_room(tx, now).await?;
    let opened = execute!(
        tx,
        "insert into parties (id, kind, host_id, room_id, title, body, region, district, category, seats, outside, taken, deadline_at, state,
                              joining, popularity, soon_key, created_at, updated_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11 + 1, $12, 'open', $13, 1, $12, $14, $14)
         on conflict (id) do nothing",
        *id,
        *kind,
        member.id(),
        room,
        &facts.title,
        &facts.body,
        *region,
        i64::from(region.district().0),
        facts.category,
        i32::from(facts.seats),
        i32::from(facts.outside),
        *deadline,
        facts.joining.code(),
        now
    )?;
    if opened == 0 {
        return Ok(None);
    }
    let sits = "insert into party_members (party_id, user_id, joined_at, party_kind) values ($1, $2, $3, $4)";
    execute!(tx, sits, *id, member.id(), now, *kind)?;
    chat::store::add_member(tx, room, member.id(), now).await?;
    // With enough people outside, it is full from the start.
    let mut party = lock(tx, *id, now).await?;
    settle(tx, &mut party, now).await?;
    party.news.entered(member.id());
    if !facts.pictures.is_empty() {
        show(tx, *id, member.id(), &facts.pictures, now).await?;
    }
    Ok(Some(party.news))
}
