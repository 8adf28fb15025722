//! Proving an address, and a forgotten password.

use super::{form, named, one, sign_up};
use crate::app::work::run_due;
use crate::features::accounts::api::{
    ForgetPassword, ListSessions, MailProof, ProveAddress, ReadAccount, ResetLink, ResetPassword, SignIn, SignUp, WhoAmI,
};
use crate::features::accounts::model::{ForgotForm, LinkView, ResetForm, SignInForm, SignUpForm};
use crate::features::chat::api::{SendMessage, StartDirect};
use crate::features::chat::model::{DirectForm, SendForm};
use crate::features::meals::api::OpenMeal;
use crate::features::parties::api::{ApplyToParty, JoinParty, WaitForSeat};
use crate::features::parties::model::ApplyForm;
use crate::features::parties::tests::{open, order};
use crate::live::protocol::{Down, Up};
use crate::on_both;
use crate::shared::error::{AppError, Conflict};
use crate::shared::ids::{RoomId, SendId};
use crate::shared::images::Pictures;
use crate::shared::time::Span;
use crate::testing::{Actor, Manners, PASSWORD, Smtp, Socket, TestApp};
use uuid::Uuid;

const NEW: &str = "eight herons in a tree";

async fn forget(visitor: &Actor, email: &str) -> Result<(), AppError> {
    visitor.call(ForgetPassword { form: ForgotForm { email: email.to_owned() } }).await
}

async fn reset(visitor: &Actor, token: &str, new: &str) -> Result<(), AppError> {
    let form = ResetForm { token: token.to_owned(), new_password: new.to_owned(), new_password_again: new.to_owned() };
    visitor.call(ResetPassword { form }).await
}

async fn sign_in(visitor: &Actor, email: &str, password: &str) -> Result<(), AppError> {
    let form = SignInForm { email: email.to_owned(), password: password.to_owned(), next: String::new() };
    visitor.call(SignIn { form }).await
}

async fn prove(visitor: &Actor, token: &str) -> Result<(), AppError> {
    visitor.call(ProveAddress { token: token.to_owned() }).await
}

/// Somebody with an account whose mails arrive here: their browser, and the mail server.
async fn reader(app: &TestApp, email: &str, nickname: &str) -> (Actor, Smtp) {
    let (visitor, server) = (app.visitor(), Smtp::start().await);
    sign_up(&visitor, email, nickname).await.expect("signed up");
    run_due(&app.mailing(&server)).await.expect("mailed");
    (visitor, server)
}

