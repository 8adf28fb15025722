//! Reads JSON without a word about what is wrong with it. All that does not depend on what is read stands in functions that
//! are there once, because everything else is there once for each type that comes from the server.

use serde::de::{DeserializeSeed, Deserializer, EnumAccess, Error, MapAccess, SeqAccess, VariantAccess, Visitor};
use std::borrow::Cow;
use std::fmt;

/// That a text is not what it should be.
#[derive(Debug)]
pub struct Wrong;

impl fmt::Display for Wrong {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        Ok(())
    }
}

impl std::error::Error for Wrong {}

impl Error for Wrong {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }
}

/// A text, and how far it has been read.
pub struct Reader<'de> {
    text: &'de str,
    at: usize,
}

impl<'de> Reader<'de> {
    /// At the beginning of a text.
    pub const fn new(text: &'de str) -> Self {
        Self { text, at: 0 }
    }

    /// The next byte that is not between things; it is still to be read.
    pub fn peek(&mut self) -> Option<u8> {
        while let Some(byte) = self.byte() {
            if !matches!(byte, b' ' | b'\n' | b'\r' | b'\t') {
                return Some(byte);
            }
            self.at += 1;
        }
        None
    }

    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// Reads a byte if it is the next one.
    fn has(&mut self, byte: u8) -> bool {
        let is_there = self.peek() == Some(byte);
        self.at += usize::from(is_there);
        is_there
    }

    fn expect(&mut self, byte: u8) -> Result<(), Wrong> {
        if self.has(byte) { Ok(()) } else { Err(Wrong) }
    }

    /// Reads a word such as `null` if it is the next one.
    fn has_word(&mut self, word: &str) -> bool {
        self.peek();
        let is_there = self.text.as_bytes()[self.at..].starts_with(word.as_bytes());
        self.at += if is_there { word.len() } else { 0 };
        is_there
    }

    /// A whole number: whether it is below zero, and how far from it.
    fn number(&mut self) -> Result<(bool, u64), Wrong> {
        let is_negative = self.has(b'-');
        let begin = self.at;
        let mut size = 0_u64;
        while let Some(digit @ b'0'..=b'9') = self.byte() {
            size = size.checked_mul(10).and_then(|size| size.checked_add(u64::from(digit - b'0'))).ok_or(Wrong)?;
            self.at += 1;
        }
        if self.at == begin { Err(Wrong) } else { Ok((is_negative, size)) }
    }

    fn unsigned(&mut self) -> Result<u64, Wrong> {
        match self.number()? {
            (true, 1..) => Err(Wrong),
            (_, size) => Ok(size),
        }
    }

    fn signed(&mut self) -> Result<i64, Wrong> {
        let (is_negative, size) = self.number()?;
        if is_negative { 0_i64.checked_sub_unsigned(size) } else { i64::try_from(size).ok() }.ok_or(Wrong)
    }

    fn string(&mut self) -> Result<Cow<'de, str>, Wrong> {
        self.expect(b'"')?;
        let mut whole: Option<String> = None;
        loop {
            let begin = self.at;
            while self.byte().is_some_and(|byte| byte >= b' ' && byte != b'"' && byte != b'\\') {
                self.at += 1;
            }
            let piece = &self.text[begin..self.at];
            let end = self.byte().ok_or(Wrong)?;
            self.at += 1;
            match (end, whole.as_mut()) {
                (b'"', None) => return Ok(Cow::Borrowed(piece)),
                (b'"', Some(whole)) => {
                    whole.push_str(piece);
                    break;
                }
                (b'\\', _) => {
                    let whole = whole.get_or_insert_default();
                    whole.push_str(piece);
                    whole.push(self.escaped()?);
                }
                _ => return Err(Wrong),
            }
        }
        whole.map(Cow::Owned).ok_or(Wrong)
    }

    /// What stands behind a backslash.
    fn escaped(&mut self) -> Result<char, Wrong> {
        let kind = self.byte().ok_or(Wrong)?;
        self.at += 1;
        Ok(match kind {
            b'"' | b'\\' | b'/' => char::from(kind),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                let mut code = self.hexadecimal()?;
                if let 0xd800..0xdc00 = code
                    && self.has_word("\\u")
                    && let low @ 0xdc00..0xe000 = self.hexadecimal()?
                {
                    code = 0x1_0000 + ((code - 0xd800) << 10) + (low - 0xdc00);
                }
                char::from_u32(code).ok_or(Wrong)?
            }
            _ => return Err(Wrong),
        })
    }

    fn hexadecimal(&mut self) -> Result<u32, Wrong> {
        let mut code = 0;
        for _ in 0..4 {
            let digit = char::from(self.byte().ok_or(Wrong)?).to_digit(16).ok_or(Wrong)?;
            code = code * 16 + digit;
            self.at += 1;
        }
        Ok(code)
    }

    /// Passes over whatever comes next.
    fn pass(&mut self) -> Result<(), Wrong> {
        let mut depth = 0_usize;
        loop {
            match self.peek().ok_or(Wrong)? {
                b'"' => drop(self.string()?),
                b'[' | b'{' => {
                    depth += 1;
                    self.at += 1;
                    continue;
                }
                b']' | b'}' => {
                    depth = depth.checked_sub(1).ok_or(Wrong)?;
                    self.at += 1;
                }
                b',' | b':' if depth > 0 => {
                    self.at += 1;
                    continue;
                }
                b'a'..=b'z' | b'0'..=b'9' | b'-' => {
                    while let Some(b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'+' | b'.') = self.byte() {
                        self.at += 1;
                    }
                }
                _ => return Err(Wrong),
            }
            if depth == 0 {
                return Ok(());
            }
        }
    }
}

