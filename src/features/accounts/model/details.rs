//! What somebody has said of themselves, as long as they can change it: until their address is proved.

use super::Gender;
use super::names;
use super::sign_up::birth_date;
use crate::shared::error::FieldErrors;
use crate::shared::time::{Date, Timestamp};
use serde::{Deserialize, Serialize};

/// What stands in the account of somebody whose address is not proved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct Details {
    /// The login name.
    pub email: String,
    /// `YYYY-MM-DD`
    pub birth_date: String,
    /// A code of [`Gender`].
    pub gender: String,
}

/// What is typed to change it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct UnverifiedForm {
    /// The login name.
    pub email: String,
    /// `YYYY-MM-DD`
    pub birth_date: String,
    /// A code of [`Gender`].
    pub gender: String,
    /// The password, so that nobody does this who only found the device.
    pub current_password: String,
}

/// What is to stand there instead; whether the email is free only the database can say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewDetails {
    pub(in crate::features::accounts) email: String,
    pub(in crate::features::accounts) birth_date: Date,
    pub(in crate::features::accounts) gender: Gender,
}

impl UnverifiedForm {
    /// Reads the form.
    ///
    /// # Errors
    /// Every field that is wrong, in the order of the page.
    pub fn parse(&self, now: Timestamp) -> Result<NewDetails, FieldErrors> {
        let mut errors = FieldErrors::default();
        let email = names::email(&self.email).map_err(|code| errors.add("email", code)).ok();
        let birth_date = birth_date(&self.birth_date, now.seoul().date).map_err(|code| errors.add("birth_date", code)).ok();
        let gender = Gender::from_code(&self.gender);
        if gender.is_none() {
            errors.add("gender", "accounts.gender.needed");
        }
        if self.current_password.is_empty() {
            errors.add("current_password", "accounts.password.current_needed");
        }
        match (email, birth_date, gender) {
            (Some(email), Some(birth_date), Some(gender)) if errors.0.is_empty() => Ok(NewDetails { email, birth_date, gender }),
            _ => Err(errors),
        }
    }
}
