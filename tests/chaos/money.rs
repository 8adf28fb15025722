//! What people order, and who pays what of it; and what has to be true of that at the end.

use super::ledger::{open_for, pause};
use super::people::{Person, Trouble};
use leptos::server_fn::ServerFn;
use moim::features::meals::api::ReadBill;
use moim::features::parties::api::AdvanceParty;
use moim::features::parties::model::Stage;
use moim::features::settlements::api::{MarkReceived, MarkSent, PutExtra, PutItem, RemoveExtra, RemoveItem, SetTerms};
use moim::features::settlements::model::{ExtraForm, ItemForm, Settlement, Split, TermsForm};
use moim::server::db::Conn;
use moim::shared::error::{AppError, Conflict};
use moim::shared::ids::{ItemId, PartyId, UserId};
use moim::{fetch_all, fetch_one};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt::Display;
use std::sync::{Arc, Mutex, MutexGuard};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// Of more things that one person orders, and of more extras of a bill, some are given up again: there may be only so many.
const HELD: usize = 2;

/// Two bills of the same people: while people choose at the one, the other, which was ordered, is settled.
pub struct Money {
    table: PartyId,
    ordered: PartyId,
    till: Arc<Till>,
}

/// Something that people set. Each is set by one person, one deed after the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Thing {
    /// What somebody orders.
    Item(ItemId),
    /// The fee and its split.
    Terms,
    /// What was added to a bill or taken off it.
    Extra(ItemId),
    /// What somebody says that they have sent.
    Sent(UserId),
    /// What the host has received from somebody.
    Received(UserId),
}

/// What is known of a thing: its facts, written out; `None` where it is not there.
#[derive(Debug, Default)]
struct Known {
    /// As was acknowledged.
    told: Option<String>,
    /// As it may be instead: what was asked for since, and not acknowledged.
    open: Vec<Option<String>>,
}

/// What was asked for, and what came of it.
#[derive(Debug, Default)]
struct Till(Mutex<Entries>);

#[derive(Debug, Default)]
struct Entries {
    things: BTreeMap<Thing, Known>,
    acknowledged: usize,
    /// What went wrong.
    broken: Vec<String>,
}

