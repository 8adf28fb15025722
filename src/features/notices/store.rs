//! Notices in the database. Each is written in the transaction of its cause.

use super::model::{MOST_READ, Notice, NoticeKind, UnreadRoom};
use crate::features::accounts::store::title_for;
use crate::server::db::{Conn, delete_of, list_of};
use crate::server::paging::{Listing, Order, page};
use crate::shared::error::AppError;
use crate::shared::ids::{PartyId, RoomId, Seq, UserId};
use crate::shared::paging::{PAGE_SIZE, Page, PageAsk};
use crate::shared::time::{Span, Timestamp};
use crate::{each, fetch_all, fetch_one, fetch_optional};
use serde_json::json;
use uuid::Uuid;

/// A notice is kept this long after it happened last.
const KEPT_FOR: Span = Span::days(90);
/// Rooms with unread messages that are listed at most.
const MOST_ROOMS: i64 = 10;
/// Notices that are removed together.
const SWEEP: i64 = 500;

/// Who is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum To<'a> {
    /// One person.
    One(UserId),
    /// These people.
    Many(&'a [UserId]),
    /// Everybody at the table but this person.
    TableBut(Option<UserId>),
    /// Everybody at the table, and everybody who waits or has asked, but this person.
    AllBut(UserId),
    /// Everybody who waits or has asked.
    Asking,
}

/// What happened, where, and by whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cause {
    /// What.
    pub kind: NoticeKind,
    /// Where.
    pub party: PartyId,
    /// By whom, if by somebody.
    pub actor: Option<UserId>,
}

/// The statement that tells some people; `$new` is an id that the database makes. The same person doing the same thing again
/// is not one more.
macro_rules! telling {
    ($new:literal, $people:literal) => {
        concat!(
            "insert into notices (id, user_id, kind, party_id, actor_id, times, created_at) select ",
            $new,
            ", people.user_id, $1, $2, $3, 1, $4 from (",
            $people,
            ") people where people.user_id <> $5 and people.user_id is distinct from $3
               and not ($1 in ('commented', 'replied') and exists (
                   select 1 from blocks b where b.user_id = people.user_id and b.blocked_id = $3))
             on conflict (user_id, kind, party_id) where read_at is null
             do update set times = notices.times + case when excluded.kind not in ('edited', 'commented', 'replied') and notices.actor_id = excluded.actor_id then 0 else 1 end,
                           actor_id = excluded.actor_id, created_at = excluded.created_at
             returning user_id"
        )
    };
}

macro_rules! tell {
    ($tx:expr, $people:literal, $cause:expr, $but:expr, $now:expr) => {
        each!($tx, |c|
            sqlite: sqlx::query_as::<_, (UserId,)>(telling!("randomblob(16)", $people))
                .bind($cause.kind.code()).bind($cause.party).bind($cause.actor).bind($now).bind($but).fetch_all(c).await,
            pg: sqlx::query_as::<_, (UserId,)>(telling!("gen_random_uuid()", $people))
                .bind($cause.kind.code()).bind($cause.party).bind($cause.actor).bind($now).bind($but).fetch_all(c).await)
    };
}

/// Tells people that something happened, but not the one who did it; who was told. What happens again before it is read is the same notice, once more.
///
/// # Errors
/// When the database fails.
pub async fn tell(tx: &mut Conn, to: To<'_>, cause: &Cause, now: Timestamp) -> Result<Vec<UserId>, AppError> {
    let nobody = UserId(Uuid::nil());
    let told: Vec<(UserId,)> = match to {
        To::One(user) => tell_these(tx, &[user], cause, now).await?,
        To::Many(users) => tell_these(tx, users, cause, now).await?,
        To::TableBut(but) => tell!(tx, "select user_id from party_members where party_id = $2", cause, but.unwrap_or(nobody), now)?,
        To::AllBut(but) => tell!(
            tx,
            "select user_id from party_members where party_id = $2 union select user_id from party_requests where party_id = $2",
            cause,
            but,
            now
        )?,
        To::Asking => tell!(tx, "select user_id from party_requests where party_id = $2", cause, nobody, now)?,
    };
    Ok(told.into_iter().map(|(user,)| user).collect())
}

/// Only who there is: an account that was closed meanwhile is nobody's.
async fn tell_these(tx: &mut Conn, users: &[UserId], cause: &Cause, now: Timestamp) -> Result<Vec<(UserId,)>, AppError> {
    let (list, nobody) = (list_of(users), UserId(Uuid::nil()));
    let sqlite = telling!(
        "randomblob(16)",
        "select id as user_id from users where id in (select unhex(value) from json_each($6)) and closed_at is null"
    );
    let pg = telling!(
        "gen_random_uuid()",
        "select id as user_id from users where id in (select value::uuid from json_array_elements_text($6::json)) and closed_at is null"
    );
    Ok(each!(tx, |c|
        sqlite: sqlx::query_as::<_, (UserId,)>(sqlite)
            .bind(cause.kind.code()).bind(cause.party).bind(cause.actor).bind(now).bind(nobody).bind(&list).fetch_all(c).await,
        pg: sqlx::query_as::<_, (UserId,)>(pg)
            .bind(cause.kind.code()).bind(cause.party).bind(cause.actor).bind(now).bind(nobody).bind(&list).fetch_all(c).await)?)
}

