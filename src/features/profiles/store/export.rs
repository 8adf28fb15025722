//! Everything that is a person's own, as one JSON document that is written while it is read: a part at a time, so that neither its
//! length nor a slow reader holds memory or a connection.

use super::said::said;
use crate::features::accounts::store::{signed_in, title_for};
use crate::server::db::{Conn, Db};
use crate::shared::error::AppError;
use crate::shared::ids::{CommentId, ImageId, PartyId, RoomId, SessionId, UserId};
use crate::shared::images::{Size, path};
use crate::shared::time::Timestamp;
use crate::{fetch_all, fetch_optional};
use futures_util::stream::{Stream, try_unfold};
use serde::{Serialize, Serializer};
use uuid::Uuid;

/// Rows that are read together.
pub(super) const CHUNK: i64 = 500;

pub(super) fn iso<S: Serializer>(at: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&at.iso())
}

fn iso_if<S: Serializer>(at: &Option<Timestamp>, serializer: S) -> Result<S::Ok, S::Error> {
    at.map(Timestamp::iso).serialize(serializer)
}

/// Where its owner finds it, as long as there is the account.
fn address<S: Serializer>(id: &ImageId, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&path(*id, Size::Large))
}

fn address_if<S: Serializer>(id: &Option<ImageId>, serializer: S) -> Result<S::Ok, S::Error> {
    id.map(|id| path(id, Size::Large)).serialize(serializer)
}

/// Where to go on: the last row's number and name.
pub(super) type After = (i64, Uuid);
/// Rows as JSON, and where to go on, if there may be more.
pub(super) type Rows = (Vec<String>, Option<After>);

