//! The demo world: everything in it is there, once, and can be used.

use super::world::World;
use super::{ACCOUNTS, Outcome, PASSWORD, load, load_if_empty};
use crate::features::accounts::api::SignIn;
use crate::features::accounts::model::SignInForm;
use crate::features::chat::api::ChatRooms;
use crate::features::meals::api::{Home, ListMeals};
use crate::features::meals::model::{Area, MealQuery};
use crate::features::regions::atlas;
use crate::on_both;
use crate::server::db::Conn;
use crate::testing::TestApp;
use crate::{fetch_all, fetch_one};
use std::collections::{BTreeMap, BTreeSet};

const COUNTS: &str = "select (select count(*) from users), (select count(*) from parties), (select count(*) from messages),
    (select count(*) from party_members), (select count(*) from party_requests), (select count(*) from rooms)";

async fn counts(app: &TestApp) -> (i64, i64, i64, i64, i64, i64) {
    let mut conn = app.state.db.read().await.expect("a connection");
    fetch_one!(conn, (i64, i64, i64, i64, i64, i64), COUNTS).expect("counts")
}

async fn number(conn: &mut Conn, sql: &'static str) -> i64 {
    let (number,): (i64,) = fetch_one!(conn, (i64,), sql).expect("a number");
    number
}

async fn unread(conn: &mut Conn, nickname: &str) -> Vec<(String, i64)> {
    fetch_all!(
        conn,
        (String, i64),
        "select r.kind, r.last_said - m.read_said from room_members m join rooms r on r.id = m.room_id join users u on u.id = m.user_id
         where u.nickname = $1 and r.deleted_at is null and m.left_at is null and not m.hidden and r.last_said > m.read_said",
        nickname
    )
    .expect("rooms")
}

