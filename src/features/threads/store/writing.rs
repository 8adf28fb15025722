//! Writing, changing, deleting, liking.

use crate::features::notices;
use crate::features::notices::model::NoticeKind;
use crate::features::notices::store::{Cause, To};
use crate::server::db::Conn;
use crate::server::rate_limit::Limit;
use crate::shared::error::{AppError, Conflict};
use crate::shared::ids::{CommentId, PartyId, UserId};
use crate::shared::time::{Span, Timestamp};
use crate::{each, execute, fetch_optional};
use uuid::Uuid;

/// What one person may write.
pub const COMMENTING: Limit = Limit { name: "comment", attempts: 20, window: Span::minutes(5) };

/// A comment that may be stored.
#[derive(Clone, Debug)]
pub struct NewComment {
    /// About what.
    pub party: PartyId,
    /// Its name.
    pub id: CommentId,
    /// What it answers.
    pub parent: Option<CommentId>,
    /// 1 to [`super::super::model::MAX_COMMENT`] characters.
    pub text: String,
}

#[derive(sqlx::FromRow)]
struct Above {
    author_id: UserId,
    top: CommentId,
    is_top: bool,
}

/// Stores a comment; who was told. The same one again is stored once.
///
/// # Errors
/// [`AppError::NotFound`] when there is no such party, or no more; [`Conflict::Banned`] for somebody whom its host removed;
/// [`Conflict::Stale`] when what it answers is gone.
pub async fn write(tx: &mut Conn, author: UserId, new: &NewComment, now: Timestamp) -> Result<Vec<UserId>, AppError> {
    // Locked first: whether somebody was removed is asked of what is then.
    lock(tx, new.party).await?;
    let host: Option<(UserId,)> = fetch_optional!(
        tx,
        (UserId,),
        "update parties set comments = comments + 1
         where id = $1 and state <> 'cancelled' and not exists (select 1 from party_bans b where b.party_id = $1 and b.user_id = $2)
         returning host_id",
        new.party,
        author
    )?;
    let Some((host,)) = host else { return Err(why_not(tx, new.party, author).await?) };
    let above: Option<Above> = match new.parent {
        None => None,
        Some(parent) => fetch_optional!(
            tx,
            Above,
            "select author_id, coalesce(parent_id, id) as top, parent_id is null as is_top
             from comments where id = $1 and party_id = $2 and deleted_at is null",
            parent,
            new.party
        )?
        .map(Some)
        .ok_or(Conflict::Stale)?,
    };
    let answered = above.as_ref().filter(|above| !above.is_top).map(|above| above.author_id);
    let parent = above.as_ref().map(|above| above.top);
    if insert(tx, author, new, parent, answered, now).await? == 0 {
        let sql = "select author_id, body from comments where id = $1";
        let known: Option<(UserId, String)> = fetch_optional!(tx, (UserId, String), sql, new.id)?;
        if known.is_some_and(|(writer, text)| writer == author && text == new.text) {
            execute!(tx, "update parties set comments = comments - 1 where id = $1", new.party)?;
            return Ok(Vec::new());
        }
        // A form that the browser kept has the name of what was sent with it before; this is something else.
        let renamed = NewComment { id: CommentId(Uuid::now_v7()), ..new.clone() };
        insert(tx, author, &renamed, parent, answered, now).await?;
    }
    let mut told = Vec::new();
    let cause = |kind| Cause { kind, party: new.party, actor: Some(author) };
    if let Some(above) = &above {
        execute!(tx, "update comments set replies = replies + 1 where id = $1", above.top)?;
        told.extend(notices::store::tell(tx, To::One(above.author_id), &cause(NoticeKind::Replied), now).await?);
    }
    if above.is_none_or(|above| above.author_id != host) {
        told.extend(notices::store::tell(tx, To::One(host), &cause(NoticeKind::Commented), now).await?);
    }
    Ok(told)
}

async fn insert(
    tx: &mut Conn,
    author: UserId,
    new: &NewComment,
    parent: Option<CommentId>,
    answered: Option<UserId>,
    now: Timestamp,
) -> Result<u64, AppError> {
    Ok(execute!(
        tx,
        "insert into comments (id, party_id, parent_id, answered_id, author_id, body, created_at)
         values ($1, $2, $3, $4, $5, $6, $7) on conflict (id) do nothing",
        new.id,
        new.party,
        parent,
        answered,
        author,
        &new.text,
        now
    )?)
}

/// Why somebody may not write under a party.
async fn why_not(conn: &mut Conn, party: PartyId, user: UserId) -> Result<AppError, AppError> {
    let sql = "select b.created_at from party_bans b join parties p on p.id = b.party_id
               where b.party_id = $1 and b.user_id = $2 and p.state <> 'cancelled'";
    let banned = fetch_optional!(conn, (i64,), sql, party, user)?;
    Ok(if banned.is_some() { Conflict::Banned.into() } else { AppError::NotFound })
}

