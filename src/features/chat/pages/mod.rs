//! The pages of chat.

mod room;
mod rooms;
mod with;

pub use room::ChatRoom;
pub use rooms::Chats;
pub use with::ChatWith;
