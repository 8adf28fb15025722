//! JSON from our own server, for the browser's program.
//!
//! `serde_json` says in words what is wrong with a text, and with those words every page would load how numbers with fractions are
//! written: a twentieth of the program. Nobody would read them: what our own server sends is right, or the page is older than it.

mod reader;

use leptos::server::codee::{Decoder, Encoder};
use reader::Reader;
use serde::{Deserialize, Serialize};
use std::convert::Infallible;

/// What a text says; `None` when it is something else. Numbers are whole, and what they are read into says which type they have.
/// Of objects only structs and enums are read: a map is sent as pairs.
#[must_use]
pub fn read<T: for<'de> Deserialize<'de>>(text: &str) -> Option<T> {
    let mut reader = Reader::new(text);
    let said = T::deserialize(&mut reader).ok()?;
    reader.peek().is_none().then_some(said)
}

/// Keeps a text as it is.
#[derive(Debug)]
pub struct AsIs;

impl Encoder<String> for AsIs {
    type Error = Infallible;
    type Encoded = String;

    fn encode(text: &String) -> Result<String, Infallible> {
        Ok(text.clone())
    }
}

impl Decoder<String> for AsIs {
    type Error = Infallible;
    type Encoded = str;

    fn decode(text: &str) -> Result<String, Infallible> {
        Ok(text.to_owned())
    }
}

/// JSON that the server leaves in a document for the browser's program.
#[derive(Debug)]
pub struct Left;

/// That something else was left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotLeft;

impl<T: Serialize> Encoder<T> for Left {
    type Error = serde_json::Error;
    type Encoded = String;

    fn encode(value: &T) -> Result<String, serde_json::Error> {
        serde_json::to_string(value)
    }
}

impl<T: for<'de> Deserialize<'de>> Decoder<T> for Left {
    type Error = NotLeft;
    type Encoded = str;

    fn decode(text: &str) -> Result<T, NotLeft> {
        read(text).ok_or(NotLeft)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::chat::model::{Author, Content, Message, Quote};
    use crate::live::protocol::{Down, Up};
    use crate::shared::error::{AppError, Conflict};
    use crate::shared::ids::{RoomId, SendId, UserId};
    use crate::shared::images::Pictures;
    use crate::shared::time::Timestamp;
    use proptest::prelude::*;
    use uuid::Uuid;

    fn comes_back<T: serde::Serialize + for<'de> Deserialize<'de> + PartialEq + std::fmt::Debug>(said: &T) {
        let text = serde_json::to_string(said).expect("JSON");
        assert_eq!(read::<T>(&text).as_ref(), Some(said), "{text}");
    }

    #[test]
    fn frames_errors_and_maps_come_back() {
        comes_back(&Up::Ping);
        comes_back(&Down::Pong);
        comes_back(&Down::Ready { rooms: Vec::new(), muted: vec![RoomId(Uuid::max())] });
        comes_back(&vec![(1_i64, Some("a".to_owned())), (i64::MIN, None), (i64::MAX, Some(String::new()))]);
        comes_back(&(true, false, u32::MAX, -1_i32, u8::MAX, ()));
        let mut fields = crate::shared::error::FieldErrors::default();
        fields.add_with("text", "chat.error.long", vec![("max", "2000".to_owned())]);
        let spent = AppError::Spent { fields: fields.clone(), seconds: 7 };
        for error in [AppError::Internal, Conflict::Full.into(), AppError::SlowDown { seconds: 7 }, spent, fields.into()] {
            comes_back(&error);
            comes_back(&Err::<i64, _>(error));
        }
        comes_back(&Vec::from([("a.b".to_owned(), "{name} 님\n\t\"따옴표\" \\ / 🦆\u{0}\u{7f}".to_owned())]));
    }

    #[test]
    fn unknown_fields_are_passed_over_and_anything_else_is_refused() {
        assert_eq!(
            read::<Vec<(String, i64)>>(" [ [ \"a\" , 1 ] , [\"b\\u0041\",-2] ] \n"),
            Some(vec![("a".to_owned(), 1), ("bA".to_owned(), -2)])
        );
        let newer = r#"{"typing":{"room":"00000000-0000-0000-0000-000000000000","new":{"deep":[1.5e9,"x\"]",null,{"a":true}]},"old":"}"}}"#;
        assert_eq!(read::<Up>(newer), Some(Up::Typing { room: RoomId(Uuid::nil()) }));
        for wrong in [
            "",
            "{",
            "[1,]",
            "nul",
            "\"a",
            "1.5",
            "99999999999999999999",
            "[1] 2",
            "\"\\x\"",
            "\"\\ud800\"",
            "\"\\ud800\\u0041\"",
            "\"\\udc00\"",
            "\"\n\"",
            "--1",
            "-",
            "{\"a\":}",
        ] {
            assert_eq!(read::<i64>(wrong), None, "{wrong}");
            assert_eq!(read::<Vec<i64>>(wrong), None, "{wrong}");
            assert_eq!(read::<String>(wrong), None, "{wrong}");
            assert_eq!(read::<Up>(wrong), None, "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn whatever_people_say_comes_back(text in any::<String>(), seq in any::<i64>(), quoted in proptest::option::of(any::<String>())) {
            let reply = quoted.map(|text| Quote { seq, author: UserId(Uuid::nil()), nickname: text.clone(), text, changed: 0 });
            let author = Author { id: UserId(Uuid::max()), nickname: text.clone() };
            let content = Content::Text { author, send_id: SendId(Uuid::nil()), text, pictures: Pictures::default(), reply, changed: seq };
            comes_back(&Down::Message { room: RoomId(Uuid::nil()), message: Message { seq, said: seq, at: Timestamp(seq), content } });
        }

        #[test]
        fn nothing_makes_it_stumble(text in any::<String>(), json in r#"[\[\]{}",:\\u0-9a-f.eE+ -]{0,40}"#) {
            for text in [&text, &json] {
                let _ = (read::<Down>(text), read::<Vec<(String, i64)>>(text), read::<AppError>(text));
                // What both can read, they read alike.
                if let (Some(ours), Ok(theirs)) = (read::<Vec<String>>(text), serde_json::from_str::<Vec<String>>(text)) {
                    prop_assert_eq!(ours, theirs);
                }
            }
        }
    }
}