/// Puts other words in the place of what somebody wrote; under which party.
///
/// # Errors
/// [`AppError::NotFound`] when they did not write it, or it is deleted; [`Conflict::Banned`] when the host has removed them.
pub async fn change(tx: &mut Conn, author: UserId, id: CommentId, text: &str, now: Timestamp) -> Result<PartyId, AppError> {
    let sql = "select party_id from comments where id = $1 and author_id = $2 and deleted_at is null";
    let (party,) = fetch_optional!(tx, (PartyId,), sql, id, author)?.ok_or(AppError::NotFound)?;
    let changed = execute!(
        tx,
        "update comments set edited_at = case when body = $3 then edited_at else $4 end, body = $3
         where id = $1 and author_id = $2 and deleted_at is null
           and exists (select 1 from parties p where p.id = party_id and p.state <> 'cancelled')
           and not exists (select 1 from party_bans b where b.party_id = comments.party_id and b.user_id = $2)",
        id,
        author,
        text,
        now
    )?;
    if changed == 0 { Err(why_not(tx, party, author).await?) } else { Ok(party) }
}

/// Takes back what somebody wrote; under which party, while that is known. One that was answered leaves its place, and one that
/// was not leaves nothing. Twice is once.
///
/// # Errors
/// [`AppError::NotFound`] when somebody else wrote it.
pub async fn delete(tx: &mut Conn, author: UserId, id: CommentId, now: Timestamp) -> Result<Option<PartyId>, AppError> {
    let sql = "select party_id, author_id from comments where id = $1";
    let Some((party, writer)) = fetch_optional!(tx, (PartyId, UserId), sql, id)? else { return Ok(None) };
    if writer != author {
        return Err(AppError::NotFound);
    }
    lock(tx, party).await?;
    let sql = "update comments set body = '', deleted_at = $3, likes = 0
               where id = $1 and author_id = $2 and deleted_at is null returning parent_id, replies";
    let deleted: Option<(Option<CommentId>, i64)> = fetch_optional!(tx, (Option<CommentId>, i64), sql, id, author, now)?;
    let Some((parent, replies)) = deleted else { return Ok(Some(party)) };
    execute!(tx, "update parties set comments = comments - 1 where id = $1", party)?;
    execute!(tx, "delete from comment_likes where comment_id = $1", id)?;
    if replies == 0 {
        execute!(tx, "delete from comments where id = $1", id)?;
    }
    if let Some(parent) = parent {
        execute!(tx, "update comments set replies = replies - 1 where id = $1", parent)?;
        execute!(tx, "delete from comments where id = $1 and deleted_at is not null and replies = 0", parent)?;
    }
    Ok(Some(party))
}

async fn lock(tx: &mut Conn, party: PartyId) -> Result<(), AppError> {
    each!(tx, |c|
        sqlite: { let _ = c; },
        pg: { sqlx::query("select id from parties where id = $1 for update").bind(party).execute(c).await?; });
    Ok(())
}

/// Counts that somebody likes what somebody else wrote. Twice is once.
///
/// # Errors
/// [`AppError::NotFound`] when it is gone, or their own.
pub async fn like(tx: &mut Conn, user: UserId, id: CommentId, now: Timestamp) -> Result<(), AppError> {
    lock_comment(tx, id).await?;
    let is_new = execute!(
        tx,
        "insert into comment_likes (comment_id, user_id, created_at)
         select c.id, $2, $3 from comments c join parties p on p.id = c.party_id
         where c.id = $1 and c.author_id <> $2 and c.deleted_at is null and p.state <> 'cancelled'
           and not exists (select 1 from party_bans b where b.party_id = c.party_id and b.user_id = $2)
           and not exists (select 1 from comment_likes l where l.comment_id = $1 and l.user_id = $2)",
        id,
        user,
        now
    )?;
    if is_new > 0 {
        execute!(tx, "update comments set likes = likes + 1 where id = $1", id)?;
        return Ok(());
    }
    let sql = "select created_at from comment_likes where comment_id = $1 and user_id = $2";
    fetch_optional!(tx, (i64,), sql, id, user)?.map(drop).ok_or(AppError::NotFound)
}

/// Counts it no more. Twice is once.
///
/// # Errors
/// When the database fails.
pub async fn unlike(tx: &mut Conn, user: UserId, id: CommentId) -> Result<(), AppError> {
    lock_comment(tx, id).await?;
    if execute!(tx, "delete from comment_likes where comment_id = $1 and user_id = $2", id, user)? > 0 {
        execute!(tx, "update comments set likes = likes - 1 where id = $1", id)?;
    }
    Ok(())
}

/// What is counted and the count change together: whoever changes them holds the comment, and sees what was done before.
async fn lock_comment(tx: &mut Conn, id: CommentId) -> Result<(), AppError> {
    each!(tx, |c|
        sqlite: { let _ = c; },
        pg: { sqlx::query("select id from comments where id = $1 for update").bind(id).execute(c).await?; });
    Ok(())
}
