//! The sentences of one language, as the browser has them: by numbers that are made of their keys. The keys themselves would be a
//! quarter of what a first visit takes for its sentences, and a table of them the first thing that the program makes.

use super::text::Sentences;

/// How many bits a number has. A thousand keys have a number each for one seed of ten.
const BITS: u32 = 18;
/// Bits of a gap between two numbers in its last character, and in each before that.
const LAST: u32 = 6;
const MORE: u32 = 5;

/// The number of a key: FNV-1a of 32 bits, folded to [`BITS`], with `seed` in where it begins (exclusive or).
/// <http://www.isthe.com/chongo/tech/comp/fnv/index.html>
#[must_use]
pub fn number(key: &str, seed: u32) -> u32 {
    let hash = key.bytes().fold(0x811c_9dc5 ^ seed, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    (hash >> BITS ^ hash) & ((1 << BITS) - 1)
}

/// Sentences by their numbers. A key that none of them has is found to have none; but for one of some hundreds, which has the number of
/// another.
#[derive(Debug)]
pub struct Numbered {
    seed: u32,
    /// From the least to the greatest.
    numbers: Vec<u32>,
    texts: Vec<&'static str>,
}

impl Sentences for Numbered {
    fn get(&self, key: &str) -> Option<&'static str> {
        let at = self.numbers.binary_search(&number(key, self.seed)).ok()?;
        self.texts.get(at).copied()
    }
}

impl Numbered {
    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.texts.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.texts.is_empty()
    }
}

/// A gap between two numbers as characters: the digits that come first from `` ` `` on, the last one from the space on.
pub fn write_gap(into: &mut String, gap: u32) {
    let mut digits = vec![b' ' + (gap % (1 << LAST)) as u8];
    let mut rest = gap >> LAST;
    while rest > 0 {
        digits.push(b'`' + (rest % (1 << MORE)) as u8);
        rest >>= MORE;
    }
    into.extend(digits.iter().rev().map(|digit| char::from(*digit)));
}

/// The sentences of the browser's file, if it is one (`app/texts.rs` packs it): a line with the seed, a line with the gaps between the
/// numbers, a line for each sentence. They live as long as the document, so they are leaked once instead of copied at each use.
#[must_use]
pub fn unpack(body: String) -> Option<Numbered> {
    let (seed, rest) = body.leak().split_once('\n')?;
    let (gaps, texts) = rest.split_once('\n')?;
    let (mut numbers, mut last, mut gap) = (Vec::new(), 0_u32, 0_u32);
    for byte in gaps.bytes() {
        match byte {
            b' '..=b'_' => {
                last = last.checked_add((gap << LAST) + u32::from(byte - b' '))?;
                numbers.push(last);
                gap = 0;
            }
            b'`'..=0x7f => gap = (gap << MORE) % (1 << BITS) + u32::from(byte - b'`'),
            _ => return None,
        }
    }
    let texts: Vec<&'static str> = texts.split_terminator('\n').collect();
    let seed = seed.parse().ok()?;
    (!texts.is_empty() && texts.len() == numbers.len()).then_some(Numbered { seed, numbers, texts })
}

#[cfg(test)]
mod tests {
    use super::{Sentences, unpack, write_gap};

    #[test]
    fn what_somebody_else_answers_is_no_sentence() {
        for body in [
            "",
            "0",
            "0\n!",
            "0\n\n",
            "0\n!!\none\n",
            "0\n!\none\ntwo\n",
            "x\n!\none\n",
            "0\né\none\n",
            "<!doctype html>\n<p>Sign in</p>\n",
        ] {
            assert!(unpack(body.to_owned()).is_none(), "{body}");
        }
        let sentences = unpack("0\n!\none\n".to_owned()).expect("one");
        assert_eq!((sentences.len(), sentences.get("a")), (1, None));
    }

    #[test]
    fn a_gap_is_as_short_as_it_can_be() {
        for (gap, written) in [(0, " "), (1, "!"), (63, "_"), (64, "a "), (2_047, "\u{7f}_"), (2_048, "a` "), (262_143, "c\u{7f}\u{7f}_")] {
            let mut text = String::new();
            write_gap(&mut text, gap);
            assert_eq!(text, written, "{gap}");
        }
    }
}
