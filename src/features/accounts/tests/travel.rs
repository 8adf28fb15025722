//! Signing in with an account of elsewhere, at a real provider.

use super::{form, named, one};
use crate::app::work::{run_due, sweep};
use crate::features::accounts::api::{
    CloseAccount, ForgetPassword, LinkLogin, ListLogins, ListSessions, ReadAccount, ResetPassword, SignIn, SignInWays, SignOut, SignUp,
    UnlinkLogin, WhoAmI,
};
use crate::features::accounts::model::{ArrivalView, CloseForm, ForgotForm, LinkForm, MyLogins, ResetForm, SignInForm, SignUpForm};
use crate::server::db::Conn;
use crate::shared::error::{AppError, Conflict};
use crate::shared::time::Span;
use crate::testing::{Actor, Answer, OidcProvider, PASSWORD, Smtp, TestApp};
use crate::{fetch_one, on_both};
use axum::http::header;
use std::time::Duration;
use uuid::Uuid;

pub(super) const START: &str = "/oidc/start/campus";
pub(super) const LINK: &str = "/oidc/start/campus?link=true";
/// More than a provider on this machine ever takes.
pub(super) const LONG: Duration = Duration::from_secs(60);

pub(super) async fn offering(app: TestApp) -> (TestApp, OidcProvider) {
    let provider = OidcProvider::start().await;
    app.catch_up();
    (app.offering(provider.issuer(), LONG), provider)
}

/// Presses a button and signs in at the provider: the path with which it sends back.
pub(super) async fn leave(browser: &Actor, provider: &OidcProvider, start: &str, login: Option<&str>) -> String {
    let answer = browser.get(start).await;
    assert_eq!(answer.status, 303, "{}", answer.body);
    provider.visit(answer.location(), login).await
}

/// The same, and comes back.
pub(super) async fn travel(browser: &Actor, provider: &OidcProvider, start: &str, login: &str) -> Answer {
    let back = leave(browser, provider, start, Some(login)).await;
    browser.get(&back).await
}

/// The form of signing up, as its page is shown in this browser.
pub(super) async fn joining(browser: &Actor, email: &str, nickname: &str) -> SignUp {
    let with = arrival(browser).await.map_or_else(|| Uuid::nil().to_string(), |arrival| arrival.id.to_string());
    SignUp { form: SignUpForm { with, ..form(email, nickname) } }
}

/// The form that links who has arrived in this browser, as its page is shown.
pub(super) async fn link(browser: &Actor, password: &str) -> LinkLogin {
    let own = browser.ask(ListLogins {}).await.ok().and_then(|mine| mine.arriving).map(|arriving| arriving.id);
    let id = arrival(browser).await.map(|arrival| arrival.id).or(own).unwrap_or_default();
    LinkLogin { form: LinkForm { with: id.to_string(), password: password.to_owned(), next: "/chat".to_owned() } }
}

/// Where somebody was led who has arrived; who they are stands behind it.
pub(super) fn place(arrived: &Answer) -> &str {
    let (page, with) = arrived.location().split_at(arrived.location().find("with=").map_or(0, |at| at + 5));
    assert!(Uuid::try_parse(with).is_ok(), "{}", arrived.location());
    page
}

pub(super) async fn arrival(browser: &Actor) -> Option<ArrivalView> {
    browser.ask(SignInWays {}).await.expect("ways").arrival
}

pub(super) async fn logins(browser: &Actor) -> MyLogins {
    browser.ask(ListLogins {}).await.expect("logins")
}

pub(super) async fn is_signed_in(browser: &Actor) -> bool {
    browser.ask(WhoAmI {}).await.expect("an answer").is_some()
}

pub(super) async fn email_of(member: &Actor) -> String {
    member.ask(ReadAccount {}).await.expect("an account").email
}

pub(super) async fn conn(app: &TestApp) -> Conn {
    app.state.db.read().await.expect("a connection")
}

/// How many links, people on their way, and people who wait there are.
pub(super) async fn rows(app: &TestApp) -> (i64, i64, i64) {
    let sql = "select (select count(*) from identities), (select count(*) from departures), (select count(*) from arrivals)";
    fetch_one!(&mut conn(app).await, (i64, i64, i64), sql).expect("a row")
}

