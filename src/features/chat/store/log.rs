//! The log: writing a batch of messages, reading ranges.

use crate::features::chat::model::{
    Author, Content, HISTORY_PAGE, History, Message, NewMessage, NoticeCode, Quote, REPLAY_LIMIT, in_short,
};
use crate::features::images;
use crate::server::db::Conn;
use crate::shared::error::{AppError, Conflict};
use crate::shared::ids::{ImageId, RoomId, SendId, Seq, UserId};
use crate::shared::images::{Picture, Pictures};
use crate::shared::time::Timestamp;
use crate::{each, fetch_all};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use uuid::Uuid;

/// Entries that are looked through for what follows a number: most of them may be changes that others have followed.
const REPLAY_REACH: i64 = 1_000;

/// A message and who sends it.
#[derive(Clone, Debug)]
pub struct Outgoing {
    /// Who.
    pub author: UserId,
    /// What and where.
    pub message: NewMessage,
}

/// What became of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stored {
    /// It has its place in the log.
    New(Message),
    /// It was there already, under this number, since this moment.
    Before(Seq, Timestamp),
}

/// What became of a batch. Nothing of it stands before the commit.
#[derive(Debug, Default)]
pub struct Appended {
    /// One for each message, in their order.
    pub results: Vec<Result<Stored, AppError>>,
    /// People in whose list a room appeared again.
    pub shown: Vec<(RoomId, UserId)>,
}

/// The order of its fields is that in which SQLite gives them.
#[derive(Deserialize, sqlx::FromRow)]
struct Check {
    i: i64,
    last_seq: Seq,
    last_said: i64,
    nickname: String,
    #[serde(deserialize_with = "flag")]
    is_closed: bool,
    #[serde(deserialize_with = "flag")]
    member: bool,
    #[serde(deserialize_with = "flag")]
    deleted: bool,
    old_seq: Option<Seq>,
    old_at: Option<Timestamp>,
    quoted: Option<String>,
    quoted_pictures: Option<Pictures>,
    quoted_id: Option<UserId>,
    quoted_by: Option<String>,
    quoted_changed: Seq,
    #[serde(deserialize_with = "flag")]
    blocks: bool,
    #[serde(deserialize_with = "flag")]
    is_alone: bool,
    #[serde(deserialize_with = "flag")]
    has_hidden: bool,
}

/// A truth value as SQLite has it.
fn flag<'de, D: Deserializer<'de>>(from: D) -> Result<bool, D::Error> {
    u8::deserialize(from).map(|flag| flag != 0)
}

