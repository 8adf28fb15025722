//! Bills in the database. Whoever changes one holds their party's lock ([`crate::features::parties::store::Seat`]).

mod forgetting;
mod items;
mod payments;
mod reading;
mod settling;
mod sheet;

pub use forgetting::{forget_of, forget_old, vacate};
pub use items::{put_item, remove_item};
pub use payments::{mark_received, mark_sent, remind};
pub use reading::{bill, settlement};
pub use settling::{put_extra, remove_extra, set_terms, settle};