on_both! {
    async fn who_has_not_proved_their_address_reads_and_no_more(app: TestApp) {
        let mina = app.member("mina").await;
        let party = open(&mina, order()).await;
        let (jun, server) = reader(&app, "jun@moim.test", "jun").await;
        assert!(!jun.ask(ReadAccount {}).await.expect("an account").is_verified);
        let message = SendForm { room: RoomId(Uuid::now_v7()), send_id: SendId::random(), text: "안녕".to_owned(), reply_to: None, pictures: Pictures::default() };
        let direct = DirectForm { to: mina.id(), send_id: SendId::random(), text: "안녕".to_owned(), pictures: Pictures::default() };
        let note = ApplyForm { party: Some(party), message: String::new() };
        let refused = Err(AppError::Unverified);
        assert_eq!(jun.call(OpenMeal { form: order() }).await, refused);
        assert_eq!(jun.call(JoinParty { party }).await, refused);
        assert_eq!(jun.call(WaitForSeat { party }).await, refused);
        assert_eq!(jun.call(ApplyToParty { form: note }).await, refused);
        assert_eq!(jun.call(SendMessage { form: message.clone() }).await.map(|_| ()), refused);
        assert_eq!(jun.call(StartDirect { form: direct }).await.map(|_| ()), refused);
        // A socket that was open before goes on as what they are then.
        let addr = app.listen().await;
        let mut socket = Socket::open(addr, &jun).await.expect("it opens");
        socket.ready().await;
        socket.say(&Up::Send(message.clone())).await;
        let told = |error| Ok(Down::Refused { send_id: message.send_id, room: message.room, error });
        assert_eq!(socket.next().await, told(AppError::Unverified));

        let token = server.newest_to("jun@moim.test").token("verify");
        assert_eq!(prove(&jun, &token).await, Ok(()));
        assert_eq!(prove(&jun, &token).await, Ok(()), "pressed twice");
        assert!(jun.ask(ReadAccount {}).await.expect("an account").is_verified);
        assert_eq!(jun.call(JoinParty { party }).await, Ok(()));
        socket.say(&Up::Send(message.clone())).await;
        let answer = socket.until(|down| matches!(down, Down::Refused { .. } | Down::Ack { .. })).await;
        assert_eq!(Ok(answer), told(AppError::NotFound), "now it is only the room that is none of theirs");
    }

    async fn proving_leads_to_where_the_reader_is(app: TestApp) {
        let (jun, server) = reader(&app, "jun@moim.test", "jun").await;
        let token = server.newest_to("jun@moim.test").token("verify");
        let page = app.visitor().get(&format!("/verify/{token}")).await;
        assert!(page.status.is_success() && page.body.contains(&token));
        assert!(!jun.ask(ReadAccount {}).await.expect("an account").is_verified, "looking at it proves nothing");
        let elsewhere = app.visitor().post_form(&format!("/verify/{token}"), "/api/prove_address", &[("token", &token)]).await;
        assert_eq!((elsewhere.status.as_u16(), elsewhere.location()), (303, "/sign-in?done=verified"));
        let here = jun.post_form(&format!("/verify/{token}"), "/api/prove_address", &[("token", &token)]).await;
        assert_eq!(here.location(), "/me?done=verified");
    }

    async fn a_proof_is_mailed_again_once_a_minute_and_five_times_a_day(app: TestApp) {
        let (jun, server) = reader(&app, "jun@moim.test", "jun").await;
        assert_eq!(jun.call(MailProof {}).await, Err(AppError::SlowDown { seconds: 61 }));
        for _ in 0..4 {
            app.advance(Span::minutes(1));
            assert_eq!(jun.call(MailProof {}).await, Ok(()));
        }
        assert_eq!(run_due(&app.mailing(&server)).await, Ok(4));
        assert_eq!(server.taken().len(), 2, "the newest of those that wait is the one that goes");
        for _ in 0..3 {
            app.advance(Span::minutes(1));
            assert_eq!(jun.call(MailProof {}).await, Ok(()));
            assert_eq!(run_due(&app.mailing(&server)).await, Ok(1));
        }
        app.advance(Span::minutes(1));
        assert!(matches!(jun.call(MailProof {}).await, Err(AppError::SlowDown { seconds }) if seconds > 80_000));
        assert_eq!(app.visitor().call(MailProof {}).await, Err(AppError::SignInRequired));
        // The first link is as good as the last one.
        assert_eq!(prove(&jun, &server.taken()[0].token("verify")).await, Ok(()));
        assert_eq!(jun.call(MailProof {}).await, Ok(()), "nothing is left to prove");
        assert_eq!(run_due(&app.mailing(&server)).await, Ok(0));
    }

    async fn links_end_and_fit_their_purpose_only(app: TestApp) {
        let (jun, server) = reader(&app, "jun@moim.test", "jun").await;
        let token = server.newest_to("jun@moim.test").token("verify");
        forget(&app.visitor(), "jun@moim.test").await.expect("asked");
        run_due(&app.mailing(&server)).await.expect("mailed");
        let other = server.newest_to("jun@moim.test").token("reset");
        assert_eq!(prove(&jun, &other).await, Err(AppError::NotFound));
        assert_eq!(reset(&jun, &token, NEW).await, Err(Conflict::LinkOver.into()));
        for wrong in ["", "x", &token[..63], &format!("{}0", &token[..63]), &"0".repeat(64)] {
            if wrong != token {
                assert_eq!(prove(&jun, wrong).await, Err(AppError::NotFound), "{wrong}");
                assert_eq!(app.visitor().ask(ResetLink { token: wrong.to_owned() }).await, Ok(LinkView::Over), "{wrong}");
            }
        }
        app.advance(Span::hours(24));
        assert_eq!(prove(&jun, &token).await, Err(Conflict::LinkOver.into()));
        let page = app.visitor().get(&format!("/reset/{other}")).await;
        assert_eq!(page.status.as_u16(), 410);
        assert!(page.body.contains(">410<") && page.body.matches("<h1").count() == 1, "{}", page.body);
    }

    async fn where_no_mail_is_sent_nobody_is_told_to_wait_for_one(app: TestApp) {
        let visitor = app.visitor_where(|config| config.shows_kept_mail = false);
        assert_eq!(forget(&visitor, "jun@moim.test").await, Err(Conflict::NoMail.into()));
        assert_eq!(visitor.get("/dev/mail").await.status.as_u16(), 404);
    }

    async fn a_forgotten_password_is_replaced_by_mail(app: TestApp) {
        let (jun, server) = reader(&app, "jun@moim.test", "jun").await;
        let visitor = app.visitor();
        let unknown = visitor.call_raw(ForgetPassword { form: ForgotForm { email: "nobody@moim.test".to_owned() } }).await;
        let known = visitor.call_raw(ForgetPassword { form: ForgotForm { email: " JUN@moim.test ".to_owned() } }).await;
        assert_eq!((unknown.status, unknown.body.as_str(), unknown.location()), (known.status, known.body.as_str(), known.location()));
        assert_eq!(run_due(&app.mailing(&server)).await, Ok(3), "both were looked up, one was written to");
        assert_eq!(server.taken().len(), 2);
        let token = server.newest_to("jun@moim.test").token("reset");
        assert_eq!(visitor.ask(ResetLink { token: token.clone() }).await, Ok(LinkView::Good));

        for (weak, code) in [("", "accounts.password.new_needed"), ("jun@moim.test", "accounts.password.like_name"), ("password123!", "accounts.password.common")] {
            let refused = reset(&visitor, &token, weak).await.expect_err("refused");
            assert_eq!(named(&refused)[0], one("new_password", code)[0]);
        }
        let addr = app.listen().await;
        let mut socket = Socket::open(addr, &jun).await.expect("it opens");
        socket.ready().await;
        assert_eq!(reset(&visitor, &token, NEW).await, Ok(()));
        assert_eq!(socket.closed().await, crate::live::protocol::close::SESSION_ENDED);
        assert_eq!(jun.ask(WhoAmI {}).await, Ok(None));
        assert_eq!(visitor.ask(ResetLink { token: token.clone() }).await, Ok(LinkView::Used));
        assert_eq!(reset(&visitor, &token, "nine herons in a pond").await, Err(Conflict::LinkOver.into()));
        assert!(sign_in(&visitor, "jun@moim.test", PASSWORD).await.is_err());
        sign_in(&visitor, "jun@moim.test", NEW).await.expect("signed in");
        assert!(visitor.ask(ReadAccount {}).await.expect("an account").is_verified, "who reads the mail owns the address");
        assert_eq!(visitor.ask(ListSessions {}).await.expect("a list").sessions.len(), 1);
    }

    async fn a_link_lives_from_when_its_letter_goes_and_counts_then(app: TestApp) {
        let (jun, server) = (app.visitor(), Smtp::start().await);
        let state = app.mailing(&server);
        server.behave(Manners::Busy);
        sign_up(&jun, "jun@moim.test", "jun").await.expect("signed up");
        for _ in 0..7 {
            forget(&app.visitor(), "jun@moim.test").await.expect("asked");
            run_due(&state).await.expect("tried");
            app.advance(Span::minutes(20));
        }
        app.advance(Span::hours(20));
        assert!(server.taken().is_empty());
        server.behave(Manners::Polite);
        run_due(&state).await.expect("mailed");
        let said: Vec<String> = server.taken().iter().map(|mail| mail.subject()).collect();
        assert_eq!(said.len(), 2, "one of each purpose, however often somebody asked: {said:?}");
        let of = |purpose: &str| server.taken().iter().find(|mail| mail.text().contains(&format!("/{purpose}/"))).map(|mail| mail.token(purpose));
        let (verify, token) = (of("verify").expect("a proof"), of("reset").expect("a reset"));
        app.advance(Span::minutes(29));
        assert_eq!(app.visitor().ask(ResetLink { token: token.clone() }).await, Ok(LinkView::Good));
        app.advance(Span::minutes(1));
        assert_eq!(app.visitor().ask(ResetLink { token }).await, Ok(LinkView::Over));
        // What never went kept nobody from the next, and one that went counts.
        forget(&app.visitor(), "jun@moim.test").await.expect("asked");
        run_due(&state).await.expect("mailed");
        assert_eq!(server.taken().len(), 3);
        assert_eq!(reset(&app.visitor(), &server.newest_to("jun@moim.test").token("reset"), NEW).await, Ok(()));
        app.advance(Span::hours(23));
        assert_eq!(prove(&jun, &verify).await, Ok(()));
    }

    async fn a_reset_link_lives_half_an_hour_and_works_once(app: TestApp) {
        let (_jun, server) = reader(&app, "jun@moim.test", "jun").await;
        forget(&app.visitor(), "jun@moim.test").await.expect("asked");
        forget(&app.visitor(), "jun@moim.test").await.expect("asked again");
        run_due(&app.mailing(&server)).await.expect("mailed");
        assert_eq!(server.taken().len(), 2, "one for signing up, one for both");
        let old = server.newest_to("jun@moim.test").token("reset");
        app.advance(Span::minutes(30));
        assert_eq!(reset(&app.visitor(), &old, NEW).await, Err(Conflict::LinkOver.into()));
        forget(&app.visitor(), "jun@moim.test").await.expect("asked");
        run_due(&app.mailing(&server)).await.expect("mailed");
        let token = server.newest_to("jun@moim.test").token("reset");
        let visitors: Vec<Actor> = (0..4).map(|_| app.visitor()).collect();
        let tries = visitors.iter().map(|visitor| reset(visitor, &token, NEW));
        let done = futures_util::future::join_all(tries).await;
        assert_eq!(done.iter().filter(|done| done.is_ok()).count(), 1, "{done:?}");
    }

    async fn asking_for_mails_is_limited_whether_there_is_an_account_or_not(app: TestApp) {
        for email in ["jun@moim.test", "nobody@moim.test"] {
            for _ in 0..5 {
                assert_eq!(forget(&app.visitor(), email).await, Ok(()));
            }
            assert!(matches!(forget(&app.visitor(), email).await, Err(AppError::SlowDown { .. })), "{email}");
        }
        assert_eq!(named(&forget(&app.visitor(), "nobody").await.expect_err("refused")), one("email", "accounts.email.malformed"));
    }

    async fn letters_are_in_the_readers_language(app: TestApp) {
        let server = Smtp::start().await;
        let visitor = app.visitor();
        visitor.set_cookie("moim_lang", Some("en"));
        visitor.call(SignUp { form: SignUpForm { ..form("sam@moim.test", "sam") } }).await.expect("signed up");
        run_due(&app.mailing(&server)).await.expect("mailed");
        assert_eq!(server.newest_to("sam@moim.test").subject(), "Moim: please confirm your email");
    }
}
