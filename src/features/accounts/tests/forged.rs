//! Providers that are down, slow, talk nonsense or lie.

use super::travel::{link, place, rows};
use crate::features::accounts::api::{SignInWays, WhoAmI};
use crate::on_both;
use crate::shared::time::Span;
use crate::testing::{Actor, Answer, Forger, OidcProvider, PASSWORD, TestApp, Trick};
use std::time::Duration;
use url::Url;

const START: &str = "/oidc/start/campus";
/// More than a provider on this machine ever takes.
const LONG: Duration = Duration::from_secs(60);
/// Less than anybody waits.
const SHORT: Duration = Duration::from_millis(300);

/// Begins the way to the forger: what comes back from there.
async fn leave(browser: &Actor) -> String {
    let answer = browser.get(START).await;
    assert_eq!(answer.status, 303, "{}", answer.body);
    back_from(&Url::parse(answer.location()).expect("an address"))
}

fn back_from(url: &Url) -> String {
    let part = |name: &str| url.query_pairs().find(|(known, _)| known == name).expect("asked").1.into_owned();
    format!("/oidc/callback/campus?state={}&code={}", part("state"), part("nonce"))
}

async fn travel(browser: &Actor) -> Answer {
    let back = leave(browser).await;
    browser.get(&back).await
}

/// It went wrong, it is said, and nothing is left.
async fn stranded(app: &TestApp, browser: &Actor, answer: &Answer, status: u16, said: &str) {
    assert_eq!(answer.status.as_u16(), status, "{}", answer.body);
    assert!(answer.body.contains(said) && answer.body.contains("href=\"/sign-in\""), "{}", answer.body);
    assert_eq!(rows(app).await, (0, 0, 0));
    assert_eq!(browser.ask(WhoAmI {}).await, Ok(None));
    assert_eq!(browser.ask(SignInWays {}).await.expect("ways").arrival, None);
}

const NONSENSE: &str = "답을 믿을 수 없어서";
const UNREACHABLE: &str = "닿지 못했어요";
const SLOW: &str = "너무 늦어서";

