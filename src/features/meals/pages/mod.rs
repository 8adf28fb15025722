//! The pages of shared orders, one a file.

pub mod bill;
pub mod change;
pub mod comments;
pub mod list;
pub mod mine;
pub mod new;
pub mod one;