/// A kind of row: its fields, and the statement that reads those of `$1` after `($2, $3)`, at most `$4`. `number` and `name` say
/// where a row stands; they are not written.
macro_rules! kinds {
    ($($name:ident { $($(#[$attr:meta])* $field:ident: $type:ty),* $(,)? } $sql:expr;)*) => {
        $(
            #[derive(Serialize, sqlx::FromRow)]
            struct $name {
                #[serde(skip)]
                number: i64,
                #[serde(skip)]
                name: Uuid,
                $($(#[$attr])* $field: $type),*
            }

            impl $name {
                async fn read(conn: &mut Conn, user: UserId, (number, name): After) -> Result<Rows, AppError> {
                    let rows: Vec<Self> = fetch_all!(conn, Self, $sql, user, number, name, CHUNK)?;
                    let next = rows.last().filter(|_| rows.len() as i64 == CHUNK).map(|row| (row.number, row.name));
                    let rows: Result<_, _> = rows.iter().map(serde_json::to_string).collect();
                    Ok((rows.map_err(|_| AppError::Internal)?, next))
                }
            }
        )*
    };
}

kinds! {
    Session {
        id: SessionId,
        user_agent: String,
        #[serde(serialize_with = "iso")]
        created_at: Timestamp,
        #[serde(serialize_with = "iso")]
        last_seen_at: Timestamp,
        #[serde(serialize_with = "iso_if")]
        ended_at: Option<Timestamp>,
    } "select created_at as number, id as name, id, user_agent, created_at, last_seen_at, ended_at from sessions
       where user_id = $1 and (created_at, id) > ($2, $3) order by created_at, id limit $4";
    Login {
        issuer: String,
        subject: String,
        #[serde(serialize_with = "iso")]
        created_at: Timestamp,
    } "select created_at as number, id as name, issuer, subject, created_at from identities
       where user_id = $1 and (created_at, id) > ($2, $3) order by created_at, id limit $4";
    Hosted {
        id: PartyId,
        is_host: bool,
        kind: String,
        category: Option<String>,
        title: String,
        body: Option<String>,
        state: String,
        joining: String,
        region: Option<i64>,
        shop: Option<String>,
        shop_link: Option<String>,
        pickup: Option<String>,
        fee: Option<i64>,
        minimum: Option<i64>,
        seats: i32,
        outside: i32,
        #[serde(serialize_with = "iso")]
        deadline_at: Timestamp,
        #[serde(serialize_with = "iso")]
        created_at: Timestamp,
    } "select p.created_at as number, p.id as name, p.id, p.host_id = $1 as is_host, p.kind, p.category, p.title, p.state, p.joining, p.region,
           case when coalesce(p.writer_id, p.host_id) = $1 then p.body end as body,
           case when coalesce(p.writer_id, p.host_id) = $1 then m.shop end as shop,
           case when coalesce(p.writer_id, p.host_id) = $1 then m.shop_link end as shop_link,
           case when coalesce(p.writer_id, p.host_id) = $1 then m.pickup end as pickup,
           m.fee, m.minimum, p.seats, p.outside, p.deadline_at, p.created_at
       from parties p left join meals m on m.party_id = p.id
       where (p.host_id = $1 or p.writer_id = $1) and (p.created_at, p.id) > ($2, $3) order by p.created_at, p.id limit $4";
    Seat {
        party: PartyId,
        title: String,
        #[serde(serialize_with = "iso")]
        joined_at: Timestamp,
    } "select m.joined_at as number, p.id as name, p.id as party, p.title, m.joined_at from party_members m join parties p on p.id = m.party_id
       where m.user_id = $1 and (m.joined_at, p.id) > ($2, $3) order by m.joined_at, p.id limit $4";
    Ordered {
        party: PartyId,
        what: String,
        price: i64,
        count: i32,
        #[serde(serialize_with = "iso")]
        created_at: Timestamp,
    } "select created_at as number, id as name, party_id as party, name as what, price, count, created_at from bill_items
       where user_id = $1 and (created_at, id) > ($2, $3) order by created_at, id limit $4";
    Payment {
        party: PartyId,
        sent: Option<i64>,
        #[serde(serialize_with = "iso_if")]
        sent_at: Option<Timestamp>,
        received: Option<i64>,
        #[serde(serialize_with = "iso_if")]
        received_at: Option<Timestamp>,
        #[serde(serialize_with = "iso_if")]
        reminded_at: Option<Timestamp>,
    } "select cast(0 as bigint) as number, party_id as name, party_id as party, sent, sent_at, received, received_at, reminded_at from payments
       where user_id = $1 and (0, party_id) > ($2, $3) order by party_id limit $4";
    Settled {
        party: PartyId,
        what: String,
        amount: Option<i64>,
        label: String,
        #[serde(serialize_with = "iso")]
        created_at: Timestamp,
    } "select created_at as number, id as name, party_id as party, what, amount, label, created_at from bill_history
       where actor_id = $1 and (created_at, id) > ($2, $3) order by created_at, id limit $4";
    Extra {
        party: PartyId,
        label: String,
        amount: i64,
        #[serde(serialize_with = "iso")]
        created_at: Timestamp,
    } "select created_at as number, id as name, party_id as party, label, amount, created_at from bill_extras
       where author_id = $1 and (created_at, id) > ($2, $3) order by created_at, id limit $4";
    Terms {
        party: PartyId,
        fee: i64,
        split: String,
        account: String,
        link: Option<String>,
        #[serde(serialize_with = "iso")]
        updated_at: Timestamp,
    } "select updated_at as number, party_id as name, party_id as party, fee, split, account, link, updated_at from settlements
       where set_by = $1 and (updated_at, party_id) > ($2, $3) order by updated_at, party_id limit $4";
    Asked {
        question: String,
        answer: String,
        state: String,
        #[serde(serialize_with = "iso")]
        asked_at: Timestamp,
    } "select asked_at as number, id as name, question, answer, state, asked_at from suggestion_questions
       where user_id = $1 and (asked_at, id) > ($2, $3) order by asked_at, id limit $4";
    Request {
        party: PartyId,
        title: String,
        kind: String,
        message: String,
        #[serde(serialize_with = "iso")]
        created_at: Timestamp,
    } concat!("select r.created_at as number, p.id as name, p.id as party, r.kind, r.message, r.created_at, ", title_for!("$1"), "
       from party_requests r join parties p on p.id = r.party_id
       where r.user_id = $1 and (r.created_at, p.id) > ($2, $3) order by r.created_at, p.id limit $4");
    Kept {
        party: PartyId,
        title: String,
        #[serde(serialize_with = "iso")]
        created_at: Timestamp,
    } concat!("select b.created_at as number, p.id as name, p.id as party, b.created_at, ", title_for!("$1"), "
       from bookmarks b join parties p on p.id = b.party_id
       where b.user_id = $1 and (b.created_at, p.id) > ($2, $3) order by b.created_at, p.id limit $4");
    Room {
        room: RoomId,
        kind: String,
        party: Option<PartyId>,
        title: Option<String>,
        #[serde(rename = "with")]
        with_person: Option<UserId>,
        nickname: Option<String>,
        #[serde(serialize_with = "iso")]
        joined_at: Timestamp,
        #[serde(serialize_with = "iso_if")]
        left_at: Option<Timestamp>,
        is_hidden: bool,
        is_muted: bool,
        read: i64,
    } concat!("select m.joined_at as number, r.id as name, r.id as room, r.kind, p.id as party, ", title_for!("$1"), ", ou.id as with_person,
           case when ou.closed_at is null then ou.nickname end as nickname, m.joined_at, m.left_at, m.hidden as is_hidden, m.muted as is_muted,
           m.read_seq as read
       from room_members m join rooms r on r.id = m.room_id left join parties p on p.room_id = r.id
       left join room_members o on r.kind = 'direct' and o.room_id = r.id and o.user_id <> m.user_id left join users ou on ou.id = o.user_id
       where m.user_id = $1 and (m.joined_at, r.id) > ($2, $3) order by m.joined_at, r.id limit $4");
    Image {
        #[serde(rename = "address", serialize_with = "address")]
        id: ImageId,
        party: Option<PartyId>,
        room: Option<RoomId>,
        #[serde(serialize_with = "iso")]
        created_at: Timestamp,
    } "select i.created_at as number, i.id as name, i.id, i.party_id as party, i.room_id as room, i.created_at from images i
       where i.owner_id = $1 and (i.created_at, i.id) > ($2, $3) order by i.created_at, i.id limit $4";
    Comment {
        id: CommentId,
        party: PartyId,
        parent: Option<CommentId>,
        text: String,
        #[serde(serialize_with = "iso")]
        created_at: Timestamp,
        #[serde(serialize_with = "iso_if")]
        edited_at: Option<Timestamp>,
    } "select created_at as number, id as name, id, party_id as party, parent_id as parent, body as text, created_at, edited_at from comments
       where author_id = $1 and deleted_at is null and (created_at, id) > ($2, $3) order by created_at, id limit $4";
    Like {
        comment: CommentId,
        #[serde(serialize_with = "iso")]
        created_at: Timestamp,
    } "select created_at as number, comment_id as name, comment_id as comment, created_at from comment_likes
       where user_id = $1 and (created_at, comment_id) > ($2, $3) order by created_at, comment_id limit $4";
    Report {
        party: PartyId,
        reason: String,
        text: String,
        #[serde(serialize_with = "iso")]
        created_at: Timestamp,
    } "select created_at as number, id as name, target_id as party, reason, body as text, created_at from reports
       where reporter_id = $1 and (created_at, id) > ($2, $3) order by created_at, id limit $4";
    Blocked {
        person: UserId,
        nickname: Option<String>,
        #[serde(serialize_with = "iso")]
        created_at: Timestamp,
    } "select b.created_at as number, u.id as name, u.id as person, case when u.closed_at is null then u.nickname end as nickname, b.created_at from blocks b join users u on u.id = b.blocked_id
       where b.user_id = $1 and (b.created_at, u.id) > ($2, $3) order by b.created_at, u.id limit $4";
    Notice {
        kind: String,
        party: PartyId,
        times: i64,
        #[serde(serialize_with = "iso")]
        created_at: Timestamp,
        #[serde(serialize_with = "iso_if")]
        read_at: Option<Timestamp>,
    } "select created_at as number, id as name, kind, party_id as party, times, created_at, read_at from notices
       where user_id = $1 and (created_at, id) > ($2, $3) order by created_at, id limit $4";
}

#[derive(Serialize, sqlx::FromRow)]
struct Account {
    email: String,
    nickname: String,
    #[serde(serialize_with = "address_if")]
    face: Option<ImageId>,
    intro: String,
    birth_date: String,
    gender: String,
    region: Option<i64>,
    school: Option<String>,
    admission_year: Option<i32>,
    #[serde(serialize_with = "iso_if")]
    school_proved_at: Option<Timestamp>,
    #[serde(serialize_with = "iso_if")]
    school_proved_until: Option<Timestamp>,
    lang: Option<String>,
    theme: Option<String>,
    #[serde(serialize_with = "iso")]
    created_at: Timestamp,
    #[serde(serialize_with = "iso_if")]
    verified_at: Option<Timestamp>,
}

/// The parts after the account, in their order.
const PARTS: [&str; 20] = [
    "sessions",
    "logins",
    "hosted",
    "seats",
    "ordered",
    "payments",
    "settling",
    "extras",
    "terms",
    "questions",
    "requests",
    "kept",
    "rooms",
    "messages",
    "images",
    "comments",
    "liked_comments",
    "reports",
    "blocked",
    "notices",
];

async fn part(conn: &mut Conn, part: &str, user: UserId, after: After) -> Result<Rows, AppError> {
    match part {
        "sessions" => Session::read(conn, user, after).await,
        "logins" => Login::read(conn, user, after).await,
        "hosted" => Hosted::read(conn, user, after).await,
        "seats" => Seat::read(conn, user, after).await,
        "ordered" => Ordered::read(conn, user, after).await,
        "payments" => Payment::read(conn, user, after).await,
        "settling" => Settled::read(conn, user, after).await,
        "extras" => Extra::read(conn, user, after).await,
        "terms" => Terms::read(conn, user, after).await,
        "questions" => Asked::read(conn, user, after).await,
        "requests" => Request::read(conn, user, after).await,
        "kept" => Kept::read(conn, user, after).await,
        "rooms" => Room::read(conn, user, after).await,
        "messages" => said(conn, user, after).await,
        "images" => Image::read(conn, user, after).await,
        "comments" => Comment::read(conn, user, after).await,
        "liked_comments" => Like::read(conn, user, after).await,
        "reports" => Report::read(conn, user, after).await,
        "blocked" => Blocked::read(conn, user, after).await,
        _ => Notice::read(conn, user, after).await,
    }
}

/// What is written next.
enum Next {
    Account(String),
    /// Rows of a part after a place; whether it is the part's beginning.
    Rows(usize, After, bool),
    End,
}

/// A person's own things, in pieces that make one JSON object, for as long as the session lasts that asked for them.
///
/// # Errors
/// When the database fails at the first piece; later the stream ends with the error, also when the session has ended meanwhile.
pub async fn export(db: Db, session: SessionId, user: UserId) -> Result<impl Stream<Item = Result<String, AppError>> + Send, AppError> {
    let account = account(&mut db.read().await?, user).await?;
    Ok(try_unfold((db, Next::Account(account)), move |(db, next)| async move {
        const START: After = (i64::MIN, Uuid::nil());
        let (piece, next) = match next {
            Next::End => return Ok(None),
            Next::Account(account) => (format!("{{\"account\":{account}"), Next::Rows(0, START, true)),
            Next::Rows(at, after, is_first) => match PARTS.get(at) {
                None => ("}\n".to_owned(), Next::End),
                Some(name) => {
                    let mut conn = db.read().await?;
                    stays(&mut conn, session).await?;
                    let (rows, next) = part(&mut conn, name, user, after).await?;
                    drop(conn);
                    let text = rows.join(",\n");
                    let open = if is_first { format!(",\n\"{name}\":[") } else { ",\n".to_owned() };
                    match next {
                        Some(place) if text.is_empty() => (text, Next::Rows(at, place, is_first)),
                        Some(place) => (format!("{open}{text}"), Next::Rows(at, place, false)),
                        // A part that ended exactly with the piece before has no comma to follow.
                        None if text.is_empty() && !is_first => ("]".to_owned(), Next::Rows(at + 1, START, true)),
                        None => (format!("{open}{text}]"), Next::Rows(at + 1, START, true)),
                    }
                }
            },
        };
        Ok(Some((piece, (db, next))))
    }))
}

/// Whoever takes things along has to be signed in to the end: files are read slowly.
///
/// # Errors
/// [`AppError::SignInRequired`] when they are not any more.
pub(super) async fn stays(conn: &mut Conn, session: SessionId) -> Result<(), AppError> {
    signed_in(conn, session).await?.map(drop).ok_or(AppError::SignInRequired)
}

async fn account(conn: &mut Conn, user: UserId) -> Result<String, AppError> {
    let row: Option<Account> = fetch_optional!(
        conn,
        Account,
        "select u.email, u.nickname, u.face_id as face, u.intro, u.birth_date, u.gender, u.region, u.school, u.admission_year,
             p.proved_at as school_proved_at, p.until_at as school_proved_until, u.lang, u.theme, u.created_at, u.verified_at
         from users u left join school_proofs p on p.user_id = u.id where u.id = $1 and u.closed_at is null",
        user
    )?;
    serde_json::to_string(&row.ok_or(AppError::NotFound)?).map_err(|_| AppError::Internal)
}
