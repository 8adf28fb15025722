//! Nicknames to offer: an adjective and an animal.

use crate::shared::text::Lang;
use std::sync::LazyLock;

static WORDS: LazyLock<[Vec<(&'static str, &'static str)>; 2]> = LazyLock::new(|| {
    let mut parts = include_str!("../../../data/nicknames.txt").split('[').skip(1);
    let mut next = || {
        let part = parts.next().expect("the embedded file has two parts");
        part.lines().skip(1).filter_map(|line| line.split_once(',')).collect()
    };
    [next(), next()]
});

/// Names to try before one gets a number.
const OFFERS: usize = 16;

/// Different nicknames in a language, in a random order.
#[must_use]
pub fn suggestions(lang: Lang) -> Vec<String> {
    let pick = |words: &[(&'static str, &'static str)]| {
        let (korean, english) = words[rand::random_range(0..words.len())];
        if lang == Lang::Ko { korean } else { english }
    };
    let mut names: Vec<String> = Vec::with_capacity(OFFERS);
    // Twice the tries, so that names which come up again do not matter.
    for _ in 0..OFFERS * 2 {
        let name = format!("{} {}", pick(&WORDS[0]), pick(&WORDS[1]));
        if names.len() < OFFERS && !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// A name with a number behind, for when all the others are taken.
#[must_use]
pub fn numbered(name: &str) -> String {
    let last = name.rsplit(' ').next().unwrap_or(name);
    format!("{last} {}", rand::random_range(1_000..1_000_000))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::accounts::model::SignUpForm;
    use crate::shared::time::Timestamp;

    #[test]
    fn every_offered_name_may_be_taken() {
        assert!(WORDS.iter().all(|words| words.len() >= 40));
        for (adjective, animal) in WORDS[0].iter().flat_map(|adjective| WORDS[1].iter().map(move |animal| (adjective, animal))) {
            for name in [format!("{} {}", adjective.0, animal.0), format!("{} {}", adjective.1, animal.1), numbered(animal.1)] {
                let errors = SignUpForm { nickname: name.clone(), ..SignUpForm::default() }.parse(Timestamp(0)).expect_err("incomplete");
                assert!(errors.of("nickname").is_none(), "{name}");
            }
        }
    }

    #[test]
    fn suggestions_differ() {
        let mut names = suggestions(Lang::Ko);
        names.sort();
        names.dedup();
        assert!(names.len() >= 5, "{names:?}");
    }
}