/// Stores messages at the ends of their rooms' logs, whatever the number of rooms in the same few statements. Every room
/// is locked first, in the order of ids, and only then is it asked who may write and what is there already.
///
/// # Errors
/// When the database fails; then roll back, and nothing of the batch stands. Single refusals are in the results:
/// [`AppError::NotFound`] for a room that the author is not in, [`Conflict::RoomDeleted`]; [`AppError::SignInRequired`] from somebody
/// who has closed their account meanwhile, [`Conflict::AccountClosed`] to somebody who has.
pub async fn append(tx: &mut Conn, batch: &[Outgoing], now: Timestamp) -> Result<Appended, AppError> {
    let ids: BTreeSet<RoomId> = batch.iter().map(|send| send.message.room).collect();
    lock_all(tx, &list(ids.iter())).await?;
    let checks = check(tx, batch).await?;
    let mut usable = usable(tx, batch, now).await?;
    let mut shown_in = Vec::new();
    let mut ends: BTreeMap<RoomId, (Seq, i64)> = BTreeMap::new();
    let mut given: HashMap<(RoomId, UserId, SendId), Seq> = HashMap::new();
    let mut read_on: BTreeMap<(RoomId, UserId), (Seq, i64)> = BTreeMap::new();
    let (mut rows, mut results) = (Vec::new(), Vec::new());
    for (i, send) in batch.iter().enumerate() {
        let NewMessage { room, send_id, text, reply_to, pictures } = &send.message;
        let check = checks.get(&(i as i64)).filter(|check| check.member);
        let name = (*room, send.author, *send_id);
        results.push(match check {
            None => Err(AppError::NotFound),
            Some(Check { is_closed: true, .. }) => Err(AppError::SignInRequired),
            Some(Check { deleted: true, .. }) => Err(Conflict::RoomDeleted.into()),
            Some(Check { old_seq: Some(seq), old_at: Some(at), .. }) => Ok(Stored::Before(*seq, *at)),
            Some(Check { is_alone: true, .. }) => Err(Conflict::AccountClosed.into()),
            Some(Check { blocks: true, .. }) => Err(Conflict::Blocked.into()),
            Some(check) => match given.get(&name) {
                Some(seq) => Ok(Stored::Before(*seq, now)),
                None if !pictures.iter().all(|id| usable.contains_key(&(*id, send.author))) => {
                    Err(AppError::field("image", "images.error.gone"))
                }
                None => {
                    let (seq, said) = ends.entry(*room).or_insert((check.last_seq, check.last_said));
                    // Each is shown once: the next message of this batch that names it does not find it.
                    let pictures: Pictures = pictures.iter().filter_map(|id| usable.remove(&(*id, send.author))).collect();
                    shown_in.extend(pictures.iter().map(|picture| (picture.id, *room)));
                    *seq += 1;
                    *said += 1;
                    given.insert(name, *seq);
                    read_on.insert((*room, send.author), (*seq, *said));
                    let quote = (*reply_to).zip(check.quoted.as_deref()).zip(check.quoted_id.zip(check.quoted_by.clone()));
                    let reply = quote.map(|((seq, text), (author, nickname))| Quote {
                        seq,
                        author,
                        nickname,
                        text: in_short(text, check.quoted_pictures.as_ref().unwrap_or(&Pictures::default())),
                        changed: check.quoted_changed,
                    });
                    rows.push([
                        hex(room.0),
                        json!(*seq),
                        json!(*said),
                        hex(send_id.0),
                        hex(send.author.0),
                        json!(text),
                        json!(reply.as_ref().map(|quote| quote.seq)),
                        json!(pictures),
                    ]);
                    // As they are called now, and not when their connection was opened.
                    let author = Author { id: send.author, nickname: check.nickname.clone() };
                    let content = Content::Text { author, send_id: *send_id, text: text.clone(), pictures, reply, changed: 0 };
                    Ok(Stored::New(Message { seq: *seq, said: *said, at: now, content }))
                }
            },
        });
    }
    if rows.is_empty() {
        return Ok(Appended { results, shown: Vec::new() });
    }
    let moved: Vec<_> = ends.iter().map(|(room, (seq, said))| [hex(room.0), json!(seq), json!(said)]).collect();
    let readers: Vec<_> = read_on.iter().map(|((room, user), (seq, said))| [hex(room.0), hex(user.0), json!(seq), json!(said)]).collect();
    write(tx, &rows, &moved, &readers, now).await?;
    images::store::show_in_rooms(tx, &shown_in).await?;
    let shown = if checks.values().any(|check| check.has_hidden) { show_again(tx, &list(ends.keys())).await? } else { Vec::new() };
    Ok(Appended { results, shown })
}

/// An id as a statement gets it inside JSON.
fn hex(id: Uuid) -> Value {
    json!(id.simple().to_string())
}

fn list<'a>(rooms: impl Iterator<Item = &'a RoomId>) -> String {
    in_json(&rooms.map(|room| hex(room.0)).collect::<Vec<_>>())
}

fn in_json(values: &impl Serialize) -> String {
    serde_json::to_string(values).expect("values are JSON")
}

/// Rows as a statement of SQLite gets them, all in one value: it finds a value by its place in an array sooner than by a name.
fn arrays<const N: usize>(rows: &[[Value; N]]) -> String {
    in_json(&rows.iter().map(<[Value; N]>::as_slice).collect::<Vec<_>>())
}

