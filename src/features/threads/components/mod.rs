//! What people said, and the box to say something.

mod comment;
mod teaser;
mod thread;
mod writer;

pub use teaser::Teaser;
pub use thread::Thread;
