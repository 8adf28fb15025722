//! Letters on their way, with a real mail server at the other end.

use super::api::ReadKeptMails;
use crate::app::work::{run_due, sweep};
use crate::features::accounts::api::SignUp;
use crate::features::accounts::model::SignUpForm;
use crate::on_both;
use crate::server::jobs;
use crate::server::state::AppState;
use crate::shared::time::Span;
use crate::testing::{Manners, PASSWORD, Smtp, TestApp};
use crate::{execute, fetch_all};
use std::time::Duration;

async fn newcomer(app: &TestApp, email: &str, nickname: &str) {
    let form = SignUpForm {
        email: email.to_owned(),
        nickname: nickname.to_owned(),
        password: PASSWORD.to_owned(),
        password_again: PASSWORD.to_owned(),
        birth_date: "2000-02-29".to_owned(),
        gender: "unsaid".to_owned(),
        region: "11440124".to_owned(),
        terms: "true".to_owned(),
        privacy: "true".to_owned(),
        ..SignUpForm::default()
    };
    app.visitor().call(SignUp { form }).await.expect("signed up");
}

async fn states(state: &AppState) -> Vec<String> {
    let mut conn = state.db.read().await.expect("a connection");
    let rows: Vec<(String,)> = fetch_all!(&mut conn, (String,), "select state from mails order by created_at, id").expect("rows");
    rows.into_iter().map(|(state,)| state).collect()
}

async fn stuck(state: &AppState) -> Vec<jobs::Stuck> {
    jobs::stuck(&mut state.db.read().await.expect("a connection")).await.expect("a list")
}

