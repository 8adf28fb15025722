//! A backup while people talk, come and go.

use super::*;
use crate::features::chat::model::NewMessage;
use crate::features::parties::api::{JoinParty, LeaveParty};
use crate::shared::ids::{RoomId, Seq};
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

/// What was acknowledged: who said which number of which log, and the text.
type Said = Arc<Mutex<Vec<(RoomId, Seq, String)>>>;

async fn talk(app: Arc<TestApp>, people: Vec<Actor>, room: RoomId, said: Said, enough: Arc<AtomicBool>) {
    let mut number = 0;
    while !enough.load(Ordering::SeqCst) {
        for person in &people {
            number += 1;
            let text = format!("{} {number}", person.nickname());
            let message = NewMessage { room, send_id: SendId::random(), text: text.clone(), reply_to: None, pictures: Vec::new() };
            let sent = app.sockets.writer.send(person.id(), message).await.expect("stored");
            said.lock().expect("a list").push((room, sent.seq, text));
        }
    }
}

/// Sits down and stands up again; how often.
async fn come_and_go(person: Actor, parties: Vec<PartyId>, enough: Arc<AtomicBool>) -> usize {
    let mut times = 0;
    while !enough.load(Ordering::SeqCst) {
        for party in &parties {
            if person.call(JoinParty { party: *party }).await.is_ok() {
                times += 1;
                let _ = person.call(LeaveParty { party: *party }).await;
            }
        }
    }
    times
}

async fn texts(app: &TestApp) -> BTreeSet<(RoomId, Seq, String)> {
    let mut conn = app.state.db.read().await.expect("a connection");
    let rows: Vec<(RoomId, Seq, String)> =
        fetch_all!(conn, (RoomId, Seq, String), "select room_id, seq, body from messages where kind = 'text'").expect("messages");
    rows.into_iter().collect()
}

on_both! {
    async fn a_backup_under_load_is_of_one_moment(app: TestApp) {
        demo::load(&app.state).await.expect("loaded");
        let app = Arc::new(app);
        let (said, enough) = (Said::default(), Arc::new(AtomicBool::new(false)));
        let mut work = Vec::new();
        let mut parties = Vec::new();
        for number in 0..4 {
            let host = app.member(&format!("host{number}")).await;
            let party = open(&host, MealForm { seats: "3".to_owned(), ..order() }).await;
            let room = seen(&host, party).await.room.expect("a room");
            parties.push(party);
            work.push(tokio::spawn(talk(app.clone(), vec![host], room, said.clone(), enough.clone())));
        }
        let mut seats = Vec::new();
        for number in 0..4 {
            let person = app.member(&format!("guest{number}")).await;
            seats.push(tokio::spawn(come_and_go(person, parties.clone(), enough.clone())));
        }
        let heard = |least: usize| {
            let said = said.clone();
            async move {
                loop {
                    let now = said.lock().expect("a list").clone();
                    if now.len() >= least {
                        return now;
                    }
                    tokio::task::yield_now().await;
                }
            }
        };
        let before = heard(40).await;
        let (_dir, file) = shelf();
        back_up(&app.state.config, &file, app.now()).await.expect("backed up");
        let during = said.lock().expect("a list").len() - before.len();
        // Whoever talks is not kept waiting, and goes on afterwards.
        heard(before.len() + during + 20).await;
        enough.store(true, Ordering::SeqCst);
        for work in work {
            work.await.expect("no panic");
        }
        let mut times = 0;
        for work in seats {
            times += work.await.expect("no panic");
        }
        assert!(during > 0 && times > 10, "{during} were said meanwhile, {times} sat down");

        let place = Place::like(&app).await;
        taken_back(&place.config, &file).await;
        let again = TestApp::at(place).await;
        let there = texts(&again).await;
        let lost: Vec<_> = before.iter().filter(|line| !there.contains(line)).collect();
        assert!(lost.is_empty(), "{lost:?} was acknowledged before the backup began");
        let all = texts(&app).await;
        assert!(there.is_subset(&all) && there.len() < all.len(), "it is of a moment before the end");
        assert_eq!(contradictions(&again).await, []);
    }
}
