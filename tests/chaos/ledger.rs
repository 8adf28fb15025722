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
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// Who talks.
const TALKERS: usize = 6;
/// Seats at the other table; more than these want one.
const SEATS: usize = 3;

/// Between two tries of who takes the time. Twenty are allowed in ten seconds: as many as there are in what is promised.
const TRYING: Duration = Duration::from_millis(50);

/// What is going on.
pub struct Evening {
    table: PartyId,
    room: RoomId,
    other: PartyId,
    money: Money,
    people: Vec<Arc<Person>>,
    /// Sits with them and only speaks where something is measured.
    timekeeper: Arc<Person>,
    /// From then on nobody begins anything.
    stop: CancellationToken,
    /// From then on nobody listens.
    over: CancellationToken,
    tasks: JoinSet<()>,
    seats: Arc<Mutex<Seats>>,
}

/// What came of coming and going at the other table.
#[derive(Debug, Default)]
struct Seats {
    /// Who knows whether they sit there; not who has asked and heard nothing.
    sits: BTreeMap<UserId, bool>,
    /// How often somebody was told that they do, and that they do not any more.
    came: usize,
    went: usize,
    /// What went wrong.
    broken: Vec<String>,
}

impl Seats {
    /// Somebody who came, or went, is told what came of it.
    fn tell(&mut self, person: UserId, comes: bool, before: Option<bool>, done: &Result<(), Trouble>) {
        let sits = match done {
            Ok(()) => {
                *(if comes { &mut self.came } else { &mut self.went }) += 1;
                Some(comes)
            }
            Err(Trouble::Refused(AppError::Conflict(Conflict::Full | Conflict::Closed))) if comes => Some(false),
            // Here nothing can have been done, unlike where a commit fails.
            Err(Trouble::Refused(AppError::SlowDown { .. })) => before,
            Err(trouble) => {
                if !trouble.is_expected() {
                    self.broken.push(format!("{trouble:?}"));
                }
                None
            }
        };
        self.sits.extend(sits.map(|sits| (person, sits)));
    }
}

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
        let mut people = guests(world, nodes, TALKERS + 1).await;
        let (table, other) = (open_for(&people).await, open(&people[0], SEATS).await);
        let timekeeper = people.pop().expect("one more than talk");
        let room = room_of(&people[0], table).await;
        let money = Money::begin(&people, table).await;
        let (stop, over, seats) = (CancellationToken::new(), CancellationToken::new(), Arc::<Mutex<Seats>>::default());
        let mut tasks = JoinSet::new();
        for person in &people {
            tasks.spawn(person.clone().talk(room, stop.clone(), over.clone()));
        }
        for person in &people[1..] {
            tasks.spawn(comes_and_goes(person.clone(), other, seats.clone(), stop.clone()));
        }
        money.go_round(&people, &stop, &mut tasks);
        Self { table, room, other, money, people, timekeeper, stop, over, tasks, seats }
    }

    /// Waits until somebody sits at the other table who did not in the beginning.
    pub async fn sees_somebody_sit_down(&self) {
        let began = Instant::now();
        while self.seats.lock().expect("unharmed").came == 0 {
            assert!(began.elapsed() < PATIENCE, "nobody sits down");
            sleep(Duration::from_millis(10)).await;
        }
    }

    /// Waits until nothing that is said is stored any more.
    pub async fn is_refused(&self) {
        let began = Instant::now();
        while self.waiting() < 2 * TALKERS {
            assert!(began.elapsed() < PATIENCE, "everything is taken");
            sleep(Duration::from_millis(20)).await;
        }
        // They may have waited since the last time.
        let tried = self.timekeeper.try_to_say(self.room).await;
        assert!(matches!(tried, Err(Trouble::Refused(AppError::Unavailable))), "{tried:?}");
    }

    /// Everybody says several things at once.
    pub fn hurries(&self) {
        self.people.iter().for_each(|person| person.hurry());
    }

    /// How much of what was said is not acknowledged.
    pub fn waiting(&self) -> usize {
        self.people.iter().map(|person| person.ledger.lock().expect("unharmed").waiting.len()).sum()
    }

    /// How much of what they said was acknowledged.
    fn acknowledged(&self) -> usize {
        self.people.iter().map(|person| person.ledger.lock().expect("unharmed").acknowledged.len()).sum()
    }

    /// How long it takes until somebody who tries all the time is told that what they say is stored.
    pub async fn stores(&self) -> Duration {
        let began = Instant::now();
        while let Err(trouble) = self.timekeeper.try_to_say(self.room).await {
            let is_bounded = matches!(trouble, Trouble::Refused(AppError::SlowDown { .. }));
            assert!(trouble.is_expected() && !is_bounded && began.elapsed() < PATIENCE, "{trouble:?} after {:?}", began.elapsed());
            let is_signed_out = matches!(trouble, Trouble::Refused(AppError::SignInRequired));
            if !is_signed_out || self.timekeeper.sign_in().await.is_err() {
                sleep(TRYING).await;
            }
        }
        began.elapsed()
    }

    /// Waits until something more is acknowledged of what people say. How long that takes is also up to them, who wait before they try
    /// again: returned is how long it [`stores`](Self::stores) nothing.
    pub async fn goes_on(&self) -> Duration {
        let (began, before) = (Instant::now(), self.acknowledged());
        let took = self.stores().await;
        while self.acknowledged() == before {
            assert!(began.elapsed() < PATIENCE, "nothing is taken any more");
            sleep(Duration::from_millis(10)).await;
        }
        took
    }

    /// Everybody finishes what they have begun and hears it; then what they were told is compared with what is stored. How much of what
    /// they said was acknowledged.
    pub async fn end_at(mut self, world: &World) -> usize {
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
        self.acknowledged()
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
            sleep(Duration::from_millis(50)).await;
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
        for person in self.people.iter().chain([&self.timekeeper]) {
            let ledger = person.ledger.lock().expect("unharmed");
            assert_eq!(ledger.broken, Vec::<String>::new());
            for told in &ledger.acknowledged {
                assert!(said.contains(told), "{told:?} was acknowledged and is not stored");
            }
            acknowledged += ledger.acknowledged.len();
        }
        assert_eq!(acknowledged, said.len(), "what is stored was acknowledged in the end");
        for person in &self.people {
            assert_eq!(person.ledger.lock().expect("unharmed").heard, log, "somebody heard something else");
        }
        assert!(self.acknowledged() > TALKERS, "and they said something");
        println!("{acknowledged} messages");
    }

    async fn seats_are_counted(&self, conn: &mut Conn) {
        for (party, seats) in [(self.table, TALKERS + 1), (self.other, SEATS)] {
            let (taken, outside): (i32, i32) =
                fetch_one!(conn, (i32, i32), "select taken, outside from parties where id = $1", party).expect("a party");
            let members: Vec<(UserId,)> =
                fetch_all!(conn, (UserId,), "select user_id from party_members where party_id = $1", party).expect("members");
            assert_eq!(usize::try_from(taken - outside), Ok(members.len()));
            assert!(members.len() <= seats, "overbooked");
            if party == self.other {
                let known = self.seats.lock().expect("unharmed");
                assert_eq!(known.broken, Vec::<String>::new());
                assert!(known.came > 0, "nobody sat down");
                for (person, sits) in &known.sits {
                    assert_eq!(members.contains(&(*person,)), *sits, "{person:?} was told otherwise");
                }
                println!("{} seats taken, {} given back", known.came, known.went);
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
async fn comes_and_goes(person: Arc<Person>, party: PartyId, seats: Arc<Mutex<Seats>>, stop: CancellationToken) {
    let mut comes = true;
    while !stop.is_cancelled() {
        let before = seats.lock().expect("unharmed").sits.remove(&person.id);
        let done = if comes { person.call(JoinParty { party }).await } else { person.call(LeaveParty { party }).await };
        seats.lock().expect("unharmed").tell(person.id, comes, before, &done);
        comes ^= done.is_ok();
        pause(&stop, 1_500).await;
    }
}

/// Waits, unless nothing is begun any more.
pub async fn pause(stop: &CancellationToken, milliseconds: u64) {
    tokio::select! {
        () = stop.cancelled() => {}
        () = sleep(Duration::from_millis(milliseconds)) => {}
    }
}