on_both! {
    async fn a_letter_is_multipart_and_goes_once(app: TestApp) {
        let server = Smtp::start().await;
        newcomer(&app, "mina@moim.test", "mina").await;
        assert_eq!(run_due(&app.mailing(&server)).await, Ok(1));
        let mail = server.newest_to("mina@moim.test");
        assert_eq!(mail.subject(), "모임: 이메일을 확인해 주세요");
        let (text, html) = (mail.text(), mail.html());
        assert!(text.contains("mina 님, 반가워요!") && text.contains("http://moim.test/verify/"), "{text}");
        assert!(html.contains("mina 님, 반가워요!"), "{html}");
        assert_eq!(html.matches("http://moim.test/verify/").count(), 3, "the button and the address to copy");
        let head = String::from_utf8_lossy(&mail.raw).into_owned();
        for line in ["From: Moim <no-reply@moim.test>", "Auto-Submitted: auto-generated", "multipart/alternative", "Message-ID: <"] {
            assert!(head.contains(line), "{line} in {head}");
        }
        assert_eq!(states(&app.state).await, ["sent"]);
        assert_eq!(run_due(&app.mailing(&server)).await, Ok(0), "once");
    }

    async fn a_server_that_is_busy_or_gone_is_asked_again(app: TestApp) {
        let server = Smtp::start().await;
        let state = app.mailing(&server);
        server.behave(Manners::Busy);
        newcomer(&app, "mina@moim.test", "mina").await;
        assert_eq!(run_due(&state).await, Ok(1));
        assert_eq!(run_due(&state).await, Ok(0), "not before its pause is over");
        app.advance(Span::seconds(5));
        assert_eq!(run_due(&state).await, Ok(1));
        assert_eq!(states(&app.state).await, ["waiting"]);
        // Nobody listens there any more.
        let gone = Smtp::start().await;
        let nowhere = app.mailing(&gone);
        drop(gone);
        app.advance(Span::minutes(30));
        assert_eq!(run_due(&nowhere).await, Ok(1));
        assert_eq!(states(&app.state).await, ["waiting"]);
        server.behave(Manners::Polite);
        app.advance(Span::minutes(30));
        assert_eq!(run_due(&state).await, Ok(1));
        assert_eq!((states(&app.state).await, server.taken().len()), (vec!["sent".to_owned()], 1));
        assert!(stuck(&app.state).await.is_empty());
    }

    async fn a_server_that_wants_nothing_of_us_is_asked_again(app: TestApp) {
        let server = Smtp::start().await;
        let state = app.mailing(&server);
        newcomer(&app, "mina@moim.test", "mina").await;
        // Nothing of that is about her address: somebody may mend what we sign in with.
        for manners in [Manners::Shut, Manners::Suspicious] {
            server.behave(manners);
            assert_eq!(run_due(&state).await, Ok(1), "{manners:?}");
            assert_eq!(states(&app.state).await, ["waiting"], "{manners:?}");
            app.advance(Span::minutes(30));
        }
        server.behave(Manners::Polite);
        assert_eq!(run_due(&state).await, Ok(1));
        assert_eq!((states(&app.state).await, server.taken().len()), (vec!["sent".to_owned()], 1));
    }

    async fn a_server_that_says_nothing_is_asked_again(app: TestApp) {
        let server = Smtp::start().await;
        let state = app.mailing_within(&server, Duration::from_millis(500));
        newcomer(&app, "mina@moim.test", "mina").await;
        for manners in [Manners::Silent, Manners::Slow] {
            server.behave(manners);
            assert_eq!(run_due(&state).await, Ok(1), "{manners:?}");
            assert_eq!(run_due(&state).await, Ok(0), "not before its pause is over");
            assert_eq!(states(&app.state).await, ["waiting"], "{manners:?}");
            app.advance(Span::minutes(30));
        }
        server.behave(Manners::Polite);
        assert_eq!(run_due(&app.mailing(&server)).await, Ok(1));
        assert_eq!((states(&app.state).await, server.taken().len()), (vec!["sent".to_owned()], 1));
    }

    async fn what_can_never_arrive_is_given_up_visibly(app: TestApp) {
        let server = Smtp::start().await;
        let state = app.mailing(&server);
        server.behave(Manners::Strict);
        newcomer(&app, "mina@moim.test", "mina").await;
        assert_eq!(run_due(&state).await, Ok(1));
        assert_eq!(states(&app.state).await, ["given_up"]);
        server.behave(Manners::Busy);
        app.advance(Span::seconds(1));
        newcomer(&app, "jun@moim.test", "jun").await;
        assert_eq!(run_due(&state).await, Ok(1));
        app.advance(Span::days(1));
        assert_eq!(run_due(&state).await, Ok(1), "the last try");
        assert_eq!(states(&app.state).await, ["given_up", "given_up"]);
        let all = stuck(&app.state).await;
        assert_eq!(all.len(), 2);
        assert!(all.iter().all(|job| job.dead_at.is_some() && job.kind == "send_mail"));
        assert!(all[1].to_string().contains("given up after 1 tries") && all[1].trouble.contains("550"), "{}", all[1]);
        assert!(all[1].trouble.contains("nobody: ") && !all[1].trouble.contains("mina@"), "{}", all[1]);
        let figures = app.visitor().get("/metrics").await.body;
        assert!(figures.contains("jobs_given_up 2"), "{figures}");
    }

    async fn without_a_server_mails_are_kept_where_they_can_be_read(app: TestApp) {
        newcomer(&app, "mina@moim.test", "mina").await;
        assert_eq!(run_due(&app.state).await, Ok(1));
        assert_eq!(states(&app.state).await, ["kept"]);
        let kept = app.visitor().ask(ReadKeptMails {}).await.expect("a list").mails;
        assert_eq!((kept.len(), kept[0].recipient.as_str()), (1, "mina@moim.test"));
        assert!(kept[0].text.contains(&format!("http://moim.test{}", kept[0].path)));
        let page = app.visitor().get("/dev/mail").await;
        assert!(page.status.is_success() && page.body.contains(&kept[0].path) && page.body.contains("mina@moim.test"), "{}", page.body);
        let server = Smtp::start().await;
        assert!(!app.mailing(&server).shows_mail(), "where there is a server they are nobody else's");
    }

    async fn what_is_old_is_removed_and_nothing_else(app: TestApp) {
        newcomer(&app, "mina@moim.test", "mina").await;
        assert_eq!(run_due(&app.state).await, Ok(1));
        app.advance(Span::days(7));
        newcomer(&app, "jun@moim.test", "jun").await;
        let left = || async {
            let mut conn = app.state.db.read().await.expect("a connection");
            let mails: Vec<(String,)> = fetch_all!(&mut conn, (String,), "select recipient from mails order by created_at").expect("rows");
            let links: Vec<(i64,)> = fetch_all!(&mut conn, (i64,), "select count(*) from mail_links").expect("rows");
            (mails.into_iter().map(|(to,)| to).collect::<Vec<_>>(), links[0].0)
        };
        sweep(&app.state).await.expect("swept");
        assert_eq!(left().await, (vec!["jun@moim.test".to_owned()], 1), "what waits or is young stays");
        app.advance(Span::days(29));
        sweep(&app.state).await.expect("swept");
        assert_eq!(left().await, (vec!["jun@moim.test".to_owned()], 0), "a mail that waits is still to go");
        app.advance(Span::days(1));
        sweep(&app.state).await.expect("swept");
        assert_eq!(left().await, (vec![], 0), "nobody will send it any more");
        let mut tx = app.state.db.begin().await.expect("a transaction");
        execute!(&mut tx, "update jobs set dead_at = $1", app.now() - Span::days(30)).expect("given up");
        tx.commit().await.expect("committed");
        sweep(&app.state).await.expect("swept");
        assert_eq!(stuck(&app.state).await, []);
    }

    async fn nodes_share_jobs_and_take_over_from_one_that_is_silent(app: TestApp) {
        newcomer(&app, "mina@moim.test", "mina").await;
        let db = &app.state.db;
        let taken = futures_util::future::join_all((0..8).map(|_| jobs::take(db, app.now(), None))).await;
        let taken: Vec<jobs::Job> = taken.into_iter().filter_map(|job| job.expect("an answer")).collect();
        assert_eq!(taken.len(), 1, "one of them works on it");
        app.advance(jobs::LEASE);
        let again = jobs::take(db, app.now(), None).await.expect("an answer").expect("it was never settled");
        assert_eq!(again.id, taken[0].id);
        // The first one comes back and says that it is done; it is the second one's now.
        jobs::settle(db, &taken[0], &Ok(()), app.now()).await.expect("settled");
        assert_eq!(jobs::count(&mut db.read().await.expect("a connection")).await, Ok((1, 0)));
        jobs::settle(db, &again, &Ok(()), app.now()).await.expect("settled");
        assert_eq!(jobs::count(&mut db.read().await.expect("a connection")).await, Ok((0, 0)));
    }

    async fn a_job_of_a_newer_node_waits_for_it(app: TestApp) {
        let mut tx = app.state.db.begin().await.expect("a transaction");
        jobs::Kind::<u8>::new("from_the_future").enqueue(&mut tx, &1, app.now()).await.expect("written");
        tx.commit().await.expect("committed");
        assert_eq!(run_due(&app.state).await, Ok(1));
        let mut tx = app.state.db.begin().await.expect("a transaction");
        assert_eq!(execute!(&mut tx, "delete from jobs where dead_at is null").expect("deleted"), 1);
    }
}
