//! Numbers, order, completeness: what is acknowledged is stored, once, in order.

use super::*;
use crate::on_both;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use std::collections::BTreeSet;
use std::sync::Arc;

on_both! {
    async fn parallel_senders_leave_no_gap_and_no_double(app: TestApp) {
        let mina = app.member("mina").await;
        let jun = app.member("jun").await;
        let rooms = [party(&app, "하나", &[&mina, &jun]).await, party(&app, "둘", &[&mina, &jun]).await];
        let app = Arc::new(app);
        let mut senders = Vec::new();
        for sender in 0..16_usize {
            let (app, actor) = (app.clone(), if sender % 2 == 0 { mina.clone() } else { jun.clone() });
            senders.push(tokio::spawn(async move {
                let mut acknowledged = Vec::new();
                for n in 0..12 {
                    let room = rooms[(sender + n) % 2];
                    acknowledged.push(put(&app, &actor, room, &format!("{sender}/{n}")).await.expect("stored"));
                }
                acknowledged
            }));
        }
        let mut acknowledged = BTreeSet::new();
        for sender in senders {
            for sent in sender.await.expect("no panic") {
                assert!(acknowledged.insert((sent.room, sent.seq)), "{sent:?} twice");
            }
        }
        for room in rooms {
            let mut conn = app.state.db.read().await.expect("a connection");
            let stored = store::after(&mut conn, &[(room, 0)], 1_000).await.expect("read");
            assert_eq!(stored.iter().map(|(_, message)| message.seq).collect::<Vec<_>>(), (1..=96).collect::<Vec<_>>());
            assert_eq!(stored.iter().map(|(_, message)| message.said).collect::<Vec<_>>(), (1..=96).collect::<Vec<_>>());
            assert!((1..=96).all(|seq| acknowledged.contains(&(room, seq))));
        }
    }

    async fn a_message_sent_twice_is_stored_once(app: TestApp) {
        let mina = app.member("mina").await;
        let jun = app.member("jun").await;
        let room = party(&app, "치킨", &[&mina, &jun]).await;
        let addr = app.listen().await;
        let mut one = app.connect(addr, &mina).await;
        let mut two = app.connect(addr, &mina).await;
        let form = form(room, "한 번만");
        for socket in [&mut one, &mut two] {
            socket.say(&Up::Send(form.clone())).await;
            socket.say(&Up::Send(form.clone())).await;
            for _ in 0..2 {
                let ack = socket.until(|down| matches!(down, Down::Ack { .. })).await;
                assert!(matches!(ack, Down::Ack { seq: 1, send_id, .. } if send_id == form.send_id));
            }
        }
        // Another person's message may carry the same name.
        assert_eq!(put_as(&app, &jun, room, form.send_id, "내 것").await.expect("stored").seq, 2);
        let (a, b) = tokio::join!(put_as(&app, &mina, room, form.send_id, "늦게"), put_as(&app, &mina, room, form.send_id, "늦게"));
        assert_eq!((a.expect("known").seq, b.expect("known").seq), (1, 1));
        assert_eq!(texts(&open(&jun, room).await.expect("open").history.messages), ["한 번만", "내 것"]);
    }

    async fn a_refused_message_takes_nobody_down(app: TestApp) {
        let mina = app.member("mina").await;
        let jun = app.member("jun").await;
        let room = party(&app, "치킨", &[&mina]).await;
        let gone = party(&app, "지운 방", &[&mina]).await;
        delete(&app, gone).await;
        let nowhere = RoomId(Uuid::now_v7());
        let (a, b, c, d, e) = tokio::join!(
            put(&app, &mina, room, "하나"), put(&app, &jun, room, "몰래"), put(&app, &mina, gone, "늦었다"),
            put(&app, &mina, nowhere, "어디"), put(&app, &mina, room, "둘"),
        );
        assert_eq!((a.expect("stored").seq, e.expect("stored").seq), (1, 2));
        assert_eq!((b, d), (Err(AppError::NotFound), Err(AppError::NotFound)));
        assert_eq!(c, Err(crate::shared::error::Conflict::RoomDeleted.into()));
        // One that the database itself cannot take: PostgreSQL has no text with a NUL.
        let (bad, good) = tokio::join!(put(&app, &mina, room, "\0"), put(&app, &mina, room, "셋"));
        assert!(good.is_ok());
        assert!(bad.is_ok() || bad == Err(AppError::Internal));
    }

    async fn text_arrives_as_it_was_typed(app: TestApp) {
        let mina = app.member("mina").await;
        let room = party(&app, "치킨", &[&mina]).await;
        let family = "👨‍👩‍👧‍👦 가족 \"따옴표\" \\ {중괄호} <b>굵게</b> '; drop table users; --\n둘째 줄\t끝";
        send(&mina, room, family).await.expect("stored");
        send(&mina, room, "줄\r\n바꿈 \u{0}\u{7}\u{1b}  ").await.expect("stored");
        send(&mina, room, &"가".repeat(2_000)).await.expect("stored");
        let view = open(&mina, room).await.expect("open");
        assert_eq!(texts(&view.history.messages)[..2], [family, "줄\n바꿈"]);
        for bad in ["", "   \n\t ", "\u{200b}\u{3164}\u{feff}", &"나".repeat(2_001), &"x".repeat(100_000)] {
            assert!(matches!(send(&mina, room, bad).await, Err(AppError::Invalid(_))), "{}", bad.len());
        }
        assert_eq!(send(&mina, room, &"x".repeat(1_000_000)).await, Err(AppError::TooLarge));
        assert_eq!(open(&mina, room).await.expect("open").last, 3);
    }

    async fn an_answer_quotes_what_it_answers(app: TestApp) {
        let mina = app.member("mina").await;
        let jun = app.member("jun").await;
        let room = party(&app, "치킨", &[&mina, &jun]).await;
        let addr = app.listen().await;
        let mut socket = app.connect(addr, &jun).await;
        socket.ready().await;
        send(&mina, room, "콜라는 1.25리터 하나면 되겠죠?").await.expect("stored");
        jun.call(api::SendMessage { form: SendForm { reply_to: Some(1), ..form(room, "네 좋아요") } }).await.expect("stored");
        jun.call(api::SendMessage { form: SendForm { reply_to: Some(99), ..form(room, "없는 말에") } }).await.expect("stored");
        let stored = open(&mina, room).await.expect("open").history.messages;
        for answer in [&stored[1], &{ entry(&mut socket, room).await; entry(&mut socket, room).await }] {
            let Content::Text { reply: Some(quote), .. } = &answer.content else { panic!("{answer:?}") };
            assert_eq!((quote.seq, quote.nickname.as_str(), quote.text.as_str()), (1, "mina", "콜라는 1.25리터 하나면 되겠죠?"));
        }
        assert!(matches!(&stored[2].content, Content::Text { reply: None, .. }));
    }

    async fn reading_goes_on_while_writers_are_busy(app: TestApp) {
        let mina = app.member("mina").await;
        let room = party(&app, "치킨", &[&mina]).await;
        let app = Arc::new(app);
        let busy = tokio::spawn({
            let (app, mina) = (app.clone(), mina.clone());
            async move {
                for n in 0..60 {
                    put(&app, &mina, room, &n.to_string()).await.expect("stored");
                }
            }
        });
        let mut seen = 0;
        while !busy.is_finished() {
            let view = open(&mina, room).await.expect("open");
            let seqs: Vec<_> = view.history.messages.iter().map(|message| message.seq).collect();
            assert!(view.last >= seen && seqs.windows(2).all(|pair| pair[1] == pair[0] + 1));
            seen = view.last;
        }
        busy.await.expect("no panic");
    }

    async fn an_unavailable_database_refuses_everybody_who_waits(app: TestApp) {
        let mina = app.member("mina").await;
        let room = party(&app, "치킨", &[&mina]).await;
        let addr = app.listen().await;
        let mut socket = app.connect(addr, &mina).await;
        socket.ready().await;
        app.state.db.close().await;
        let form = form(room, "들리나요");
        socket.say(&Up::Send(form.clone())).await;
        let refused = socket.until(|down| matches!(down, Down::Refused { .. })).await;
        assert_eq!(refused, Down::Refused { send_id: form.send_id, room, error: AppError::Unavailable });
        let (a, b) = tokio::join!(put(&app, &mina, room, "하나"), put(&app, &mina, room, "둘"));
        assert_eq!((a, b), (Err(AppError::Unavailable), Err(AppError::Unavailable)));
        socket.say(&Up::Ping).await;
        assert_eq!(socket.next().await, Ok(Down::Pong));
    }
}

