//! What is promised holds whatever happens to the program and to what it stands on: what was acknowledged is stored, once, in order and
//! without gaps; everybody who listens hears the same; seats and orders are what was agreed.
//!
//! The short form is a part of `make test`. `make chaos` is the long one: a hundred deaths, on a release build.
#![cfg(feature = "ssr")]

#[path = "chaos/ledger.rs"]
mod ledger;
#[path = "chaos/people.rs"]
mod people;
#[path = "chaos/redis.rs"]
mod redis;
#[path = "chaos/world.rs"]
mod world;

use ledger::Evening;
use std::time::Duration;
use tokio::time::sleep;
use world::{World, cycles, is_long};

/// Lets an evening go on for a while, not always as long.
async fn a_while(cycle: u32) {
    sleep(Duration::from_millis(u64::from(400 + cycle * 137 % 500))).await;
}

async fn killed_again_and_again(world: World) {
    let node = world.node();
    let mut starts = vec![node.start().await];
    let evening = Evening::begin(&world, &[&node]).await;
    for cycle in 0..cycles(6) {
        a_while(cycle).await;
        node.kill();
        starts.push(node.start().await);
    }
    evening.end_at(&world).await;
    starts.sort();
    println!("started within {:?} (median), {:?} (longest)", starts[starts.len() / 2], starts[starts.len() - 1]);
    assert!(!is_long() || starts[starts.len() - 1] <= Duration::from_secs(1), "{starts:?}");
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
    for cycle in 0..cycles(3).min(20) {
        a_while(cycle).await;
        world.crash_the_database();
    }
    evening.end_at(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nodes_that_cannot_hear_each_other_catch_up() {
    let world = World::on_postgres();
    let redis = redis::Redis::start(&world.path("redis")).await;
    let nodes = [world.node().with("REDIS_URL", redis.url()), world.node().with("REDIS_URL", redis.url())];
    for node in &nodes {
        node.start().await;
    }
    let evening = Evening::begin(&world, &nodes.each_ref()).await;
    for cycle in 0..cycles(2).min(5) {
        a_while(cycle).await;
        redis.cut();
        sleep(Duration::from_secs(if is_long() { 30 } else { 2 })).await;
        redis.mend();
    }
    evening.end_at(&world).await;
}

/// The limit is one of a file's size, which a process cannot exceed: to it, that is a disk that is full.
#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_refuses_and_forgets_nothing() {
    let world = World::on_sqlite();
    // Nobody dies of the signal; the write fails.
    let node = world.node().run_by(&["sh", "-c", "trap '' XFSZ; exec \"$0\""]);
    node.start().await;
    let evening = Evening::begin(&world, &[&node]).await;
    for cycle in 0..cycles(2).min(10) {
        a_while(cycle).await;
        // The log that it writes next begins anew at each checkpoint, so that it is the one that finds no room.
        limit(&node, "1");
        evening.is_refused().await;
        assert!(node.answers().await, "what is there is still served");
        limit(&node, "unlimited");
    }
    evening.end_at(&world).await;
}

fn limit(node: &world::Node, bytes: &str) {
    let pid = node.pid().to_string();
    let done =
        std::process::Command::new("prlimit").args(["--pid", &pid, &format!("--fsize={bytes}:unlimited")]).status().expect("prlimit runs");
    assert!(done.success());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_jumps_moves_nothing() {
    let world = World::on_sqlite();
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
    for offset in ["+7200", "-86400", "+172800", "+0"] {
        a_while(1).await;
        std::fs::write(&time, offset).expect("written");
    }
    a_while(2).await;
    evening.end_at(&world).await;
}

fn faketime() -> String {
    let found = std::fs::read_dir("/usr/lib")
        .expect("a directory")
        .filter_map(Result::ok)
        .map(|entry| entry.path().join("faketime/libfaketime.so.1"))
        .find(|path| path.exists());
    found.expect("libfaketime; `make setup` installs it").display().to_string()
}
