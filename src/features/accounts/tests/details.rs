//! What can be corrected before the address is proved.

use super::{form, named, one, sign_up};
use crate::app::work::run_due;
use crate::features::accounts::api::{ChangeUnverified, ForgetPassword, ProveAddress, ReadDetails, ResetPassword, SignIn};
use crate::features::accounts::model::{Details, ForgotForm, ResetForm, SignInForm, UnverifiedForm};
use crate::shared::error::{AppError, Conflict};
use crate::shared::time::Span;
use crate::testing::{Actor, Manners, PASSWORD, Smtp, TestApp};
use crate::{fetch_all, on_both};

/// Somebody who has signed up with a mistyped address, whose mails arrive here.
async fn mistyped(app: &TestApp) -> (Actor, Smtp) {
    let (visitor, server) = (app.visitor(), Smtp::start().await);
    sign_up(&visitor, "jnu@moim.test", "jun").await.expect("signed up");
    run_due(&app.mailing(&server)).await.expect("mailed");
    (visitor, server)
}

fn typed(email: &str) -> UnverifiedForm {
    UnverifiedForm {
        email: email.to_owned(),
        birth_date: "1999-12-31".to_owned(),
        gender: "male".to_owned(),
        current_password: PASSWORD.to_owned(),
    }
}

async fn correct(actor: &Actor, form: UnverifiedForm) -> Result<(), AppError> {
    actor.call(ChangeUnverified { form }).await
}

async fn sign_in(app: &TestApp, email: &str) -> Result<(), AppError> {
    let form = SignInForm { email: email.to_owned(), password: PASSWORD.to_owned(), next: String::new() };
    app.visitor().call(SignIn { form }).await
}