/// The same for PostgreSQL, whose `json_to_recordset` asks for names.
fn objects<const N: usize>(names: [&str; N], rows: &[[Value; N]]) -> String {
    in_json(&rows.iter().map(|row| names.into_iter().zip(row).collect::<BTreeMap<_, _>>()).collect::<Vec<_>>())
}

/// The pictures of a batch that their authors may use.
async fn usable(tx: &mut Conn, batch: &[Outgoing], now: Timestamp) -> Result<HashMap<(ImageId, UserId), Picture>, AppError> {
    let named: Vec<ImageId> = batch.iter().flat_map(|send| send.message.pictures.iter().copied()).collect();
    let usable = images::store::usable(tx, &named, now).await?;
    Ok(usable.into_iter().map(|usable| ((usable.picture.id, usable.owner), usable.picture)).collect())
}

/// Holds rooms until the end of the transaction. On SQLite that is the transaction itself.
async fn lock_all(tx: &mut Conn, rooms: &str) -> Result<(), AppError> {
    each!(tx, |c|
    sqlite: { let _ = c; },
    pg: {
        sqlx::query("select id from rooms where id in (select value::uuid from json_array_elements_text($1::json)) order by id for update")
            .bind(rooms).execute(c).await?;
    });
    Ok(())
}

/// Who may write, what is there already, and what is quoted, by position in the batch. Until the end of the transaction nobody of
/// the authors closes their account or is called something else.
async fn check(tx: &mut Conn, batch: &[Outgoing]) -> Result<HashMap<i64, Check>, AppError> {
    let asked: Vec<_> = batch
        .iter()
        .enumerate()
        .map(|(i, Outgoing { author, message })| {
            [json!(i), hex(message.room.0), hex(author.0), hex(message.send_id.0), json!(message.reply_to)]
        })
        .collect();
    let rows: Vec<Check> = each!(tx, |c|
        sqlite: {
            // All in one row: each is another message from the thread that has the file, for which ours is woken.
            let (rows,): (String,) = sqlx::query_as(
                "with asked as materialized (
                     select value ->> 0 as i, unhex(value ->> 1) as room, unhex(value ->> 2) as author, unhex(value ->> 3) as send,
                         value ->> 4 as reply
                     from jsonb_each($1)
                 ), known as (
                 select a.i, r.last_seq, r.last_said, au.nickname, au.closed_at is not null as is_closed, m.user_id is not null as member, r.deleted_at is not null as deleted,
                     old.seq as old_seq, old.created_at as old_at, q.body as quoted, q.pictures as quoted_pictures, q.author_id as quoted_id, qu.nickname as quoted_by,
                     coalesce(q.changed_seq, 0) as quoted_changed,
                     r.kind = 'direct' and exists (
                         select 1 from blocks b join room_members o on o.room_id = r.id and o.user_id = b.blocked_id where b.user_id = a.author
                     ) as blocks,
                     r.kind = 'direct' and exists (
                         select 1 from room_members o join users ou on ou.id = o.user_id
                         where o.room_id = r.id and o.user_id <> a.author and ou.closed_at is not null
                     ) as is_alone,
                     exists (select 1 from room_members h where h.room_id = r.id and h.hidden) as has_hidden
                 from asked a
                 join rooms r on r.id = a.room
                 join users au on au.id = a.author
                 left join room_members m on m.room_id = a.room and m.user_id = a.author and m.left_at is null
                 left join messages old on old.room_id = a.room and old.author_id = a.author and old.send_id = a.send
                 left join messages q on q.room_id = a.room and q.seq = a.reply and q.kind = 'text'
                 left join users qu on qu.id = q.author_id
                 )
                 select json_group_array(json_array(
                     i, last_seq, last_said, nickname, is_closed, member, deleted, old_seq, old_at, quoted, quoted_pictures,
                     iif(quoted_id is null, null, hex(quoted_id)), quoted_by, quoted_changed, blocks, is_alone, has_hidden))
                 from known",
            ).bind(arrays(&asked)).fetch_one(c).await?;
            Ok(serde_json::from_str(&rows).map_err(|error| sqlx::Error::Decode(error.into()))?)
        },
        pg: sqlx::query_as(
            "select a.i, r.last_seq, r.last_said, au.nickname, au.closed_at is not null as is_closed, m.user_id is not null as member, r.deleted_at is not null as deleted,
                 old.seq as old_seq, old.created_at as old_at, q.body as quoted, q.pictures as quoted_pictures, q.author_id as quoted_id, qu.nickname as quoted_by,
                 coalesce(q.changed_seq, 0) as quoted_changed,
                 r.kind = 'direct' and exists (
                     select 1 from blocks b join room_members o on o.room_id = r.id and o.user_id = b.blocked_id where b.user_id = a.author
                 ) as blocks,
                 r.kind = 'direct' and exists (
                     select 1 from room_members o join users ou on ou.id = o.user_id
                     where o.room_id = r.id and o.user_id <> a.author and ou.closed_at is not null
                 ) as is_alone,
                 exists (select 1 from room_members h where h.room_id = r.id and h.hidden) as has_hidden
             from json_to_recordset($1::json) as a(i bigint, room uuid, author uuid, send uuid, reply bigint)
             join rooms r on r.id = a.room
             join users au on au.id = a.author
             left join room_members m on m.room_id = a.room and m.user_id = a.author and m.left_at is null
             left join lateral (
                 select room_id, seq, created_at from messages where author_id = a.author and send_id = a.send offset 0
             ) old on old.room_id = a.room
             left join messages q on q.room_id = a.room and q.seq = a.reply and q.kind = 'text'
             left join users qu on qu.id = q.author_id
             for share of au",
        ).bind(objects(["i", "room", "author", "send", "reply"], &asked)).fetch_all(c).await)?;
    Ok(rows.into_iter().map(|row| (row.i, row)).collect())
}

