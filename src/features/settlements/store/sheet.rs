//! All that a settlement is figured out from, and what comes of it.

use crate::features::settlements::model::{
    Change, Extra, ExtraLine, HISTORY, Line, MAX_EXTRAS, Payer, Payment, REMINDING, Settlement, Share, Split, Terms, What, receipt, shares,
};
use crate::server::db::Conn;
use crate::shared::error::AppError;
use crate::shared::ids::{ItemId, PartyId, UserId};
use crate::shared::time::Timestamp;
use crate::{fetch_all, fetch_optional};

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
    received: Option<i64>,
    reminded_at: Option<Timestamp>,
}

/// The settlement of a party. Ask only for somebody who may know, or under the party's lock. Before the host has said how to settle, it
/// is as if nothing were shared.
pub(super) async fn sheet(conn: &mut Conn, party: PartyId) -> Result<Sheet, AppError> {
    sheet_with(conn, party, 0).await
}

/// The same, with the fee that is expected before the host has said what it was.
pub(super) async fn sheet_with(conn: &mut Conn, party: PartyId, expected: i64) -> Result<Sheet, AppError> {
    let sql = "select host_id, outside from parties where id = $1";
    let head: Option<(UserId, i32)> = fetch_optional!(conn, (UserId, i32), sql, party)?;
    let (host, outside) = head.ok_or(AppError::NotFound)?;
    let terms: Option<TermsRow> = fetch_optional!(
        conn,
        TermsRow,
        "select s.fee, s.split, s.account, s.link, s.set_by, u.nickname from settlements s join users u on u.id = s.set_by where s.party_id = $1",
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
        "select e.id, e.label, e.amount, e.user_id from bill_extras e
         where e.party_id = $1 and (e.user_id is null or exists (select 1 from party_members m where m.party_id = $1 and m.user_id = e.user_id))
         order by e.created_at, e.id limit $2",
        party,
        MAX_EXTRAS
    )?;
    let marks: Vec<Marks> = fetch_all!(
        conn,
        Marks,
        "select p.user_id, p.sent, p.received, p.reminded_at from payments p
         join party_members m on m.party_id = p.party_id and m.user_id = p.user_id where p.party_id = $1 limit $2",
        party,
        MOST_PEOPLE
    )?;
    let payers: Vec<Payer> = (1..)
        .zip(people)
        .map(|(place, (id, items))| {
            let is_host = id == host;
            Payer { id, place: if is_host { 0 } else { place }, heads: 1 + if is_host { i64::from(outside) } else { 0 }, items }
        })
        .collect();
    let extras: Vec<ExtraLine> = extras.into_iter().map(|(id, label, amount, whom)| ExtraLine { id, label, amount, whom }).collect();
    let (fee, split) =
        terms.as_ref().map_or((expected, Split::Equal), |terms| (terms.fee, Split::from_code(&terms.split).unwrap_or_default()));
    let figures: Vec<Extra> = extras.iter().map(|extra| Extra { whom: extra.whom, amount: extra.amount }).collect();
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
            let (sent, received) = marks.map_or((None, None), |marks| (marks.sent, marks.received));
            Line {
                person: share.id,
                amount: share.amount,
                is_rounded_up: share.is_rounded_up,
                payment: Payment::of(share.amount, share.id == self.host, sent, received),
                reminded_until: marks.and_then(|marks| marks.reminded_at).map(|at| at + REMINDING),
            }
        })
    }

    /// Whether the host has said how to settle and nobody owes anything.
    pub fn is_paid(&self) -> bool {
        self.terms.is_some() && !self.shares.is_empty() && self.lines().all(|line| line.payment.is_done())
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
