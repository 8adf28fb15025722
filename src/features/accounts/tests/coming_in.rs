//! Signing up and in.

use super::{form, named, one, sign_up};
use crate::features::accounts::api::{ReadAccount, SetRegion, SignIn, SignUp, SuggestNickname, WhoAmI};
use crate::features::accounts::model::{RegionForm, SignInForm, SignUpForm};
use crate::on_both;
use crate::shared::error::AppError;
use crate::shared::time::Span;
use crate::testing::{Actor, PASSWORD};
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Request, header};
use leptos::server_fn::ServerFn;
use std::net::SocketAddr;

fn sign_in(email: &str, password: &str) -> SignIn {
    SignIn { form: SignInForm { email: email.to_owned(), password: password.to_owned(), next: String::new() } }
}

/// A sign-in as it arrives over the network from an address.
async fn sign_in_from(visitor: &Actor, address: [u8; 4], email: &str, password: &str) -> (u16, Option<String>) {
    let body = serde_qs::to_string(&sign_in(email, password)).expect("arguments");
    let mut request = Request::post(SignIn::PATH)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from(body))
        .expect("a request");
    request.extensions_mut().insert(ConnectInfo(SocketAddr::from((address, 4_000))));
    let answer = visitor.send(request).await;
    (answer.status.as_u16(), answer.headers.get(header::RETRY_AFTER).map(|value| value.to_str().expect("text").to_owned()))
}

/// How many passwords were hashed or checked so far.
async fn hashes(visitor: &Actor) -> u64 {
    let page = visitor.get("/metrics").await.body;
    page.lines().find_map(|line| line.strip_prefix("password_hashes_total ")).map_or(0, |count| count.parse().expect("a number"))
}

