//! The room list and an open room, as their pages show them.

use crate::features::chat::model::{
    Author, Deal, Door, History, MAX_SEARCH, NoticeCode, People, Person, Preview, ROOMS_PAGE, RoomKind, RoomList, RoomMember, RoomRow,
    RoomView, Stage, Tally, in_short,
};
use crate::server::db::Conn;
use crate::shared::error::AppError;
use crate::shared::ids::{ImageId, PartyId, RoomId, SendId, Seq, UserId};
use crate::shared::images::Pictures;
use crate::shared::paging::Anchor;
use crate::shared::text::{Lang, t_in};
use crate::shared::time::Timestamp;
use crate::shared::words::compose;
use crate::{fetch_all, fetch_optional};

/// Members that are listed.
const MAX_MEMBERS: i64 = 200;

/// What a room is, as both lists and pages read it.
#[derive(sqlx::FromRow)]
struct Kind {
    party_id: Option<PartyId>,
    party_kind: Option<String>,
    title: Option<String>,
    other_id: Option<UserId>,
    other_name: Option<String>,
    other_face: Option<ImageId>,
}

impl Kind {
    /// `None` for a room of neither kind, which nothing makes.
    fn kind(self) -> Option<RoomKind> {
        if let (Some(party), Some(kind)) = (self.party_id, self.party_kind.as_deref()) {
            return Some(RoomKind::Party { party, title: self.title.unwrap_or_default(), door: Door::of_party(kind) });
        }
        Some(RoomKind::Direct { other: Person { id: self.other_id?, nickname: self.other_name?, face: self.other_face } })
    }
}

#[derive(sqlx::FromRow)]
struct Row {
    room: RoomId,
    #[sqlx(flatten)]
    kind: Kind,
    members: i64,
    last_at: Timestamp,
    said: i64,
    read: i64,
    last_kind: Option<String>,
    last_body: Option<String>,
    last_pictures: Option<Pictures>,
    last_subject: Option<String>,
    last_author: Option<String>,
    last_author_id: Option<UserId>,
    is_muted: bool,
}

impl Row {
    fn row(self) -> Option<RoomRow> {
        let last = match (self.last_kind.as_deref(), self.last_body) {
            (Some("text"), Some(body)) => self.last_author_id.zip(self.last_author).map(|(author, nickname)| {
                let text = in_short(&body, &self.last_pictures.unwrap_or_default());
                Preview::Text { author, nickname, text }
            }),
            (Some(_), Some(code)) => {
                NoticeCode::from_code(&code).map(|notice| Preview::Notice { notice, subject: self.last_subject.unwrap_or_default() })
            }
            _ => None,
        };
        Some(RoomRow {
            room: self.room,
            kind: self.kind.kind()?,
            members: self.members,
            at: self.last_at,
            last,
            tally: Tally { said: self.said, read: self.read },
            is_muted: self.is_muted,
        })
    }
}

