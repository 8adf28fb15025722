//! Notices, through the router.

use super::api::{ListNotices, OpenNotice, ReadNotice, ReadNotices, ReadRoom, UnreadNotices};
use super::model::{NoticeKind, NoticeList, in_words};
use crate::app::work::sweep;
use crate::features::chat::api::{SendMessage, StartDirect};
use crate::features::chat::model::{DirectForm, SendForm};
use crate::features::chat::store::create_party_room;
use crate::features::meals::api::EditMeal;
use crate::features::meals::model::MealForm;
use crate::features::parties::api::*;
use crate::features::parties::jobs;
use crate::features::parties::model::{ApplyForm, CancelForm};
use crate::features::parties::tests::{open, order, seen};
use crate::live::protocol::Down;
use crate::server::db::Link;
use crate::shared::error::AppError;
use crate::shared::ids::{PartyId, SendId};
use crate::shared::images::Pictures;
use crate::shared::paging::PageAsk;
use crate::shared::time::Span;
use crate::testing::{Actor, TestApp};
use crate::{execute, fetch_one, on_both};
use NoticeKind::*;
use leptos::server_fn::ServerFn;
use std::collections::BTreeSet;
use std::time::Duration;
use uuid::Uuid;

async fn list(actor: &Actor) -> NoticeList {
    actor.ask(ListNotices { page: PageAsk::default() }).await.expect("a list")
}

async fn unread(actor: &Actor) -> i64 {
    actor.ask(UnreadNotices {}).await.expect("a number")
}

/// Presses the button of a page.
async fn read_all(actor: &Actor, page: NoticeList) -> Result<(), AppError> {
    let rooms = in_words(page.rooms.into_iter().map(|room| (room.room, room.seq)));
    actor.call(ReadNotices { notices: in_words(page.unread.into_iter()), rooms }).await
}

/// What a person was told and has not read, the newest first, and forgets it: what, by whom, how often.
async fn told(app: &TestApp, actor: &Actor) -> Vec<(NoticeKind, Option<String>, i64)> {
    let page = list(actor).await;
    let news = page.page.rows.iter().filter(|notice| !notice.is_read);
    let news = news.map(|notice| (notice.kind, notice.actor.clone(), notice.times)).collect();
    read_all(actor, page).await.expect("read");
    app.advance(Span(1));
    news
}

fn by(kind: NoticeKind, actor: &Actor, times: i64) -> (NoticeKind, Option<String>, i64) {
    (kind, Some(actor.nickname().to_owned()), times)
}

async fn seats(host: &Actor, seats: u8, joining: &str) -> PartyId {
    open(host, MealForm { seats: seats.to_string(), joining: joining.to_owned(), ..order() }).await
}

async fn apply(actor: &Actor, party: PartyId) {
    actor.call(ApplyToParty { form: ApplyForm { party: Some(party), message: String::new() } }).await.expect("asked");
}

#[tokio::test]
async fn what_is_unread_is_found_among_the_unread() {
    let app = TestApp::sqlite().await;
    let mut conn = app.state.db.begin().await.expect("a connection");
    let Link::Sqlite(conn) = conn.link() else { panic!("another database") };
    for plan in super::store::unread_plans(conn).await {
        assert!(plan.contains("notices_unread_in_order (user_id=?)") && !plan.contains("TEMP B-TREE"), "{plan}");
    }
}

