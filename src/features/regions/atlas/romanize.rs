//! Revised Romanization of names, and a looser form that forgives the usual
//! variants (older systems, `oo` for `u`, letter by letter).

use super::hangul::Syllable;

const INITIALS: [&str; 19] = ["g", "kk", "n", "d", "tt", "r", "m", "b", "pp", "s", "ss", "", "j", "jj", "ch", "k", "t", "p", "h"];
const VOWELS: [&str; 21] =
    ["a", "ae", "ya", "yae", "eo", "e", "yeo", "ye", "o", "wa", "wae", "oe", "yo", "u", "wo", "we", "wi", "yu", "eu", "ui", "i"];
/// As pronounced at the end of a word.
const LASTS: [&str; 28] = [
    "", "k", "k", "k", "n", "n", "n", "t", "l", "k", "m", "l", "l", "l", "p", "l", "m", "p", "p", "t", "t", "ng", "t", "t", "k", "t", "p",
    "t",
];
/// As pronounced in front of a vowel.
const LINKED: [&str; 28] = [
    "", "g", "kk", "ks", "n", "nj", "n", "d", "r", "lg", "lm", "lb", "ls", "lt", "lp", "r", "m", "b", "ps", "s", "ss", "ng", "j", "ch",
    "k", "t", "p", "",
];
/// Kinds of unit; written as a word of its own, which keeps the sounds apart.
const KINDS: [char; 8] = ['동', '읍', '면', '가', '시', '군', '구', '도'];
/// Endings that a romanised query may leave away.
pub(super) const ENDINGS: [&str; 8] = ["dong", "eup", "myeon", "ga", "si", "gun", "gu", "do"];

/// The official romanisation in lower case without hyphens: `sillimdong`.
pub(super) fn romanized(name: &str) -> String {
    written(name, joint)
}

/// Letter by letter, the way many people write: `sinrimdong`.
pub(super) fn transliterated(name: &str) -> String {
    written(name, |last, initial| (LASTS[last], INITIALS[initial]))
}

/// The form that tells apart only what people write consistently.
pub(super) fn loose(roman: &str) -> String {
    let pairs = [("sh", "s"), ("ch", "j"), ("oo", "u"), ("ee", "i"), ("eo", "o"), ("eu", "u")];
    let mut folded = roman.to_owned();
    for (variant, common) in pairs {
        folded = folded.replace(variant, common);
    }
    let letters = folded.chars().map(|letter| match letter {
        'k' => 'g',
        't' => 'd',
        'p' => 'b',
        'r' => 'l',
        other => other,
    });
    let mut result = String::with_capacity(folded.len());
    for letter in letters {
        if !result.ends_with(letter) || letter.is_ascii_digit() {
            result.push(letter);
        }
    }
    result
}

fn written(name: &str, joint: impl Fn(usize, usize) -> (&'static str, &'static str)) -> String {
    let mut roman = String::new();
    let mut characters = name.chars().peekable();
    let mut onset = None;
    while let Some(c) = characters.next() {
        let Some(syllable) = Syllable::new(c) else {
            roman.push(c);
            continue;
        };
        roman.push_str(onset.take().unwrap_or(INITIALS[syllable.initial]));
        roman.push_str(VOWELS[syllable.vowel]);
        let next = characters.peek().and_then(|next| Syllable::new(*next).map(|s| (*next, s)));
        let kind = |next: char| KINDS.contains(&next) && characters.clone().count() == 1;
        match next {
            Some((next, following)) if !kind(next) => {
                let (coda, start) = joint(syllable.last, following.initial);
                roman.push_str(coda);
                onset = Some(start);
            }
            _ => roman.push_str(LASTS[syllable.last]),
        }
    }
    roman
}

/// What becomes of a final consonant and the initial one that follows it.
fn joint(last: usize, initial: usize) -> (&'static str, &'static str) {
    match (LASTS[last], INITIALS[initial]) {
        (_, "") => (LINKED[last], ""),
        ("k", "n" | "r") => ("ng", "n"),
        ("k", "m") => ("ng", "m"),
        ("t", "n" | "r") => ("n", "n"),
        ("t", "m") => ("n", "m"),
        ("p", "n" | "r") => ("m", "n"),
        ("p", "m") => ("m", "m"),
        ("n" | "l", "r") | ("l", "n") => ("l", "l"),
        (coda @ ("m" | "ng"), "r") => (coda, "n"),
        separate => separate,
    }
}
