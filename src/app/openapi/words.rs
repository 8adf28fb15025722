//! Doc comments, as sentences for readers who do not have the code before them.

use crate::features::{accounts, chat, meals, moderation, notices, parties, profiles, settlements};
use crate::shared::{images, paging};
use serde_json::Value;

/// What is said before the operations: the keys of titles and texts in `locales/`.
pub const INTRODUCTION: [(&str, &str); 5] = [
    ("api.calls", "api.calls.text"),
    ("api.sign_in", "api.sign_in.text"),
    ("api.origin", "api.origin.text"),
    ("api.errors", "api.errors.text"),
    ("api.limits", "api.limits.text"),
];

/// What a server function's argument struct says before the function's own sentences.
const OF_ARGUMENTS: &str = "Serialized arguments for the [`";

/// What a function does, and why it refuses.
#[must_use]
pub fn parts(doc: &str) -> (String, String) {
    let own = if doc.starts_with(OF_ARGUMENTS) { doc.split_once("\n\n").map_or("", |(_, own)| own) } else { doc };
    let (what, errors) = own.split_once("# Errors").unwrap_or((own, ""));
    let errors: Vec<&str> = errors
        .split([';', '.'])
        .map(str::trim)
        // Which code another function refuses with is nothing to somebody who cannot read that one.
        .filter(|clause| !clause.is_empty() && !clause.to_lowercase().starts_with("those of"))
        .collect();
    (clean(what), clean(&errors.join("; ")))
}

/// The first sentence, and the rest.
#[must_use]
pub fn split_summary(what: &str) -> (&str, &str) {
    let end = what.find(". ").or_else(|| what.find(".\n")).map_or(what.len(), |end| end + 1);
    let (summary, more) = what.split_at(end);
    (summary.trim_end_matches('.'), more.trim())
}

/// The words that a schema of words allows.
#[must_use]
pub fn choices(schema: &Value) -> Vec<String> {
    let listed = schema["enum"].as_array().into_iter().flatten();
    let described = schema["oneOf"].as_array().into_iter().flatten().flat_map(|one| {
        let own = one["const"].as_str().into_iter().map(str::to_owned);
        own.chain(choices(one))
    });
    listed.filter_map(Value::as_str).map(str::to_owned).chain(described.collect::<Vec<_>>()).collect()
}

/// Cleans every description of a schema.
pub fn clean_all(schema: &mut Value) {
    match schema {
        Value::Object(object) => {
            for (key, value) in object {
                match value {
                    Value::String(text) if key == "description" => *text = clean(text),
                    other => clean_all(other),
                }
            }
        }
        Value::Array(all) => all.iter_mut().for_each(clean_all),
        _ => {}
    }
}

/// Text without line breaks of the source, and with what links of the code lead to in their place.
fn clean(text: &str) -> String {
    let paragraphs = text.split("\n\n").map(|paragraph| paragraph.split_whitespace().collect::<Vec<_>>().join(" "));
    let text = paragraphs.filter(|paragraph| !paragraph.is_empty()).collect::<Vec<_>>().join("\n\n");
    let mut cleaned = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some((before, after)) = rest.split_once("[`") {
        let (name, after) = after.split_once("`]").unwrap_or((after, ""));
        cleaned.push_str(before);
        cleaned.push_str(&meant(name));
        rest = after;
    }
    cleaned.push_str(rest);
    cleaned
}

/// What a name of the code is elsewhere.
fn meant(name: &str) -> String {
    let (owner, last) = name.rsplit_once("::").unwrap_or(("", name));
    let in_snake = || {
        last.chars().enumerate().fold(String::new(), |mut word, (at, c)| {
            if c.is_ascii_uppercase() && at > 0 {
                word.push('_');
            }
            word.extend(c.to_lowercase());
            word
        })
    };
    if owner.ends_with("AppError") {
        format!("`{}`", in_snake())
    } else if owner.ends_with("Conflict") {
        format!("`conflict.{}`", in_snake())
    } else if let Some((_, number)) = NUMBERS.iter().find(|(known, _)| known.last() == Some(&last)) {
        number.to_string()
    } else {
        format!("`{last}`")
    }
}

macro_rules! numbers {
    ($($($part:ident)::+),+ $(,)?) => { [$(([$(stringify!($part)),+].as_slice(), $($part)::+ as i64)),+] };
}

/// The bounds that descriptions mention.
static NUMBERS: [(&[&str], i64); 16] = numbers![
    accounts::model::STRONGEST,
    chat::model::MAX_TEXT,
    images::MAX_PICTURES,
    meals::model::MAX_WON,
    moderation::model::MAX_REPORT,
    notices::model::MOST_READ,
    paging::COUNT_LIMIT,
    paging::PAGE_SIZE,
    parties::model::MAX_QUEUE,
    profiles::model::MAX_INTRO,
    settlements::model::HISTORY,
    settlements::model::MAX_COUNT,
    settlements::model::MAX_EXTRAS,
    settlements::model::MAX_ITEMS,
    settlements::model::MAX_NAME,
    settlements::model::MAX_PRICE,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_doc_comment_becomes_sentences_for_others() {
        let doc = "Serialized arguments for the [`x`] server function.\n\nTakes a\nseat. And more.\n\n# Errors\n\
                   [`AppError::SlowDown`]; those of [`y`]; [`crate::shared::error::Conflict::NotYet`] before.";
        let (what, errors) = parts(doc);
        assert_eq!((what.as_str(), errors.as_str()), ("Takes a seat. And more.", "`slow_down`; `conflict.not_yet` before"));
        assert_eq!(split_summary(&what), ("Takes a seat", "And more."));
        assert_eq!(clean("At most [`images::MAX_PICTURES`] of a [`Picture`]."), "At most 4 of a `Picture`.");
    }
}