/// Writes messages at the ends of their rooms, moves these, and how far the authors have read. All in one: each statement by itself
/// would be another way there and back, to the server or to the thread that has the file.
async fn write(tx: &mut Conn, rows: &[[Value; 8]], moved: &[[Value; 3]], readers: &[[Value; 4]], now: Timestamp) -> Result<(), AppError> {
    each!(tx, |c|
    sqlite: {
        sqlx::query(
            "insert into messages (room_id, seq, said, send_id, author_id, kind, body, reply_to, pictures, created_at)
             select unhex(value ->> 0), value ->> 1, value ->> 2, unhex(value ->> 3), unhex(value ->> 4), 'text', value ->> 5, value ->> 6,
                 value ->> 7, $4
             from jsonb_each($1);
             update rooms set last_seq = x.seq, last_shown = x.seq, last_said = x.said, last_at = $4
             from (select unhex(value ->> 0) as room, value ->> 1 as seq, value ->> 2 as said from jsonb_each($2)) x
             where rooms.id = x.room;
             update room_members set read_seq = x.seq, read_said = x.said
             from (select unhex(value ->> 0) as room, unhex(value ->> 1) as person, value ->> 2 as seq, value ->> 3 as said
                   from jsonb_each($3)) x
             where room_id = x.room and user_id = x.person",
        ).bind(arrays(rows)).bind(arrays(moved)).bind(arrays(readers)).bind(now).execute(c).await?;
    },
    pg: {
        let rows = objects(["room", "seq", "said", "send", "author", "body", "reply", "pictures"], rows);
        let (moved, readers) = (objects(["room", "seq", "said"], moved), objects(["room", "person", "seq", "said"], readers));
        sqlx::query(
            "with moved as (
                 update rooms set last_seq = x.seq, last_shown = x.seq, last_said = x.said, last_at = $4
                 from json_to_recordset($2::json) as x(room uuid, seq bigint, said bigint) where rooms.id = x.room
             ), read as (
                 update room_members set read_seq = x.seq, read_said = x.said
                 from json_to_recordset($3::json) as x(room uuid, person uuid, seq bigint, said bigint)
                 where room_id = x.room and user_id = x.person
             )
             insert into messages (room_id, seq, said, send_id, author_id, kind, body, reply_to, pictures, created_at)
             select room, seq, said, send, author, 'text', body, reply, pictures, $4
             from json_to_recordset($1::json) as x(room uuid, seq bigint, said bigint, send uuid, author uuid, body text, reply bigint, pictures text)",
        ).bind(rows).bind(moved).bind(readers).bind(now).execute(c).await?;
    });
    Ok(())
}

