//! A form that came back: what was typed and why it was refused.
//!
//! Without JavaScript a refused form is answered by the page it came from, rendered again with this in its context and
//! the refusal's status; the browser program finds the same in the document when the reader pressed before it had loaded.

use super::error::AppError;
use serde::{Deserialize, Serialize};

/// A refused form submission.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refused {
    /// The path of the server function that refused.
    pub path: String,
    /// The fields as typed, by their names in the form. Secrets are left out.
    pub values: Vec<(String, String)>,
    /// Why.
    pub error: AppError,
}

impl Refused {
    /// What was typed into a field, empty when nothing was.
    #[must_use]
    pub fn value(&self, name: &str) -> &str {
        self.values.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }
}
