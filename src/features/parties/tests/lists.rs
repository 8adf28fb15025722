//! Pages of lists: every row once, under numbers that stay.

use super::*;
use crate::execute;
use crate::server::db::Conn;
use crate::server::paging::{Listing, Order, page};
use crate::shared::paging::{Anchor, COUNT_LIMIT, PAGE_SIZE, Page, PageAsk};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

/// Puts rows into a table that only this transaction knows.
async fn fill(tx: &mut Conn, keys: &[i64]) -> Vec<Anchor> {
    execute!(tx, "create table things (id uuid not null, shelf bigint not null, key bigint not null)").expect("a table");
    execute!(tx, "create index things_in_order on things (shelf, key, id)").expect("an index");
    let mut rows = Vec::new();
    for (n, key) in keys.iter().enumerate() {
        // Ids in no order at all.
        let id = Uuid::from_u128((n as u128 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835));
        for (shelf, id) in [(1_i64, id), (2, Uuid::new_v4())] {
            execute!(tx, "insert into things (id, shelf, key) values ($1, $2, $3)", id, shelf, *key).expect("a row");
        }
        rows.push(Anchor { key: *key, id });
    }
    rows
}

async fn walk(tx: &mut Conn, keys: &[i64], order: Order) -> Result<(), TestCaseError> {
    let mut expected: Vec<Uuid> = {
        let mut rows = fill(tx, keys).await;
        rows.sort_by_key(|row| (row.key, row.id));
        rows.into_iter().map(|row| row.id).collect()
    };
    if order == Order::Descending {
        expected.reverse();
    }
    let listing = Listing::of("things", "key is not null", "key", order).with_number("shelf =", 1);
    let mut forth: Vec<Page<Uuid>> = Vec::new();
    let mut ask = PageAsk::default();
    loop {
        let page = page(tx, &listing, ask).await.expect("a page");
        prop_assert_eq!(page.number, ask.number);
        prop_assert_eq!(page.total, (keys.len() as i64).min(COUNT_LIMIT + 1));
        let (last, next, number, after) = (page.last, page.next, page.number, page.after);
        forth.push(page);
        ask = match next {
            _ if number < last => PageAsk { number: number + 1, after },
            Some(anchor) => PageAsk { number: number + 1, after: Some(anchor) },
            None => break,
        };
    }
    let walked: Vec<Uuid> = forth.iter().flat_map(|page| page.rows.clone()).collect();
    prop_assert_eq!(&walked, &expected, "every row once, in order");
    prop_assert!(forth.iter().rev().skip(1).all(|page| page.rows.len() == PAGE_SIZE));
    // And back again: the same rows under the same numbers.
    let mut at = forth.len();
    while at > 0 {
        at -= 1;
        let here = &forth[at];
        let again = page(tx, &listing, PageAsk { number: here.number, after: here.after }).await.expect("a page");
        prop_assert_eq!(&again, here);
        if at > 0 && here.number == here.first() {
            prop_assert_eq!(here.previous, Some(forth[at - 1].after), "the way back leads to the window before");
        }
    }
    Ok(())
}

fn every_row_once(app: impl Future<Output = TestApp>) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
    let app = runtime.block_on(app);
    let mut runner = TestRunner::new(Config { cases: 12, failure_persistence: None, max_shrink_iters: 30, ..Config::default() });
    // Few different keys, so that many rows share one.
    let keys = (1i64..40).prop_flat_map(|different| proptest::collection::vec(-different..different, 0..330));
    let ran = runner.run(&(keys, any::<bool>()), |(keys, descending)| {
        runtime.block_on(async {
            let mut tx = app.state.db.begin().await.expect("a transaction");
            // Never committed: the next case finds a clean table.
            walk(&mut tx, &keys, if descending { Order::Descending } else { Order::Ascending }).await
        })
    });
    assert!(ran.is_ok(), "{}", ran.expect_err("it failed"));
}

#[test]
fn every_row_once_on_sqlite() {
    every_row_once(TestApp::sqlite());
}

#[test]
fn every_row_once_on_postgres() {
    every_row_once(TestApp::postgres());
}
