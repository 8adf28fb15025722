//! What has been sent and received, of whom, and who carries what.

use super::settling::*;
use super::*;
use crate::features::notices::model::NoticeKind;
use crate::features::parties::model::State;
use crate::shared::ids::UserId;

on_both! {
    async fn payments_are_said_and_confirmed(app: TestApp) {
        let (party, mina, jun, sol) = ordered(&app).await;
        assert_eq!(send(&jun, party, 9_167, true).await, Err(Conflict::Stale.into()), "the host has not said how");
        set(&mina, terms(party, 3_000, "equal")).await.expect("set");
        assert_eq!(payments(&jun, party).await, [Payment::Nothing, Payment::Owed, Payment::Owed]);
        assert_eq!(send(&jun, party, 8_999, true).await, Err(Conflict::Stale.into()), "it is another amount");
        assert_eq!(send(&mina, party, 11_000, true).await, Err(AppError::Forbidden), "the host pays nobody");
        app.advance(Span(1));
        for _ in 0..2 {
            assert_eq!(send(&jun, party, 9_000, true).await, Ok(()));
        }
        assert_eq!((payments(&mina, party).await[1], told(&mina).await), (Payment::Sent, NoticeKind::PaymentSent));
        assert_eq!(send(&jun, party, 9_000, false).await, Ok(()));
        assert_eq!(payments(&mina, party).await[1], Payment::Owed);
        send(&jun, party, 9_000, true).await.expect("sent");
        app.advance(Span(1));
        receive(&mina, party, &jun, 9_000, true).await.expect("received");
        assert_eq!((payments(&jun, party).await[1], told(&jun).await), (Payment::Received, NoticeKind::PaymentReceived));
        assert_eq!(send(&jun, party, 9_000, false).await, Ok(()), "what was received is not taken back");
        assert_eq!(payments(&jun, party).await[1], Payment::Received);
        assert_eq!(receive(&mina, party, &mina, 11_000, true).await, Err(Conflict::Stale.into()));
        // Cash needs no word of the other side.
        receive(&mina, party, &sol, 7_000, true).await.expect("received");
        // Another fee is another share: what was paid for the old one is not enough.
        set(&mina, terms(party, 6_000, "equal")).await.expect("set");
        assert_eq!(payments(&jun, party).await, [Payment::Nothing, Payment::Differs(9_000), Payment::Differs(7_000)]);
        send(&jun, party, 10_000, true).await.expect("sent");
        receive(&mina, party, &sol, 8_000, true).await.expect("received");
        for _ in 0..2 {
            receive(&mina, party, &sol, 8_000, false).await.expect("not after all");
        }
        assert_eq!(payments(&jun, party).await, [Payment::Nothing, Payment::Sent, Payment::Differs(7_000)], "what was confirmed before stands");
        send(&jun, party, 10_000, false).await.expect("not after all");
        assert_eq!(payments(&jun, party).await[1], Payment::Differs(9_000), "nobody takes back what another one has confirmed");
        receive(&mina, party, &sol, 7_000, false).await.expect("not that either");
        assert_eq!(payments(&jun, party).await[2], Payment::Owed);
    }

    async fn a_share_that_comes_and_goes_leaves_nobody_stuck(app: TestApp) {
        let (party, mina, jun, _sol) = ordered(&app).await;
        set(&mina, terms(party, 3_000, "equal")).await.expect("set");
        send(&jun, party, 9_000, true).await.expect("sent");
        set(&mina, terms(party, 0, "equal")).await.expect("set");
        receive(&mina, party, &jun, 8_000, true).await.expect("received");
        set(&mina, terms(party, 3_000, "equal")).await.expect("set");
        assert_eq!(payments(&jun, party).await[1], Payment::Sent, "they said so, and the host has confirmed less");
        receive(&mina, party, &jun, 9_000, true).await.expect("received");
        assert_eq!(payments(&jun, party).await[1], Payment::Received);
        // A coupon for them: they owe nothing any more, and the others are not held up.
        add(&mina, extra(party, "쿠폰", -9_000, Some(jun.id()))).await.expect("added");
        let line = settlement(&jun, party).await.of(jun.id()).cloned().expect("a line");
        assert_eq!((line.amount, line.payment, line.is_done(), line.is_due()), (0, Payment::Differs(9_000), true, false));
        assert_eq!(mina.call(RemindPayer { party, person: jun.id() }).await, Err(Conflict::Stale.into()), "who has paid too much owes nothing");
        receive(&mina, party, &jun, 9_000, false).await.expect("given back");
        receive(&mina, party, &jun, 8_000, false).await.expect("given back");
        send(&jun, party, 0, false).await.expect("not sent");
        assert_eq!(payments(&jun, party).await[1], Payment::Nothing);
    }

    async fn what_an_earlier_host_has_received_is_not_this_ones(app: TestApp) {
        let (party, mina, jun, sol) = ordered(&app).await;
        set(&mina, terms(party, 3_000, "equal")).await.expect("set");
        send(&sol, party, 7_000, true).await.expect("sent");
        app.advance(Span(1));
        receive(&mina, party, &sol, 7_000, true).await.expect("received");
        app.advance(Span(1));
        mina.call(HandOverParty { party, person: jun.id() }).await.expect("handed over");
        assert_eq!(payments(&jun, party).await, [Payment::Nothing, Payment::Owed, Payment::Elsewhere(7_000)]);
        assert!(jun.get(&format!("/meals/{party}/bill")).await.body.contains("이전 방장이 7,000원을 받았어요"));
        advance(&jun, party, Stage::Arrived).await;
        receive(&jun, party, &mina, 11_000, true).await.expect("received");
        assert_eq!(finish(&jun, party, false).await, Err(Conflict::Unpaid.into()));
        send(&sol, party, 7_000, true).await.expect("sent again, to the one who leads now");
        assert_eq!(payments(&sol, party).await[2], Payment::Sent);
        send(&sol, party, 7_000, false).await.expect("not sent");
        receive(&jun, party, &sol, 7_000, true).await.expect("handed on");
        assert_eq!(payments(&sol, party).await[2], Payment::Received);
        receive(&jun, party, &sol, 7_000, false).await.expect("not yet");
        assert_eq!(payments(&sol, party).await[2], Payment::Elsewhere(7_000));
        receive(&jun, party, &sol, 7_000, true).await.expect("now");
        assert_eq!(finish(&jun, party, false).await, Ok(()));
    }

    async fn guests_stay_with_whom_they_came(app: TestApp) {
        let (mina, jun) = (app.member("mina").await, app.member("jun").await);
        let party = open(&mina, crate::features::meals::model::MealForm { outside: "1".to_owned(), fee: "3,000".to_owned(), ..order() }).await;
        app.advance(Span(1));
        jun.call(JoinParty { party }).await.expect("a seat");
        let parts = async || (seen(&mina, party).await.my_fee, seen(&jun, party).await.my_fee);
        assert_eq!(parts().await, (2_000, 1_000));
        mina.call(HandOverParty { party, person: jun.id() }).await.expect("handed over");
        assert_eq!(parts().await, (2_000, 1_000), "they are still hers");
        advance(&jun, party, Stage::Ordered).await;
        assert_eq!(amounts(&jun, party).await, [1_000, 2_000], "the host comes first");
        // Also when she leaves for good.
        jun.call(HandOverParty { party, person: mina.id() }).await.expect("handed back");
        assert_eq!(amounts(&jun, party).await, [2_000, 1_000]);
        close(&mina).await;
        crate::app::work::run_due(&app.state).await.expect("done");
        assert_eq!(amounts(&jun, party).await, [1_000, 2_000]);
    }

    async fn guests_leave_with_who_brought_them(app: TestApp) {
        let (mina, jun) = (app.member("mina").await, app.member("jun").await);
        let party = open(&mina, crate::features::meals::model::MealForm { outside: "2".to_owned(), fee: "3,000".to_owned(), ..order() }).await;
        app.advance(Span(1));
        jun.call(JoinParty { party }).await.expect("a seat");
        mina.call(HandOverParty { party, person: jun.id() }).await.expect("handed over");
        let table = async || {
            let meal = seen(&jun, party).await;
            (meal.card.taken, meal.outside, meal.my_fee)
        };
        assert_eq!(table().await, (4, 2, 750));
        mina.call(LeaveParty { party }).await.expect("left");
        assert_eq!(table().await, (1, 0, 3_000));
        mina.call(JoinParty { party }).await.expect("a seat again, by herself");
        assert_eq!(table().await, (2, 0, 1_500));
    }

    async fn an_account_is_shown_while_its_owner_sits_there(app: TestApp) {
        let (party, mina, jun, sol) = ordered(&app).await;
        set(&mina, terms(party, 3_000, "equal")).await.expect("set");
        mina.call(HandOverParty { party, person: jun.id() }).await.expect("handed over");
        assert_eq!(settlement(&sol, party).await.terms.expect("terms").account, ACCOUNT);
        jun.call(RemoveMember { party, person: mina.id() }).await.expect("released");
        assert_eq!(settlement(&sol, party).await.terms.expect("terms").account, "");
    }

    async fn what_is_released_stays_on_the_receipt(app: TestApp) {
        let (party, mina, jun, sol) = table(&app).await;
        let bo = app.member("bo").await;
        bo.call(JoinParty { party }).await.expect("a seat");
        for (who, name, price) in [(&mina, "간장", 10_000), (&jun, "양념", 8_000), (&sol, "콜라", 6_000), (&bo, "무", 500)] {
            put(who, party, name, price, 1).await;
        }
        mina.call(RemoveMember { party, person: bo.id() }).await.expect("removed");
        assert_eq!(read(&mina, party).await.bill.sum(), 24_000, "nothing of it is ordered");
        advance(&mina, party, Stage::Ordered).await;
        set(&mina, terms(party, 3_001, "by_items")).await.expect("set");
        add(&mina, extra(party, "큰 것으로", 700, Some(sol.id()))).await.expect("added");
        send(&sol, party, settlement(&sol, party).await.of(sol.id()).expect("a line").amount, true).await.expect("sent");
        let before = settlement(&mina, party).await.receipt;
        mina.call(RemoveMember { party, person: sol.id() }).await.expect("released");
        let (bill, after) = (read(&mina, party).await.bill, settlement(&mina, party).await);
        assert_eq!((bill.sum(), bill.released, after.receipt), (24_000, 6_000, before), "the shop was paid for it");
        // 10,000 + 6,000 + 700 and ten eighteenths of the fee; 8,000 and the rest of it.
        assert_eq!(after.lines.iter().map(|line| line.amount).collect::<Vec<_>>(), [18_367, 9_334]);
        assert_eq!(after.lines.iter().map(|line| line.amount).sum::<i64>(), after.receipt);
        assert!(after.history.iter().any(|change| (change.what, change.actor.as_str()) == (What::Sent, "sol")), "what they said stays");
        let body = jun.get(&format!("/meals/{party}/bill")).await.body;
        assert!(body.contains("내보낸 사람이 시킨 것 6,000원"), "{body}");
        assert!(mina.get(&format!("/meals/{party}/bill.csv")).await.body.contains("mina,내보낸 사람이 시킨 것,,,6000"));
        // They do not come back.
        assert_eq!(mina.call(LiftBan { party, person: sol.id() }).await, Err(Conflict::Ordered.into()));
        let desk = mina.get(&format!("/meals/{party}")).await.body;
        assert!(desk.contains("이미 주문해서, 내보낸 사람이") && !desk.contains("/api/lift_ban"), "{desk}");
        // Who leads next carries it.
        mina.call(HandOverParty { party, person: jun.id() }).await.expect("handed over");
        let next = settlement(&jun, party).await;
        assert_eq!((next.receipt, next.lines[0].person, next.lines.iter().map(|line| line.amount).sum::<i64>()), (before, jun.id(), before));
    }

    async fn somebody_is_reminded_once_an_hour(app: TestApp) {
        let (party, mina, jun, sol) = ordered(&app).await;
        let remind = |person: UserId| mina.call(RemindPayer { party, person });
        assert_eq!(remind(jun.id()).await, Err(Conflict::Stale.into()), "nobody knows yet what to pay");
        set(&mina, terms(party, 3_000, "equal")).await.expect("set");
        app.advance(Span(1));
        assert_eq!(remind(jun.id()).await, Ok(()));
        assert_eq!(told(&jun).await, NoticeKind::PaymentDue);
        app.advance(Span::minutes(59));
        assert_eq!(remind(jun.id()).await, Err(AppError::SlowDown { seconds: 61 }));
        assert_eq!(remind(sol.id()).await, Ok(()), "others can be");
        app.advance(Span::minutes(1));
        assert_eq!(remind(jun.id()).await, Ok(()));
        send(&jun, party, 9_000, true).await.expect("sent");
        app.advance(Span::hours(2));
        assert_eq!(remind(jun.id()).await, Err(Conflict::Stale.into()), "they say that they have sent it");
        assert_eq!(remind(mina.id()).await, Err(Conflict::Stale.into()));
    }

    async fn it_is_settled_when_all_have_paid_or_the_host_wants_it_so(app: TestApp) {
        let (party, mina, jun, sol) = ordered(&app).await;
        set(&mina, terms(party, 3_000, "equal")).await.expect("set");
        advance(&mina, party, Stage::Arrived).await;
        receive(&mina, party, &jun, 9_000, true).await.expect("received");
        assert_eq!(finish(&mina, party, false).await, Err(Conflict::Unpaid.into()));
        assert_eq!(seen(&jun, party).await.card.state, State::UnderWay(Stage::Arrived));
        receive(&mina, party, &sol, 7_000, true).await.expect("received");
        assert!(settlement(&sol, party).await.is_paid());
        // Notices of one moment are in no order.
        app.advance(Span(1));
        for _ in 0..2 {
            assert_eq!(finish(&mina, party, false).await, Ok(()));
        }
        let after = settlement(&jun, party).await;
        let terms_after = after.terms.expect("terms");
        assert_eq!((terms_after.account.as_str(), terms_after.link, told(&jun).await), ("", None, NoticeKind::Settled), "where to send money is forgotten");
        for refused in [
            set(&mina, terms(party, 1, "equal")).await,
            add(&mina, extra(party, "쿠폰", -1, None)).await,
            send(&jun, party, 9_000, true).await,
            receive(&mina, party, &jun, 9_000, false).await,
            mina.call(RemindPayer { party, person: jun.id() }).await,
        ] {
            assert_eq!(refused, Err(Conflict::Settled.into()));
        }
        let hana = app.member("hana").await;
        let other = open(&hana, order()).await;
        advance(&hana, other, Stage::Ordered).await;
        advance(&hana, other, Stage::Arrived).await;
        assert_eq!(finish(&hana, other, false).await, Err(Conflict::Unpaid.into()), "nothing says that it was settled elsewhere");
        assert_eq!(finish(&hana, other, true).await, Ok(()));
    }

    async fn a_button_that_is_refused_says_why_without_the_program(app: TestApp) {
        let (party, mina, jun, sol) = ordered(&app).await;
        let (page, id) = (format!("/meals/{party}/bill"), party.to_string());
        let (juns, sols) = (jun.id().to_string(), sol.id().to_string());
        let stale = "그사이 내용이 바뀌었어요.";
        for (actor, path, fields, why) in [
            (&jun, "/api/mark_sent", vec![("party", id.as_str()), ("amount", "1"), ("sent", "true")], stale),
            (&mina, "/api/mark_received", vec![("party", &id), ("person", &juns), ("amount", "1"), ("received", "true")], stale),
            (&mina, "/api/remind_payer", vec![("party", &id), ("person", &sols)], stale),
            (&jun, "/api/remove_item", vec![("party", &id), ("item", &juns)], "이미 주문한 모임이라"),
        ] {
            let answer = actor.post_form(&page, path, &fields).await;
            assert_eq!(answer.status.as_u16(), 409, "{path}");
            let summary = answer.body.split("banner--error").nth(1).unwrap_or_default();
            assert!(summary.contains(why), "{path}: {summary}");
        }
        set(&mina, terms(party, 0, "equal")).await.expect("set");
        let tip = extra(party, "더 낸 돈", 1_000, None);
        add(&mina, tip.clone()).await.expect("added");
        add(&mina, extra(party, "쿠폰", -25_000, None)).await.expect("added");
        let answer = mina.post_form(&page, "/api/remove_extra", &[("party", &id), ("extra", &tip.key)]).await;
        assert_eq!(answer.status.as_u16(), 422);
        assert!(answer.body.split("banner--error").nth(1).is_some_and(|summary| summary.contains("뺀 돈이 낸 돈보다 많아요.")), "{}", answer.body);
    }
}
