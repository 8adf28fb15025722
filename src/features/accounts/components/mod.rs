//! Parts of the pages around accounts.

mod genders;
mod join_frame;
mod lost_page;
mod named;
mod narrow;
mod new_password;
mod prose_page;
mod refusal;
mod school_fields;
mod strength;
mod switches;
mod ways;

pub use genders::genders;
pub use join_frame::JoinFrame;
pub use lost_page::LostPage;
pub use named::named;
pub use narrow::{narrow, own_page};
pub use new_password::{CurrentPassword, NewPassword};
pub use prose_page::ProsePage;
pub use refusal::Refusal;
pub use school_fields::SchoolFields;
pub use strength::Typed;
pub use switches::{LanguageSwitch, ThemeToggle};
pub use ways::{LinkPassword, ways_out};
