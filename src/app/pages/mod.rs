//! Pages that belong to no feature.

mod home;
mod kit;
mod not_found;

pub use home::Home;
pub use kit::Kit;
pub use not_found::NotFound;
