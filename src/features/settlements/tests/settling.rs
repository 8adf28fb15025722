//! Who pays what, who has paid, and what is kept of it.

use super::*;
use crate::features::notices::api::ListNotices;
use crate::features::notices::model::NoticeKind;
use crate::shared::ids::UserId;
use crate::shared::paging::PageAsk;

pub(super) const ACCOUNT: &str = "국민 123-45-678 김미나";

pub(super) fn terms(party: PartyId, fee: i64, split: &str) -> TermsForm {
    TermsForm {
        party: Some(party),
        fee: fee.to_string(),
        split: split.to_owned(),
        account: ACCOUNT.to_owned(),
        link: "https://pay.example/mina".to_owned(),
        seen: String::new(),
    }
}

pub(super) fn extra(party: PartyId, label: &str, amount: i64, whom: Option<UserId>) -> ExtraForm {
    ExtraForm {
        party: Some(party),
        key: Uuid::now_v7().to_string(),
        label: label.to_owned(),
        amount: amount.to_string(),
        whom: whom.map(|whom| whom.to_string()).unwrap_or_default(),
    }
}

/// Sets them with a form that shows what is set now, where somebody sees that.
pub(super) async fn set(host: &Actor, form: TermsForm) -> Result<(), AppError> {
    let party = form.party.expect("a party");
    let seen = host.ask(ReadBill { id: party }).await.ok().and_then(|view| view.settlement?.terms).map(|terms| terms.set_at.0.to_string());
    host.call(SetTerms { form: TermsForm { seen: seen.unwrap_or_default(), ..form } }).await
}

pub(super) async fn close(actor: &Actor) {
    let form = crate::features::accounts::model::CloseForm { current_password: crate::testing::PASSWORD.to_owned() };
    actor.call(crate::features::accounts::api::CloseAccount { form }).await.expect("closed");
}

/// Where money is sent to at a party, as the database has it.
async fn kept(app: &TestApp, party: PartyId) -> (String, String) {
    let mut conn = app.state.db.read().await.expect("a connection");
    let sql = "select account, coalesce(link, '') from settlements where party_id = $1";
    fetch_all!(&mut conn, (String, String), sql, party).expect("rows").remove(0)
}

pub(super) async fn add(host: &Actor, form: ExtraForm) -> Result<(), AppError> {
    host.call(PutExtra { form }).await
}

pub(super) async fn send(payer: &Actor, party: PartyId, amount: i64, sent: bool) -> Result<(), AppError> {
    payer.call(MarkSent { party, amount, sent }).await
}

pub(super) async fn receive(host: &Actor, party: PartyId, payer: &Actor, amount: i64, received: bool) -> Result<(), AppError> {
    host.call(MarkReceived { party, person: payer.id(), amount, received }).await
}

pub(super) async fn finish(host: &Actor, party: PartyId, anyway: bool) -> Result<(), AppError> {
    let anyway = if anyway { "true".to_owned() } else { String::new() };
    host.call(SettleBill { form: SettleForm { party: Some(party), anyway } }).await
}

pub(super) async fn settlement(actor: &Actor, party: PartyId) -> Settlement {
    read(actor, party).await.settlement.expect("it is ordered")
}

pub(super) async fn amounts(actor: &Actor, party: PartyId) -> Vec<i64> {
    settlement(actor, party).await.lines.iter().map(|line| line.amount).collect()
}

pub(super) async fn payments(actor: &Actor, party: PartyId) -> Vec<Payment> {
    settlement(actor, party).await.lines.iter().map(|line| line.payment).collect()
}

pub(super) async fn told(actor: &Actor) -> NoticeKind {
    actor.ask(ListNotices { page: PageAsk::default() }).await.expect("notices").page.rows[0].kind
}

