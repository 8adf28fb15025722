//! A form that came back: what was typed and why it was refused.
//!
//! Without JavaScript a refused form is answered by the page it came from, rendered again with this in its context and
//! the refusal's status; the browser program finds the same in the document when the reader pressed before it had loaded.

use super::error::{AppError, FieldErrors};
use serde::de::value::MapDeserializer;
use serde::de::{self, DeserializeOwned, Deserializer, IntoDeserializer, Visitor};
use serde::forward_to_deserialize_any;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Stands in the context of a server function that a plain form calls.
#[derive(Clone, Copy, Debug)]
pub struct PlainForm;

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

/// A form as the server function gets it, from the fields that are named `form[name]`. The same as reading its body, in a
/// fraction of the program.
///
/// # Errors
/// When a field that the form needs is missing, or is not of its kind.
pub fn read<F: DeserializeOwned>(fields: impl IntoIterator<Item = (String, String)>) -> Result<F, Mismatch> {
    let named = fields.into_iter().filter_map(|(name, value)| {
        let name = name.strip_prefix("form[")?.strip_suffix(']')?.to_owned();
        Some((name, Typed(value)))
    });
    F::deserialize(MapDeserializer::new(named))
}

/// That a form is not what its function needs. What is wrong with it the server says, beside the field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mismatch;

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a field is missing or of another kind")
    }
}

impl std::error::Error for Mismatch {}

impl de::Error for Mismatch {
    fn custom<T: fmt::Display>(_why: T) -> Self {
        Self
    }
}

/// What stands in a field.
struct Typed(String);

impl IntoDeserializer<'_, Mismatch> for Typed {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'de> Deserializer<'de> for Typed {
    type Error = Mismatch;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        visitor.visit_string(self.0)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _name: &'static str, visitor: V) -> Result<V::Value, Mismatch> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_i64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        match self.0.parse() {
            Ok(number) => visitor.visit_i64(number),
            Err(_) => visitor.visit_string(self.0),
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple tuple_struct
        map struct enum identifier ignored_any
    }
}

/// What people say in their own words, 1 to `max` characters: line breaks become `\n`, as a browser's form sends `\r\n`; other
/// control characters and the end's blanks go.
///
/// # Errors
/// `codes` names the sentences for what shows nothing, and for what is too long (with the gap `max`).
pub fn prose(typed: &str, field: &'static str, max: usize, codes: (&'static str, &'static str)) -> Result<String, FieldErrors> {
    let mut errors = FieldErrors::default();
    // Enough to tell that it is too long, without working through a megabyte.
    let text: String = typed.chars().filter(|c| matches!(c, '\n' | '\t') || !c.is_control()).take(max * 2).collect();
    let text = text.trim_end().to_owned();
    // Fillers that show nothing say nothing.
    if text.chars().all(|c| {
        c.is_whitespace()
            || matches!(c, '\u{ad}' | '\u{115f}' | '\u{1160}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}')
    }) {
        errors.add(field, codes.0);
    } else if text.chars().count() > max {
        errors.add_with(field, codes.1, vec![("max", max.to_string())]);
    }
    errors.or(|| text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::chat::model::SendForm;
    use crate::features::parties::model::ApplyForm;

    fn fields(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn a_form_is_read_from_its_fields() {
        let id = "0198c5a0-0000-7000-8000-000000000000";
        let typed = fields(&[("other", "x"), ("form[party]", id), ("form[message]", "a=b&c[d]=<é>🦆\n"), ("form[unknown]", "")]);
        let form: ApplyForm = read(typed).expect("a form");
        assert_eq!((form.party, form.message.as_str()), (id.parse().ok(), "a=b&c[d]=<é>🦆\n"));
        let form: SendForm =
            read(fields(&[("form[room]", id), ("form[send_id]", id), ("form[text]", "7"), ("form[reply_to]", "7")])).expect("a form");
        assert_eq!((form.text.as_str(), form.reply_to), ("7", Some(7)));
    }

    #[test]
    fn what_is_missing_or_of_another_kind_is_left_to_the_server() {
        assert!(read::<ApplyForm>(fields(&[("form[party]", "nonsense")])).is_err());
        assert!(read::<SendForm>(fields(&[("form[text]", "room and name are missing")])).is_err());
        assert_eq!(read::<ApplyForm>(fields(&[])), Ok(ApplyForm::default()));
    }
}
