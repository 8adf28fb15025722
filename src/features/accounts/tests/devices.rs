//! Where somebody is signed in, their password, and how pages are shown to them.

use super::{named, one};
use crate::features::accounts::api::{
    ChangePassword, EndOtherSessions, EndSession, ListSessions, ReadAccount, SetLanguage, SetTheme, SignIn, WhoAmI,
};
use crate::features::accounts::model::{ChangePasswordForm, Preferences, SessionView, SignInForm, Theme};
use crate::on_both;
use crate::shared::error::AppError;
use crate::shared::ids::SessionId;
use crate::shared::text::Lang;
use crate::shared::time::Span;
use crate::testing::{Actor, PASSWORD, TestApp};
use axum::body::Body;
use axum::http::{Request, header};
use leptos::server_fn::ServerFn;
use uuid::Uuid;

const CHROME: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36";

async fn sessions(actor: &Actor) -> Vec<SessionView> {
    actor.ask(ListSessions {}).await.expect("a list").sessions
}

async fn is_known(actor: &Actor) -> bool {
    actor.ask(WhoAmI {}).await.expect("an answer").is_some()
}

/// The same person on another device.
async fn elsewhere(app: &TestApp, actor: &Actor) -> Actor {
    let email = actor.ask(ReadAccount {}).await.expect("an account").email;
    let device = app.visitor();
    let form = SignInForm { email, password: PASSWORD.to_owned(), next: String::new() };
    let body = serde_qs::to_string(&SignIn { form }).expect("arguments");
    let request = Request::post(SignIn::PATH)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(header::USER_AGENT, CHROME)
        .body(Body::from(body))
        .expect("a request");
    assert_eq!(device.send(request).await.status, 200);
    device
}

fn change(current: &str, new: &str, again: &str) -> ChangePassword {
    ChangePassword {
        form: ChangePasswordForm {
            current_password: current.to_owned(),
            new_password: new.to_owned(),
            new_password_again: again.to_owned(),
        },
    }
}

const NEW: &str = "eight herons in a tree";

