//! What the pages of every kind of party show and do alike.

mod deeds;
mod desk;
mod people;
mod pictures;
mod seating;
mod tools;

pub use deeds::{Deed, Deeds};
pub use desk::HostDesk;
pub use people::Members;
pub use pictures::{PartyPictures, PicturesField, PlainPictures};
pub use seating::{Seating, can_come, stage_label};
pub use tools::PartyTools;