on_both! {
    async fn the_demo_world_is_whole(app: TestApp) {
        let Ok(Outcome::Loaded(summary)) = load(&app.state).await else { panic!("not loaded") };
        assert_eq!((summary.people, summary.orders, summary.places), (30, 60, 12));
        let (people, orders, _, _, _, rooms) = counts(&app).await;
        assert_eq!((people, orders, rooms), (30, 60, 70));
        let mut conn = app.state.db.read().await.expect("a connection");
        let now = app.now();
        for (what, sql, least) in [
            ("open with many seats", "select count(*) from parties where state = 'open' and seats - taken >= 5", 2),
            ("nearly full", "select count(*) from parties where state = 'open' and seats - taken = 1", 5),
            ("full", "select count(*) from parties where state = 'closed' and closed_by = 'full' and taken = seats", 5),
            ("closed by the host", "select count(*) from parties where state = 'closed' and closed_by = 'host'", 4),
            ("past its deadline", "select count(*) from parties where state = 'closed' and closed_by = 'deadline'", 5),
            ("ordered", "select count(*) from parties where state = 'ordered'", 2),
            ("arrived", "select count(*) from parties where state = 'arrived'", 2),
            ("settled", "select count(*) from parties where state = 'settled'", 3),
            ("who have their money", "select count(*) from payments where received is not null", 5),
            ("who have sent theirs", "select count(*) from payments where sent is not null and received is null", 1),
            ("things on bills", "select count(*) from bill_items", 20),
            ("cancelled", "select count(*) from parties where state = 'cancelled'", 3),
            ("with approval", "select count(*) from parties where joining = 'approval' and state = 'open'", 5),
            ("applications", "select count(*) from party_requests where kind = 'application'", 5),
            ("waitlist", "select count(*) from party_requests where kind = 'waitlist'", 3),
            ("outside people", "select count(*) from parties where outside > 0", 5),
            ("direct rooms with messages", "select count(*) from rooms where kind = 'direct' and last_said > 0", 10),
            ("kinds of food", "select count(distinct category) from parties", 14),
            ("동", "select count(distinct region) from parties", 12),
        ] {
            let found = number(&mut conn, sql).await;
            assert!(found >= least, "{what}: {found}");
        }
        let (soon,): (i64,) = fetch_one!(
            conn, (i64,), "select count(*) from parties where state = 'open' and deadline_at > $1 and deadline_at < $1 + 1200000", now
        ).expect("a number");
        assert!(soon >= 5, "{soon} close within twenty minutes");
        // Nothing waits for its deadline to be written down, and nothing lies in the future.
        assert_eq!(app_due(&app).await, 0);
        let (late,): (i64,) = fetch_one!(conn, (i64,), "select count(*) from messages where created_at > $1", now).expect("a number");
        assert_eq!(late, 0);
        let (disorder,): (i64,) = fetch_one!(
            conn, (i64,),
            "select count(*) from messages m join messages n on n.room_id = m.room_id and n.seq = m.seq + 1 where n.created_at < m.created_at"
        ).expect("a number");
        assert_eq!(disorder, 0);
    }

    async fn loading_again_changes_nothing(app: TestApp) {
        let Ok(Outcome::Loaded(_)) = load(&app.state).await else { panic!("not loaded") };
        let before = counts(&app).await;
        assert_eq!(load(&app.state).await, Ok(Outcome::Present));
        assert_eq!(load_if_empty(&app.state).await, Ok(Outcome::Present));
        assert_eq!(counts(&app).await, before);
    }

    async fn loading_twice_at_once_loads_one(app: TestApp) {
        let (one, other) = tokio::join!(load(&app.state), load(&app.state));
        let outcomes = [one.expect("loaded"), other.expect("loaded")];
        assert_eq!(outcomes.iter().filter(|outcome| **outcome == Outcome::Present).count(), 1, "{outcomes:?}");
        assert_eq!(counts(&app).await.0, 30);
    }

    async fn a_database_in_use_is_left_alone_at_the_start(app: TestApp) {
        app.member("mina").await;
        assert_eq!(load_if_empty(&app.state).await, Ok(Outcome::Inhabited));
        assert_eq!(counts(&app).await.0, 1);
        assert!(matches!(load(&app.state).await, Ok(Outcome::Loaded(_))), "asked for by name");
    }

    async fn a_name_that_is_taken_leaves_nothing_behind(app: TestApp) {
        app.member("콩이").await;
        assert!(load(&app.state).await.is_err());
        assert_eq!(counts(&app).await.0, 1);
    }

    async fn only_the_two_accounts_have_the_known_password(app: TestApp) {
        load(&app.state).await.expect("loaded");
        let mut conn = app.state.db.read().await.expect("a connection");
        let people: Vec<(String, String)> = fetch_all!(conn, (String, String), "select email, password_hash from users").expect("people");
        let hashes: BTreeSet<&str> = people.iter().map(|(_, hash)| hash.as_str()).collect();
        assert_eq!(hashes.len(), 2);
        for (email, hash) in &people {
            let fits = app.state.hasher.verify(PASSWORD.to_owned(), Some(hash.clone())).await.expect("an answer");
            assert_eq!(fits, ACCOUNTS.contains(&email.as_str()), "{email}");
        }
    }

    async fn every_place_lists_its_orders(app: TestApp) {
        load(&app.state).await.expect("loaded");
        let visitor = app.visitor();
        let mut listed = 0;
        for place in World::read().places {
            let query = MealQuery { region: Some(place.code), ..MealQuery::read(|_| None) };
            let list = visitor.ask(ListMeals { query }).await.expect("a list");
            assert!(!list.page.rows.is_empty(), "{}", place.name);
            listed += list.page.total;
        }
        assert_eq!(listed, 55, "all but the three that were cancelled and the two that have ended");
        // 연남동 alone has a second page, and so has its 시군구.
        let first = World::read().places[0].code;
        for area in [Area::Region, Area::District] {
            let query = MealQuery { region: Some(first), area, ..MealQuery::read(|_| None) };
            let list = visitor.ask(ListMeals { query }).await.expect("a list");
            assert_eq!(list.page.rows.len(), 10);
            assert!(list.page.last >= 2);
        }
    }

    async fn both_accounts_sign_in_and_find_something_to_do(app: TestApp) {
        load(&app.state).await.expect("loaded");
        for email in ACCOUNTS {
            let person = app.visitor();
            let form = SignInForm { email: email.to_owned(), password: PASSWORD.to_owned(), ..SignInForm::default() };
            person.call(SignIn { form }).await.expect("signed in");
            let home = person.ask(Home {}).await.expect("the first page");
            assert!(!home.mine.is_empty() && !home.soon.is_empty(), "{email}: {home:?}");
            let query = MealQuery::read(|_| None);
            let list = person.ask(ListMeals { query }).await.expect("a list");
            assert_eq!(list.place.expect("a place").region.name, "연남동");
            let rooms = person.ask(ChatRooms { search: String::new(), after: None }).await.expect("rooms").rooms;
            assert!(rooms.len() >= 5 && rooms.iter().any(|room| room.tally.unread() == 0), "{email}: {rooms:?}");
            assert!(rooms.iter().filter(|room| room.tally.unread() > 0).count() >= 3, "{email}: {rooms:?}");
        }
    }

    async fn both_accounts_have_something_to_read(app: TestApp) {
        load(&app.state).await.expect("loaded");
        let mut conn = app.state.db.read().await.expect("a connection");
        for nickname in ["하린", "몽글"] {
            let rooms = unread(&mut conn, nickname).await;
            let kinds: BTreeSet<&str> = rooms.iter().map(|(kind, _)| kind.as_str()).collect();
            assert_eq!(kinds, BTreeSet::from(["direct", "party"]), "{nickname}: {rooms:?}");
        }
        let shared: Vec<(String, i64)> = fetch_all!(
            conn, (String, i64),
            "select r.kind, count(*) from rooms r join room_members a on a.room_id = r.id join users ua on ua.id = a.user_id and ua.nickname = '하린'
             join room_members b on b.room_id = r.id join users ub on ub.id = b.user_id and ub.nickname = '몽글' group by r.kind"
        ).expect("rooms");
        assert_eq!(BTreeMap::from_iter(shared), BTreeMap::from([("direct".to_owned(), 1), ("party".to_owned(), 2)]));
        // Who is not named in the files has read everything.
        assert_eq!(unread(&mut conn, "밤톨").await, []);
    }
}

async fn app_due(app: &TestApp) -> usize {
    crate::features::parties::jobs::run_once(&app.state).await.expect("a run")
}

#[test]
fn places_and_people_are_what_the_files_say() {
    let world = World::read();
    let accounts: Vec<&str> = world.people.iter().map(|person| person.email.as_str()).take(2).collect();
    assert_eq!(accounts, ACCOUNTS);
    for place in &world.places {
        assert_eq!(atlas::find(place.code).expect("a region").name, place.name);
        assert!(world.people.iter().any(|person| person.place == place.name), "nobody lives in {}", place.name);
    }
}
