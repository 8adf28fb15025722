//! The pages of mail.

mod kept;

pub use kept::KeptMailPage;