/// A table of three that has ordered for 10,000, 8,000 and 6,000 won.
pub(super) async fn ordered(app: &TestApp) -> (PartyId, Actor, Actor, Actor) {
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

    async fn an_account_is_its_writers_word_until_another_is_written(app: TestApp) {
        let (party, mina, jun, _sol) = ordered(&app).await;
        set(&mina, terms(party, 3_000, "equal")).await.expect("set");
        mina.call(HandOverParty { party, person: jun.id() }).await.expect("handed over");
        let page = jun.get(&format!("/meals/{party}/bill")).await.body;
        assert!(page.contains("이전 방장의 계좌는 가져오지 않았어요.") && !page.contains(&format!("value=\"{ACCOUNT}\"")), "{page}");
        app.advance(Span(1));
        set(&jun, terms(party, 4_000, "equal")).await.expect("another fee, and the same account");
        let now = settlement(&mina, party).await.terms.expect("terms");
        assert_eq!((now.fee, now.by.as_str(), now.is_hosts), (4_000, "mina", false));
        let json: serde_json::Value = serde_json::from_str(&jun.get("/me/export").await.body).expect("JSON");
        assert_eq!(json["terms"], serde_json::json!([]), "it is not his to take along");
        app.advance(Span(1));
        set(&jun, TermsForm { account: "모임은행 2".to_owned(), link: String::new(), ..terms(party, 4_000, "equal") }).await.expect("set");
        let now = settlement(&mina, party).await;
        assert!(now.terms.expect("terms").is_hosts);
        let told: Vec<_> = now.history.iter().map(|change| (change.what, change.actor.as_str())).collect();
        assert_eq!(told, [(What::Account, "jun"), (What::Terms, "jun"), (What::Terms, "mina")]);
        let page = mina.get(&format!("/meals/{party}/bill")).await.body;
        assert!(page.contains("jun 님이 돈 보낼 곳을 바꿨어요") && !page.contains(ACCOUNT), "{page}");
    }

    async fn a_form_that_shows_what_was_changes_nothing(app: TestApp) {
        let (party, mina, jun, _sol) = ordered(&app).await;
        let old = terms(party, 3_000, "equal");
        mina.call(SetTerms { form: old.clone() }).await.expect("set");
        assert_eq!(mina.call(SetTerms { form: old.clone() }).await, Ok(()), "the same is said twice");
        let other = TermsForm { fee: "5000".to_owned(), ..old.clone() };
        assert_eq!(mina.call(SetTerms { form: other.clone() }).await, Err(Conflict::Stale.into()), "it does not know that something is set");
        let seen = settlement(&mina, party).await.terms.expect("terms").set_at.0.to_string();
        mina.call(SetTerms { form: TermsForm { seen: seen.clone(), ..other } }).await.expect("set");
        let late = TermsForm { seen, account: "다른 계좌".to_owned(), ..old };
        assert_eq!(mina.call(SetTerms { form: late }).await, Err(Conflict::Stale.into()), "in the same moment too");
        let now = settlement(&jun, party).await.terms.expect("terms");
        assert_eq!((now.fee, now.account.as_str()), (5_000, ACCOUNT));
    }

    async fn nobody_sends_money_to_a_closed_account(app: TestApp) {
        let (party, mina, jun, _sol) = ordered(&app).await;
        set(&mina, terms(party, 3_000, "equal")).await.expect("set");
        close(&mina).await;
        let now = settlement(&jun, party).await.terms.expect("terms");
        assert_eq!((now.account.as_str(), now.link), ("", None), "at once");
        crate::app::work::run_due(&app.state).await.expect("done");
        assert_eq!(kept(&app, party).await, (String::new(), String::new()), "and for good");
        assert_eq!(settlement(&jun, party).await.terms.expect("terms").fee, 3_000);
    }

    async fn where_to_send_money_is_not_kept_for_ever(app: TestApp) {
        let (party, mina, _jun, _sol) = ordered(&app).await;
        set(&mina, terms(party, 3_000, "equal")).await.expect("set");
        app.advance(Span(ACCOUNT_KEPT.0 - 1));
        sweep(&app.state).await.expect("swept");
        assert_eq!(kept(&app, party).await.0, ACCOUNT);
        app.advance(Span(1));
        sweep(&app.state).await.expect("swept");
        assert_eq!(kept(&app, party).await, (String::new(), String::new()));
    }

    async fn what_is_below_nothing_can_be_mended_step_by_step(app: TestApp) {
        let (party, mina, jun, sol) = ordered(&app).await;
        set(&mina, terms(party, 0, "equal")).await.expect("set");
        let coupon = extra(party, "쿠폰", -20_000, None);
        add(&mina, coupon.clone()).await.expect("added");
        add(&mina, extra(party, "하나 더", -4_000, None)).await.expect("added");
        // As if somebody had left with what they ordered.
        let mut tx = app.state.db.begin().await.expect("a transaction");
        crate::execute!(tx, "delete from bill_items where party_id = $1 and user_id in ($2, $3)", party, jun.id(), sol.id()).expect("gone");
        tx.commit().await.expect("committed");
        assert_eq!(settlement(&mina, party).await.receipt, -14_000);
        set(&mina, terms(party, 1_000, "equal")).await.expect("it is better than before");
        let worse = add(&mina, extra(party, "더", -1, None)).await.expect_err("it is worse");
        assert_eq!(worse.fields().0[0].field, "amount");
        mina.call(RemoveExtra { party, extra: coupon.key.parse().expect("an id") }).await.expect("removed");
        assert_eq!(settlement(&mina, party).await.receipt, 7_000);
    }

    async fn an_extra_is_entered_once_and_is_its_authors(app: TestApp) {
        let (party, mina, jun, _sol) = ordered(&app).await;
        let coupon = extra(party, "미나의 쿠폰", -1_000, None);
        for _ in 0..2 {
            assert_eq!(add(&mina, coupon.clone()).await, Ok(()));
        }
        let used = ExtraForm { amount: "-2000".to_owned(), ..coupon };
        assert_eq!(add(&mina, used).await, Err(Conflict::Stale.into()), "its name is taken by another");
        let json: serde_json::Value = serde_json::from_str(&mina.get("/me/export").await.body).expect("JSON");
        assert_eq!((&json["extras"][0]["label"], &json["extras"][0]["amount"]), (&serde_json::json!("미나의 쿠폰"), &serde_json::json!(-1_000)));
        close(&mina).await;
        crate::app::work::run_due(&app.state).await.expect("done");
        app.advance(Span::days(16));
        settlement(&jun, party).await;
        app.advance(Span::days(15));
        sweep(&app.state).await.expect("swept");
        let extras = settlement(&jun, party).await.extras;
        assert_eq!((extras[0].label.as_str(), extras[0].amount), ("", -1_000), "the number stays");
        assert!(jun.get(&format!("/meals/{party}/bill")).await.body.contains("지워진 이름"));
    }

    async fn what_a_host_before_called_it_is_not_kept_under_the_name_of_who_removes_it(app: TestApp) {
        let (party, mina, jun, _sol) = ordered(&app).await;
        let (hers, his) = (extra(party, "미나의 쿠폰", -1_000, None), extra(party, "준호의 쿠폰", -500, None));
        add(&mina, hers.clone()).await.expect("added");
        mina.call(HandOverParty { party, person: jun.id() }).await.expect("handed over");
        add(&jun, his.clone()).await.expect("added");
        for one in [hers, his] {
            app.advance(Span(1));
            jun.call(RemoveExtra { party, extra: one.key.parse().expect("an id") }).await.expect("gone");
        }
        assert_eq!(settlement(&jun, party).await.extras, []);
        let taken = jun.get("/me/export").await.body;
        assert!(taken.contains("준호의 쿠폰") && !taken.contains("미나의 쿠폰"), "{taken}");
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
        assert_eq!(amounts(&jun, party).await, [17_500, 9_500], "the host carries what they had ordered");
        mina.call(HandOverParty { party, person: jun.id() }).await.expect("handed over");
        let now = settlement(&mina, party).await;
        let terms_now = now.terms.expect("terms");
        assert_eq!((terms_now.by.as_str(), terms_now.is_hosts), ("mina", false));
        assert!(mina.get(&format!("/meals/{party}/bill")).await.body.contains("이전 방장 mina 님의 계좌예요."));
        let own = TermsForm { account: "모임은행 2".to_owned(), ..terms(party, 3_000, "equal") };
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
        receive(&mina, party, &jun, 16_000, true).await.expect("received");
        set(&mina, terms(party, 6_000, "equal")).await.expect("set");
        let text = jun.get(&path).await.body;
        assert!(text.contains("jun,17000,\"16,000원에서 바뀌었어요\""), "{text}");
        for (viewer, status) in [(app.visitor(), 401), (app.member("bo").await, 403)] {
            let answer = viewer.get(&path).await;
            assert!(answer.status.as_u16() == status && !answer.body.contains("HYPERLINK"), "{}", answer.body);
        }
        assert_eq!(mina.get("/meals/none/bill.csv").await.status.as_u16(), 404);
    }

    async fn a_bill_without_terms_is_an_estimate_to_the_end(app: TestApp) {
        let (party, mina, jun, _sol) = ordered(&app).await;
        let text = jun.get(&format!("/meals/{party}/bill.csv")).await.body;
        assert!(text.contains("사람,나눈 몫(어림),상태") && text.lines().any(|line| line == "jun,9167,"), "{text}");
        advance(&mina, party, Stage::Arrived).await;
        finish(&mina, party, true).await.expect("settled elsewhere");
        let body = jun.get(&format!("/meals/{party}/bill")).await.body;
        assert!(body.contains("정산 방법을 정하지 않고 끝낸 모임이에요.") && !body.contains("방장이 아직 정산 방법을 정하지 않았어요."), "{body}");
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

    async fn what_one_pays_is_ones_own_to_take_along(app: TestApp) {
        let (party, mina, jun, _sol) = ordered(&app).await;
        set(&mina, terms(party, 3_000, "equal")).await.expect("set");
        send(&jun, party, 9_000, true).await.expect("sent");
        let json: serde_json::Value = serde_json::from_str(&jun.get("/me/export").await.body).expect("JSON");
        assert_eq!((&json["payments"][0]["sent"], &json["settling"][0]["what"]), (&serde_json::json!(9_000), &serde_json::json!("sent")));
    }
}
