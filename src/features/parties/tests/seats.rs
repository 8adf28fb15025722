//! Joining, leaving, waiting and applying.

use super::*;
use crate::features::chat::api::ChatMembers;
use crate::features::parties::jobs;
use crate::on_both;
use axum::body::Body;
use axum::http::{Request, header};
use leptos::server_fn::ServerFn;

on_both! {
    async fn the_host_has_a_seat_and_the_room_from_the_start(app: TestApp) {
        let mina = app.member("mina").await;
        let party = open(&mina, order()).await;
        let held = held(&app, party).await;
        assert_eq!((held.taken, held.seats, held.state.as_str()), (1, 4, "open"));
        assert_eq!((held.members, held.in_room), (vec![mina.id()], vec![mina.id()]));
        assert_eq!(standing(&mina, party).await, Standing::Host);
    }

    async fn joining_twice_is_one_seat(app: TestApp) {
        let (mina, jun) = (app.member("mina").await, app.member("jun").await);
        let party = open(&mina, order()).await;
        assert_eq!(join(&jun, party).await, Ok(()));
        assert_eq!(join(&jun, party).await, Ok(()));
        assert_eq!(join(&mina, party).await, Ok(()), "the host sits there already");
        let held = held(&app, party).await;
        assert_eq!((held.taken, held.popularity), (2, 2));
        assert_eq!(held.in_room, sorted(vec![mina.id(), jun.id()]));
        assert_eq!(notices(&app, party).await, [("joined".to_owned(), "jun".to_owned())]);
        assert_eq!(standing(&jun, party).await, Standing::Member);
        let room = seen(&jun, party).await.room.expect("a room");
        let people = jun.ask(ChatMembers { room }).await.expect("people");
        let deal = people.deal.expect("a party's");
        assert_eq!((deal.seats, deal.taken, deal.is_open, people.members.len()), (4, 2, true, 2));
        app.advance(minutes(30));
        assert!(!jun.ask(ChatMembers { room }).await.expect("people").deal.expect("a party's").is_open);
    }

    async fn nobody_joins_without_signing_in_or_what_is_not_there(app: TestApp) {
        let mina = app.member("mina").await;
        let party = open(&mina, order()).await;
        let visitor = app.visitor();
        assert_eq!(join(&visitor, party).await, Err(AppError::SignInRequired));
        assert_eq!(leave(&visitor, party).await, Err(AppError::SignInRequired));
        assert_eq!(wait(&visitor, party).await, Err(AppError::SignInRequired));
        assert_eq!(apply(&visitor, party, "").await, Err(AppError::SignInRequired));
        assert_eq!(visitor.call(WithdrawRequest { party }).await, Err(AppError::SignInRequired));
        let nowhere = PartyId(Uuid::now_v7());
        assert_eq!(join(&mina, nowhere).await, Err(AppError::NotFound));
        assert_eq!(leave(&mina, nowhere).await, Err(AppError::NotFound));
        assert_eq!(wait(&mina, nowhere).await, Err(AppError::NotFound));
        assert_eq!(apply(&mina, nowhere, "").await, Err(AppError::NotFound));
        assert_eq!(mina.call(WithdrawRequest { party: nowhere }).await, Err(AppError::NotFound));
    }

    async fn a_full_party_closes_and_a_freed_seat_opens_it(app: TestApp) {
        let (mina, jun, sol) = (app.member("mina").await, app.member("jun").await, app.member("sol").await);
        let party = open_with(&mina, 2).await;
        join(&jun, party).await.expect("a seat");
        let full = held(&app, party).await;
        assert_eq!((full.state.as_str(), full.closed_by.as_deref()), ("closed", Some("full")));
        assert_eq!(join(&sol, party).await, no(Conflict::Full));
        assert_eq!(leave(&jun, party).await, Ok(()));
        let freed = held(&app, party).await;
        assert_eq!((freed.state.as_str(), freed.closed_by, freed.taken), ("open", None, 1));
        assert_eq!(freed.in_room, [mina.id()]);
        assert_eq!(join(&sol, party).await, Ok(()));
        let said: Vec<String> = notices(&app, party).await.into_iter().map(|(code, _)| code).collect();
        assert_eq!(said, ["joined", "closed", "left", "reopened", "joined", "closed"]);
    }

    async fn leaving_again_frees_nothing(app: TestApp) {
        let (mina, jun, sol) = (app.member("mina").await, app.member("jun").await, app.member("sol").await);
        let party = open(&mina, order()).await;
        join(&jun, party).await.expect("a seat");
        join(&sol, party).await.expect("a seat");
        assert_eq!(leave(&jun, party).await, Ok(()));
        assert_eq!(leave(&jun, party).await, Ok(()));
        assert_eq!(held(&app, party).await.taken, 2);
        assert_eq!(leave(&mina, party).await, no(Conflict::HostCannotLeave));
        assert_eq!(held(&app, party).await.taken, 2);
    }

    async fn the_first_in_line_moves_up_by_herself(app: TestApp) {
        let (mina, jun, sol, bo) = (app.member("mina").await, app.member("jun").await, app.member("sol").await, app.member("bo").await);
        let party = open_with(&mina, 2).await;
        assert_eq!(wait(&sol, party).await, no(Conflict::SeatsFree));
        join(&jun, party).await.expect("a seat");
        assert_eq!(wait(&jun, party).await, Ok(()), "a member waits for nothing");
        for person in [&sol, &bo, &sol] {
            app.advance(crate::shared::time::Span(1));
            assert_eq!(wait(person, party).await, Ok(()));
        }
        assert_eq!(standing(&sol, party).await, Standing::Waiting { place: 1 });
        assert_eq!(standing(&bo, party).await, Standing::Waiting { place: 2 });
        assert_eq!(held(&app, party).await.popularity, 4);
        leave(&jun, party).await.expect("left");
        assert_eq!(standing(&sol, party).await, Standing::Member);
        assert_eq!(standing(&bo, party).await, Standing::Waiting { place: 1 });
        let held = held(&app, party).await;
        assert_eq!((held.taken, held.state.as_str(), held.closed_by.as_deref()), (2, "closed", Some("full")));
        assert_eq!(held.in_room, sorted(vec![mina.id(), sol.id()]));
        assert_eq!(last_notice(&app, party).await, ("joined".to_owned(), "sol".to_owned()));
        assert_eq!(bo.call(WithdrawRequest { party }).await, Ok(()));
        assert_eq!(bo.call(WithdrawRequest { party }).await, Ok(()));
        assert_eq!(standing(&bo, party).await, Standing::Stranger);
        leave(&sol, party).await.expect("left");
        assert_eq!(super::held(&app, party).await.state, "open");
    }

    async fn a_deadline_closes_also_before_anybody_wrote_it_down(app: TestApp) {
        let (mina, jun) = (app.member("mina").await, app.member("jun").await);
        let party = open(&mina, order()).await;
        app.advance(minutes(30));
        assert_eq!(seen(&jun, party).await.card.state, State::Closed(ClosedBy::Deadline));
        assert_eq!(join(&jun, party).await, no(Conflict::Closed));
        assert_eq!(wait(&jun, party).await, no(Conflict::Closed));
        assert_eq!(held(&app, party).await.state, "open", "a refused call writes nothing");
        assert_eq!(jobs::run_once(&app.state).await, Ok(1));
        let held = held(&app, party).await;
        assert_eq!((held.state.as_str(), held.closed_by.as_deref()), ("closed", Some("deadline")));
        assert_eq!(last_notice(&app, party).await, ("closed".to_owned(), "deadline".to_owned()));
        assert_eq!(jobs::run_once(&app.state).await, Ok(0));
    }

    async fn a_full_party_is_over_when_its_deadline_has_passed(app: TestApp) {
        let (mina, jun, sol) = (app.member("mina").await, app.member("jun").await, app.member("sol").await);
        let (full, asking) = (open_with(&mina, 2).await, open_asking(&mina, 2).await);
        join(&jun, full).await.expect("a seat");
        apply(&jun, asking, "").await.expect("asked");
        mina.call(AcceptApplication { party: asking, person: jun.id() }).await.expect("accepted");
        assert_eq!(seen(&sol, full).await.card.state, State::Closed(ClosedBy::Full));
        app.advance(minutes(30));
        for party in [full, asking] {
            assert_eq!(seen(&sol, party).await.card.state, State::Closed(ClosedBy::Deadline), "nobody is offered a place in line");
            assert_eq!(wait(&sol, party).await, no(Conflict::Closed));
            assert_eq!(apply(&sol, party, "").await, no(Conflict::Closed));
            assert_eq!(join(&sol, party).await, no(Conflict::Closed));
            assert!(held(&app, party).await.waiting.is_empty() && held(&app, party).await.applied.is_empty());
        }
        assert_eq!(jobs::run_once(&app.state).await, Ok(2), "it is written down like that of an open one");
        assert_eq!(held(&app, full).await.closed_by.as_deref(), Some("deadline"));
        assert_eq!(jobs::run_once(&app.state).await, Ok(0));
        // More time, and it is only full again.
        edit(&mina, full, |form| (form.due, form.seats) = ("30".to_owned(), "2".to_owned())).await.expect("moved");
        assert_eq!(held(&app, full).await.closed_by.as_deref(), Some("full"));
        assert_eq!(wait(&sol, full).await, Ok(()));
    }

    async fn a_seat_freed_after_the_deadline_opens_nothing(app: TestApp) {
        let (mina, jun, sol) = (app.member("mina").await, app.member("jun").await, app.member("sol").await);
        let party = open_with(&mina, 2).await;
        join(&jun, party).await.expect("a seat");
        wait(&sol, party).await.expect("in line");
        app.advance(minutes(31));
        leave(&jun, party).await.expect("left");
        let held = held(&app, party).await;
        assert_eq!((held.state.as_str(), held.closed_by.as_deref(), held.taken), ("closed", Some("deadline"), 1));
        assert_eq!(held.waiting, [sol.id()]);
    }

    async fn who_has_to_be_asked_is_asked(app: TestApp) {
        let (mina, jun, sol) = (app.member("mina").await, app.member("jun").await, app.member("sol").await);
        let party = open_asking(&mina, 2).await;
        assert_eq!(join(&jun, party).await, no(Conflict::ApprovalNeeded));
        assert_eq!(wait(&jun, party).await, no(Conflict::ApprovalNeeded));
        assert_eq!(apply(&jun, party, &"x".repeat(201)).await.expect_err("long").fields().0[0].field, "message");
        assert_eq!(apply(&jun, party, "  콜라는 제가 살게요 ").await, Ok(()));
        assert_eq!(apply(&jun, party, "사이다도요").await, Ok(()), "the second replaces the first");
        app.advance(crate::shared::time::Span(1));
        assert_eq!(apply(&sol, party, "").await, Ok(()));
        assert_eq!(standing(&jun, party).await, Standing::Applied);
        let desk = seen(&mina, party).await.circle.desk.expect("the host's");
        let asked: Vec<_> = desk.applications.iter().map(|a| (a.person.nickname.as_str(), a.message.as_str())).collect();
        assert_eq!(asked, [("jun", "사이다도요"), ("sol", "")]);
        assert!(seen(&jun, party).await.circle.desk.is_none(), "only the host reads them");

        let accept = |person: UserId| mina.call(AcceptApplication { party, person });
        assert_eq!(accept(jun.id()).await, Ok(()));
        assert_eq!(accept(jun.id()).await, Ok(()), "twice is one seat");
        assert_eq!(standing(&jun, party).await, Standing::Member);
        assert_eq!(accept(sol.id()).await, no(Conflict::Full));
        assert_eq!(mina.call(DeclineApplication { party, person: sol.id() }).await, Ok(()));
        assert_eq!(mina.call(DeclineApplication { party, person: sol.id() }).await, Ok(()));
        assert_eq!(standing(&sol, party).await, Standing::Stranger);
        leave(&jun, party).await.expect("left");
        assert_eq!(accept(sol.id()).await, no(Conflict::Stale), "the application is gone");
        assert_eq!(held(&app, party).await.taken, 1);
    }

    async fn where_nobody_has_to_be_asked_nobody_is(app: TestApp) {
        let (mina, jun, sol) = (app.member("mina").await, app.member("jun").await, app.member("sol").await);
        let party = open_with(&mina, 2).await;
        assert_eq!(apply(&jun, party, "").await, no(Conflict::SeatsFree));
        join(&jun, party).await.expect("a seat");
        assert_eq!(apply(&sol, party, "").await, no(Conflict::Full));
        assert_eq!(apply(&jun, party, "").await, Ok(()), "a member asks for nothing");
        assert!(held(&app, party).await.applied.is_empty());
    }

    async fn nobody_comes_and_goes_without_end(app: TestApp) {
        let (mina, jun, sol) = (app.member("mina").await, app.member("jun").await, app.member("sol").await);
        let (party, other) = (open(&mina, order()).await, open_asking(&mina, 4).await);
        for _ in 0..6 {
            join(&jun, party).await.expect("a seat");
            leave(&jun, party).await.expect("left");
        }
        let said = notices(&app, party).await.len();
        let answer = jun.call_raw(JoinParty { party }).await;
        assert_eq!((answer.status.as_u16(), &answer.headers["retry-after"]), (429, &"600".parse().expect("a header")));
        let page = jun.post_form(&format!("/meals/{party}"), "/api/join_party", &[("party", &party.to_string())]).await;
        assert!(page.status == 429 && page.body.contains("600초 뒤에"), "{}", page.body);
        assert_eq!(wait(&jun, party).await, Err(AppError::SlowDown { seconds: 600 }));
        assert_eq!(notices(&app, party).await.len(), said);
        // It is between him and this party.
        assert_eq!(join(&sol, party).await, Ok(()));
        for n in 0..6 {
            assert_eq!(apply(&jun, other, &n.to_string()).await, Ok(()));
        }
        assert_eq!(apply(&jun, other, "").await, Err(AppError::SlowDown { seconds: 600 }));
        app.advance(minutes(10));
        assert_eq!(join(&jun, party).await, Ok(()));
    }

    async fn a_host_does_not_ring_without_end(app: TestApp) {
        let mina = app.member("mina").await;
        let party = open(&mina, order()).await;
        for _ in 0..30 {
            mina.call(CloseParty { party }).await.expect("closed");
            mina.call(ReopenParty { party }).await.expect("open");
        }
        let slow = Err(AppError::SlowDown { seconds: 600 });
        assert_eq!(mina.call(CloseParty { party }).await, slow);
        assert_eq!(edit(&mina, party, |_| {}).await, slow);
        assert_eq!(cancel(&mina, party, "").await, slow);
        app.advance(minutes(10));
        assert_eq!(edit(&mina, party, |_| {}).await, Ok(()));
    }

    async fn each_viewer_counts_once_a_day(app: TestApp) {
        let (mina, jun) = (app.member("mina").await, app.member("jun").await);
        let party = open(&mina, order()).await;
        for viewer in [&jun, &jun, &app.visitor(), &app.visitor(), &mina] {
            seen(viewer, party).await;
        }
        // Both visitors come from the same place with the same device.
        assert_eq!(seen(&jun, party).await.views, 3);
        app.advance(crate::shared::time::Span::days(1));
        assert_eq!(jobs::run_once(&app.state).await, Ok(1));
        seen(&jun, party).await;
        assert_eq!(seen(&jun, party).await.views, 4);
        let mut conn = app.state.db.read().await.expect("a connection");
        let (rows,): (i64,) = fetch_one!(conn, (i64,), "select count(*) from party_views").expect("a count");
        assert_eq!(rows, 1, "yesterday's are forgotten");
    }

    async fn yesterdays_viewers_are_forgotten_a_part_at_a_time(app: TestApp) {
        let mina = app.member("mina").await;
        let party = open(&mina, order()).await;
        let today = app.now().seoul().date.to_days();
        let mut tx = app.state.db.begin().await.expect("a transaction");
        crate::execute!(
            &mut tx,
            "insert into party_views (party_id, viewer, day)
             with recursive n (i) as (select 1 union all select i + 1 from n where i < 2100) select $1, cast(i as text), $2 - i % 2 from n",
            party,
            today
        )
        .expect("seen");
        tx.commit().await.expect("committed");
        for left in [1_100, 1_050, 1_050] {
            jobs::run_once(&app.state).await.expect("forgotten");
            let mut conn = app.state.db.read().await.expect("a connection");
            let (rows,): (i64,) = fetch_one!(conn, (i64,), "select count(*) from party_views").expect("a count");
            assert_eq!(rows, left, "today's stay");
        }
    }

    async fn one_program_is_not_a_thousand_viewers(app: TestApp) {
        let mina = app.member("mina").await;
        let party = open(&mina, order()).await;
        // Behind a proxy of ours, so that the address is what is forwarded.
        let visitor = app.visitor_where(|config| config.proxies = 1);
        let look = async |from: String, device: String| {
            let request = Request::get(format!("{}?id={party}", ReadMeal::PATH)).header("x-forwarded-for", from).header(header::USER_AGENT, device);
            assert_eq!(visitor.send(request.body(Body::empty()).expect("a request")).await.status, 200);
        };
        for n in 0..150 {
            look(format!("203.0.113.{n}"), format!("device {n}")).await;
            look(format!("2001:db8:7:{n}::1"), format!("device {n}")).await;
        }
        // What she is told is without herself.
        assert_eq!(seen(&mina, party).await.views, 16, "eight kinds of devices from each of two places");
        let mut conn = app.state.db.read().await.expect("a connection");
        let (rows,): (i64,) = fetch_one!(conn, (i64,), "select count(*) from party_views").expect("a count");
        assert_eq!(rows, 17);
        look("203.0.114.1".to_owned(), "device 1".to_owned()).await;
        assert_eq!(seen(&mina, party).await.views, 18);
    }
}
