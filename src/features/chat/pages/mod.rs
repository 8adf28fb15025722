//! The pages of chat.

mod blocked;
mod message;
mod room;
mod rooms;
mod with;

pub use blocked::blocked_page;
pub use message::ChatMessage;
pub use room::ChatRoom;
pub use rooms::Chats;
pub use with::ChatWith;
