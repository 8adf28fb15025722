//! The connection itself: who gets one, what it bears, when it ends.

use super::*;
use crate::features::chat::model::{MAX_TEXT, REPLAY_LIMIT};
use crate::live::protocol::{MAX_FRAME, VERSION, close};
use crate::live::socket::Pace;
use crate::on_both;
use crate::shared::time::Span;
use std::time::Duration;
use tokio_tungstenite::tungstenite::Error;

fn status(refused: Result<Socket, Error>) -> u16 {
    match refused.map(|_| ()) {
        Err(Error::Http(response)) => response.status().as_u16(),
        other => panic!("{other:?}"),
    }
}

/// Puts somebody into so many rooms in which nothing was said, all of them newer than theirs.
async fn newer_rooms(app: &TestApp, actor: &Actor, count: usize) {
    let mut tx = app.state.db.begin().await.expect("a transaction");
    for _ in 0..count {
        let room = RoomId(Uuid::now_v7());
        execute!(tx, "insert into rooms (id, kind, last_at, created_at) values ($1, 'party', $2, $2)", room, app.now()).expect("a room");
        let sql = "insert into room_members (room_id, user_id, joined_at, joined_seq, read_seq, read_said) values ($1, $2, $3, 0, 0, 0)";
        execute!(tx, sql, room, actor.id(), app.now()).expect("a member");
    }
    tx.commit().await.expect("committed");
}

