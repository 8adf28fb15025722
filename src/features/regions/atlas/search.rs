//! Search as you type.

use super::{
    decode::{Atlas, Unit},
    hangul, romanize,
};

/// Longer queries are not names, and are not worth any work.
const MAX_CHARS: usize = 50;
/// Province, city, district, name and one to spare.
const MAX_WORDS: usize = 5;
/// A romanised fragment inside of a name says little when it is shorter.
const MIN_ROMAN_INSIDE: usize = 3;
/// No place and name written together are longer.
const MAX_GLUED: usize = 12;
/// Last syllables that a query may leave away.
const KINDS: [char; 9] = ['동', '읍', '면', '가', '로', '시', '군', '구', '도'];

/// How well a word fits a name, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Fit {
    /// The whole name.
    Whole,
    /// The name without its kind: 연남 for 연남동.
    Stem,
    /// The beginning of the name.
    Start,
    /// The beginning of the name, with an unfinished last syllable.
    Typing,
    /// Somewhere later in the name.
    Inside,
    /// Later in the name with an unfinished last syllable, or loosely romanised.
    Vague,
    /// Initial consonants.
    Initials,
    /// The district or the province instead of the name.
    Place,
}

/// The forms of a name that queries are compared with.
#[derive(Debug)]
pub(super) struct Keys {
    text: String,
    typed: String,
    roman: String,
    loose: [String; 2],
}

/// [`Keys`] that are also searched at every syllable.
#[derive(Debug)]
pub(super) struct NameKeys {
    keys: Keys,
    /// Where the syllables after the first begin in [`Keys::typed`].
    starts: Vec<usize>,
}

impl Keys {
    /// Prepares a name.
    pub fn new(name: &str) -> Self {
        let roman = romanize::romanized(name);
        let loose = [romanize::loose(&roman), romanize::loose(&romanize::transliterated(name))];
        Self { text: name.to_owned(), typed: typed(name), roman, loose }
    }

    /// How the beginning of the name fits.
    fn fit(&self, word: &Word) -> Option<Fit> {
        if let Some(roman) = &word.roman {
            return self.roman_fit(roman, &word.loose);
        }
        if let Some(rest) = self.text.strip_prefix(&word.text) {
            return Some(if rest.is_empty() {
                Fit::Whole
            } else if is_kind(rest) {
                Fit::Stem
            } else {
                Fit::Start
            });
        }
        if self.typed.starts_with(&word.typed) {
            return Some(Fit::Typing);
        }
        word.fits_initials(self.text.chars()).then_some(Fit::Initials)
    }

    fn roman_fit(&self, roman: &str, loose: &str) -> Option<Fit> {
        match self.roman.strip_prefix(roman) {
            Some("") => Some(Fit::Whole),
            Some(rest) if romanize::ENDINGS.contains(&rest) => Some(Fit::Stem),
            Some(_) => Some(Fit::Start),
            None => {
                let similar = self.loose.iter().any(|key| key.starts_with(loose));
                similar.then_some(Fit::Vague)
            }
        }
    }
}

impl NameKeys {
    /// Prepares a name.
    pub fn new(name: &str) -> Self {
        let lengths = name.chars().map(|c| typed(c.encode_utf8(&mut [0; 4])).len());
        let starts = lengths.scan(0, |end, length| {
            *end += length;
            Some(*end)
        });
        let count = name.chars().count();
        Self { keys: Keys::new(name), starts: starts.take(count.saturating_sub(1)).collect() }
    }

    /// How any part of the name fits.
    fn fit(&self, word: &Word) -> Option<Fit> {
        self.keys.fit(word).or_else(|| self.inner_fit(word))
    }

    fn inner_fit(&self, word: &Word) -> Option<Fit> {
        let Keys { text, typed, roman: key, .. } = &self.keys;
        if let Some(roman) = &word.roman {
            return (roman.len() >= MIN_ROMAN_INSIDE && key.contains(roman.as_str())).then_some(Fit::Inside);
        }
        if text.contains(&word.text) {
            return Some(Fit::Inside);
        }
        if self.starts.iter().any(|start| typed[*start..].starts_with(&word.typed)) {
            return Some(Fit::Vague);
        }
        let mut later = text.char_indices().skip(1).map(|(index, _)| text[index..].chars());
        later.any(|rest| word.fits_initials(rest)).then_some(Fit::Initials)
    }
}

/// A word of a query in the forms that are compared.
struct Word {
    text: String,
    typed: String,
    /// For words without Hangul: their letters and digits.
    roman: Option<String>,
    loose: String,
    /// For words with consonants on their own: one character per syllable.
    initials: Vec<char>,
}

