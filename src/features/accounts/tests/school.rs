//! Naming one's school, and proving it with a mail to an address there.

use super::{named, one, sign_up};
use crate::app::work::{run_due, sweep};
use crate::features::accounts::api::{CloseAccount, MailSchoolProof, ProveAddress, ProveSchool, ReadMySchool, SetSchool};
use crate::features::accounts::model::{CloseForm, MySchool, SchoolForm, SchoolMailForm};
use crate::features::profiles::api::ReadProfile;
use crate::features::schools::model::Standing;
use crate::features::schools::store as schools;
use crate::shared::error::{AppError, Conflict};
use crate::shared::time::Span;
use crate::testing::{Actor, PASSWORD, Smtp, TestApp};
use crate::{execute, fetch_one, on_both};
use serde_json::Value;

const YEAR: Span = Span::days(365);

async fn set_school(actor: &Actor, school: &str, year: &str) -> Result<(), AppError> {
    actor.call(SetSchool { form: SchoolForm { school: school.to_owned(), admission_year: year.to_owned() } }).await
}

async fn mail_to(actor: &Actor, address: &str) -> Result<(), AppError> {
    actor.call(MailSchoolProof { form: SchoolMailForm { address: address.to_owned() } }).await
}

async fn prove(actor: &Actor, token: &str) -> Result<(), AppError> {
    actor.call(ProveSchool { token: token.to_owned() }).await
}

async fn mine(actor: &Actor) -> MySchool {
    actor.ask(ReadMySchool {}).await.expect("a school")
}

/// What others see of them.
async fn shown(app: &TestApp, actor: &Actor) -> Option<String> {
    app.visitor().ask(ReadProfile { nickname: actor.nickname().to_owned() }).await.expect("a profile").school
}

/// The end of the newest link that was mailed to an address.
fn token(server: &Smtp, address: &str) -> String {
    let mail = server.taken().into_iter().rev().find(|mail| mail.recipient.eq_ignore_ascii_case(address)).expect("a mail");
    let text = mail.text();
    let at = text.find("http://moim.test/me/school?token=").expect("a link") + "http://moim.test/me/school?token=".len();
    text[at..].chars().take_while(char::is_ascii_alphanumeric).collect()
}

/// Has a link mailed there; its end.
async fn mailed(app: &TestApp, server: &Smtp, actor: &Actor, address: &str) -> String {
    mail_to(actor, address).await.expect("mailed");
    run_due(&app.mailing(server)).await.expect("sent");
    token(server, &if address.contains('@') { address.to_owned() } else { format!("{address}@snu.ac.kr") })
}

/// Somebody who names 서울대학교.
async fn student(app: &TestApp, nickname: &str) -> Actor {
    let actor = app.member(nickname).await;
    set_school(&actor, "서울대학교", "").await.expect("named");
    actor
}

/// Somebody who has proved it with this address.
async fn proved(app: &TestApp, server: &Smtp, nickname: &str, address: &str) -> Actor {
    let actor = student(app, nickname).await;
    let token = mailed(app, server, &actor, address).await;
    prove(&actor, &token).await.expect("proved");
    actor
}

/// Lets time pass for somebody who comes by often enough to stay signed in.
async fn later(app: &TestApp, actor: &Actor, span: Span) {
    let step = Span::days(20);
    let mut left = span;
    while left > step {
        app.advance(step);
        mine(actor).await;
        left = Span(left.0 - step.0);
    }
    app.advance(left);
}

fn is_proved(mine: &MySchool) -> bool {
    matches!(mine.standing, Standing::Proved { .. })
}

async fn proofs(app: &TestApp) -> i64 {
    let mut conn = app.state.db.read().await.expect("a connection");
    let (count,): (i64,) = fetch_one!(&mut conn, (i64,), "select count(*) from school_proofs").expect("a number");
    count
}

