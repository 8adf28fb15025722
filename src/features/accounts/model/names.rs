//! Emails and nicknames: what they may be.

use crate::shared::words::{compose, line};

/// Longest email, in characters (RFC 5321 allows an address of 254).
pub const MAX_EMAIL: usize = 254;
/// Shortest nickname, in characters.
pub const MIN_NICKNAME: usize = 2;
/// Longest nickname, in characters.
pub const MAX_NICKNAME: usize = 20;

/// Reads an email. Whether mail arrives there only a mail can tell, so this asks for no more than every address has.
///
/// # Errors
/// A key of `locales/`.
pub fn email(text: &str) -> Result<String, &'static str> {
    let email = compose(text.trim());
    if email.is_empty() {
        return Err("accounts.email.needed");
    }
    if email.chars().count() > MAX_EMAIL {
        return Err("accounts.email.too_long");
    }
    let is_plain = email.chars().all(|c| !c.is_whitespace() && !c.is_control() && !is_invisible(c) && !"<>()[],;:\\\"".contains(c));
    let parts: Vec<&str> = email.split('@').collect();
    match parts.as_slice() {
        [local, domain] if is_plain && !local.is_empty() && is_domain(domain) => Ok(email),
        _ => Err("accounts.email.malformed"),
    }
}

fn is_domain(domain: &str) -> bool {
    let labels: Vec<&str> = domain.split('.').collect();
    let is_label = |label: &&str| !label.is_empty() && !label.starts_with('-') && !label.ends_with('-');
    labels.len() >= 2 && labels.iter().all(is_label) && labels.last().is_some_and(|last| last.chars().count() >= 2)
}

/// Reads a nickname: spaces are trimmed and collapsed, Hangul that was typed as single letters is put together.
///
/// # Errors
/// A key of `locales/`.
pub fn nickname(text: &str) -> Result<String, &'static str> {
    let nickname = line(text);
    let length = nickname.chars().count();
    if length == 0 {
        return Err("accounts.nickname.needed");
    }
    if !nickname.chars().all(may_name) || !nickname.chars().any(char::is_alphanumeric) {
        return Err("accounts.nickname.signs");
    }
    if !(MIN_NICKNAME..=MAX_NICKNAME).contains(&length) {
        return Err("accounts.nickname.length");
    }
    Ok(nickname)
}

/// A nickname as a part of an address: of what a nickname may have, only blanks need it.
#[must_use]
pub fn in_path(nickname: &str) -> String {
    nickname.replace(' ', "%20")
}

fn may_name(c: char) -> bool {
    let is_lone_hangul = matches!(c, '\u{1100}'..='\u{11ff}' | '\u{a960}'..='\u{a97f}' | '\u{d7b0}'..='\u{d7ff}');
    let is_other_width = matches!(c, '\u{ff00}'..='\u{ffef}');
    (c.is_alphanumeric() && !is_invisible(c) && !is_lone_hangul && !is_other_width) || " ._-".contains(c)
}

/// Characters that show nothing or turn what stands around them: fillers, joiners, marks of direction.
const fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn emails_are_read_as_people_write_them() {
        for good in ["a@b.kr", " Mina.Kim+moim@Mail.Example.com ", "하린@모임.한국", "o'neil@example.co.kr"] {
            assert_eq!(email(good), Ok(good.trim().to_owned()), "{good}");
        }
        for bad in [
            "a",
            "a@",
            "@b.kr",
            "a@b",
            "a@b.k",
            "a@@b.kr",
            "a@b@c.kr",
            "a b@c.kr",
            "a@b..kr",
            "a@.kr",
            "a@b.kr.",
            "a@-b.kr",
            "a\u{200b}@b.kr",
            "a\u{202e}@b.kr",
            "a\n@b.kr",
            "<a@b.kr>",
        ] {
            assert_eq!(email(bad), Err("accounts.email.malformed"), "{bad}");
        }
        assert_eq!(email("  "), Err("accounts.email.needed"));
        let long = |n: usize| format!("{}@b.kr", "a".repeat(n - 5));
        assert!(email(&long(254)).is_ok());
        assert_eq!(email(&long(255)), Err("accounts.email.too_long"));
    }

    #[test]
    fn nicknames_are_made_plain() {
        assert_eq!(nickname("  용감한   고슴도치 ").as_deref(), Ok("용감한 고슴도치"));
        assert_eq!(nickname("mi.na_2-3").as_deref(), Ok("mi.na_2-3"));
        assert_eq!(nickname("\u{1112}\u{1161}\u{1105}\u{1175}\u{11ab}").as_deref(), Ok("하린"));
        assert_eq!(nickname("ㅋㅋ").as_deref(), Ok("ㅋㅋ"));
    }

    #[test]
    fn nicknames_hide_nothing() {
        for bad in [
            "mi\u{200b}na",
            "mi\u{202e}na",
            "mi\u{0}na",
            "\u{3164}\u{3164}",
            "미\u{1160}나",
            "<b>mina",
            "mina@x",
            "mina/..",
            "..",
            "- -",
            "ｍｉｎａ",
            "mina\u{301}",
            "😀😀",
        ] {
            assert_eq!(nickname(bad), Err("accounts.nickname.signs"), "{bad:?}");
        }
        assert_eq!(nickname(" \t\n"), Err("accounts.nickname.needed"));
        assert_eq!(nickname("a"), Err("accounts.nickname.length"));
        assert_eq!(nickname(&"가".repeat(21)), Err("accounts.nickname.length"));
        assert!(nickname(&"가".repeat(20)).is_ok());
    }

    proptest! {
        #[test]
        fn a_nickname_that_was_read_reads_the_same_again(text in any::<String>()) {
            if let Ok(name) = nickname(&text) {
                prop_assert_eq!(nickname(&name), Ok(name.clone()));
                prop_assert!(!name.starts_with(' ') && !name.ends_with(' ') && !name.contains("  "));
            }
        }

        #[test]
        fn an_email_that_was_read_reads_the_same_again(text in "[ a-z@.\u{200b}가-힣-]{0,20}") {
            if let Ok(read) = email(&text) {
                prop_assert_eq!(email(&read), Ok(read.clone()));
            }
        }
    }
}
