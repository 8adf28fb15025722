//! An evening: people at a table who talk and order, others who come and go at the next one; and what has to be true of it at the end.

use super::contradictions::SHELVES;
use super::money::Money;
use super::people::{Person, Trouble, text_of};
use super::world::{Node, PATIENCE, World};
use moim::features::meals::api::{OpenMeal, ReadMeal};
use moim::features::meals::model::{MealForm, MealView};
use moim::features::parties::api::{JoinParty, LeaveParty};
use moim::server::db::{Conn, Db};
use moim::shared::error::{AppError, Conflict};
use moim::shared::ids::{PartyId, RoomId, SendId, Seq, UserId};
use moim::shared::paging::PageAsk;
use moim::{execute, fetch_all, fetch_one};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// Who talks.
const TALKERS: usize = 6;
/// Seats at the other table; more than these want one.
const SEATS: usize = 3;

/// What is going on.
pub struct Evening {
    table: PartyId,
    room: RoomId,
    other: PartyId,
    money: Money,
    people: Vec<Arc<Person>>,
    /// From then on nobody begins anything.
    stop: CancellationToken,
    /// From then on nobody listens.
    over: CancellationToken,
    tasks: JoinSet<()>,
    sits: Arc<Mutex<Sits>>,
}

/// Who knows whether they sit at the other table; not who has asked and heard nothing.
type Sits = BTreeMap<UserId, bool>;

fn order(seats: usize) -> MealForm {
    MealForm {
        key: Uuid::now_v7().to_string(),
        title: "반반 치킨 같이 시켜요".to_owned(),
        category: "chicken".to_owned(),
        shop: "온동네치킨".to_owned(),
        fee: "3500".to_owned(),
        minimum: "18000".to_owned(),
        due: "60".to_owned(),
        seats: seats.to_string(),
        outside: "0".to_owned(),
        pickup: "3번 벤치".to_owned(),
        body: "간장 반".to_owned(),
        joining: "direct".to_owned(),
        ..MealForm::default()
    }
}

async fn open(host: &Person, seats: usize) -> PartyId {
    let form = order(seats);
    let id = form.key.parse().expect("an id");
    host.call(OpenMeal { form }).await.expect("opened");
    id
}

/// Opens an order at whose table these people sit and nobody else can; the first is its host.
pub async fn open_for(people: &[Arc<Person>]) -> PartyId {
    let party = open(&people[0], people.len()).await;
    for person in &people[1..] {
        person.call(JoinParty { party }).await.expect("a seat");
    }
    party
}

/// The room of an order.
pub async fn room_of(member: &Person, id: PartyId) -> RoomId {
    let MealView::Live(meal) = member.ask(ReadMeal { id, banned: PageAsk::default() }).await.expect("an order") else {
        panic!("it goes on")
    };
    meal.room.expect("a room")
}

/// So many people with proved addresses, each at the next of these nodes.
pub async fn guests(world: &World, nodes: &[&Node], number: usize) -> Vec<Arc<Person>> {
    let mut people = Vec::new();
    for n in 0..number {
        let first = Person::new(&format!("사람{n}"), nodes[0].addr()).await;
        people.push(first.at(nodes[n % nodes.len()].addr()));
    }
    let db = world.database().await;
    let mut tx = db.begin().await.expect("a transaction");
    execute!(tx, "update users set verified_at = created_at").expect("nobody has to read mails for this");
    tx.commit().await.expect("committed");
    db.close().await;
    people
}

impl Evening {
    /// People sit down, each at the next of these nodes, and begin to talk.
    pub async fn begin(world: &World, nodes: &[&Node]) -> Self {
        let people = guests(world, nodes, TALKERS).await;
        let (table, other) = (open_for(&people).await, open(&people[0], SEATS).await);
        let room = room_of(&people[0], table).await;
        let money = Money::begin(&people, table).await;
        let (stop, over, sits) = (CancellationToken::new(), CancellationToken::new(), Arc::<Mutex<Sits>>::default());
        let mut tasks = JoinSet::new();
        for person in &people {
            tasks.spawn(person.clone().talk(room, stop.clone(), over.clone()));
        }
        for person in &people[1..] {
            tasks.spawn(comes_and_goes(person.clone(), other, sits.clone(), stop.clone()));
        }
        money.go_round(&people, &stop, &mut tasks);
        Self { table, room, other, money, people, stop, over, tasks, sits }
    }