on_both! {
    async fn only_our_own_pages_and_people_get_in(app: TestApp) {
        let mina = app.member("mina").await;
        let addr = app.listen().await;
        assert_eq!(status(Socket::open_from(addr, &mina, "https://evil.example").await), 403);
        assert_eq!(status(Socket::open_from(addr, &mina, "null").await), 403);
        // A browser's program learns nothing of a refusal but of the code that a connection is closed with.
        assert_eq!(app.connect(addr, &app.visitor()).await.closed().await, close::SESSION_ENDED);
        let forger = app.visitor();
        let token = mina.cookie("moim_access").expect("a cookie");
        forger.set_cookie("moim_access", Some(&format!("{}x", token)));
        assert_eq!(app.connect(addr, &forger).await.closed().await, close::SESSION_ENDED);
        forger.set_cookie("moim_access", Some("eyJhbGciOiJub25lIn0.e30."));
        assert_eq!(app.connect(addr, &forger).await.closed().await, close::SESSION_ENDED);
        // An access token that has expired, without its refresh token.
        forger.set_cookie("moim_access", Some(&token));
        app.connect(addr, &forger).await.ready().await;
        app.advance(crate::features::accounts::auth::ACCESS_LIFE);
        assert_eq!(app.connect(addr, &forger).await.closed().await, close::SESSION_ENDED);
    }

    async fn who_cannot_be_asked_for_now_is_not_signed_out(app: TestApp) {
        let mina = app.member("mina").await;
        let addr = app.listen().await;
        app.state.db.close().await;
        assert_eq!(app.connect(addr, &mina).await.closed().await, close::GOING_AWAY);
    }

    async fn what_is_unread_is_told_however_far_down_the_list(app: TestApp) {
        let (mina, jun) = (app.member("mina").await, app.member("jun").await);
        let room = party(&app, "옛날 모임", &[&mina, &jun]).await;
        put(&app, &jun, room, "아직 있나요").await.expect("stored");
        app.advance(Span::minutes(1));
        let addr = app.listen().await;
        let told = async || {
            let rooms = app.connect(addr, &mina).await.ready().await;
            rooms.into_iter().map(|(room, tally)| (room, tally.unread())).collect::<Vec<_>>()
        };
        newer_rooms(&app, &mina, 1_999).await;
        assert_eq!((told().await, mina.ask(api::ChatUnread {}).await), (vec![(room, 1)], Ok(1)));
        // The number on pages counts the rooms that connections follow.
        newer_rooms(&app, &mina, 1).await;
        assert_eq!((told().await, mina.ask(api::ChatUnread {}).await), (vec![], Ok(0)));
    }

    async fn a_session_that_ends_closes_its_sockets_only(app: TestApp) {
        let mina = app.member("mina").await;
        let jun = app.member("jun").await;
        let addr = app.listen().await;
        let (mut one, mut two) = (app.connect(addr, &mina).await, app.connect(addr, &jun).await);
        one.ready().await;
        two.ready().await;
        let mut tx = app.state.db.begin().await.expect("a transaction");
        let session: (crate::shared::ids::SessionId,) =
            crate::fetch_one!(tx, (crate::shared::ids::SessionId,), "select id from sessions where user_id = $1", mina.id()).expect("a session");
        crate::features::accounts::store::end_session(&mut tx, session.0, app.now()).await.expect("ended");
        tx.commit().await.expect("committed");
        app.state.hub.session_ended(session.0);
        assert_eq!(one.closed().await, close::SESSION_ENDED);
        assert_eq!(app.connect(addr, &mina).await.closed().await, close::SESSION_ENDED);
        two.say(&Up::Ping).await;
        assert_eq!(two.next().await, Ok(Down::Pong));
        app.state.hub.shutdown();
        assert_eq!(two.closed().await, close::GOING_AWAY);
        app.state.hub.drained(Duration::from_secs(1)).await;
        assert_eq!(app.state.hub.sockets(), 0);
    }

    async fn frames_that_make_no_sense_are_answered(app: TestApp) {
        let mina = app.member("mina").await;
        let addr = app.listen().await;
        let mut socket = app.connect(addr, &mina).await;
        socket.ready().await;
        for nonsense in [
            "", "{", "null", "[]", "{}", r#"{"unknown":{}}"#, r#"{"send":{}}"#, r#"{"read":{"room":"x","seq":1}}"#,
            r#"{"resume":{"room":"0198c5a0-0000-7000-8000-000000000000","after":"99999999999999999999"}}"#, "\u{0}", "🦆",
        ] {
            socket.say_raw(nonsense).await;
            assert_eq!(socket.next().await, Ok(Down::Error { error: AppError::BadRequest }), "{nonsense}");
        }
        let room = RoomId(Uuid::now_v7());
        for (after, seq) in [(Seq::MAX, Seq::MIN), (Seq::MIN, Seq::MAX), (-1, 0)] {
            socket.say(&Up::Resume { room, after }).await;
            assert!(matches!(socket.next().await, Ok(Down::Gone { .. })));
            socket.say(&Up::Read { room, seq }).await;
        }
        socket.say(&Up::Ping).await;
        assert_eq!(socket.next().await, Ok(Down::Pong));
    }

    async fn a_frame_over_the_limit_and_a_flood_end_it(app: TestApp) {
        let mina = app.member("mina").await;
        let addr = app.listen().await;
        let mut socket = app.connect(addr, &mina).await;
        socket.ready().await;
        socket.say_raw(&" ".repeat(MAX_FRAME)).await;
        assert_eq!(socket.next().await, Ok(Down::Error { error: AppError::BadRequest }));
        socket.try_say_raw(&" ".repeat(MAX_FRAME + 1)).await;
        assert_eq!(socket.closed().await, close::TOO_BIG);
        let mut socket = app.connect(addr, &mina).await;
        for _ in 0..70 {
            socket.try_say(&Up::Ping).await;
        }
        assert_eq!(socket.closed().await, close::FLOOD);
    }

    async fn silence_ends_it_and_signs_of_life_do_not(app: TestApp) {
        let mina = app.member("mina").await;
        let addr = app.listen_at(Pace { ping: Duration::from_millis(200), silence: Duration::from_secs(3) }).await;
        let mut talking = app.connect(addr, &mina).await;
        let mut silent = app.connect(addr, &mina).await;
        // A browser answers pings while it reads.
        for _ in 0..20 {
            talking.idle(Duration::from_millis(200)).await;
        }
        talking.say(&Up::Ping).await;
        talking.until(|down| matches!(down, Down::Pong)).await;
        // It answers the pings that it has missed before it reads the closing code; by then nobody listens any more.
        assert!(matches!(silent.closed().await, close::SILENT | 1006));
        assert_eq!(app.state.hub.sockets(), 1);
    }

    async fn of_too_many_pages_of_one_person_the_oldest_make_room(app: TestApp) {
        let (mina, jun) = (app.member("mina").await, app.member("jun").await);
        let room = party(&app, "치킨", &[&mina, &jun]).await;
        let addr = app.listen().await;
        let mut other = app.connect(addr, &jun).await;
        other.ready().await;
        let mut pages = Vec::new();
        for _ in 0..20 {
            let mut page = app.connect(addr, &mina).await;
            page.ready().await;
            pages.push(page);
        }
        let mut newest = app.connect(addr, &mina).await;
        newest.ready().await;
        assert_eq!(pages.remove(0).closed().await, close::TOO_MANY);
        send(&jun, room, "들려요?").await.expect("stored");
        for page in pages.iter_mut().chain([&mut newest, &mut other]) {
            assert_eq!(entry(page, room).await.seq, 1);
        }
        // It comes back where it was, and the next one goes.
        let mut again = app.connect(addr, &mina).await;
        again.ready().await;
        let (messages, gap) = resume(&mut again, room, 0).await;
        assert_eq!((texts(&messages), gap), (vec!["들려요?"], false));
        assert_eq!(pages.remove(0).closed().await, close::TOO_MANY);
    }

    async fn an_old_page_is_told_so(app: TestApp) {
        let mina = app.member("mina").await;
        let addr = app.listen().await;
        let mut socket = Socket::open_with(addr, &mina, &format!("v={}", VERSION + 1)).await.expect("it opens");
        assert_eq!(socket.closed().await, close::OLD_VERSION);
    }

    async fn a_page_of_somebody_who_has_signed_out_since_hears_nothing(app: TestApp) {
        let (mina, jun) = (app.member("mina").await, app.member("jun").await);
        let addr = app.listen().await;
        let mut socket = Socket::open_with(addr, &jun, &format!("v={VERSION}&me={}", mina.id())).await.expect("it opens");
        assert_eq!(socket.next().await, Err(close::SESSION_ENDED));
        let mut socket = Socket::open_with(addr, &jun, &format!("v={VERSION}")).await.expect("it opens");
        socket.ready().await;
    }

    async fn a_reader_that_falls_behind_is_closed_and_resumes(app: TestApp) {
        let mina = app.member("mina").await;
        let jun = app.member("jun").await;
        let room = party(&app, "치킨", &[&mina, &jun]).await;
        let addr = app.listen().await;
        let mut slow = Socket::open_narrow(addr, &jun).await;
        let mut quick = app.connect(addr, &jun).await;
        slow.ready().await;
        quick.ready().await;
        let text = "가".repeat(2_000);
        let mut sent = 0;
        // What the kernel keeps for the reader differs from machine to machine.
        while sent < 4_000 && app.state.hub.sockets() == 2 {
            sent = put(&app, &mina, room, &text).await.expect("stored").seq;
            assert_eq!(entry(&mut quick, room).await.seq, sent, "the quick one gets everything");
        }
        let mut seen = 0;
        let code = loop {
            match slow.next().await {
                Ok(Down::Message { message, .. }) => {
                    assert_eq!(message.seq, seen + 1, "nothing is skipped");
                    seen = message.seq;
                }
                Ok(_) => {}
                Err(code) => break code,
            }
        };
        assert_eq!(code, close::BEHIND);
        assert!(seen < sent);
        let mut again = app.connect(addr, &jun).await;
        let (messages, gap) = resume(&mut again, room, seen).await;
        assert_eq!(messages.last().map(|message| message.seq), Some(sent));
        assert!(gap || messages.first().map(|message| message.seq) == Some(seen + 1));
    }

    async fn typing_is_passed_on_sparingly_and_never_kept(app: TestApp) {
        let mina = app.member("mina").await;
        let jun = app.member("jun").await;
        let room = party(&app, "치킨", &[&mina, &jun]).await;
        let addr = app.listen().await;
        let (mut one, mut two) = (app.connect(addr, &mina).await, app.connect(addr, &jun).await);
        one.ready().await;
        two.ready().await;
        for _ in 0..5 {
            one.say(&Up::Typing { room }).await;
        }
        assert_eq!(two.next().await, Ok(Down::Typing { room, user: mina.id(), nickname: "mina".to_owned() }));
        send(&mina, room, "다 썼다").await.expect("stored");
        assert!(matches!(two.next().await, Ok(Down::Message { .. })), "only once");
        assert_eq!(open(&jun, room).await.expect("open").last, 1);
    }

    async fn what_was_missed_is_replayed_however_long_it_is(app: TestApp) {
        let mina = app.member("mina").await;
        let addr = app.listen().await;
        let room = party(&app, "치킨", &[&mina]).await;
        // Four bytes each.
        let long = "🦆".repeat(MAX_TEXT);
        for _ in 0..REPLAY_LIMIT {
            put(&app, &mina, room, &long).await.expect("stored");
        }
        let mut socket = app.connect(addr, &mina).await;
        let (messages, gap) = resume(&mut socket, room, 0).await;
        assert_eq!((messages.len() as i64, gap), (REPLAY_LIMIT, false));
        assert!(texts(&messages).iter().all(|text| *text == long));
    }

    async fn resuming_replays_a_little_and_shows_the_newest_of_a_lot(app: TestApp) {
        let mina = app.member("mina").await;
        let room = party(&app, "치킨", &[&mina]).await;
        for n in 1..=110 {
            put(&app, &mina, room, &n.to_string()).await.expect("stored");
        }
        let addr = app.listen().await;
        let mut socket = app.connect(addr, &mina).await;
        let seqs = |(messages, gap): (Vec<Message>, bool)| (messages.first().map(|m| m.seq), messages.last().map(|m| m.seq), messages.len(), gap);
        assert_eq!(seqs(resume(&mut socket, room, 110).await), (None, None, 0, false));
        assert_eq!(seqs(resume(&mut socket, room, 107).await), (Some(108), Some(110), 3, false));
        assert_eq!(seqs(resume(&mut socket, room, 10).await), (Some(11), Some(110), 100, false));
        assert_eq!(seqs(resume(&mut socket, room, 9).await), (Some(81), Some(110), 30, true));
        assert_eq!(seqs(resume(&mut socket, room, 500).await), (None, None, 0, false));
    }

    async fn what_was_changed_a_thousand_times_is_not_looked_through(app: TestApp) {
        let mina = app.member("mina").await;
        let room = party(&app, "치킨", &[&mina]).await;
        put(&app, &mina, room, "안녕").await.expect("stored");
        let mut changes = 0;
        let mut change_until = async |count: i64| {
            let mut tx = app.state.db.begin().await.expect("a transaction");
            while changes < count {
                changes += 1;
                execute!(
                    tx,
                    "insert into messages (room_id, seq, said, author_id, kind, body, reply_to, created_at) values ($1, $2, 1, $3, 'change', '', 1, $4)",
                    room,
                    changes + 1,
                    mina.id(),
                    app.now()
                )
                .expect("a change");
            }
            execute!(tx, "update messages set changed_seq = $2 where room_id = $1 and seq = 1", room, changes + 1).expect("changed");
            execute!(tx, "update rooms set last_seq = $2 where id = $1", room, changes + 1).expect("the end");
            tx.commit().await.expect("committed");
        };
        change_until(999).await;
        let addr = app.listen().await;
        let mut socket = app.connect(addr, &mina).await;
        let seqs = |(messages, gap): (Vec<Message>, bool)| (messages.iter().map(|message| message.seq).collect::<Vec<_>>(), gap);
        assert_eq!(seqs(resume(&mut socket, room, 0).await), (vec![1, 1_000], false), "the message and its last change");
        change_until(1_000).await;
        assert_eq!(seqs(resume(&mut socket, room, 0).await), (vec![1], true), "the newest page, which says it already");
        assert_eq!(seqs(resume(&mut socket, room, 1).await), (vec![1_001], false));
    }

    async fn one_person_may_not_talk_without_pause(app: TestApp) {
        let mina = app.member("mina").await;
        let room = party(&app, "치킨", &[&mina]).await;
        for _ in 0..20 {
            send(&mina, room, "!").await.expect("stored");
        }
        assert!(matches!(send(&mina, room, "!").await, Err(AppError::SlowDown { .. })));
        app.advance(crate::shared::time::Span::seconds(10));
        send(&mina, room, "!").await.expect("stored");
    }
}