on_both! {
    async fn a_mistyped_address_is_corrected_and_proved(app: TestApp) {
        let (jun, server) = mistyped(&app).await;
        let first = server.newest_to("jnu@moim.test").token("verify");
        app.visitor().call(ForgetPassword { form: ForgotForm { email: "jnu@moim.test".to_owned() } }).await.expect("asked");
        run_due(&app.mailing(&server)).await.expect("mailed");
        let reset = server.newest_to("jnu@moim.test").token("reset");
        app.advance(Span::minutes(2));
        assert_eq!(correct(&jun, typed("jun@moim.test")).await, Ok(()));
        let now = Details { email: "jun@moim.test".to_owned(), birth_date: "1999-12-31".to_owned(), gender: "male".to_owned() };
        assert_eq!(jun.ask(ReadDetails {}).await, Ok(now));
        // Who reads the other mailbox can do nothing with what went there.
        assert_eq!(jun.call(ProveAddress { token: first }).await, Err(Conflict::LinkOver.into()));
        let form = ResetForm { token: reset, new_password: "eight herons in a tree".to_owned(), new_password_again: "eight herons in a tree".to_owned() };
        assert_eq!(app.visitor().call(ResetPassword { form }).await, Err(Conflict::LinkOver.into()));
        assert!(sign_in(&app, "jnu@moim.test").await.is_err());
        assert_eq!(sign_in(&app, "jun@moim.test").await, Ok(()));
        run_due(&app.mailing(&server)).await.expect("mailed");
        assert_eq!(jun.call(ProveAddress { token: server.newest_to("jun@moim.test").token("verify") }).await, Ok(()));
        // From then on it stands.
        let proved: AppError = Conflict::Proved.into();
        assert_eq!(jun.ask(ReadDetails {}).await.map(drop), Err(proved.clone()));
        assert_eq!(correct(&jun, typed("other@moim.test")).await, Err(proved));
        // The other address is free again.
        assert_eq!(sign_up(&app.visitor(), "jnu@moim.test", "junu").await, Ok(()));
    }

    async fn what_waits_for_the_mistyped_address_does_not_go_there(app: TestApp) {
        let (jun, server) = (app.visitor(), Smtp::start().await);
        let state = app.mailing(&server);
        server.behave(Manners::Busy);
        sign_up(&jun, "jnu@moim.test", "jun").await.expect("signed up");
        app.visitor().call(ForgetPassword { form: ForgotForm { email: "jnu@moim.test".to_owned() } }).await.expect("asked");
        run_due(&state).await.expect("tried");
        app.advance(Span::minutes(2));
        correct(&jun, typed("jun@moim.test")).await.expect("corrected");
        let mut conn = state.db.read().await.expect("a connection");
        let sql = "select recipient from mails where state = 'waiting' and user_id = (select id from users where email = 'jun@moim.test')";
        let waiting: Vec<(String,)> = fetch_all!(&mut conn, (String,), sql).expect("rows");
        drop(conn);
        assert_eq!(waiting, [("jun@moim.test".to_owned(),)]);
        server.behave(Manners::Polite);
        app.advance(Span::minutes(30));
        run_due(&state).await.expect("mailed");
        assert_eq!(server.taken().into_iter().map(|mail| mail.recipient).collect::<Vec<_>>(), ["jun@moim.test"]);
        assert_eq!(jun.call(ProveAddress { token: server.newest_to("jun@moim.test").token("verify") }).await, Ok(()));
    }

    async fn what_is_wrong_stands_beside_its_field(app: TestApp) {
        let (jun, _server) = mistyped(&app).await;
        sign_up(&app.visitor(), "mina@moim.test", "mina").await.expect("signed up");
        let wrong = correct(&jun, UnverifiedForm::default()).await.expect_err("refused");
        let fields: Vec<String> = named(&wrong).into_iter().map(|(field, _)| field).collect();
        assert_eq!(fields, ["email", "birth_date", "gender", "current_password"]);
        let young = UnverifiedForm { birth_date: "2020-01-01".to_owned(), ..typed("jun@moim.test") };
        assert_eq!(named(&correct(&jun, young).await.expect_err("refused")), one("birth_date", "accounts.birth_date.too_young"));
        let guessed = UnverifiedForm { current_password: "not my password".to_owned(), ..typed("jun@moim.test") };
        assert_eq!(named(&correct(&jun, guessed).await.expect_err("refused")), one("current_password", "accounts.password.wrong"));
        let taken = correct(&jun, typed("MINA@moim.test")).await.expect_err("refused");
        assert_eq!(named(&taken), one("email", "accounts.email.taken"));
        // Nothing of it was done.
        let before = form("jnu@moim.test", "jun");
        assert_eq!(
            jun.ask(ReadDetails {}).await,
            Ok(Details { email: before.email, birth_date: before.birth_date, gender: before.gender })
        );
        assert_eq!(correct(&app.visitor(), typed("x@moim.test")).await, Err(AppError::SignInRequired));
        assert_eq!(app.visitor().ask(ReadDetails {}).await.map(drop), Err(AppError::SignInRequired));
    }

    async fn it_works_without_the_program_and_mails_do_not_go_too_often(app: TestApp) {
        let (jun, server) = mistyped(&app).await;
        assert!(jun.get("/me").await.body.contains("href=\"/me/details\""));
        let page = jun.get("/me/details").await.body;
        assert!(page.contains("value=\"jnu@moim.test\"") && page.contains("value=\"2000-02-29\""));
        let fields = |email: &'static str, password: &'static str| {
            [("form[email]", email), ("form[birth_date]", "2000-02-29"), ("form[gender]", "female"), ("form[current_password]", password)]
        };
        let refused = jun.post_form("/me/details", "/api/change_unverified", &fields("jun", "kingfisher")).await;
        assert_eq!(refused.status, 422);
        assert!(refused.body.contains("value=\"jun\"") && !refused.body.contains("kingfisher"));
        // The one at signing up went just now.
        let done = jun.post_form("/me/details", "/api/change_unverified", &fields("jun@moim.test", PASSWORD)).await;
        assert_eq!((done.status.as_u16(), done.location()), (303, "/me?done=details_wait"));
        assert_eq!(run_due(&app.mailing(&server)).await, Ok(0));
        app.advance(Span::minutes(2));
        let done = jun.post_form("/me/details", "/api/change_unverified", &fields("jun2@moim.test", PASSWORD)).await;
        assert_eq!(done.location(), "/me?done=details_mailed");
        assert_eq!(run_due(&app.mailing(&server)).await, Ok(1));
        let done = jun.post_form("/me/details", "/api/change_unverified", &fields("jun2@moim.test", PASSWORD)).await;
        assert_eq!(done.location(), "/me?done=details");
        assert!(jun.get("/me?done=details").await.body.contains("가입 정보를 고쳤어요."));
        assert_eq!(run_due(&app.mailing(&server)).await, Ok(0));
    }
}
