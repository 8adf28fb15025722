//! Silent rooms and blocked people.

use super::*;
use crate::features::accounts::model::in_path;
use crate::features::chat::model::Conversation;
use crate::features::notices::api::ListNotices;
use crate::features::profiles::api::ReadProfile;
use crate::live::protocol::close;
use crate::on_both;
use crate::shared::error::Conflict;
use crate::shared::ids::UserId;
use crate::shared::paging::PageAsk;
use crate::shared::time::Span;

async fn block(actor: &Actor, person: UserId, blocks: bool) -> Result<(), AppError> {
    actor.call(api::BlockPerson { person, blocks }).await
}

async fn blocked(actor: &Actor) -> Vec<String> {
    actor
        .ask(api::BlockedPeople { page: PageAsk::default() })
        .await
        .expect("a list")
        .rows
        .into_iter()
        .map(|person| person.nickname)
        .collect()
}

on_both! {
    async fn however_many_are_blocked_all_of_them_are_known(app: TestApp) {
        let (mina, jun) = (app.member("mina").await, app.member("jun").await);
        block(&mina, jun.id(), true).await.expect("blocked");
        let mut tx = app.state.db.begin().await.expect("a transaction");
        for n in 1..=300_i64 {
            let id = UserId(Uuid::now_v7());
            execute!(
                tx,
                "insert into users (id, email, email_key, nickname, nickname_key, password_hash, birth_date, gender, created_at)
                 select $1, $2, $2, $2, $2, password_hash, birth_date, gender, created_at from users where id = $3",
                id,
                format!("n{n}"),
                mina.id()
            )
            .expect("a person");
            execute!(tx, "insert into blocks (user_id, blocked_id, created_at) values ($1, $2, $3)", mina.id(), id, app.now() + Span(n))
                .expect("a block");
        }
        tx.commit().await.expect("committed");
        // A page of them at a time, the latest first, down to the first one.
        let (mut all, mut ask) = (Vec::new(), PageAsk::default());
        loop {
            let page = mina.ask(api::BlockedPeople { page: ask }).await.expect("a list");
            let (number, last, next) = (page.number, page.last, page.next);
            assert!(page.total == 301 && (page.rows.len() == 10 || next.is_none()));
            all.extend(page.rows.into_iter().map(|person| person.nickname));
            ask = match next {
                _ if number < last => PageAsk { number: number + 1, ..ask },
                Some(after) => PageAsk { number: number + 1, after: Some(after) },
                None => break,
            };
        }
        assert_eq!(all, (1..=300).rev().map(|n| format!("n{n}")).chain(["jun".to_owned()]).collect::<Vec<_>>());
        let page = mina.get("/me/blocks?page=2").await.body;
        assert!(page.contains("n290") && !page.contains("n300") && page.contains("/me/blocks?page=3") && page.contains("aria-current=\"page\""), "{page}");
        let rooms = mina.ask(api::ChatRooms { search: String::new(), after: None }).await.expect("a list");
        assert!(rooms.blocked.contains(&jun.id()));
    }

    async fn a_silent_room_is_not_counted(app: TestApp) {
        let (mina, jun, eve) = (app.member("mina").await, app.member("jun").await, app.member("eve").await);
        let (loud, silent) = (party(&app, "하나", &[&mina, &jun]).await, party(&app, "둘", &[&mina, &jun]).await);
        let mute = async |actor: &Actor, mutes| actor.call(api::MuteRoom { room: silent, mutes }).await;
        assert_eq!(mute(&eve, true).await, Err(AppError::NotFound));
        assert_eq!(mute(&app.visitor(), true).await, Err(AppError::SignInRequired));
        let addr = app.listen().await;
        let (mut socket, mut tab, mut his) = (app.connect(addr, &mina).await, app.connect(addr, &mina).await, app.connect(addr, &jun).await);
        for socket in [&mut socket, &mut tab, &mut his] {
            socket.ready().await;
        }
        assert_eq!(mute(&mina, true).await, Ok(()));
        assert_eq!(mute(&mina, true).await, Ok(()));
        // Every page of hers learns it where it is, and nobody else's does.
        for socket in [&mut socket, &mut tab] {
            for _ in 0..2 {
                assert_eq!(socket.next().await, Ok(Down::Muted { room: silent, is_muted: true }));
            }
        }
        let mut socket = app.connect(addr, &mina).await;
        assert!(matches!(socket.next().await, Ok(Down::Ready { muted, .. }) if muted == [silent]));
        for room in [loud, silent, silent] {
            send(&jun, room, "들려요?").await.expect("stored");
        }
        assert_eq!(mina.ask(api::ChatUnread {}).await, Ok(1));
        // The room itself still says how many there are.
        assert_eq!((unread(&mina, loud).await, unread(&mina, silent).await), (1, 2));
        let rows = list(&mina).await;
        assert!(rows.iter().all(|row| row.is_muted == (row.room == silent)));
        assert!(open(&mina, silent).await.expect("open").is_muted && !open(&jun, silent).await.expect("open").is_muted);
        let notices = mina.ask(ListNotices { page: PageAsk::default() }).await.expect("notices");
        assert_eq!(notices.rooms.iter().map(|row| row.room).collect::<Vec<_>>(), [loud]);
        assert_eq!(mute(&mina, false).await, Ok(()));
        assert_eq!(mina.ask(api::ChatUnread {}).await, Ok(3));
        let news = |down: &Down| matches!(down, Down::Muted { .. });
        assert_eq!(tab.until(news).await, Down::Muted { room: silent, is_muted: false });
        send(&jun, loud, "끝").await.expect("stored");
        assert!(matches!(his.until(|down| news(down) || matches!(down, Down::Message { room, .. } if *room == loud)).await, Down::Message { .. }));
    }

    async fn direct_messages_of_a_blocked_person_stop_and_they_cannot_tell(app: TestApp) {
        let (mina, jun, sol) = (app.member("mina").await, app.member("jun").await, app.member("sol").await);
        let room = write_to(&jun, &mina, "안녕").await.expect("stored").room;
        let with_sol = write_to(&sol, &mina, "안녕").await.expect("stored").room;
        let addr = app.listen().await;
        let mut socket = app.connect(addr, &mina).await;
        socket.ready().await;
        let mut his = app.connect(addr, &jun).await;
        his.ready().await;
        let before = (open(&jun, room).await.expect("open"), jun.get(&format!("/users/{}", in_path("mina"))).await.status);
        assert_eq!(block(&mina, jun.id(), true).await, Ok(()));
        assert_eq!(block(&mina, jun.id(), true).await, Ok(()));
        assert_eq!(blocked(&mina).await, ["jun"]);
        assert_eq!(socket.next().await, Ok(Down::Blocked { person: jun.id(), is_blocked: true }));
        assert_eq!(socket.until(|down| matches!(down, Down::Gone { .. })).await, Down::Gone { room, code: close::ROOM_LEFT });
        assert_eq!(list(&mina).await.iter().map(|row| row.room).collect::<Vec<_>>(), [with_sol]);
        assert_eq!(open(&mina, room).await.map(drop), Err(AppError::NotFound));
        // He says what he wants: it is stored, it reaches nobody, and he sees what he would see if she were asleep.
        app.advance(Span::seconds(1));
        let sent = send(&jun, room, "왜 답이 없어요?").await.expect("stored");
        assert_eq!(sent.seq, 2);
        assert_eq!(write_to(&jun, &mina, "여보세요").await.map(|sent| (sent.room, sent.seq)), Ok((room, 3)));
        for seq in [2, 3] {
            // He is told of nothing else.
            let down = his.until(|down| matches!(down, Down::Message { .. } | Down::Blocked { .. } | Down::Gone { .. })).await;
            assert!(matches!(down, Down::Message { room: here, message } if here == room && message.seq == seq));
        }
        let now = open(&jun, room).await.expect("open");
        assert_eq!(now.people.members, {
            let mut members = before.0.people.members.clone();
            members.iter_mut().filter(|member| member.person.id == jun.id()).for_each(|member| member.read = 3);
            members
        });
        assert_eq!(jun.get("/users/mina").await.status, before.1);
        assert_eq!(jun.ask(api::ChatWith { nickname: "mina".to_owned() }).await, Ok(Conversation::Room { room }));
        assert!(!format!("{:?}", jun.ask(ReadProfile { nickname: "mina".to_owned() }).await).contains("is_blocked: true"));
        assert_eq!((list(&mina).await.len(), mina.ask(api::ChatUnread {}).await), (1, Ok(1)), "only sol's");
        send(&sol, with_sol, "나는 괜찮죠?").await.expect("stored");
        assert_eq!(entry(&mut socket, with_sol).await.seq, 2, "nothing of the other room came before it");
        // Who blocks somebody does not write to them either.
        assert_eq!(write_to(&mina, &jun, "잠깐만").await.map(drop), Err(Conflict::Blocked.into()));
        assert_eq!(jun.ask(api::ChatHistory { room, before: 9 }).await.expect("a page").messages.len(), 3);
        // Unblocked, it comes back when he writes again, with all of it.
        assert_eq!(block(&mina, jun.id(), false).await, Ok(()));
        assert_eq!(block(&mina, jun.id(), false).await, Ok(()));
        let news = |down: &Down| matches!(down, Down::Blocked { is_blocked: false, .. });
        assert_eq!(socket.until(news).await, Down::Blocked { person: jun.id(), is_blocked: false });
        assert_eq!((blocked(&mina).await.len(), list(&mina).await.len()), (0, 1));
        send(&jun, room, "다시 안녕").await.expect("stored");
        assert_eq!(texts(&open(&mina, room).await.expect("open").history.messages), ["안녕", "왜 답이 없어요?", "여보세요", "다시 안녕"]);
    }

    async fn a_first_message_of_a_blocked_person_makes_no_room_in_the_list(app: TestApp) {
        let (mina, jun) = (app.member("mina").await, app.member("jun").await);
        assert_eq!(block(&mina, jun.id(), true).await, Ok(()));
        assert_eq!(write_to(&jun, &mina, "처음 뵙겠습니다").await.map(|sent| sent.seq), Ok(1));
        assert_eq!((list(&mina).await.len(), list(&jun).await.len()), (0, 1));
        assert_eq!(block(&mina, mina.id(), true).await, Err(Conflict::Yourself.into()));
        assert_eq!(block(&mina, UserId(Uuid::now_v7()), true).await, Err(AppError::NotFound));
        assert_eq!(block(&app.visitor(), mina.id(), true).await, Err(AppError::SignInRequired));
    }

    async fn in_shared_rooms_their_messages_fold(app: TestApp) {
        let (mina, jun) = (app.member("mina").await, app.member("jun").await);
        let room = party(&app, "치킨", &[&mina, &jun]).await;
        send(&jun, room, "시끄러운 말").await.expect("stored");
        block(&mina, jun.id(), true).await.expect("blocked");
        assert_eq!(open(&mina, room).await.expect("open").people.blocked, [jun.id()]);
        assert!(open(&jun, room).await.expect("open").people.blocked.is_empty());
        assert_eq!(mina.ask(api::ChatMembers { room }).await.expect("people").blocked, [jun.id()]);
        let page = mina.get(&format!("/chat/{room}")).await.body;
        assert!(page.contains("<details class=\"fold\">") && page.contains("차단한 사람의 메시지"));
        let list = mina.get("/chat").await.body;
        assert!(list.contains("차단한 사람의 메시지"));
        let his = jun.get(&format!("/chat/{room}")).await.body;
        assert!(!his.contains("차단"));
        // Nor is it read where somebody else answers it.
        let sol = app.member("sol").await;
        join(&app, room, &sol).await;
        sol.call(api::SendMessage { form: SendForm { reply_to: Some(1), ..form(room, "조용히 해요") } }).await.expect("stored");
        let Content::Text { reply: Some(quote), .. } = &open(&mina, room).await.expect("open").history.messages[2].content else { panic!("no quote") };
        assert_eq!(quote.author, jun.id());
        let page = mina.get(&format!("/chat/{room}")).await.body;
        let shown = page.split("<script").next().expect("a page");
        assert_eq!(page.split("bubble__quoted").nth(1).expect("a quotation").split('<').next(), Some("\">차단한 사람의 메시지"), "{}", shown.len());
        // Both can talk there.
        send(&mina, room, "저는 여기 있어요").await.expect("stored");
        send(&jun, room, "저도요").await.expect("stored");
        assert_eq!(open(&mina, room).await.expect("open").history.messages.len(), 5);
    }
}
