//! The rooms where the work is done, in dependency order: a lower one may use an upper one, never the reverse.

pub mod regions;
pub mod schools;
pub mod mail;
pub mod accounts;
pub mod weather;
pub mod images;
pub mod chat;
pub mod moderation;
pub mod notices;
pub mod threads;
pub mod parties;
pub mod settlements;
pub mod meals;
pub mod suggestions;
pub mod profiles;
