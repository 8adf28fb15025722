//! Passwords: what they may be, and how strong one looks.

/// Shortest password, in characters.
pub const MIN_PASSWORD: usize = 8;
/// Longest password, in characters.
pub const MAX_PASSWORD: usize = 128;
/// Fewer different characters than this are no password, however many there are.
const MIN_DIFFERENT: usize = 4;
/// What has to be left of a password when the email's or the person's name is taken out of it.
const MIN_OWN: usize = 6;
/// The most seats that a strong password fills.
pub const STRONGEST: u8 = 4;

/// What is wrong with a new password, as a key of `locales/`. The server also refuses those that are often guessed.
#[must_use]
pub fn password_problem(password: &str, email: &str, nickname: &str) -> Option<&'static str> {
    let length = password.chars().count();
    if length == 0 {
        Some("accounts.password.needed")
    } else if length < MIN_PASSWORD {
        Some("accounts.password.too_short")
    } else if length > MAX_PASSWORD {
        Some("accounts.password.too_long")
    } else if is_digits(password) {
        Some("accounts.password.digits")
    } else if is_like_a_name(password, email, nickname) {
        Some("accounts.password.like_name")
    } else if different(password) < MIN_DIFFERENT {
        Some("accounts.password.common")
    } else {
        None
    }
}

/// Whether there is nothing but digits.
#[must_use]
pub fn is_digits(password: &str) -> bool {
    !password.is_empty() && password.chars().all(char::is_numeric)
}

/// Whether too little is left of a password without the names that everybody can guess.
#[must_use]
pub fn is_like_a_name(password: &str, email: &str, nickname: &str) -> bool {
    let plain = |text: &str| -> String { text.to_ascii_lowercase().chars().filter(|c| !c.is_whitespace()).collect() };
    let (password, email, nickname) = (plain(password), plain(email), plain(nickname));
    let (local, domain) = email.split_once('@').unwrap_or((&email, ""));
    [email.as_str(), local, domain, nickname.as_str()]
        .into_iter()
        .filter(|name| name.chars().count() >= 2)
        .any(|name| name.contains(&password) || (password.contains(name) && password.chars().count() < name.chars().count() + MIN_OWN))
}

fn different(password: &str) -> usize {
    let mut seen: Vec<char> = password.chars().collect();
    seen.sort_unstable();
    seen.dedup();
    seen.len()
}

/// How strong a password looks, in seats: 0 when there is none, [`STRONGEST`] at best.
///
/// An estimate of the bits in it: each character counts with the size of the alphabets that are used, and little when it
/// repeats or continues the one before (`aaa`, `123`). It knows no words, so it praises with care.
#[must_use]
pub fn strength(password: &str, email: &str, nickname: &str) -> u8 {
    if password.is_empty() {
        return 0;
    }
    if password_problem(password, email, nickname).is_some() {
        return 1;
    }
    // Tenths of a bit: log2 of the alphabet's size.
    let has = |test: fn(&char) -> bool| password.chars().any(|c| test(&c));
    let kinds = [
        (has(char::is_ascii_lowercase), 26),
        (has(char::is_ascii_uppercase), 26),
        (has(char::is_ascii_digit), 10),
        (has(|c| c.is_ascii() && !c.is_ascii_alphanumeric()), 33),
    ];
    let size: u32 = kinds.iter().filter(|(used, _)| *used).map(|(_, size)| size).sum();
    let each = match size {
        _ if !password.is_ascii() => 80,
        0..=10 => 33,
        11..=26 => 47,
        27..=43 => 53,
        44..=62 => 59,
        _ => 65,
    };
    let mut tenths = 0;
    let mut before: Option<u32> = None;
    for c in password.chars().map(u32::from) {
        let goes_on = before.is_some_and(|before| before.abs_diff(c) <= 1);
        tenths += if goes_on { 10 } else { each };
        before = Some(c);
    }
    match tenths {
        ..400 => 1,
        400..600 => 2,
        600..850 => 3,
        _ => STRONGEST,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const MAIL: &str = "Harin.Lee@hanbit.ac.kr";

    #[test]
    fn each_rule_has_its_own_sentence() {
        let problem = |password: &str| password_problem(password, MAIL, "하린이네");
        assert_eq!(problem(""), Some("accounts.password.needed"));
        assert_eq!(problem("k3#fq9!"), Some("accounts.password.too_short"));
        assert_eq!(problem(&"두루미a1".repeat(26)), Some("accounts.password.too_long"));
        assert_eq!(problem("8213947561"), Some("accounts.password.digits"));
        for like in ["harin.lee1", "HARIN.LEE", "harin.lee@hanbit.ac.kr", "hanbit.ac.kr7", "lee@hanbit", "하린이네1234", "12하린이네34"]
        {
            assert_eq!(problem(like), Some("accounts.password.like_name"), "{like}");
        }
        assert_eq!(problem("aaaaabbbbb"), Some("accounts.password.common"));
        for fine in ["seven herons on a roof", "비밀번호-mc8x2k", "harin.lee likes herons", &"두루미a".repeat(32)] {
            assert_eq!(problem(fine), None, "{fine}");
        }
    }

    #[test]
    fn seats_fill_up_with_strength() {
        let seats = |password: &str| strength(password, MAIL, "하린이네");
        assert_eq!(seats(""), 0);
        assert_eq!(seats("12345678"), 1);
        assert_eq!(seats("abcdefghij"), 1);
        assert_eq!(seats("kxvbtqmw"), 1);
        assert_eq!(seats("moim-2026"), 2);
        assert_eq!(seats("Moim-2026!#"), 3);
        assert_eq!(seats("seven herons on a roof"), 4);
    }

    proptest! {
        #[test]
        fn a_longer_password_never_looks_weaker(text in "[a-zA-Z0-9가-힣!-/]{8,60}", more in "[a-z]") {
            let longer = format!("{text}{more}");
            prop_assert!(strength(&longer, "", "") >= strength(&text, "", ""));
        }

        #[test]
        fn anything_may_be_typed(password in any::<String>(), email in any::<String>(), nickname in any::<String>()) {
            prop_assert!(strength(&password, &email, &nickname) <= STRONGEST);
        }
    }
}