on_both! {
    async fn the_host_hears_who_comes_and_goes(app: TestApp) {
        let (mina, jun, sol) = (app.member("mina").await, app.member("jun").await, app.member("sol").await);
        let party = seats(&mina, 4, "direct").await;
        jun.call(JoinParty { party }).await.expect("a seat");
        jun.call(JoinParty { party }).await.expect("a seat already");
        app.advance(Span(1));
        sol.call(JoinParty { party }).await.expect("a seat");
        assert_eq!(unread(&mina).await, 1, "what happens again before it is read is the same notice");
        assert_eq!(told(&app, &mina).await, [by(Joined, &sol, 2)]);
        jun.call(LeaveParty { party }).await.expect("left");
        jun.call(LeaveParty { party }).await.expect("left already");
        assert_eq!(told(&app, &mina).await, [by(Left, &jun, 1)]);
        assert_eq!(told(&app, &jun).await, []);
        assert_eq!(told(&app, &sol).await, []);
    }

    async fn who_asks_hears_the_answer(app: TestApp) {
        let (mina, jun, sol) = (app.member("mina").await, app.member("jun").await, app.member("sol").await);
        let party = seats(&mina, 4, "approval").await;
        apply(&jun, party).await;
        app.advance(Span(1));
        for _ in 0..3 {
            apply(&sol, party).await;
        }
        assert_eq!(told(&app, &mina).await, [by(Applied, &sol, 2)], "two people, however often they say it");
        mina.call(AcceptApplication { party, person: jun.id() }).await.expect("accepted");
        mina.call(AcceptApplication { party, person: jun.id() }).await.expect("accepted already");
        for _ in 0..2 {
            mina.call(DeclineApplication { party, person: sol.id() }).await.expect("declined");
        }
        assert_eq!(told(&app, &jun).await, [by(Accepted, &mina, 1)]);
        assert_eq!(told(&app, &sol).await, [by(Declined, &mina, 1)]);
        assert_eq!(told(&app, &mina).await, [], "nobody is told what they did themselves");
        mina.call(RemoveMember { party, person: jun.id() }).await.expect("removed");
        assert_eq!(told(&app, &jun).await, [by(Removed, &mina, 1)]);
    }

    async fn who_waits_hears_that_the_seat_is_theirs(app: TestApp) {
        let (mina, jun, sol) = (app.member("mina").await, app.member("jun").await, app.member("sol").await);
        let party = seats(&mina, 2, "direct").await;
        jun.call(JoinParty { party }).await.expect("a seat");
        assert_eq!(told(&app, &jun).await, [], "he took the last seat himself");
        sol.call(WaitForSeat { party }).await.expect("in line");
        told(&app, &mina).await;
        jun.call(LeaveParty { party }).await.expect("left");
        assert_eq!(told(&app, &sol).await, [(Seated, None, 1)]);
        let mut mine = told(&app, &mina).await;
        mine.sort_by_key(|(kind, _, _)| kind.code());
        assert_eq!(mine, [by(Joined, &sol, 1), by(Left, &jun, 1)], "it never opened, so nothing is said of that");
    }

    async fn the_table_hears_what_becomes_of_the_party(app: TestApp) {
        let (mina, jun, sol) = (app.member("mina").await, app.member("jun").await, app.member("sol").await);
        let party = seats(&mina, 4, "direct").await;
        jun.call(JoinParty { party }).await.expect("a seat");
        told(&app, &mina).await;
        let form = MealForm { due: "keep".to_owned(), title: "양념 치킨으로 바꿨어요".to_owned(), ..order() };
        mina.call(EditMeal { id: party, form }).await.expect("edited");
        assert_eq!(list(&jun).await.page.rows[0].title, "양념 치킨으로 바꿨어요");
        assert_eq!(told(&app, &jun).await, [by(Edited, &mina, 1)]);
        mina.call(CloseParty { party }).await.expect("closed");
        assert_eq!(told(&app, &jun).await, [by(Closed, &mina, 1)]);
        mina.call(ReopenParty { party }).await.expect("open");
        assert_eq!(told(&app, &jun).await, [(Reopened, None, 1)]);
        assert_eq!(told(&app, &mina).await, []);
        mina.call(HandOverParty { party, person: jun.id() }).await.expect("handed over");
        assert_eq!(told(&app, &jun).await, [by(MadeHost, &mina, 1)]);
        assert_eq!(told(&app, &mina).await, [], "she did it herself");
        app.advance(Span::minutes(31));
        assert_eq!(jobs::run_once(&app.state).await, Ok(1));
        assert_eq!(jobs::run_once(&app.state).await, Ok(0));
        assert_eq!((told(&app, &jun).await, told(&app, &mina).await), (vec![(Deadline, None, 1)], vec![(Deadline, None, 1)]));
        assert_eq!(told(&app, &sol).await, []);
    }

    async fn a_deadline_that_somebody_else_notices_first_is_told_all_the_same(app: TestApp) {
        let (mina, jun) = (app.member("mina").await, app.member("jun").await);
        let party = seats(&mina, 4, "direct").await;
        let addr = app.listen().await;
        let mut hers = app.connect(addr, &mina).await;
        hers.ready().await;
        app.advance(Span::minutes(31));
        jun.call(WithdrawRequest { party }).await.expect("nothing to withdraw");
        hers.until(|down| matches!(down, Down::Noticed)).await;
        assert_eq!(told(&app, &mina).await, [(Deadline, None, 1)]);
    }

    async fn reading_all_while_the_table_fills_fails_for_nobody(app: TestApp) {
        let mina = app.member("mina").await;
        let mut people = Vec::new();
        for n in 0..8 {
            people.push(app.member(&format!("p{n}")).await);
        }
        for _ in 0..6 {
            let party = seats(&mina, 4, "direct").await;
            let joins = people.iter().map(async |person| {
                let _ = person.call(JoinParty { party }).await.inspect_err(|error| assert!(matches!(error, AppError::Conflict(_)), "{error:?}"));
                person.call(LeaveParty { party }).await
            });
            let reads = (0..8).map(async |_| read_all(&mina, list(&mina).await).await);
            let (left, read) = tokio::join!(futures_util::future::join_all(joins), futures_util::future::join_all(reads));
            assert!(left.iter().chain(&read).all(Result::is_ok), "{left:?} {read:?}");
        }
    }

    async fn everybody_around_hears_that_it_is_called_off(app: TestApp) {
        let (mina, jun, sol, bo) = (app.member("mina").await, app.member("jun").await, app.member("sol").await, app.member("bo").await);
        let party = seats(&mina, 2, "direct").await;
        jun.call(JoinParty { party }).await.expect("a seat");
        sol.call(WaitForSeat { party }).await.expect("in line");
        told(&app, &jun).await;
        told(&app, &mina).await;
        mina.call(CancelParty { form: CancelForm { party: Some(party), reason: String::new() } }).await.expect("called off");
        assert_eq!(told(&app, &jun).await, [by(Cancelled, &mina, 1)]);
        assert_eq!(told(&app, &sol).await, [by(Cancelled, &mina, 1)]);
        assert_eq!((told(&app, &bo).await, told(&app, &mina).await), (vec![], vec![]));
    }

    async fn what_is_undone_with_its_cause_was_never_told(app: TestApp) {
        let (mina, jun) = (app.member("mina").await, app.member("jun").await);
        let party = seats(&mina, 2, "approval").await;
        assert!(jun.call(JoinParty { party }).await.is_err());
        assert!(jun.call(RemoveMember { party, person: mina.id() }).await.is_err());
        assert_eq!(told(&app, &mina).await, []);
    }

    async fn twenty_who_come_at_once_are_one_notice(app: TestApp) {
        let mina = app.member("mina").await;
        let party = seats(&mina, 10, "direct").await;
        let mut people = Vec::new();
        for n in 0..20 {
            people.push(app.member(&format!("p{n}")).await);
        }
        let done = futures_util::future::join_all(people.iter().map(|person| person.call(JoinParty { party }))).await;
        assert_eq!(done.iter().filter(|done| done.is_ok()).count(), 9);
        let news = told(&app, &mina).await;
        assert_eq!(news.iter().map(|(kind, _, times)| (*kind, *times)).filter(|(kind, _)| *kind == Joined).collect::<Vec<_>>(), [(Joined, 9)]);
    }

    async fn notices_are_read_one_by_one_or_all_and_only_ones_own(app: TestApp) {
        let (mina, jun, sol) = (app.member("mina").await, app.member("jun").await, app.member("sol").await);
        let (first, second) = (seats(&mina, 4, "direct").await, seats(&mina, 4, "direct").await);
        jun.call(JoinParty { party: first }).await.expect("a seat");
        app.advance(Span(1));
        jun.call(JoinParty { party: second }).await.expect("a seat");
        let page = list(&mina).await.page;
        let ids: Vec<Uuid> = page.rows.iter().map(|notice| notice.id).collect();
        assert_eq!((unread(&mina).await, page.rows[0].party, page.rows[1].party), (2, second, first));
        assert_eq!(sol.call(ReadNotice { id: ids[0], times: 1 }).await, Err(AppError::NotFound));
        assert_eq!(app.visitor().call(ReadNotice { id: ids[0], times: 1 }).await, Err(AppError::SignInRequired));
        assert_eq!(app.visitor().ask(UnreadNotices {}).await, Ok(0));
        assert_eq!(app.visitor().get("/me/notices").await.status.as_u16(), 401);
        for _ in 0..2 {
            mina.call(ReadNotice { id: ids[1], times: 1 }).await.expect("read");
        }
        assert_eq!(unread(&mina).await, 1);
        mina.call(ReadNotice { id: ids[0], times: 2 }).await.expect("an answer");
        assert_eq!(unread(&mina).await, 1, "that was another one than she saw");
        // A plain form leads to where it happened.
        let answer = mina.post_form("/me/notices", OpenNotice::PATH, &[("id", &ids[0].to_string()), ("times", "1")]).await;
        assert_eq!((answer.status.as_u16(), answer.location()), (303, format!("/meals/{second}").as_str()));
        assert_eq!(unread(&mina).await, 0);
        // What comes while the button is pressed stays unread.
        sol.call(JoinParty { party: first }).await.expect("a seat");
        let page = list(&mina).await;
        sol.call(JoinParty { party: second }).await.expect("a seat");
        sol.call(LeaveParty { party: first }).await.expect("gone");
        sol.call(JoinParty { party: first }).await.expect("a seat");
        app.member("bo").await.call(JoinParty { party: first }).await.expect("a seat");
        // At the same moment as what the page shows: what it does not show, it does not mark.
        read_all(&mina, page).await.expect("read");
        let left = list(&mina).await.page.rows.into_iter().filter(|notice| !notice.is_read);
        let mut left: Vec<_> = left.map(|notice| (notice.kind.code(), notice.party == first, notice.times)).collect();
        left.sort_unstable();
        assert_eq!(left, [("full", true, 1), ("joined", false, 1), ("joined", true, 2), ("left", true, 1)]);
        // Nor do others.
        let page = list(&mina).await;
        read_all(&sol, list(&mina).await).await.expect("nothing of hers");
        assert_eq!(unread(&mina).await, 4);
        read_all(&mina, page).await.expect("read");
        assert_eq!(unread(&mina).await, 0);
        assert_eq!(mina.call(ReadNotices { notices: "x 1.y".to_owned(), rooms: ".".to_owned() }).await, Ok(()));
    }

    async fn unread_conversations_are_notices_too(app: TestApp) {
        let (mina, jun) = (app.member("mina").await, app.member("jun").await);
        let form = DirectForm { to: mina.id(), send_id: SendId::random(), text: "안녕하세요".to_owned(), pictures: Pictures::default() };
        let sent = jun.call(StartDirect { form }).await.expect("sent");
        let form = SendForm { room: sent.room, send_id: SendId::random(), text: "거기 계세요?".to_owned(), reply_to: None, pictures: Pictures::default() };
        jun.call(SendMessage { form }).await.expect("sent");
        let rooms = list(&mina).await.rooms;
        assert_eq!(rooms.iter().map(|room| (room.room, room.title.as_str(), room.unread)).collect::<Vec<_>>(), [(sent.room, "jun", 2)]);
        assert!(list(&jun).await.rooms.is_empty(), "what one has said oneself is read");
        // Read from there: up to what was counted, of one's own rooms.
        let seen = list(&mina).await;
        let say = async || {
            let form = SendForm { room: sent.room, send_id: SendId::random(), text: "저기요?".to_owned(), reply_to: None, pictures: Pictures::default() };
            jun.call(SendMessage { form }).await.expect("sent");
        };
        let left = async || list(&mina).await.rooms.into_iter().map(|room| room.unread).collect::<Vec<_>>();
        say().await;
        let eve = app.member("eve").await;
        assert_eq!(eve.call(ReadRoom { room: sent.room, seq: 9 }).await, Err(AppError::NotFound));
        read_all(&eve, list(&mina).await).await.expect("nothing of hers");
        assert_eq!(left().await, [3]);
        read_all(&mina, seen).await.expect("read");
        assert_eq!(left().await, [1]);
        let addr = app.listen().await;
        let mut hers = app.connect(addr, &mina).await;
        hers.ready().await;
        let seq = list(&mina).await.rooms[0].seq;
        for _ in 0..2 {
            mina.call(ReadRoom { room: sent.room, seq }).await.expect("read");
        }
        assert!(matches!(hers.next().await, Ok(Down::Read { said: 3, .. })), "her pages count again");
        assert!(left().await.is_empty());
        say().await;
        say().await;
        let page = mina.get("/me/notices").await;
        assert!(page.body.contains("읽지 않은 메시지 2개") && page.body.contains(&format!("/chat/{}", sent.room)), "{}", page.body);
    }

    async fn pages_hear_of_it_at_once(app: TestApp) {
        let (mina, jun) = (app.member("mina").await, app.member("jun").await);
        let party = seats(&mina, 4, "direct").await;
        let addr = app.listen().await;
        let (mut hers, mut his) = (app.connect(addr, &mina).await, app.connect(addr, &jun).await);
        hers.ready().await;
        his.ready().await;
        jun.call(JoinParty { party }).await.expect("a seat");
        hers.until(|down| matches!(down, Down::Noticed)).await;
        read_all(&mina, list(&mina).await).await.expect("read");
        hers.until(|down| matches!(down, Down::Noticed)).await;
        // Other pages of one who has read hear it; others do not.
        mina.call(CloseParty { party }).await.expect("closed");
        let heard = his.until(|down| matches!(down, Down::Noticed)).await;
        drop(heard);
        assert!(seen(&jun, party).await.room.is_some());
    }

    async fn five_hundred_notices_are_pages_of_ten_and_end_after_three_months(app: TestApp) {
        let (mina, jun) = (app.member("mina").await, app.member("jun").await);
        // The latest one is of a party that is there for people to come to.
        let mut parties = vec![seats(&mina, 4, "direct").await];
        let kinds = [Joined, Left, Applied, Full, Deadline, Closed, Reopened, Edited, Commented, Replied];
        let mut tx = app.state.db.begin().await.expect("a transaction");
        for n in 0..49_i64 {
            let (party, room) = (PartyId(Uuid::now_v7()), create_party_room(&mut tx, app.now()).await.expect("a room"));
            execute!(
                tx,
                "insert into parties (id, kind, host_id, room_id, title, body, seats, taken, deadline_at, state, joining, soon_key, created_at, updated_at)
                 values ($1, 'meal', $2, $3, '치킨', '', 4, 1, $4, 'open', 'direct', 0, $4, $4)",
                party,
                mina.id(),
                room,
                app.now() - Span(n)
            )
            .expect("a party");
            parties.push(party);
        }
        for n in 0..500_usize {
            execute!(
                tx,
                "insert into notices (id, user_id, kind, party_id, actor_id, times, created_at) values ($1, $2, $3, $4, $5, 1, $6)",
                Uuid::now_v7(),
                mina.id(),
                kinds[n % 10].code(),
                parties[n / 10],
                jun.id(),
                app.now() - Span(n as i64)
            )
            .expect("a row");
        }
        tx.commit().await.expect("committed");
        let shown = list(&mina).await;
        assert_eq!((unread(&mina).await, shown.unread.len(), unread(&jun).await), (500, 100, 0));
        assert!(mina.get("/me/notices").await.body.contains("99+"), "the bell");
        let walk = async || {
            let mut ask = PageAsk::default();
            let mut all = Vec::new();
            loop {
                let page = mina.ask(ListNotices { page: ask }).await.expect("a page").page;
                assert_eq!(page.rows.len(), 10);
                all.extend(page.rows);
                ask = match page.next {
                    _ if page.number < page.last => PageAsk { number: page.number + 1, after: page.after },
                    Some(after) => PageAsk { number: page.number + 1, after: Some(after) },
                    None => return all,
                };
            }
        };
        let all = walk().await;
        assert!(all.is_sorted_by_key(|notice| std::cmp::Reverse(notice.at)) && all.iter().all(|notice| !notice.is_read));
        assert_eq!(all.iter().map(|notice| notice.id).collect::<BTreeSet<_>>().len(), 500);
        assert_eq!(all.iter().map(|notice| (notice.party, notice.kind.code())).collect::<BTreeSet<_>>().len(), 500);
        // What happens again is one of them, and the newest.
        app.advance(Span(1));
        let sol = app.member("sol").await;
        sol.call(JoinParty { party: parties[0] }).await.expect("a seat");
        let newest = list(&mina).await.page.rows.remove(0);
        assert_eq!((newest.kind, newest.actor.as_deref(), newest.times, newest.party), (Joined, Some("sol"), 2, parties[0]));
        assert_eq!(unread(&mina).await, 500);
        // All but that one, and then that one.
        read_all(&mina, shown).await.expect("read");
        assert_eq!(unread(&mina).await, 1);
        read_all(&mina, list(&mina).await).await.expect("read");
        assert_eq!((unread(&mina).await, list(&mina).await.unread), (0, Vec::new()));
        assert!(!mina.get("/me/notices").await.body.contains("99+"));
        let all = walk().await;
        assert!(all.len() == 500 && all.iter().all(|notice| notice.is_read));
        // Read, it is another one.
        sol.call(LeaveParty { party: parties[0] }).await.expect("left");
        assert_eq!((unread(&mina).await, list(&mina).await.page.total), (1, 501));
        app.advance(Span::days(90));
        // A part each time.
        for _ in 0..2 {
            sweep(&app.state).await.expect("swept");
        }
        let left = super::super::store::list(&mut app.state.db.read().await.expect("a connection"), mina.id(), PageAsk::default()).await;
        assert_eq!(left.map(|page| page.rows), Ok(Vec::new()));
    }
}

