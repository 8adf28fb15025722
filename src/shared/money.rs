//! Money: whole won, never fractions.

use std::ops::RangeInclusive;

/// Writes an amount with thousands separators: `1,166`.
#[must_use]
pub fn group(won: i64) -> String {
    let digits = won.unsigned_abs().to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3 + 1);
    if won < 0 {
        grouped.push('-');
    }
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// Reads whole won within bounds, with or without separators of thousands, below zero with a minus sign.
#[must_use]
pub fn read(text: &str, bounds: RangeInclusive<i64>) -> Option<i64> {
    let text = text.trim();
    let (is_less, digits) = text.strip_prefix(['-', '−']).map_or((false, text), |rest| (true, rest.trim_start()));
    let digits = digits.replace(',', "");
    let is_number = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    let won: i64 = is_number.then(|| digits.parse().ok()).flatten()?;
    Some(if is_less { -won } else { won }).filter(|won| bounds.contains(won))
}

/// An amount shared by people: everybody's part, and what is left over for one of them to carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Split {
    /// What each person pays.
    pub each: i64,
    /// What the one who carries the remainder pays on top, less than the number of people.
    pub rest: i64,
}

/// Shares a non-negative amount equally among `people` (at least one).
#[must_use]
pub const fn split(won: i64, people: i64) -> Split {
    let people = if people < 1 { 1 } else { people };
    Split { each: won / people, rest: won % people }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn parts_add_up_to_the_whole(won in 0i64..=1_000_000, people in 1i64..=30) {
            let Split { each, rest } = split(won, people);
            prop_assert_eq!(each * people + rest, won);
            prop_assert!((0..people).contains(&rest));
        }
    }

    #[test]
    fn amounts_are_read_as_people_write_them() {
        for (text, won) in
            [("3500", Some(3_500)), (" 3,500 ", Some(3_500)), ("-3,000", Some(-3_000)), ("− 500", Some(-500)), ("0", Some(0))]
        {
            assert_eq!(read(text, -10_000..=10_000), won, "{text}");
        }
        for text in ["", "-", "3.5", "1e3", "+5", "--5", "10001", "99999999999999999999", "오천"] {
            assert_eq!(read(text, -10_000..=10_000), None, "{text}");
        }
    }

    #[test]
    fn thousands_are_separated() {
        assert_eq!(group(0), "0");
        assert_eq!(group(999), "999");
        assert_eq!(group(1_166), "1,166");
        assert_eq!(group(-1_000_000), "-1,000,000");
    }
}
