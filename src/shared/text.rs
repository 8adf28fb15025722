//! Texts in the reader's language. `locales/<language>/*.txt` hold every sentence as `key = text with {name}`.
//!
//! The server embeds both languages. The browser fetches the one that the page is written in ([`install`],
//! [`sentences`](super::sentences)), so the program itself carries no sentence: what every page says before it hydrates, what other pages
//! say with the first of those.

use leptos::prelude::use_context;
use serde::{Deserialize, Serialize};
use std::sync::OnceLock;

/// A language of the interface.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Lang {
    /// 한국어
    #[default]
    Ko,
    /// English
    En,
}

impl Lang {
    /// The BCP 47 tag.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::Ko => "ko",
            Self::En => "en",
        }
    }

    /// The language of a BCP 47 tag such as `en` or `ko-KR`, if it is one of ours.
    #[must_use]
    pub fn from_tag(tag: &str) -> Option<Self> {
        match tag.split(['-', '_']).next()?.trim() {
            "ko" => Some(Self::Ko),
            "en" => Some(Self::En),
            _ => None,
        }
    }
}

/// What a sentence mentions: names of its gaps and their values.
pub type Args<'a> = &'a [(&'a str, String)];

/// The sentences of one language.
pub trait Sentences: Send + Sync {
    /// The one of a key.
    fn get(&self, key: &str) -> Option<&'static str>;
}

/// The first ones, and those that come later.
type Known = [OnceLock<Box<dyn Sentences>>; 2];

static KO: Known = [const { OnceLock::new() }; 2];
static EN: Known = [const { OnceLock::new() }; 2];
static PAGE_LANG: OnceLock<Lang> = OnceLock::new();

fn known(lang: Lang) -> &'static Known {
    match lang {
        Lang::Ko => &KO,
        Lang::En => &EN,
    }
}

/// Makes sentences of a language known: the first ones, then more. A third call for the same language changes nothing.
pub fn install(lang: Lang, sentences: impl Sentences + 'static) {
    if let Some(free) = known(lang).iter().find(|known| known.get().is_none()) {
        free.get_or_init(|| Box::new(sentences));
    }
}

/// Says which language the document is written in, for code that runs outside any reactive owner. Browser only.
pub fn set_page_lang(lang: Lang) {
    PAGE_LANG.get_or_init(|| lang);
}

/// The language of the current request or document.
#[must_use]
pub fn lang() -> Lang {
    use_context::<Lang>().or_else(|| PAGE_LANG.get().copied()).unwrap_or_default()
}

/// Reads `key = text` lines; blank lines and lines that start with `#` are skipped.
pub fn parse_lines(source: &str) -> impl Iterator<Item = (&str, &str)> {
    source.lines().filter_map(|line| {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            return None;
        }
        line.split_once('=').map(|(key, text)| (key.trim(), text.trim()))
    })
}

/// The sentence of a key in a given language; the key itself when there is none.
#[must_use]
pub fn t_in(lang: Lang, key: &str) -> String {
    sentence(lang, key).to_owned()
}

fn sentence(lang: Lang, key: &str) -> &str {
    known(lang).iter().find_map(|known| known.get()?.get(key)).unwrap_or(key)
}

/// The sentence of a key with its gaps filled, in the language of the current context.
#[must_use]
pub fn t_args(key: &str, args: Args<'_>) -> String {
    t_args_in(lang(), key, args)
}

/// The sentence of a key with its gaps filled, in a given language.
#[must_use]
pub fn t_args_in(lang: Lang, key: &str, args: Args<'_>) -> String {
    fill(sentence(lang, key), args)
}

/// Puts values into `{name}` gaps in one pass, so that a value which looks like a gap stays as it is.
fn fill(text: &str, args: Args<'_>) -> String {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find('{') {
        let (before, from) = rest.split_at(start);
        filled.push_str(before);
        let Some(end) = from.find('}') else {
            filled.push_str(from);
            return filled;
        };
        let name = &from[1..end];
        match args.iter().find(|(known, _)| *known == name) {
            Some((_, value)) => filled.push_str(value),
            None => filled.push_str(&from[..=end]),
        }
        rest = &from[end + 1..];
    }
    filled.push_str(rest);
    filled
}

/// `t!("key")`, or `t!("key", name = value)`: the sentence in the reader's language as a `String`.
#[macro_export]
macro_rules! t {
    ($key:expr) => { $crate::shared::text::t_args($key, &[]) };
    ($key:expr, $($name:ident = $value:expr),+ $(,)?) => {
        $crate::shared::text::t_args($key, &[$((stringify!($name), ($value).to_string())),+])
    };
}

#[cfg(test)]
mod tests {
    use super::fill;

    #[test]
    fn gaps_are_filled_once_and_unknown_ones_stay() {
        let args = [("name", "{count}".to_owned()), ("count", "3".to_owned())];
        assert_eq!(fill("{name}: {count} {other} {", &args), "{count}: 3 {other} {");
    }
}
