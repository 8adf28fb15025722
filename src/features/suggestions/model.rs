//! What both sides know of suggestions.

use crate::features::meals::model::Category;
use crate::features::weather::model::{Report, half_hour};
use crate::shared::error::{AppError, FieldErrors};
use crate::shared::form::prose;
use crate::shared::ids::QuestionId;
use crate::shared::time::{Date, Timestamp};
use serde::{Deserialize, Serialize};

/// Questions that one person may ask in a day of Seoul's calendar.
pub const A_DAY: i32 = 10;
/// Longest question, in characters.
pub const MAX_QUESTION: usize = 300;

/// A menu that is suggested.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct Suggested {
    /// What it is called.
    pub name: String,
    /// What kind of food it is, if that is known.
    pub category: Option<Category>,
    /// Why, as a sentence in the reader's language.
    pub reason: String,
    /// Where an order is opened for it.
    pub href: String,
}

/// What the first page says that its reader could eat now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct Headline {
    /// The first of the five menus, with when or for what: a headline in the reader's language.
    pub title: String,
    /// Why, as a sentence.
    pub reason: String,
    /// Whether the weather was known when the five were chosen.
    pub has_weather: bool,
    /// Of when the weather is that speaks for it now; nothing when none is known.
    pub weather_of: Option<Timestamp>,
}

impl Headline {
    /// Whether another one is worth asking for: the weather of this half hour is known, and it was made without it.
    #[must_use]
    pub fn is_behind(&self, weather: Option<Report>, now: Timestamp) -> bool {
        matches!(weather, Some(Report::Fresh(_))) && self.weather_of.is_none_or(|of| half_hour(of) < half_hour(now))
    }
}

/// What to eat, for one reader.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct SuggestionView {
    /// The time of the answer.
    pub now: Timestamp,
    /// Five menus, that which fitted most when they were chosen first.
    pub menus: Vec<Suggested>,
    /// Whether the weather was known when they were chosen, which is looked at besides the hour, the season, the reader's taste and the
    /// open orders around them.
    pub has_weather: bool,
    /// How many more questions the reader may ask today.
    pub left: i32,
    /// The conversation with the model, where there is one.
    pub talk: Option<Talk>,
}

/// A conversation of the last day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct Talk {
    /// A name for the next question.
    pub next: QuestionId,
    /// What was asked, oldest first.
    pub exchanges: Vec<Exchange>,
}

/// How far an answer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Progress {
    /// It is coming.
    Waiting,
    /// It is whole.
    Whole,
    /// It was broken off.
    BrokenOff,
    /// There is none, and the question does not count.
    Failed,
}

/// A question and its answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct Exchange {
    /// Which.
    pub id: QuestionId,
    /// What was asked.
    pub question: String,
    /// What the model said besides menus; everything so far while it is coming.
    pub text: String,
    /// The menus that it named.
    pub menus: Vec<Suggested>,
    /// How far it is.
    pub progress: Progress,
    /// When it counts as broken off if nothing has come by then.
    pub until: Timestamp,
}

/// A question, as typed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct AskForm {
    /// The name that the page gave to the question, so that asking it twice asks it once.
    pub key: String,
    /// What is asked.
    pub text: String,
}

/// A question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewQuestion {
    /// Its name.
    pub id: QuestionId,
    /// 1 to [`MAX_QUESTION`] characters.
    pub text: String,
}

impl AskForm {
    /// Checks a question.
    ///
    /// # Errors
    /// The fields that are wrong.
    pub fn parse(&self) -> Result<NewQuestion, FieldErrors> {
        let text = prose(&self.text, "text", MAX_QUESTION, ("suggestions.error.empty", "suggestions.error.long"));
        let id = self.key.parse().ok();
        match (text, id) {
            (Ok(text), Some(id)) => Ok(NewQuestion { id, text }),
            (Err(errors), Some(_)) => Err(errors),
            (text, None) => {
                let mut errors = text.err().unwrap_or_default();
                errors.add("key", "error.stale");
                Err(errors)
            }
        }
    }
}

/// The day on which a moment lies in Seoul, counted from 1970-01-01.
#[must_use]
pub const fn day_of(now: Timestamp) -> i64 {
    now.seoul().date.to_days()
}

/// That somebody has asked as often as they may today, beside a field.
#[must_use]
pub fn spent(field: &'static str, now: Timestamp) -> AppError {
    let mut fields = FieldErrors::default();
    fields.add(field, "suggestions.spent");
    let opens = Timestamp::from_seoul(Date::from_days(day_of(now) + 1), 0, 0);
    AppError::Spent { fields, seconds: u32::try_from(((opens - now).0 + 999) / 1_000).unwrap_or(1).max(1) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::weather::model::{Amount, Precipitation, Sky, Source, Weather};

    #[test]
    fn a_question_says_something_and_not_too_much() {
        let parse = |key: &str, text: &str| AskForm { key: key.to_owned(), text: text.to_owned() }.parse();
        let key = "0198c5a0-0000-7000-8000-000000000000";
        assert_eq!(parse(key, "매운 거?\r\n").map(|question| question.text), Ok("매운 거?".to_owned()));
        assert!(parse(key, &"가".repeat(MAX_QUESTION)).is_ok());
        let wrong =
            |key: &str, text: &str| parse(key, text).expect_err("refused").0.iter().map(|error| error.code.to_string()).collect::<Vec<_>>();
        assert_eq!(wrong(key, " \u{200b}"), ["suggestions.error.empty"]);
        assert_eq!(wrong(key, &"가".repeat(MAX_QUESTION + 1)), ["suggestions.error.long"]);
        assert_eq!(wrong("x", ""), ["suggestions.error.empty", "error.stale"]);
    }

    #[test]
    fn a_headline_is_behind_what_is_known_of_the_weather() {
        let at = |text: &str| Timestamp::parse_local(text).expect("a moment");
        let headline = |weather_of| Headline { title: String::new(), reason: String::new(), has_weather: true, weather_of };
        let (sky, amount) = (Sky::Clear, Amount::None);
        let weather =
            Weather { temperature: 174, wind: 23, sky, precipitation: Precipitation::None, amount, humidity: 60, source: Source::Kma };
        let now = at("2026-05-12T12:05");
        let stale = Report::Stale { weather, since: at("2026-05-12T11:40") };
        for (of, known, is_behind) in [
            (None, Some(Report::Fresh(weather)), true),
            (Some(at("2026-05-12T11:40")), Some(Report::Fresh(weather)), true),
            (Some(at("2026-05-12T12:00")), Some(Report::Fresh(weather)), false),
            (Some(at("2026-05-12T12:30")), Some(Report::Fresh(weather)), false),
            (None, Some(stale), false),
            (None, Some(Report::Awaited), false),
            (None, Some(Report::Unavailable), false),
            (None, None, false),
        ] {
            assert_eq!(headline(of).is_behind(known, now), is_behind, "{of:?} {known:?}");
        }
    }

    #[test]
    fn a_day_ends_at_midnight_in_seoul() {
        let at = |text: &str| Timestamp::parse_local(text).expect("a moment");
        assert_eq!(day_of(at("2026-05-12T23:59")) + 1, day_of(at("2026-05-13T00:00")));
        let AppError::Spent { seconds, fields } = spent("text", at("2026-05-12T23:58")) else { panic!("another error") };
        assert_eq!((seconds, fields.of("text").map(|error| &*error.code)), (120, Some("suggestions.spent")));
    }
}