/// A reader whose connection breaks at any frame, and who resumes from the last number, ends with exactly the log.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_who_keeps_losing_the_connection_misses_nothing() {
    let app = TestApp::sqlite().await;
    let mina = app.member("mina").await;
    let jun = app.member("jun").await;
    let addr = app.listen().await;
    let strategy = proptest::collection::vec((1_usize..5, any::<bool>()), 1..8);
    let mut runner = TestRunner::new(Config { cases: 12, failure_persistence: None, ..Config::default() });
    let handle = tokio::runtime::Handle::current();
    tokio::task::block_in_place(|| {
        runner
            .run(&strategy, |steps| {
                let seen: Vec<Seq> = handle.block_on(async {
                    let room = party(&app, "끊기는 방", &[&mina, &jun]).await;
                    let mut seen: Vec<Seq> = Vec::new();
                    let mut expected = 0;
                    for (burst, reads_some) in steps {
                        let mut socket = app.connect(addr, &jun).await;
                        let (messages, gap) = resume(&mut socket, room, seen.last().copied().unwrap_or(0)).await;
                        assert!(!gap);
                        seen.extend(messages.iter().map(|message| message.seq));
                        for n in 0..burst {
                            put(&app, &mina, room, &n.to_string()).await.expect("stored");
                        }
                        expected += burst as Seq;
                        if reads_some {
                            let message = entry(&mut socket, room).await;
                            if !seen.contains(&message.seq) {
                                seen.push(message.seq);
                            }
                        }
                        // Dropped here, with whatever was on its way.
                    }
                    let mut socket = app.connect(addr, &jun).await;
                    let (messages, _) = resume(&mut socket, room, seen.last().copied().unwrap_or(0)).await;
                    seen.extend(messages.iter().map(|message| message.seq));
                    assert_eq!(seen.len() as Seq, expected);
                    seen
                });
                prop_assert!(seen.windows(2).all(|pair| pair[1] == pair[0] + 1), "{:?}", seen);
                Ok(())
            })
            .expect("it holds");
    });
}
