//! Accounts of elsewhere in the hands of somebody else, or in several hands at once.

use super::sign_up;
use super::travel::{LINK, LONG, START, accounts, arrival, email_of, is_signed_in, joining, link, logins, offering, place, rows, travel};
use crate::app::work::{run_due, sweep};
use crate::features::accounts::api::{
    ChangePassword, LinkLogin, ListLogins, ListSessions, ReadAccount, ResetLink, SignIn, SignUp, UnlinkLogin,
};
use crate::features::accounts::auth::Visit;
use crate::features::accounts::desk;
use crate::features::accounts::model::{ChangePasswordForm, LinkForm, LinkView, SignInForm};
use crate::features::accounts::store::{self, Claim, Purpose};
use crate::server::oidc::Identity;
use crate::shared::error::{AppError, Conflict};
use crate::shared::ids::UserId;
use crate::shared::text::Lang;
use crate::testing::{Actor, Forger, PASSWORD, Smtp, TestApp};
use crate::{each, execute, fetch_one, on_both};
use axum::body::Body;
use axum::http::{Request, header};
use leptos::server_fn::ServerFn;
use url::Url;
use uuid::Uuid;

const NEW: &str = "eight herons in a tree";

/// Goes to the forger: where it sends back to. Everybody is the same heron there.
async fn leave(browser: &Actor, start: &str) -> String {
    let answer = browser.get(start).await;
    assert_eq!(answer.status, 303, "{}", answer.body);
    let url = Url::parse(answer.location()).expect("an address");
    let part = |name: &str| url.query_pairs().find(|(known, _)| known == name).expect("asked").1.into_owned();
    format!("/oidc/callback/campus?state={}&code={}", part("state"), part("nonce"))
}

/// Somebody who has linked their account with the forger's heron.
async fn linked(app: &TestApp, name: &str) -> Actor {
    let person = app.member(name).await;
    let back = leave(&person, LINK).await;
    assert_eq!(person.get(&back).await.location(), "/me/logins");
    person.call(link(&person, PASSWORD).await).await.expect("linked");
    person
}

fn sign_in(email: &str, password: &str) -> SignIn {
    SignIn { form: SignInForm { email: email.to_owned(), password: password.to_owned(), next: String::new() } }
}

fn change(new: &str) -> ChangePassword {
    let (current_password, new_password) = (PASSWORD.to_owned(), new.to_owned());
    ChangePassword { form: ChangePasswordForm { current_password, new_password_again: new_password.clone(), new_password } }
}

async fn sessions(app: &TestApp, user: UserId) -> i64 {
    let sql = "select count(*) from sessions where user_id = $1 and ended_at is null";
    let mut conn = app.state.db.read().await.expect("a connection");
    fetch_one!(&mut conn, (i64,), sql, user).expect("a row").0
}

/// Whether something waits for a lock in this database; SQLite lets one after the other write, so nothing has to.
async fn waits(app: &TestApp) -> bool {
    let sql = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
    let mut conn = app.state.db.read().await.expect("a connection");
    let waiting: Result<i64, sqlx::Error> =
        each!(&mut conn, |c| sqlite: sqlx::query_scalar("select 1").fetch_one(c).await, pg: sqlx::query_scalar(sql).fetch_one(c).await);
    waiting.expect("a number") > 0
}

/// What puts a thief out.
#[derive(Clone, Copy, Debug)]
enum Remedy {
    Reset,
    Unlink,
}

impl Remedy {
    /// In a transaction that is not committed yet.
    async fn begin(self, app: &TestApp, user: UserId) -> crate::server::db::Conn {
        let mut tx = app.state.db.begin().await.expect("a transaction");
        match self {
            Self::Reset => {
                store::reset_password(&mut tx, user, "another hash").await.expect("replaced");
                store::unlink_all(&mut tx, user).await.expect("unlinked");
            }
            Self::Unlink => {
                let mut conn = app.state.db.read().await.expect("a connection");
                let login = store::logins(&mut conn, user).await.expect("logins")[0].id;
                assert!(store::unlink(&mut tx, user, login).await.expect("unlinked"));
            }
        }
        store::end_all_sessions(&mut tx, user, app.now()).await.expect("ended");
        tx
    }
}

