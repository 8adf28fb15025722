//! What people are called whose account is closed.

use crate::t;

/// What stands for the name of somebody whose account is closed: no nickname can be this. Readers are shown words of their
/// language for it ([`called`]).
pub const CLOSED: &str = "\u{2205}";

/// Whether a name stands for somebody whose account is closed.
#[must_use]
pub fn is_closed(nickname: &str) -> bool {
    nickname == CLOSED
}

/// A name as readers are shown it.
#[must_use]
pub fn called(nickname: &str) -> String {
    if is_closed(nickname) { t!("accounts.closed") } else { nickname.to_owned() }
}

/// A party's title as readers are shown it. It is empty for those who may not read it: who wrote it has closed their account, and they
/// did not sit there.
#[must_use]
pub fn titled(title: &str) -> String {
    if title.is_empty() { t!("parties.untitled") } else { title.to_owned() }
}
