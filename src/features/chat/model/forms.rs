//! What people write in rooms, as typed and as checked.

use super::MAX_TEXT;
use crate::shared::error::FieldErrors;
use crate::shared::form::prose;
use crate::shared::ids::{ImageId, RoomId, SendId, Seq, UserId};
use crate::shared::images::Pictures;
use crate::shared::time::Timestamp;
use serde::{Deserialize, Serialize};

/// A message to send, as typed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct SendForm {
    /// Where.
    pub room: RoomId,
    /// The device's name for it.
    pub send_id: SendId,
    /// What.
    #[serde(default)]
    #[cfg_attr(feature = "ssr", schemars(length(max = MAX_TEXT)))]
    pub text: String,
    /// What it answers.
    #[serde(default)]
    pub reply_to: Option<Seq>,
    /// What is shown with it; of each only the id counts.
    #[serde(default, skip_serializing_if = "Pictures::is_empty")]
    pub pictures: Pictures,
}

/// A message that may be stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewMessage {
    /// Where.
    pub room: RoomId,
    /// The device's name for it.
    pub send_id: SendId,
    /// At most [`MAX_TEXT`] characters, not blank where there are no pictures.
    pub text: String,
    /// What it answers.
    pub reply_to: Option<Seq>,
    /// At most [`crate::shared::images::MAX_PICTURES`], each once.
    pub pictures: Vec<ImageId>,
}

impl SendForm {
    /// Checks what was typed.
    ///
    /// # Errors
    /// A too long text, or a blank one without pictures; too many of them.
    pub fn parse(&self) -> Result<NewMessage, FieldErrors> {
        let (text, pictures) = parse_said(&self.text, &self.pictures)?;
        Ok(NewMessage { room: self.room, send_id: self.send_id, text, reply_to: self.reply_to, pictures })
    }
}

/// The first message to somebody, as typed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct DirectForm {
    /// To whom.
    pub to: UserId,
    /// The device's name for it.
    pub send_id: SendId,
    /// What.
    #[serde(default)]
    #[cfg_attr(feature = "ssr", schemars(length(max = MAX_TEXT)))]
    pub text: String,
    /// What is shown with it; of each only the id counts.
    #[serde(default, skip_serializing_if = "Pictures::is_empty")]
    pub pictures: Pictures,
}

impl DirectForm {
    /// Checks what was typed; the text as it will be stored, and which pictures are shown with it.
    ///
    /// # Errors
    /// A too long text, or a blank one without pictures; too many of them.
    pub fn parse(&self) -> Result<(String, Vec<ImageId>), FieldErrors> {
        parse_said(&self.text, &self.pictures)
    }
}

/// A message of the reader, to be changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct MyMessage {
    /// Where.
    pub room: RoomId,
    /// Its number.
    pub seq: Seq,
    /// The number of the last entry there.
    pub last: Seq,
    /// What it says.
    pub text: String,
    /// What is shown with it.
    pub pictures: Pictures,
    /// When it was said.
    pub at: Timestamp,
    /// The server's clock.
    pub now: Timestamp,
}

/// A message in other words, as typed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct ChangeForm {
    /// Where.
    pub room: RoomId,
    /// Which.
    pub seq: Seq,
    /// What it shall say.
    #[serde(default)]
    #[cfg_attr(feature = "ssr", schemars(length(max = MAX_TEXT)))]
    pub text: String,
}

impl ChangeForm {
    /// Checks what was typed; the text as it will be stored.
    ///
    /// # Errors
    /// A blank or too long text.
    pub fn parse(&self) -> Result<String, FieldErrors> {
        parse_text(&self.text)
    }
}

/// What is said and shown together: where there are pictures, there need not be words.
fn parse_said(typed: &str, pictures: &Pictures) -> Result<(String, Vec<ImageId>), FieldErrors> {
    let pictures = pictures.ids()?;
    let is_silent = !pictures.is_empty() && typed.trim().is_empty();
    Ok((if is_silent { String::new() } else { parse_text(typed)? }, pictures))
}

fn parse_text(typed: &str) -> Result<String, FieldErrors> {
    prose(typed, "text", MAX_TEXT, ("chat.error.blank", "chat.error.long"))
}