impl Till {
    fn entries(&self) -> MutexGuard<'_, Entries> {
        self.0.lock().expect("unharmed")
    }

    /// Has somebody do something after which a thing has these facts; whether that was acknowledged.
    async fn set<F>(&self, person: &Person, deed: F, thing: Thing, facts: Option<String>) -> bool
    where
        F: ServerFn<Error = AppError, Output = ()> + Serialize,
    {
        self.entries().things.entry(thing).or_default().open.push(facts.clone());
        let done = person.call(deed).await;
        let mut entries = self.entries();
        match done {
            Ok(()) => {
                entries.acknowledged += 1;
                entries.things.insert(thing, Known { told: facts, open: Vec::new() });
                return true;
            }
            // Between what somebody has read and what they do about it, the host has done something else.
            Err(Trouble::Refused(AppError::Conflict(Conflict::Stale))) if !matches!(thing, Thing::Item(_) | Thing::Extra(_)) => {}
            Err(trouble) => entries.suffer(&trouble),
        }
        false
    }

    /// How the bill is settled, as somebody is told; nothing when there is no answer.
    async fn read(&self, person: &Person, id: PartyId) -> Option<Settlement> {
        match person.ask(ReadBill { id }).await {
            Ok(view) => view.settlement,
            Err(trouble) => {
                self.entries().suffer(&trouble);
                None
            }
        }
    }

    /// Enters something that somebody orders, or changes it; each number has facts of its own.
    async fn put_item(&self, person: &Person, party: PartyId, item: ItemId, n: usize, is_change: bool) -> bool {
        let (name, price, count) = (format!("치킨무 {n}"), 500 + 10 * n, 1 + n % 5);
        let facts = item_facts(party, person.id, &name, price, count);
        let (price, count) = (price.to_string(), count.to_string());
        let change = if is_change { "true".to_owned() } else { String::new() };
        let form = ItemForm { party: Some(party), key: item.to_string(), name, price, count, change };
        self.set(person, PutItem { form }, Thing::Item(item), Some(facts)).await
    }

    /// Says what the fee was and how it is split; each number has a fee of its own.
    async fn set_terms(&self, host: &Person, party: PartyId, n: usize) -> bool {
        let Some(bill) = self.read(host, party).await else { return false };
        let seen = bill.terms.map(|terms| terms.set_at.0.to_string()).unwrap_or_default();
        let split = match n % 8 {
            0 => Split::Equal,
            _ => Split::ByItems,
        };
        let (fee, split) = (3_000 + n, split.code().to_owned());
        let facts = terms_facts(fee, &split);
        let form = TermsForm { party: Some(party), fee: fee.to_string(), split, seen, ..TermsForm::default() };
        self.set(host, SetTerms { form }, Thing::Terms, Some(facts)).await
    }

    /// Adds something to the bill, or takes something off, for all or for somebody; each number has a name of its own.
    async fn put_extra(&self, host: &Person, party: PartyId, extra: ItemId, n: usize, whom: Option<UserId>) -> bool {
        let (label, amount) = match n % 8 {
            1 => (format!("팁 {n}"), "700"),
            _ => (format!("쿠폰 {n}"), "-300"),
        };
        let facts = extra_facts(&label, amount, whom);
        let whom = whom.map(|whom| whom.to_string()).unwrap_or_default();
        let form = ExtraForm { party: Some(party), key: extra.to_string(), label, amount: amount.to_owned(), whom };
        self.set(host, PutExtra { form }, Thing::Extra(extra), Some(facts)).await
    }

    /// Says that somebody has sent their share, or takes that back.
    async fn mark_sent(&self, person: &Person, party: PartyId, sent: bool) -> bool {
        let bill = self.read(person, party).await;
        let Some(amount) = bill.and_then(|bill| bill.of(person.id).map(|line| line.amount)) else { return false };
        let facts = sent.then(|| amount.to_string());
        self.set(person, MarkSent { party, amount, sent }, Thing::Sent(person.id), facts).await
    }

    /// Says that the host has received somebody's share.
    async fn mark_received(&self, host: &Person, party: PartyId, person: UserId) -> bool {
        let bill = self.read(host, party).await;
        let Some(amount) = bill.and_then(|bill| bill.of(person).map(|line| line.amount)) else { return false };
        let deed = MarkReceived { party, person, amount, received: true };
        self.set(host, deed, Thing::Received(person), Some(amount.to_string())).await
    }
}

impl Entries {
    /// Remembers a refusal, unless it is one that has to be expected while things break.
    fn suffer(&mut self, trouble: &Trouble) {
        if !trouble.is_expected() {
            self.broken.push(format!("{trouble:?}"));
        }
    }

    /// Compares what people were told with what is stored.
    fn agree_with(&self, stored: &BTreeMap<Thing, String>) {
        assert_eq!(self.broken, Vec::<String>::new());
        for thing in stored.keys() {
            assert!(self.things.contains_key(thing), "{thing:?} is stored and nobody has asked for it");
        }
        for (thing, known) in &self.things {
            let stored = stored.get(thing).cloned();
            assert!(known.told == stored || known.open.contains(&stored), "{thing:?} is {stored:?}, and not {known:?}");
        }
        println!("{} deeds about money", self.acknowledged);
    }
}

fn item_facts(party: PartyId, person: UserId, name: &str, price: impl Display, count: impl Display) -> String {
    format!("{name}: {count} for {price}, of {person} at {party}")
}

fn terms_facts(fee: impl Display, split: &str) -> String {
    format!("{fee}, {split}")
}

fn extra_facts(label: &str, amount: impl Display, whom: Option<UserId>) -> String {
    format!("{label}: {amount} for {whom:?}")
}

impl Money {
    /// People order something together with their host, who says what the fee was. At the table they only begin to choose.
    pub async fn begin(people: &[Arc<Person>], table: PartyId) -> Self {
        let (ordered, till) = (open_for(people).await, Arc::<Till>::default());
        for person in people {
            assert!(till.put_item(person, ordered, ItemId(Uuid::now_v7()), 100, false).await, "{till:?}");
        }
        people[0].call(AdvanceParty { party: ordered, to: Stage::Ordered }).await.expect("ordered");
        assert!(till.set_terms(&people[0], ordered, 0).await, "{till:?}");
        Self { table, ordered, till }
    }

