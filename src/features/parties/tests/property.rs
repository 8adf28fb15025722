//! Whatever people do, in whatever order: a table on paper beside the one in the database.

use super::*;
use crate::features::parties::throttle;
use crate::shared::time::Span;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use std::collections::BTreeSet;

const PEOPLE: usize = 5;

#[derive(Clone, Copy, Debug)]
enum Act {
    Join(usize),
    Leave(usize),
    Wait(usize),
    Withdraw(usize),
    Remove(usize),
    Lift(usize),
    Seats(u8, u8),
    Close,
    Reopen,
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        4 => (0..PEOPLE).prop_map(Act::Join),
        3 => (0..PEOPLE).prop_map(Act::Leave),
        4 => (0..PEOPLE).prop_map(Act::Wait),
        1 => (0..PEOPLE).prop_map(Act::Withdraw),
        1 => (0..PEOPLE).prop_map(Act::Remove),
        2 => (0..PEOPLE).prop_map(Act::Lift),
        2 => (2u8..6, 0u8..2).prop_map(|(seats, outside)| Act::Seats(seats, outside)),
        1 => Just(Act::Close),
        2 => Just(Act::Reopen),
    ]
}

/// The table on paper. Its host is a member who is not in `members`.
#[derive(Debug)]
struct Paper {
    seats: usize,
    outside: usize,
    members: BTreeSet<usize>,
    waiting: Vec<usize>,
    banned: BTreeSet<usize>,
    closed_by_host: bool,
}

impl Paper {
    fn taken(&self) -> usize {
        1 + self.outside + self.members.len()
    }

    fn is_full(&self) -> bool {
        self.taken() >= self.seats
    }

    fn settle(&mut self) {
        while !self.closed_by_host && !self.is_full() && !self.waiting.is_empty() {
            self.members.insert(self.waiting.remove(0));
        }
    }

    /// Does it on paper; how it has to end.
    fn act(&mut self, act: Act) -> Result<(), AppError> {
        match act {
            Act::Join(p) if self.members.contains(&p) => return Ok(()),
            Act::Join(p) if self.banned.contains(&p) => return no(Conflict::Banned),
            Act::Join(_) if self.closed_by_host => return no(Conflict::Closed),
            Act::Join(_) if self.is_full() => return no(Conflict::Full),
            Act::Join(p) => {
                self.members.insert(p);
            }
            Act::Leave(p) => {
                self.members.remove(&p);
            }
            Act::Wait(p) if self.members.contains(&p) => return Ok(()),
            Act::Wait(p) if self.banned.contains(&p) => return no(Conflict::Banned),
            Act::Wait(_) if self.closed_by_host => return no(Conflict::Closed),
            Act::Wait(_) if !self.is_full() => return no(Conflict::SeatsFree),
            Act::Wait(p) => {
                if !self.waiting.contains(&p) {
                    self.waiting.push(p);
                }
            }
            Act::Withdraw(p) => self.waiting.retain(|waiting| *waiting != p),
            Act::Remove(p) if self.members.remove(&p) => {
                self.banned.insert(p);
            }
            Act::Remove(p) if self.banned.contains(&p) => return Ok(()),
            Act::Remove(_) => return no(Conflict::NotMember),
            Act::Lift(p) => {
                self.banned.remove(&p);
            }
            Act::Seats(seats, outside) if 1 + usize::from(outside) + self.members.len() > usize::from(seats) => {
                return no(Conflict::SeatsTaken);
            }
            Act::Seats(seats, outside) => (self.seats, self.outside) = (seats.into(), outside.into()),
            Act::Close => self.closed_by_host = true,
            Act::Reopen if !self.closed_by_host && !self.is_full() => return Ok(()),
            Act::Reopen if self.is_full() => return no(Conflict::Full),
            Act::Reopen => self.closed_by_host = false,
        }
        self.settle();
        Ok(())
    }
}

