//! What a reader sees of a school.

use crate::shared::text::Lang;
use serde::{Deserialize, Serialize};

/// A university.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
