//! All that a settlement is figured out from, and what comes of it.

use crate::features::settlements::model::{
    Change, Extra, ExtraLine, HISTORY, Line, MAX_EXTRAS, Paid, Payer, Payment, REMINDING, Settlement, Share, Split, Terms, What, payers,
    receipt, shares,
};
use crate::server::db::Conn;
use crate::shared::error::AppError;
use crate::shared::ids::{ItemId, PartyId, UserId};
use crate::shared::time::Timestamp;
use crate::{fetch_all, fetch_one, fetch_optional};

/// Most people at a table, by the constraint of its seats.
const MOST_PEOPLE: i64 = 30;

#[derive(sqlx::FromRow)]
struct TermsRow {
    fee: i64,
    split: String,
    account: String,
    link: Option<String>,
    set_by: UserId,
    nickname: String,
    updated_at: Timestamp,
}

/// A settlement, as far as it has come.
pub(super) struct Sheet {
    pub host: UserId,
    pub terms: Option<Terms>,
    pub extras: Vec<ExtraLine>,
    pub payers: Vec<Payer>,
    /// What was paid to the shop; below nothing while more is taken off than there is to pay.
    pub receipt: i64,
    shares: Vec<Share>,
    marks: Vec<Marks>,
}

#[derive(sqlx::FromRow)]
struct Marks {
    user_id: UserId,
    sent: Option<i64>,
    sent_at: Option<Timestamp>,
    received: Option<i64>,
    received_at: Option<Timestamp>,
    received_by: Option<UserId>,
    reminded_at: Option<Timestamp>,
}

impl Marks {
    /// What is said of it under this host. What an earlier host has received, and what was sent before that, did not come to this one.
    fn paid(&self, host: UserId) -> Paid {
        if self.received.is_none() || self.received_by == Some(host) {
            return Paid { sent: self.sent, received: self.received, elsewhere: None };
        }
        Paid { sent: self.sent.filter(|_| self.sent_at > self.received_at), received: None, elsewhere: self.received }
    }
}

/// What those had ordered whom the host has released since it was ordered, in won: it was paid to the shop all the same.
pub(super) async fn released(conn: &mut Conn, party: PartyId) -> Result<i64, AppError> {
    let (sum,): (i64,) = fetch_one!(
        conn,
        (i64,),
        "select cast(coalesce(sum(i.price * i.count), 0) as bigint) from party_bans b
         join bill_items i on i.party_id = b.party_id and i.user_id = b.user_id where b.party_id = $1 and b.has_ordered = 1",
        party
    )?;
    Ok(sum)
}

/// The settlement of a party. Ask only for somebody who may know, or under the party's lock. Before the host has said how to settle, it
/// is as if nothing were shared.
pub(super) async fn sheet(conn: &mut Conn, party: PartyId) -> Result<Sheet, AppError> {
    sheet_with(conn, party, 0).await
}

