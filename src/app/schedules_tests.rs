//! Two nodes over one database: what is done for all of them is done by one at a time.

use super::work::sweep;
use crate::features::images::jobs::collect;
use crate::features::images::tests::put_in;
use crate::features::parties::api::JoinParty;
use crate::features::parties::jobs::run_once;
use crate::features::parties::tests::{open, order};
use crate::fetch_one;
use crate::server::schedules::{Schedule, Turn};
use crate::shared::time::Span;
use crate::testing::TestApp;

const ALL: [Schedule; 3] = [Schedule::Deadlines, Schedule::Sweep, Schedule::Pictures];

async fn turn(app: &TestApp, schedule: Schedule) -> Option<Turn> {
    Turn::take(&app.state.db, schedule).await.expect("asked")
}

/// Notices of somebody who came.
async fn joined(app: &TestApp) -> i64 {
    let mut conn = app.state.db.read().await.expect("a connection");
    let (count,): (i64,) = fetch_one!(conn, (i64,), "select count(*) from notices where kind = 'joined'").expect("a count");
    count
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_one_node_is_at_the_other_leaves_alone() {
    let (here, there) = TestApp::two_nodes_apart().await;
    let (mina, jun) = (here.member("mina").await, here.member("jun").await);
    let party = open(&mina, order()).await;
    jun.call(JoinParty { party }).await.expect("a seat");
    put_in(&mina).await;
    for node in [&here, &there] {
        node.advance(Span::days(91));
    }
    let mut turns = Vec::new();
    for schedule in ALL {
        turns.push(turn(&here, schedule).await.expect("free"));
        assert!(turn(&there, schedule).await.is_none(), "{schedule:?}");
    }
    assert_eq!((run_once(&there.state).await, collect(&there.state).await, sweep(&there.state).await), (Ok(0), Ok(0), Ok(())));
    assert_eq!(joined(&there).await, 1);
    for turn in turns {
        turn.end().await;
    }
    assert_eq!((run_once(&there.state).await, collect(&there.state).await, sweep(&there.state).await), (Ok(1), Ok(1), Ok(())));
    assert_eq!(joined(&there).await, 0);
    for schedule in ALL {
        turn(&here, schedule).await.expect("it was given back").end().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_rounds_at_once_fail_for_nobody() {
    let (here, there) = TestApp::two_nodes_apart().await;
    let rounds = (0..8).map(async |n| {
        let state = if n % 2 == 0 { &here.state } else { &there.state };
        (sweep(state).await, run_once(state).await.map(drop), collect(state).await.map(drop))
    });
    let done = futures_util::future::join_all(rounds).await;
    assert!(done.iter().all(|done| *done == (Ok(()), Ok(()), Ok(()))), "{done:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_by_itself_waits_for_nobody() {
    let app = TestApp::sqlite().await;
    let (_one, two) = (turn(&app, Schedule::Sweep).await, turn(&app, Schedule::Sweep).await);
    assert!(two.is_some());
}
