//! Comments in the database.
//!
//! Locks are taken in one order: the party, then the comment above, then the comment. Numbers are counted by the statements
//! that change what they count.

mod reading;
mod writing;

pub use reading::{newest, thread};
pub use writing::{COMMENTING, NewComment, change, delete, like, unlike, write};
