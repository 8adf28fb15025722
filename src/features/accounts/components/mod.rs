//! Parts of the pages around accounts.

mod join_frame;
mod prose_page;
mod refusal;
mod strength;
mod switches;

pub use join_frame::JoinFrame;
pub use prose_page::ProsePage;
pub use refusal::Refusal;
pub use strength::{Strength, Typed};
pub use switches::{LanguageSwitch, ThemeToggle};
