//! The list, history, unread numbers, read positions, and chat without JavaScript.

use super::*;
use crate::features::chat::model::{Person, Preview, RoomKind};
use crate::on_both;
use crate::shared::time::Span;

on_both! {
    async fn unread_numbers_agree_everywhere(app: TestApp) {
        let mina = app.member("mina").await;
        let jun = app.member("jun").await;
        let room = party(&app, "치킨", &[&mina, &jun]).await;
        let addr = app.listen().await;
        for text in ["하나", "둘", "셋"] {
            send(&mina, room, text).await.expect("stored");
        }
        join(&app, room, &app.member("sol").await).await;
        assert_eq!((unread(&jun, room).await, unread(&mina, room).await), (3, 0), "own messages and notices do not count");
        let mut socket = app.connect(addr, &jun).await;
        let mut tab = app.connect(addr, &jun).await;
        let ready = socket.ready().await;
        tab.ready().await;
        assert_eq!(ready.iter().map(|(room, tally)| (*room, tally.unread())).collect::<Vec<_>>(), [(room, 3)]);
        socket.say(&Up::Read { room, seq: 2 }).await;
        let read = tab.until(|down| matches!(down, Down::Read { .. })).await;
        assert_eq!(read, Down::Read { room, user: jun.id(), seq: 2, said: 2 });
        assert_eq!((unread(&jun, room).await, jun.ask(api::ChatUnread {}).await), (1, Ok(1)));
        // Backwards and beyond the end.
        socket.say(&Up::Read { room, seq: 1 }).await;
        socket.say(&Up::Read { room, seq: 1_000_000 }).await;
        let read = tab.until(|down| matches!(down, Down::Read { .. })).await;
        assert_eq!(read, Down::Read { room, user: jun.id(), seq: 4, said: 3 });
        assert_eq!(unread(&jun, room).await, 0);
        send(&mina, room, "넷").await.expect("stored");
        assert_eq!(entry(&mut tab, room).await.said, 4);
        assert_eq!(unread(&jun, room).await, 1);
        assert_eq!(jun.call(api::MarkRead { room, seq: 5 }).await, Ok(()));
        assert_eq!(app.connect(addr, &jun).await.ready().await, []);
        assert_eq!((jun.ask(api::ChatUnread {}).await, app.visitor().ask(api::ChatUnread {}).await), (Ok(0), Ok(0)));
        // Writing reads.
        send(&mina, room, "다섯").await.expect("stored");
        send(&jun, room, "여섯").await.expect("stored");
        assert_eq!(unread(&jun, room).await, 0);
        let view = open(&mina, room).await.expect("open");
        let reads: Vec<_> = view.people.members.iter().map(|member| (member.person.nickname.as_str(), member.read, member.host)).collect();
        assert_eq!(reads, [("mina", 6, true), ("jun", 7, false), ("sol", 3, false)]);
        assert_eq!(mina.ask(api::ChatMembers { room }).await.expect("members"), view.people);
    }

    async fn the_list_is_searched_and_paged(app: TestApp) {
        let mina = app.member("mina").await;
        let jun = app.member("jun").await;
        let mut rooms = Vec::new();
        for n in 0..33 {
            app.advance(Span::seconds(1));
            rooms.push(party(&app, &format!("치킨 {n}%_"), &[&mina]).await);
        }
        app.advance(Span::seconds(1));
        write_to(&jun, &mina, "  내일   2교시\n같이 가자 ").await.expect("stored");
        let first = mina.ask(api::ChatRooms { search: String::new(), after: None }).await.expect("a page");
        assert_eq!(first.rooms.len(), 30);
        assert_eq!(first.rooms[0].kind, RoomKind::Direct { other: Person { id: jun.id(), nickname: "jun".to_owned(), face: None } });
        assert_eq!(first.rooms[0].last, Some(Preview::Text { author: jun.id(), nickname: "jun".to_owned(), text: "내일 2교시 같이 가자".to_owned() }));
        assert_eq!((first.rooms[0].members, first.rooms[1].members), (2, 1));
        let after = first.next.map(|anchor| anchor.to_string());
        let second = mina.ask(api::ChatRooms { search: String::new(), after }).await.expect("a page");
        assert_eq!((second.rooms.len(), second.next), (4, None));
        let shown: Vec<_> = first.rooms.iter().chain(&second.rooms).skip(1).map(|row| row.room).collect();
        rooms.reverse();
        assert_eq!(shown, rooms);
        for (search, count) in [("치킨 7", 1), ("7%_", 3), ("%", 30), ("JUN", 1), ("없음", 0), ("'", 0), ("\\", 0)] {
            let found = mina.ask(api::ChatRooms { search: search.to_owned(), after: None }).await.expect("a page").rooms;
            assert_eq!(found.len(), count, "{search}");
        }
        // As some keyboards type it, and with capitals that are not of English.
        for title in ["Ärger mit 만두", "하린네"] {
            party(&app, title, &[&mina]).await;
        }
        for search in ["Ärger", "\u{1106}\u{1161}\u{11ab}\u{1103}\u{116e}", "\u{1112}\u{1161}\u{1105}\u{1175}\u{11ab}"] {
            let found = mina.ask(api::ChatRooms { search: search.to_owned(), after: None }).await.expect("a page").rooms;
            assert_eq!(found.len(), 1, "{search}");
        }
        let nonsense = mina.ask(api::ChatRooms { search: String::new(), after: Some("x".to_owned()) }).await.expect("a page");
        assert_eq!(nonsense.rooms.len(), 30);
    }

    async fn history_goes_back_without_repeats(app: TestApp) {
        let mina = app.member("mina").await;
        let room = party(&app, "치킨", &[&mina]).await;
        for n in 1..=65 {
            put(&app, &mina, room, &n.to_string()).await.expect("stored");
        }
        let mut history = open(&mina, room).await.expect("open").history;
        let mut seqs = Vec::new();
        loop {
            seqs.splice(0..0, history.messages.iter().map(|message| message.seq));
            if !history.older {
                break;
            }
            history = mina.ask(api::ChatHistory { room, before: seqs[0] }).await.expect("older");
        }
        assert_eq!(seqs, (1..=65).collect::<Vec<_>>());
        let Opened::Room(view) = mina.ask(api::ChatRoom { room, before: Some(31) }).await.expect("open") else { panic!() };
        assert_eq!((view.history.messages.len(), view.history.older, view.last), (30, false, 65));
        for before in [0, -5, Seq::MIN] {
            assert!(mina.ask(api::ChatHistory { room, before }).await.expect("nothing").messages.is_empty());
        }
    }

    async fn chat_works_without_javascript(app: TestApp) {
        let mina = app.member("mina").await;
        let jun = app.member("jun").await;
        let to = jun.id().to_string();
        let first = SendId::random().to_string();
        let fields = [("form[to]", to.as_str()), ("form[send_id]", &first), ("form[text]", "안녕하세요")];
        let sent = mina.post_form("/chat/with/jun", "/api/start_direct", &fields).await;
        assert_eq!(sent.status, 303, "{}", sent.body);
        let page = sent.location().to_owned();
        let room = page.trim_start_matches("/chat/").to_owned();
        let again = SendId::random().to_string();
        let fields = [("form[room]", room.as_str()), ("form[send_id]", &again), ("form[text]", "잘 지내요?\r\n저는요"), ("form[reply_to]", "1")];
        // Pressed twice.
        for _ in 0..2 {
            let sent = mina.post_form(&page, "/api/send_message", &fields).await;
            assert_eq!((sent.status.as_u16(), sent.location()), (303, page.as_str()), "{}", sent.body);
        }
        let read = jun.post_form(&page, "/api/mark_read", &[("room", room.as_str()), ("seq", "2")]).await;
        assert_eq!(read.status, 303);
        let view = open(&jun, room.parse().expect("an id")).await.expect("open");
        assert_eq!(texts(&view.history.messages), ["안녕하세요", "잘 지내요?\n저는요"]);
        assert_eq!(view.tally.unread(), 0);
        let left = jun.post_form(&page, "/api/leave_room", &[("room", room.as_str())]).await;
        assert_eq!((left.status.as_u16(), left.location()), (303, "/chat"));
    }
}