pub(super) async fn accounts(app: &TestApp) -> i64 {
    let (count,): (i64,) = fetch_one!(&mut conn(app).await, (i64,), "select count(*) from users").expect("a row");
    count
}

on_both! {
    async fn who_is_new_signs_up_and_then_comes_in_without_a_password(app: TestApp) {
        let (app, provider) = offering(app).await;
        let mina = app.visitor();
        let page = mina.get("/sign-in?next=%2Fchat").await.body;
        assert!(page.contains("학교로 계속하기") && page.contains("href=\"/oidc/start/campus?next=%2Fchat\""), "{page}");
        let arrived = travel(&mina, &provider, "/oidc/start/campus?next=%2Fchat", "mina@moim.test").await;
        assert_eq!((arrived.status.as_u16(), place(&arrived)), (303, "/sign-up?next=%2Fchat&with="));
        assert!(!is_signed_in(&mina).await);
        let page = mina.get(arrived.location()).await.body;
        for said in ["학교 계정으로 가입을 마무리해요", "value=\"mina@moim.test\"", "학교에서 확인한 주소예요", &format!("name=\"form[with]\" value=\"{}\"", arrival(&mina).await.expect("arrived").id)] {
            assert!(page.contains(said), "{said}");
        }
        // Whatever is wrong, nothing is lost.
        let wrong = mina.call(joining(&mina, "mina@moim.test", "x").await).await.expect_err("too short");
        assert_eq!(named(&wrong), one("nickname", "accounts.nickname.length"));
        let mut fine = joining(&mina, "Mina@Moim.test", "mina").await;
        fine.form.next = "/chat".to_owned();
        assert_eq!(mina.call_raw(fine).await.location(), "/chat");
        assert!(mina.ask(ReadAccount {}).await.expect("an account").is_verified, "the provider has proved the address");
        assert_eq!((rows(&app).await, mina.cookie("moim_travel"), mina.cookie("moim_arrival")), ((1, 0, 0), None, None));

        mina.call(SignOut {}).await.expect("signed out");
        for browser in [mina, app.visitor()] {
            let arrived = travel(&browser, &provider, "/oidc/start/campus?next=%2Fme", "mina@moim.test").await;
            assert_eq!((arrived.status.as_u16(), arrived.location()), (303, "/me"));
            assert_eq!(email_of(&browser).await, "Mina@Moim.test");
            assert!(browser.cookie("moim_access").is_some() && browser.cookie("moim_refresh").is_some() && browser.cookie("moim_travel").is_none());
        }
        // The password works as ever.
        let form = SignInForm { email: "mina@moim.test".to_owned(), password: PASSWORD.to_owned(), next: String::new() };
        app.visitor().call(SignIn { form }).await.expect("signed in");
        assert_eq!((accounts(&app).await, rows(&app).await), (1, (1, 0, 0)));
    }

    async fn an_address_that_the_provider_has_not_proved_is_proved_by_mail(app: TestApp) {
        let (app, provider) = offering(app).await;
        // No address; one that nobody verified; another one than the provider's.
        for (n, login) in ["jun", "unsure-jun@moim.test", "other@moim.test"].into_iter().enumerate() {
            let jun = app.visitor();
            let arrived = travel(&jun, &provider, START, login).await;
            assert_eq!(place(&arrived), "/sign-up?next=&with=");
            let known = arrival(&jun).await.expect("arrived").email;
            assert_eq!(known.as_deref(), (n == 2).then_some("other@moim.test"), "{login}");
            jun.call(joining(&jun, &format!("jun{n}@moim.test"), &format!("jun{n}")).await).await.expect("signed up");
            assert!(!jun.ask(ReadAccount {}).await.expect("an account").is_verified, "{login}");
            assert_eq!(travel(&app.visitor(), &provider, START, login).await.location(), "/meals");
        }
        assert_eq!(rows(&app).await, (3, 0, 0));
    }

    async fn an_account_with_the_same_address_is_linked_with_its_password_only(app: TestApp) {
        let (app, provider) = offering(app).await;
        let mina = app.visitor();
        mina.call(SignUp { form: form("mina@moim.test", "mina") }).await.expect("signed up");
        let visitor = app.visitor();
        let arrived = travel(&visitor, &provider, "/oidc/start/campus?next=%2Fchat", "MINA@moim.test").await;
        assert_eq!(place(&arrived), "/sign-in?next=%2Fchat&with=");
        assert!(!is_signed_in(&visitor).await);
        let page = visitor.get(arrived.location()).await.body;
        assert!(page.contains("MINA@moim.test 주소로 가입한 계정이 이미 있어요") && !page.contains("form[email]"), "{page}");
        // Nobody opens a second one with it.
        assert_eq!(named(&visitor.call(joining(&visitor, "mina@moim.test", "other").await).await.expect_err("taken")), one("email", "accounts.email.taken"));

        assert_eq!(visitor.call(link(&visitor, "seven herons on a Roof").await).await, Err(AppError::field("password", "accounts.password.wrong")));
        assert_eq!(named(&visitor.call(link(&visitor, "").await).await.expect_err("empty")), one("password", "accounts.password.needed"));
        let theirs = link(&visitor, PASSWORD).await;
        assert_eq!(app.visitor().call(theirs).await, Err(Conflict::ArrivalOver.into()), "it is this browser that has arrived");
        assert_eq!((is_signed_in(&visitor).await, rows(&app).await), (false, (0, 0, 1)));
        assert!(!mina.ask(ReadAccount {}).await.expect("an account").is_verified);

        let again = link(&visitor, PASSWORD).await;
        assert_eq!(visitor.call_raw(link(&visitor, PASSWORD).await).await.location(), "/chat");
        assert_eq!(email_of(&visitor).await, "mina@moim.test");
        assert!(mina.ask(ReadAccount {}).await.expect("an account").is_verified, "both have said so now");
        assert_eq!(visitor.call(again).await, Err(Conflict::ArrivalOver.into()), "once");
        assert_eq!(rows(&app).await, (1, 0, 0));
        assert_eq!(travel(&app.visitor(), &provider, START, "MINA@moim.test").await.location(), "/meals");
    }

    async fn an_address_that_nobody_has_verified_leads_to_no_account(app: TestApp) {
        let (app, provider) = offering(app).await;
        app.visitor().call(SignUp { form: form("mina@moim.test", "mina") }).await.expect("signed up");
        let visitor = app.visitor();
        let arrived = travel(&visitor, &provider, START, "unsure-mina@moim.test").await;
        assert_eq!(place(&arrived), "/sign-up?next=&with=");
        assert!(!visitor.get(arrived.location()).await.body.contains("mina@moim.test"));
        assert_eq!(visitor.call(link(&visitor, PASSWORD).await).await, Err(Conflict::ArrivalOver.into()));
        assert_eq!(rows(&app).await.0, 0);
    }

    async fn wrong_passwords_count_as_those_of_signing_in(app: TestApp) {
        let (app, provider) = offering(app).await;
        app.visitor().call(SignUp { form: form("mina@moim.test", "mina") }).await.expect("signed up");
        let visitor = app.visitor();
        travel(&visitor, &provider, START, "mina@moim.test").await;
        for _ in 0..10 {
            assert_eq!(visitor.call(link(&visitor, "wrong").await).await.map_err(|error| error.status()), Err(422));
        }
        assert_eq!(visitor.call(link(&visitor, PASSWORD).await).await, Err(AppError::SlowDown { seconds: 900 }));
        let sign_in = || SignIn { form: SignInForm { email: "mina@moim.test".to_owned(), password: PASSWORD.to_owned(), next: String::new() } };
        assert_eq!(app.visitor().call(sign_in()).await, Err(AppError::SlowDown { seconds: 900 }));
        app.advance(Span::minutes(15));
        assert_eq!(visitor.call(link(&visitor, PASSWORD).await).await, Ok(()));

        // At one's own page, too.
        let jun = app.member("jun").await;
        travel(&jun, &provider, LINK, "jun").await;
        for _ in 0..10 {
            assert_eq!(jun.call(link(&jun, "wrong").await).await, Err(AppError::field("password", "accounts.password.wrong")));
        }
        assert_eq!(jun.call(link(&jun, PASSWORD).await).await.map_err(|error| error.status()), Err(429));
        assert_eq!(rows(&app).await.0, 1);
    }

    async fn who_is_signed_in_links_and_unlinks(app: TestApp) {
        let (app, provider) = offering(app).await;
        let (mina, jun) = (app.member("mina").await, app.member("jun").await);
        assert!(mina.get("/me").await.body.contains("href=\"/me/logins\""));
        assert_eq!(app.visitor().get(LINK).await.location(), "/sign-in?next=%2Fme%2Flogins");
        assert!(mina.get("/me/logins").await.body.contains("학교 계정 연결하기"));
        let arrived = travel(&mina, &provider, LINK, "heron@moim.test").await;
        assert_eq!(arrived.location(), "/me/logins");
        let page = mina.get("/me/logins").await.body;
        assert!(page.contains("학교 계정으로 로그인할 수 있게 하려면") && page.contains("heron@moim.test"), "{page}");
        assert_eq!((logins(&mina).await.logins.len(), rows(&app).await), (0, (0, 0, 1)));
        // It is nobody's to sign up or in with.
        assert_eq!(arrival(&mina).await, None);
        let theirs = joining(&mina, "x@moim.test", "other").await;
        assert_eq!(app.visitor().call(theirs).await, Err(Conflict::ArrivalOver.into()));
        assert_eq!(mina.call(joining(&mina, "x@moim.test", "other").await).await, Err(Conflict::ArrivalOver.into()));
        assert_eq!(mina.call(link(&mina, "wrong").await).await, Err(AppError::field("password", "accounts.password.wrong")));
        assert_eq!(mina.call_raw(link(&mina, PASSWORD).await).await.location(), "/me?done=linked");
        let mine = logins(&mina).await;
        assert_eq!((mine.logins.len(), mine.ways.len(), mine.arriving), (1, 0, None));
        assert_eq!((mine.logins[0].label.as_str(), mine.logins[0].created_at), ("학교", app.now()));
        assert!(logins(&jun).await.logins.is_empty());
        let elsewhere = app.visitor();
        assert_eq!(travel(&elsewhere, &provider, START, "heron@moim.test").await.location(), "/meals");
        assert_eq!(email_of(&elsewhere).await, email_of(&mina).await);
        // What is linked already needs nothing more; another one of the same provider does not go beside it.
        assert_eq!(travel(&mina, &provider, LINK, "heron@moim.test").await.location(), "/me/logins");
        travel(&mina, &provider, LINK, "second").await;
        assert_eq!(mina.call(link(&mina, PASSWORD).await).await, Err(Conflict::SecondLogin.into()));

        let login = mine.logins[0].id;
        assert_eq!(app.visitor().call(UnlinkLogin { login }).await, Err(AppError::SignInRequired));
        assert_eq!(jun.call(UnlinkLogin { login }).await, Err(AppError::NotFound));
        assert_eq!(rows(&app).await.0, 1);
        let unlinked = mina.post_form("/me/logins", "/api/unlink_login", &[("login", &login.to_string())]).await;
        assert_eq!(unlinked.location(), "/me/logins?done=unlinked");
        assert!(mina.get("/me/logins?done=unlinked").await.body.contains("연결을 끊고, 다른 기기에서는 로그아웃했어요"));
        assert!(is_signed_in(&mina).await && !is_signed_in(&elsewhere).await, "what it has signed in is over");
        assert_eq!(mina.call(UnlinkLogin { login }).await, Err(AppError::NotFound));
        assert_eq!(place(&travel(&app.visitor(), &provider, START, "heron@moim.test").await), "/sign-up?next=&with=");
    }

    async fn what_is_linked_with_one_account_is_not_linked_with_another(app: TestApp) {
        let (app, provider) = offering(app).await;
        let (mina, jun) = (app.member("mina").await, app.member("jun").await);
        // Both are on their way with the same account; the one who is later gets nothing.
        for browser in [&mina, &jun] {
            travel(browser, &provider, LINK, "heron").await;
        }
        let forms = (link(&mina, PASSWORD).await, link(&jun, PASSWORD).await);
        let (first, second) = futures_util::future::join(mina.call(forms.0), jun.call(forms.1)).await;
        assert_eq!([&first, &second].iter().filter(|done| done.is_ok()).count(), 1, "{first:?} {second:?}");
        assert_eq!(if first.is_ok() { second } else { first.clone() }, Err(Conflict::LoginTaken.into()));
        let late = if first.is_ok() { &jun } else { &mina };
        let refused = travel(late, &provider, LINK, "heron").await;
        assert_eq!(refused.status, 409);
        assert!(refused.body.contains("다른 모임 계정에 연결되어 있어요") && refused.body.contains("href=\"/me/logins\""), "{}", refused.body);
        assert!(logins(late).await.logins.is_empty());
        assert_eq!(rows(&app).await.0, 1);
    }

    async fn who_has_become_somebody_else_meanwhile_links_nothing(app: TestApp) {
        let (app, provider) = offering(app).await;
        let (mina, jun) = (app.member("mina").await, app.member("jun").await);
        let back = leave(&mina, &provider, LINK, Some("heron")).await;
        let cookies = ["moim_access", "moim_refresh"].map(|name| (name, jun.cookie(name)));
        let own = ["moim_access", "moim_refresh"].map(|name| (name, mina.cookie(name)));
        cookies.iter().for_each(|(name, value)| mina.set_cookie(name, value.as_deref()));
        assert_eq!(mina.get(&back).await.status, 400);
        // The same after the way back.
        own.iter().for_each(|(name, value)| mina.set_cookie(name, value.as_deref()));
        travel(&mina, &provider, LINK, "heron").await;
        let with = logins(&mina).await.arriving.expect("arrived").id.to_string();
        let hers = || LinkLogin { form: LinkForm { with: with.clone(), password: PASSWORD.to_owned(), next: String::new() } };
        cookies.iter().for_each(|(name, value)| mina.set_cookie(name, value.as_deref()));
        assert_eq!(mina.call(hers()).await, Err(Conflict::ArrivalOver.into()));
        assert_eq!(logins(&mina).await.arriving, None);
        ["moim_access", "moim_refresh"].iter().for_each(|name| mina.set_cookie(name, None));
        assert_eq!(mina.call(hers()).await, Err(AppError::SignInRequired));
        assert_eq!(rows(&app).await.0, 0);
    }

    async fn a_way_back_is_good_once_in_its_own_browser_for_ten_minutes(app: TestApp) {
        let (app, provider) = offering(app).await;
        let mina = app.member("mina").await;
        travel(&mina, &provider, LINK, "heron").await;
        mina.call(link(&mina, PASSWORD).await).await.expect("linked");
        let visitor = app.visitor();
        let over = |answer: Answer| {
            assert_eq!(answer.status, 400);
            assert!(answer.body.contains("처음부터 다시 해 주세요"), "{}", answer.body);
        };
        // Sent to somebody, with their own way begun or without: nobody is signed in to an account that is not theirs.
        let back = leave(&visitor, &provider, START, Some("heron")).await;
        let victim = app.visitor();
        over(victim.get(&back).await);
        victim.get(START).await;
        over(victim.get(&back).await);
        assert!(!is_signed_in(&victim).await);
        // What others did with it does not matter; a second time does.
        assert_eq!(visitor.get(&back).await.location(), "/meals");
        over(visitor.get(&back).await);
        assert!(is_signed_in(&visitor).await, "still");

        let late = app.visitor();
        let back = leave(&late, &provider, START, Some("heron")).await;
        let cookie = late.cookie("moim_travel").expect("a cookie");
        app.advance(Span::minutes(10));
        late.set_cookie("moim_travel", Some(&cookie));
        over(late.get(&back).await);
        for path in ["/oidc/callback/campus", "/oidc/callback/campus?state=", "/oidc/callback/campus?state=x&code=y", "/oidc/callback/campus?state=a&state=b"] {
            over(late.get(path).await);
        }
        sweep(&app.state).await.expect("swept");
        assert_eq!(rows(&app).await, (1, 0, 0));
    }

    async fn who_does_not_finish_is_forgotten(app: TestApp) {
        let (app, provider) = offering(app).await;
        let visitor = app.visitor();
        travel(&visitor, &provider, START, "heron").await;
        app.advance(Span::minutes(19));
        assert!(arrival(&visitor).await.is_some());
        app.advance(Span::minutes(1));
        assert_eq!(arrival(&visitor).await, None);
        assert_eq!(visitor.call(joining(&visitor, "heron@moim.test", "heron").await).await, Err(Conflict::ArrivalOver.into()));
        for page in ["/sign-up?next=&with=campus", "/sign-in?next=&with=campus"] {
            assert!(visitor.get(page).await.body.contains("너무 오래됐어요"), "{page}");
        }
        sweep(&app.state).await.expect("swept");
        assert_eq!((rows(&app).await, accounts(&app).await), ((0, 0, 0), 0));
    }

    async fn who_says_no_there_comes_back_and_nothing_is_left(app: TestApp) {
        let (app, provider) = offering(app).await;
        let mina = app.member("mina").await;
        for (browser, start, page) in [(app.visitor(), START, "/sign-in?next=&done=declined"), (mina, LINK, "/me/logins?done=declined")] {
            let back = leave(&browser, &provider, start, None).await;
            assert!(back.contains("error=access_denied"), "{back}");
            let answer = browser.get(&back).await;
            assert_eq!((answer.status.as_u16(), answer.location()), (303, page));
            let shown = browser.get(page).await;
            assert!(shown.status == 200 && shown.body.contains("계속하기를 그만뒀어요"), "{}", shown.body);
        }
        assert_eq!(rows(&app).await, (0, 0, 0));
    }

    async fn one_way_back_that_is_taken_twice_at_once_signs_in_once(app: TestApp) {
        let (app, provider) = offering(app).await;
        let mina = app.member("mina").await;
        travel(&mina, &provider, LINK, "heron").await;
        mina.call(link(&mina, PASSWORD).await).await.expect("linked");
        let visitor = app.visitor();
        let back = leave(&visitor, &provider, START, Some("heron")).await;
        let (first, second) = futures_util::future::join(visitor.get(&back), visitor.get(&back)).await;
        let mut statuses = [first.status.as_u16(), second.status.as_u16()];
        statuses.sort_unstable();
        assert_eq!(statuses, [303, 400]);
        assert_eq!(visitor.ask(ListSessions {}).await.expect("sessions").sessions.len(), 2, "with the first browser's");
    }

    async fn one_person_who_signs_up_twice_at_once_has_one_account(app: TestApp) {
        let (app, provider) = offering(app).await;
        let browsers: Vec<Actor> = (0..4).map(|_| app.visitor()).collect();
        for browser in &browsers {
            travel(browser, &provider, START, "heron").await;
        }
        let names = ["하나", "둘이", "셋이", "넷이"];
        let mut forms = Vec::new();
        for (n, (browser, name)) in browsers.iter().zip(names).enumerate() {
            forms.push(joining(browser, &format!("heron{n}@moim.test"), name).await);
        }
        let done = futures_util::future::join_all(browsers.iter().zip(forms).map(|(browser, form)| browser.call(form))).await;
        assert_eq!(done.iter().filter(|result| result.is_ok()).count(), 1, "{done:?}");
        assert!(done.iter().filter_map(|result| result.as_ref().err()).all(|error| *error == Conflict::LoginTaken.into()), "{done:?}");
        assert_eq!((accounts(&app).await, rows(&app).await.0), (1, 1));
        // The same form sent twice from one browser.
        let browser = app.visitor();
        travel(&browser, &provider, START, "crane").await;
        let (a, b) = (joining(&browser, "a@moim.test", "다섯").await, joining(&browser, "b@moim.test", "여섯").await);
        let (first, second) = futures_util::future::join(browser.call(a), browser.call(b)).await;
        assert!(first.is_ok() != second.is_ok(), "{first:?} {second:?}");
        assert_eq!((accounts(&app).await, rows(&app).await.0), (2, 2));
    }

    async fn a_forgotten_password_and_a_closed_account_take_the_links_with_them(app: TestApp) {
        let (app, provider) = offering(app).await;
        let mina = app.visitor();
        travel(&mina, &provider, START, "mina@moim.test").await;
        mina.call(joining(&mina, "mina@moim.test", "mina").await).await.expect("signed up");
        let server = Smtp::start().await;
        app.visitor().call(ForgetPassword { form: ForgotForm { email: "mina@moim.test".to_owned() } }).await.expect("asked");
        run_due(&app.mailing(&server)).await.expect("mailed");
        let new = "eight herons in a tree".to_owned();
        let form = ResetForm { token: server.newest_to("mina@moim.test").token("reset"), new_password: new.clone(), new_password_again: new.clone() };
        app.visitor().call(ResetPassword { form }).await.expect("replaced");
        assert_eq!(rows(&app).await.0, 0, "whoever knew the old one may have linked it");
        let mina = app.visitor();
        assert_eq!(place(&travel(&mina, &provider, START, "mina@moim.test").await), "/sign-in?next=&with=");
        mina.call(link(&mina, &new).await).await.expect("linked");

        let export = mina.get("/me/export").await.body;
        let export: serde_json::Value = serde_json::from_str(&export).expect("JSON");
        let own = &export["logins"][0];
        assert_eq!((own["issuer"].as_str(), own["subject"].as_str()), (Some(provider.issuer()), Some("mina@moim.test")));
        assert!(own["created_at"].as_str().is_some_and(|at| at.contains('T')), "{own}");

        mina.call(CloseAccount { form: CloseForm { current_password: new } }).await.expect("closed");
        assert_eq!(rows(&app).await.0, 0);
        assert_eq!(place(&travel(&app.visitor(), &provider, START, "mina@moim.test").await), "/sign-up?next=&with=");
    }

    async fn what_leaves_is_asked_for_as_it_should_be(app: TestApp) {
        let (app, provider) = offering(app).await;
        let visitor = app.visitor();
        let answer = visitor.get(START).await;
        let url = url::Url::parse(answer.location()).expect("an address");
        let asked: std::collections::HashMap<_, _> = url.query_pairs().into_owned().collect();
        assert!(url.as_str().starts_with(provider.issuer()));
        assert_eq!((asked["response_type"].as_str(), asked["scope"].as_str(), asked["code_challenge_method"].as_str()), ("code", "openid email", "S256"));
        assert_eq!(asked["redirect_uri"], "http://moim.test/oidc/callback/campus");
        assert_eq!((asked["state"].len(), asked["nonce"].len()), (64, 64));
        let cookie = answer.headers[header::SET_COOKIE].to_str().expect("text").to_owned();
        assert!(cookie.starts_with("moim_travel=") && cookie.contains("; HttpOnly") && cookie.contains("SameSite=Lax") && cookie.contains("Max-Age=600;"), "{cookie}");
        assert_eq!(answer.headers[header::CACHE_CONTROL], "no-store");
        // What the database has cannot be used by who reads it.
        let (browser, state): (String, String) = fetch_one!(&mut conn(&app).await, (String, String), "select browser, state from departures").expect("a row");
        assert!(!cookie.contains(&browser) && asked["state"] != state);
        // Both of a browser's tabs find their way back.
        let (first, second) = (leave(&visitor, &provider, START, Some("heron")).await, leave(&visitor, &provider, START, Some("crane")).await);
        let arrived = visitor.get(&first).await;
        let cookie = arrived.headers[header::SET_COOKIE].to_str().expect("text").to_owned();
        assert!(cookie.starts_with("moim_arrival=") && cookie.contains("; HttpOnly") && cookie.contains("SameSite=Lax") && cookie.contains("Max-Age=1200;"), "{cookie}");
        assert_eq!((arrived.status.as_u16(), visitor.get(&second).await.status.as_u16()), (303, 303));
        assert_eq!(rows(&app).await, (0, 1, 1), "of those who came back one a browser");
        // Whoever is to choose is asked to.
        assert!(!asked.contains_key("prompt"));
        let choosing = app.member("mina").await.get(LINK).await;
        assert!(choosing.location().contains("prompt=select_account"), "{}", choosing.location());
    }

    async fn providers_have_manners_of_their_own(app: TestApp) {
        let provider = OidcProvider::start_as("more", "client_secret_post").await;
        app.catch_up();
        let app = app.offering(provider.issuer(), LONG);
        let visitor = app.visitor();
        travel(&visitor, &provider, START, "heron@moim.test").await;
        assert_eq!(arrival(&visitor).await.expect("arrived").email.as_deref(), Some("heron@moim.test"));
    }
}
