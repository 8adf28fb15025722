//! What both sides know of reports.

use crate::shared::error::FieldErrors;
use crate::shared::ids::PartyId;
use serde::{Deserialize, Serialize};

/// Longest text of a report, in characters.
pub const MAX_REPORT: usize = 500;

/// Why somebody reports something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// Advertising.
    Spam,
    /// A lie about money or things.
    Fraud,
    /// Insults, hate, threats.
    Abuse,
    /// Something else, which the text says.
    Other,
}

impl Reason {
    /// In the order in which they are offered.
    pub const ALL: [Self; 4] = [Self::Spam, Self::Fraud, Self::Abuse, Self::Other];

    /// How it is stored and written in forms.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Spam => "spam",
            Self::Fraud => "fraud",
            Self::Abuse => "abuse",
            Self::Other => "other",
        }
    }

    /// The inverse of [`Reason::code`].
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.code() == code)
    }
}

/// What somebody is about to report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct Reportable {
    /// Which party.
    pub party: PartyId,
    /// Its title.
    pub title: String,
    /// Whether the reader has reported it before; another report takes the place of that one.
    pub is_reported: bool,
}

/// A report, as typed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct ReportForm {
    /// Which party.
    pub party: Option<PartyId>,
    /// A [`Reason`]'s code.
    pub reason: String,
    /// What there is to say about it.
    #[cfg_attr(feature = "ssr", schemars(length(max = MAX_REPORT)))]
    pub text: String,
}

/// A report that makes sense.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// Which party.
    pub party: PartyId,
    /// Why.
    pub reason: Reason,
    /// At most [`MAX_REPORT`] characters; never empty for [`Reason::Other`].
    pub text: String,
}

impl ReportForm {
    /// Checks what was typed.
    ///
    /// # Errors
    /// The fields that are wrong.
    pub fn parse(&self) -> Result<Report, FieldErrors> {
        let mut errors = FieldErrors::default();
        let reason = Reason::from_code(&self.reason);
        let text = self.text.trim().to_owned();
        if reason.is_none() {
            errors.add("reason", "moderation.error.reason");
        }
        if reason == Some(Reason::Other) && text.is_empty() {
            errors.add("text", "moderation.error.text");
        }
        if text.chars().count() > MAX_REPORT {
            errors.add_with("text", "moderation.error.long", vec![("max", MAX_REPORT.to_string())]);
        }
        let (Some(reason), Some(party)) = (reason, self.party) else {
            if self.party.is_none() {
                errors.add("party", "error.not_found");
            }
            return Err(errors);
        };
        errors.or(|| Report { party, reason, text })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn form(reason: &str, text: &str) -> ReportForm {
        ReportForm { party: Some(PartyId(Uuid::nil())), reason: reason.to_owned(), text: text.to_owned() }
    }

    #[test]
    fn a_report_has_a_reason_and_says_which_other_one() {
        let wrong =
            |form: ReportForm| form.parse().expect_err("wrong").0.into_iter().map(|error| error.code.into_owned()).collect::<Vec<_>>();
        assert_eq!(form("spam", " \n").parse().map(|report| report.text), Ok(String::new()));
        assert_eq!(wrong(form("other", " \n")), ["moderation.error.text"]);
        assert_eq!(wrong(form("", "x")), ["moderation.error.reason"]);
        assert_eq!(wrong(form("spam", &"가".repeat(501))), ["moderation.error.long"]);
        assert_eq!(wrong(ReportForm { party: None, ..form("spam", "") }), ["error.not_found"]);
    }
}
