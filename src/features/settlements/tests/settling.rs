//! Who pays what, who has paid, and what is kept of it.

use super::*;
use crate::features::notices::api::ListNotices;
use crate::features::notices::model::NoticeKind;
use crate::features::parties::model::State;
use crate::shared::ids::UserId;
use crate::shared::paging::PageAsk;

const ACCOUNT: &str = "국민 123-45-678 김미나";

fn terms(party: PartyId, fee: i64, split: &str) -> TermsForm {
    TermsForm {
        party: Some(party),
        fee: fee.to_string(),
        split: split.to_owned(),
        account: ACCOUNT.to_owned(),
        link: "https://pay.example/mina".to_owned(),
    }
}

fn extra(party: PartyId, label: &str, amount: i64, whom: Option<UserId>) -> ExtraForm {
    ExtraForm {
        party: Some(party),
        key: Uuid::now_v7().to_string(),
        label: label.to_owned(),
        amount: amount.to_string(),
        whom: whom.map(|whom| whom.to_string()).unwrap_or_default(),
    }
}

async fn set(host: &Actor, form: TermsForm) -> Result<(), AppError> {
    host.call(SetTerms { form }).await
}

async fn add(host: &Actor, form: ExtraForm) -> Result<(), AppError> {
    host.call(PutExtra { form }).await
}

async fn send(payer: &Actor, party: PartyId, amount: i64, sent: bool) -> Result<(), AppError> {
    payer.call(MarkSent { party, amount, sent }).await
}

async fn receive(host: &Actor, party: PartyId, payer: &Actor, amount: i64, received: bool) -> Result<(), AppError> {
    host.call(MarkReceived { party, person: payer.id(), amount, received }).await
}

async fn finish(host: &Actor, party: PartyId, anyway: bool) -> Result<(), AppError> {
    let anyway = if anyway { "true".to_owned() } else { String::new() };
    host.call(SettleBill { form: SettleForm { party: Some(party), anyway } }).await
}

async fn settlement(actor: &Actor, party: PartyId) -> Settlement {
    read(actor, party).await.settlement.expect("it is ordered")
}

async fn amounts(actor: &Actor, party: PartyId) -> Vec<i64> {
    settlement(actor, party).await.lines.iter().map(|line| line.amount).collect()
}

async fn payments(actor: &Actor, party: PartyId) -> Vec<Payment> {
    settlement(actor, party).await.lines.iter().map(|line| line.payment).collect()
}

async fn told(actor: &Actor) -> NoticeKind {
    actor.ask(ListNotices { page: PageAsk::default() }).await.expect("notices").page.rows[0].kind
}

/// A table of three that has ordered for 10,000, 8,000 and 6,000 won.
async fn ordered(app: &TestApp) -> (PartyId, Actor, Actor, Actor) {
    let (party, mina, jun, sol) = table(app).await;
    for (who, name, price) in [(&mina, "간장", 10_000), (&jun, "양념", 8_000), (&sol, "콜라", 6_000)] {
        put(who, party, name, price, 1).await;
    }
    assert_eq!(read(&jun, party).await.settlement, None, "nothing is shared before it is ordered");
    advance(&mina, party, Stage::Ordered).await;
    app.advance(Span(1));
    (party, mina, jun, sol)
}

