//! What both sides know of schools.

use crate::shared::text::Lang;
use crate::shared::time::{Span, Timestamp};
use serde::{Deserialize, Serialize};

/// Longest address, in characters (RFC 5321).
pub const MAX_ADDRESS: usize = 254;
/// So long before its end a proof can be renewed.
const RENEWABLE: Span = Span::days(30);
/// Longest name of a mailbox before the @ (RFC 5321).
const MAX_LOCAL: usize = 64;

/// A university.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct SchoolView {
    /// Its Korean name.
    pub name: String,
    /// Its English name.
    pub english: String,
}

impl SchoolView {
    /// Its name in a language.
    #[must_use]
    pub fn called(&self, lang: Lang) -> &str {
        match lang {
            Lang::Ko => &self.name,
            Lang::En => &self.english,
        }
    }
}

/// How somebody's proof that they go to their school stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema), schemars(rename = "SchoolStanding"))]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// There is none.
    Unproved,
    /// It is good.
    Proved {
        /// Since when.
        since: Timestamp,
        /// Until when.
        until: Timestamp,
        /// Whether it ends so soon that it can be renewed.
        ends_soon: bool,
    },
    /// It was good until then.
    Over {
        /// When it ended.
        until: Timestamp,
    },
}

impl Standing {
    /// How a proof with this beginning and end stands.
    #[must_use]
    pub fn of(proof: Option<(Timestamp, Timestamp)>, now: Timestamp) -> Self {
        match proof {
            None => Self::Unproved,
            Some((_, until)) if until <= now => Self::Over { until },
            Some((since, until)) => Self::Proved { since, until, ends_soon: until - now <= RENEWABLE },
        }
    }

    /// Whether it can be proved now, for the first time or again.
    #[must_use]
    pub const fn may_prove(self) -> bool {
        !matches!(self, Self::Proved { ends_soon: false, .. })
    }
}

/// Reads an address at a school with these mail domains: a whole one in one of them or below it (`@cse.snu.ac.kr`), or only
/// what stands before the @ of one in the first. The domain comes back in small letters.
///
/// # Errors
/// A key of `locales/`.
pub fn address(typed: &str, domains: &[String]) -> Result<String, &'static str> {
    let typed = typed.trim();
    if typed.is_empty() {
        return Err("schools.address.needed");
    }
    let (local, domain) = match (typed.split_once('@'), domains.first()) {
        (Some((local, domain)), _) => (local, domain.to_ascii_lowercase()),
        (None, Some(domain)) => (typed, domain.clone()),
        (None, None) => return Err("schools.address.malformed"),
    };
    // As common mailboxes are called, letter by letter: what only looks like one is none.
    let is_local = |c: char| c.is_ascii_alphanumeric() || ".!#$%&'*+/=?^_`{|}~-".contains(c);
    let dotted = local.starts_with('.') || local.ends_with('.') || local.contains("..");
    if local.is_empty() || local.len() > MAX_LOCAL || dotted || !local.chars().all(is_local) || domain.contains('@') {
        return Err("schools.address.malformed");
    }
    if !domains.iter().any(|own| is_in(&domain, own)) {
        return Err("schools.address.elsewhere");
    }
    let is_label = |label: &str| {
        !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
    };
    let address = format!("{local}@{domain}");
    if address.len() > MAX_ADDRESS || !domain.split('.').all(is_label) {
        return Err("schools.address.malformed");
    }
    Ok(address)
}

/// Whether a domain is another one or below it.
#[must_use]
pub fn is_in(domain: &str, other: &str) -> bool {
    domain.strip_suffix(other).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn snu() -> Vec<String> {
        vec!["snu.ac.kr".to_owned(), "snu.edu".to_owned()]
    }

    #[test]
    fn an_address_is_in_a_domain_of_the_school_or_below_it() {
        for (typed, read) in [
            (" mina ", "mina@snu.ac.kr"),
            ("mina@snu.ac.kr", "mina@snu.ac.kr"),
            ("Mina.Kim@SNU.ac.KR", "Mina.Kim@snu.ac.kr"),
            ("mina@cse.snu.ac.kr", "mina@cse.snu.ac.kr"),
            ("mina@a.b.snu.ac.kr", "mina@a.b.snu.ac.kr"),
            ("mina+moim@snu.edu", "mina+moim@snu.edu"),
        ] {
            assert_eq!(address(typed, &snu()).as_deref(), Ok(read), "{typed}");
        }
    }

    #[test]
    fn what_only_looks_like_it_is_refused() {
        for elsewhere in [
            "mina@evilsnu.ac.kr",
            "mina@snu.ac.kr.evil.com",
            "mina@evil-snu.ac.kr",
            "mina@ac.kr",
            "mina@",
            "mina@korea.ac.kr",
            "mina@snu.ac.kr.",
            "mina@\u{455}nu.ac.kr",
            // Lower-cased like a K by others, and no K.
            "mina@snu.ac.\u{212a}r",
        ] {
            assert_eq!(address(elsewhere, &snu()), Err("schools.address.elsewhere"), "{elsewhere}");
        }
        for malformed in [
            "@snu.ac.kr",
            "mina@evil.com@snu.ac.kr",
            "mi na@snu.ac.kr",
            "mina,jun@snu.ac.kr",
            "<mina>@snu.ac.kr",
            ".mina@snu.ac.kr",
            "mi..na@snu.ac.kr",
            "미나@snu.ac.kr",
            "mina\r\nbcc: x@snu.ac.kr",
            "mina@.snu.ac.kr",
            "mina@x y.snu.ac.kr",
            "mina@x>.snu.ac.kr",
            "mina@\u{200b}.snu.ac.kr",
        ] {
            assert_eq!(address(malformed, &snu()), Err("schools.address.malformed"), "{malformed}");
        }
        assert_eq!(address(" ", &snu()), Err("schools.address.needed"));
        assert_eq!(address(&"a".repeat(65), &snu()), Err("schools.address.malformed"));
        assert_eq!(address("mina", &[]), Err("schools.address.malformed"));
    }

    proptest! {
        #[test]
        fn whatever_is_typed_stays_at_the_school(typed in any::<String>()) {
            for typed in [typed.clone(), format!("{typed}@snu.ac.kr"), format!("mina@{typed}snu.ac.kr")] {
                if let Ok(address) = address(&typed, &snu()) {
                    let (local, domain) = address.split_once('@').expect("an address");
                    prop_assert!(!local.is_empty() && (domain == "snu.ac.kr" || domain.ends_with(".snu.ac.kr")), "{}", address);
                    prop_assert!(address.is_ascii() && !address.contains(char::is_whitespace), "{}", address);
                }
            }
        }
    }
}
