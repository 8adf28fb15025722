//! Parts of threads.

use crate::features::accounts::auth::Member;
use crate::features::accounts::store::title_for;
use crate::features::chat::model::{Person, excerpt};
use crate::features::threads::model::{ANSWERS_SHOWN, COMMENTS_PAGE, Comment, InHand, ThreadQuery, ThreadView};
use crate::server::db::Conn;
use crate::shared::error::{AppError, Conflict};
use crate::shared::ids::{CommentId, ImageId, PartyId, UserId};
use crate::shared::paging::Anchor;
use crate::shared::time::Timestamp;
use crate::{each, fetch_all, fetch_optional};
use serde_json::json;
use std::collections::HashMap;
use uuid::Uuid;

#[derive(sqlx::FromRow)]
struct Row {
    id: CommentId,
    parent_id: Option<CommentId>,
    author_id: UserId,
    nickname: String,
    face: Option<ImageId>,
    answered: Option<String>,
    body: String,
    likes: i64,
    replies: i64,
    created_at: Timestamp,
    edited_at: Option<Timestamp>,
    deleted_at: Option<Timestamp>,
    is_liked: bool,
    is_folded: bool,
}

/// Comments as [`Row`]s with `$1` for the reader; what follows says which.
macro_rules! rows {
    ($which:literal) => {
        concat!(
            "select c.id, c.parent_id, c.author_id, u.nickname, u.face_id as face, a.nickname as answered, c.body, c.likes, c.replies, c.created_at,
                 c.edited_at, c.deleted_at,
                 exists (select 1 from comment_likes l where l.comment_id = c.id and l.user_id = $1) as is_liked,
                 exists (select 1 from blocks b where b.user_id = $1 and b.blocked_id = c.author_id) as is_folded
             from comments c join users u on u.id = c.author_id left join users a on a.id = c.answered_id ",
            $which
        )
    };
}

impl Row {
    fn comment(self, replies: Vec<Comment>) -> Comment {
        let is_there = self.deleted_at.is_none();
        Comment {
            id: self.id,
            author: is_there.then_some(Person { id: self.author_id, nickname: self.nickname, face: self.face }),
            answers: self.answered.filter(|_| is_there),
            text: self.body,
            likes: self.likes,
            is_liked: self.is_liked,
            at: self.created_at,
            is_folded: is_there && self.is_folded,
            is_edited: is_there && self.edited_at.is_some(),
            replies,
            reply_count: self.replies,
        }
    }
}

#[derive(sqlx::FromRow)]
struct Head {
    title: String,
    host_id: UserId,
    comments: i64,
    is_banned: bool,
}

/// A part of a party's thread, as a reader sees it.
///
/// # Errors
/// [`AppError::NotFound`] when there is no such party, or no more; also for a comment of its own page that is gone.
pub async fn thread(
    conn: &mut Conn,
    party: PartyId,
    query: &ThreadQuery,
    member: Option<&Member>,
    now: Timestamp,
) -> Result<ThreadView, AppError> {
    let me = member.map(Member::id);
    let viewer = me.unwrap_or(UserId(Uuid::nil()));
    let head: Head = fetch_optional!(
        conn,
        Head,
        concat!(
            "select p.host_id, p.comments, ",
            title_for!("$2"),
            ", exists (select 1 from party_bans b where b.party_id = $1 and b.user_id = $2) as is_banned
             from parties p where p.id = $1 and p.state <> 'cancelled'"
        ),
        party,
        viewer
    )?
    .ok_or(AppError::NotFound)?;
    let after = query.after.as_deref().and_then(|after| after.parse().ok());
    let (comments, next) = match query.of {
        None => all(conn, viewer, party, query.oldest, after).await?,
        Some(of) => one(conn, viewer, party, of, after).await?,
    };
    let why_not = match member {
        None => Some(AppError::SignInRequired),
        Some(_) if head.is_banned => Some(Conflict::Banned.into()),
        Some(member) if !member.is_verified() => Some(AppError::Unverified),
        Some(_) => None,
    };
    let in_hand = if why_not.is_none() { in_hand(conn, party, query, viewer).await? } else { None };
    Ok(ThreadView {
        party,
        title: head.title,
        host: head.host_id,
        me,
        why_not,
        total: head.comments,
        comments,
        next,
        in_hand,
        key: CommentId(Uuid::now_v7()),
        now,
    })
}

/// A page of what stands alone, each with the first answers to it.
async fn all(
    conn: &mut Conn,
    viewer: UserId,
    party: PartyId,
    oldest: bool,
    after: Option<Anchor>,
) -> Result<(Vec<Comment>, Option<Anchor>), AppError> {
    let limit = COMMENTS_PAGE as i64 + 1;
    let mut rows: Vec<Row> = if oldest {
        let (key, id) = after.map_or((i64::MIN, Uuid::nil()), |anchor| (anchor.key, anchor.id));
        let sql =
            rows!("where c.party_id = $2 and c.parent_id is null and (c.created_at, c.id) > ($3, $4) order by c.created_at, c.id limit $5");
        fetch_all!(conn, Row, sql, viewer, party, key, id, limit)?
    } else {
        let (key, id) = after.map_or((i64::MAX, Uuid::max()), |anchor| (anchor.key, anchor.id));
        let sql = rows!(
            "where c.party_id = $2 and c.parent_id is null and (c.created_at, c.id) < ($3, $4)
             order by c.created_at desc, c.id desc limit $5"
        );
        fetch_all!(conn, Row, sql, viewer, party, key, id, limit)?
    };
    let next = cut(&mut rows);
    let mut answers = first_answers(conn, viewer, &rows).await?;
    let comments = rows.into_iter().map(|row| {
        let replies = answers.remove(&row.id).unwrap_or_default();
        row.comment(replies)
    });
    Ok((comments.collect(), next))
}