on_both! {
    async fn a_member_is_known_by_name_and_town(app: TestApp) {
        let mina = app.member("mina").await;
        let me = mina.ask(WhoAmI {}).await.expect("an answer").expect("signed in");
        assert_eq!((me.id, me.nickname.as_str()), (mina.id(), mina.nickname()));
        assert_eq!(me.region.expect("a region").name, "연남동");
        assert_eq!(app.visitor().ask(WhoAmI {}).await, Ok(None));
    }

    async fn signing_up_signs_in(app: TestApp) {
        let visitor = app.visitor();
        let school = SignUpForm { school: "서울대학교".to_owned(), admission_year: "2020".to_owned(), next: "/chat".to_owned(), ..form("Mina@Moim.test", " 용감한  고슴도치 ") };
        let answer = visitor.call_raw(SignUp { form: school }).await;
        assert!(answer.status.is_success(), "{}", answer.body);
        assert_eq!(answer.location(), "/chat");
        let me = visitor.ask(WhoAmI {}).await.expect("an answer").expect("signed in");
        assert_eq!((me.nickname.as_str(), me.region.expect("a region").name.as_str()), ("용감한 고슴도치", "연남동"));
        let account = visitor.ask(ReadAccount {}).await.expect("an account");
        assert_eq!((account.email.as_str(), account.school.as_deref()), ("Mina@Moim.test", Some("서울대학교")));
        assert_eq!(app.visitor().ask(ReadAccount {}).await, Err(AppError::SignInRequired));
    }

    async fn everything_wrong_is_said_at_once(app: TestApp) {
        app.visitor().call(SignUp { form: form("mina@moim.test", "mina") }).await.expect("signed up");
        let refused = app.visitor().call(SignUp { form: SignUpForm {
            email: "MINA@moim.test".to_owned(), nickname: "MiNa".to_owned(), password: "password123!".to_owned(), password_again: "x".to_owned(),
            birth_date: "2020-01-01".to_owned(), gender: "other".to_owned(), region: String::new(), region_text: "호그스미드".to_owned(),
            school: "호그와트".to_owned(), admission_year: "MMXX".to_owned(), ..SignUpForm::default()
        } }).await.expect_err("refused");
        let codes: Vec<String> = named(&refused).into_iter().map(|(field, code)| format!("{field}: {code}")).collect();
        assert_eq!(codes, [
            "email: accounts.email.taken", "nickname: accounts.nickname.taken", "password: accounts.password.common",
            "password_again: accounts.password.differs", "birth_date: accounts.birth_date.too_young", "gender: accounts.gender.needed",
            "region: regions.unknown", "school: accounts.school.unknown", "admission_year: accounts.admission_year.malformed",
            "terms: accounts.terms.needed", "privacy: accounts.privacy.needed",
        ]);
    }

    async fn a_form_that_is_sent_twice_opens_one_account(app: TestApp) {
        let visitor = app.visitor();
        sign_up(&visitor, "mina@moim.test", "mina").await.expect("signed up");
        let again = sign_up(&visitor, "mina@moim.test", "mina").await.expect_err("refused");
        assert_eq!(named(&again), [one("email", "accounts.email.taken"), one("nickname", "accounts.nickname.taken")].concat());
        assert!(visitor.ask(WhoAmI {}).await.expect("an answer").is_some(), "still signed in");
    }

    async fn one_of_many_gets_an_email_or_a_nickname(app: TestApp) {
        let visitors: Vec<Actor> = (0..6).map(|_| app.visitor()).collect();
        let emails = ["race@moim.test", "RACE@moim.test", "Race@Moim.Test", "race@moim.test", "rAce@moim.test", "race@MOIM.test"];
        let names = ["하나", "둘이", "셋이", "넷이", "다섯", "여섯"];
        let tries = visitors.iter().zip(emails).zip(names).map(|((visitor, email), name)| sign_up(visitor, email, name));
        let done = futures_util::future::join_all(tries).await;
        assert_eq!(done.iter().filter(|result| result.is_ok()).count(), 1, "{done:?}");
        assert!(done.iter().filter_map(|result| result.as_ref().err()).all(|refusal| named(refusal) == one("email", "accounts.email.taken")), "{done:?}");

        let tries = visitors.iter().enumerate().map(|(n, visitor)| async move {
            sign_up(visitor, &format!("other{n}@moim.test"), if n % 2 == 0 { "Racer" } else { "racer" }).await
        });
        let done = futures_util::future::join_all(tries).await;
        assert_eq!(done.iter().filter(|result| result.is_ok()).count(), 1, "{done:?}");
        assert!(done.iter().filter_map(|result| result.as_ref().err()).all(|refusal| named(refusal) == one("nickname", "accounts.nickname.taken")), "{done:?}");
    }

    async fn a_town_is_taken_by_its_name_where_only_one_has_it(app: TestApp) {
        let typed = |text: &str| SignUp { form: SignUpForm { region: String::new(), region_text: text.to_owned(), ..form(&format!("{}@moim.test", text.len()), text) } };
        let visitor = app.visitor();
        visitor.call(typed("연남동")).await.expect("only one");
        let refused = app.visitor().call(typed("신촌동")).await.expect_err("several");
        let error = refused.fields().of("region").cloned().expect("named");
        assert_eq!(error.code, "regions.several");
        assert!(error.args.iter().any(|(_, name)| name.contains("신촌동")) && error.args.len() > 1);

        let move_to = |region: &str, text: &str| SetRegion { form: RegionForm { region: region.to_owned(), region_text: text.to_owned(), next: String::new() } };
        visitor.call(move_to(&error.args[0].0, "신촌동")).await.expect("chosen");
        assert!(visitor.ask(WhoAmI {}).await.expect("an answer").expect("signed in").region.expect("a region").full().ends_with("신촌동"));
        assert_eq!(named(&visitor.call(move_to("", " ")).await.expect_err("nothing")), one("region", "regions.needed"));
        assert_eq!(named(&visitor.call(move_to("99999999", "")).await.expect_err("unknown")), one("region", "regions.needed"));
        assert_eq!(app.visitor().call(move_to("11440124", "")).await, Err(AppError::SignInRequired));
    }

    async fn offered_nicknames_are_free(app: TestApp) {
        let visitor = app.visitor();
        let offered = visitor.ask(SuggestNickname {}).await.expect("a name");
        sign_up(&visitor, "a@moim.test", &offered).await.expect("free");
        visitor.set_cookie("moim_lang", Some("en"));
        assert!(visitor.ask(SuggestNickname {}).await.expect("a name").is_ascii());
    }

    async fn signing_in_takes_the_right_password_however_the_email_is_written(app: TestApp) {
        sign_up(&app.visitor(), "mina@moim.test", "mina").await.expect("signed up");
        let visitor = app.visitor();
        let answer = visitor.call_raw(sign_in(" MINA@moim.TEST ", PASSWORD)).await;
        assert_eq!((answer.status.as_u16(), answer.location()), (200, "/meals"));
        assert!(visitor.ask(WhoAmI {}).await.expect("an answer").is_some());
        let wrong = app.visitor().call(sign_in("mina@moim.test", "seven herons on a Roof")).await.expect_err("wrong");
        let unknown = app.visitor().call(sign_in("nobody@moim.test", PASSWORD)).await.expect_err("unknown");
        assert_eq!(wrong, unknown);
        assert_eq!(named(&wrong), one("email", "accounts.sign_in.wrong"));
        let empty = app.visitor().call(sign_in(" ", "")).await.expect_err("empty");
        assert_eq!(named(&empty), [one("email", "accounts.email.needed"), one("password", "accounts.password.needed")].concat());
    }

    async fn an_unknown_email_takes_the_same_work(app: TestApp) {
        let visitor = app.visitor();
        sign_up(&visitor, "mina@moim.test", "mina").await.expect("signed up");
        let start = hashes(&visitor).await;
        app.visitor().call(sign_in("mina@moim.test", "wrong")).await.expect_err("wrong");
        let wrong = hashes(&visitor).await - start;
        app.visitor().call(sign_in("nobody@moim.test", "wrong")).await.expect_err("unknown");
        assert_eq!((wrong, hashes(&visitor).await - start), (1, 2));
    }

    async fn ten_wrong_passwords_close_an_account_for_a_while(app: TestApp) {
        sign_up(&app.visitor(), "mina@moim.test", "mina").await.expect("signed up");
        // Each from another address, so that only the account's own bound counts.
        for email in ["mina@moim.test", "nobody@moim.test"] {
            for n in 0..10 {
                assert_eq!(sign_in_from(&app.visitor(), [10, 0, 1, n], email, "wrong").await, (422, None), "{email}");
            }
            assert_eq!(sign_in_from(&app.visitor(), [10, 0, 1, 99], email, PASSWORD).await, (429, Some("900".to_owned())), "{email}");
        }
        app.advance(Span::minutes(15));
        assert_eq!(sign_in_from(&app.visitor(), [10, 0, 1, 1], "mina@moim.test", PASSWORD).await.0, 200);
        // The success has forgotten the count.
        for n in 0..10 {
            assert_eq!(sign_in_from(&app.visitor(), [10, 0, 2, n], "mina@moim.test", "wrong").await.0, 422);
        }
        assert_eq!(sign_in_from(&app.visitor(), [10, 0, 2, 9], "MINA@moim.test", PASSWORD).await.0, 429);
    }

    async fn fifty_wrong_passwords_close_an_address_for_a_while(app: TestApp) {
        let mina = app.member("mina").await;
        let email = mina.ask(ReadAccount {}).await.expect("an account").email;
        let here = [10, 0, 0, 1];
        for _ in 0..60 {
            assert_eq!(sign_in_from(&app.visitor(), here, &email, PASSWORD).await.0, 200, "right ones do not count");
        }
        let tries = (0..50).map(|n| { let visitor = app.visitor(); async move { sign_in_from(&visitor, here, &format!("{n}@moim.test"), "wrong").await.0 } });
        assert!(futures_util::future::join_all(tries).await.into_iter().all(|status| status == 422));
        assert_eq!(sign_in_from(&app.visitor(), here, &email, PASSWORD).await.0, 429);
        assert_eq!(sign_in_from(&app.visitor(), [10, 0, 0, 2], &email, PASSWORD).await.0, 200);
    }

    async fn asking_for_taken_emails_is_bounded(app: TestApp) {
        sign_up(&app.visitor(), "mina@moim.test", "mina").await.expect("signed up");
        let visitor = app.visitor();
        let mut answers = std::collections::BTreeMap::new();
        for _ in 0..610 {
            let answer = sign_up(&visitor, "mina@moim.test", "mina").await.map_err(|error| error.status());
            *answers.entry(answer.expect_err("taken")).or_insert(0) += 1;
        }
        assert!(answers[&422] <= 600 && answers[&429] >= 10, "{answers:?}");
    }

    async fn signing_in_again_ends_the_session_before(app: TestApp) {
        let mina = app.member("mina").await;
        let email = mina.ask(ReadAccount {}).await.expect("an account").email;
        let stolen = app.visitor();
        stolen.set_cookie("moim_access", mina.cookie("moim_access").as_deref());
        mina.call(sign_in(&email, PASSWORD)).await.expect("signed in again");
        assert!(mina.ask(WhoAmI {}).await.expect("an answer").is_some());
        assert_eq!(stolen.ask(WhoAmI {}).await, Ok(None));
    }
}
