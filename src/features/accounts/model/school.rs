//! The school that somebody names, and the address with which they prove it.

use super::sign_up::admission_year;
use crate::features::schools::model::{Standing, address};
use crate::shared::error::FieldErrors;
use crate::shared::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Somebody's own school, as only they see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct MySchool {
    /// The server's clock.
    pub now: Timestamp,
    /// Its name, in their language, if they name one.
    pub school: Option<String>,
    /// The year they entered it.
    pub admission_year: Option<i32>,
    /// Its mail domains.
    pub domains: Vec<String>,
    /// How the proof that they go there stands.
    pub standing: Standing,
    /// Whether they have proved their own address, without which they cannot prove this one.
    pub is_verified: bool,
    /// Whether mails are kept where everybody can read them, because there is no mail server.
    pub are_mails_kept: bool,
    /// What the schools are called that can be named, in their language and order.
    pub names: Vec<String>,
}

/// What is typed to name one's school.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct SchoolForm {
    /// Its name; empty for none.
    pub school: String,
    /// The year of admission, if any.
    pub admission_year: String,
}

/// A name that may be a school's, and a year.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SchoolDraft {
    pub(in crate::features::accounts) school: String,
    pub(in crate::features::accounts) admission_year: Option<i32>,
}

impl SchoolForm {
    /// Reads the form.
    ///
    /// # Errors
    /// Every field that is wrong, in the order of the page.
    pub fn parse(&self, now: Timestamp) -> Result<SchoolDraft, FieldErrors> {
        let mut errors = FieldErrors::default();
        let school = self.school.trim();
        if school.is_empty() && !self.admission_year.trim().is_empty() {
            errors.add("school", "accounts.school.needed");
        }
        let year = admission_year(&self.admission_year, now.seoul().date).map_err(|code| errors.add("admission_year", code));
        errors.or(|| SchoolDraft { school: school.to_owned(), admission_year: year.ok().flatten() })
    }
}

/// What is typed to get a mail at one's school.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct SchoolMailForm {
    /// An address there, or what stands before its @.
    pub address: String,
}

impl SchoolMailForm {
    /// Reads the form of somebody whose school has these mail domains.
    ///
    /// # Errors
    /// When it is no address there.
    pub fn parse(&self, domains: &[String]) -> Result<String, FieldErrors> {
        let mut errors = FieldErrors::default();
        let address = address(&self.address, domains).map_err(|code| errors.add("address", code)).unwrap_or_default();
        errors.or(|| address)
    }
}
