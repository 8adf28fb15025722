//! What both sides know of profiles.

use crate::features::accounts::model::nickname;
use crate::features::meals::model::MealCard;
use crate::shared::error::FieldErrors;
use crate::shared::ids::{ImageId, UserId};
use crate::shared::time::{Date, Timestamp};
use serde::{Deserialize, Serialize};

/// Longest introduction, in characters.
pub const MAX_INTRO: usize = 300;

/// How old somebody is, as far as others may know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum AgeGroup {
    /// Below 20.
    Teens,
    /// From 20.
    Twenties,
    /// From 30.
    Thirties,
    /// From 40.
    Older,
}

impl AgeGroup {
    /// The group of somebody who was born on a day.
    #[must_use]
    pub const fn of(born: Date, today: Date) -> Self {
        match born.years_until(today) {
            ..20 => Self::Teens,
            20..30 => Self::Twenties,
            30..40 => Self::Thirties,
            40.. => Self::Older,
        }
    }
}

/// What others see of a person. Neither their address, their birthday nor where they live.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct Profile {
    /// The time of the answer.
    pub now: Timestamp,
    /// What they are called.
    pub nickname: String,
    /// Their face, if they show one.
    pub face: Option<ImageId>,
    /// What they say about themselves; may be empty.
    pub intro: String,
    /// How old they are, about.
    pub age: AgeGroup,
    /// The school that they go to, in the reader's language, as far as they have proved it.
    pub school: Option<String>,
    /// The year in which they came.
    pub since: i32,
    /// The orders that they host and that go on, the latest first; at most a page of them.
    pub hosted: Vec<MealCard>,
    /// Whether the reader looks at themselves.
    pub is_me: bool,
    /// Who, for those who can block them.
    pub id: Option<UserId>,
    /// Whether the reader blocks them.
    pub is_blocked: bool,
    /// Whether the reader can write to them.
    pub can_write: bool,
}

/// What stands in the form at first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct MyProfile {
    /// What I am called.
    pub nickname: String,
    /// My face, if I show one.
    pub face: Option<ImageId>,
    /// What I say about myself.
    pub intro: String,
}

/// A profile, as typed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct ProfileForm {
    /// What I want to be called.
    pub nickname: String,
    /// What I want to say about myself.
    #[cfg_attr(feature = "ssr", schemars(length(max = MAX_INTRO)))]
    pub intro: String,
}

/// A profile that makes sense.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProfileEdit {
    /// Trimmed and put together.
    pub nickname: String,
    /// At most [`MAX_INTRO`] characters; lines end with `\n`.
    pub intro: String,
}

impl ProfileForm {
    /// Checks what was typed.
    ///
    /// # Errors
    /// The fields that are wrong.
    pub fn parse(&self) -> Result<ProfileEdit, FieldErrors> {
        let mut errors = FieldErrors::default();
        let name = nickname(&self.nickname).map_err(|code| errors.add("nickname", code)).unwrap_or_default();
        let intro = self.intro.replace("\r\n", "\n");
        let intro: String = intro.trim().chars().filter(|c| *c == '\n' || !c.is_control()).collect();
        if intro.chars().count() > MAX_INTRO {
            errors.add_with("intro", "profiles.error.intro", vec![("max", MAX_INTRO.to_string())]);
        }
        errors.or(|| ProfileEdit { nickname: name, intro })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Date {
        Date::parse(text).expect("a day")
    }

    #[test]
    fn ages_are_told_by_decades() {
        let today = day("2026-05-12");
        for (born, group) in [
            ("2012-05-12", AgeGroup::Teens),
            ("2006-05-13", AgeGroup::Teens),
            ("2006-05-12", AgeGroup::Twenties),
            ("1996-05-12", AgeGroup::Thirties),
            ("1986-05-13", AgeGroup::Thirties),
            ("1986-05-12", AgeGroup::Older),
            ("1926-01-01", AgeGroup::Older),
        ] {
            assert_eq!(AgeGroup::of(day(born), today), group, "{born}");
        }
    }

    #[test]
    fn an_introduction_keeps_its_lines_and_nothing_that_cannot_be_seen() {
        let form = |intro: &str| ProfileForm { nickname: " 미나  리 ".to_owned(), intro: intro.to_owned() };
        let edit = form("  안녕하세요\r\n\u{7}둘째 줄 ").parse().expect("fine");
        assert_eq!((edit.nickname.as_str(), edit.intro.as_str()), ("미나 리", "안녕하세요\n둘째 줄"));
        assert!(form(&"가".repeat(300)).parse().is_ok());
        let wrong = ProfileForm { nickname: "!".to_owned(), intro: "가".repeat(301) }.parse().expect_err("wrong");
        assert_eq!(wrong.0.iter().map(|error| error.field.as_ref()).collect::<Vec<_>>(), ["nickname", "intro"]);
    }
}
