//! The sentences of both languages, embedded; and the files from which the browser's program takes the page's own.

use crate::shared::sentences::{number, write_gap};
use crate::shared::text::{Lang, Sentences, install, parse_lines};
use axum::body::Bytes;
use brotli::enc::BrotliEncoderParams;
use std::collections::{BTreeMap, HashMap};
use std::sync::{LazyLock, OnceLock};

macro_rules! sources {
    ($($lang:literal: $($name:literal),+;)+) => {
        [$(($lang, [$(include_str!(concat!("../../locales/", $lang, "/", $name, ".txt"))),+].as_slice())),+]
    };
}

/// What every page says, and all that somebody who talks is told.
static FIRST: [(&str, &[&str]); 2] = sources! {
    "ko": "shell", "errors", "ui", "notices", "images", "chat";
    "en": "shell", "errors", "ui", "notices", "images", "chat";
};

/// What the other pages say. `scripts/parts.mjs` knows which those are.
static MORE: [(&str, &[&str]); 2] = sources! {
    "ko": "accounts", "mail", "regions", "weather", "schools", "meals", "suggestions", "parties", "settlements", "threads", "profiles", "home";
    "en": "accounts", "mail", "regions", "weather", "schools", "meals", "suggestions", "parties", "settlements", "threads", "profiles", "home";
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

/// What the browser fetches: sentences of one language, packed ([`pack`]), under a name that changes with its contents.
#[derive(Debug)]
pub struct TextFile {
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

/// The files of a language.
#[derive(Debug)]
pub struct TextFiles {
    /// What every page says.
    pub first: TextFile,
    /// What most pages say beside it.
    pub more: TextFile,
}

static FILES: LazyLock<[TextFiles; 2]> = LazyLock::new(|| [Lang::Ko, Lang::En].map(load));

/// The server's, by their keys.
struct Named(HashMap<&'static str, &'static str>);

impl Sentences for Named {
    fn get(&self, key: &str) -> Option<&'static str> {
        self.0.get(key).copied()
    }
}

fn load(lang: Lang) -> TextFiles {
    let all = [&FIRST, &MORE, &SERVERS, &KIT].into_iter().flat_map(|sources| of(sources, lang)).collect();
    install(lang, Named(all));
    TextFiles { first: file(lang, first(lang).collect()), more: file(lang, of(&MORE, lang).collect()) }
}

fn file(lang: Lang, sentences: HashMap<&str, &str>) -> TextFile {
    let body = pack(&sentences);
    let hash = crate::server::keys::fingerprint(&body);
    TextFile { path: format!("/text/{}-{}.txt", lang.tag(), &hash[..16]), body, packed: OnceLock::new() }
}

fn of(sources: &'static [(&str, &[&'static str]); 2], lang: Lang) -> impl Iterator<Item = (&'static str, &'static str)> {
    sources.iter().filter(move |(tag, _)| *tag == lang.tag()).flat_map(|(_, sources)| *sources).flat_map(|source| parse_lines(source))
}

/// Sentences as [`unpack`](crate::shared::sentences::unpack) reads them: with the first seed for which no two keys have one number.
fn pack(sentences: &HashMap<&str, &str>) -> String {
    let by_number = |seed| {
        let mut all = BTreeMap::new();
        sentences.iter().all(|(key, text)| all.insert(number(key, seed), *text).is_none()).then_some((seed, all))
    };
    let (seed, all) = (0..).find_map(by_number).expect("one of the seeds");
    let (mut body, mut last) = (format!("{seed}\n"), 0);
    for number in all.keys() {
        write_gap(&mut body, number - last);
        last = *number;
    }
    body.push('\n');
    for text in all.values() {
        body.push_str(text);
        body.push('\n');
    }
    body
}

/// What the browser's program says on every page. Development builds have no loader that knows which pages say more: there it is all.
pub(super) fn first(lang: Lang) -> impl Iterator<Item = (&'static str, &'static str)> {
    let rest = [&MORE, &KIT].into_iter().filter(|_| cfg!(debug_assertions));
    of(&FIRST, lang).chain(rest.flat_map(move |sources| of(sources, lang)))
}

/// Makes both languages known to the server's own pages.
pub fn install_all() {
    LazyLock::force(&FILES);
}

/// The files of a language.
#[must_use]
pub fn files(lang: Lang) -> &'static TextFiles {
    match lang {
        Lang::Ko => &FILES[0],
        Lang::En => &FILES[1],
    }
}

/// The file at an address.
#[must_use]
pub fn at(path: &str) -> Option<&'static TextFile> {
    FILES.iter().flat_map(|files| [&files.first, &files.more]).find(|file| file.path == path)
}

/// Every sentence's key with its text, by language and in file order. For the rules' tests.
#[cfg(test)]
pub fn entries(lang: Lang) -> Vec<(&'static str, &'static str)> {
    [&FIRST, &MORE, &SERVERS, &KIT].into_iter().flat_map(|sources| of(sources, lang)).collect()
}

/// The keys of what every page says, and of what other pages say beside it. For the rules' tests.
#[cfg(test)]
pub fn told() -> [std::collections::BTreeSet<&'static str>; 2] {
    [&FIRST, &MORE].map(|sources| of(sources, Lang::Ko).map(|(key, _)| key).collect())
}

#[cfg(test)]
mod tests {
    use super::pack;
    use crate::shared::sentences::unpack;
    use crate::shared::text::Sentences;
    use proptest::prelude::*;
    use std::collections::HashMap;

    proptest! {
        #[test]
        fn what_is_packed_comes_out_again(
            sentences in proptest::collection::hash_map("[a-c]{1,6}(\\.[a-c_]{1,4}){0,3}|a{60,90}", "[^\n\r]{0,20}", 1..400)
        ) {
            let sentences: HashMap<String, String> = sentences;
            let found = unpack(pack(&sentences.iter().map(|(key, text)| (&**key, &**text)).collect())).expect("packed");
            prop_assert_eq!(found.len(), sentences.len());
            for (key, text) in &sentences {
                prop_assert_eq!(found.get(key), Some(text.as_str()));
            }
        }
    }
}
