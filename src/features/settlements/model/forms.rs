//! What is typed at a bill.

use crate::shared::error::FieldErrors;
use crate::shared::ids::{ItemId, PartyId};
use crate::shared::money;
use crate::shared::words;
use serde::{Deserialize, Serialize};

/// Longest name of an item, in characters.
pub const MAX_NAME: usize = 60;
/// Highest price of an item, in won.
pub const MAX_PRICE: i64 = 1_000_000;
/// Most of one item.
pub const MAX_COUNT: i64 = 99;

/// An item, as typed: a new one or other facts of one that is there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct ItemForm {
    /// At which party.
    pub party: Option<PartyId>,
    /// Its name: that of one that is there, or of a new one, so that the same form enters it once.
    pub key: String,
    /// What it is.
    #[cfg_attr(feature = "ssr", schemars(length(max = MAX_NAME)))]
    pub name: String,
    /// Won, of one, with or without separators; at most [`MAX_PRICE`].
    pub price: String,
    /// How many; 1 to [`MAX_COUNT`].
    pub count: String,
    /// `true` when one that is there gets these facts; a form for a new one changes none.
    pub change: String,
}

/// An item to enter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewItem {
    /// Its name.
    pub id: ItemId,
    /// At which party.
    pub party: PartyId,
    /// 1 to [`MAX_NAME`] characters.
    pub name: String,
    /// Won, 0 to [`MAX_PRICE`].
    pub price: i64,
    /// 1 to [`MAX_COUNT`].
    pub count: i64,
    /// Whether one that is there is meant.
    pub is_change: bool,
}

impl ItemForm {
    /// Checks what was typed.
    ///
    /// # Errors
    /// The fields that are wrong.
    pub fn parse(&self) -> Result<NewItem, FieldErrors> {
        let mut errors = FieldErrors::default();
        let name = line(&self.name, "name", "settlements.error.name", &mut errors);
        let price = money::read(&self.price, 0..=MAX_PRICE);
        if price.is_none() {
            errors.add_with("price", "settlements.error.price", vec![("max", money::group(MAX_PRICE))]);
        }
        let count = money::read(&self.count, 1..=MAX_COUNT);
        if count.is_none() {
            errors.add_with("count", "settlements.error.count", vec![("max", MAX_COUNT.to_string())]);
        }
        match (self.party, self.key.parse(), name, price, count) {
            (Some(party), Ok(id), Some(name), Some(price), Some(count)) => {
                Ok(NewItem { id, party, name, price, count, is_change: self.change == "true" })
            }
            (None, ..) | (_, Err(_), ..) => {
                errors.add("key", "error.bad_request");
                Err(errors)
            }
            _ => Err(errors),
        }
    }
}

/// One line of 1 to [`MAX_NAME`] characters.
pub(super) fn line(text: &str, field: &'static str, code: &'static str, errors: &mut FieldErrors) -> Option<String> {
    let text = words::line(text);
    let fits = (1..=MAX_NAME).contains(&text.chars().count()) && !text.chars().any(char::is_control);
    if !fits {
        errors.add_with(field, code, vec![("max", MAX_NAME.to_string())]);
    }
    fits.then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn form() -> ItemForm {
        ItemForm {
            party: Some(PartyId(Uuid::from_u128(1))),
            key: Uuid::from_u128(2).to_string(),
            name: "  간장  반 마리 ".to_owned(),
            price: "9,500".to_owned(),
            count: "2".to_owned(),
            change: String::new(),
        }
    }

    #[test]
    fn an_item_is_what_was_typed() {
        let item = form().parse().expect("an item");
        assert_eq!((item.name.as_str(), item.price, item.count), ("간장 반 마리", 9_500, 2));
        assert_eq!(ItemForm { price: "0".to_owned(), ..form() }.parse().expect("free").price, 0);
    }

    #[test]
    fn what_is_wrong_is_named() {
        type Change = fn(&mut ItemForm);
        let wrong: [(&str, Change); 11] = [
            ("name", |form| form.name = "   ".to_owned()),
            ("name", |form| form.name = "가".repeat(61)),
            ("name", |form| form.name = "가\u{0}나".to_owned()),
            ("price", |form| form.price = "-1".to_owned()),
            ("price", |form| form.price = "1,000,001".to_owned()),
            ("price", |form| form.price = "9.5".to_owned()),
            ("price", |form| form.price = String::new()),
            ("count", |form| form.count = "0".to_owned()),
            ("count", |form| form.count = "100".to_owned()),
            ("key", |form| form.key = "x".to_owned()),
            ("key", |form| form.party = None),
        ];
        for (field, change) in wrong {
            let mut form = form();
            change(&mut form);
            let errors = form.parse().expect_err("wrong");
            assert_eq!(errors.0.iter().map(|error| error.field.as_ref()).collect::<Vec<_>>(), [field], "{form:?}");
        }
        let all = ItemForm { party: form().party, key: form().key, ..ItemForm::default() };
        assert_eq!(all.parse().expect_err("wrong").0.len(), 3);
    }
}
