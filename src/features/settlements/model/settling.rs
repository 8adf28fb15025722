//! Settling a bill: what the host decides, what each pays, and what has been paid.

use super::forms::{MAX_PRICE, line};
use super::paying::Line;
use super::shares::Split;
use crate::shared::error::FieldErrors;
use crate::shared::ids::{ItemId, PartyId, UserId};
use crate::shared::link;
use crate::shared::money;
use crate::shared::time::{Span, Timestamp};
use crate::shared::words;
use serde::{Deserialize, Serialize};

/// Most extras at one party.
pub const MAX_EXTRAS: i64 = 20;
/// Longest account, in characters.
pub const MAX_ACCOUNT: usize = 100;
/// Longest link, in characters.
pub const MAX_LINK: usize = 500;
/// How long it is known where to send money, from when that was written, if nobody settles.
pub const ACCOUNT_KEPT: Span = Span::days(30);
/// Between two reminders of the same person.
pub const REMINDING: Span = Span::hours(1);
/// Changes that the page of a bill tells of.
pub const HISTORY: i64 = 50;

/// How the host wants to settle, as typed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct TermsForm {
    /// Which party.
    pub party: Option<PartyId>,
    /// The fee as it was in the end, in won; at most [`MAX_PRICE`].
    pub fee: String,
    /// A [`Split`]'s code.
    pub split: String,
    /// Bank, number and name, as people copy them; may be empty.
    #[cfg_attr(feature = "ssr", schemars(length(max = MAX_ACCOUNT)))]
    pub account: String,
    /// A page where people can pay; may be empty.
    #[cfg_attr(feature = "ssr", schemars(length(max = MAX_LINK)))]
    pub link: String,
    /// When that was set which the form shows ([`Terms::set_at`], in milliseconds); empty where nothing was.
    pub seen: String,
}

/// How the host wants to settle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewTerms {
    /// Which party.
    pub party: PartyId,
    /// Won, 0 to [`MAX_PRICE`].
    pub fee: i64,
    /// How it is split.
    pub split: Split,
    /// At most [`MAX_ACCOUNT`] characters.
    pub account: String,
    /// An https address, at most [`MAX_LINK`] characters.
    pub link: Option<String>,
    /// When that was set which this replaces; nothing where nothing was.
    pub seen: Option<Timestamp>,
}

/// Something added or taken off, as typed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct ExtraForm {
    /// At which party.
    pub party: Option<PartyId>,
    /// A name for it, so that the same form enters it once.
    pub key: String,
    /// What it is.
    #[cfg_attr(feature = "ssr", schemars(length(max = super::forms::MAX_NAME)))]
    pub label: String,
    /// Won, not 0 and at most [`MAX_PRICE`]; below zero takes it off.
    pub amount: String,
    /// For whom; empty for all.
    pub whom: String,
}

/// Something added or taken off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewExtra {
    /// Its name.
    pub id: ItemId,
    /// At which party.
    pub party: PartyId,
    /// 1 to 60 characters.
    pub label: String,
    /// Won, not 0, within [`MAX_PRICE`] on both sides.
    pub amount: i64,
    /// For whom, if not for all.
    pub whom: Option<UserId>,
}

/// Saying that all is settled.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct SettleForm {
    /// Which party.
    pub party: Option<PartyId>,
    /// `true` when it is settled although not everybody has paid.
    pub anyway: String,
}

impl TermsForm {
    /// Checks what was typed.
    ///
    /// # Errors
    /// The fields that are wrong.
    pub fn parse(&self) -> Result<NewTerms, FieldErrors> {
        let mut errors = FieldErrors::default();
        let fee = money::read(&self.fee, 0..=MAX_PRICE);
        if fee.is_none() {
            errors.add_with("fee", "settlements.error.fee", vec![("max", money::group(MAX_PRICE))]);
        }
        let split = Split::from_code(&self.split);
        if split.is_none() {
            errors.add("split", "settlements.error.split");
        }
        let account = words::line(&self.account);
        if account.chars().count() > MAX_ACCOUNT || account.chars().any(char::is_control) {
            errors.add_with("account", "settlements.error.account", vec![("max", MAX_ACCOUNT.to_string())]);
        }
        let typed = self.link.trim();
        let link = link::read(typed, &["https://"]).filter(|link| link.chars().count() <= MAX_LINK);
        if link.is_none() && !typed.is_empty() {
            errors.add_with("link", "settlements.error.link", vec![("max", MAX_LINK.to_string())]);
        }
        let seen = if self.seen.is_empty() { Some(None) } else { self.seen.parse().ok().map(|at| Some(Timestamp(at))) };
        match (self.party, seen, fee, split) {
            (Some(party), Some(seen), Some(fee), Some(split)) => errors.or(|| NewTerms { party, fee, split, account, link, seen }),
            (None, ..) | (_, None, ..) => {
                errors.add("party", "error.bad_request");
                Err(errors)
            }
            _ => Err(errors),
        }
    }
}

