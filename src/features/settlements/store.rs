//! Bills in the database. Whoever changes one holds their party's lock ([`crate::features::parties::store::Seat`]).

mod items;
mod reading;

pub use items::{forget_of, put_item, remove_item};
pub use reading::bill;
