//! The form of somebody who signs up.

use super::Gender;
use super::names;
use super::password::password_problem;
use crate::features::regions::model::RegionChoice;
use crate::shared::error::FieldErrors;
use crate::shared::time::{Date, Timestamp};
use serde::{Deserialize, Serialize};

/// The youngest age, in full years, at which the law lets somebody agree for themselves (개인정보 보호법 제22조의2).
pub const MIN_AGE: i32 = 14;
const MAX_AGE: i32 = 120;
const FIRST_ADMISSION: i32 = 1950;
/// The form's fields in the order of the page.
const FIELDS: [&str; 11] =
    ["email", "nickname", "password", "password_again", "birth_date", "gender", "region", "school", "admission_year", "terms", "privacy"];

/// What is typed to sign up.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct SignUpForm {
    /// The login name.
    #[cfg_attr(feature = "ssr", schemars(length(max = super::names::MAX_EMAIL)))]
    pub email: String,
    /// What others will see.
    #[cfg_attr(feature = "ssr", schemars(length(max = super::names::MAX_NICKNAME)))]
    pub nickname: String,
    /// The new password.
    #[cfg_attr(feature = "ssr", schemars(length(max = super::password::MAX_PASSWORD)))]
    pub password: String,
    /// The same again.
    pub password_again: String,
    /// `YYYY-MM-DD`
    pub birth_date: String,
    /// A code of [`Gender`].
    pub gender: String,
    /// The code of the chosen 동, where the program or a radio button filled it in.
    pub region: String,
    /// The 동 as typed.
    pub region_text: String,
    /// The school's name, if any.
    pub school: String,
    /// The year of admission, if any.
    pub admission_year: String,
    /// `true` when the terms are agreed to.
    pub terms: String,
    /// `true` when the use of personal data is agreed to.
    pub privacy: String,
    /// Where to go afterwards.
    pub next: String,
    /// Who has arrived, as the page has shown them, when an account of elsewhere is to sign in to the new one.
    pub with: String,
}

/// What a filled-in form says, as far as it can be told without the database: whether the region and the school exist and
/// the names are free is still open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignUpDraft {
    pub(in crate::features::accounts) email: String,
    pub(in crate::features::accounts) nickname: String,
    pub(in crate::features::accounts) password: String,
    pub(in crate::features::accounts) birth_date: Date,
    pub(in crate::features::accounts) gender: Gender,
    pub(in crate::features::accounts) region: RegionChoice,
    pub(in crate::features::accounts) school: String,
    pub(in crate::features::accounts) admission_year: Option<i32>,
}

impl SignUpForm {
    /// The nickname as it would be stored; empty when it may not be one.
    #[must_use]
    pub fn clean_nickname(&self) -> String {
        names::nickname(&self.nickname).unwrap_or_default()
    }

    /// Reads the form.
    ///
    /// # Errors
    /// Every field that is wrong, in the order of the page.
    pub fn parse(&self, now: Timestamp) -> Result<SignUpDraft, FieldErrors> {
        let mut errors = FieldErrors::default();
        let today = now.seoul().date;
        let email = names::email(&self.email).map_err(|code| errors.add("email", code)).ok();
        let nickname = names::nickname(&self.nickname).map_err(|code| errors.add("nickname", code)).ok();
        if let Some(code) = password_problem(&self.password, &self.email, &self.nickname) {
            errors.add("password", code);
        } else if self.password_again != self.password {
            errors.add("password_again", "accounts.password.differs");
        }
        let birth_date = birth_date(&self.birth_date, today).map_err(|code| errors.add("birth_date", code)).ok();
        let gender = Gender::from_code(&self.gender);
        if gender.is_none() {
            errors.add("gender", "accounts.gender.needed");
        }
        let region = RegionChoice::read(&self.region, &self.region_text);
        if region.is_none() {
            errors.add("region", "regions.needed");
        }
        let school = self.school.trim();
        let admission_year = admission_year(&self.admission_year, today).map_err(|code| errors.add("admission_year", code)).ok().flatten();
        if school.is_empty() && !self.admission_year.trim().is_empty() {
            errors.add("school", "accounts.school.needed");
        }
        if self.terms != "true" {
            errors.add("terms", "accounts.terms.needed");
        }
        if self.privacy != "true" {
            errors.add("privacy", "accounts.privacy.needed");
        }
        match (email, nickname, birth_date, gender, region) {
            (Some(email), Some(nickname), Some(birth_date), Some(gender), Some(region)) if errors.0.is_empty() => Ok(SignUpDraft {
                email,
                nickname,
                password: self.password.clone(),
                birth_date,
                gender,
                region,
                school: school.to_owned(),
                admission_year,
            }),
            _ => Err(in_order(errors)),
        }
    }
}

/// The same errors in the order of the page.
#[must_use]
pub fn in_order(mut errors: FieldErrors) -> FieldErrors {
    errors.0.sort_by_key(|error| FIELDS.iter().position(|field| *field == error.field).unwrap_or(FIELDS.len()));
    errors
}

