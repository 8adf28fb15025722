//! What both sides know of mail.

use crate::shared::time::Timestamp;
use serde::{Deserialize, Serialize};

/// A mail that is kept because there is no mail server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct KeptMail {
    /// To whom.
    pub recipient: String,
    /// One line.
    pub subject: String,
    /// What it says.
    pub text: String,
    /// Where its button leads, on this site.
    pub path: String,
    /// When it was written.
    pub at: Timestamp,
}

/// The newest kept mails.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct KeptMails {
    /// The newest first.
    pub mails: Vec<KeptMail>,
    /// The server's clock.
    pub now: Timestamp,
}
