//! A database that is locked, read-only, full or gone while people use the node: each call has a defined answer, nothing
//! is half done, and everything works again when the trouble is over.

use crate::features::accounts::api::{EndOtherSessions, ListSessions, WhoAmI};
use crate::server::db::Db;
use crate::shared::error::AppError;
use crate::testing::{Actor, TestApp};
use sqlx::{Connection, Executor, PgConnection, SqliteConnection};

async fn write(actor: &Actor) -> Result<(), AppError> {
    actor.call(EndOtherSessions {}).await
}

/// The one connection through which SQLite is written.
async fn on_writer(app: &TestApp, sql: &'static str) {
    let Db::Sqlite { write, .. } = &app.state.db else { panic!("SQLite only") };
    write.execute(sql).await.expect("a pragma");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_another_program_holds_the_file_writes_are_refused_and_reads_go_on() {
    let app = TestApp::sqlite().await;
    let mina = app.member("mina").await;
    let mut other = SqliteConnection::connect(&app.database_url).await.expect("the file");
    other.execute("begin immediate").await.expect("the lock");
    assert_eq!(write(&mina).await, Err(AppError::Unavailable));
    assert!(mina.ask(WhoAmI {}).await.expect("a read").is_some());
    assert!(mina.ask(ListSessions {}).await.is_ok());
    other.execute("rollback").await.expect("released");
    assert_eq!(write(&mina).await, Ok(()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_read_only_database_is_not_available_for_writes() {
    let app = TestApp::sqlite().await;
    let mina = app.member("mina").await;
    on_writer(&app, "pragma query_only = on").await;
    assert_eq!(write(&mina).await, Err(AppError::Unavailable));
    assert!(mina.ask(WhoAmI {}).await.expect("a read").is_some());
    on_writer(&app, "pragma query_only = off").await;
    assert_eq!(write(&mina).await, Ok(()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_loses_nothing_that_was_there() {
    let app = TestApp::sqlite().await;
    let mina = app.member("mina").await;
    // No page more than there are now; then a table that needs more than the free space of a page.
    on_writer(&app, "pragma max_page_count = 1").await;
    let Db::Sqlite { write: pool, .. } = &app.state.db else { panic!("SQLite only") };
    let refused: AppError = pool.execute("create table filler as select zeroblob(1000000) as x").await.expect_err("no room").into();
    assert_eq!(refused, AppError::Unavailable);
    assert!(mina.ask(WhoAmI {}).await.expect("a read").is_some());
    on_writer(&app, "pragma max_page_count = 1000000").await;
    assert_eq!(write(&mina).await, Ok(()));
    let (sound,): (String,) = sqlx::query_as("pragma integrity_check").fetch_one(pool).await.expect("a check");
    assert_eq!(sound, "ok");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_postgres_that_goes_away_and_comes_back_is_used_again() {
    let app = TestApp::postgres().await;
    let mina = app.member("mina").await;
    assert_eq!(write(&mina).await, Ok(()));
    let name = app.database_url.rsplit('/').next().expect("a name").to_owned();
    let admin = std::env::var("MOIM_TEST_POSTGRES").expect("set, or the node would not run");
    let mut admin = PgConnection::connect(&admin).await.expect("the server");
    let away = format!("alter database {name} with allow_connections false");
    let cut = format!("select pg_terminate_backend(pid) from pg_stat_activity where datname = '{name}'");
    admin.execute(sqlx::AssertSqlSafe(away)).await.expect("closed");
    admin.execute(sqlx::AssertSqlSafe(cut)).await.expect("cut");
    assert_eq!(write(&mina).await, Err(AppError::Unavailable), "not: sign in again");
    assert_eq!(app.visitor().get("/readyz").await.status, 503);
    assert!(app.visitor().get("/").await.body.contains("</html>"), "a page says what the trouble is");
    admin.execute(sqlx::AssertSqlSafe(format!("alter database {name} with allow_connections true"))).await.expect("open");
    assert_eq!(write(&mina).await, Ok(()), "the same cookies are good again");
    assert_eq!(app.visitor().get("/readyz").await.status, 200);
}