/// How often somebody may do something is another matter.
fn forgive(app: &TestApp, host: &Actor, people: &[Actor], party: PartyId) {
    app.state.limiter.forget(throttle::DEEDS, &host.id().to_string());
    for person in people {
        app.state.limiter.forget(throttle::DEEDS, &person.id().to_string());
        app.state.limiter.forget(throttle::COMINGS, &throttle::at(person.id(), party));
    }
}

async fn live_through(app: &TestApp, host: &Actor, people: &[Actor], acts: &[Act]) -> Result<(), TestCaseError> {
    // A new hour, so that nobody has opened too many.
    app.advance(Span::hours(2));
    let party = open_with(host, 3).await;
    let mut paper =
        Paper { seats: 3, outside: 0, members: BTreeSet::new(), waiting: Vec::new(), banned: BTreeSet::new(), closed_by_host: false };
    for act in acts {
        app.advance(Span(1));
        forgive(app, host, people, party);
        let ended = match *act {
            Act::Join(p) => join(&people[p], party).await,
            Act::Leave(p) => leave(&people[p], party).await,
            Act::Wait(p) => wait(&people[p], party).await,
            Act::Withdraw(p) => people[p].call(WithdrawRequest { party }).await,
            Act::Remove(p) => remove(host, party, people[p].id()).await,
            Act::Lift(p) => host.call(LiftBan { party, person: people[p].id() }).await,
            Act::Seats(seats, outside) => {
                edit(host, party, |form| (form.seats, form.outside) = (seats.to_string(), outside.to_string())).await
            }
            Act::Close => host.call(CloseParty { party }).await,
            Act::Reopen => host.call(ReopenParty { party }).await,
        };
        prop_assert_eq!(ended, paper.act(*act), "{:?}", act);
        let held = held(app, party).await;
        let ids = |people_of: Vec<usize>| -> Vec<UserId> { people_of.into_iter().map(|p| people[p].id()).collect() };
        let mut members = ids(paper.members.iter().copied().collect());
        members.push(host.id());
        prop_assert_eq!(&held.members, &sorted(members), "{:?}", act);
        prop_assert_eq!(&held.in_room, &held.members, "the room holds the members");
        prop_assert_eq!(&held.waiting, &ids(paper.waiting.clone()), "the line keeps its order");
        prop_assert_eq!(&held.banned, &sorted(ids(paper.banned.iter().copied().collect())));
        prop_assert_eq!(held.taken as usize, paper.taken());
        prop_assert!(held.taken <= held.seats);
        prop_assert_eq!(held.popularity as usize, held.members.len() + held.waiting.len());
        let state = match (paper.closed_by_host, paper.is_full()) {
            (true, _) => ("closed", Some("host")),
            (false, true) => ("closed", Some("full")),
            (false, false) => ("open", None),
        };
        prop_assert_eq!((held.state.as_str(), held.closed_by.as_deref()), state, "{:?}", act);
    }
    Ok(())
}

fn whatever_people_do(app: impl Future<Output = TestApp>) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
    let (app, host, people) = runtime.block_on(async {
        let app = app.await;
        let host = app.member("mina").await;
        let mut people = Vec::new();
        for n in 0..PEOPLE {
            people.push(app.member(&format!("이웃{n}")).await);
        }
        (app, host, people)
    });
    let mut runner = TestRunner::new(Config { cases: 24, failure_persistence: None, max_shrink_iters: 200, ..Config::default() });
    let ran = runner.run(&proptest::collection::vec(act(), 1..40), |acts| runtime.block_on(live_through(&app, &host, &people, &acts)));
    assert!(ran.is_ok(), "{}", ran.expect_err("it failed"));
}

#[test]
fn whatever_people_do_on_sqlite() {
    whatever_people_do(TestApp::sqlite());
}

#[test]
fn whatever_people_do_on_postgres() {
    whatever_people_do(TestApp::postgres());
}