/// The day of birth of somebody who is old enough.
///
/// # Errors
/// A key of `locales/`.
pub(super) fn birth_date(text: &str, today: Date) -> Result<Date, &'static str> {
    if text.trim().is_empty() {
        return Err("accounts.birth_date.needed");
    }
    let date = Date::parse(text).ok_or("accounts.birth_date.malformed")?;
    match date.years_until(today) {
        _ if date >= today => Err("accounts.birth_date.future"),
        ..MIN_AGE => Err("accounts.birth_date.too_young"),
        MIN_AGE..=MAX_AGE => Ok(date),
        _ => Err("accounts.birth_date.malformed"),
    }
}

/// The year of admission, if one was typed.
///
/// # Errors
/// A key of `locales/`.
pub(super) fn admission_year(text: &str, today: Date) -> Result<Option<i32>, &'static str> {
    match text.trim() {
        "" => Ok(None),
        text => text
            .parse()
            .ok()
            // Those who begin in spring may have been admitted in the year before.
            .filter(|year| (FIRST_ADMISSION..=today.year + 1).contains(year))
            .map(Some)
            .ok_or("accounts.admission_year.malformed"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// 2026-05-12 23:30 in Seoul, the 12th in Seoul and in UTC.
    const NOW: Timestamp = Timestamp(1_778_596_200_000);

    fn form() -> SignUpForm {
        SignUpForm {
            email: "mina@moim.test".to_owned(),
            nickname: "미나".to_owned(),
            password: "seven herons on a roof".to_owned(),
            password_again: "seven herons on a roof".to_owned(),
            birth_date: "2000-02-29".to_owned(),
            gender: "unsaid".to_owned(),
            region: "11440124".to_owned(),
            terms: "true".to_owned(),
            privacy: "true".to_owned(),
            ..SignUpForm::default()
        }
    }

    fn errors(form: &SignUpForm) -> Vec<(String, String)> {
        let errors = form.parse(NOW).expect_err("refused");
        errors.0.into_iter().map(|error| (error.field.into_owned(), error.code.into_owned())).collect()
    }

    #[test]
    fn everything_wrong_is_said_at_once_in_the_order_of_the_page() {
        let fields: Vec<String> = errors(&SignUpForm::default()).into_iter().map(|(field, _)| field).collect();
        assert_eq!(fields, ["email", "nickname", "password", "birth_date", "gender", "region", "terms", "privacy"]);
        let draft = form().parse(NOW).expect("complete");
        assert_eq!((draft.email.as_str(), draft.school.as_str(), draft.admission_year), ("mina@moim.test", "", None));
    }

    #[test]
    fn the_fourteenth_birthday_is_counted_in_seoul() {
        let born = |date: &str| SignUpForm { birth_date: date.to_owned(), ..form() }.parse(NOW).map(|draft| draft.birth_date.iso());
        assert_eq!(born("2012-05-12").as_deref(), Ok("2012-05-12"));
        for (date, code) in [
            ("2012-05-13", "accounts.birth_date.too_young"),
            ("2026-05-12", "accounts.birth_date.future"),
            ("2027-01-01", "accounts.birth_date.future"),
            ("1890-01-01", "accounts.birth_date.malformed"),
            ("2001-02-29", "accounts.birth_date.malformed"),
            ("yesterday", "accounts.birth_date.malformed"),
            (" ", "accounts.birth_date.needed"),
        ] {
            let found = born(date).expect_err(date);
            assert_eq!(found.of("birth_date").expect("named").code, code, "{date}");
        }
        // Half an hour later it is the 13th in Seoul, while it is still the 12th in UTC.
        let later = Timestamp(NOW.0 + 1_800_000);
        assert!(SignUpForm { birth_date: "2012-05-13".to_owned(), ..form() }.parse(later).is_ok());
    }

    #[test]
    fn passwords_have_to_be_the_same_twice() {
        let differs = SignUpForm { password_again: "seven herons on a Roof".to_owned(), ..form() };
        assert_eq!(errors(&differs), [("password_again".to_owned(), "accounts.password.differs".to_owned())]);
    }

    #[test]
    fn a_year_needs_a_school_and_has_to_be_one() {
        let with = |school: &str, year: &str| SignUpForm { school: school.to_owned(), admission_year: year.to_owned(), ..form() };
        assert_eq!(errors(&with("", "2020"))[0].0, "school");
        for year in ["1949", "2028", "two", "-1", "99999999999999999999"] {
            assert_eq!(errors(&with("서울대학교", year)), [("admission_year".to_owned(), "accounts.admission_year.malformed".to_owned())]);
        }
        assert_eq!(with("서울대학교", " 2027 ").parse(NOW).expect("complete").admission_year, Some(2027));
    }

    proptest! {
        #[test]
        fn whatever_is_typed_is_answered(a in any::<String>(), b in any::<String>(), c in any::<String>()) {
            let form = SignUpForm {
                email: a.clone(), nickname: b.clone(), password: c.clone(), password_again: a.clone(), birth_date: b.clone(),
                gender: c.clone(), region: a, region_text: b, school: c.clone(), admission_year: c, ..form()
            };
            let _ = form.parse(NOW);
        }
    }
}
