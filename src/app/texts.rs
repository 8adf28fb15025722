//! The sentences of both languages, embedded; and the file from which the browser's program takes the page's own.

use crate::shared::text::{Catalog, Lang, install, parse_lines};
use axum::body::Bytes;
use brotli::enc::BrotliEncoderParams;
use std::collections::BTreeSet;
use std::sync::{LazyLock, OnceLock};

macro_rules! sources {
    ($($lang:literal: $($name:literal),+;)+) => {
        [$(($lang, [$(include_str!(concat!("../../locales/", $lang, "/", $name, ".txt"))),+].as_slice())),+]
    };
}

static SOURCES: [(&str, &[&str]); 2] = sources! {
    "ko": "shell", "errors", "ui", "accounts", "mail", "regions", "weather", "schools", "meals", "suggestions", "parties", "settlements", "threads", "notices", "profiles", "images", "chat", "home";
    "en": "shell", "errors", "ui", "accounts", "mail", "regions", "weather", "schools", "meals", "suggestions", "parties", "settlements", "threads", "notices", "profiles", "images", "chat", "home";
};

/// What only the server says: letters, what concerns signing in with an account of elsewhere, why a menu is suggested, the API's documentation,
/// documents that are no pages.
static SERVERS: [(&str, &[&str]); 2] = sources! {
    "ko": "letters", "oidc", "reasons", "api", "documents";
    "en": "letters", "oidc", "reasons", "api", "documents";
};

/// What the kit says, a page that only development builds have.
static KIT: [(&str, &[&str]); 2] = sources! {
    "ko": "kit";
    "en": "kit";
};

/// What the browser fetches: the sentences of one language, packed ([`pack`]), under a name that changes with its contents.
#[derive(Debug)]
pub struct TextFile {
    /// The language.
    pub lang: Lang,
    /// Its address.
    pub path: String,
    /// Text.
    pub body: String,
    packed: OnceLock<Bytes>,
}

impl TextFile {
    /// The body in brotli's strongest form, which every first visit is the faster for. Made once: it takes a moment, in which nothing
    /// else should have to wait.
    pub fn packed(&self) -> Bytes {
        let pack = || {
            let mut packed = Vec::new();
            brotli::BrotliCompress(&mut self.body.as_bytes(), &mut packed, &BrotliEncoderParams::default()).expect("memory takes it");
            packed.into()
        };
        self.packed.get_or_init(pack).clone()
    }
}

static FILES: LazyLock<[TextFile; 2]> = LazyLock::new(|| [Lang::Ko, Lang::En].map(load));

fn load(lang: Lang) -> TextFile {
    let mut catalog: Catalog = browsers(lang).collect();
    let ordered: BTreeSet<(&str, &str)> = catalog.iter().map(|(key, text)| (*key, *text)).collect();
    let body = pack(ordered);
    let hash = crate::server::keys::fingerprint(&body);
    catalog.extend(of(&SERVERS, lang).chain(of(&KIT, lang)));
    install(lang, catalog);
    TextFile { lang, path: format!("/text/{}-{}.txt", lang.tag(), &hash[..16]), body, packed: OnceLock::new() }
}

fn of(sources: &'static [(&str, &[&'static str]); 2], lang: Lang) -> impl Iterator<Item = (&'static str, &'static str)> {
    sources.iter().filter(move |(tag, _)| *tag == lang.tag()).flat_map(|(_, sources)| *sources).flat_map(|source| parse_lines(source))
}

/// The most that a key has in common with the one before it, where that is left out.
const MOST_SHARED: usize = 70;

/// Sentences in the order of their keys, as [`unpack`](crate::shared::text::unpack) reads them: a third of a list of pairs is keys, and
/// most of a key is that of its neighbour.
fn pack<'a>(sentences: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let (mut keys, mut texts, mut before) = (String::new(), String::from("\n"), "");
    for (key, text) in sentences {
        let shared = key.bytes().zip(before.bytes()).take_while(|(one, other)| one == other).count().min(MOST_SHARED);
        keys.push(char::from(b'0' + shared as u8));
        keys.push_str(&key[shared..]);
        keys.push('\n');
        texts.push_str(text);
        texts.push('\n');
        before = key;
    }
    keys + &texts
}

/// What the browser's program says.
pub(super) fn browsers(lang: Lang) -> impl Iterator<Item = (&'static str, &'static str)> {
    of(&SOURCES, lang).chain(of(&KIT, lang).filter(|_| cfg!(debug_assertions)))
}

/// Makes both languages known to the server's own pages.
pub fn install_all() {
    LazyLock::force(&FILES);
}

/// The file of a language.
#[must_use]
pub fn file(lang: Lang) -> &'static TextFile {
    match lang {
        Lang::Ko => &FILES[0],
        Lang::En => &FILES[1],
    }
}

/// Every sentence's key with its text, by language and in file order. For the rules' tests.
#[cfg(test)]
pub fn entries(lang: Lang) -> Vec<(&'static str, &'static str)> {
    of(&SOURCES, lang).chain(of(&SERVERS, lang)).chain(of(&KIT, lang)).collect()
}

#[cfg(test)]
mod tests {
    use super::pack;
    use crate::shared::text::unpack;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    proptest! {
        #[test]
        fn what_is_packed_comes_out_again(
            sentences in proptest::collection::btree_map("[a-c]{1,6}(\\.[a-c_]{1,4}){0,3}|a{60,90}", "[^\n\r]{0,20}", 1..40)
        ) {
            let sentences: BTreeMap<String, String> = sentences;
            let catalog = unpack(pack(sentences.iter().map(|(key, text)| (&**key, &**text)))).expect("packed");
            prop_assert_eq!(catalog.len(), sentences.len());
            for (key, text) in &sentences {
                prop_assert_eq!(catalog.get(key.as_str()).copied(), Some(text.as_str()));
            }
        }
    }
}