/// The same, with the fee that is expected before the host has said what it was.
pub(super) async fn sheet_with(conn: &mut Conn, party: PartyId, expected: i64) -> Result<Sheet, AppError> {
    let sql = "select host_id, outside, outside_of from parties where id = $1";
    let head: Option<(UserId, i32, Option<UserId>)> = fetch_optional!(conn, (UserId, i32, Option<UserId>), sql, party)?;
    let (host, outside, outside_of) = head.ok_or(AppError::NotFound)?;
    // Where to send money is nobody's business any more once its owner has closed their account, or does not sit there.
    let terms: Option<TermsRow> = fetch_optional!(
        conn,
        TermsRow,
        "select s.fee, s.split, case when u.closed_at is null and m.user_id is not null then s.account else '' end as account,
                case when u.closed_at is null and m.user_id is not null then s.link end as link, s.set_by, u.nickname, s.updated_at
         from settlements s join users u on u.id = s.set_by
              left join party_members m on m.party_id = s.party_id and m.user_id = s.set_by
         where s.party_id = $1",
        party
    )?;
    let people: Vec<(UserId, i64)> = fetch_all!(
        conn,
        (UserId, i64),
        "select m.user_id, cast(coalesce((select sum(i.price * i.count) from bill_items i where i.party_id = m.party_id and i.user_id = m.user_id), 0) as bigint)
         from party_members m where m.party_id = $1 order by m.joined_at, m.user_id limit $2",
        party,
        MOST_PEOPLE
    )?;
    let extras: Vec<(ItemId, String, i64, Option<UserId>)> = fetch_all!(
        conn,
        (ItemId, String, i64, Option<UserId>),
        "select id, label, amount, user_id from bill_extras where party_id = $1 order by created_at, id limit $2",
        party,
        MAX_EXTRAS
    )?;
    let marks: Vec<Marks> = fetch_all!(
        conn,
        Marks,
        "select p.user_id, p.sent, p.sent_at, p.received, p.received_at, p.received_by, p.reminded_at from payments p
         join party_members m on m.party_id = p.party_id and m.user_id = p.user_id where p.party_id = $1 limit $2",
        party,
        MOST_PEOPLE
    )?;
    let released = released(conn, party).await?;
    // What was added for somebody who was released since is the host's, as what they had ordered is.
    let whose = |whom: UserId| if people.iter().any(|(id, _)| *id == whom) { whom } else { host };
    let extras: Vec<ExtraLine> =
        extras.into_iter().map(|(id, label, amount, whom)| ExtraLine { id, label, amount, whom: whom.map(whose) }).collect();
    let payers = payers(&people, host, outside, outside_of);
    let (fee, split) =
        terms.as_ref().map_or((expected, Split::Equal), |terms| (terms.fee, Split::from_code(&terms.split).unwrap_or_default()));
    let figures: Vec<Extra> = extras
        .iter()
        .map(|extra| Extra { whom: extra.whom, amount: extra.amount })
        .chain([Extra { whom: Some(host), amount: released }])
        .collect();
    Ok(Sheet {
        host,
        receipt: receipt(&payers, fee, &figures),
        shares: shares(&payers, fee, split, &figures).unwrap_or_default(),
        terms: terms.map(|terms| Terms {
            fee: terms.fee,
            split,
            account: terms.account,
            link: terms.link,
            by: terms.nickname,
            is_hosts: terms.set_by == host,
            set_at: terms.updated_at,
        }),
        extras,
        payers,
        marks,
    })
}

impl Sheet {
    /// What each pays, and how that stands.
    pub fn lines(&self) -> impl Iterator<Item = Line> {
        self.shares.iter().map(|share| {
            let marks = self.marks.iter().find(|marks| marks.user_id == share.id);
            let paid = marks.map(|marks| marks.paid(self.host)).unwrap_or_default();
            Line {
                person: share.id,
                amount: share.amount,
                is_rounded_up: share.is_rounded_up,
                payment: Payment::of(share.amount, share.id == self.host, paid),
                sent: paid.sent,
                received: paid.received,
                reminded_until: marks.and_then(|marks| marks.reminded_at).map(|at| at + REMINDING),
            }
        })
    }

    /// Whether the host has said how to settle and nobody owes anything.
    pub fn is_paid(&self) -> bool {
        self.terms.is_some() && !self.shares.is_empty() && self.lines().all(|line| line.is_done())
    }

    /// The same for the page, with the latest changes.
    pub async fn settlement(self, conn: &mut Conn, party: PartyId) -> Result<Settlement, AppError> {
        let lines = self.lines().collect();
        Ok(Settlement { lines, receipt: self.receipt, history: history(conn, party).await?, terms: self.terms, extras: self.extras })
    }
}

#[derive(sqlx::FromRow)]
struct ChangeRow {
    what: String,
    actor: String,
    subject: Option<String>,
    amount: Option<i64>,
    label: String,
    created_at: Timestamp,
}

async fn history(conn: &mut Conn, party: PartyId) -> Result<Vec<Change>, AppError> {
    let rows: Vec<ChangeRow> = fetch_all!(
        conn,
        ChangeRow,
        "select h.what, a.nickname as actor, s.nickname as subject, h.amount, h.label, h.created_at
         from bill_history h join users a on a.id = h.actor_id left join users s on s.id = h.subject_id
         where h.party_id = $1 order by h.created_at desc, h.id desc limit $2",
        party,
        HISTORY
    )?;
    // What another version has written is not told.
    Ok(rows
        .into_iter()
        .filter_map(|row| {
            let what = What::from_code(&row.what)?;
            Some(Change { what, actor: row.actor, subject: row.subject, amount: row.amount, label: row.label, at: row.created_at })
        })
        .collect())
}
