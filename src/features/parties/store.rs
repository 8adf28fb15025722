//! Parties in the database.
//!
//! Whatever changes who sits at a party first takes the lock of its row ([`locking`]), so that everything that follows in the
//! transaction sees it settled; the seats themselves are counted by the statement that gives them away. The order of locks
//! is always party, then room.

mod closing;
mod hosting;
mod lists;
mod locking;
mod opening;
mod pictures;
mod queue;
mod reading;
mod seats;
mod shelves;
mod views;

pub use closing::{forget_of, held, vacate};
pub use hosting::{accept, advance, cancel, close, decline, edit, hand_over, lift_ban, remove, reopen};
#[cfg(test)]
pub use lists::plans;
pub use lists::{Filter, Scope, list};
pub use locking::{Host, News, Seat, host, seat};
pub use opening::{Edit, NewParty, open};
pub use pictures::{add_pictures, take_off_of, take_picture_off};
pub use queue::{apply, wait, withdraw};
pub use reading::{FIRST_DUE, circle, due, exists, goes_on, has_ended};
pub use seats::{close_due, end_over, join, leave};
#[cfg(test)]
pub use shelves::shelf_plans;
pub use shelves::{has_to_put_away, is_kept, keep, misplaced, put_away, put_right, shelf};
pub use views::{Viewer, forget_views, has_views_before, look_at};
