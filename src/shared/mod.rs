//! The vocabulary every other room speaks: identifiers, errors, texts, time, money, pages of lists.
//!
//! Nothing here knows a feature, a database or a browser.

pub mod error;
pub mod form;
pub mod ids;
pub mod images;
pub mod json;
pub mod link;
pub mod money;
pub mod names;
pub mod paging;
pub mod schema;
pub mod sentences;
pub mod text;
pub mod time;
pub mod words;