    /// Waits until nothing that is said is stored any more.
    pub async fn is_refused(&self) {
        let began = Instant::now();
        while self.waiting() < 2 * TALKERS {
            assert!(began.elapsed() < PATIENCE, "everything is taken");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// How much of what was said is not acknowledged.
    fn waiting(&self) -> usize {
        self.people.iter().map(|person| person.ledger.lock().expect("unharmed").waiting.len()).sum()
    }

    /// How much was acknowledged, some of it more than once.
    fn acknowledged(&self) -> usize {
        self.people.iter().map(|person| person.ledger.lock().expect("unharmed").acknowledged.len()).sum()
    }

    /// Waits until something more is acknowledged; how long that took.
    pub async fn goes_on(&self) -> Duration {
        let (began, before) = (Instant::now(), self.acknowledged());
        while self.acknowledged() == before {
            assert!(began.elapsed() < PATIENCE, "nothing is taken any more");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        began.elapsed()
    }

    /// Everybody finishes what they have begun and hears it; then what they were told is compared with what is stored.
    pub async fn end_at(mut self, world: &World) {
        self.stop.cancel();
        let db = world.database().await;
        self.all_is_heard(&db).await;
        self.over.cancel();
        while let Some(done) = self.tasks.join_next().await {
            done.expect("nobody gave up");
        }
        let conn = &mut db.read().await.expect("a connection");
        self.log_is_whole(conn).await;
        self.seats_are_counted(conn).await;
        shelves_are_right(conn).await;
        self.money.is_right(conn, &self.people).await;
        if world.url.starts_with("sqlite") {
            let found: Vec<(String,)> = fetch_all!(conn, (String,), "select integrity_check from pragma_integrity_check").expect("checked");
            assert_eq!(found, [("ok".to_owned(),)]);
            let (broken,): (i64,) = fetch_one!(conn, (i64,), "select count(*) from pragma_foreign_key_check").expect("checked");
            assert_eq!(broken, 0);
        }
    }

    /// Waits until all that was said is acknowledged, and everybody has heard the room to its end.
    async fn all_is_heard(&self, db: &Db) {
        let began = Instant::now();
        loop {
            // In this order: the log grows no more once all is acknowledged.
            let waiting = self.waiting();
            let conn = &mut db.read().await.expect("a connection");
            let (last,): (Seq,) = fetch_one!(conn, (Seq,), "select last_seq from rooms where id = $1", self.room).expect("a room");
            let heard: Vec<Seq> = self.people.iter().map(|person| person.heard()).collect();
            if waiting == 0 && heard.iter().all(|heard| *heard == last) {
                return;
            }
            assert!(began.elapsed() < PATIENCE, "{waiting} are not acknowledged; of {last} entries they have heard {heard:?}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// One log for all: whole, in order, of what was said and nothing else, each once.
    async fn log_is_whole(&self, conn: &mut Conn) {
        let stored: Vec<(Seq, Option<SendId>, String, String)> = fetch_all!(
            conn,
            (Seq, Option<SendId>, String, String),
            "select seq, send_id, kind, body from messages where room_id = $1 order by seq",
            self.room
        )
        .expect("the log");
        assert!(stored.iter().zip(1..).all(|((seq, ..), n)| *seq == n), "a gap: {stored:?}");
        let said: Vec<(SendId, Seq)> = stored.iter().filter_map(|(seq, name, ..)| Some(((*name)?, *seq))).collect();
        let once: BTreeSet<Uuid> = said.iter().map(|(name, _)| name.0).collect();
        assert_eq!(once.len(), said.len(), "stored twice");
        assert!(stored.iter().all(|(_, name, kind, body)| name.is_none_or(|name| kind == "text" && *body == text_of(name))));
        let log: Vec<(Seq, Option<SendId>)> = stored.iter().map(|(seq, name, ..)| (*seq, *name)).collect();
        let mut acknowledged = 0;
        for person in &self.people {
            let ledger = person.ledger.lock().expect("unharmed");
            assert_eq!(ledger.broken, Vec::<String>::new());
            for told in &ledger.acknowledged {
                assert!(said.contains(told), "{told:?} was acknowledged and is not stored");
            }
            acknowledged += ledger.acknowledged.iter().map(|(name, _)| name.0).collect::<BTreeSet<_>>().len();
            assert_eq!(ledger.heard, log, "somebody heard something else");
        }
        assert_eq!(acknowledged, said.len(), "what is stored was acknowledged in the end");
        assert!(acknowledged > TALKERS, "and they said something");
        println!("{acknowledged} messages");
    }

    async fn seats_are_counted(&self, conn: &mut Conn) {
        for (party, seats) in [(self.table, TALKERS), (self.other, SEATS)] {
            let (taken, outside): (i32, i32) =
                fetch_one!(conn, (i32, i32), "select taken, outside from parties where id = $1", party).expect("a party");
            let members: Vec<(UserId,)> =
                fetch_all!(conn, (UserId,), "select user_id from party_members where party_id = $1", party).expect("members");
            assert_eq!(usize::try_from(taken - outside), Ok(members.len()));
            assert!(members.len() <= seats, "overbooked");
            if party == self.other {
                for (person, sits) in self.sits.lock().expect("unharmed").iter() {
                    assert_eq!(members.contains(&(*person,)), *sits, "{person:?} was told otherwise");
                }
            }
        }
    }
}

/// With each seat, and what is asked for, stands what the parties say.
async fn shelves_are_right(conn: &mut Conn) {
    for (what, sql) in SHELVES {
        let (count,): (i64,) = fetch_one!(conn, (i64,), sql).expect("a number");
        assert_eq!(count, 0, "{what}");
    }
}

/// Sits down at a table and leaves it, again and again.
async fn comes_and_goes(person: Arc<Person>, party: PartyId, sits: Arc<Mutex<Sits>>, stop: CancellationToken) {
    let mut comes = true;
    while !stop.is_cancelled() {
        sits.lock().expect("unharmed").remove(&person.id);
        let done = if comes { person.call(JoinParty { party }).await } else { person.call(LeaveParty { party }).await };
        match done {
            Ok(()) => {
                sits.lock().expect("unharmed").insert(person.id, comes);
                comes = !comes;
            }
            Err(Trouble::Refused(AppError::Conflict(Conflict::Full | Conflict::Closed))) => {
                sits.lock().expect("unharmed").insert(person.id, false);
            }
            // They had left, but never heard of it.
            Err(Trouble::Refused(AppError::Conflict(Conflict::NotMember))) if !comes => comes = true,
            Err(_) => {}
        }
        pause(&stop, 1_500).await;
    }
}

/// Waits, unless nothing is begun any more.
pub async fn pause(stop: &CancellationToken, milliseconds: u64) {
    tokio::select! {
        () = stop.cancelled() => {}
        () = tokio::time::sleep(Duration::from_millis(milliseconds)) => {}
    }
}