on_both! {
    async fn a_changed_password_unlinks_everything_and_says_so(app: TestApp) {
        let forger = Forger::start(app.now()).await;
        let app = app.offering(forger.issuer(), LONG);
        let mina = linked(&app, "mina").await;
        let thief = app.visitor();
        let back = leave(&thief, START).await;
        assert_eq!(thief.get(&back).await.location(), "/meals");
        assert!(mina.get("/me/password").await.body.contains("연결이 모두 끊겨요"));
        assert!(mina.call(ChangePassword { form: ChangePasswordForm::default() }).await.is_err());
        assert_eq!(rows(&app).await.0, 1);
        mina.call(change(NEW)).await.expect("changed");
        assert_eq!((rows(&app).await.0, is_signed_in(&thief).await, is_signed_in(&mina).await), (0, false, true));
        let back = leave(&thief, START).await;
        assert_eq!(place(&thief.get(&back).await), "/sign-up?next=&with=", "it opens nothing any more");
    }

    async fn a_link_is_made_with_the_password_of_now(app: TestApp) {
        let forger = Forger::start(app.now()).await;
        let app = app.offering(forger.issuer(), LONG);
        let mina = app.member("mina").await;
        let back = leave(&mina, LINK).await;
        mina.get(&back).await;
        // Both at once: whichever is first, nothing is linked by the old one in the end.
        let form = link(&mina, PASSWORD).await;
        let (linked, changed) = futures_util::future::join(mina.call(form), mina.call(change(NEW))).await;
        assert!(changed.is_ok(), "{linked:?} {changed:?}");
        assert_eq!(rows(&app).await.0, 0, "{linked:?}");
    }

    async fn who_has_something_linked_is_told_by_mail(app: TestApp) {
        let forger = Forger::start(app.now()).await;
        let server = Smtp::start().await;
        let app = app.offering(forger.issuer(), LONG);
        let mina = linked(&app, "mina").await;
        let email = mina.ask(ReadAccount {}).await.expect("an account").email;
        run_due(&app.mailing(&server)).await.expect("mailed");
        let letter = server.newest_to(&email);
        assert_eq!(letter.subject(), "모임: 학교 계정이 연결됐어요");
        assert!(letter.text().contains("http://moim.test/me/logins") && letter.text().contains("비밀번호를 바꿔 주세요"), "{}", letter.text());
        // At an address that nobody has proved anybody may read it.
        let jun = app.member("jun").await;
        let mut tx = app.state.db.begin().await.expect("a transaction");
        execute!(&mut tx, "update users set verified_at = null where id = $1", jun.id()).expect("a row");
        store::unlink_all(&mut tx, mina.id()).await.expect("unlinked");
        tx.commit().await.expect("committed");
        let back = leave(&jun, LINK).await;
        jun.get(&back).await;
        jun.call(link(&jun, PASSWORD).await).await.expect("linked");
        run_due(&app.mailing(&server)).await.expect("done");
        assert_eq!(server.taken().len(), 1);
    }

    async fn the_page_of_a_new_password_says_what_it_unlinks(app: TestApp) {
        let forger = Forger::start(app.now()).await;
        let app = app.offering(forger.issuer(), LONG);
        for (n, person) in [app.member("jun").await, linked(&app, "mina").await].into_iter().enumerate() {
            let mut tx = app.state.db.begin().await.expect("a transaction");
            store::mail_reset(&mut tx, person.id(), Lang::Ko, app.now()).await.expect("a link");
            let sql = "select id from mail_links where user_id = $1 and purpose = 'reset'";
            let (id,): (Uuid,) = fetch_one!(&mut tx, (Uuid,), sql, person.id()).expect("a row");
            tx.commit().await.expect("committed");
            let token = app.state.keys.seal(Purpose::Reset.code(), id);
            assert_eq!(app.visitor().ask(ResetLink { token: token.clone() }).await, Ok([LinkView::Good, LinkView::Unlinks][n]));
            let page = app.visitor().get(&format!("/reset/{token}")).await.body;
            assert!(page.contains("new_password"), "{page}");
            assert_eq!(page.contains("연결이 모두 끊겨요"), n == 1);
        }
    }

    async fn a_way_back_that_meets_a_remedy_signs_nobody_in(app: TestApp) {
        let forger = Forger::start(app.now()).await;
        let app = app.offering(forger.issuer(), LONG);
        for (name, remedy) in [("mina", Remedy::Reset), ("jun", Remedy::Unlink)] {
            let person = linked(&app, name).await;
            let thief = app.visitor();
            let back = leave(&thief, START).await;
            let tx = remedy.begin(&app, person.id()).await;
            let coming = tokio::spawn({
                let thief = thief.clone();
                async move { thief.get(&back).await }
            });
            while !coming.is_finished() && !waits(&app).await {}
            tx.commit().await.expect("committed");
            let came = coming.await.expect("an answer");
            assert!(!is_signed_in(&thief).await && came.location() != "/meals", "{remedy:?} {}", came.status);
            assert_eq!(sessions(&app, person.id()).await, 0, "{remedy:?}");
        }
    }

    async fn a_password_that_was_replaced_since_it_was_checked_signs_nobody_in(app: TestApp) {
        let mina = app.member("mina").await;
        let email = email_of(&mina).await;
        let tx = Remedy::Reset.begin(&app, mina.id()).await;
        let thief = app.visitor();
        let coming = tokio::spawn({
            let thief = thief.clone();
            async move { thief.call(sign_in(&email, PASSWORD)).await }
        });
        while !coming.is_finished() && !waits(&app).await {}
        tx.commit().await.expect("committed");
        assert!(coming.await.expect("an answer").is_err());
        assert_eq!((is_signed_in(&thief).await, sessions(&app, mina.id()).await), (false, 0));
    }

    async fn what_was_checked_before_is_checked_again_where_it_counts(app: TestApp) {
        let forger = Forger::start(app.now()).await;
        let app = app.offering(forger.issuer(), LONG);
        let (mina, jun) = (linked(&app, "mina").await, app.member("jun").await);
        let identity = Identity { issuer: forger.issuer().to_owned(), subject: "heron".to_owned() };
        let hash = store::account(&mut app.state.db.read().await.expect("a connection"), mina.id()).await.expect("an account").password_hash;
        let try_in = async |user: UserId, claim: Claim| {
            let tx = app.state.db.begin().await.expect("a transaction");
            desk::seat(&app.state, &Visit::default(), tx, user, &claim).await.map(drop)
        };
        let stale = || Err(AppError::from(Conflict::Stale));
        assert_eq!(try_in(jun.id(), Claim::Login(identity.clone())).await, stale(), "it is another's");
        assert_eq!(try_in(jun.id(), Claim::Password(hash.clone())).await, stale());
        assert_eq!(try_in(mina.id(), Claim::Login(identity.clone())).await, Ok(()));
        assert_eq!(try_in(mina.id(), Claim::Password(hash.clone())).await, Ok(()));
        mina.call(change(NEW)).await.expect("changed");
        assert_eq!(sessions(&app, mina.id()).await, 1, "hers");
        for claim in [Claim::Login(identity), Claim::Password(hash)] {
            assert_eq!(try_in(mina.id(), claim).await, stale());
        }
        assert_eq!((sessions(&app, mina.id()).await, sessions(&app, jun.id()).await), (1, 1));
    }

    async fn two_tabs_link_what_each_of_them_shows(app: TestApp) {
        let (app, provider) = offering(app).await;
        let browser = app.visitor();
        let first = travel(&browser, &provider, START, "heron").await;
        let old = joining(&browser, "mina@moim.test", "mina").await;
        travel(&browser, &provider, START, "crane").await;
        let new = joining(&browser, "mina@moim.test", "mina").await;
        let sent = serde_qs::to_string(&old).expect("fields");
        let fields: Vec<(String, String)> = url::form_urlencoded::parse(sent.as_bytes()).into_owned().collect();
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        // The older tab, without the program: the form is shown again, as one that joins nothing.
        let refused = browser.post_form(first.location(), SignUp::PATH, &fields).await;
        assert_eq!(refused.status, 410, "{}", refused.body);
        assert!(refused.body.contains("그사이 다른 탭에서") && refused.body.contains("name=\"form[with]\" value=\"\""), "{}", refused.body);
        assert_eq!(browser.call(old).await, Err(Conflict::ArrivalOver.into()));
        assert_eq!((accounts(&app).await, rows(&app).await), (0, (0, 0, 1)));
        browser.call(new).await.expect("signed up");
        assert_eq!(travel(&app.visitor(), &provider, START, "crane").await.location(), "/meals");
        assert_eq!(place(&travel(&app.visitor(), &provider, START, "heron").await), "/sign-up?next=&with=");

        // The same with an account that exists.
        let jun = app.member("jun").await;
        travel(&jun, &provider, LINK, "heron@moim.test").await;
        let old = link(&jun, PASSWORD).await;
        travel(&jun, &provider, LINK, "unsure-heron@moim.test").await;
        let shown = logins(&jun).await.arriving.expect("arrived");
        assert_eq!((shown.label.as_str(), shown.email), ("학교", None));
        assert_eq!(jun.call(old).await, Err(Conflict::ArrivalOver.into()));
        let unnamed = LinkLogin { form: LinkForm { password: PASSWORD.to_owned(), ..LinkForm::default() } };
        assert_eq!(jun.call(unnamed).await, Err(Conflict::ArrivalOver.into()));
        jun.call(link(&jun, PASSWORD).await).await.expect("linked");
        assert_eq!(travel(&app.visitor(), &provider, START, "unsure-heron@moim.test").await.location(), "/meals");
        assert_eq!(place(&travel(&app.visitor(), &provider, START, "heron@moim.test").await), "/sign-up?next=&with=");
    }

    async fn a_secret_that_somebody_has_put_in_gives_them_nothing(app: TestApp) {
        let forger = Forger::start(app.now()).await;
        let app = app.offering(forger.issuer(), LONG);
        sign_up(&app.visitor(), "heron@moim.test", "mina").await.expect("signed up");
        let planted = "ab".repeat(32);
        let (victim, thief) = (app.visitor(), app.visitor());
        victim.set_cookie("moim_travel", Some(&planted));
        let back = leave(&victim, START).await;
        assert_eq!(victim.cookie("moim_travel").as_deref(), Some(planted.as_str()));
        assert_eq!(place(&victim.get(&back).await), "/sign-in?next=&with=");
        for name in ["moim_travel", "moim_arrival"] {
            thief.set_cookie(name, Some(&planted));
        }
        assert_eq!(arrival(&thief).await, None);
        let theirs = link(&victim, PASSWORD).await;
        assert_eq!(thief.call(theirs).await, Err(Conflict::ArrivalOver.into()));
        // Who signs in with a password has gone no further on the way.
        victim.call(sign_in("heron@moim.test", PASSWORD)).await.expect("signed in");
        assert_eq!((victim.cookie("moim_travel"), victim.cookie("moim_arrival"), rows(&app).await), (None, None, (0, 0, 0)));
        // What no secret of ours looks like is not kept.
        let odd = app.visitor();
        odd.set_cookie("moim_travel", Some("short"));
        leave(&odd, START).await;
        assert_eq!(odd.cookie("moim_travel").map(|secret| secret.len()), Some(64));
    }

    async fn with_https_cookies_belong_to_this_host(app: TestApp) {
        let forger = Forger::start(app.now()).await;
        let app = app.offering(forger.issuer(), LONG);
        let safe = app.visitor_where(|config| config.url = Url::parse("https://moim.test").expect("an address"));
        safe.set_cookie("moim_travel", Some(&"ab".repeat(32)));
        safe.set_cookie("moim_arrival", Some(&"ab".repeat(32)));
        let answer = safe.get(START).await;
        let said = answer.headers[header::SET_COOKIE].to_str().expect("text").to_owned();
        assert!(said.starts_with("__Host-moim_travel=") && !said.contains("abab"), "{said}");
        assert!(said.contains("; Path=/;") && said.ends_with("; Secure") && !said.contains("Domain"), "{said}");
        let back = leave(&safe, START).await;
        let answer = safe.get(&back).await;
        let said = answer.headers[header::SET_COOKIE].to_str().expect("text").to_owned();
        assert!(said.starts_with("__Host-moim_arrival=") && said.ends_with("; Secure"), "{said}");
        assert!(arrival(&safe).await.is_some());
        safe.set_cookie("__Host-moim_arrival", None);
        assert_eq!(arrival(&safe).await, None, "the plain one counts for nothing");
    }

    async fn nobody_is_put_out_by_a_way_back(app: TestApp) {
        let forger = Forger::start(app.now()).await;
        let app = app.offering(forger.issuer(), LONG);
        let (mina, jun) = (linked(&app, "mina").await, app.member("jun").await);
        let email = email_of(&jun).await;
        let back = leave(&jun, START).await;
        let refused = jun.get(&back).await;
        assert_eq!(refused.status, 409);
        assert!(refused.body.contains("먼저 로그아웃하고") && refused.body.contains("href=\"/me\""), "{}", refused.body);
        assert_eq!(email_of(&jun).await, email, "still jun");
        // Who is who they say already goes on.
        let back = leave(&mina, "/oidc/start/campus?next=%2Fchat").await;
        assert_eq!(mina.get(&back).await.location(), "/chat");
        assert_eq!(mina.ask(ListSessions {}).await.expect("sessions").sessions.len(), 1);
    }

    async fn those_who_do_not_come_back_are_all_forgotten(app: TestApp) {
        let mut tx = app.state.db.begin().await.expect("a transaction");
        let many = "with recursive n (i) as (select 1 union all select i + 1 from n where i < 1201)";
        let departed = format!(
            "{many} insert into departures (state, browser, provider, nonce, verifier, next, user_id, expires_at)
             select cast(i as text), 'b', 'campus', 'n', 'v', '', null, $1 from n"
        );
        let arrived = format!(
            "{many} insert into arrivals (browser, id, provider, issuer, subject, email, user_id, expires_at)
             select cast(i as text), $2, 'campus', 'i', 's', null, null, $1 from n where i < 601"
        );
        execute!(&mut tx, sqlx::AssertSqlSafe(departed.as_str()), app.now()).expect("rows");
        execute!(&mut tx, sqlx::AssertSqlSafe(arrived.as_str()), app.now(), Uuid::nil()).expect("rows");
        tx.commit().await.expect("committed");
        assert_eq!(rows(&app).await, (0, 1201, 600));
        sweep(&app.state).await.expect("swept");
        assert_eq!(rows(&app).await, (0, 0, 0));
    }

    async fn nobody_is_sent_on_their_way_from_another_site_or_led_to_one(app: TestApp) {
        let (app, provider) = offering(app).await;
        for site in ["cross-site", "same-site"] {
            let visitor = app.visitor();
            let request = Request::get(START).header(header::ACCEPT, "text/html").header("sec-fetch-site", site);
            let answer = visitor.send(request.body(Body::empty()).expect("a request")).await;
            assert_eq!((answer.status.as_u16(), answer.location()), (303, "/sign-in?next="), "{site}");
            assert_eq!(visitor.cookie("moim_travel"), None);
        }
        for (page, to) in [("https://evil.example/", "/sign-in?next="), ("http://moim.test/sign-in", provider.issuer())] {
            let request = Request::get(START).header(header::ACCEPT, "text/html").header(header::REFERER, page);
            let answer = app.visitor().send(request.body(Body::empty()).expect("a request")).await;
            assert!(answer.location().starts_with(to), "{page} {}", answer.location());
        }
        let mina = app.member("mina").await;
        travel(&mina, &provider, LINK, "heron").await;
        mina.call(link(&mina, PASSWORD).await).await.expect("linked");
        for foreign in ["https%3A%2F%2Fevil.example", "%2F%2Fevil.example", "%2F%5Cevil.example"] {
            assert_eq!(travel(&app.visitor(), &provider, &format!("{START}?next={foreign}"), "heron").await.location(), "/meals", "{foreign}");
        }
        let far = format!("%2F{}", "a".repeat(500));
        assert_eq!(travel(&app.visitor(), &provider, &format!("{START}?next={far}"), "heron").await.location(), "/meals");
        assert_eq!(app.visitor().get(&format!("{LINK}&next={far}")).await.location(), "/sign-in?next=%2Fme%2Flogins");
        assert_eq!(rows(&app).await, (1, 1, 0), "who pressed the button of our page has left");
    }

    async fn without_providers_there_is_nothing_to_see(app: TestApp) {
        let mina = app.member("mina").await;
        for path in ["/sign-in", "/sign-up", "/me", "/me/password", "/privacy"] {
            let page = mina.get(path).await;
            assert!(page.status == 200 && !page.body.contains("/oidc/") && !page.body.contains("/me/logins"), "{path}");
            assert!(!page.body.contains("다른 서비스의 계정"), "{path}");
        }
        for path in ["/me/logins", START, LINK, "/oidc/callback/campus?state=x&code=y"] {
            assert_eq!(mina.get(path).await.status, 404, "{path}");
        }
        assert_eq!(mina.ask(ListLogins {}).await, Err(AppError::NotFound));
        assert_eq!(mina.call(UnlinkLogin { login: Uuid::now_v7() }).await, Err(AppError::NotFound));
        // What was linked before can be seen and unlinked.
        let login = Uuid::now_v7();
        let mut tx = app.state.db.begin().await.expect("a transaction");
        let sql = "insert into identities (id, user_id, issuer, subject, created_at) values ($1, $2, 'https://id.campus.example', 'mina', $3)";
        execute!(&mut tx, sql, login, mina.id(), app.now()).expect("a row");
        tx.commit().await.expect("committed");
        assert!(mina.get("/me").await.body.contains("href=\"/me/logins\""));
        assert!(mina.get("/me/logins").await.body.contains("https://id.campus.example"));
        mina.call(UnlinkLogin { login }).await.expect("unlinked");
        assert_eq!(mina.get("/me/logins").await.status, 404);
    }
}
