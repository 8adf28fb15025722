//! Hangul taken apart the way it is typed.

/// A composed syllable as positions in the tables of Unicode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Syllable {
    pub initial: usize,
    pub vowel: usize,
    /// 0 when the syllable is open.
    pub last: usize,
}

impl Syllable {
    /// `None` for anything but a composed syllable.
    pub fn new(c: char) -> Option<Self> {
        let index = ('가'..='힣').contains(&c).then(|| c as usize - '가' as usize)?;
        Some(Self { initial: index / 588, vowel: index / 28 % 21, last: index % 28 })
    }
}

const INITIALS: [&str; 19] =
    ["ㄱ", "ㄲ", "ㄴ", "ㄷ", "ㄸ", "ㄹ", "ㅁ", "ㅂ", "ㅃ", "ㅅ", "ㅆ", "ㅇ", "ㅈ", "ㅉ", "ㅊ", "ㅋ", "ㅌ", "ㅍ", "ㅎ"];
const VOWELS: [&str; 21] = [
    "ㅏ", "ㅐ", "ㅑ", "ㅒ", "ㅓ", "ㅔ", "ㅕ", "ㅖ", "ㅗ", "ㅗㅏ", "ㅗㅐ", "ㅗㅣ", "ㅛ", "ㅜ", "ㅜㅓ", "ㅜㅔ", "ㅜㅣ", "ㅠ", "ㅡ", "ㅡㅣ",
    "ㅣ",
];
const LASTS: [&str; 28] = [
    "", "ㄱ", "ㄲ", "ㄱㅅ", "ㄴ", "ㄴㅈ", "ㄴㅎ", "ㄷ", "ㄹ", "ㄹㄱ", "ㄹㅁ", "ㄹㅂ", "ㄹㅅ", "ㄹㅌ", "ㄹㅍ", "ㄹㅎ", "ㅁ", "ㅂ", "ㅂㅅ",
    "ㅅ", "ㅆ", "ㅇ", "ㅈ", "ㅊ", "ㅋ", "ㅌ", "ㅍ", "ㅎ",
];
/// Single characters that stand for two keys.
const PAIRS: [(char, &str); 18] = [
    ('ㄳ', "ㄱㅅ"),
    ('ㄵ', "ㄴㅈ"),
    ('ㄶ', "ㄴㅎ"),
    ('ㄺ', "ㄹㄱ"),
    ('ㄻ', "ㄹㅁ"),
    ('ㄼ', "ㄹㅂ"),
    ('ㄽ', "ㄹㅅ"),
    ('ㄾ', "ㄹㅌ"),
    ('ㄿ', "ㄹㅍ"),
    ('ㅀ', "ㄹㅎ"),
    ('ㅄ', "ㅂㅅ"),
    ('ㅘ', "ㅗㅏ"),
    ('ㅙ', "ㅗㅐ"),
    ('ㅚ', "ㅗㅣ"),
    ('ㅝ', "ㅜㅓ"),
    ('ㅞ', "ㅜㅔ"),
    ('ㅟ', "ㅜㅣ"),
    ('ㅢ', "ㅡㅣ"),
];

/// Appends the keys that type `c`; characters without any are appended as they
/// are. Because an unfinished syllable is a prefix of the finished one in this
/// form, searching while typing is a comparison of prefixes.
pub(super) fn push_keys(c: char, keys: &mut String) {
    if let Some(syllable) = Syllable::new(c) {
        keys.push_str(INITIALS[syllable.initial]);
        keys.push_str(VOWELS[syllable.vowel]);
        keys.push_str(LASTS[syllable.last]);
    } else if let Some((_, pair)) = PAIRS.iter().find(|(single, _)| *single == c) {
        keys.push_str(pair);
    } else if let Some(part) = decomposed(c) {
        keys.push_str(part);
    } else {
        keys.push(c);
    }
}

/// The keys of the parts that some systems send instead of composed syllables.
fn decomposed(c: char) -> Option<&'static str> {
    let offset = |first: char| (c as usize).checked_sub(first as usize);
    let part = |table: &[&'static str], first: char| table.get(offset(first)?).copied();
    part(&LASTS[1..], '\u{11A8}').or_else(|| part(&VOWELS, '\u{1161}')).or_else(|| part(&INITIALS, '\u{1100}'))
}

/// Whether `c` is a consonant on its own, as in ㅇㄴㄷ for 연남동.
pub(super) fn is_consonant(c: char) -> bool {
    ('ㄱ'..='ㅎ').contains(&c)
}

/// Whether `pattern` fits `c`: the same character, or its initial consonant.
pub(super) fn fits(pattern: char, c: char) -> bool {
    let initial = || Syllable::new(c).and_then(|syllable| INITIALS[syllable.initial].chars().next());
    pattern == c || is_consonant(pattern) && initial() == Some(pattern)
}