/// Tells somebody what each of some people did, one after the other, as [`tell`] would for each; who was told. Of something that
/// nobody does twice in a row.
///
/// # Errors
/// When the database fails.
pub async fn tell_of(
    tx: &mut Conn,
    user: UserId,
    kind: NoticeKind,
    party: PartyId,
    actors: &[UserId],
    now: Timestamp,
) -> Result<Option<UserId>, AppError> {
    let (Some(first), Some(last)) = (actors.first(), actors.last()) else { return Ok(None) };
    let told: Option<(UserId,)> = fetch_optional!(
        tx,
        (UserId,),
        "insert into notices (id, user_id, kind, party_id, actor_id, times, created_at)
         select $1, id, $3, $4, $6, $7, $8 from users where id = $2 and closed_at is null
         on conflict (user_id, kind, party_id) where read_at is null
         do update set times = notices.times + excluded.times - case when notices.actor_id = $5 then 1 else 0 end,
                       actor_id = excluded.actor_id, created_at = excluded.created_at
         returning user_id",
        Uuid::new_v4(),
        user,
        kind.code(),
        party,
        *first,
        *last,
        actors.len() as i64,
        now
    )?;
    Ok(told.map(|(user,)| user))
}

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    kind: String,
    party_id: PartyId,
    title: String,
    actor: Option<String>,
    times: i64,
    created_at: Timestamp,
    read_at: Option<Timestamp>,
}

/// A page of a person's notices, the newest first.
///
/// # Errors
/// When the database fails.
pub async fn list(conn: &mut Conn, user: UserId, ask: PageAsk) -> Result<Page<Notice>, AppError> {
    let listing = Listing::of("notices", "created_at is not null", "created_at", Order::Descending).with_id("user_id =", user.0);
    let page = page(conn, &listing, ask).await?;
    let id = |n: usize| page.rows.get(n).copied().unwrap_or(Uuid::nil());
    const { assert!(PAGE_SIZE == 10, "as many gaps as rows on a page") };
    let rows: Vec<Row> = fetch_all!(
        conn,
        Row,
        concat!(
            "select n.id, n.kind, n.party_id, a.nickname as actor, n.times, n.created_at, n.read_at, ",
            title_for!("n.user_id"),
            " from notices n join parties p on p.id = n.party_id left join users a on a.id = n.actor_id
             where n.id in ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) order by n.created_at desc, n.id desc"
        ),
        id(0),
        id(1),
        id(2),
        id(3),
        id(4),
        id(5),
        id(6),
        id(7),
        id(8),
        id(9)
    )?;
    let notices = rows.into_iter().filter_map(Row::notice).collect();
    Ok(page.with_rows(notices))
}

impl Row {
    /// `None` for a kind of another version.
    fn notice(self) -> Option<Notice> {
        Some(Notice {
            id: self.id,
            kind: NoticeKind::from_code(&self.kind)?,
            party: self.party_id,
            title: self.title,
            actor: self.actor,
            times: self.times,
            at: self.created_at,
            is_read: self.read_at.is_some(),
        })
    }
}

/// Rooms with messages that a person has not read, the newest conversation first, at most ten. They are counted by the
/// rooms, in the transaction of each message.
///
/// # Errors
/// When the database fails.
pub async fn unread_rooms(conn: &mut Conn, user: UserId) -> Result<Vec<UnreadRoom>, AppError> {
    type Row = (RoomId, String, i64, Timestamp, Seq);
    let rows: Vec<Row> = fetch_all!(
        conn,
        Row,
        "select r.id, coalesce(p.title, ou.nickname, ''), r.last_said - me.read_said, r.last_at, r.last_seq
         from room_members me
         join rooms r on r.id = me.room_id
         left join parties p on p.room_id = r.id
         left join room_members o on r.kind = 'direct' and o.room_id = r.id and o.user_id <> me.user_id
         left join users ou on ou.id = o.user_id
         where me.user_id = $1 and me.left_at is null and not me.hidden and not me.muted and r.deleted_at is null and r.last_said > me.read_said
         order by r.last_at desc, r.id desc limit $2",
        user,
        MOST_ROOMS
    )?;
    Ok(rows.into_iter().map(|(room, title, unread, at, seq)| UnreadRoom { room, title, unread, at, seq }).collect())
}

const UNREAD: &str = "select count(*) from notices where user_id = $1 and read_at is null";
const UNREAD_ONES: &str = "select id, times from notices where user_id = $1 and read_at is null order by created_at desc, id desc limit $2";

/// How many of a person's notices are unread.
///
/// # Errors
/// When the database fails.
pub async fn unread(conn: &mut Conn, user: UserId) -> Result<i64, AppError> {
    let (count,): (i64,) = fetch_one!(conn, (i64,), UNREAD, user)?;
    Ok(count)
}