impl ExtraForm {
    /// Checks what was typed.
    ///
    /// # Errors
    /// The fields that are wrong.
    pub fn parse(&self) -> Result<NewExtra, FieldErrors> {
        let mut errors = FieldErrors::default();
        let label = line(&self.label, "label", "settlements.error.label", &mut errors);
        let amount = money::read(&self.amount, -MAX_PRICE..=MAX_PRICE).filter(|amount| *amount != 0);
        if amount.is_none() {
            errors.add_with("amount", "settlements.error.amount", vec![("max", money::group(MAX_PRICE))]);
        }
        let whom = if self.whom.is_empty() { Some(None) } else { self.whom.parse().ok().map(Some) };
        if whom.is_none() {
            errors.add("whom", "settlements.error.whom");
        }
        match (self.party, self.key.parse(), label, amount, whom) {
            (Some(party), Ok(id), Some(label), Some(amount), Some(whom)) => Ok(NewExtra { id, party, label, amount, whom }),
            (None, ..) | (_, Err(_), ..) => {
                errors.add("key", "error.bad_request");
                Err(errors)
            }
            _ => Err(errors),
        }
    }
}

/// How it is settled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct Terms {
    /// Won.
    pub fee: i64,
    /// How it is split.
    pub split: Split,
    /// Where to send it; nothing once all is settled, or where the host says it elsewhere.
    pub account: String,
    /// A page where people can pay.
    pub link: Option<String>,
    /// What the host who wrote account and link is called.
    pub by: String,
    /// Whether that is still the host.
    pub is_hosts: bool,
    /// When it was set; another time for every change.
    pub set_at: Timestamp,
}

/// Something that the host has added or taken off.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct ExtraLine {
    /// Which.
    pub id: ItemId,
    /// What it is.
    pub label: String,
    /// Won.
    pub amount: i64,
    /// For whom, if not for all.
    pub whom: Option<UserId>,
}

/// What changed of a settlement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// The fee or its split; at first also where to send it.
    Terms,
    /// Where to send it.
    Account,
    /// Something was added or taken off.
    Extra,
    /// That is so no more.
    ExtraGone,
    /// Somebody says that they have sent it.
    Sent,
    /// They say so no more.
    Unsent,
    /// The host has received it.
    Received,
    /// The host has not.
    Unreceived,
    /// Somebody was reminded.
    Reminded,
    /// All is settled.
    Settled,
}

impl What {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Terms,
        Self::Account,
        Self::Extra,
        Self::ExtraGone,
        Self::Sent,
        Self::Unsent,
        Self::Received,
        Self::Unreceived,
        Self::Reminded,
        Self::Settled,
    ];

    /// How it is stored.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Terms => "terms",
            Self::Account => "account",
            Self::Extra => "extra",
            Self::ExtraGone => "extra_gone",
            Self::Sent => "sent",
            Self::Unsent => "unsent",
            Self::Received => "received",
            Self::Unreceived => "unreceived",
            Self::Reminded => "reminded",
            Self::Settled => "settled",
        }
    }

    /// The inverse of [`What::code`].
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|what| what.code() == code)
    }
}

/// A change of a settlement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct Change {
    /// What.
    pub what: What,
    /// By whom.
    pub actor: String,
    /// Whom it is about, if it is about somebody.
    pub subject: Option<String>,
    /// How much.
    pub amount: Option<i64>,
    /// What an extra was called.
    pub label: String,
    /// When.
    pub at: Timestamp,
}

