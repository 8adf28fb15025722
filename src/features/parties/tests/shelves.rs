//! What people keep, and the parties of one person.

use super::*;
use crate::features::meals::api::{Home, ListMyMeals};
use crate::features::meals::model::MineQuery;
use crate::features::parties::jobs::{put_right_by, run_once};
use crate::features::parties::store::{has_to_put_away, put_away};
use crate::features::parties::throttle;
use crate::on_both;
use crate::server::db::Db;
use crate::shared::paging::{PAGE_SIZE, PageAsk};
use crate::{execute, fetch_one};

async fn keep(actor: &Actor, party: PartyId, keeps: bool) -> Result<(), AppError> {
    actor.call(KeepParty { party, keeps }).await
}

async fn on(actor: &Actor, shelf: Shelf) -> Vec<PartyId> {
    let mine = actor.ask(ListMyMeals { query: MineQuery { shelf, page: PageAsk::default() } }).await.expect("a list");
    mine.page.rows.into_iter().map(|card| card.id).collect()
}

/// Everything on every shelf but the empty ones.
async fn all(actor: &Actor) -> Vec<(Shelf, Vec<PartyId>)> {
    let mut found = Vec::new();
    for shelf in Shelf::ALL {
        let ids = on(actor, shelf).await;
        if !ids.is_empty() {
            found.push((shelf, ids));
        }
    }
    found
}