    /// Everybody goes on choosing at the one table, and settling at the other.
    pub fn go_round(&self, people: &[Arc<Person>], stop: &CancellationToken, tasks: &mut JoinSet<()>) {
        let others = people[1..].iter().enumerate();
        // Either their own word stands or the host's: what was received need not be sent any more.
        let (senders, received): (Vec<_>, Vec<_>) = others.partition(|(n, _)| n.is_multiple_of(2));
        let received = received.into_iter().map(|(_, person)| person.id).collect();
        for person in people {
            tasks.spawn(chooses(person.clone(), self.table, self.till.clone(), stop.clone()));
        }
        for (_, person) in senders {
            tasks.spawn(pays(person.clone(), self.ordered, self.till.clone(), stop.clone()));
        }
        tasks.spawn(settles(people[0].clone(), self.ordered, received, self.till.clone(), stop.clone()));
    }

    /// What is stored is what people were told, each change was made once, and the shares are the bill.
    pub async fn is_right(&self, conn: &mut Conn, people: &[Arc<Person>]) {
        let stored = stored(conn).await;
        self.till.entries().agree_with(&stored);
        assert!(self.till.entries().acknowledged > people.len() + 1, "nothing was acknowledged after the beginning");
        each_change_is_noted(conn).await;
        let (chosen, ordered) = (cost(conn, self.table).await, cost(conn, self.ordered).await);
        let sql = "select cast(s.fee + coalesce((select sum(e.amount) from bill_extras e where e.party_id = s.party_id), 0) as bigint)
                   from settlements s where s.party_id = $1";
        let (beside,): (i64,) = fetch_one!(conn, (i64,), sql, self.ordered).expect("a sum");
        // Where there are several nodes, these are at two of them.
        for person in [&people[0], &people[people.len() - 1]] {
            let device = person.again().await;
            let table = device.ask(ReadBill { id: self.table }).await.expect("a bill");
            assert_eq!(table.bill.sum(), chosen);
            let bill = device.ask(ReadBill { id: self.ordered }).await.expect("a bill").settlement.expect("it was ordered");
            assert_eq!(bill.receipt, ordered + beside);
            assert_eq!(bill.lines.iter().map(|line| line.amount).sum::<i64>(), bill.receipt, "the shares are not the bill");
        }
    }
}

/// Chooses something, changes it, chooses another, and gives the first of them up again where there are several.
async fn chooses(person: Arc<Person>, party: PartyId, till: Arc<Till>, stop: CancellationToken) {
    let (mut held, mut next, mut n) = (VecDeque::<ItemId>::new(), ItemId(Uuid::now_v7()), 0);
    while !stop.is_cancelled() {
        // What is not acknowledged is tried again as it was.
        let done = match (n % 3, held.front().copied(), held.back().copied()) {
            (1, _, Some(last)) => till.put_item(&person, party, last, n, true).await,
            (2, Some(item), _) if held.len() > HELD => {
                let gone = till.set(&person, RemoveItem { party, item }, Thing::Item(item), None).await;
                if gone {
                    held.pop_front();
                }
                gone
            }
            _ => {
                let put = till.put_item(&person, party, next, n, false).await;
                if put {
                    held.push_back(std::mem::replace(&mut next, ItemId(Uuid::now_v7())));
                }
                put
            }
        };
        n += usize::from(done);
        pause(&stop, 900).await;
    }
}

/// Decides about the bill as its host: the fee, what is added and taken off, whose money has come.
async fn settles(host: Arc<Person>, party: PartyId, received: Vec<UserId>, till: Arc<Till>, stop: CancellationToken) {
    // The first terms are there.
    let (mut held, mut next, mut n) = (VecDeque::<ItemId>::new(), ItemId(Uuid::now_v7()), 1);
    while !stop.is_cancelled() {
        let person = received[n / 4 % received.len()];
        let done = match (n % 4, held.front().copied()) {
            (0, _) => till.set_terms(&host, party, n).await,
            (2, _) => till.mark_received(&host, party, person).await,
            (3, Some(extra)) if held.len() > HELD => {
                let gone = till.set(&host, RemoveExtra { party, extra }, Thing::Extra(extra), None).await;
                if gone {
                    held.pop_front();
                }
                gone
            }
            _ => {
                let put = till.put_extra(&host, party, next, n, (n % 4 == 1).then_some(person)).await;
                if put {
                    held.push_back(std::mem::replace(&mut next, ItemId(Uuid::now_v7())));
                }
                put
            }
        };
        n += usize::from(done);
        pause(&stop, 900).await;
    }
}