on_both! {
    async fn everybody_pays_their_own_and_a_part_of_the_fee(app: TestApp) {
        let (party, mina, jun, sol) = ordered(&app).await;
        let before = settlement(&jun, party).await;
        assert_eq!((before.terms.is_none(), before.receipt), (true, 27_500), "an estimate, with the fee that the order was opened with");
        set(&mina, terms(party, 4_000, "equal")).await.expect("set");
        for viewer in [&mina, &jun, &sol] {
            let now = settlement(viewer, party).await;
            assert_eq!((now.receipt, now.lines.iter().map(|line| line.amount).collect::<Vec<_>>()), (28_000, vec![11_334, 9_333, 7_333]));
            let terms = now.terms.expect("terms");
            assert_eq!((terms.account.as_str(), terms.link.as_deref(), terms.is_hosts), (ACCOUNT, Some("https://pay.example/mina"), true));
        }
        set(&mina, terms(party, 4_800, "by_items")).await.expect("set");
        assert_eq!(amounts(&jun, party).await, [12_000, 9_600, 7_200]);
        add(&mina, extra(party, "쿠폰", -3_000, None)).await.expect("added");
        add(&mina, extra(party, "순살로", 2_000, Some(jun.id()))).await.expect("added");
        assert_eq!(amounts(&sol, party).await, [11_000, 10_600, 6_200]);
        assert_eq!(settlement(&sol, party).await.receipt, 27_800);
    }

    async fn what_is_taken_off_stays_within_what_was_paid(app: TestApp) {
        let (party, mina, jun, sol) = ordered(&app).await;
        set(&mina, terms(party, 0, "equal")).await.expect("set");
        add(&mina, extra(party, "솔이 쿠폰", -9_000, Some(sol.id()))).await.expect("added");
        assert_eq!(amounts(&mina, party).await, [8_500, 6_500, 0], "nobody pays less than nothing");
        let refused = add(&mina, extra(party, "너무 많이", -15_001, None)).await.expect_err("a shop pays nobody");
        assert_eq!(refused.fields().0[0].field, "amount");
        let tip = extra(party, "더 낸 돈", 1_000, None);
        for _ in 0..2 {
            assert_eq!(add(&mina, tip.clone()).await, Ok(()), "the same form does it once");
        }
        add(&mina, extra(party, "쿠폰", -16_000, None)).await.expect("added");
        let gone = tip.key.parse().expect("an id");
        let refused = mina.call(RemoveExtra { party, extra: gone }).await.expect_err("it holds the other up");
        assert_eq!(refused.fields().0[0].field, "amount");
        assert_eq!(settlement(&jun, party).await.extras.len(), 3);
        assert_eq!(add(&mina, extra(party, "남의 것", 500, Some(app.member("bo").await.id()))).await, Err(Conflict::NotMember.into()));
        for n in 3..MAX_EXTRAS {
            add(&mina, extra(party, &format!("몫 {n}"), 1, None)).await.expect("added");
        }
        assert_eq!(add(&mina, extra(party, "하나 더", 1, None)).await, Err(Conflict::ManyItems.into()));
        assert_eq!(amounts(&mina, party).await.iter().sum::<i64>(), settlement(&mina, party).await.receipt);
    }

    async fn only_the_host_decides_and_only_in_time(app: TestApp) {
        let (party, mina, jun, _sol) = table(&app).await;
        assert_eq!(set(&mina, terms(party, 0, "equal")).await, Err(Conflict::NotYet.into()));
        advance(&mina, party, Stage::Ordered).await;
        for actor in [&jun, &app.member("bo").await] {
            assert_eq!(set(actor, terms(party, 0, "equal")).await, Err(AppError::Forbidden));
            assert_eq!(add(actor, extra(party, "쿠폰", -1, None)).await, Err(AppError::Forbidden));
            assert_eq!(actor.call(RemoveExtra { party, extra: ItemId(Uuid::now_v7()) }).await, Err(AppError::Forbidden));
            assert_eq!(receive(actor, party, &jun, 100, true).await, Err(AppError::Forbidden));
            assert_eq!(actor.call(RemindPayer { party, person: mina.id() }).await, Err(AppError::Forbidden));
            assert_eq!(finish(actor, party, true).await, Err(AppError::Forbidden));
        }
        assert_eq!(finish(&mina, party, true).await, Err(Conflict::NotYet.into()), "it has not arrived");
        let wrong = set(&mina, TermsForm { link: "http://pay.example".to_owned(), ..terms(party, -1, "?") }).await.expect_err("wrong");
        assert_eq!(wrong.fields().0.iter().map(|error| error.field.as_ref()).collect::<Vec<_>>(), ["fee", "split", "link"]);
    }

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
        receive(&mina, party, &sol, 8_000, false).await.expect("not after all");
        assert_eq!(payments(&jun, party).await, [Payment::Nothing, Payment::Sent, Payment::Owed]);
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

    async fn every_change_is_told_with_who_and_when(app: TestApp) {
        let (party, mina, jun, _sol) = ordered(&app).await;
        set(&mina, terms(party, 3_000, "equal")).await.expect("set");
        set(&mina, terms(party, 3_000, "equal")).await.expect("the same is no change");
        app.advance(Span(1));
        let coupon = extra(party, "쿠폰", -3_000, None);
        add(&mina, coupon.clone()).await.expect("added");
        app.advance(Span(1));
        mina.call(RemoveExtra { party, extra: coupon.key.parse().expect("an id") }).await.expect("gone");
        app.advance(Span(1));
        send(&jun, party, 9_000, true).await.expect("sent");
        app.advance(Span(1));
        receive(&mina, party, &jun, 9_000, true).await.expect("received");
        let history = settlement(&jun, party).await.history;
        let told: Vec<_> = history.iter().map(|change| (change.what, change.actor.as_str(), change.subject.as_deref(), change.amount)).collect();
        assert_eq!(
            told,
            [
                (What::Received, "mina", Some("jun"), Some(9_000)),
                (What::Sent, "jun", None, Some(9_000)),
                (What::ExtraGone, "mina", None, Some(-3_000)),
                (What::Extra, "mina", None, Some(-3_000)),
                (What::Terms, "mina", None, Some(3_000)),
            ]
        );
        assert!(history.windows(2).all(|pair| pair[0].at >= pair[1].at));
        // Many changes are told as far as there is room.
        for fee in 0..HISTORY {
            set(&mina, terms(party, fee, "equal")).await.expect("set");
        }
        assert_eq!(settlement(&jun, party).await.history.len() as i64, HISTORY);
    }

    async fn who_is_released_pays_nothing_and_a_new_host_is_not_confused_with_the_old(app: TestApp) {
        let (party, mina, jun, sol) = ordered(&app).await;
        set(&mina, terms(party, 3_000, "equal")).await.expect("set");
        mina.call(RemoveMember { party, person: sol.id() }).await.expect("released");
        assert_eq!(amounts(&jun, party).await, [11_500, 9_500]);
        mina.call(HandOverParty { party, person: jun.id() }).await.expect("handed over");
        let now = settlement(&mina, party).await;
        let terms_now = now.terms.expect("terms");
        assert_eq!((terms_now.by.as_str(), terms_now.is_hosts), ("mina", false));
        assert!(mina.get(&format!("/meals/{party}/bill")).await.body.contains("이전 방장 mina 님의 계좌예요."));
        let own = terms(party, 3_000, "equal");
        set(&jun, own).await.expect("set");
        assert!(settlement(&mina, party).await.terms.expect("terms").is_hosts);
        assert_eq!(payments(&mina, party).await, [Payment::Nothing, Payment::Owed], "the host comes first and pays nobody");
    }

    async fn a_table_for_spreadsheets_is_for_those_who_sit_there(app: TestApp) {
        let (party, mina, jun, _sol) = table(&app).await;
        let path = format!("/meals/{party}/bill.csv");
        put(&jun, party, "=HYPERLINK(\"https://evil.example\")", 8_000, 2).await;
        assert!(jun.get(&path).await.body.contains("배달비"));
        advance(&mina, party, Stage::Ordered).await;
        set(&mina, terms(party, 3_000, "equal")).await.expect("set");
        add(&mina, extra(party, "@쿠폰", -1_000, Some(jun.id()))).await.expect("added");
        let answer = jun.get(&path).await;
        assert_eq!((answer.status.as_u16(), answer.headers["content-type"].as_bytes()), (200, "text/csv; charset=utf-8".as_bytes()));
        assert!(answer.headers["content-disposition"].to_str().expect("text").starts_with("attachment"));
        assert!(answer.bytes.starts_with("\u{feff}".as_bytes()));
        let text = answer.body.trim_start_matches('\u{feff}');
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[0], "사람,내용,값,수량,금액");
        assert_eq!(lines[1], "jun,\"'=HYPERLINK(\"\"https://evil.example\"\")\",8000,2,16000");
        assert!(lines.contains(&"모두,배달비,,,3000") && lines.contains(&"jun,'@쿠폰,,,-1000"), "{text}");
        assert!(lines.contains(&"모두,가게에 낸 돈,,,18000") && lines.contains(&"jun,16000,아직이에요"), "{text}");
        for (viewer, status) in [(app.visitor(), 401), (app.member("bo").await, 403)] {
            let answer = viewer.get(&path).await;
            assert!(answer.status.as_u16() == status && !answer.body.contains("HYPERLINK"), "{}", answer.body);
        }
        assert_eq!(mina.get("/meals/none/bill.csv").await.status.as_u16(), 404);
    }

    async fn settling_works_without_the_program(app: TestApp) {
        let (party, mina, jun, sol) = ordered(&app).await;
        let (page, id) = (format!("/meals/{party}/bill"), party.to_string());
        let go = async |actor: &Actor, path: &str, fields: &[(&str, &str)]| {
            let answer = actor.post_form(&page, path, fields).await;
            assert_eq!((answer.status.as_u16(), answer.location()), (303, page.as_str()), "{path}: {}", answer.body);
        };
        assert!(mina.get(&page).await.body.contains("정산 시작하기"));
        assert!(!jun.get(&page).await.body.contains("정산 시작하기"));
        let fields =
            [("form[party]", id.as_str()), ("form[fee]", "3,000"), ("form[split]", "equal"), ("form[account]", ACCOUNT), ("form[link]", "")];
        go(&mina, "/api/set_terms", &fields).await;
        let key = Uuid::now_v7().to_string();
        go(&mina, "/api/put_extra", &[("form[party]", &id), ("form[key]", &key), ("form[label]", "쿠폰"), ("form[amount]", "-3,000"), ("form[whom]", "")]).await;
        let body = jun.get(&page).await.body;
        assert!(body.contains(ACCOUNT) && body.contains("보냈어요") && body.contains("8,000원") && body.contains("-3,000원"), "{body}");
        go(&jun, "/api/mark_sent", &[("party", &id), ("amount", "8000"), ("sent", "true")]).await;
        let (juns, sols) = (jun.id().to_string(), sol.id().to_string());
        go(&mina, "/api/mark_received", &[("party", &id), ("person", &juns), ("amount", "8000"), ("received", "true")]).await;
        go(&mina, "/api/remind_payer", &[("party", &id), ("person", &sols)]).await;
        go(&mina, "/api/remove_extra", &[("party", &id), ("extra", &key)]).await;
        advance(&mina, party, Stage::Arrived).await;
        let refused = mina.post_form(&page, "/api/settle_bill", &[("form[party]", &id)]).await;
        assert_eq!(refused.status.as_u16(), 409);
        assert!(refused.body.contains("아직 받지 못한 돈이 있어요."), "{}", refused.body);
        go(&mina, "/api/settle_bill", &[("form[party]", &id), ("form[anyway]", "true")]).await;
        let body = mina.get(&page).await.body;
        assert!(body.contains("mina 님이 정산을 끝냈어요") && !body.contains(ACCOUNT) && !body.contains("정산 시작하기"), "{body}");
    }

    async fn what_one_pays_is_ones_own_to_take_along_and_accounts_are_forgotten(app: TestApp) {
        let (party, mina, jun, _sol) = ordered(&app).await;
        set(&mina, terms(party, 3_000, "equal")).await.expect("set");
        send(&jun, party, 9_000, true).await.expect("sent");
        let json: serde_json::Value = serde_json::from_str(&jun.get("/me/export").await.body).expect("JSON");
        assert_eq!((&json["payments"][0]["sent"], &json["settling"][0]["what"]), (&serde_json::json!(9_000), &serde_json::json!("sent")));
        let form = crate::features::accounts::model::CloseForm { current_password: crate::testing::PASSWORD.to_owned() };
        mina.call(crate::features::accounts::api::CloseAccount { form }).await.expect("closed");
        crate::app::work::run_due(&app.state).await.expect("done");
        app.advance(Span::days(31));
        sweep(&app.state).await.expect("swept");
        let mut conn = app.state.db.read().await.expect("a connection");
        let sql = "select account, coalesce(link, '') from settlements where party_id = $1";
        let left: Vec<(String, String)> = fetch_all!(&mut conn, (String, String), sql, party).expect("rows");
        assert_eq!(left, [(String::new(), String::new())]);
    }
}
