//! Passwords that are tried first by whoever guesses.

use std::collections::HashSet;
use std::sync::LazyLock;

static WORDS: LazyLock<HashSet<&str>> =
    LazyLock::new(|| include_str!("../../../data/common_passwords.txt").lines().filter(|line| !line.starts_with('#')).collect());

/// Whether a password is one of the usual words or keyboard walks, also with digits and signs around it, twice in a row,
/// or with digits and signs in place of letters.
#[must_use]
pub fn is_common(password: &str) -> bool {
    let lower = password.to_lowercase();
    let plain: String = lower.chars().map(letter).collect();
    [lower, plain].iter().any(|text| {
        let core = text.trim_matches(|c: char| !c.is_alphabetic());
        is_word(text) || is_word(core)
    })
}

fn is_word(text: &str) -> bool {
    WORDS.contains(text)
        || (text.len().is_multiple_of(2) && text.is_char_boundary(text.len() / 2) && {
            let (first, second) = text.split_at(text.len() / 2);
            first == second && WORDS.contains(first)
        })
}

/// The letter that a digit or sign often stands for.
const fn letter(c: char) -> char {
    match c {
        '0' => 'o',
        '1' | '!' => 'i',
        '3' => 'e',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        '7' => 't',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::is_common;

    #[test]
    fn usual_passwords_are_known_in_their_disguises() {
        for common in [
            "password",
            "Password1",
            "password123!",
            "P@ssw0rd",
            "p@$$w0rd",
            "qwer1234",
            "1q2w3e4r",
            "12qwerty34",
            "iloveyou2024",
            "abcd1234",
            "admin2026!!",
            "dragondragon",
            "사랑해1004",
            "!!!sunshine!!!",
            "letmein99",
        ] {
            assert!(is_common(common), "{common}");
        }
    }

    #[test]
    fn others_are_left_alone() {
        for fine in ["seven herons on a roof", "비밀번호-mc8x2k", "vbtqkxnl9", "두루미가 지붕에", "correct horse battery", ""] {
            assert!(!is_common(fine), "{fine}");
        }
    }
}