/// Sends what their share is, again when it is another, and now and then takes that back.
async fn pays(person: Arc<Person>, party: PartyId, till: Arc<Till>, stop: CancellationToken) {
    let mut n = 0;
    while !stop.is_cancelled() {
        n += usize::from(till.mark_sent(&person, party, n % 3 != 2).await);
        pause(&stop, 1_300).await;
    }
}

type ItemRow = (ItemId, PartyId, UserId, String, i64, i32);

/// The facts of everything that is there.
async fn stored(conn: &mut Conn) -> BTreeMap<Thing, String> {
    let items: Vec<ItemRow> =
        fetch_all!(conn, ItemRow, "select id, party_id, user_id, name, price, count from bill_items").expect("what was ordered");
    let terms: Vec<(i64, String)> = fetch_all!(conn, (i64, String), "select fee, split from settlements").expect("terms");
    let extras: Vec<(ItemId, String, i64, Option<UserId>)> =
        fetch_all!(conn, (ItemId, String, i64, Option<UserId>), "select id, label, amount, user_id from bill_extras").expect("extras");
    let payments: Vec<(UserId, Option<i64>, Option<i64>)> =
        fetch_all!(conn, (UserId, Option<i64>, Option<i64>), "select user_id, sent, received from payments").expect("payments");
    assert_eq!(terms.len(), 1);
    let mut stored = BTreeMap::new();
    for (id, party, person, name, price, count) in items {
        stored.insert(Thing::Item(id), item_facts(party, person, &name, price, count));
    }
    stored.extend(terms.into_iter().map(|(fee, split)| (Thing::Terms, terms_facts(fee, &split))));
    stored.extend(extras.into_iter().map(|(id, label, amount, whom)| (Thing::Extra(id), extra_facts(&label, amount, whom))));
    for (person, sent, received) in payments {
        stored.extend(sent.map(|sent| (Thing::Sent(person), sent.to_string())));
        stored.extend(received.map(|received| (Thing::Received(person), received.to_string())));
    }
    stored
}

/// What the things at a table cost, in won.
async fn cost(conn: &mut Conn, party: PartyId) -> i64 {
    let sql = "select cast(coalesce(sum(price * count), 0) as bigint) from bill_items where party_id = $1";
    let (sum,): (i64,) = fetch_one!(conn, (i64,), sql, party).expect("a sum");
    sum
}

/// Each change of the bill is in its history once, however often it was asked for, and the bill is what its history says.
async fn each_change_is_noted(conn: &mut Conn) {
    let noted: Vec<(String, String, i64, i64)> = fetch_all!(
        conn,
        (String, String, i64, i64),
        "select what, label, coalesce(amount, 0), count(*) from bill_history
         where what in ('terms', 'extra', 'extra_gone') group by what, label, amount"
    )
    .expect("a history");
    assert!(noted.iter().all(|(.., times)| *times == 1), "done twice: {noted:?}");
    let labels = |of: &str| noted.iter().filter(|(what, ..)| what == of).map(|(_, label, ..)| label.clone()).collect::<BTreeSet<String>>();
    let extras: Vec<(String,)> = fetch_all!(conn, (String,), "select label from bill_extras").expect("extras");
    let extras: BTreeSet<String> = extras.into_iter().map(|(label,)| label).collect();
    assert_eq!(&labels("extra") - &labels("extra_gone"), extras);
    let (fee,): (i64,) = fetch_one!(conn, (i64,), "select fee from settlements").expect("a fee");
    assert!(noted.iter().any(|(what, _, amount, _)| what == "terms" && *amount == fee), "{fee} is not in {noted:?}");
}
