//! What behaviour tests stand on: a whole node on a fresh database of either kind, people who use it, a clock that stands still.
//!
//! [`on_both!`](crate::on_both) runs a test on SQLite and on PostgreSQL. The latter needs the address of a server where
//! databases may be made in `MOIM_TEST_POSTGRES`; `make test` starts one.

mod actor;
mod app;
mod chat_model;
mod clock;
mod contradictions;
mod forger;
mod oidc;
mod smtp;
mod socket;
mod watchdog;

pub use actor::{Actor, Answer};
pub use app::{PASSWORD, Place, TestApp, YEONNAM};
pub use chat_model::{ChatModel, Way};
pub use clock::MockClock;
pub use contradictions::SHELVES;
pub use forger::{Forger, Trick};
pub use oidc::OidcProvider;
pub use smtp::{Manners, Smtp};
pub use socket::Socket;

/// Defines a test that runs on both databases: `on_both! { async fn name(app: TestApp) { … } }`.
#[macro_export]
macro_rules! on_both {
    ($(async fn $name:ident($app:ident: TestApp) $body:block)+) => {$(
        mod $name {
            #[allow(unused_imports)]
            use super::*;

            async fn check($app: $crate::testing::TestApp) $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                check($crate::testing::TestApp::sqlite().await).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                check($crate::testing::TestApp::postgres().await).await;
            }
        }
    )+};
}
