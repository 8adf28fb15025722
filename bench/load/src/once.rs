//! Numbers of which each should come once.

use crate::fail;
use crate::fail::Outcome;
use std::ops::Range;

/// Which have come: a bit for each.
#[derive(Debug, Default)]
pub struct Once {
    words: Vec<u64>,
    /// One that has come again.
    twice: Option<u64>,
}

impl Once {
    /// One has come.
    pub fn note(&mut self, number: u64) {
        let (word, bit) = ((number / 64) as usize, 1_u64 << (number % 64));
        if self.words.len() <= word {
            self.words.resize(word + 1, 0);
        }
        if self.words[word] & bit != 0 {
            self.twice.get_or_insert(number);
        }
        self.words[word] |= bit;
    }

    /// An error that names a number of these that is missing, one that came twice, or one that nobody waited for.
    pub fn check(&self, expected: Range<u64>) -> Outcome<()> {
        if let Some(number) = self.twice {
            fail!("message {number} came twice");
        }
        if let Some(number) = expected.clone().find(|number| !self.has(*number)) {
            fail!("message {number} is missing");
        }
        if let Some(number) = (0..self.words.len() as u64 * 64).find(|number| self.has(*number) && !expected.contains(number)) {
            fail!("message {number} came, which is none of {expected:?}");
        }
        Ok(())
    }

    fn has(&self, number: u64) -> bool {
        self.words.get((number / 64) as usize).is_some_and(|word| word >> (number % 64) & 1 == 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(numbers: &[u64]) -> Once {
        let mut once = Once::default();
        numbers.iter().for_each(|number| once.note(*number));
        once
    }

    #[test]
    fn what_is_missing_or_comes_twice_is_named() {
        assert!(of(&[65, 63, 64]).check(63..66).is_ok() && of(&[]).check(7..7).is_ok());
        let said = |numbers: &[u64]| of(numbers).check(63..66).map_err(|fail| fail.0).unwrap_err();
        assert_eq!(said(&[63, 65]), "message 64 is missing");
        assert_eq!(said(&[63, 64, 65, 64]), "message 64 came twice");
        assert_eq!(said(&[63, 64, 65, 2]), "message 2 came, which is none of 63..66");
    }
}
