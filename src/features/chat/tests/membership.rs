//! Who may do what, when it takes effect, and what hidden rooms are.

use super::*;
use crate::features::chat::model::{Conversation, Person};
use crate::features::chat::store::Outgoing;
use crate::live::protocol::close;
use crate::on_both;
use crate::shared::error::Conflict;
use crate::shared::time::Span;

on_both! {
    async fn somebody_elses_room_is_not_there(app: TestApp) {
        let mina = app.member("mina").await;
        let eve = app.member("eve").await;
        let room = party(&app, "비밀 치킨", &[&mina]).await;
        send(&mina, room, "우리끼리").await.expect("stored");
        let missing = Err(AppError::NotFound);
        assert_eq!(open(&eve, room).await.map(|_| ()), missing);
        assert_eq!(eve.ask(api::ChatHistory { room, before: 5 }).await.map(|_| ()), missing);
        assert_eq!(eve.ask(api::ChatMembers { room }).await.map(|_| ()), missing);
        assert_eq!(eve.call(api::MarkRead { room, seq: 1 }).await, missing);
        assert_eq!(eve.call(api::LeaveRoom { room }).await, missing);
        assert_eq!(send(&eve, room, "나도").await.map(|_| ()), missing);
        assert!(list(&eve).await.is_empty());
        assert!(eve.ask(api::ChatRooms { search: "비밀".to_owned(), after: None }).await.expect("a list").rooms.is_empty());
        let addr = app.listen().await;
        let mut socket = app.connect(addr, &eve).await;
        assert_eq!(socket.ready().await, []);
        socket.say(&Up::Resume { room, after: 0 }).await;
        assert_eq!(socket.next().await, Ok(Down::Gone { room, code: close::ROOM_LEFT }));
        socket.say(&Up::Typing { room }).await;
        socket.say(&Up::Read { room, seq: 1 }).await;
        let form = form(room, "나도");
        socket.say(&Up::Send(form.clone())).await;
        assert_eq!(socket.next().await, Ok(Down::Refused { send_id: form.send_id, room, error: AppError::NotFound }));
        send(&mina, room, "아직 우리끼리").await.expect("stored");
        socket.say(&Up::Ping).await;
        assert_eq!(socket.next().await, Ok(Down::Pong), "nothing of the room comes here");
    }

    async fn who_comes_into_a_room_is_asked_for_that_room_only(app: TestApp) {
        let (mina, jun) = (app.member("mina").await, app.member("jun").await);
        let rooms = [party(&app, "하나", &[&mina, &jun]).await, party(&app, "둘", &[&mina, &jun]).await, party(&app, "셋", &[&mina]).await];
        let mut conn = app.state.db.read().await.expect("a connection");
        let asked = [(rooms[0], jun.id()), (rooms[1], mina.id()), (rooms[2], jun.id())];
        let mut held: Vec<_> = store::held_of(&mut conn, &asked).await.expect("rows").iter().map(|row| (row.room, row.person)).collect();
        held.sort_by_key(|(room, _)| rooms.iter().position(|known| known == room));
        assert_eq!(held, asked[..2], "he is not in the last one");
    }

    async fn the_signed_out_get_nothing(app: TestApp) {
        let mina = app.member("mina").await;
        let room = party(&app, "치킨", &[&mina]).await;
        let visitor = app.visitor();
        let refused = Some(AppError::SignInRequired);
        assert_eq!(open(&visitor, room).await.err(), refused);
        assert_eq!(visitor.ask(api::ChatRooms { search: String::new(), after: None }).await.err(), refused);
        assert_eq!(visitor.ask(api::ChatHistory { room, before: 5 }).await.err(), refused);
        assert_eq!(visitor.ask(api::ChatMembers { room }).await.err(), refused);
        assert_eq!(visitor.ask(api::ChatWith { nickname: "mina".to_owned() }).await.err(), refused);
        assert_eq!(send(&visitor, room, "안녕").await.err(), refused);
        assert_eq!(write_to(&visitor, &mina, "안녕").await.err(), refused);
        assert_eq!(visitor.call(api::MarkRead { room, seq: 1 }).await.err(), refused);
        assert_eq!(visitor.call(api::LeaveRoom { room }).await.err(), refused);
    }

    async fn a_removal_takes_effect_on_open_sockets(app: TestApp) {
        let mina = app.member("mina").await;
        let jun = app.member("jun").await;
        let room = party(&app, "치킨", &[&mina, &jun]).await;
        let addr = app.listen().await;
        let (mut one, mut two) = (app.connect(addr, &jun).await, app.connect(addr, &jun).await);
        one.ready().await;
        two.ready().await;
        send(&mina, room, "어서 와요").await.expect("stored");
        assert_eq!(text_of(&entry(&mut one, room).await), "어서 와요");
        entry(&mut two, room).await;
        remove(&app, room, &jun).await;
        send(&mina, room, "이제 없죠").await.expect("stored");
        for socket in [&mut one, &mut two] {
            let gone = socket.next().await;
            assert_eq!(gone, Ok(Down::Gone { room, code: close::ROOM_LEFT }));
            socket.say(&Up::Resume { room, after: 0 }).await;
            assert_eq!(socket.next().await, Ok(Down::Gone { room, code: close::ROOM_LEFT }));
            let form = form(room, "한마디만");
            socket.say(&Up::Send(form.clone())).await;
            assert_eq!(socket.next().await, Ok(Down::Refused { send_id: form.send_id, room, error: AppError::NotFound }));
        }
        assert_eq!(open(&jun, room).await.map(|_| ()), Err(AppError::NotFound));
        assert_eq!(send(&jun, room, "한마디만").await.map(|_| ()), Err(AppError::NotFound));
        assert!(list(&jun).await.is_empty());
        // Coming back, with the same history.
        join(&app, room, &jun).await;
        assert!(matches!(one.until(|down| matches!(down, Down::Entered { .. })).await, Down::Entered { room: here, .. } if here == room));
        send(&mina, room, "다시 왔네요").await.expect("stored");
        one.until(|down| matches!(down, Down::Message { message, .. } if text_of(message) == "다시 왔네요")).await;
        assert_eq!(open(&jun, room).await.expect("open").history.messages.len(), 5);
    }

    async fn a_deleted_room_says_so_and_the_socket_stays(app: TestApp) {
        let mina = app.member("mina").await;
        let jun = app.member("jun").await;
        let room = party(&app, "치킨", &[&mina, &jun]).await;
        let other = party(&app, "피자", &[&mina, &jun]).await;
        let addr = app.listen().await;
        let mut socket = app.connect(addr, &jun).await;
        socket.ready().await;
        delete(&app, room).await;
        assert_eq!(socket.next().await, Ok(Down::Gone { room, code: close::ROOM_DELETED }));
        socket.say(&Up::Resume { room, after: 0 }).await;
        assert_eq!(socket.next().await, Ok(Down::Gone { room, code: close::ROOM_DELETED }));
        assert_eq!(send(&jun, room, "어?").await, Err(Conflict::RoomDeleted.into()));
        assert_eq!(jun.ask(api::ChatRoom { room, before: None }).await, Ok(Opened::Deleted { reason: "cancelled".to_owned() }));
        assert_eq!(list(&jun).await.iter().map(|row| row.room).collect::<Vec<_>>(), [other]);
        send(&mina, other, "여기는 있어요").await.expect("stored");
        entry(&mut socket, other).await;
    }

    async fn one_room_for_a_pair(app: TestApp) {
        let mina = app.member("mina").await;
        let jun = app.member("jun").await;
        let Ok(Conversation::New { other, .. }) = mina.ask(api::ChatWith { nickname: "JUN".to_owned() }).await else { panic!() };
        assert_eq!(other, Person { id: jun.id(), nickname: "jun".to_owned(), face: None });
        assert_eq!(mina.ask(api::ChatWith { nickname: "없는 사람".to_owned() }).await, Err(AppError::NotFound));
        assert_eq!(mina.ask(api::ChatWith { nickname: "mina".to_owned() }).await, Err(Conflict::Yourself.into()));
        assert_eq!(write_to(&mina, &mina, "나에게").await, Err(Conflict::Yourself.into()));
        assert!(list(&mina).await.is_empty(), "looking makes no room");
        let (a, b) = tokio::join!(write_to(&mina, &jun, "안녕"), write_to(&jun, &mina, "안녕!"));
        let room = a.expect("stored").room;
        assert_eq!(b.expect("stored").room, room);
        for (me, other) in [(&mina, &jun), (&jun, &mina)] {
            let rooms = list(me).await;
            assert_eq!(rooms.iter().map(|row| (row.room, row.kind.title())).collect::<Vec<_>>(), [(room, other.nickname().to_owned())]);
            assert_eq!(me.ask(api::ChatWith { nickname: other.nickname().to_owned() }).await, Ok(Conversation::Room { room }));
        }
    }

    async fn a_left_conversation_is_hidden_until_somebody_writes(app: TestApp) {
        let mina = app.member("mina").await;
        let jun = app.member("jun").await;
        let room = write_to(&mina, &jun, "하나").await.expect("stored").room;
        let addr = app.listen().await;
        let mut socket = app.connect(addr, &mina).await;
        socket.ready().await;
        mina.call(api::LeaveRoom { room }).await.expect("left");
        assert_eq!(socket.next().await, Ok(Down::Gone { room, code: close::ROOM_LEFT }));
        // Looking does not bring it back.
        assert_eq!(open(&mina, room).await.map(|_| ()), Err(AppError::NotFound));
        assert!(matches!(mina.ask(api::ChatWith { nickname: "jun".to_owned() }).await, Ok(Conversation::New { .. })));
        socket.say(&Up::Resume { room, after: 0 }).await;
        assert_eq!(socket.next().await, Ok(Down::Gone { room, code: close::ROOM_LEFT }));
        app.connect(addr, &mina).await.ready().await;
        assert!(list(&mina).await.is_empty());
        assert_eq!(mina.call(api::LeaveRoom { room }).await, Err(AppError::NotFound));
        // The other side keeps it.
        assert_eq!(texts(&open(&jun, room).await.expect("open").history.messages), ["하나"]);
        // Writing brings it back with what was there, for whoever writes.
        app.advance(Span::minutes(1));
        send(&jun, room, "둘").await.expect("stored");
        let entered = socket.until(|down| matches!(down, Down::Entered { .. })).await;
        let Down::Entered { tally, .. } = entered else { unreachable!() };
        assert_eq!(tally.unread(), 1);
        assert_eq!(texts(&open(&mina, room).await.expect("open").history.messages), ["하나", "둘"]);
        mina.call(api::LeaveRoom { room }).await.expect("left");
        assert_eq!(write_to(&mina, &jun, "셋").await.expect("stored").room, room);
        assert_eq!(texts(&open(&mina, room).await.expect("open").history.messages), ["하나", "둘", "셋"]);
        // A party is left as a party.
        let party = party(&app, "치킨", &[&mina]).await;
        assert_eq!(mina.call(api::LeaveRoom { room: party }).await, Err(AppError::NotFound));
    }

    async fn a_refused_message_brings_no_room_back(app: TestApp) {
        let mina = app.member("mina").await;
        let jun = app.member("jun").await;
        let eve = app.member("eve").await;
        let left = write_to(&mina, &jun, "하나").await.expect("stored").room;
        mina.call(api::LeaveRoom { room: left }).await.expect("left");
        let other = party(&app, "치킨", &[&jun]).await;
        // With one that is stored, in the same transaction.
        let batch = [(&eve, left), (&jun, other)].map(|(actor, room)| Outgoing {
            author: actor.id(),
            message: form(room, "둘").parse().expect("valid"),
        });
        let mut tx = app.state.db.begin().await.expect("a transaction");
        let appended = store::append(&mut tx, &batch, app.state.now()).await.expect("appended");
        tx.commit().await.expect("committed");
        assert!(matches!(appended.results[..], [Err(AppError::NotFound), Ok(_)]), "{:?}", appended.results);
        assert_eq!(appended.shown, []);
        assert!(list(&mina).await.is_empty());
    }

    async fn connecting_and_leaving_at_once_ends_in_the_right_rooms(app: TestApp) {
        let mina = app.member("mina").await;
        let jun = app.member("jun").await;
        let addr = app.listen().await;
        for round in 0..12 {
            let room = party(&app, "치킨", &[&mina, &jun]).await;
            let (mut socket, ()) = tokio::join!(app.connect(addr, &jun), async {
                // A little later in each round.
                for _ in 0..round * 40 {
                    tokio::task::yield_now().await;
                }
                remove(&app, room, &jun).await;
            });
            socket.ready().await;
            put(&app, &mina, room, "없는 사람은 못 봐요").await.expect("stored");
            socket.say(&Up::Resume { room, after: 0 }).await;
            loop {
                match socket.next().await.expect("open") {
                    Down::Message { message, .. } => assert_ne!(text_of(&message), "없는 사람은 못 봐요"),
                    Down::Gone { .. } => break,
                    _ => {}
                }
            }
            let (mut socket, ()) = tokio::join!(app.connect(addr, &jun), join(&app, room, &jun));
            put(&app, &mina, room, "이제 봐요").await.expect("stored");
            // The message itself, or a count that has it already: the socket may have found its rooms after either.
            let fits = |down: &Down| match down {
                Down::Message { message, .. } => text_of(message) == "이제 봐요",
                Down::Entered { tally, .. } => tally.said >= 2,
                Down::Ready { rooms, .. } => rooms.iter().any(|(id, tally)| *id == room && tally.said >= 2),
                _ => false,
            };
            socket.until(fits).await;
        }
    }
}
