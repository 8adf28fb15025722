//! What comes after people have come together: ordered, arrived, settled.

use super::*;
use crate::app::work::run_due;
use crate::features::accounts::api::CloseAccount;
use crate::features::accounts::model::CloseForm;
use crate::features::chat::api::ChatMembers;
use crate::features::meals::api::{Home, ListMyMeals, MealToEdit};
use crate::features::meals::model::MineQuery;
use crate::features::notices::api::ListNotices;
use crate::features::notices::model::NoticeKind;
use crate::features::parties::jobs;
use crate::features::settlements::api::SettleBill;
use crate::features::settlements::model::SettleForm;
use crate::on_both;
use crate::shared::ids::ImageId;
use crate::shared::paging::PageAsk;
use crate::testing::PASSWORD;

async fn advance(actor: &Actor, party: PartyId, to: Stage) -> Result<(), AppError> {
    if to == Stage::Settled {
        let form = SettleForm { party: Some(party), anyway: "true".to_owned() };
        return actor.call(SettleBill { form }).await;
    }
    actor.call(AdvanceParty { party, to }).await
}

async fn state(viewer: &Actor, party: PartyId) -> State {
    seen(viewer, party).await.card.state
}

/// What a person was told last.
async fn told(actor: &Actor) -> NoticeKind {
    all_told(actor).await[0]
}

/// All that a person was told.
async fn all_told(actor: &Actor) -> Vec<NoticeKind> {
    let notices = actor.ask(ListNotices { page: PageAsk::default() }).await.expect("notices");
    notices.page.rows.into_iter().map(|notice| notice.kind).collect()
}

/// Closes an account, and what comes of it.
async fn close_account(app: &TestApp, actor: &Actor) {
    actor.call(CloseAccount { form: CloseForm { current_password: PASSWORD.to_owned() } }).await.expect("closed");
    run_due(&app.state).await.expect("done");
}

async fn on(actor: &Actor, shelf: Shelf) -> Vec<PartyId> {
    let query = MineQuery { shelf, page: PageAsk::default() };
    actor.ask(ListMyMeals { query }).await.expect("a list").page.rows.into_iter().map(|card| card.id).collect()
}

/// A full table of three, and who sits there.
async fn table(app: &TestApp) -> (PartyId, Actor, Actor, Actor) {
    let (mina, jun, sol) = (app.member("mina").await, app.member("jun").await, app.member("sol").await);
    let party = open_with(&mina, 3).await;
    join(&jun, party).await.expect("a seat");
    join(&sol, party).await.expect("a seat");
    (party, mina, jun, sol)
}

