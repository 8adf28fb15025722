//! The platform under the features: configuration, databases, time, passwords, limits, security, telemetry.

pub mod aside;
pub mod backup;
pub mod clock;
pub mod completions;
pub mod config;
pub mod db;
pub mod hashing;
pub mod door;
pub mod http;
pub mod images;
pub mod jobs;
pub mod keys;
pub mod mail;
pub mod markdown;
pub mod oidc;
pub mod paging;
pub mod rate_limit;
pub mod schedules;
pub mod schema;
pub mod security;
pub mod state;
pub mod storage;
pub mod telemetry;