on_both! {
    async fn devices_are_listed_in_words(app: TestApp) {
        let mina = app.member("mina").await;
        app.advance(Span::minutes(5));
        let laptop = elsewhere(&app, &mina).await;
        app.advance(Span::hours(1));
        assert!(is_known(&mina).await);
        let list = sessions(&mina).await;
        let seen: Vec<(&str, bool)> = list.iter().map(|session| (session.device.as_str(), session.is_this)).collect();
        assert_eq!(seen, [("", true), ("Chrome · Windows", false)]);
        assert_eq!((list[0].last_seen_at, app.now() - list[1].last_seen_at), (app.now(), Span::hours(1)));
        assert_eq!(sessions(&laptop).await.iter().filter(|session| session.is_this).count(), 1);
        assert_eq!(app.visitor().ask(ListSessions {}).await, Err(AppError::SignInRequired));
        app.advance(Span::days(30));
        assert_eq!(app.visitor().ask(ListSessions {}).await, Err(AppError::SignInRequired));
    }

    async fn one_device_is_signed_out_from_another(app: TestApp) {
        let mina = app.member("mina").await;
        let laptop = elsewhere(&app, &mina).await;
        let other = sessions(&mina).await.into_iter().find(|session| !session.is_this).expect("the laptop").id;
        assert_eq!(app.visitor().call(EndSession { session: other }).await, Err(AppError::SignInRequired));
        assert_eq!(app.member("jun").await.call(EndSession { session: other }).await, Err(AppError::NotFound));
        assert!(is_known(&laptop).await);
        mina.call(EndSession { session: other }).await.expect("ended");
        assert!(!is_known(&laptop).await);
        assert_eq!(laptop.cookie("moim_refresh"), None);
        assert_eq!(mina.call(EndSession { session: other }).await, Err(AppError::NotFound), "a second time");
        assert_eq!(mina.call(EndSession { session: SessionId(Uuid::now_v7()) }).await, Err(AppError::NotFound));
        let this = sessions(&mina).await[0].id;
        mina.call(EndSession { session: this }).await.expect("ended");
        assert_eq!(mina.cookie("moim_access"), None);
        assert!(!is_known(&mina).await);
    }

    async fn all_other_devices_are_signed_out_at_once(app: TestApp) {
        let mina = app.member("mina").await;
        let others = [elsewhere(&app, &mina).await, elsewhere(&app, &mina).await];
        let jun = app.member("jun").await;
        assert_eq!(app.visitor().call(EndOtherSessions {}).await, Err(AppError::SignInRequired));
        mina.call(EndOtherSessions {}).await.expect("ended");
        assert!(is_known(&mina).await && is_known(&jun).await);
        for other in others {
            assert!(!is_known(&other).await);
        }
        assert_eq!(sessions(&mina).await.len(), 1);
    }

    async fn a_new_password_takes_the_old_one_and_signs_other_devices_out(app: TestApp) {
        let mina = app.member("mina").await;
        let laptop = elsewhere(&app, &mina).await;
        assert_eq!(app.visitor().call(change(PASSWORD, NEW, NEW)).await, Err(AppError::SignInRequired));
        let refusal = |error: Result<(), AppError>| named(&error.expect_err("refused"));
        assert_eq!(refusal(mina.call(change("wrong", NEW, NEW)).await), one("current_password", "accounts.password.wrong"));
        assert_eq!(refusal(mina.call(change(PASSWORD, PASSWORD, PASSWORD)).await), one("new_password", "accounts.password.same"));
        assert_eq!(refusal(mina.call(change(PASSWORD, NEW, "eight")).await), one("new_password_again", "accounts.password.differs"));
        assert_eq!(refusal(mina.call(change(PASSWORD, "iloveyou2!", "iloveyou2!")).await), one("new_password", "accounts.password.common"));
        assert_eq!(refusal(mina.call(change(PASSWORD, "mina1234", "mina1234")).await), one("new_password", "accounts.password.like_name"));
        let both = refusal(mina.call(change("wrong", NEW, "eight")).await);
        assert_eq!(both, [one("current_password", "accounts.password.wrong"), one("new_password_again", "accounts.password.differs")].concat());
        assert!(is_known(&laptop).await);

        let answer = mina.call_raw(change(PASSWORD, NEW, NEW)).await;
        assert_eq!((answer.status.as_u16(), answer.location()), (200, "/me?done=password"));
        assert!(is_known(&mina).await && !is_known(&laptop).await);
        assert_eq!(refusal(mina.call(change(PASSWORD, "nine herons on the sea", "nine herons on the sea")).await), one("current_password", "accounts.password.wrong"));
        mina.call(change(NEW, PASSWORD, PASSWORD)).await.expect("changed back");
    }

    async fn the_present_password_cannot_be_guessed_for_ever(app: TestApp) {
        let mina = app.member("mina").await;
        for _ in 0..10 {
            mina.call(change("wrong", NEW, NEW)).await.expect_err("wrong");
        }
        assert_eq!(mina.call(change(PASSWORD, NEW, NEW)).await, Err(AppError::SlowDown { seconds: 900 }));
        app.advance(Span::minutes(15));
        mina.call(change(PASSWORD, NEW, NEW)).await.expect("changed");
    }

    async fn one_of_two_password_changes_at_once_wins(app: TestApp) {
        let mina = app.member("mina").await;
        let (first, second) = ("nine herons on the sea", "ten herons in the rain");
        let (a, b) = tokio::join!(mina.call(change(PASSWORD, first, first)), mina.call(change(PASSWORD, second, second)));
        assert_eq!([a, b].iter().filter(|result| result.is_ok()).count(), 1);
    }

    async fn a_visitors_language_and_colours_stand_in_the_first_bytes(app: TestApp) {
        let visitor = app.visitor();
        let page = visitor.get("/sign-in").await.body;
        assert!(page.contains("<html lang=\"ko\"") && !page.contains("data-theme=\""), "{page}");
        let answer = visitor.post_form("/sign-in?next=/chat", "/api/set_language", &[("lang", "en")]).await;
        assert_eq!((answer.status.as_u16(), answer.location()), (303, "/sign-in?next=/chat"));
        visitor.call(SetTheme { theme: "dark".to_owned() }).await.expect("kept");
        let page = visitor.get("/sign-in").await.body;
        assert!(page.contains("<html lang=\"en\" data-theme=\"dark\""), "{page}");
        assert!(page.contains("Good to see you again"), "{page}");
        visitor.call(SetTheme { theme: "system".to_owned() }).await.expect("kept");
        assert!(!visitor.get("/sign-in").await.body.contains("data-theme=\""));
        assert_eq!(visitor.call(SetTheme { theme: "dark\"><script>".to_owned() }).await, Err(AppError::BadRequest));
        assert_eq!(visitor.call(SetLanguage { lang: "fr".to_owned() }).await, Err(AppError::BadRequest));
        visitor.set_cookie("moim_theme", Some("\"><script>"));
        visitor.set_cookie("moim_lang", Some("<script>"));
        assert!(visitor.get("/sign-in").await.body.contains("<html lang=\"ko\""));
    }

    async fn a_members_language_and_colours_follow_them(app: TestApp) {
        let mina = app.member("mina").await;
        mina.call(SetLanguage { lang: "en".to_owned() }).await.expect("kept");
        mina.call(SetTheme { theme: "dark".to_owned() }).await.expect("kept");
        let laptop = elsewhere(&app, &mina).await;
        let preferences = laptop.ask(ReadAccount {}).await.expect("an account").preferences;
        assert_eq!(preferences, Preferences { lang: Lang::En, theme: Theme::Dark });
        assert!(laptop.get("/me").await.body.contains("<html lang=\"en\" data-theme=\"dark\""));
    }
}
