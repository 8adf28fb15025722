//! What people are called while pages are open, and when they have closed their account.

use super::*;
use crate::features::accounts::api::CloseAccount;
use crate::features::accounts::model::CloseForm;
use crate::features::profiles::api::EditProfile;
use crate::features::profiles::model::ProfileForm;
use crate::on_both;
use crate::shared::error::Conflict;
use crate::shared::ids::UserId;
use crate::shared::names::CLOSED;
use crate::testing::PASSWORD;

async fn rename(actor: &Actor, nickname: &str) {
    let form = ProfileForm { nickname: nickname.to_owned(), intro: String::new() };
    actor.call(EditProfile { form }).await.expect("renamed");
}

async fn close(actor: &Actor) {
    actor.call(CloseAccount { form: CloseForm { current_password: PASSWORD.to_owned() } }).await.expect("closed");
}

async fn renamed(socket: &mut Socket) -> (UserId, String) {
    match socket.until(|down| matches!(down, Down::Renamed { .. })).await {
        Down::Renamed { user, nickname } => (user, nickname),
        _ => unreachable!(),
    }
}

on_both! {
    async fn open_pages_are_told_what_somebody_is_called_now(app: TestApp) {
        let (mina, jun, sol, eve) = (app.member("mina").await, app.member("jun").await, app.member("sol").await, app.member("eve").await);
        // With mina he talks alone, sol sits where he was once, and eve does not know him.
        write_to(&mina, &jun, "안녕").await.expect("stored");
        let past = party(&app, "지난 모임", &[&sol, &jun]).await;
        party(&app, "다른 모임", &[&sol, &eve]).await;
        remove(&app, past, &jun).await;
        let addr = app.listen().await;
        let mut sockets = [app.connect(addr, &mina).await, app.connect(addr, &sol).await];
        let mut hers = app.connect(addr, &eve).await;
        for socket in sockets.iter_mut().chain([&mut hers]) {
            socket.ready().await;
        }
        rename(&jun, "juniper").await;
        for socket in &mut sockets {
            assert_eq!(renamed(socket).await, (jun.id(), "juniper".to_owned()));
        }
        close(&jun).await;
        for socket in &mut sockets {
            assert_eq!(renamed(socket).await, (jun.id(), CLOSED.to_owned()));
        }
        hers.say(&Up::Ping).await;
        assert_eq!(hers.next().await, Ok(Down::Pong));
    }

    async fn a_message_goes_out_under_the_name_that_its_author_has_then(app: TestApp) {
        let (mina, jun) = (app.member("mina").await, app.member("jun").await);
        let room = party(&app, "모임", &[&mina, &jun]).await;
        let addr = app.listen().await;
        let mut socket = app.connect(addr, &mina).await;
        socket.ready().await;
        rename(&jun, "juniper").await;
        // As from a connection of before.
        put(&app, &jun, room, "아직 여기 있어요").await.expect("stored");
        let message = entry(&mut socket, room).await;
        assert!(matches!(&message.content, Content::Text { author, .. } if author.nickname == "juniper"), "{message:?}");
    }

    async fn what_waited_while_its_author_closed_the_account_is_not_said(app: TestApp) {
        let (mina, jun) = (app.member("mina").await, app.member("jun").await);
        let room = write_to(&mina, &jun, "안녕").await.expect("stored").room;
        close(&jun).await;
        assert_eq!(put(&app, &jun, room, "늦은 말").await, Err(AppError::SignInRequired));
        assert_eq!(texts(&open(&mina, room).await.expect("open").history.messages), ["안녕"]);
    }

    async fn nobody_writes_to_a_closed_account(app: TestApp) {
        let (mina, jun) = (app.member("mina").await, app.member("jun").await);
        let room = write_to(&mina, &jun, "안녕").await.expect("stored").room;
        let before = mina.get(&format!("/chat/{room}")).await.body;
        assert!(before.contains("name=\"form[text]\"") && !before.contains("이 사람은 탈퇴해서"));
        close(&jun).await;
        let gone: AppError = Conflict::AccountClosed.into();
        assert_eq!(send(&mina, room, "거기 있어요?").await, Err(gone.clone()));
        assert_eq!(write_to(&mina, &jun, "거기 있어요?").await, Err(gone.clone()));
        assert_eq!(write_to(&app.member("sol").await, &jun, "누구세요?").await, Err(gone));
        let view = open(&mina, room).await.expect("open");
        assert_eq!(texts(&view.history.messages), ["안녕"]);
        // What they did not read stays so.
        assert!(view.people.members.iter().any(|member| member.person.nickname == CLOSED && member.read == 0));
        let page = mina.get(&format!("/chat/{room}")).await.body;
        assert!(page.contains("이 사람은 탈퇴해서") && !page.contains("name=\"form[text]\""));
    }

    async fn a_conversation_with_a_closed_account_is_found_by_what_it_is_called(app: TestApp) {
        let (mina, jun) = (app.member("mina").await, app.member("jun").await);
        write_to(&mina, &jun, "안녕").await.expect("stored");
        close(&jun).await;
        for (search, count) in [("탈퇴", 1), ("closed", 1), ("jun", 0)] {
            assert_eq!(mina.ask(api::ChatRooms { search: search.to_owned(), after: None }).await.expect("a list").rooms.len(), count, "{search}");
        }
    }
}