on_both! {
    async fn an_order_goes_its_way_and_everybody_hears_of_it(app: TestApp) {
        let (party, mina, jun, sol) = table(&app).await;
        let room = seen(&jun, party).await.room.expect("a seat");
        for (stage, kind, code) in [
            (Stage::Ordered, NoticeKind::Ordered, "ordered"),
            (Stage::Arrived, NoticeKind::Arrived, "arrived"),
            (Stage::Settled, NoticeKind::Settled, "settled"),
        ] {
            app.advance(minutes(1));
            assert_eq!(advance(&jun, party, stage).await, Err(AppError::Forbidden));
            let before = notices(&app, party).await.len();
            for _ in 0..2 {
                assert_eq!(advance(&mina, party, stage).await, Ok(()), "twice is once");
            }
            assert_eq!(state(&app.visitor(), party).await, State::UnderWay(stage));
            assert_eq!((notices(&app, party).await.len(), last_notice(&app, party).await), (before + 1, (code.to_owned(), String::new())));
            assert_eq!((told(&jun).await, told(&sol).await), (kind, kind));
            assert_eq!(jun.ask(ChatMembers { room }).await.expect("people").deal.expect("a deal").stage, Some(stage));
        }
        assert_ne!(told(&mina).await, NoticeKind::Settled, "who did it knows");
    }

    async fn no_step_is_left_out(app: TestApp) {
        let (mina, jun) = (app.member("mina").await, app.member("jun").await);
        let party = open_with(&mina, 3).await;
        join(&jun, party).await.expect("a seat");
        for stage in Stage::ALL {
            assert_eq!(advance(&mina, party, stage).await, no(Conflict::NotYet), "people can still come");
        }
        mina.call(CloseParty { party }).await.expect("closed");
        assert_eq!(advance(&mina, party, Stage::Arrived).await, no(Conflict::NotYet));
        assert_eq!(advance(&mina, party, Stage::Settled).await, no(Conflict::NotYet));
        advance(&mina, party, Stage::Ordered).await.expect("ordered");
        assert_eq!(advance(&mina, party, Stage::Settled).await, no(Conflict::NotYet));
        advance(&mina, party, Stage::Arrived).await.expect("arrived");
        assert_eq!(advance(&mina, party, Stage::Ordered).await, no(Conflict::Ordered), "there is no way back");
        let called_off = open(&mina, order()).await;
        cancel(&mina, called_off, "").await.expect("called off");
        assert_eq!(advance(&mina, called_off, Stage::Ordered).await, no(Conflict::Closed));
        assert_eq!(advance(&mina, PartyId(Uuid::now_v7()), Stage::Ordered).await, Err(AppError::NotFound));
    }

    async fn once_it_is_ordered_nobody_comes_goes_or_changes_it(app: TestApp) {
        let (party, mina, jun, sol) = table(&app).await;
        let bo = app.member("bo").await;
        advance(&mina, party, Stage::Ordered).await.expect("ordered");
        assert_eq!((leave(&jun, party).await, leave(&bo, party).await), (no(Conflict::Ordered), Ok(())));
        assert_eq!((join(&bo, party).await, wait(&bo, party).await), (no(Conflict::Closed), no(Conflict::Closed)));
        assert_eq!(edit(&mina, party, |form| form.seats = "5".to_owned()).await, no(Conflict::Ordered));
        assert_eq!(edit(&mina, party, |form| form.fee = "9,000".to_owned()).await, no(Conflict::Ordered));
        assert_eq!(mina.ask(MealToEdit { id: party }).await.map(drop), no(Conflict::Ordered));
        assert_eq!(cancel(&mina, party, "").await, no(Conflict::Ordered));
        assert_eq!(mina.call(CloseParty { party }).await, no(Conflict::Ordered));
        assert_eq!(mina.call(ReopenParty { party }).await, no(Conflict::Ordered));
        assert_eq!(mina.call(AcceptApplication { party, person: bo.id() }).await, no(Conflict::Ordered));
        assert_eq!(mina.call(TakePartyPictureOff { party, picture: ImageId(Uuid::now_v7()) }).await, no(Conflict::Ordered));
        assert_eq!((seen(&mina, party).await.card.seats, seen(&mina, party).await.card.fee), (3, 3_500));
        // The host releases somebody, and the seat stays free.
        assert_eq!(remove(&mina, party, sol.id()).await, Ok(()));
        let held = held(&app, party).await;
        assert_eq!((held.state.as_str(), held.closed_by, held.taken), ("ordered", None, 2));
        assert_eq!(join(&bo, party).await, no(Conflict::Closed));
        // And hands it over.
        assert_eq!(mina.call(HandOverParty { party, person: jun.id() }).await, Ok(()));
        advance(&jun, party, Stage::Arrived).await.expect("arrived");
        advance(&jun, party, Stage::Settled).await.expect("settled");
        assert_eq!(leave(&mina, party).await, no(Conflict::Settled));
        assert_eq!(remove(&jun, party, mina.id()).await, no(Conflict::Settled));
        assert_eq!(jun.call(HandOverParty { party, person: mina.id() }).await, no(Conflict::Settled));
    }

    async fn who_waits_is_told_that_it_is_over(app: TestApp) {
        let (party, mina, _jun, _sol) = table(&app).await;
        let bo = app.member("bo").await;
        wait(&bo, party).await.expect("in line");
        advance(&mina, party, Stage::Ordered).await.expect("ordered");
        assert_eq!((standing(&bo, party).await, told(&bo).await), (Standing::Stranger, NoticeKind::Closed));
        let held = held(&app, party).await;
        assert_eq!((held.waiting, held.popularity), (vec![], 3));
        assert_eq!(on(&bo, Shelf::Waiting).await, []);
    }

    async fn a_deadline_changes_nothing_of_what_is_ordered(app: TestApp) {
        let (party, mina, jun, _sol) = table(&app).await;
        advance(&mina, party, Stage::Ordered).await.expect("ordered");
        let said = notices(&app, party).await.len();
        app.advance(minutes(40));
        assert_eq!(jobs::run_once(&app.state).await, Ok(0));
        assert_eq!((state(&jun, party).await, notices(&app, party).await.len()), (State::UnderWay(Stage::Ordered), said));
    }

    async fn it_goes_on_until_it_is_settled(app: TestApp) {
        let (party, mina, jun, _sol) = table(&app).await;
        advance(&mina, party, Stage::Ordered).await.expect("ordered");
        app.advance(minutes(30 + 13 * 60));
        jobs::run_once(&app.state).await.expect("written down");
        assert_eq!(state(&jun, party).await, State::UnderWay(Stage::Ordered), "what is under way ends when it is settled");
        advance(&mina, party, Stage::Arrived).await.expect("arrived");
        assert_eq!((on(&mina, Shelf::Hosted).await, on(&jun, Shelf::Joined).await), (vec![party], vec![party]));
        let home = jun.ask(Home {}).await.expect("the first page");
        assert_eq!(home.mine.iter().map(|card| card.id).collect::<Vec<_>>(), [party]);
        advance(&mina, party, Stage::Settled).await.expect("settled");
        assert_eq!((on(&mina, Shelf::Hosted).await, on(&jun, Shelf::Joined).await, on(&jun, Shelf::Past).await), (vec![], vec![], vec![party]));
        assert!(jun.ask(Home {}).await.expect("the first page").mine.is_empty());
    }

    async fn what_has_ended_can_still_be_settled(app: TestApp) {
        let (party, mina, jun, _sol) = table(&app).await;
        app.advance(minutes(30 + 13 * 60));
        jobs::run_once(&app.state).await.expect("written down");
        assert_eq!((state(&jun, party).await, on(&jun, Shelf::Past).await), (State::Ended, vec![party]));
        assert!(mina.get(&format!("/meals/{party}")).await.body.contains("주문했어요"));
        advance(&mina, party, Stage::Ordered).await.expect("ordered");
        assert_eq!((state(&jun, party).await, on(&jun, Shelf::Joined).await), (State::UnderWay(Stage::Ordered), vec![party]));
        app.advance(minutes(13 * 60));
        assert_eq!(state(&jun, party).await, State::UnderWay(Stage::Ordered));
    }

    async fn a_host_who_is_gone_leaves_it_to_who_came_first(app: TestApp) {
        let (party, mina, jun, sol) = table(&app).await;
        advance(&mina, party, Stage::Ordered).await.expect("ordered");
        for (leaving, next) in [(&mina, &jun), (&jun, &sol)] {
            app.advance(minutes(1));
            close_account(&app, leaving).await;
            assert_eq!((standing(next, party).await, told(next).await), (Standing::Host, NoticeKind::MadeHost));
        }
        // Nobody is left to lead it.
        close_account(&app, &sol).await;
        let held = held(&app, party).await;
        assert_eq!((held.state.as_str(), held.taken), ("ordered", 3), "who owes something keeps their place");
    }

    async fn the_deadline_of_a_full_table_is_told_to_those_who_sit_there(app: TestApp) {
        let (party, mina, jun, sol) = table(&app).await;
        assert_eq!((told(&jun).await, all_told(&mina).await.contains(&NoticeKind::Full)), (NoticeKind::Full, true));
        let said = notices(&app, party).await;
        app.advance(minutes(31));
        assert_eq!((jobs::run_once(&app.state).await, jobs::run_once(&app.state).await), (Ok(1), Ok(0)));
        for actor in [&mina, &jun, &sol] {
            let all = all_told(actor).await;
            assert_eq!((all[0], all.iter().filter(|kind| **kind == NoticeKind::Deadline).count()), (NoticeKind::Deadline, 1));
        }
        assert_eq!(notices(&app, party).await, said, "the room has heard that nobody comes in any more");
    }

    async fn between_the_deadline_and_the_order_a_table_goes_to_who_sat_down_first(app: TestApp) {
        let (heron, mina, jun, sol) = (app.member("heron").await, app.member("mina").await, app.member("jun").await, app.member("sol").await);
        let party = open(&heron, order()).await;
        for actor in [&mina, &jun] {
            app.advance(minutes(1));
            join(actor, party).await.expect("a seat");
        }
        let asked = open_asking(&heron, 3).await;
        apply(&sol, asked, "저요").await.expect("asked");
        app.advance(minutes(31));
        jobs::run_once(&app.state).await.expect("written down");
        app.advance(minutes(1));
        close_account(&app, &heron).await;
        let now = held(&app, party).await;
        assert_eq!((now.state.as_str(), now.taken, now.members.clone(), now.in_room), ("closed", 2, sorted(vec![mina.id(), jun.id()]), now.members));
        assert_eq!((standing(&mina, party).await, standing(&jun, party).await), (Standing::Host, Standing::Member));
        let said: Vec<String> = notices(&app, party).await.into_iter().map(|(code, _)| code).collect();
        assert_eq!(said, ["joined", "joined", "closed", "host_changed", "left"]);
        assert!(all_told(&mina).await.contains(&NoticeKind::MadeHost));
        assert_eq!(told(&jun).await, NoticeKind::HostChanged);
        // Nobody sits at the other: it is called off, and who asked hears of it.
        assert_eq!((held(&app, asked).await.state.as_str(), told(&sol).await), ("cancelled", NoticeKind::Cancelled));
        // It goes on with whoever is left.
        close_account(&app, &mina).await;
        assert_eq!((standing(&jun, party).await, held(&app, party).await.taken), (Standing::Host, 1));
        advance(&jun, party, Stage::Ordered).await.expect("ordered");
    }

    async fn who_is_gone_before_the_order_has_no_seat_there(app: TestApp) {
        let (mina, heron) = (app.member("mina").await, app.member("heron").await);
        let party = open(&mina, order()).await;
        join(&heron, party).await.expect("a seat");
        app.advance(minutes(31));
        close_account(&app, &heron).await;
        let now = held(&app, party).await;
        assert_eq!((now.taken, now.members), (1, vec![mina.id()]));
        assert!(all_told(&mina).await.contains(&NoticeKind::Left));
    }

    async fn nothing_is_handed_over_to_somebody_who_is_gone(app: TestApp) {
        let (party, mina, jun, sol) = table(&app).await;
        advance(&mina, party, Stage::Ordered).await.expect("ordered");
        let offers = async |to: &Actor| {
            let page = mina.get(&format!("/meals/{party}")).await.body;
            let forms: Vec<&str> = page.split("<form").filter(|form| form.contains("/api/hand_over_party")).collect();
            forms.iter().any(|form| form.contains(&to.id().to_string()))
        };
        assert!(offers(&jun).await && offers(&sol).await);
        close_account(&app, &jun).await;
        assert_eq!(mina.call(HandOverParty { party, person: jun.id() }).await, no(Conflict::NotMember));
        assert!(!offers(&jun).await && offers(&sol).await);
        assert_eq!(standing(&mina, party).await, Standing::Host);
    }

    async fn who_is_gone_leads_nothing_whatever_comes_first(app: TestApp) {
        for n in 0..4 {
            let [mina, jun, sol] = [format!("mina{n}"), format!("jun{n}"), format!("sol{n}")];
            let (mina, jun, sol) = (app.member(&mina).await, app.member(&jun).await, app.member(&sol).await);
            let party = open_with(&mina, 3).await;
            join(&jun, party).await.expect("a seat");
            join(&sol, party).await.expect("a seat");
            advance(&mina, party, Stage::Ordered).await.expect("ordered");
            let close = jun.call(CloseAccount { form: CloseForm { current_password: PASSWORD.to_owned() } });
            let (handed, closed) = tokio::join!(mina.call(HandOverParty { party, person: jun.id() }), close);
            closed.expect("closed");
            run_due(&app.state).await.expect("done");
            let host = seen(&sol, party).await.host.id;
            match handed {
                // What had become theirs went to who sat down first.
                Ok(()) => assert!(host == mina.id() || host == sol.id(), "{n}"),
                refused => assert_eq!((refused, host), (no(Conflict::NotMember), mina.id()), "{n}"),
            }
        }
    }

    async fn the_page_offers_what_comes_next_without_its_program(app: TestApp) {
        let (party, mina, jun, _sol) = table(&app).await;
        let page = format!("/meals/{party}");
        let id = party.to_string();
        for (before, to, after) in [("주문했어요", "ordered", "주문함"), ("도착했어요", "arrived", "정산 페이지에서 정산을 끝내 주세요.")] {
            assert!(mina.get(&page).await.body.contains(before));
            let answer = mina.post_form(&page, "/api/advance_party", &[("party", &id), ("to", to)]).await;
            assert_eq!((answer.status.as_u16(), answer.location()), (303, page.as_str()));
            assert!(mina.get(&page).await.body.contains(after));
            assert!(!jun.get(&page).await.body.contains("/api/leave_party"), "who has ordered with the others stays");
        }
        assert_eq!(mina.call(AdvanceParty { party, to: Stage::Settled }).await, Err(AppError::BadRequest), "that is said at the bill");
        advance(&mina, party, Stage::Settled).await.expect("settled");
        assert!(mina.get(&page).await.body.contains("정산까지 끝난 모임이에요"));
        let refused = mina.post_form(&page, "/api/advance_party", &[("party", &id), ("to", "arrived")]).await;
        assert_eq!(refused.status.as_u16(), 409);
        assert!(refused.body.contains("정산까지 끝난 모임이라 바꿀 수 없어요."), "{}", refused.body);
    }
}
