//! What is promised holds whatever happens to the program and to what it stands on: what was acknowledged is stored, once, in order and
//! without gaps; everybody who listens hears the same; seats and orders are what was agreed.
//!
//! The short form is a part of `make test`. `make chaos` is the long one: a hundred deaths, on a release build.
#![cfg(feature = "ssr")]

#[path = "../src/testing/contradictions.rs"]
mod contradictions;
#[path = "chaos/disk.rs"]
mod disk;
#[path = "chaos/ledger.rs"]
mod ledger;
#[path = "chaos/money.rs"]
mod money;
#[path = "chaos/pair.rs"]
mod pair;
#[path = "chaos/people.rs"]
mod people;
#[path = "chaos/redis.rs"]
mod redis;
#[path = "chaos/world.rs"]
mod world;

use self::redis::Redis;
use disk::Disk;
use ledger::Evening;
use moim::fetch_one;
use moim::server::clock::{Clock, SystemClock};
use moim::shared::time::{Span, Timestamp};
use pair::{MISSED, Pair, SOON};
use std::time::{Duration, Instant};
use tokio::task::yield_now;
use tokio::time::sleep;
use world::{Node, World, cycles, is_long, leave_out};

/// Lets an evening go on for a while, at random.
async fn a_while() {
    sleep(Duration::from_millis(rand::random_range(400..900))).await;
}

/// Says how long something took each time; never longer than what is promised.
fn hold(what: &str, mut times: Vec<Duration>) {
    // A debug build on a machine that does other things as well takes longer.
    let bound = Duration::from_secs(if is_long() { 1 } else { 5 });
    times.sort();
    let longest = times[times.len() - 1];
    println!("{what} within {:?} (median), {longest:?} (longest)", times[times.len() / 2]);
    assert!(longest <= bound, "{what} within {times:?}");
}

async fn killed_again_and_again(world: World) {
    let node = world.node();
    // The first start makes the schema: it is no coming back.
    node.start().await;
    let evening = Evening::begin(&world, &[&node]).await;
    let (mut starts, mut stores, mut under_way) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..cycles(6) {
        a_while().await;
        // Many transactions of many messages, in the middle of which it dies.
        evening.hurries();
        let (hurried, most) = (Instant::now(), Duration::from_micros(rand::random_range(300..5_000)));
        while hurried.elapsed() < most {
            yield_now().await;
        }
        under_way.push(evening.waiting());
        node.kill();
        let start = node.start().await;
        starts.push(start);
        stores.push(start + evening.goes_on().await);
    }
    let said = evening.end_at(&world).await;
    assert!(said >= starts.len(), "people did not talk between one death and the next");
    let hit = under_way.iter().filter(|number| **number > 0).count();
    println!("{said} messages; {hit} of {} deaths had some under way, {} of them", under_way.len(), under_way.iter().sum::<usize>());
    assert!(hit * 3 >= under_way.len(), "hardly anything was under way: {under_way:?}");
    hold("serves again", starts);
    hold("stores again", stores);
}

