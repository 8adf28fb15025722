//! What can be said of one's gender.

use crate::features::accounts::model::Gender;
use crate::t;

/// The codes of what can be chosen, and what they are called.
#[must_use]
pub fn genders() -> Vec<(String, String)> {
    vec![
        (Gender::Female.code().to_owned(), t!("accounts.gender.female")),
        (Gender::Male.code().to_owned(), t!("accounts.gender.male")),
        (Gender::Unsaid.code().to_owned(), t!("accounts.gender.unsaid")),
    ]
}