/// SQLite has one writer, so there is nobody to wait for.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn reading_all_waits_for_nothing_that_happens_again() {
    let app = TestApp::postgres().await;
    let (mina, jun) = (app.member("mina").await, app.member("jun").await);
    let parties = [seats(&mina, 4, "direct").await, seats(&mina, 4, "direct").await];
    for party in parties {
        jun.call(JoinParty { party }).await.expect("a seat");
    }
    // One of them is about to happen again.
    let mut again = app.state.db.begin().await.expect("a transaction");
    let sql = "select id from notices where user_id = $1 and party_id = $2 for update";
    let (held,): (Uuid,) = fetch_one!(again, (Uuid,), sql, mina.id(), parties[0]).expect("a notice");
    let page = list(&mina).await;
    let reading = read_all(&mina, page);
    tokio::time::timeout(Duration::from_secs(30), reading).await.expect("it does not wait").expect("read");
    let unread_now =
        async || -> Vec<Uuid> { list(&mina).await.page.rows.into_iter().filter(|row| !row.is_read).map(|row| row.id).collect() };
    assert_eq!(unread_now().await, [held]);
    again.commit().await.expect("committed");
    read_all(&mina, list(&mina).await).await.expect("read");
    assert_eq!(unread_now().await, Vec::<Uuid>::new());
}