/// A page of the rooms in a person's list, newest conversation first; with a search text, those whose name has it.
///
/// # Errors
/// When the database fails.
pub async fn list(conn: &mut Conn, user: UserId, search: &str, after: Option<Anchor>, now: Timestamp) -> Result<RoomList, AppError> {
    let search: String = compose(search.trim()).chars().take(MAX_SEARCH).collect();
    let small = search.to_lowercase();
    let names_the_closed = [Lang::Ko, Lang::En].into_iter().any(|lang| t_in(lang, "accounts.closed").to_lowercase().contains(&small));
    let pattern = |text: &str| format!("%{}%", text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_"));
    let (key, id) = after.map_or((i64::MAX, RoomId(uuid::Uuid::max())), |anchor| (anchor.key, RoomId(anchor.id)));
    let mut rows: Vec<Row> = fetch_all!(
        conn,
        Row,
        // First which rooms are on the page, then what is shown of them: somebody may have very many.
        "select c.room, c.party_id, c.party_kind, c.title, c.other_id, c.other_name, c.other_face,
             (select count(*) from room_members m where m.room_id = c.room and m.left_at is null) as members,
             c.last_at, c.last_said as said, c.read_said as read,
             l.kind as last_kind, l.body as last_body, l.pictures as last_pictures, coalesce(su.nickname, l.subject) as last_subject, lu.nickname as last_author, lu.id as last_author_id, c.muted as is_muted
         from (
             select r.id as room, r.last_at, r.last_said, r.last_shown, me.read_said, me.muted, p.id as party_id, p.kind as party_kind, p.title,
                 ou.id as other_id, ou.nickname as other_name, ou.face_id as other_face
             from room_members me
             join rooms r on r.id = me.room_id
             left join parties p on p.room_id = r.id
             left join room_members o on r.kind = 'direct' and o.room_id = r.id and o.user_id <> me.user_id
             left join users ou on ou.id = o.user_id
             where me.user_id = $1 and me.left_at is null and not me.hidden and r.deleted_at is null
                 and (r.last_at, r.id) < ($2, $3)
                 and (lower(p.title) like $4 escape '\\' or p.title like $7 escape '\\'
                     or (ou.closed_at is null and ou.nickname_key like $4 escape '\\') or (ou.closed_at is not null and $6))
             order by r.last_at desc, r.id desc limit $5
         ) c
         left join messages l on l.room_id = c.room and l.seq = c.last_shown
         left join users lu on lu.id = l.author_id
         left join users su on su.id = l.subject_id
         order by c.last_at desc, c.room desc",
        user,
        key,
        id,
        pattern(&small),
        ROOMS_PAGE + 1,
        names_the_closed,
        // SQLite knows only the capitals of English: a title is found at least as it was written.
        pattern(&search)
    )?;
    let more = rows.len() as i64 > ROOMS_PAGE;
    rows.truncate(ROOMS_PAGE as usize);
    let next = rows.last().filter(|_| more).map(|row| Anchor { key: row.last_at.0, id: row.room.0 });
    let blocked = super::blocks_of(conn, user).await?;
    Ok(RoomList { rooms: rows.into_iter().filter_map(Row::row).collect(), next, blocked, now })
}

#[derive(sqlx::FromRow)]
struct Head {
    #[sqlx(flatten)]
    kind: Kind,
    last_shown: Seq,
    last_said: i64,
    read_seq: Seq,
    read_said: i64,
    muted: bool,
}

/// A room with everybody in it and a part of its log, for somebody who is in it.
///
/// # Errors
/// [`AppError::NotFound`] for anybody else, for a room they have left, and for one that was deleted.
pub async fn open(conn: &mut Conn, room: RoomId, me: Author, before: Option<Seq>, now: Timestamp) -> Result<RoomView, AppError> {
    let head: Head = fetch_optional!(
        conn,
        Head,
        "select p.id as party_id, p.kind as party_kind, p.title, ou.id as other_id, ou.nickname as other_name, ou.face_id as other_face,
             r.last_shown, r.last_said, me.read_seq, me.read_said, me.muted
         from room_members me
         join rooms r on r.id = me.room_id
         left join parties p on p.room_id = r.id
         left join room_members o on r.kind = 'direct' and o.room_id = r.id and o.user_id <> me.user_id
         left join users ou on ou.id = o.user_id
         where me.room_id = $1 and me.user_id = $2 and me.left_at is null and not me.hidden and r.deleted_at is null",
        room,
        me.id
    )?
    .ok_or(AppError::NotFound)?;
    let people = people(conn, room, me.id, now).await?;
    let history: History = super::before(conn, room, me.id, before).await?;
    Ok(RoomView {
        room,
        kind: head.kind.kind().ok_or(AppError::NotFound)?,
        people,
        read: head.read_seq,
        tally: Tally { said: head.last_said, read: head.read_said },
        last: head.last_shown,
        send_id: SendId::random(),
        is_muted: head.muted,
        me,
        history,
        now,
    })
}

#[derive(sqlx::FromRow)]
struct DealRow {
    deadline_at: Timestamp,
    state: String,
    seats: i32,
    taken: i32,
    pickup: Option<String>,
}

/// Everybody in a room and how things stand with its party, for somebody who is in it.
///
/// # Errors
/// [`AppError::NotFound`] for anybody else.
pub async fn people(conn: &mut Conn, room: RoomId, user: UserId, now: Timestamp) -> Result<People, AppError> {
    let members = members(conn, room, user).await?;
    if members.is_empty() {
        return Err(AppError::NotFound);
    }
    let sql = "select p.deadline_at, p.state, p.seats, p.taken, m.pickup from parties p left join meals m on m.party_id = p.id
               where p.room_id = $1";
    let deal: Option<DealRow> = fetch_optional!(conn, DealRow, sql, room)?;
    let deal = deal.map(|row| Deal {
        deadline: row.deadline_at,
        is_open: row.state == "open" && row.deadline_at > now,
        stage: Stage::from_code(&row.state),
        seats: u8::try_from(row.seats).unwrap_or_default(),
        taken: u8::try_from(row.taken).unwrap_or_default(),
        pickup: row.pickup,
    });
    let blocked = super::blocked_in(conn, user, room).await?;
    Ok(People { members, deal, blocked })
}

/// Nobody waits in a party's room for somebody to read who has closed their account. What was written to them alone stays unread.
async fn members(conn: &mut Conn, room: RoomId, user: UserId) -> Result<Vec<RoomMember>, AppError> {
    type Row = (UserId, String, Option<ImageId>, bool, Seq);
    let rows: Vec<Row> = fetch_all!(
        conn,
        Row,
        "select u.id, u.nickname, u.face_id, coalesce(p.host_id = u.id, false) as host,
             case when u.closed_at is null or r.kind = 'direct' then m.read_seq else 9000000000000000 end as read_seq
         from room_members me
         join rooms r on r.id = me.room_id and r.deleted_at is null
         join room_members m on m.room_id = me.room_id and m.left_at is null
         join users u on u.id = m.user_id
         left join parties p on p.room_id = me.room_id
         where me.room_id = $1 and me.user_id = $2 and me.left_at is null and not me.hidden
         order by host desc, u.nickname_key limit $3",
        room,
        user,
        MAX_MEMBERS
    )?;
    Ok(rows.into_iter().map(|(id, nickname, face, host, read)| RoomMember { person: Person { id, nickname, face }, host, read }).collect())
}

/// Why a room was deleted, for somebody who was in it then; `None` when it was not, or for anybody else.
///
/// # Errors
/// When the database fails.
pub async fn deleted_reason(conn: &mut Conn, room: RoomId, user: UserId) -> Result<Option<String>, AppError> {
    let found: Option<(Option<String>,)> = fetch_optional!(
        conn,
        (Option<String>,),
        "select r.deleted_reason from rooms r join room_members m on m.room_id = r.id
         where r.id = $1 and m.user_id = $2 and m.left_at is null and r.deleted_at is not null",
        room,
        user
    )?;
    Ok(found.map(|(reason,)| reason.unwrap_or_default()))
}
