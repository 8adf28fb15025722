//! What only the host does.

use super::*;
use crate::execute;
use crate::features::meals::api::{ListMeals, MealToEdit};
use crate::features::meals::model::MealQuery;
use crate::on_both;

on_both! {
    async fn only_the_host_does_what_hosts_do(app: TestApp) {
        let (mina, jun, sol) = (app.member("mina").await, app.member("jun").await, app.member("sol").await);
        let party = open(&mina, order()).await;
        join(&jun, party).await.expect("a seat");
        let person = jun.id();
        let nowhere = PartyId(Uuid::now_v7());
        for (actor, party, why) in [
            (&jun, party, AppError::Forbidden),
            (&sol, party, AppError::Forbidden),
            (&app.visitor(), party, AppError::SignInRequired),
            (&mina, nowhere, AppError::NotFound),
        ] {
            let refused = Err(why);
            assert_eq!(actor.call(AcceptApplication { party, person }).await, refused);
            assert_eq!(actor.call(DeclineApplication { party, person }).await, refused);
            assert_eq!(actor.call(RemoveMember { party, person: mina.id() }).await, refused);
            assert_eq!(actor.call(LiftBan { party, person }).await, refused);
            assert_eq!(actor.call(HandOverParty { party, person }).await, refused);
            assert_eq!(actor.call(CloseParty { party }).await, refused);
            assert_eq!(actor.call(ReopenParty { party }).await, refused);
            assert_eq!(cancel(actor, party, "").await, refused);
            assert_eq!(edit(actor, party, |_| {}).await, refused);
            assert_eq!(actor.ask(MealToEdit { id: party }).await.map(drop), refused);
        }
        let held = held(&app, party).await;
        assert_eq!((held.taken, held.state.as_str()), (2, "open"));
    }

    async fn who_was_removed_stays_out_until_the_ban_is_lifted(app: TestApp) {
        let (mina, jun) = (app.member("mina").await, app.member("jun").await);
        let party = open(&mina, order()).await;
        assert_eq!(remove(&mina, party, jun.id()).await, no(Conflict::NotMember));
        join(&jun, party).await.expect("a seat");
        assert_eq!(remove(&mina, party, mina.id()).await, no(Conflict::HostCannotLeave));
        assert_eq!(remove(&mina, party, jun.id()).await, Ok(()));
        assert_eq!(remove(&mina, party, jun.id()).await, Ok(()), "twice is once");
        let out = held(&app, party).await;
        assert_eq!((out.taken, out.banned, out.in_room), (1, vec![jun.id()], vec![mina.id()]));
        assert_eq!(last_notice(&app, party).await, ("removed".to_owned(), "jun".to_owned()));
        assert_eq!(join(&jun, party).await, no(Conflict::Banned));
        assert_eq!(wait(&jun, party).await, no(Conflict::Banned));
        assert_eq!(apply(&jun, party, "").await, no(Conflict::Banned));
        assert_eq!(standing(&jun, party).await, Standing::Banned);
        assert!(seen(&jun, party).await.room.is_none());
        let desk = seen(&mina, party).await.circle.desk.expect("the host's");
        assert_eq!(desk.banned.rows[0].nickname, "jun");
        assert_eq!(mina.call(LiftBan { party, person: jun.id() }).await, Ok(()));
        assert_eq!(mina.call(LiftBan { party, person: jun.id() }).await, Ok(()));
        assert_eq!(join(&jun, party).await, Ok(()));
    }

    async fn a_ban_is_lifted_however_many_came_after_it(app: TestApp) {
        let (mina, jun) = (app.member("mina").await, app.member("jun").await);
        let party = open(&mina, order()).await;
        join(&jun, party).await.expect("a seat");
        remove(&mina, party, jun.id()).await.expect("removed");
        let mut tx = app.state.db.begin().await.expect("a transaction");
        for n in 1..=150_i64 {
            let id = UserId(Uuid::now_v7());
            execute!(
                tx,
                "insert into users (id, email, email_key, nickname, nickname_key, password_hash, birth_date, gender, created_at)
                 select $1, $2, $2, $2, $2, password_hash, birth_date, gender, created_at from users where id = $3",
                id,
                format!("n{n}"),
                mina.id()
            )
            .expect("a person");
            let ban = "insert into party_bans (party_id, user_id, created_at) values ($1, $2, $3)";
            execute!(tx, ban, party, id, Timestamp(app.now().0 + n)).expect("a ban");
        }
        tx.commit().await.expect("committed");
        // A page of them at a time, the latest first, down to the first one.
        let page = async |ask| match mina.ask(ReadMeal { id: party, banned: ask }).await.expect("a party") {
            MealView::Live(meal) => meal.circle.desk.expect("the host's").banned,
            MealView::Cancelled(_) => panic!("it lives"),
        };
        let first = page(PageAsk::default()).await;
        assert_eq!((first.rows.len(), first.total, first.rows[0].nickname.as_str(), first.last), (10, 151, "n150", 10));
        let last = page(PageAsk { number: 16, after: first.next }).await;
        assert_eq!((last.rows.iter().map(|person| person.id).collect::<Vec<_>>(), last.number), (vec![jun.id()], 16));
        let html = mina.get(&format!("/meals/{party}?page=16&after={}", first.next.expect("a window"))).await.body;
        let desk = html.split("id=\"desk\"").nth(1).expect("a desk");
        assert!(desk.contains("jun") && !desk.contains("n150") && desk.contains(&format!("/meals/{party}?page=15&amp;after=")), "{desk}");
        assert_eq!(mina.call(LiftBan { party, person: jun.id() }).await, Ok(()));
        assert_eq!(page(PageAsk { number: 16, after: first.next }).await.number, 15, "the page that is left");
    }

    async fn the_freed_seat_of_one_removed_goes_to_the_first_in_line(app: TestApp) {
        let (mina, jun, sol) = (app.member("mina").await, app.member("jun").await, app.member("sol").await);
        let party = open_with(&mina, 2).await;
        join(&jun, party).await.expect("a seat");
        wait(&sol, party).await.expect("in line");
        remove(&mina, party, jun.id()).await.expect("removed");
        assert_eq!(held(&app, party).await.members, sorted(vec![mina.id(), sol.id()]));
    }

    async fn a_party_is_handed_over_to_a_member(app: TestApp) {
        let (mina, jun, sol) = (app.member("mina").await, app.member("jun").await, app.member("sol").await);
        let party = open(&mina, order()).await;
        join(&jun, party).await.expect("a seat");
        let hand = |person: UserId| mina.call(HandOverParty { party, person });
        assert_eq!(hand(sol.id()).await, no(Conflict::NotMember));
        assert_eq!(hand(mina.id()).await, Ok(()));
        assert_eq!(hand(jun.id()).await, Ok(()));
        assert_eq!(last_notice(&app, party).await, ("host_changed".to_owned(), "jun".to_owned()));
        assert_eq!((standing(&jun, party).await, standing(&mina, party).await), (Standing::Host, Standing::Member));
        assert_eq!(hand(jun.id()).await, Err(AppError::Forbidden), "it is not theirs any more");
        assert_eq!(leave(&mina, party).await, Ok(()));
        assert_eq!(seen(&sol, party).await.host.nickname, "jun");
    }

    async fn the_host_closes_and_opens(app: TestApp) {
        let (mina, jun, sol) = (app.member("mina").await, app.member("jun").await, app.member("sol").await);
        let party = open_with(&mina, 3).await;
        join(&jun, party).await.expect("a seat");
        for _ in 0..2 {
            assert_eq!(mina.call(CloseParty { party }).await, Ok(()));
        }
        assert_eq!(join(&sol, party).await, no(Conflict::Closed));
        leave(&jun, party).await.expect("left");
        let closed = held(&app, party).await;
        assert_eq!((closed.state.as_str(), closed.closed_by.as_deref()), ("closed", Some("host")), "what the host closed stays closed");
        for _ in 0..2 {
            assert_eq!(mina.call(ReopenParty { party }).await, Ok(()));
        }
        assert_eq!(join(&sol, party).await, Ok(()));
        let said: Vec<String> = notices(&app, party).await.into_iter().map(|(code, _)| code).collect();
        assert_eq!(said, ["joined", "closed", "left", "reopened", "joined"]);
    }

    async fn a_full_or_late_party_is_not_opened_again(app: TestApp) {
        let (mina, jun, sol) = (app.member("mina").await, app.member("jun").await, app.member("sol").await);
        let party = open_with(&mina, 2).await;
        join(&jun, party).await.expect("a seat");
        assert_eq!(mina.call(ReopenParty { party }).await, no(Conflict::Full));
        assert_eq!(mina.call(CloseParty { party }).await, Ok(()));
        assert_eq!(mina.call(ReopenParty { party }).await, no(Conflict::Full));
        assert_eq!(held(&app, party).await.closed_by.as_deref(), Some("host"));
        leave(&jun, party).await.expect("left");
        app.advance(minutes(40));
        assert_eq!(mina.call(ReopenParty { party }).await, no(Conflict::DeadlinePassed));

        let late = open_with(&mina, 2).await;
        app.advance(minutes(40));
        assert_eq!(mina.call(ReopenParty { party: late }).await, no(Conflict::DeadlinePassed));
        let at = app.now() + minutes(50);
        edit(&mina, late, |form| (form.seats, form.due, form.due_at) = ("2".to_owned(), "at".to_owned(), local(at))).await.expect("moved");
        assert_eq!(held(&app, late).await.state, "open", "a later deadline opens what was late");
        assert_eq!(join(&sol, late).await, Ok(()));
    }

    async fn reopening_lets_those_in_who_waited(app: TestApp) {
        let (mina, jun, sol) = (app.member("mina").await, app.member("jun").await, app.member("sol").await);
        let party = open_with(&mina, 2).await;
        join(&jun, party).await.expect("a seat");
        wait(&sol, party).await.expect("in line");
        mina.call(CloseParty { party }).await.expect("closed");
        leave(&jun, party).await.expect("left");
        assert_eq!(standing(&sol, party).await, Standing::Waiting { place: 1 });
        assert_eq!(mina.call(ReopenParty { party }).await, Ok(()));
        assert_eq!(standing(&sol, party).await, Standing::Member);
        assert_eq!(held(&app, party).await.closed_by.as_deref(), Some("full"));
    }

    async fn seats_cannot_go_below_those_who_sit(app: TestApp) {
        let (mina, jun, sol) = (app.member("mina").await, app.member("jun").await, app.member("sol").await);
        let party = open_with(&mina, 3).await;
        join(&jun, party).await.expect("a seat");
        join(&sol, party).await.expect("a seat");
        assert_eq!(edit(&mina, party, |form| form.seats = "2".to_owned()).await, no(Conflict::SeatsTaken));
        assert_eq!(edit(&mina, party, |form| (form.seats, form.outside) = ("4".to_owned(), "2".to_owned())).await, no(Conflict::SeatsTaken));
        assert_eq!((held(&app, party).await.seats, held(&app, party).await.taken), (3, 3));
        leave(&sol, party).await.expect("left");
        assert_eq!(edit(&mina, party, |form| form.seats = "2".to_owned()).await, Ok(()));
        assert_eq!(held(&app, party).await.closed_by.as_deref(), Some("full"), "as many seats as people is full");
    }

    async fn more_seats_open_a_full_party_and_let_the_line_in(app: TestApp) {
        let (mina, jun, sol, bo) = (app.member("mina").await, app.member("jun").await, app.member("sol").await, app.member("bo").await);
        let party = open_with(&mina, 2).await;
        join(&jun, party).await.expect("a seat");
        wait(&sol, party).await.expect("in line");
        app.advance(crate::shared::time::Span(1));
        wait(&bo, party).await.expect("in line");
        edit(&mina, party, |form| form.seats = "3".to_owned()).await.expect("edited");
        assert_eq!((standing(&sol, party).await, standing(&bo, party).await), (Standing::Member, Standing::Waiting { place: 1 }));
        edit(&mina, party, |form| (form.seats, form.outside) = ("6".to_owned(), "1".to_owned())).await.expect("edited");
        let held = held(&app, party).await;
        assert_eq!((held.taken, held.state.as_str(), held.members.len(), held.waiting.len()), (5, "open", 4, 0));
    }

    async fn an_edit_says_what_changed(app: TestApp) {
        let mina = app.member("mina").await;
        let party = open(&mina, order()).await;
        edit(&mina, party, |_| {}).await.expect("nothing to change");
        assert!(notices(&app, party).await.is_empty());
        edit(&mina, party, |form| {
            form.title = "간장 치킨".to_owned();
            form.fee = "4,000".to_owned();
            form.pickup = "숲길 입구".to_owned();
            form.category = "korean".to_owned();
        })
        .await
        .expect("edited");
        assert_eq!(last_notice(&app, party).await, ("edited".to_owned(), "title,category,fee,pickup".to_owned()));
        assert_eq!(seen(&mina, party).await.card.title, "간장 치킨");
    }

    async fn a_line_becomes_applications_when_the_host_wants_to_be_asked(app: TestApp) {
        let (mina, jun, sol) = (app.member("mina").await, app.member("jun").await, app.member("sol").await);
        let party = open_with(&mina, 2).await;
        join(&jun, party).await.expect("a seat");
        wait(&sol, party).await.expect("in line");
        edit(&mina, party, |form| (form.seats, form.joining) = ("3".to_owned(), "approval".to_owned())).await.expect("edited");
        assert_eq!(standing(&sol, party).await, Standing::Applied);
        assert_eq!(mina.call(AcceptApplication { party, person: sol.id() }).await, Ok(()));
    }

    async fn calling_off_releases_everyone_with_the_reason(app: TestApp) {
        let (mina, jun, sol) = (app.member("mina").await, app.member("jun").await, app.member("sol").await);
        let party = open_with(&mina, 2).await;
        join(&jun, party).await.expect("a seat");
        wait(&sol, party).await.expect("in line");
        assert_eq!(cancel(&mina, party, &"x".repeat(201)).await.expect_err("long").fields().0[0].field, "reason");
        assert_eq!(cancel(&mina, party, "가게가 문을 닫았어요").await, Ok(()));
        assert_eq!(cancel(&mina, party, "다시").await, Ok(()), "twice is once");
        let held = held(&app, party).await;
        assert_eq!((held.state.as_str(), held.waiting.len()), ("cancelled", 0));
        let mut conn = app.state.db.read().await.expect("a connection");
        let (reason,): (String,) =
            fetch_one!(conn, (String,), "select r.deleted_reason from rooms r join parties p on p.room_id = r.id where p.id = $1", party)
                .expect("a room that was deleted");
        assert_eq!(reason, "가게가 문을 닫았어요");
        let MealView::Cancelled(page) = jun.ask(ReadMeal { id: party, banned: PageAsk::default() }).await.expect("a page that explains") else { panic!("it lives") };
        assert_eq!((page.reason.as_str(), page.was_member), ("가게가 문을 닫았어요", true));
        assert_eq!(join(&sol, party).await, no(Conflict::Closed));
        assert_eq!(wait(&sol, party).await, no(Conflict::Closed));
        assert_eq!(leave(&jun, party).await, Ok(()));
        for refused in [
            mina.call(ReopenParty { party }).await,
            mina.call(CloseParty { party }).await,
            mina.call(HandOverParty { party, person: jun.id() }).await,
            remove(&mina, party, jun.id()).await,
            edit(&mina, party, |_| {}).await,
        ] {
            assert_eq!(refused, no(Conflict::Closed));
        }
        let list = sol.ask(ListMeals { query: MealQuery::default() }).await.expect("a list");
        assert!(list.page.rows.is_empty(), "what was called off is in no list");
    }
}
