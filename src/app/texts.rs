//! The sentences of both languages, embedded; and the files from which the browser's program takes the page's own.

use crate::shared::sentences::{number, write_gap};
use crate::shared::text::{Lang, Sentences, install, parse_lines};
use axum::body::Bytes;
use brotli::enc::BrotliEncoderParams;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
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

/// Where the files are.
const PLACE: &str = "/text/";

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
    let seed = seed([&FIRST, &MORE, &KIT].into_iter().flat_map(|sources| of(sources, lang)).map(|(key, _)| key));
    TextFiles {
        first: file(lang, "first", pack(&first(lang).collect(), seed)),
        more: file(lang, "more", pack(&of(&MORE, lang).collect(), seed)),
    }
}

fn file(lang: Lang, name: &str, body: String) -> TextFile {
    let hash = crate::server::keys::fingerprint(&body);
    TextFile { path: format!("{PLACE}{}-{name}-{}.txt", lang.tag(), &hash[..16]), body, packed: OnceLock::new() }
}

fn of(sources: &'static [(&str, &[&'static str]); 2], lang: Lang) -> impl Iterator<Item = (&'static str, &'static str)> {
    sources.iter().filter(move |(tag, _)| *tag == lang.tag()).flat_map(|(_, sources)| *sources).flat_map(|source| parse_lines(source))
}

/// The first seed for which no two keys have one number, in whichever file they are: the browser looks into both.
fn seed<'a>(keys: impl Iterator<Item = &'a str>) -> u32 {
    let keys: BTreeSet<_> = keys.collect();
    let parts_all = |seed: &u32| keys.iter().map(|key| number(key, *seed)).collect::<HashSet<_>>().len() == keys.len();
    (0..).find(parts_all).expect("one of the seeds")
}

/// Sentences as [`unpack`](crate::shared::sentences::unpack) reads them.
fn pack(sentences: &HashMap<&str, &str>, seed: u32) -> String {
    let all: BTreeMap<_, _> = sentences.iter().map(|(key, text)| (number(key, seed), *text)).collect();
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

/// What the browser's program says on every page. Development builds have no loader that knows which pages say more: there it is all. (So
/// a server that is built for release needs a program that `scripts/pack.mjs` has packed.)
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

/// The file of a name, and whether it is the one that was meant. A document that is open for long, or was made by a node of another
/// version, names one that is there no more, and what has taken its place says nearly the same.
#[must_use]
pub fn named(name: &str) -> Option<(&'static TextFile, bool)> {
    fn what(name: &str) -> Option<&str> {
        name.strip_suffix(".txt")?.rsplit_once('-').map(|(what, _)| what)
    }
    let wanted = what(name)?;
    let all = FILES.iter().flat_map(|files| [&files.first, &files.more]);
    let (file, own) = all.filter_map(|file| Some((file, file.path.strip_prefix(PLACE)?))).find(|(_, own)| what(own) == Some(wanted))?;
    Some((file, own == name))
}

/// Every sentence's key with its text, by language and in file order. For the rules' tests.
#[cfg(test)]
pub fn entries(lang: Lang) -> Vec<(&'static str, &'static str)> {
    [&FIRST, &MORE, &SERVERS, &KIT].into_iter().flat_map(|sources| of(sources, lang)).collect()
}

/// What every page says, and what other pages say beside it, by key. For the rules' tests.
#[cfg(test)]
pub fn browsers(lang: Lang) -> [BTreeMap<&'static str, &'static str>; 2] {
    [&FIRST, &MORE].map(|sources| of(sources, lang).collect())
}

#[cfg(test)]
mod tests {
    use super::{browsers, files, pack, seed};
    use crate::shared::sentences::unpack;
    use crate::shared::text::{Lang, Sentences};
    use proptest::prelude::*;
    use std::collections::HashMap;

    #[test]
    fn no_sentence_is_taken_for_one_of_the_other_file() {
        for lang in [Lang::Ko, Lang::En] {
            let [first, more] =
                [&files(lang).first, &files(lang).more].map(|file| file.body.lines().next().and_then(|seed| seed.parse().ok()));
            let seed: u32 = first.expect("a seed");
            assert_eq!(more, Some(seed), "both have one");
            let told = browsers(lang);
            let both = told.clone().map(|part| unpack(pack(&part.into_iter().collect(), seed)).expect("packed"));
            for (key, text) in told.iter().flatten() {
                assert_eq!(both.iter().find_map(|file| file.get(key)), Some(*text), "{key}");
            }
        }
    }

    proptest! {
        #[test]
        fn what_is_packed_comes_out_again(
            sentences in proptest::collection::hash_map("[a-c]{1,6}(\\.[a-c_]{1,4}){0,3}|a{60,90}", "[^\n\r]{0,20}", 1..400)
        ) {
            let sentences: HashMap<String, String> = sentences;
            let seed = seed(sentences.keys().map(String::as_str));
            let found = unpack(pack(&sentences.iter().map(|(key, text)| (&**key, &**text)).collect(), seed)).expect("packed");
            prop_assert_eq!(found.len(), sentences.len());
            for (key, text) in &sentences {
                prop_assert_eq!(found.get(key), Some(text.as_str()));
            }
        }
    }
}