on_both! {
    async fn what_is_kept_is_kept_once_by_whom_keeps_it(app: TestApp) {
        let (mina, jun) = (app.member("mina").await, app.member("jun").await);
        let (first, second) = (open(&mina, order()).await, open(&mina, order()).await);
        for _ in 0..2 {
            assert_eq!(keep(&jun, first, true).await, Ok(()));
        }
        app.advance(minutes(1));
        assert_eq!(keep(&jun, second, true).await, Ok(()));
        assert_eq!(on(&jun, Shelf::Kept).await, [second, first], "the latest first");
        assert_eq!(on(&mina, Shelf::Kept).await, []);
        assert!(seen(&jun, first).await.is_kept && !seen(&mina, first).await.is_kept && !seen(&app.visitor(), first).await.is_kept);
        for _ in 0..2 {
            assert_eq!(keep(&jun, second, false).await, Ok(()));
        }
        cancel(&mina, first, "").await.expect("called off");
        assert_eq!(on(&jun, Shelf::Kept).await, [first], "it does not vanish, it says that it was called off");
        let kept = jun.get("/me/parties?shelf=kept").await.body;
        assert!(kept.contains("취소됨") && !kept.contains("온동네치킨") && !kept.contains("경의선숲길"), "what is for the table stays there: {kept}");
        assert_eq!(keep(&mina, first, true).await, Err(AppError::NotFound), "what was called off is not kept any more");
        assert_eq!(keep(&jun, PartyId(Uuid::now_v7()), true).await, Err(AppError::NotFound));
        assert_eq!(keep(&app.visitor(), second, true).await, Err(AppError::SignInRequired));
        assert_eq!(app.visitor().ask(ListMyMeals { query: MineQuery::default() }).await.map(drop), Err(AppError::SignInRequired));
    }

    async fn keeping_at_once_from_everywhere_is_keeping_once(app: TestApp) {
        let (mina, jun) = (app.member("mina").await, app.member("jun").await);
        let party = open(&mina, order()).await;
        let done = futures_util::future::join_all((0..20).map(|_| keep(&jun, party, true))).await;
        assert!(done.iter().all(Result::is_ok), "{done:?}");
        assert_eq!(on(&jun, Shelf::Kept).await, [party]);
    }

    async fn each_party_is_where_it_belongs(app: TestApp) {
        let (mina, jun, sol) = (app.member("mina").await, app.member("jun").await, app.member("sol").await);
        let own = open(&jun, order()).await;
        let (joined, full, asked) = (open_with(&mina, 3).await, open_with(&mina, 2).await, open_asking(&mina, 4).await);
        join(&jun, joined).await.expect("a seat");
        join(&sol, full).await.expect("a seat");
        wait(&jun, full).await.expect("in line");
        apply(&jun, asked, "").await.expect("asked");
        assert_eq!(
            all(&jun).await,
            [(Shelf::Hosted, vec![own]), (Shelf::Joined, vec![joined]), (Shelf::Applied, vec![asked]), (Shelf::Waiting, vec![full])]
        );
        cancel(&mina, joined, "").await.expect("called off");
        assert_eq!(on(&jun, Shelf::Joined).await, []);
        assert_eq!(on(&jun, Shelf::Past).await, [joined]);
        app.advance(minutes(30 + 12 * 60));
        run_once(&app.state).await.expect("put away");
        assert_eq!((on(&jun, Shelf::Hosted).await, on(&jun, Shelf::Applied).await, on(&jun, Shelf::Waiting).await), (vec![], vec![], vec![]));
        assert_eq!(sorted_parties(on(&jun, Shelf::Past).await), sorted_parties(vec![own, joined]));
        assert_eq!(all(&app.member("bo").await).await, [], "nobody else's");
    }

    async fn each_shelf_is_read_in_its_order_and_no_further_than_its_page(app: TestApp) {
        let jun = app.member("jun").await;
        for (shelf, index) in [
            (Shelf::Hosted, "party_members_on_shelf"),
            (Shelf::Joined, "party_members_on_shelf"),
            (Shelf::Past, "party_members_on_shelf"),
            (Shelf::Applied, "party_requests_on_shelf"),
            (Shelf::Waiting, "party_requests_on_shelf"),
            (Shelf::Kept, "bookmarks_in_order"),
        ] {
            for plan in crate::features::parties::store::shelf_plans(&app.state.db, jun.id(), shelf).await {
                assert!(plan.contains(index), "{shelf:?}: {plan}");
                assert!(!plan.contains("TEMP B-TREE") && !plan.contains("Sort"), "{shelf:?}: {plan}");
            }
        }
    }

    async fn what_is_asked_for_is_shown_until_the_deadline_and_again_when_that_is_moved(app: TestApp) {
        let (mina, jun, sol) = (app.member("mina").await, app.member("jun").await, app.member("sol").await);
        let (asked, full) = (open_asking(&mina, 4).await, open_with(&mina, 2).await);
        apply(&jun, asked, "").await.expect("asked");
        join(&sol, full).await.expect("a seat");
        wait(&jun, full).await.expect("in line");
        // Closed by hand: no deadline is written down there.
        mina.call(CloseParty { party: asked }).await.expect("closed");
        assert_eq!(all(&jun).await, [(Shelf::Applied, vec![asked]), (Shelf::Waiting, vec![full])]);
        app.advance(minutes(30));
        run_once(&app.state).await.expect("put away");
        assert_eq!(all(&jun).await, []);
        for (party, seats) in [(asked, "4"), (full, "2")] {
            let moved = edit(&mina, party, |form| {
                (form.due, form.due_at, form.seats) = ("at".to_owned(), local(app.now() + minutes(60)), seats.to_owned());
            });
            moved.await.expect("moved");
        }
        assert_eq!(all(&jun).await, [(Shelf::Applied, vec![asked]), (Shelf::Waiting, vec![full])]);
    }

    async fn what_an_older_version_writes_is_put_right(app: TestApp) {
        let (mina, jun, sol) = (app.member("mina").await, app.member("jun").await, app.member("sol").await);
        let (party, asked) = (open(&mina, order()).await, open_asking(&mina, 4).await);
        join(&jun, party).await.expect("a seat");
        apply(&sol, asked, "").await.expect("asked");
        let right = [all(&mina).await, all(&jun).await, all(&sol).await];
        let mut tx = app.state.db.begin().await.expect("a transaction");
        for sql in [
            "update party_members set shelf = case shelf when 'hosted' then 'joined' else 'past' end, over_at = over_at + 1",
            "update party_requests set is_over = true, over_at = 9000000000000000",
        ] {
            execute!(tx, sql).expect("written as by another version");
        }
        tx.commit().await.expect("committed");
        assert_ne!([all(&mina).await, all(&jun).await, all(&sol).await], right);
        // One party a page, and the last page has nothing.
        put_right_by(&app.state, 1).await.expect("put right");
        assert_eq!([all(&mina).await, all(&jun).await, all(&sol).await], right);
    }

    async fn what_is_over_is_put_away_a_part_at_a_time_and_what_somebody_holds_later(app: TestApp) {
        let (mina, jun, sol) = (app.member("mina").await, app.member("jun").await, app.member("sol").await);
        for host in [&mina, &sol] {
            open(host, order()).await;
            apply(&jun, open_asking(host, 4).await, "").await.expect("asked");
        }
        let over = app.now() + minutes(30 + 12 * 60);
        let left = async || {
            let mut conn = app.state.db.read().await.expect("a connection");
            let (seats,) = fetch_one!(conn, (i64,), "select count(*) from party_members where shelf <> 'past'").expect("a number");
            let (asked,) = fetch_one!(conn, (i64,), "select count(*) from party_requests where is_over = false").expect("a number");
            assert_eq!(has_to_put_away(&mut conn, over).await, Ok(seats + asked > 0));
            (seats, asked)
        };
        let some = async |most| {
            let mut tx = app.state.db.begin().await.expect("a transaction");
            put_away(&mut tx, over, most).await.expect("put away");
            tx.commit().await.expect("committed");
        };
        assert_eq!(left().await, (4, 2));
        some(1).await;
        assert_eq!(left().await, (3, 1));
        if matches!(app.state.db, Db::Pg(..)) {
            let mut other = app.state.db.begin().await.expect("a transaction");
            for sql in [
                "update party_members set shelf = shelf where party_id = (select party_id from party_members where shelf <> 'past' limit 1)",
                "update party_requests set is_over = is_over where is_over = false",
            ] {
                assert_eq!(execute!(other, sql).expect("held"), 1);
            }
            some(10).await;
            assert_eq!(left().await, (1, 1), "nobody waits for who changes a party right now");
            other.commit().await.expect("committed");
        }
        some(10).await;
        assert_eq!(left().await, (0, 0));
    }

    async fn who_is_handed_an_order_has_it_on_the_shelf_of_hosts(app: TestApp) {
        let (mina, jun) = (app.member("mina").await, app.member("jun").await);
        let party = open(&mina, order()).await;
        join(&jun, party).await.expect("a seat");
        mina.call(HandOverParty { party, person: jun.id() }).await.expect("handed over");
        assert_eq!((all(&mina).await, all(&jun).await), (vec![(Shelf::Joined, vec![party])], vec![(Shelf::Hosted, vec![party])]));
    }

    async fn a_shelf_is_full_to_the_last_page_whatever_became_of_the_others(app: TestApp) {
        let (mina, sol, jun) = (app.member("mina").await, app.member("sol").await, app.member("jun").await);
        let forgive = || [&mina, &sol, &jun].map(|actor| app.state.limiter.forget(throttle::DEEDS, &actor.id().to_string()));
        let (mut going_on, mut over) = (Vec::new(), Vec::new());
        for n in 0..58 {
            let host = if n % 2 == 0 { &mina } else { &sol };
            let party = open_with(host, 2).await;
            app.advance(crate::shared::time::Span(1));
            forgive();
            join(&jun, party).await.expect("a seat");
            match n % 5 {
                0 => cancel(host, party, "").await.expect("called off"),
                1 => leave(&jun, party).await.expect("left"),
                2 => {
                    host.call(AdvanceParty { party, to: Stage::Ordered }).await.expect("ordered");
                    host.call(HandOverParty { party, person: jun.id() }).await.expect("handed over");
                }
                3 => host.call(AdvanceParty { party, to: Stage::Ordered }).await.expect("ordered"),
                _ => {}
            }
            match n % 5 {
                0 => over.insert(0, party),
                3 | 4 => going_on.insert(0, party),
                _ => {}
            }
        }
        for (shelf, expected) in [(Shelf::Joined, &going_on), (Shelf::Past, &over)] {
            let mut found = Vec::new();
            for number in 1..=expected.len().div_ceil(PAGE_SIZE) as u32 {
                let query = MineQuery { shelf, page: PageAsk { number, after: None } };
                let page = jun.ask(ListMyMeals { query }).await.expect("a list").page;
                assert_eq!(page.total, expected.len() as i64);
                assert!(page.rows.len() == PAGE_SIZE || number == page.last, "{shelf:?}: page {number} is short");
                found.extend(page.rows.into_iter().map(|card| card.id));
            }
            assert_eq!(&found, expected, "{shelf:?}");
        }
    }

    async fn an_order_that_its_host_keeps_going_stays_with_those_who_sit_there(app: TestApp) {
        let (mina, jun) = (app.member("mina").await, app.member("jun").await);
        let party = open(&mina, order()).await;
        join(&jun, party).await.expect("a seat");
        let at_home = async || jun.ask(Home {}).await.expect("a page").mine.into_iter().map(|card| card.id).collect::<Vec<_>>();
        for day in 0..16 {
            app.advance(minutes(23 * 60));
            edit(&mina, party, |form| (form.due, form.due_at) = ("at".to_owned(), local(app.now() + minutes(23 * 60)))).await.expect("moved");
            assert_eq!((at_home().await, on(&jun, Shelf::Joined).await), (vec![party], vec![party]), "day {day}");
        }
        // And no longer than it goes on, be it moved back or over.
        edit(&mina, party, |form| (form.due, form.due_at) = ("at".to_owned(), local(app.now() + minutes(10)))).await.expect("moved");
        app.advance(minutes(11 + 12 * 60));
        run_once(&app.state).await.expect("put away");
        assert_eq!((at_home().await, on(&jun, Shelf::Joined).await, on(&jun, Shelf::Past).await), (vec![], vec![], vec![party]));
    }

    async fn the_page_says_what_is_there_in_words(app: TestApp) {
        let (mina, jun) = (app.member("mina").await, app.member("jun").await);
        let party = open(&mina, order()).await;
        keep(&jun, party, true).await.expect("kept");
        let page = jun.get("/me/parties?shelf=kept").await;
        assert!(page.status.is_success() && page.body.contains("담은 모임") && page.body.contains(&format!("/meals/{party}")), "{}", page.body);
        assert!(jun.get("/me/parties?shelf=none").await.body.contains("내가 연 모임이 여기에 모여요."));
        assert_eq!(app.visitor().get("/me/parties").await.status.as_u16(), 401);
        // A plain form, as a browser without JavaScript sends it.
        let page = format!("/meals/{party}");
        let answer = jun.post_form(&page, "/api/keep_party", &[("party", &party.to_string()), ("keeps", "false")]).await;
        assert_eq!((answer.status.as_u16(), answer.location()), (303, page.as_str()));
        assert_eq!(on(&jun, Shelf::Kept).await, []);
    }
}

fn sorted_parties(mut ids: Vec<PartyId>) -> Vec<PartyId> {
    ids.sort();
    ids
}