#[tokio::test(flavor = "multi_thread")]
async fn kill_9_loses_nothing_on_sqlite() {
    killed_again_and_again(World::on_sqlite()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn kill_9_loses_nothing_on_postgres() {
    killed_again_and_again(World::on_postgres()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_crashes_is_missed_and_found_again() {
    let world = World::on_postgres();
    let node = world.node();
    node.start().await;
    let evening = Evening::begin(&world, &[&node]).await;
    let mut waits = Vec::new();
    for _ in 0..cycles(3).min(20) {
        a_while().await;
        let restart = world.crash_the_database().await;
        waits.push(evening.goes_on().await);
        restart.await.expect("restarted");
    }
    evening.end_at(&world).await;
    hold("stores again", waits);
}

async fn two_nodes() -> (World, Redis, [Node; 2]) {
    let world = World::on_postgres();
    let redis = Redis::start(&world.path("redis")).await;
    let nodes = [world.node().with("REDIS_URL", redis.url()), world.node().with("REDIS_URL", redis.url())];
    for node in &nodes {
        node.start().await;
    }
    (world, redis, nodes)
}

/// How long nodes do not hear each other.
async fn a_silence() {
    sleep(Duration::from_secs(if is_long() { 30 } else { 2 })).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nodes_that_cannot_hear_each_other_catch_up() {
    let (world, redis, nodes) = two_nodes().await;
    let evening = Evening::begin(&world, &nodes.each_ref()).await;
    for _ in 0..cycles(2).min(5) {
        a_while().await;
        redis.cut().await;
        a_silence().await;
        redis.mend();
    }
    evening.end_at(&world).await;
}

/// Nobody says anything at the second node: what is heard there has come over the bus, or was looked for when the bus was back.
#[tokio::test(flavor = "multi_thread")]
async fn who_only_listens_hears_what_happens_at_another_node() {
    let (world, redis, nodes) = two_nodes().await;
    let pair = Pair::begin(&world, &nodes).await;
    for _ in 0..cycles(1).min(3) {
        pair.hear(pair.say().await, SOON).await;
        let device = pair.device().await;
        redis.cut().await;
        let missed = pair.say().await;
        pair.end(&device, &nodes[0]).await;
        a_silence().await;
        pair.is_unaware(missed, &device);
        redis.mend();
        // Although nobody says anything more.
        pair.hear(missed, SOON).await;
        device.until_signed_out(SOON).await;
        pair.hear(pair.say().await, SOON).await;
    }
    pair.part();
}

/// What a node has written and not told when it dies is found by the others, also if it never comes back.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_node_did_not_tell_before_it_died_is_heard_at_another() {
    let (world, _redis, nodes) = two_nodes().await;
    let pair = Pair::begin(&world, &nodes).await;
    pair.hear(pair.say().await, SOON).await;
    let device = pair.device().await;
    // It is a moment between the two, and this is one that lasts: a node that writes into the same database and tells nobody.
    let mute = world.node();
    mute.start().await;
    let missed = pair.say_at(&mute).await;
    pair.end(&device, &mute).await;
    nodes[0].kill();
    pair.is_unaware(missed, &device);
    pair.hear(missed, MISSED).await;
    device.until_signed_out(MISSED).await;
    pair.part();
}

async fn written_to(world: World, disk: Disk, rounds: u32) {
    // Nobody dies of the signal that tells of a limit; the write fails.
    let node = world.node().run_by(&["sh", "-c", "trap '' XFSZ; exec \"$0\""]);
    node.start().await;
    let evening = Evening::begin(&world, &[&node]).await;
    let mut waits = Vec::new();
    for _ in 0..rounds {
        a_while().await;
        disk.fill(&world, &node).await;
        evening.is_refused().await;
        assert!(node.answers().await, "what is there is still served");
        disk.clear(&node);
        // Those who talk have tried so often that they are told to slow down: they go on later.
        waits.push(evening.stores().await);
    }
    evening.end_at(&world).await;
    hold("stores again", waits);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_refuses_and_forgets_nothing() {
    let world = World::on_sqlite();
    let Some(disk) = Disk::small(&world) else {
        return leave_out("a full disk: only root can mount a small one. Files that may not grow were tried.");
    };
    written_to(world, disk, cycles(2).min(10)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn files_that_may_not_grow_refuse_and_forget_nothing() {
    written_to(World::on_sqlite(), Disk::Limit, cycles(1).min(10)).await;
}

async fn the_clock_jumps(world: World) {
    let time = world.path("time");
    std::fs::write(&time, "+0").expect("written");
    let node = world
        .node()
        .with("LD_PRELOAD", faketime())
        .with("FAKETIME_TIMESTAMP_FILE", time.display().to_string())
        .with("FAKETIME_NO_CACHE", "1")
        .with("FAKETIME_DONT_FAKE_MONOTONIC", "1")
        .with("DONT_FAKE_MONOTONIC", "1");
    node.start().await;
    let evening = Evening::begin(&world, &[&node]).await;
    // With the first jump the orders are over, and nobody can any more.
    evening.sees_somebody_sit_down().await;
    let mut waits = Vec::new();
    for offset in ["+7200", "-86400", "+172800", "+0"] {
        std::fs::write(&time, offset).expect("written");
        // What is stored some time after that is dated by this clock.
        a_while().await;
        waits.push(evening.goes_on().await);
    }
    evening.end_at(&world).await;
    hold("stores again", waits);
    let db = world.database().await;
    let conn = &mut db.read().await.expect("a connection");
    let sql = "select min(created_at), max(created_at) from messages";
    let (first, last): (Timestamp, Timestamp) = fetch_one!(conn, (Timestamp, Timestamp), sql).expect("messages");
    let now = SystemClock.now();
    assert!(now - first > Span::hours(12) && last - now > Span::hours(36), "the clock did not jump: {first:?}, {now:?}, {last:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_jumps_moves_nothing_on_sqlite() {
    the_clock_jumps(World::on_sqlite()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_jumps_moves_nothing_on_postgres() {
    the_clock_jumps(World::on_postgres()).await;
}

fn faketime() -> String {
    let found = std::fs::read_dir("/usr/lib")
        .expect("a directory")
        .filter_map(Result::ok)
        .map(|entry| entry.path().join("faketime/libfaketime.so.1"))
        .find(|path| path.exists());
    found.expect("libfaketime; `make setup` installs it").display().to_string()
}