/// What stands between brackets or braces.
struct Items<'a, 'de> {
    reader: &'a mut Reader<'de>,
    end: u8,
    is_first: bool,
    is_over: bool,
}

impl<'a, 'de> Items<'a, 'de> {
    fn begin(reader: &'a mut Reader<'de>, begin: u8, end: u8) -> Result<Self, Wrong> {
        reader.expect(begin)?;
        Ok(Self { reader, end, is_first: true, is_over: false })
    }

    /// Whether there is another one.
    fn another(&mut self) -> Result<bool, Wrong> {
        if self.is_over {
            return Ok(false);
        }
        if self.is_first && self.reader.has(self.end) || !self.is_first && !self.reader.has(b',') {
            if !self.is_first {
                self.reader.expect(self.end)?;
            }
            self.is_over = true;
            return Ok(false);
        }
        self.is_first = false;
        Ok(true)
    }

    /// Nothing is left.
    fn end(mut self) -> Result<(), Wrong> {
        if self.another()? { Err(Wrong) } else { Ok(()) }
    }
}

impl<'de> SeqAccess<'de> for &mut Items<'_, 'de> {
    type Error = Wrong;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Wrong> {
        if self.another()? { seed.deserialize(&mut *self.reader).map(Some) } else { Ok(None) }
    }
}

impl<'de> MapAccess<'de> for &mut Items<'_, 'de> {
    type Error = Wrong;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Wrong> {
        if self.another()? { seed.deserialize(&mut *self.reader).map(Some) } else { Ok(None) }
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Wrong> {
        self.reader.expect(b':')?;
        seed.deserialize(&mut *self.reader)
    }
}

/// One of several things: its name alone, or in braces with what belongs to it.
struct Choice<'a, 'de> {
    reader: &'a mut Reader<'de>,
    has_more: bool,
}

impl<'de> EnumAccess<'de> for Choice<'_, 'de> {
    type Error = Wrong;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), Wrong> {
        let name = seed.deserialize(&mut *self.reader)?;
        if self.has_more {
            self.reader.expect(b':')?;
        }
        Ok((name, self))
    }
}

impl<'de> VariantAccess<'de> for Choice<'_, 'de> {
    type Error = Wrong;

    fn unit_variant(self) -> Result<(), Wrong> {
        if !self.has_more || self.reader.has_word("null") { Ok(()) } else { Err(Wrong) }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Wrong> {
        if self.has_more { seed.deserialize(self.reader) } else { Err(Wrong) }
    }

    fn tuple_variant<V: Visitor<'de>>(self, _len: usize, visitor: V) -> Result<V::Value, Wrong> {
        if self.has_more { self.reader.deserialize_seq(visitor) } else { Err(Wrong) }
    }

    fn struct_variant<V: Visitor<'de>>(self, _fields: &'static [&'static str], visitor: V) -> Result<V::Value, Wrong> {
        if self.has_more { self.reader.deserialize_map(visitor) } else { Err(Wrong) }
    }
}

macro_rules! same_as {
    ($base:ident: $($name:ident($($extra:ident: $of:ty),*)),+) => {
        $(fn $name<V: Visitor<'de>>(self, $($extra: $of,)* visitor: V) -> Result<V::Value, Wrong> {
            self.$base(visitor)
        })+
    };
}

impl<'de> Deserializer<'de> for &mut Reader<'de> {
    type Error = Wrong;

    fn deserialize_any<V: Visitor<'de>>(self, _visitor: V) -> Result<V::Value, Wrong> {
        Err(Wrong)
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        let is_true = self.has_word("true");
        if is_true || self.has_word("false") { visitor.visit_bool(is_true) } else { Err(Wrong) }
    }

    fn deserialize_i64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        visitor.visit_i64(self.signed()?)
    }

    fn deserialize_u64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        visitor.visit_u64(self.unsigned()?)
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        visitor.visit_str(&self.string()?)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        if self.has_word("null") { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        if self.has_word("null") { visitor.visit_unit() } else { Err(Wrong) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _name: &'static str, visitor: V) -> Result<V::Value, Wrong> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        let mut items = Items::begin(self, b'[', b']')?;
        let value = visitor.visit_seq(&mut items)?;
        items.end().map(|()| value)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        let mut items = Items::begin(self, b'{', b'}')?;
        let value = visitor.visit_map(&mut items)?;
        items.end().map(|()| value)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Wrong> {
        let has_more = self.has(b'{');
        let value = visitor.visit_enum(Choice { reader: &mut *self, has_more })?;
        if has_more {
            self.expect(b'}')?;
        }
        Ok(value)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        self.pass()?;
        visitor.visit_unit()
    }

    same_as!(deserialize_i64: deserialize_i8(), deserialize_i16(), deserialize_i32());
    same_as!(deserialize_u64: deserialize_u8(), deserialize_u16(), deserialize_u32());
    same_as!(deserialize_str: deserialize_string(), deserialize_identifier(), deserialize_char());
    same_as!(deserialize_unit: deserialize_unit_struct(_name: &'static str));
    same_as!(deserialize_seq: deserialize_tuple(_len: usize), deserialize_tuple_struct(_name: &'static str, _len: usize));
    same_as!(deserialize_map: deserialize_struct(_name: &'static str, _fields: &'static [&'static str]));
    same_as!(deserialize_any: deserialize_f32(), deserialize_f64(), deserialize_bytes(), deserialize_byte_buf());
}