/// Leaves a page; where the next one begins.
fn cut(rows: &mut Vec<Row>) -> Option<Anchor> {
    let more = rows.len() > COMMENTS_PAGE;
    rows.truncate(COMMENTS_PAGE);
    rows.last().filter(|_| more).map(|row| Anchor { key: row.created_at.0, id: row.id.0 })
}

/// The first answers to some comments, in one question.
async fn first_answers(conn: &mut Conn, viewer: UserId, above: &[Row]) -> Result<HashMap<CommentId, Vec<Comment>>, AppError> {
    let asked: Vec<_> = above.iter().filter(|row| row.replies > 0).map(|row| row.id.0.simple().to_string()).collect();
    if asked.is_empty() {
        return Ok(HashMap::new());
    }
    let asked = json!(asked).to_string();
    let sqlite = rows!(
        "join json_each($2) x on c.id in (select r.id from comments r where r.parent_id = unhex(x.value) order by r.created_at, r.id limit $3)
         order by c.created_at, c.id"
    );
    let pg = rows!(
        "where c.id = any(array(
             select r.id from json_array_elements_text($2::json) as x(value)
             cross join lateral (
                 select id from comments where parent_id = x.value::uuid order by created_at, id limit $3) r))
         order by c.created_at, c.id"
    );
    let rows: Vec<Row> = each!(conn, |c|
        sqlite: sqlx::query_as(sqlite).bind(viewer).bind(&asked).bind(ANSWERS_SHOWN).fetch_all(c).await,
        pg: sqlx::query_as(pg).bind(viewer).bind(&asked).bind(ANSWERS_SHOWN).fetch_all(c).await)?;
    let mut answers: HashMap<CommentId, Vec<Comment>> = HashMap::new();
    for row in rows {
        if let Some(parent) = row.parent_id {
            answers.entry(parent).or_default().push(row.comment(Vec::new()));
        }
    }
    Ok(answers)
}

/// One comment with a page of the answers to it.
async fn one(
    conn: &mut Conn,
    viewer: UserId,
    party: PartyId,
    of: CommentId,
    after: Option<Anchor>,
) -> Result<(Vec<Comment>, Option<Anchor>), AppError> {
    let top: Row = fetch_optional!(conn, Row, rows!("where c.id = $2 and c.party_id = $3 and c.parent_id is null"), viewer, of, party)?
        .ok_or(AppError::NotFound)?;
    let (key, id) = after.map_or((i64::MIN, Uuid::nil()), |anchor| (anchor.key, anchor.id));
    let sql = rows!("where c.parent_id = $2 and (c.created_at, c.id) > ($3, $4) order by c.created_at, c.id limit $5");
    let mut rows: Vec<Row> = fetch_all!(conn, Row, sql, viewer, of, key, id, COMMENTS_PAGE as i64 + 1)?;
    let next = cut(&mut rows);
    let replies = rows.into_iter().map(|row| row.comment(Vec::new())).collect();
    Ok((vec![top.comment(replies)], next))
}

/// What the address says that the reader is about to do, as far as it can be done.
async fn in_hand(conn: &mut Conn, party: PartyId, query: &ThreadQuery, me: UserId) -> Result<Option<InHand>, AppError> {
    let (Some(id), is_edit) = (query.edit.or(query.reply), query.edit.is_some()) else { return Ok(None) };
    let found: Option<(UserId, String, String)> = fetch_optional!(
        conn,
        (UserId, String, String),
        "select c.author_id, u.nickname, c.body from comments c join users u on u.id = c.author_id
         where c.id = $1 and c.party_id = $2 and c.deleted_at is null",
        id,
        party
    )?;
    Ok(found.and_then(|(author, nickname, body)| match is_edit {
        true => (author == me).then_some(InHand::Edit { id, text: body }),
        false => Some(InHand::Reply { id, nickname, text: excerpt(&body) }),
    }))
}

/// The newest words under a party after the names of their writers, each in one line, the newest first; without those of people whom the reader blocks.
///
/// # Errors
/// When the database fails.
pub async fn newest(conn: &mut Conn, party: PartyId, viewer: Option<UserId>, most: i64) -> Result<Vec<(String, String)>, AppError> {
    let rows: Vec<(String, String)> = fetch_all!(
        conn,
        (String, String),
        "select u.nickname, c.body from comments c join users u on u.id = c.author_id
         where c.party_id = $1 and c.parent_id is null and c.deleted_at is null
             and not exists (select 1 from blocks b where b.user_id = $2 and b.blocked_id = c.author_id)
         order by c.created_at desc, c.id desc limit $3",
        party,
        viewer,
        most
    )?;
    Ok(rows.into_iter().map(|(nickname, body)| (nickname, excerpt(&body))).collect())
}