/// How a bill is settled, for those who sit there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
pub struct Settlement {
    /// What the host has decided; nothing before.
    pub terms: Option<Terms>,
    /// What was added and taken off, in the order of entering; at most [`MAX_EXTRAS`].
    pub extras: Vec<ExtraLine>,
    /// What was paid to the shop, in won.
    pub receipt: i64,
    /// What each pays, in the order of their places; nobody while more is taken off than there is to pay.
    pub lines: Vec<Line>,
    /// The latest changes, the latest first; at most [`HISTORY`].
    pub history: Vec<Change>,
}

impl Settlement {
    /// Whether nobody owes anything any more.
    #[must_use]
    pub fn is_paid(&self) -> bool {
        self.terms.is_some() && !self.lines.is_empty() && self.lines.iter().all(Line::is_done)
    }

    /// What somebody pays.
    #[must_use]
    pub fn of(&self, person: UserId) -> Option<&Line> {
        self.lines.iter().find(|line| line.person == person)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn terms() -> TermsForm {
        TermsForm {
            party: Some(PartyId(Uuid::from_u128(1))),
            fee: "3,500".to_owned(),
            split: "equal".to_owned(),
            account: " 국민  123-45-678 김미나 ".to_owned(),
            link: "https://pay.example/mina".to_owned(),
            seen: String::new(),
        }
    }

    fn extra() -> ExtraForm {
        ExtraForm {
            party: Some(PartyId(Uuid::from_u128(1))),
            key: Uuid::from_u128(2).to_string(),
            label: "쿠폰".to_owned(),
            amount: "-3,000".to_owned(),
            whom: String::new(),
        }
    }

    #[test]
    fn terms_and_extras_are_what_was_typed() {
        let parsed = terms().parse().expect("terms");
        assert_eq!((parsed.fee, parsed.split, parsed.account.as_str()), (3_500, Split::Equal, "국민 123-45-678 김미나"));
        assert_eq!(parsed.link.as_deref(), Some("https://pay.example/mina"));
        let bare = TermsForm { account: String::new(), link: "  ".to_owned(), ..terms() }.parse().expect("terms");
        assert_eq!((bare.account.as_str(), bare.link, bare.seen), ("", None, None));
        assert_eq!(
            TermsForm { seen: "1700000000000".to_owned(), ..terms() }.parse().expect("terms").seen,
            Some(Timestamp(1_700_000_000_000))
        );
        assert_eq!((extra().parse().expect("an extra").amount, extra().parse().expect("an extra").whom), (-3_000, None));
        let whom = UserId(Uuid::from_u128(7));
        assert_eq!(ExtraForm { whom: whom.to_string(), ..extra() }.parse().expect("an extra").whom, Some(whom));
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (field, form) in [
            ("fee", TermsForm { fee: "-1".to_owned(), ..terms() }),
            ("split", TermsForm { split: "mine".to_owned(), ..terms() }),
            ("account", TermsForm { account: "1".repeat(101), ..terms() }),
            ("link", TermsForm { link: "http://pay.example".to_owned(), ..terms() }),
            ("link", TermsForm { link: "javascript:alert(1)".to_owned(), ..terms() }),
            ("link", TermsForm { link: format!("https://pay.example/{}", "a".repeat(500)), ..terms() }),
            ("party", TermsForm { party: None, ..terms() }),
            ("party", TermsForm { seen: "yesterday".to_owned(), ..terms() }),
        ] {
            assert_eq!(form.parse().expect_err("wrong").0[0].field, field, "{form:?}");
        }
        for (field, form) in [
            ("label", ExtraForm { label: " ".to_owned(), ..extra() }),
            ("amount", ExtraForm { amount: "0".to_owned(), ..extra() }),
            ("amount", ExtraForm { amount: "1000001".to_owned(), ..extra() }),
            ("whom", ExtraForm { whom: "미나".to_owned(), ..extra() }),
            ("key", ExtraForm { key: String::new(), ..extra() }),
        ] {
            assert_eq!(form.parse().expect_err("wrong").0[0].field, field, "{form:?}");
        }
    }

    #[test]
    fn every_change_is_stored_under_a_name_of_its_own() {
        for what in What::ALL {
            assert_eq!(What::from_code(what.code()), Some(what));
        }
    }
}
