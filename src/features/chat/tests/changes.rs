//! Messages that are changed and deleted.

use super::*;
use crate::features::chat::model::{ChangeForm, MAX_TEXT, Preview};
use crate::on_both;
use crate::shared::error::Conflict;
use crate::shared::time::Span;

async fn edit(actor: &Actor, room: RoomId, seq: Seq, text: &str) -> Result<(), AppError> {
    actor.call(api::EditMessage { form: ChangeForm { room, seq, text: text.to_owned() } }).await
}

async fn erase(actor: &Actor, room: RoomId, seq: Seq) -> Result<(), AppError> {
    actor.call(api::DeleteMessage { room, seq }).await
}

fn change(seq: Seq, said: i64, target: Seq, text: &str, app: &TestApp) -> Message {
    Message { seq, said, at: app.now(), content: Content::Change { target, text: text.to_owned() } }
}

on_both! {
    async fn a_change_is_an_entry_of_the_log_and_the_message_says_it(app: TestApp) {
        let (mina, jun) = (app.member("mina").await, app.member("jun").await);
        let room = party(&app, "치킨", &[&mina, &jun]).await;
        let addr = app.listen().await;
        let mut socket = app.connect(addr, &jun).await;
        socket.ready().await;
        send(&mina, room, "여섯 시에 만나요").await.expect("stored");
        jun.call(api::SendMessage { form: SendForm { reply_to: Some(1), ..form(room, "네") } }).await.expect("stored");
        assert_eq!((entry(&mut socket, room).await.seq, entry(&mut socket, room).await.seq), (1, 2));
        app.advance(Span::minutes(1));
        let said_at = list(&jun).await[0].at;
        assert_eq!(edit(&mina, room, 1, "일곱 시에 만나요 ").await, Ok(()));
        assert_eq!(entry(&mut socket, room).await, change(3, 2, 1, "일곱 시에 만나요", &app));
        // The same again is no change.
        assert_eq!(edit(&mina, room, 1, "일곱 시에 만나요").await, Ok(()));
        let view = open(&jun, room).await.expect("open");
        assert_eq!(texts(&view.history.messages), ["일곱 시에 만나요", "네"]);
        assert_eq!(view.last, 2, "a change is nothing that is seen");
        let Content::Text { changed: 3, .. } = &view.history.messages[0].content else { panic!("{view:?}") };
        let Content::Text { reply: Some(quote), changed: 0, .. } = &view.history.messages[1].content else { panic!("{view:?}") };
        assert_eq!((quote.text.as_str(), quote.changed), ("일곱 시에 만나요", 3));
        // It is nothing new: no number is counted, and the room stays where it was in the list.
        assert_eq!((unread(&jun, room).await, unread(&mina, room).await), (0, 1));
        let row = &list(&jun).await[0];
        assert_eq!((row.at, &row.last), (said_at, &Some(Preview::Text { author: jun.id(), nickname: "jun".to_owned(), text: "네".to_owned() })));
        // Who comes back hears of it.
        assert_eq!(resume(&mut socket, room, 2).await, (vec![change(3, 2, 1, "일곱 시에 만나요", &app)], false));
        // What is said next has the next number.
        assert_eq!(send(&mina, room, "늦으면 말해 주세요").await.map(|sent| sent.seq), Ok(4));
        assert_eq!(list(&jun).await[0].tally.unread(), 1);
    }

    async fn who_changes_a_message_comes_back_to_it(app: TestApp) {
        let (mina, jun) = (app.member("mina").await, app.member("jun").await);
        let room = party(&app, "치킨", &[&mina, &jun]).await;
        for n in 1..=60 {
            put(&app, &mina, room, &format!("말 {n}")).await.expect("stored");
        }
        let plain = async |path: &str, seq: Seq, text: &str| {
            let (here, seq) = (room.to_string(), seq.to_string());
            let fields = match path {
                "/api/edit_message" => vec![("form[room]", here.as_str()), ("form[seq]", seq.as_str()), ("form[text]", text)],
                _ => vec![("room", here.as_str()), ("seq", seq.as_str())],
            };
            let answer = mina.post_form(&format!("/chat/{here}/{seq}"), path, &fields).await;
            assert_eq!(answer.status, 303);
            answer.location().to_owned()
        };
        // Near the end, where the room goes on live, and long ago.
        assert_eq!(plain("/api/edit_message", 50, "다른 말").await, format!("/chat/{room}#m50"));
        assert_eq!(plain("/api/edit_message", 50, "다른 말").await, format!("/chat/{room}#m50"), "the same again");
        let back = plain("/api/edit_message", 10, "옛날 말").await;
        assert_eq!(back, format!("/chat/{room}?before=25#m10"));
        let page = mina.get(back.split('#').next().expect("an address")).await.body;
        assert!(page.contains("id=\"m10\"") && page.contains("옛날 말") && page.contains("말 24") && !page.contains("말 25"), "{page}");
        assert_eq!(plain("/api/delete_message", 9, "").await, format!("/chat/{room}?before=24#m9"));
        let message = mina.get(&format!("/chat/{room}/50")).await.body;
        assert!(message.contains(&format!("href=\"/chat/{room}#m50\"")), "{message}");
        // Nor does who leaves it as it is lose their place.
        let message = mina.get(&format!("/chat/{room}/10")).await.body;
        assert!(message.contains(&format!("href=\"/chat/{room}?before=25#m10\"")), "{message}");
        // From there a link leads to where the room goes on.
        let page = mina.get(&format!("/chat/{room}?before=25")).await.body;
        assert!(page.contains(&format!("href=\"/chat/{room}\" class=\"btn btn--s unseen\"")) && page.matches("최신 대화로").count() == 1, "{page}");
        assert!(!page.contains("여기까지 읽음으로 표시") && mina.get(&format!("/chat/{room}")).await.body.contains("여기까지 읽음으로 표시"));
    }

    async fn what_is_deleted_stands_nowhere(app: TestApp) {
        let (mina, jun) = (app.member("mina").await, app.member("jun").await);
        let room = party(&app, "치킨", &[&mina, &jun]).await;
        let addr = app.listen().await;
        let mut socket = app.connect(addr, &jun).await;
        socket.ready().await;
        send(&mina, room, "비밀번호는 1234").await.expect("stored");
        jun.call(api::SendMessage { form: SendForm { reply_to: Some(1), ..form(room, "지우세요") } }).await.expect("stored");
        edit(&mina, room, 1, "비밀번호는 5678").await.expect("changed");
        assert_eq!(erase(&mina, room, 1).await, Ok(()));
        assert_eq!(erase(&mina, room, 1).await, Ok(()), "twice is once");
        assert_eq!(edit(&mina, room, 1, "아니다").await, Err(Conflict::Stale.into()), "it does not come back");
        assert_eq!(mina.ask(api::ReadMyMessage { room, seq: 1 }).await, Err(AppError::NotFound));
        let view = open(&jun, room).await.expect("open");
        assert_eq!(texts(&view.history.messages), ["", "지우세요"]);
        let everything = [
            format!("{view:?}"),
            format!("{:?}", resume(&mut socket, room, 0).await),
            format!("{:?}", list(&jun).await),
            jun.get(&format!("/chat/{room}")).await.body,
        ];
        for (n, seen) in everything.iter().enumerate() {
            assert!(!seen.contains("1234") && !seen.contains("5678"), "{n}: {seen}");
        }
        assert!(everything[3].contains("삭제된 메시지입니다"));
        // Nor in the database.
        let mut conn = app.state.db.read().await.expect("a connection");
        let bodies: Vec<(String,)> = crate::fetch_all!(&mut conn, (String,), "select body from messages where room_id = $1 order by seq", room).expect("rows");
        assert_eq!(bodies.iter().map(|(body,)| body.as_str()).collect::<Vec<_>>(), ["", "지우세요", "", ""]);
        drop(conn);
        erase(&jun, room, 2).await.expect("deleted");
        assert_eq!(list(&mina).await[0].last, Some(Preview::Text { author: jun.id(), nickname: "jun".to_owned(), text: String::new() }));
    }

    async fn only_authors_change_what_they_said_while_they_are_there_and_for_a_day(app: TestApp) {
        let (mina, jun, eve) = (app.member("mina").await, app.member("jun").await, app.member("eve").await);
        let room = party(&app, "치킨", &[&mina, &jun]).await;
        send(&jun, room, "안녕").await.expect("stored");
        join(&app, room, &app.member("sol").await).await;
        let missing = || Err(AppError::NotFound);
        for actor in [&mina, &eve] {
            assert_eq!(edit(actor, room, 1, "나쁜 말").await, missing());
            assert_eq!(erase(actor, room, 1).await, missing());
            assert_eq!(actor.ask(api::ReadMyMessage { room, seq: 1 }).await.map(drop), missing());
        }
        assert_eq!(erase(&app.visitor(), room, 1).await, Err(AppError::SignInRequired));
        for seq in [0, 2, 3, -1, Seq::MAX] {
            assert_eq!(erase(&jun, room, seq).await, missing(), "{seq}: a notice, or nothing");
        }
        assert!(matches!(edit(&jun, room, 1, " \n\u{200b}").await, Err(AppError::Invalid(_))));
        assert!(matches!(edit(&jun, room, 1, &"가".repeat(MAX_TEXT + 1)).await, Err(AppError::Invalid(_))));
        app.advance(Span(Span::hours(24).0 - 1));
        assert_eq!(jun.ask(api::ReadMyMessage { room, seq: 1 }).await.map(|message| message.text), Ok("안녕".to_owned()));
        assert_eq!(edit(&jun, room, 1, "안녕하세요").await, Ok(()));
        app.advance(Span(1));
        let late = || Err(Conflict::TooLate.into());
        assert_eq!(edit(&jun, room, 1, "너무 늦게").await, late());
        assert_eq!(erase(&jun, room, 1).await, late());
        assert_eq!(jun.ask(api::ReadMyMessage { room, seq: 1 }).await.map(drop), late());
        // Who was removed has nothing to say about it any more; nobody has in a room that is gone.
        let next = send(&jun, room, "또 안녕").await.expect("stored").seq;
        remove(&app, room, &jun).await;
        assert_eq!(erase(&jun, room, next).await, missing());
        let next = send(&mina, room, "나도").await.expect("stored").seq;
        delete(&app, room).await;
        assert_eq!(erase(&mina, room, next).await, Err(Conflict::RoomDeleted.into()));
    }

    async fn changes_and_messages_at_once_leave_no_gap(app: TestApp) {
        let (mina, jun) = (app.member("mina").await, app.member("jun").await);
        let room = party(&app, "치킨", &[&mina, &jun]).await;
        for n in 0..4 {
            put(&app, &mina, room, &format!("말 {n}")).await.expect("stored");
        }
        let app = std::sync::Arc::new(app);
        let changing = (0..4).map(|n| {
            let mina = mina.clone();
            tokio::spawn(async move {
                // Of two that do the same at once one finds it done.
                for text in ["하나", "둘", ""] {
                    let twice = tokio::join!(
                        async { if text.is_empty() { erase(&mina, room, n + 1).await } else { edit(&mina, room, n + 1, text).await } },
                        async { if text.is_empty() { erase(&mina, room, n + 1).await } else { edit(&mina, room, n + 1, text).await } },
                    );
                    for done in [twice.0, twice.1] {
                        assert!(matches!(done, Ok(()) | Err(AppError::SlowDown { .. })), "{done:?}");
                    }
                }
            })
        });
        let changing: Vec<_> = changing.collect();
        let saying = tokio::spawn({
            let (app, jun) = (app.clone(), jun.clone());
            async move {
                for n in 0..30 {
                    put(&app, &jun, room, &n.to_string()).await.expect("stored");
                }
            }
        });
        for task in changing.into_iter().chain([saying]) {
            task.await.expect("no panic");
        }
        let mut conn = app.state.db.read().await.expect("a connection");
        let stored = store::after(&mut conn, &[(room, 0)], 1_000).await.expect("read");
        let seqs: Vec<_> = stored.iter().map(|(_, message)| message.seq).collect();
        assert_eq!(seqs, (1..=seqs.len() as Seq).collect::<Vec<_>>());
        let changes = stored.iter().filter(|(_, message)| matches!(message.content, Content::Change { .. })).count();
        assert_eq!(seqs.len(), 34 + changes);
        assert!(changes > 0 && changes <= 12, "{changes}");
        assert_eq!(stored.last().map(|(_, message)| message.said), Some(34));
    }

    async fn history_has_no_empty_pages(app: TestApp) {
        let (mina, jun) = (app.member("mina").await, app.member("jun").await);
        let room = party(&app, "치킨", &[&mina, &jun]).await;
        for n in 0..3 {
            put(&app, &mina, room, &format!("말 {n}")).await.expect("stored");
        }
        for n in 0..40 {
            app.advance(Span::seconds(1));
            edit(&mina, room, 2, &format!("고침 {n}")).await.expect("changed");
        }
        let view = open(&jun, room).await.expect("open");
        assert_eq!((texts(&view.history.messages), view.history.older), (vec!["말 0", "고침 39", "말 2"], false));
        assert_eq!(jun.call(api::MarkRead { room, seq: view.last }).await, Ok(()));
        assert_eq!(unread(&jun, room).await, 0);
    }

    async fn nobody_can_blank_a_room_with_changes(app: TestApp) {
        let (mina, jun) = (app.member("mina").await, app.member("jun").await);
        let room = party(&app, "치킨", &[&mina, &jun]).await;
        for n in 0..110 {
            put(&app, &mina, room, &format!("말 {n}")).await.expect("stored");
        }
        for n in 0..120 {
            app.advance(Span::seconds(1));
            edit(&mina, room, 110, &format!("고침 {n}")).await.expect("changed");
        }
        let addr = app.listen().await;
        let mut socket = app.connect(addr, &jun).await;
        socket.ready().await;
        // Who opens the room asks for what follows what they see: of many changes of one message there is the last one.
        let view = open(&jun, room).await.expect("open");
        assert_eq!(resume(&mut socket, room, view.last).await, (vec![change(230, 110, 110, "고침 119", &app)], false));
        // Who missed too much gets a page that can be read.
        for seq in 1..=105 {
            app.advance(Span::seconds(1));
            erase(&mina, room, seq).await.expect("deleted");
        }
        let (page, gap) = resume(&mut socket, room, view.last).await;
        assert!(gap);
        assert_eq!(texts(&page), texts(&open(&jun, room).await.expect("open").history.messages));
        assert_eq!((page.len(), text_of(&page[29])), (30, "고침 119"));
    }
}