/// Marks a notice as read that was shown as having happened so often; what and where it was. One that has happened again since
/// stays unread.
///
/// # Errors
/// [`AppError::NotFound`] when it is nobody's, or somebody else's.
pub async fn read(tx: &mut Conn, user: UserId, id: Uuid, times: i64, now: Timestamp) -> Result<(NoticeKind, PartyId), AppError> {
    let sql = "update notices set read_at = case when times = $4 then coalesce(read_at, $3) else read_at end
               where id = $1 and user_id = $2 returning kind, party_id";
    let found: Option<(String, PartyId)> = fetch_optional!(tx, (String, PartyId), sql, id, user, now, times)?;
    found.and_then(|(kind, party)| Some((NoticeKind::from_code(&kind)?, party))).ok_or(AppError::NotFound)
}

/// The unread notices of a person and how often each has happened, the newest first, at most [`MOST_READ`].
///
/// # Errors
/// When the database fails.
pub async fn unread_ones(conn: &mut Conn, user: UserId) -> Result<Vec<(Uuid, i64)>, AppError> {
    Ok(fetch_all!(conn, (Uuid, i64), UNREAD_ONES, user, MOST_READ as i64)?)
}

/// How SQLite would find what is unread. For tests.
#[cfg(test)]
pub async fn unread_plans(conn: &mut sqlx::SqliteConnection) -> Vec<String> {
    let mut plans = Vec::new();
    for sql in [UNREAD, UNREAD_ONES] {
        let sql = sqlx::AssertSqlSafe(format!("explain query plan {sql}"));
        let steps: Vec<(i64, i64, i64, String)> = sqlx::query_as(sql).fetch_all(&mut *conn).await.expect("a plan");
        plans.push(steps.into_iter().map(|step| step.3).collect::<Vec<_>>().join("\n"));
    }
    plans
}

/// Marks those of a person's notices as read that were shown as having happened so often, and, when a page has shown as many as it
/// names, the older ones that it only counted. What has happened since stays unread, whenever it began.
///
/// # Errors
/// When the database fails.
pub async fn read_all(tx: &mut Conn, user: UserId, shown: &[(Uuid, i64)], now: Timestamp) -> Result<(), AppError> {
    if shown.is_empty() {
        return Ok(());
    }
    let has_older = shown.len() >= MOST_READ;
    let shown: Vec<_> = shown.iter().map(|(id, times)| json!({"id": id.simple().to_string(), "times": times})).collect();
    let shown = json!(shown).to_string();
    // What is happening again right now stays unread; waiting for it, while it waits for one of these, could deadlock.
    each!(tx, |c|
        sqlite: sqlx::query(
            "update notices set read_at = $3 where user_id = $1 and read_at is null
               and (id, times) in (select unhex(value ->> 'id'), value ->> 'times' from json_each($2))",
        ).bind(user).bind(&shown).bind(now).execute(c).await.map(drop),
        pg: sqlx::query(
            "update notices set read_at = $3 where id in
             (select n.id from notices n join json_to_recordset($2::json) as shown(id uuid, times bigint) on shown.id = n.id
              where n.user_id = $1 and n.read_at is null and n.times = shown.times for update of n skip locked)",
        ).bind(user).bind(&shown).bind(now).execute(c).await.map(drop))?;
    if has_older {
        each!(tx, |c|
            sqlite: sqlx::query(
                "update notices set read_at = $3 where user_id = $1 and read_at is null and created_at <
                 (select min(s.created_at) from notices s where s.user_id = $1 and s.id in (select unhex(value ->> 'id') from json_each($2)))",
            ).bind(user).bind(&shown).bind(now).execute(c).await.map(drop),
            pg: sqlx::query(
                "update notices set read_at = $3 where id in
                 (select n.id from notices n where n.user_id = $1 and n.read_at is null and n.created_at <
                    (select min(s.created_at) from notices s join json_to_recordset($2::json) as shown(id uuid) on shown.id = s.id
                     where s.user_id = $1)
                  for update of n skip locked)",
            ).bind(user).bind(&shown).bind(now).execute(c).await.map(drop))?;
    }
    Ok(())
}

/// Removes some of the notices that are three months old.
///
/// # Errors
/// When the database fails.
pub async fn forget_old(tx: &mut Conn, now: Timestamp) -> Result<u64, AppError> {
    let before = now - KEPT_FOR;
    Ok(each!(tx, |c|
        sqlite: sqlx::query("delete from notices where id in (select id from notices where created_at <= $1 order by created_at limit $2)")
            .bind(before).bind(SWEEP).execute(c).await.map(|done| done.rows_affected()),
        pg: sqlx::query(
            "delete from notices where id in (select id from notices where created_at <= $1 order by created_at limit $2 for update skip locked)",
        ).bind(before).bind(SWEEP).execute(c).await.map(|done| done.rows_affected()))?)
}

/// Forgets what erased people were told.
///
/// # Errors
/// When the database fails.
pub async fn forget_of(tx: &mut Conn, users: &[UserId]) -> Result<(), AppError> {
    Ok(delete_of(tx, "notices", users).await?)
}
