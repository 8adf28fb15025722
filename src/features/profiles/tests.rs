//! Profiles, through the router.

mod archive;
mod closing;
mod taking;

use super::api::{EditProfile, ReadMyProfile, ReadProfile};
use super::model::{AgeGroup, Profile, ProfileForm};
use crate::features::chat::api::StartDirect;
use crate::features::chat::model::{Content, DirectForm, Message, SendForm};
use crate::features::parties::jobs::run_once;
use crate::features::parties::model::CancelForm;
use crate::features::parties::tests::{open, order};
use crate::live::protocol::{Down, Up, close};
use crate::on_both;
use crate::shared::error::AppError;
use crate::shared::ids::SendId;
use crate::shared::images::Pictures;
use crate::shared::time::Span;
use crate::testing::Actor;

async fn see(viewer: &Actor, nickname: &str) -> Result<Profile, AppError> {
    viewer.ask(ReadProfile { nickname: nickname.to_owned() }).await
}

async fn edit(actor: &Actor, nickname: &str, intro: &str) -> Result<(), AppError> {
    actor.call(EditProfile { form: ProfileForm { nickname: nickname.to_owned(), intro: intro.to_owned() } }).await
}

on_both! {
    async fn others_see_what_they_may_and_nothing_else(app: TestApp) {
        let (mina, jun) = (app.member("Mina").await, app.member("jun").await);
        edit(&mina, "Mina", "치킨을 좋아해요\n<script>alert(1)</script>").await.expect("edited");
        let (first, off) = (open(&mina, order()).await, open(&mina, order()).await);
        mina.call(crate::features::parties::api::CancelParty { form: CancelForm { party: Some(off), reason: String::new() } })
            .await
            .expect("called off");
        let seen = see(&jun, "mina").await.expect("however it is capitalised");
        assert_eq!((seen.nickname.as_str(), seen.age, seen.since), ("Mina", AgeGroup::Twenties, 2026));
        assert_eq!(seen.hosted.iter().map(|card| card.id).collect::<Vec<_>>(), [first]);
        assert_eq!((seen.is_me, seen.can_write), (false, true));
        let own = see(&mina, "Mina").await.expect("a profile");
        assert_eq!((own.is_me, own.can_write), (true, false));
        let visitors = see(&app.visitor(), "Mina").await.expect("a profile");
        assert_eq!((visitors.is_me, visitors.can_write), (false, false));
        let page = app.visitor().get("/users/Mina").await;
        assert!(page.status.is_success() && page.body.contains("치킨을 좋아해요") && page.body.contains("20대"), "{}", page.body);
        for secret in ["@moim.test", "2000-02-29", "<script>alert(1)", &mina.id().to_string()] {
            assert!(!page.body.contains(secret), "{secret}");
        }
        assert_eq!(see(&jun, "nobody").await, Err(AppError::NotFound));
        assert_eq!(jun.get("/users/nobody").await.status.as_u16(), 404);
        app.advance(Span::hours(13));
        run_once(&app.state).await.expect("put away");
        assert_eq!(see(&jun, "Mina").await.expect("a profile").hosted, []);
    }

    async fn a_profile_is_ones_own_and_a_name_nobody_elses(app: TestApp) {
        let (mina, jun) = (app.member("mina").await, app.member("jun").await);
        assert_eq!(edit(&app.visitor(), "sol", "").await, Err(AppError::SignInRequired));
        assert_eq!(app.visitor().ask(ReadMyProfile {}).await.map(drop), Err(AppError::SignInRequired));
        assert_eq!(app.visitor().get("/me/profile").await.status.as_u16(), 401);
        assert_eq!(edit(&jun, "MINA", "").await, Err(AppError::field("nickname", "accounts.nickname.taken")));
        assert!(matches!(edit(&jun, "!", "").await, Err(AppError::Invalid(_))));
        assert_eq!(jun.ask(ReadMyProfile {}).await.map(|mine| mine.nickname), Ok("jun".to_owned()));
        assert_eq!(edit(&mina, "Mina", "").await, Ok(()), "it is her own name");
        assert_eq!(edit(&jun, "준 호", "둘").await, Ok(()));
        assert_eq!(see(&mina, "jun").await, Err(AppError::NotFound));
        assert_eq!(see(&mina, "준 호").await.map(|seen| seen.intro), Ok("둘".to_owned()));
        assert_eq!(see(&mina, "\u{110c}\u{116e}\u{11ab} 호").await.map(|seen| seen.intro), Ok("둘".to_owned()), "as some keyboards type it");
        assert!(mina.get("/users/%EC%A4%80%20%ED%98%B8").await.status.is_success());
    }

    async fn of_many_who_want_one_name_one_gets_it(app: TestApp) {
        let mut people = Vec::new();
        for n in 0..10 {
            people.push(app.member(&format!("p{n}")).await);
        }
        let done = futures_util::future::join_all(people.iter().map(|person| edit(person, "heron", ""))).await;
        let taken = AppError::field("nickname", "accounts.nickname.taken");
        assert_eq!(done.iter().filter(|done| done.is_ok()).count(), 1);
        assert!(done.iter().all(|done| *done == Ok(()) || *done == Err(taken.clone())), "{done:?}");
    }

    async fn what_is_said_after_a_change_of_name_is_said_under_the_new_one(app: TestApp) {
        let (mina, jun) = (app.member("mina").await, app.member("jun").await);
        let form = DirectForm { to: jun.id(), send_id: SendId::random(), text: "안녕하세요".to_owned(), pictures: Pictures::default() };
        let room = mina.call(StartDirect { form }).await.expect("sent").room;
        let addr = app.listen().await;
        let (mut hers, mut his) = (app.connect(addr, &mina).await, app.connect(addr, &jun).await);
        hers.ready().await;
        his.ready().await;
        edit(&mina, "heron", "").await.expect("renamed");
        assert_eq!(hers.closed().await, close::GOING_AWAY, "her pages come back, and are known by the new name");
        let mut hers = app.connect(addr, &mina).await;
        hers.ready().await;
        let form = SendForm { room, send_id: SendId::random(), text: "이름을 바꿨어요".to_owned(), reply_to: None, pictures: Pictures::default() };
        hers.say(&Up::Send(form)).await;
        let is_it = |message: &Message| matches!(&message.content, Content::Text { text, .. } if text == "이름을 바꿨어요");
        let heard = his.until(|down| matches!(down, Down::Message { message, .. } if is_it(message))).await;
        let Down::Message { message, .. } = heard else { panic!("{heard:?}") };
        assert!(matches!(&message.content, Content::Text { author, .. } if author.nickname == "heron"), "{message:?}");
    }
}