impl Word {
    fn new(word: &str) -> Self {
        let text = word.to_lowercase();
        let letters = || text.chars().filter(|c| !matches!(c, '-' | '\''));
        let roman: Option<String> = letters().all(|c| c.is_ascii_alphanumeric()).then(|| letters().collect());
        let abbreviated = text.chars().any(hangul::is_consonant);
        Self {
            typed: typed(&text),
            loose: roman.as_deref().map(romanize::loose).unwrap_or_default(),
            roman,
            initials: if abbreviated { initials(&text) } else { Vec::new() },
            text,
        }
    }

    /// Whether the word abbreviates what comes next in a name.
    fn fits_initials(&self, mut name: impl Iterator<Item = char>) -> bool {
        let mut initials = self.initials.iter();
        !self.initials.is_empty() && initials.all(|initial| name.next().is_some_and(|c| hangul::fits(*initial, c)))
    }
}

/// The best matches, see [`search`](super::search).
pub(super) fn search<'a>(atlas: &'a Atlas, query: &str, limit: usize) -> Vec<&'a Unit> {
    if query.chars().nth(MAX_CHARS).is_some() {
        return Vec::new();
    }
    let mut words: Vec<&str> = query.split([' ', ',', '\t', '\n', '\u{3000}', '\u{A0}']).collect();
    words.retain(|word| word.chars().any(char::is_alphanumeric));
    // Their order means nothing, and a repeated word says nothing new.
    words.sort_unstable();
    words.dedup();
    if words.is_empty() || words.len() > MAX_WORDS {
        return Vec::new();
    }
    let mut found = matches(atlas, &words, limit);
    if found.is_empty() {
        found = matches(atlas, &without_numbers(&words), limit);
    }
    if let ([word], true) = (words.as_slice(), found.is_empty()) {
        found = glued(atlas, word, limit);
    }
    found
}

/// Offices of a 동 are numbered (역삼1동), the regions here are not: keep what
/// stands in front of the number.
fn without_numbers<'a>(words: &[&'a str]) -> Vec<&'a str> {
    let stems = words.iter().map(|word| word.split(|c: char| c.is_ascii_digit()).next());
    stems.flatten().filter(|stem| !stem.is_empty()).collect()
}

/// Place and name written together, as in 제주용담.
fn glued<'a>(atlas: &'a Atlas, word: &str, limit: usize) -> Vec<&'a Unit> {
    if word.chars().count() > MAX_GLUED {
        return Vec::new();
    }
    let splits = word.char_indices().skip(2).map(|(index, _)| word.split_at(index));
    let mut results = splits.map(|(place, name)| matches(atlas, &[place, name], limit));
    results.find(|found| !found.is_empty()).unwrap_or_default()
}

/// Units for which every word fits, the best `limit` of them in order.
fn matches<'a>(atlas: &'a Atlas, words: &[&str], limit: usize) -> Vec<&'a Unit> {
    if words.is_empty() {
        return Vec::new();
    }
    let words: Vec<Word> = words.iter().map(|word| Word::new(word)).collect();
    let places: Vec<Vec<bool>> = words.iter().map(|word| fitting_places(atlas, word)).collect();
    let score = |unit: &Unit| -> Option<usize> {
        let fits = words.iter().zip(&places).map(|(word, places)| {
            let place = places[unit.district].then_some(Fit::Place);
            unit.keys.fit(word).or(place).map(|fit| fit as usize)
        });
        fits.sum()
    };
    let mut found: Vec<(usize, &Unit)> = atlas.units.iter().filter_map(|unit| Some((score(unit)?, unit))).collect();
    // Stable, and the units are ordered by code.
    found.sort_by_key(|(score, _)| *score);
    found.into_iter().take(limit).map(|(_, unit)| unit).collect()
}

fn fitting_places(atlas: &Atlas, word: &Word) -> Vec<bool> {
    let districts = atlas.districts.iter();
    districts.map(|district| district.keys.iter().any(|keys| keys.fit(word).is_some())).collect()
}

fn is_kind(rest: &str) -> bool {
    let mut characters = rest.chars();
    characters.next().is_some_and(|c| KINDS.contains(&c)) && characters.next().is_none()
}

/// Two consonants in a row may arrive as one character; those come apart.
fn initials(text: &str) -> Vec<char> {
    let mut characters = String::new();
    for c in text.chars() {
        if hangul::is_consonant(c) {
            hangul::push_keys(c, &mut characters);
        } else {
            characters.push(c);
        }
    }
    characters.chars().collect()
}

fn typed(text: &str) -> String {
    let mut keys = String::with_capacity(text.len() * 3);
    text.chars().for_each(|c| hangul::push_keys(c, &mut keys));
    keys
}