on_both! {
    async fn a_token_that_is_not_as_it_should_be_is_not_believed(app: TestApp) {
        let forger = Forger::start(app.now()).await;
        let app = app.offering(forger.issuer(), LONG);
        for trick in [
            Trick::Nonce, Trick::Audience, Trick::Issuer, Trick::Expired, Trick::Tampered, Trick::Unsigned, Trick::WrongKey, Trick::HiddenKey,
            Trick::OtherAccess, Trick::OtherPerson, Trick::Page,
        ] {
            let visitor = app.visitor();
            let back = leave(&visitor).await;
            forger.play(trick);
            let answer = visitor.get(&back).await;
            stranded(&app, &visitor, &answer, 502, NONSENSE).await;
            forger.play(Trick::None);
            assert_eq!(visitor.get(&back).await.status, 400, "{trick:?}: the way is over");
        }
        let visitor = app.visitor();
        assert_eq!(place(&travel(&visitor).await), "/sign-up?next=&with=", "the honest one is believed");
        assert_eq!(visitor.ask(SignInWays {}).await.expect("ways").arrival.expect("arrived").email.as_deref(), Some("heron@moim.test"));
    }

    async fn a_provider_that_says_nonsense_of_itself_is_not_gone_to(app: TestApp) {
        let forger = Forger::start(app.now()).await;
        let app = app.offering(forger.issuer(), LONG);
        let visitor = app.visitor();
        for (trick, said) in [(Trick::Page, NONSENSE), (Trick::Alias, NONSENSE), (Trick::Elsewhere, NONSENSE), (Trick::Door, NONSENSE), (Trick::Endless, UNREACHABLE)] {
            forger.play(trick);
            let answer = visitor.get(START).await;
            stranded(&app, &visitor, &answer, 502, said).await;
            assert_eq!(visitor.cookie("moim_travel"), None);
            // For a moment it is left alone.
            let asked = forger.asked().len();
            stranded(&app, &visitor, &visitor.get(START).await, 502, said).await;
            assert_eq!(forger.asked().len(), asked);
            app.advance(Span::seconds(30));
        }
        assert!(!forger.asked().contains(&"trap"), "no redirect is followed");
        forger.play(Trick::None);
        assert_eq!(visitor.get(START).await.status, 303);
    }

    async fn secrets_are_not_sent_out_without_tls(app: TestApp) {
        let forger = Forger::start(app.now()).await;
        let app = app.offering(forger.issuer(), LONG);
        forger.play(Trick::Plain);
        let visitor = app.visitor();
        let answer = travel(&visitor).await;
        stranded(&app, &visitor, &answer, 502, UNREACHABLE).await;
        assert_eq!(forger.asked(), ["discovery", "keys"]);
    }

    async fn a_provider_that_does_not_answer_is_given_up(app: TestApp) {
        let forger = Forger::start(app.now()).await;
        let app = app.offering(forger.issuer(), SHORT);
        let visitor = app.visitor();
        forger.play(Trick::Silent);
        let answer = visitor.get(START).await;
        stranded(&app, &visitor, &answer, 504, SLOW).await;
        // Those who come together wait together, not one after the other.
        app.advance(Span::seconds(30));
        let many: Vec<Actor> = (0..20).map(|_| app.visitor()).collect();
        let answers = futures_util::future::join_all(many.iter().map(|visitor| visitor.get(START))).await;
        assert!(answers.iter().all(|answer| answer.status == 504));
        assert_eq!(forger.asked(), ["discovery", "discovery"]);
        // In the middle of the way, too.
        forger.play(Trick::None);
        app.advance(Span::seconds(30));
        let back = leave(&visitor).await;
        forger.play(Trick::Silent);
        let answer = visitor.get(&back).await;
        stranded(&app, &visitor, &answer, 504, SLOW).await;
    }

    async fn a_provider_that_is_down_is_said_to_be(app: TestApp) {
        let mut provider = OidcProvider::start().await;
        app.catch_up();
        let app = app.offering(provider.issuer(), LONG);
        let visitor = app.visitor();
        let start = visitor.get(START).await.location().to_owned();
        let back = provider.visit(&start, Some("heron")).await;
        provider.stop();
        let answer = visitor.get(&back).await;
        stranded(&app, &visitor, &answer, 502, UNREACHABLE).await;
        app.advance(Span::hours(24));
        let answer = visitor.get(START).await;
        stranded(&app, &visitor, &answer, 502, UNREACHABLE).await;
    }

    async fn what_a_provider_says_of_itself_is_kept_and_new_keys_are_asked_for(app: TestApp) {
        let forger = Forger::start(app.now()).await;
        let app = app.offering(forger.issuer(), LONG);
        for _ in 0..3 {
            assert_eq!(travel(&app.visitor()).await.status, 303);
        }
        assert_eq!(forger.asked(), ["discovery", "keys", "token", "token", "token"]);
        // Not at once again, whatever tokens come; then with the first of them.
        forger.play(Trick::NewKey);
        assert_eq!(travel(&app.visitor()).await.status, 502);
        assert_eq!(forger.asked().len(), 6);
        app.advance(Span::minutes(1));
        assert_eq!(travel(&app.visitor()).await.status, 303);
        assert_eq!(forger.asked()[6..], ["token", "discovery", "keys"]);
        assert_eq!(travel(&app.visitor()).await.status, 303);
        // Other keys under the same names, too.
        forger.play(Trick::Renewed);
        app.advance(Span::minutes(1));
        assert_eq!(travel(&app.visitor()).await.status, 303);
        forger.play(Trick::None);
        app.advance(Span::hours(1));
        let before = forger.asked().len();
        assert_eq!(app.visitor().get(START).await.status, 303);
        assert_eq!(forger.asked()[before..], ["discovery", "keys"]);
    }

    async fn what_a_provider_said_counts_for_a_day_when_it_cannot_be_asked(app: TestApp) {
        let forger = Forger::start(app.now()).await;
        let app = app.offering(forger.issuer(), LONG);
        assert_eq!(app.visitor().get(START).await.status, 303);
        forger.play(Trick::Page);
        app.advance(Span::hours(23));
        for _ in 0..3 {
            assert_eq!(app.visitor().get(START).await.status, 303);
        }
        assert_eq!(forger.asked(), ["discovery", "keys", "discovery"], "and it is left alone for a moment");
        app.advance(Span::hours(1));
        let visitor = app.visitor();
        let answer = visitor.get(START).await;
        assert_eq!(answer.status, 502);
        forger.play(Trick::None);
        app.advance(Span::seconds(30));
        assert_eq!(visitor.get(START).await.status, 303);
    }

    async fn a_slow_provider_is_left_alone_after_the_wait(app: TestApp) {
        let forger = Forger::start(app.now()).await;
        let app = app.offering(forger.issuer(), SHORT);
        forger.play(Trick::Silent);
        let visitor = app.visitor();
        let waiting = tokio::spawn({
            let visitor = visitor.clone();
            async move { visitor.get(START).await.status }
        });
        while forger.asked().is_empty() {
            tokio::task::yield_now().await;
        }
        // As long as it is left alone for has passed while somebody waited.
        app.advance(Span::seconds(30));
        assert_eq!(waiting.await.expect("an answer"), 504);
        assert_eq!(visitor.get(START).await.status, 504);
        assert_eq!(forger.asked(), ["discovery"]);
    }

    async fn who_is_known_is_not_asked_after(app: TestApp) {
        let forger = Forger::start(app.now()).await;
        let app = app.offering(forger.issuer(), LONG);
        let mina = app.member("mina").await;
        let answer = mina.get("/oidc/start/campus?link=true").await;
        let url = Url::parse(answer.location()).expect("an address");
        assert_eq!(mina.get(&back_from(&url)).await.location(), "/me/logins");
        mina.call(link(&mina, PASSWORD).await).await.expect("linked");
        // A token without an address.
        forger.play(Trick::OtherPerson);
        assert_eq!(travel(&app.visitor()).await.location(), "/meals");
        assert!(!forger.asked().contains(&"person"));
    }

    async fn whoever_sends_back_an_error_or_says_to_be_another_gets_nowhere(app: TestApp) {
        let forger = Forger::start(app.now()).await;
        let app = app.offering(forger.issuer(), LONG);
        for (end, status, said) in [
            ("&error=server_error&error_description=%3Cb%3E", 502, NONSENSE),
            ("&error=temporarily_unavailable", 502, NONSENSE),
            ("", 400, "처음부터 다시"),
            ("&code=x&iss=https%3A%2F%2Fevil.example", 400, "처음부터 다시"),
        ] {
            let visitor = app.visitor();
            let back = leave(&visitor).await;
            let (before, _) = back.split_once("&code=").expect("a code");
            let answer = visitor.get(&format!("{before}{end}")).await;
            stranded(&app, &visitor, &answer, status, said).await;
            assert!(!answer.body.contains("<b>"));
        }
        let visitor = app.visitor();
        let back = leave(&visitor).await;
        let issuer: String = url::form_urlencoded::byte_serialize(forger.issuer().as_bytes()).collect();
        assert_eq!(visitor.get(&format!("{back}&iss={issuer}")).await.status, 303);
    }

    async fn ways_from_one_address_are_bounded(app: TestApp) {
        let forger = Forger::start(app.now()).await;
        let app = app.offering(forger.issuer(), LONG);
        let visitor = app.visitor();
        for _ in 0..600 {
            assert_eq!(visitor.get(START).await.status, 303);
        }
        assert_eq!(visitor.get(START).await.status, 429);
        app.advance(Span::hours(1));
        assert_eq!(visitor.get(START).await.status, 303);
        // Back again, too: only what could be somebody's is looked for.
        let unknown = format!("/oidc/callback/campus?code=x&state={}", "0".repeat(64));
        for _ in 0..600 {
            assert_eq!(visitor.get(&unknown).await.status, 400);
            assert_eq!(visitor.get("/oidc/callback/campus?code=x&state=0").await.status, 400);
        }
        assert_eq!(visitor.get(&unknown).await.status, 429);
        assert_eq!(app.visitor().get(&unknown).await.status, 400, "who was sent nowhere");
    }
}