/// Rooms where something was said appear again in the lists of those who had taken them out, but not of one who blocks the other.
async fn show_again(tx: &mut Conn, rooms: &str) -> Result<Vec<(RoomId, UserId)>, AppError> {
    Ok(each!(tx, |c|
        sqlite: sqlx::query_as(
            "update room_members set hidden = false
             where hidden and room_id in (select unhex(value) from json_each($1))
               and not exists (
                   select 1 from blocks b join room_members o on o.room_id = room_members.room_id and o.user_id = b.blocked_id
                   where b.user_id = room_members.user_id)
             returning room_id, user_id",
        ).bind(rooms).fetch_all(c).await,
        pg: sqlx::query_as(
            "update room_members set hidden = false
             where hidden and room_id in (select value::uuid from json_array_elements_text($1::json))
               and not exists (
                   select 1 from blocks b join room_members o on o.room_id = room_members.room_id and o.user_id = b.blocked_id
                   where b.user_id = room_members.user_id)
             returning room_id, user_id",
        ).bind(rooms).fetch_all(c).await)?)
}

#[derive(sqlx::FromRow)]
struct Row {
    room_id: RoomId,
    seq: Seq,
    said: i64,
    created_at: Timestamp,
    kind: String,
    body: String,
    pictures: Pictures,
    subject: Option<String>,
    subject_id: Option<UserId>,
    send_id: Option<SendId>,
    author_id: Option<UserId>,
    nickname: Option<String>,
    reply_to: Option<Seq>,
    changed_seq: Seq,
    quoted: Option<String>,
    quoted_pictures: Option<Pictures>,
    quoted_id: Option<UserId>,
    quoted_by: Option<String>,
    quoted_changed: Seq,
}

/// Entries as [`Row`]s: where they are taken from (with `m` for the messages), and which.
macro_rules! entries {
    ($from:literal, $($which:expr),+) => {
        concat!(
            "select m.room_id, m.seq, m.said, m.created_at, m.kind, m.body, m.pictures, coalesce(su.nickname, m.subject) as subject, m.subject_id,
                 m.send_id, m.author_id, u.nickname, m.reply_to, coalesce(m.changed_seq, 0) as changed_seq,
                 q.body as quoted, q.pictures as quoted_pictures, q.author_id as quoted_id, qu.nickname as quoted_by,
                 coalesce(q.changed_seq, 0) as quoted_changed
             from ", $from, "
             left join users u on u.id = m.author_id left join users su on su.id = m.subject_id
             left join messages q on q.room_id = m.room_id and q.seq = m.reply_to
             left join users qu on qu.id = q.author_id ",
            $($which),+
        )
    };
}

impl Row {
    /// `None` for a row that no version of the program wrote.
    fn message(self) -> Option<Message> {
        let quote = self.reply_to.zip(self.quoted);
        let quoted_pictures = self.quoted_pictures.unwrap_or_default();
        let content = match self.kind.as_str() {
            "text" => Content::Text {
                author: Author { id: self.author_id?, nickname: self.nickname? },
                send_id: self.send_id?,
                text: self.body,
                pictures: self.pictures,
                reply: quote.zip(self.quoted_id.zip(self.quoted_by)).map(|((seq, text), (author, nickname))| Quote {
                    seq,
                    author,
                    nickname,
                    text: in_short(&text, &quoted_pictures),
                    changed: self.quoted_changed,
                }),
                changed: self.changed_seq,
            },
            // What it is about stands in its own row only, so that nothing deleted is left in another one.
            "change" => quote.map(|(target, text)| Content::Change { target, text })?,
            _ => Content::Notice {
                notice: NoticeCode::from_code(&self.body)?,
                subject: self.subject.unwrap_or_default(),
                person: self.subject_id,
            },
        };
        Some(Message { seq: self.seq, said: self.said, at: self.created_at, content })
    }
}

