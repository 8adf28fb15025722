//! Pages that belong to no feature.

mod home;
mod kit;
mod mine;
mod not_found;

pub use home::Home;
pub use kit::Kit;
pub use mine::{Blocked, MinePage, MyProfile};
pub use not_found::NotFound;
