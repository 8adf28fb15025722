//! What both sides know of comments.

use crate::features::chat::model::Person;
use crate::shared::error::{AppError, FieldErrors};
use crate::shared::form::prose;
use crate::shared::ids::{CommentId, PartyId, UserId};
use crate::shared::paging::Anchor;
use crate::shared::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Longest comment, in characters.
pub const MAX_COMMENT: usize = 1_000;
/// Comments on a page.
pub const COMMENTS_PAGE: usize = 20;
/// Answers that are shown under a comment; the others stand on a page of their own.
pub const ANSWERS_SHOWN: i64 = 3;

/// Which part of a thread a reader asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct ThreadQuery {
    /// The oldest comments first.
    pub oldest: bool,
    /// Where the page begins.
    pub after: Option<String>,
    /// Only this comment, with its answers.
    pub of: Option<CommentId>,
    /// The comment that the reader is about to answer.
    pub reply: Option<CommentId>,
    /// The comment of theirs that the reader is about to change.
    pub edit: Option<CommentId>,
}

impl ThreadQuery {
    /// Reads the parts of an address; whatever is wrong is left out.
    #[must_use]
    pub fn parse(get: impl Fn(&str) -> Option<String>) -> Self {
        let id = |name| get(name).and_then(|id| id.parse().ok());
        Self {
            oldest: get("sort").is_some_and(|sort| sort == "old"),
            after: get("after"),
            of: id("of"),
            reply: id("reply"),
            edit: id("edit"),
        }
    }

    /// The address of this part on the page at `path`.
    #[must_use]
    pub fn href(&self, path: &str) -> String {
        let id = |name: &str, id: Option<CommentId>| id.map(|id| format!("{name}={id}"));
        let parts = [
            self.oldest.then(|| "sort=old".to_owned()),
            // Digits and a dot.
            self.after.as_ref().map(|after| format!("after={after}")),
            id("of", self.of),
            id("reply", self.reply),
            id("edit", self.edit),
        ];
        let query = parts.into_iter().flatten().collect::<Vec<_>>().join("&");
        if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
    }

    /// The same part, with nothing in hand.
    #[must_use]
    pub fn at_rest(&self) -> Self {
        Self { reply: None, edit: None, ..self.clone() }
    }
}

/// A comment, as one reader sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct Comment {
    /// Which.
    pub id: CommentId,
    /// Who wrote it; nobody when it was deleted.
    pub author: Option<Person>,
    /// Whom it answers, where that is not plain.
    pub answers: Option<String>,
    /// What it says; nothing when it was deleted.
    pub text: String,
    /// How many people like it.
    pub likes: i64,
    /// Whether the reader does.
    pub is_liked: bool,
    /// When it was written.
    pub at: Timestamp,
    /// Whether it was changed since.
    pub is_edited: bool,
    /// Whether the reader blocks its writer.
    pub is_folded: bool,
    /// The first answers to it.
    pub replies: Vec<Comment>,
    /// How many answers there are.
    pub reply_count: i64,
}

/// What the reader is about to do with a comment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum InHand {
    /// Answer it.
    Reply {
        /// Which.
        id: CommentId,
        /// Who wrote it.
        nickname: String,
        /// Its first characters.
        text: String,
    },
    /// Change it.
    Edit {
        /// Which.
        id: CommentId,
        /// What it says.
        text: String,
    },
}

/// A part of a thread.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct ThreadView {
    /// The party it is about.
    pub party: PartyId,
    /// What that is called.
    pub title: String,
    /// Whose it is.
    pub host: UserId,
    /// Who reads.
    pub me: Option<UserId>,
    /// Why they may not write, if they may not.
    pub why_not: Option<AppError>,
    /// All comments and answers that are not deleted.
    pub total: i64,
    /// The comments, in the order that was asked for.
    pub comments: Vec<Comment>,
    /// Where the next page begins, if there is one.
    pub next: Option<Anchor>,
    /// What the reader is about to do.
    pub in_hand: Option<InHand>,
    /// The name of the next comment.
    pub key: CommentId,
    /// The server's clock.
    pub now: Timestamp,
}

/// A comment, as typed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct CommentForm {
    /// About which party.
    pub party: PartyId,
    /// Its name.
    pub key: CommentId,
    /// What it answers.
    #[serde(default)]
    pub parent: Option<CommentId>,
    /// What it says.
    #[serde(default)]
    #[cfg_attr(feature = "ssr", schemars(length(max = MAX_COMMENT)))]
    pub text: String,
}

impl CommentForm {
    /// Checks what was typed; the text as it will be stored.
    ///
    /// # Errors
    /// A blank or too long text.
    pub fn parse(&self) -> Result<String, FieldErrors> {
        parse_text(&self.text)
    }
}

/// A comment in other words, as typed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct CommentChange {
    /// Which.
    pub id: CommentId,
    /// What it shall say.
    #[serde(default)]
    #[cfg_attr(feature = "ssr", schemars(length(max = MAX_COMMENT)))]
    pub text: String,
}

impl CommentChange {
    /// Checks what was typed; the text as it will be stored.
    ///
    /// # Errors
    /// A blank or too long text.
    pub fn parse(&self) -> Result<String, FieldErrors> {
        parse_text(&self.text)
    }
}

fn parse_text(typed: &str) -> Result<String, FieldErrors> {
    prose(typed, "text", MAX_COMMENT, ("threads.error.blank", "threads.error.long"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use uuid::Uuid;

    proptest! {
        #[test]
        fn an_address_says_what_was_asked(oldest: bool, after in proptest::option::of(0_i64..i64::MAX), ids in proptest::array::uniform3(proptest::option::of(any::<u128>()))) {
            let [of, reply, edit] = ids.map(|id| id.map(|id| CommentId(Uuid::from_u128(id))));
            let after = after.map(|key| Anchor { key, id: Uuid::from_u128(7) }.to_string());
            let query = ThreadQuery { oldest, after, of, reply, edit };
            let href = query.href("/meals/1/comments");
            let (path, rest) = href.split_once('?').unwrap_or((&href, ""));
            let get = |name: &str| rest.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('=')).map(str::to_owned);
            prop_assert_eq!(path, "/meals/1/comments");
            prop_assert_eq!(ThreadQuery::parse(get), query);
        }
    }
}