/// The entries of rooms after a number of each, in order, at most `limit` in all. For the fan-out: it asks nobody's leave.
///
/// # Errors
/// When the database fails.
pub async fn after(conn: &mut Conn, rooms: &[(RoomId, Seq)], limit: i64) -> Result<Vec<(RoomId, Message)>, AppError> {
    let asked: Vec<_> = rooms.iter().map(|(room, seq)| json!({"room": room.0.simple().to_string(), "seq": seq})).collect();
    let asked = json!(asked).to_string();
    let rows: Vec<Row> = each!(conn, |c|
        sqlite: sqlx::query_as(entries!(
            "json_each($1) x join messages m on m.room_id = unhex(x.value ->> 'room') and m.seq > (x.value ->> 'seq')",
            "order by m.room_id, m.seq limit $2"
        )).bind(&asked).bind(limit).fetch_all(c).await,
        pg: sqlx::query_as(entries!(
            "json_to_recordset($1::json) as x(room uuid, seq bigint) join messages m on m.room_id = x.room and m.seq > x.seq",
            "order by m.room_id, m.seq limit $2"
        )).bind(&asked).bind(limit).fetch_all(c).await)?;
    Ok(rows.into_iter().filter_map(|row| Some((row.room_id, row.message()?))).collect())
}

/// The entries of a room between two numbers (exclusive), newest first, for somebody who is in it; nobody else gets any. `$which`
/// says which of them.
macro_rules! range {
    ($which:literal) => {
        entries!(
            "messages m",
            "where m.room_id = $1 and m.seq > $3 and m.seq < $4 and ",
            $which,
            " and exists (
                 select 1 from room_members rm join rooms r on r.id = rm.room_id
                 where rm.room_id = $1 and rm.user_id = $2 and rm.left_at is null and not rm.hidden and r.deleted_at is null)
             order by m.seq desc limit $5"
        )
    };
}

fn in_order(mut rows: Vec<Row>) -> Vec<Message> {
    rows.reverse();
    rows.into_iter().filter_map(Row::message).collect()
}

/// The page of history before a number, or the newest one.
///
/// # Errors
/// When the database fails.
pub async fn before(conn: &mut Conn, room: RoomId, user: UserId, before: Option<Seq>) -> Result<History, AppError> {
    // Without the changes: the entries themselves say what became of them.
    let sql = range!("m.kind <> 'change'");
    let before = before.unwrap_or(Seq::MAX);
    let messages = in_order(fetch_all!(conn, Row, sql, room, user, 0_i64, before, HISTORY_PAGE)?);
    Ok(History { older: messages.first().is_some_and(|first| first.seq > 1), messages })
}

/// What follows a number, of each message the last change only: all of it, or the newest page of history when it is more than
/// [`REPLAY_LIMIT`] or too far behind the `last` number to look; and whether something between is missing then.
///
/// # Errors
/// When the database fails.
pub async fn replay(conn: &mut Conn, room: RoomId, user: UserId, after: Seq, last: Seq) -> Result<(Vec<Message>, bool), AppError> {
    let after = after.max(0);
    if last - after <= REPLAY_REACH {
        let sql = range!("(m.kind <> 'change' or q.changed_seq = m.seq)");
        let messages = in_order(fetch_all!(conn, Row, sql, room, user, after, Seq::MAX, REPLAY_LIMIT + 1)?);
        if messages.len() as i64 <= REPLAY_LIMIT {
            return Ok((messages, false));
        }
    }
    Ok((self::before(conn, room, user, None).await?.messages, true))
}