on_both! {
    async fn a_student_proves_their_school_for_a_year(app: TestApp) {
        let server = Smtp::start().await;
        let mina = app.member("mina").await;
        let before = mine(&mina).await;
        assert_eq!((before.school, before.standing, before.domains), (None, Standing::Unproved, vec![]));
        assert_eq!(named(&mail_to(&mina, "mina@snu.ac.kr").await.expect_err("refused")), one("address", "schools.address.first"));
        assert_eq!(set_school(&mina, " 서울 대학교", "2020").await, Ok(()));
        let named_only = mine(&mina).await;
        assert_eq!((named_only.school.as_deref(), named_only.admission_year, named_only.standing), (Some("서울대학교"), Some(2020), Standing::Unproved));
        assert_eq!(shown(&app, &mina).await, None, "what is not proved is not shown");

        let link = mailed(&app, &server, &mina, "mina").await;
        let mail = server.newest_to("mina@snu.ac.kr");
        assert_eq!(mail.subject(), "모임: 서울대학교 구성원인지 확인해 주세요");
        assert!(mail.html().contains("mina 님, 안녕하세요!") && mail.html().contains(&link), "{}", mail.html());
        let page = mina.get(&format!("/me/school?token={link}")).await;
        assert!(page.status.is_success() && page.body.contains(&link) && page.body.contains("학교를 인증할까요?"), "{}", page.body);
        assert_eq!(mine(&mina).await.standing, Standing::Unproved, "looking at it proves nothing");
        let since = app.now();
        let answer = mina.call_raw(ProveSchool { token: link.clone() }).await;
        assert_eq!((answer.status.as_u16(), answer.location()), (200, "/me/school?done=proved"));
        assert_eq!(prove(&mina, &link).await, Ok(()), "pressed twice");
        assert_eq!(mine(&mina).await.standing, Standing::Proved { since, until: since + YEAR, ends_soon: false });
        assert_eq!(shown(&app, &mina).await.as_deref(), Some("서울대학교"));
        let page = app.visitor().get("/users/mina").await.body;
        assert!(page.contains("서울대학교") && page.contains("인증됨"), "{page}");
        let english = app.visitor();
        english.set_cookie("moim_lang", Some("en"));
        assert!(english.get("/users/mina").await.body.contains("Seoul National University"));

        // It ends by itself.
        later(&app, &mina, Span(YEAR.0 - 1)).await;
        assert!(is_proved(&mine(&mina).await) && shown(&app, &mina).await.is_some());
        app.advance(Span(1));
        assert_eq!(mine(&mina).await.standing, Standing::Over { until: since + YEAR });
        assert_eq!(shown(&app, &mina).await, None);
        let page = app.visitor().get("/users/mina").await.body;
        assert!(!page.contains("서울대학교") && !page.contains("인증됨"));
        assert_eq!(prove(&mina, &link).await, Err(Conflict::LinkOver.into()), "an old link says nothing that is not so");
        sweep(&app.state).await.expect("swept");
        assert_eq!(proofs(&app).await, 1, "the person can still see it");
        later(&app, &mina, Span::days(30)).await;
        sweep(&app.state).await.expect("swept");
        assert_eq!((proofs(&app).await, mine(&mina).await.standing), (0, Standing::Unproved));
    }

    async fn only_an_address_at_the_school_will_do(app: TestApp) {
        let server = Smtp::start().await;
        let mina = student(&app, "mina").await;
        for wrong in ["mina@evilsnu.ac.kr", "mina@snu.ac.kr.evil.com", "mina@korea.ac.kr", "mina@ac.kr"] {
            assert_eq!(named(&mail_to(&mina, wrong).await.expect_err("refused")), one("address", "schools.address.elsewhere"), "{wrong}");
        }
        assert_eq!(named(&mail_to(&mina, "a@b@snu.ac.kr").await.expect_err("refused")), one("address", "schools.address.malformed"));
        assert_eq!(named(&mail_to(&mina, " ").await.expect_err("refused")), one("address", "schools.address.needed"));
        assert_eq!(run_due(&app.mailing(&server)).await, Ok(0), "nothing went");
        // Below it, in capitals; wrong ones did not count.
        let link = mailed(&app, &server, &mina, "mina@cse.SNU.ac.kr").await;
        assert_eq!(prove(&mina, &link).await, Ok(()));
        assert!(is_proved(&mine(&mina).await));
    }

    async fn a_link_is_its_persons_own_and_ends(app: TestApp) {
        let server = Smtp::start().await;
        let (mina, jun) = (student(&app, "mina").await, student(&app, "jun").await);
        let link = mailed(&app, &server, &mina, "mina@snu.ac.kr").await;
        // Who reads a mail that somebody else had sent to them proves nothing for anybody.
        assert_eq!(prove(&jun, &link).await, Err(AppError::NotFound));
        assert_eq!(prove(&app.visitor(), &link).await, Err(AppError::SignInRequired));
        let page = app.visitor().get(&format!("/me/school?token={link}")).await;
        assert_eq!(page.status.as_u16(), 401);
        assert!(page.body.contains(&format!("/sign-in?next=%2Fme%2Fschool%3Ftoken%3D{link}")), "{}", page.body);
        for wrong in ["", "x", &link[..63], &"0".repeat(64), &app.state.keys.seal("verify", uuid::Uuid::now_v7())] {
            assert_eq!(prove(&mina, wrong).await, Err(AppError::NotFound), "{wrong}");
        }
        // A link of one purpose is none of another, even for whom it could be sealed.
        assert_eq!(mina.call(ProveAddress { token: link.clone() }).await, Err(AppError::NotFound));
        app.advance(Span(Span::hours(24).0 - 1));
        assert_eq!(mine(&mina).await.standing, Standing::Unproved);
        app.advance(Span(1));
        assert_eq!(prove(&mina, &link).await, Err(Conflict::LinkOver.into()));
        assert_eq!(prove(&jun, &link).await, Err(Conflict::LinkOver.into()));
        let next = mailed(&app, &server, &mina, "mina@snu.ac.kr").await;
        assert_eq!(prove(&mina, &next).await, Ok(()));
        assert_eq!(prove(&jun, &next).await, Err(AppError::NotFound), "nor one that was used");
        assert_eq!((mine(&jun).await.standing, shown(&app, &jun).await), (Standing::Unproved, None));
    }

    async fn a_mailbox_stands_for_who_has_read_it_last(app: TestApp) {
        let server = Smtp::start().await;
        let (mina, jun) = (proved(&app, &server, "mina", "mina@snu.ac.kr").await, student(&app, "jun").await);
        // The same mailbox in other letters, and with something after a plus.
        let link = mailed(&app, &server, &jun, "MINA+again@snu.ac.kr").await;
        assert!(is_proved(&mine(&mina).await), "asking takes nothing from anybody");
        assert_eq!(prove(&jun, &link).await, Ok(()));
        assert!(is_proved(&mine(&jun).await));
        assert_eq!((mine(&mina).await.standing, shown(&app, &mina).await, proofs(&app).await), (Standing::Unproved, None, 1));
        // Another one is another's.
        let third = proved(&app, &server, "sol", "sol@snu.ac.kr").await;
        assert!(is_proved(&mine(&third).await) && is_proved(&mine(&jun).await));
    }

    async fn of_two_who_prove_one_mailbox_at_once_one_has_it(app: TestApp) {
        let server = Smtp::start().await;
        let (mina, jun) = (student(&app, "mina").await, student(&app, "jun").await);
        for round in 0..5 {
            let mailbox = format!("both{round}@snu.ac.kr");
            let hers = mailed(&app, &server, &mina, &mailbox).await;
            let his = mailed(&app, &server, &jun, &mailbox).await;
            let both = tokio::join!(prove(&mina, &hers), prove(&jun, &his), prove(&mina, &hers));
            assert_eq!((both.1, both.0.is_ok() || both.2.is_ok()), (Ok(()), true));
            let have = [is_proved(&mine(&mina).await), is_proved(&mine(&jun).await)];
            assert_eq!(have.iter().filter(|has| **has).count(), 1, "{have:?}");
            set_school(&mina, "", "").await.expect("none");
            set_school(&mina, "서울대학교", "").await.expect("named");
            set_school(&jun, "", "").await.expect("none");
            set_school(&jun, "서울대학교", "").await.expect("named");
            app.advance(Span::hours(6));
        }
    }

    async fn two_who_exchange_their_mailboxes_do_not_wait_for_each_other(app: TestApp) {
        let server = Smtp::start().await;
        let (mina, jun) = (student(&app, "mina").await, student(&app, "jun").await);
        let mut links = Vec::new();
        for mailbox in ["a@snu.ac.kr", "b@snu.ac.kr"] {
            for actor in [&mina, &jun] {
                let token = mailed(&app, &server, actor, mailbox).await;
                links.push(app.state.keys.unseal("school", &token).expect("a link"));
            }
            app.advance(Span::minutes(1));
        }
        let proves = async |link: usize, actor: &Actor| {
            let mut tx = app.state.db.begin().await.expect("a transaction");
            let done = schools::prove(&mut tx, links[link], actor.id(), app.now()).await;
            tx.commit().await.expect("committed");
            done
        };
        for round in 0..30 {
            let (hers, his) = if round % 2 == 0 { (0, 3) } else { (2, 1) };
            assert_eq!(tokio::join!(proves(hers, &mina), proves(his, &jun)), (Ok(true), Ok(true)), "{round}");
            assert!(proofs(&app).await >= 1);
        }
    }

    async fn another_school_has_yet_to_be_proved(app: TestApp) {
        let server = Smtp::start().await;
        let mina = proved(&app, &server, "mina", "mina@snu.ac.kr").await;
        assert_eq!(set_school(&mina, "Seoul National University", "2021").await, Ok(()));
        assert!(is_proved(&mine(&mina).await), "the same school in another language");
        assert_eq!(named(&set_school(&mina, "호그와트", "").await.expect_err("refused")), one("school", "accounts.school.unknown"));
        assert_eq!(named(&set_school(&mina, "", "2021").await.expect_err("refused")), one("school", "accounts.school.needed"));
        assert_eq!(named(&set_school(&mina, "서울대학교", "1900").await.expect_err("refused")), one("admission_year", "accounts.admission_year.malformed"));
        assert!(is_proved(&mine(&mina).await), "what was refused changed nothing");
        assert_eq!(set_school(&mina, "고려대학교", "").await, Ok(()));
        assert_eq!((mine(&mina).await.standing, shown(&app, &mina).await, proofs(&app).await), (Standing::Unproved, None, 0));
        assert_eq!(set_school(&mina, "서울대학교", "").await, Ok(()));
        assert_eq!(mine(&mina).await.standing, Standing::Unproved, "coming back is not enough");
        // A link for one school is none for another that is named meanwhile.
        app.advance(Span::minutes(1));
        let link = mailed(&app, &server, &mina, "mina@snu.ac.kr").await;
        set_school(&mina, "고려대학교", "").await.expect("named");
        assert_eq!(prove(&mina, &link).await, Err(Conflict::LinkOver.into()));
        assert_eq!(set_school(&mina, "", "").await, Ok(()));
        assert_eq!((mine(&mina).await.school, proofs(&app).await), (None, 0));
        assert_eq!(set_school(&app.visitor(), "서울대학교", "").await, Err(AppError::SignInRequired));
        assert_eq!(app.visitor().ask(ReadMySchool {}).await, Err(AppError::SignInRequired));
    }

    async fn a_proof_is_renewed_in_its_last_month(app: TestApp) {
        let server = Smtp::start().await;
        let mina = proved(&app, &server, "mina", "mina@snu.ac.kr").await;
        let since = app.now();
        later(&app, &mina, Span(YEAR.0 - Span::days(30).0 - 1)).await;
        assert_eq!(named(&mail_to(&mina, "mina@snu.ac.kr").await.expect_err("refused")), one("address", "schools.address.early"));
        assert!(!mina.get("/me/school").await.body.contains("/api/mail_school_proof"));
        app.advance(Span(1));
        assert!(mina.get("/me/school").await.body.contains("/api/mail_school_proof"));
        let link = mailed(&app, &server, &mina, "mina@snu.ac.kr").await;
        assert_eq!(mine(&mina).await.standing, Standing::Proved { since, until: since + YEAR, ends_soon: true });
        assert_eq!(prove(&mina, &link).await, Ok(()));
        let now = app.now();
        assert_eq!(mine(&mina).await.standing, Standing::Proved { since: now, until: now + YEAR, ends_soon: false });
        // With another mailbox the first one is free.
        later(&app, &mina, YEAR).await;
        let link = mailed(&app, &server, &mina, "kim@snu.ac.kr").await;
        assert_eq!((prove(&mina, &link).await, proofs(&app).await), (Ok(()), 1));
    }

    async fn mails_to_a_school_are_bounded(app: TestApp) {
        let server = Smtp::start().await;
        let mina = student(&app, "mina").await;
        assert_eq!(mail_to(&mina, "mina@snu.ac.kr").await, Ok(()));
        assert_eq!(mail_to(&mina, "other@snu.ac.kr").await, Err(AppError::SlowDown { seconds: 61 }));
        let state = app.mailing(&server);
        assert_eq!(run_due(&state).await, Ok(1));
        for _ in 0..4 {
            app.advance(Span::minutes(1));
            assert_eq!(mail_to(&mina, "mina@snu.ac.kr").await, Ok(()));
            assert_eq!(run_due(&state).await, Ok(1));
        }
        app.advance(Span::minutes(1));
        assert!(matches!(mail_to(&mina, "mina@snu.ac.kr").await, Err(AppError::SlowDown { seconds }) if seconds > 80_000));
        // Nor is one mailbox filled by many: five of hers, five of his, and no more.
        let (jun, sol) = (student(&app, "jun").await, student(&app, "sol").await);
        for _ in 0..5 {
            app.advance(Span::minutes(1));
            assert_eq!(mail_to(&jun, "mina+more@snu.ac.kr").await, Ok(()));
        }
        assert!(matches!(mail_to(&sol, "mina@snu.ac.kr").await, Err(AppError::SlowDown { .. })));
        assert_eq!(mail_to(&sol, "sol@snu.ac.kr").await, Ok(()), "what did not go does not count");
        assert_eq!((run_due(&state).await, server.taken().len()), (Ok(6), 7), "of those that wait for one person the newest goes");
        // The newest and the first are as good.
        assert_eq!(prove(&mina, &token(&server, "mina@snu.ac.kr")).await, Ok(()));
        let nobody = app.visitor_where(|config| config.shows_kept_mail = false);
        for name in ["moim_access", "moim_refresh"] {
            nobody.set_cookie(name, jun.cookie(name).as_deref());
        }
        assert_eq!(mail_to(&nobody, "jun").await, Err(Conflict::NoMail.into()));
    }

    async fn who_has_not_proved_their_own_address_proves_no_school(app: TestApp) {
        let visitor = app.visitor();
        sign_up(&visitor, "jun@moim.test", "jun").await.expect("signed up");
        assert_eq!(set_school(&visitor, "서울대학교", "").await, Ok(()), "naming one is editing the profile");
        assert_eq!(mail_to(&visitor, "jun@snu.ac.kr").await, Err(AppError::Unverified));
        assert_eq!(prove(&visitor, "x").await, Err(AppError::Unverified));
        let page = visitor.get("/me/school").await.body;
        assert!(page.contains("먼저 ‘나’에서 내 이메일을 확인해 주세요") && !page.contains("/api/mail_school_proof"), "{page}");
        // One who had, and has not when the link comes back.
        let server = Smtp::start().await;
        let mina = student(&app, "mina").await;
        let link = mailed(&app, &server, &mina, "mina@snu.ac.kr").await;
        let mut tx = app.state.db.begin().await.expect("a transaction");
        execute!(&mut tx, "update users set verified_at = null where id = $1", mina.id()).expect("changed");
        tx.commit().await.expect("committed");
        assert_eq!(prove(&mina, &link).await, Err(AppError::Unverified));
        assert_eq!(proofs(&app).await, 0);
    }

    async fn nothing_of_it_is_left_of_a_closed_account(app: TestApp) {
        let server = Smtp::start().await;
        let (mina, jun) = (proved(&app, &server, "mina", "mina@snu.ac.kr").await, student(&app, "jun").await);
        mail_to(&jun, "jun@snu.ac.kr").await.expect("mailed");
        let whole: Value = serde_json::from_str(&mina.get("/me/export").await.body).expect("JSON");
        let account = &whole["account"];
        assert_eq!(account["school"], "snu");
        assert!(account["school_proved_at"].is_string() && account["school_proved_until"].is_string(), "{account}");
        let whole: Value = serde_json::from_str(&jun.get("/me/export").await.body).expect("JSON");
        assert!(whole["account"]["school_proved_at"].is_null());
        for actor in [&mina, &jun] {
            let form = CloseForm { current_password: PASSWORD.to_owned() };
            actor.call(CloseAccount { form }).await.expect("closed");
        }
        let mut conn = app.state.db.read().await.expect("a connection");
        let left: (i64, i64, i64) = fetch_one!(
            &mut conn,
            (i64, i64, i64),
            "select (select count(*) from school_proofs), (select count(*) from school_claims), (select count(*) from mails)"
        )
        .expect("numbers");
        assert_eq!(left, (0, 0, 0));
        drop(conn);
        // The mailbox can stand for somebody else.
        let sol = proved(&app, &server, "sol", "mina@snu.ac.kr").await;
        assert!(is_proved(&mine(&sol).await));
    }

    async fn the_address_is_kept_nowhere_but_in_the_outbox(app: TestApp) {
        let server = Smtp::start().await;
        let mina = proved(&app, &server, "mina", "very.own@snu.ac.kr").await;
        let mut conn = app.state.db.read().await.expect("a connection");
        let (key, claimed): (String, String) = fetch_one!(
            &mut conn,
            (String, String),
            "select p.address_key, c.address_key from school_proofs p cross join school_claims c where p.user_id = $1",
            mina.id()
        )
        .expect("a row");
        assert_eq!(key, claimed);
        assert!(key.len() == 64 && key != crate::server::keys::fingerprint("very.own@snu.ac.kr"), "a key is needed to know whose it is");
        assert!(!mina.get("/me/export").await.body.contains("very.own") && !mina.get("/me/school").await.body.contains("very.own"));
        drop(conn);
        app.advance(Span::days(8));
        sweep(&app.state).await.expect("swept");
        let mut conn = app.state.db.read().await.expect("a connection");
        let (mails,): (i64,) = fetch_one!(&mut conn, (i64,), "select count(*) from mails where recipient like '%snu.ac.kr'").expect("a number");
        assert_eq!((mails, is_proved(&mine(&mina).await)), (0, true));
    }

    async fn an_imported_school_is_proved_in_any_of_its_domains(app: TestApp) {
        let server = Smtp::start().await;
        let mut tx = app.state.db.begin().await.expect("a transaction");
        let list = "id,name,english,domain\nhanbit,한빛대학교,Hanbit University,hanbit.ac.kr mail.hanbit.kr\n";
        schools::import(&mut tx, list.as_bytes()).await.expect("imported");
        tx.commit().await.expect("committed");
        let mina = app.member("mina").await;
        set_school(&mina, "한빛대학교", "").await.expect("named");
        let page = mina.get("/me/school").await.body;
        assert!(page.contains("@hanbit.ac.kr, @mail.hanbit.kr"), "{page}");
        assert_eq!(named(&mail_to(&mina, "mina@hanbit.kr").await.expect_err("refused")), one("address", "schools.address.elsewhere"));
        let link = mailed(&app, &server, &mina, "mina@mail.hanbit.kr").await;
        assert_eq!(prove(&mina, &link).await, Ok(()));
        assert_eq!(shown(&app, &mina).await.as_deref(), Some("한빛대학교"));
    }

    async fn all_of_it_works_without_javascript(app: TestApp) {
        let server = Smtp::start().await;
        let mina = app.member("mina").await;
        assert!(mina.get("/me").await.body.contains("href=\"/me/school\""));
        let wrong = mina.post_form("/me/school", "/api/set_school", &[("form[school]", "\"><script>alert(1)</script>"), ("form[admission_year]", "x")]).await;
        assert_eq!(wrong.status, 422);
        assert!(wrong.body.contains("네 자리 연도로") && !wrong.body.contains("<script>alert(1)"), "{}", wrong.body);
        let saved = mina.post_form("/me/school", "/api/set_school", &[("form[school]", "서울대학교"), ("form[admission_year]", "2020")]).await;
        assert_eq!((saved.status.as_u16(), saved.location()), (303, "/me/school?done=saved"));
        let page = mina.get(saved.location()).await.body;
        for said in ["학교를 저장했어요.", "value=\"서울대학교\"", "value=\"2020\"", "인증 전", "@snu.ac.kr"] {
            assert!(page.contains(said), "{said}: {page}");
        }
        let wrong = mina.post_form("/me/school", "/api/mail_school_proof", &[("form[address]", "mina@evilsnu.ac.kr")]).await;
        assert_eq!(wrong.status, 422);
        assert!(wrong.body.contains("이 학교의 주소가 아니에요.") && wrong.body.contains("value=\"mina@evilsnu.ac.kr\""), "{}", wrong.body);
        let sent = mina.post_form("/me/school", "/api/mail_school_proof", &[("form[address]", "mina")]).await;
        assert_eq!((sent.status.as_u16(), sent.location()), (303, "/me/school?done=mailed"));
        run_due(&app.mailing(&server)).await.expect("sent");
        let link = token(&server, "mina@snu.ac.kr");
        let path = format!("/me/school?token={link}");
        let elsewhere = app.visitor().post_form(&path, "/api/prove_school", &[("token", &link)]).await;
        assert_eq!(elsewhere.location(), format!("/sign-in?next=%2Fme%2Fschool%3Ftoken%3D{link}"));
        let over = mina.post_form(&path, "/api/prove_school", &[("token", "x")]).await;
        assert_eq!(over.status, 404);
        let done = mina.post_form(&path, "/api/prove_school", &[("token", &link)]).await;
        assert_eq!((done.status.as_u16(), done.location()), (303, "/me/school?done=proved"));
        let page = mina.get(done.location()).await.body;
        assert!(page.contains("학교를 인증했어요.") && page.contains("인증됨") && !page.contains("/api/mail_school_proof"), "{page}");
    }
}
