//! An evening: people at a table who talk and order, others who come and go at the next one; and what has to be true of it at the end.

use super::people::{Person, Trouble, text_of};
use super::world::{Node, PATIENCE, World};
use moim::features::meals::api::{OpenMeal, ReadMeal};
use moim::features::meals::model::{MealForm, MealView};
use moim::features::parties::api::{JoinParty, LeaveParty};
use moim::features::settlements::api::PutItem;
use moim::features::settlements::model::ItemForm;
use moim::server::db::Conn;
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
    people: Vec<Arc<Person>>,
    stop: CancellationToken,
    tasks: JoinSet<()>,
    deeds: Arc<Mutex<Deeds>>,
}

/// What was acknowledged of what people did.
#[derive(Debug, Default)]
struct Deeds {
    /// Items, by their name.
    items: BTreeMap<Uuid, UserId>,
    /// Who knows whether they sit at the other table; not who has asked and heard nothing.
    sits: BTreeMap<UserId, bool>,
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

impl Evening {
    /// People sit down, each at the next of these nodes, and begin to talk.
    pub async fn begin(world: &World, nodes: &[&Node]) -> Self {
        let mut people = Vec::new();
        for n in 0..TALKERS {
            let first = Person::new(&format!("사람{n}"), nodes[0].addr()).await;
            people.push(first.at(nodes[n % nodes.len()].addr()));
        }
        let db = world.database().await;
        let mut tx = db.begin().await.expect("a transaction");
        execute!(tx, "update users set verified_at = created_at").expect("nobody has to read mails for this");
        tx.commit().await.expect("committed");
        db.close().await;
        let (table, other) = (open(&people[0], TALKERS).await, open(&people[0], SEATS).await);
        for person in &people[1..] {
            person.call(JoinParty { party: table }).await.expect("a seat");
        }
        let MealView::Live(meal) = people[0].ask(ReadMeal { id: table, banned: PageAsk::default() }).await.expect("an order") else {
            panic!("it goes on")
        };
        let room = meal.room.expect("a room");
        let (stop, deeds) = (CancellationToken::new(), Arc::<Mutex<Deeds>>::default());
        let mut tasks = JoinSet::new();
        for person in &people {
            tasks.spawn(person.clone().talk(room, stop.clone()));
            tasks.spawn(orders(person.clone(), table, deeds.clone(), stop.clone()));
        }
        for person in &people[1..] {
            tasks.spawn(comes_and_goes(person.clone(), other, deeds.clone(), stop.clone()));
        }
        Self { table, room, other, people, stop, tasks, deeds }
    }

    /// Waits until nothing that is said is stored any more.
    pub async fn is_refused(&self) {
        let waiting = || self.people.iter().map(|person| person.ledger.lock().expect("unharmed").waiting.len()).sum::<usize>();
        let began = Instant::now();
        while waiting() < 2 * TALKERS {
            assert!(began.elapsed() < PATIENCE, "everything is taken");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Everybody finishes what they have begun; then what they were told is compared with what is stored.
    pub async fn end_at(mut self, world: &World) {
        self.stop.cancel();
        while let Some(done) = self.tasks.join_next().await {
            done.expect("nobody gave up");
        }
        let db = world.database().await;
        let conn = &mut db.read().await.expect("a connection");
        self.log_is_whole(conn).await;
        self.seats_are_counted(conn).await;
        self.orders_are_there(conn).await;
        if world.url.starts_with("sqlite") {
            let found: Vec<(String,)> = fetch_all!(conn, (String,), "select integrity_check from pragma_integrity_check").expect("checked");
            assert_eq!(found, [("ok".to_owned(),)]);
            let (broken,): (i64,) = fetch_one!(conn, (i64,), "select count(*) from pragma_foreign_key_check").expect("checked");
            assert_eq!(broken, 0);
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
            // They may have left before the last words of others, but what they heard is the beginning of the same log.
            assert_eq!(ledger.heard, log[..ledger.heard.len()], "somebody heard something else");
            assert!(ledger.heard.len() > TALKERS, "and they heard something");
        }
        assert_eq!(acknowledged, said.len(), "what is stored was acknowledged in the end");
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
                for (person, sits) in &self.deeds.lock().expect("unharmed").sits {
                    assert_eq!(members.contains(&(*person,)), *sits, "{person:?} was told otherwise");
                }
            }
        }
    }

    async fn orders_are_there(&self, conn: &mut Conn) {
        let stored: Vec<(Uuid, UserId)> =
            fetch_all!(conn, (Uuid, UserId), "select id, user_id from bill_items where party_id = $1", self.table).expect("items");
        let told = &self.deeds.lock().expect("unharmed").items;
        for (item, person) in told {
            assert!(stored.contains(&(*item, *person)), "{item} was acknowledged and is not stored");
        }
        assert!(!told.is_empty());
        let each: BTreeSet<Uuid> = stored.iter().map(|(item, _)| *item).collect();
        assert_eq!(each.len(), stored.len());
    }
}

/// Orders one thing after the other; what is not answered is sent again as it was.
async fn orders(person: Arc<Person>, table: PartyId, deeds: Arc<Mutex<Deeds>>, stop: CancellationToken) {
    let mut item = Uuid::now_v7();
    while !stop.is_cancelled() {
        let form = ItemForm {
            party: Some(table),
            key: item.to_string(),
            name: "치킨무".to_owned(),
            price: "500".to_owned(),
            count: "1".to_owned(),
            change: String::new(),
        };
        match person.call(PutItem { form }).await {
            Ok(()) => {
                deeds.lock().expect("unharmed").items.insert(item, person.id);
                item = Uuid::now_v7();
            }
            Err(Trouble::Lost | Trouble::Refused(AppError::Unavailable | AppError::SlowDown { .. } | AppError::SignInRequired)) => {}
            // Nobody orders without end.
            Err(Trouble::Refused(_)) => return,
        }
        pause(&stop, 900).await;
    }
}

/// Sits down at a table and leaves it, again and again.
async fn comes_and_goes(person: Arc<Person>, party: PartyId, deeds: Arc<Mutex<Deeds>>, stop: CancellationToken) {
    let mut comes = true;
    while !stop.is_cancelled() {
        deeds.lock().expect("unharmed").sits.remove(&person.id);
        let done = if comes { person.call(JoinParty { party }).await } else { person.call(LeaveParty { party }).await };
        match done {
            Ok(()) => {
                deeds.lock().expect("unharmed").sits.insert(person.id, comes);
                comes = !comes;
            }
            Err(Trouble::Refused(AppError::Conflict(Conflict::Full | Conflict::Closed))) => {
                deeds.lock().expect("unharmed").sits.insert(person.id, false);
            }
            // They had left, but never heard of it.
            Err(Trouble::Refused(AppError::Conflict(Conflict::NotMember))) if !comes => comes = true,
            Err(_) => {}
        }
        pause(&stop, 1_500).await;
    }
}

async fn pause(stop: &CancellationToken, milliseconds: u64) {
    tokio::select! {
        () = stop.cancelled() => {}
        () = tokio::time::sleep(Duration::from_millis(milliseconds)) => {}
    }
}
