//! Reads the syntax of JSON from left to right and finds where values begin and end.
//!
//! The reader is not recursive and allocates memory only for values nested deeper than 64 levels.

use super::nesting::Nesting;
use crate::{JsonFault, JsonType, json_text::after_plain};

/// The text of a key or a value, with its JSON type.
#[derive(Clone, Copy)]
pub(super) struct Token<'a> {
    /// The text of the token, without white space around it. Strings may have lone surrogates.
    pub(super) raw: &'a str,
    pub(super) json_type: JsonType,
    /// Whether the token is a string that contains an escape.
    pub(super) is_escaped: bool,
}

/// A fault in the syntax, and its offset in bytes.
pub(super) struct Broken {
    pub(super) fault: JsonFault,
    pub(super) offset: usize,
}

pub(super) struct Reader<'a> {
    text: &'a str,
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    /// Creates a reader at the first byte of `text` that is not white space.
    pub(super) fn new(text: &'a str) -> Self {
        let mut reader = Self { text, rest: text.as_bytes() };
        reader.space();
        reader
    }

    #[inline]
    pub(super) fn offset(&self) -> usize {
        self.text.len().saturating_sub(self.rest.len())
    }

    /// Returns the text from the offset `start` to the current offset.
    #[inline]
    pub(super) fn since(&self, start: usize) -> &'a str {
        self.text.get(start..self.offset()).unwrap_or_default()
    }

    #[inline]
    pub(super) fn peek(&self) -> Option<u8> {
        self.rest.first().copied()
    }

    /// Skips white space. Returns an error if anything else follows.
    pub(super) fn end(&mut self) -> Result<(), Broken> {
        self.space();
        if self.rest.is_empty() { Ok(()) } else { Err(self.broken(JsonFault::TrailingData)) }
    }

    /// Enters the object that is next. Returns whether the object has a member, or `None` if no
    /// object is next.
    #[inline]
    pub(super) fn enter_object(&mut self) -> Option<bool> {
        if !self.take(b'{') {
            return None;
        }
        self.space();
        Some(!self.take(b'}'))
    }

    /// Reads the string that is next and returns the text between its quotes. Returns `None` if no
    /// string is next, or if the string has an escape, has a control character, or does not end.
    pub(super) fn plain(&mut self) -> Option<&'a str> {
        let [b'"', inside @ ..] = self.rest else { return None };
        let after = after_plain(inside);
        let [b'"', rest @ ..] = after else { return None };
        let ends = |part: &[u8]| self.text.len().saturating_sub(part.len());
        let string = self.text.get(ends(inside)..ends(after))?;
        self.rest = rest;
        Some(string)
    }

    /// Reads the string that is next and returns the text between its quotes. Returns `None` if the
    /// text does not have `length` bytes or no string is next. Does not check the text for escapes.
    pub(super) fn plain_of(&mut self, length: usize) -> Option<&'a str> {
        let start = self.offset().saturating_add(1);
        let string = self.text.get(start..start.saturating_add(length))?;
        match (self.peek(), self.rest.get(length.saturating_add(1)..)) {
            (Some(b'"'), Some([b'"', rest @ ..])) => {
                self.rest = rest;
                Some(string)
            }
            _ => None,
        }
    }

    /// Returns the first byte of the key that is next, without checking that a string is next.
    /// Returns `None` at the end of the text.
    #[inline]
    pub(super) fn letter(&self) -> Option<u8> {
        self.rest.get(1).copied()
    }

    /// Returns whether `quoted`, a key in quotes, and a colon are next. If so, skips them up to the
    /// value.
    #[inline]
    pub(super) fn is_key<const N: usize>(&mut self, quoted: &[u8; N]) -> bool {
        self.skip(quoted) && self.colon().is_ok()
    }

    /// Skips `text` if it is next. Returns whether it was next.
    #[inline]
    pub(super) fn skip<const N: usize>(&mut self, text: &[u8; N]) -> bool {
        match self.rest.split_first_chunk::<N>() {
            Some((next, rest)) if next == text => {
                self.rest = rest;
                true
            }
            _ => false,
        }
    }

    /// Reads and returns the integer that is next. Returns `None` if no integer is next, if the
    /// integer has more than 18 digits, or if it is a second spelling such as `-0` (ENC-9).
    pub(super) fn integer(&mut self) -> Option<i64> {
        let is_negative = self.take(b'-');
        let before = self.rest;
        let mut absolute = 0_i64;
        while let [digit @ b'0'..=b'9', rest @ ..] = self.rest {
            absolute = absolute.wrapping_mul(10).wrapping_add((digit & 0xF).into());
            self.rest = rest;
        }
        match (before.len().saturating_sub(self.rest.len()), before) {
            (1, _) if absolute == 0 && is_negative => None,
            (2.., [b'0', ..]) | (0 | 19.., _) => None,
            _ if is_negative => Some(absolute.wrapping_neg()),
            _ => Some(absolute),
        }
    }

    /// Reads and returns the key of a member. After that, the value of the key is next.
    #[inline]
    pub(super) fn key(&mut self) -> Result<Token<'a>, Broken> {
        let start = self.offset();
        let is_escaped = self.key_string()?;
        let raw = self.since(start);
        self.colon()?;
        Ok(Token { raw, json_type: JsonType::String, is_escaped })
    }

    #[inline]
    fn skip_key(&mut self) -> Result<(), Broken> {
        self.key_string()?;
        self.colon()
    }

    #[inline]
    fn key_string(&mut self) -> Result<bool, Broken> {
        if self.peek() == Some(b'"') { self.string() } else { Err(self.unexpected()) }
    }

    #[inline]
    fn colon(&mut self) -> Result<(), Broken> {
        self.space();
        if !self.take(b':') {
            return Err(self.unexpected());
        }
        self.space();
        Ok(())
    }

    /// Skips the comma or the closing brace after a member of an object. Returns whether another
    /// member follows.
    #[inline]
    pub(super) fn another_member(&mut self) -> Result<bool, Broken> {
        self.another(b'}')
    }

    /// Reads and returns the value that is next.
    #[inline]
    pub(super) fn value(&mut self) -> Result<Token<'a>, Broken> {
        let start = self.offset();
        let (json_type, is_escaped) = match self.peek() {
            Some(b'"') => (JsonType::String, self.string()?),
            Some(b'{') => (JsonType::Object, self.skip_nested()?),
            Some(b'[') => (JsonType::Array, self.skip_nested()?),
            _ => (self.number_or_word()?, false),
        };
        Ok(Token { raw: self.since(start), json_type, is_escaped })
    }

    #[inline]
    fn number_or_word(&mut self) -> Result<JsonType, Broken> {
        match self.peek() {
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b't') => self.word(b"true", JsonType::Boolean),
            Some(b'f') => self.word(b"false", JsonType::Boolean),
            Some(b'n') => self.word(b"null", JsonType::Null),
            _ => Err(self.unexpected()),
        }
    }

    #[inline]
    fn number(&mut self) -> Result<JsonType, Broken> {
        let is_negative = self.take(b'-');
        let is_zero = self.take(b'0');
        if !is_zero {
            self.digits()?;
        } else if matches!(self.peek(), Some(b'0'..=b'9')) {
            return Err(self.broken(JsonFault::InvalidNumber));
        }
        // ENC-9: `-0` is a second spelling of 0.
        let mut json_type =
            if is_negative && is_zero { JsonType::OtherNumber } else { JsonType::Integer };
        if self.take(b'.') {
            self.digits()?;
            json_type = JsonType::OtherNumber;
        }
        if self.take(b'e') || self.take(b'E') {
            let _signed = self.take(b'+') || self.take(b'-');
            self.digits()?;
            json_type = JsonType::OtherNumber;
        }
        Ok(json_type)
    }

    /// Skips one or more digits. Returns an error if no digit is next.
    #[inline]
    fn digits(&mut self) -> Result<(), Broken> {
        let before = self.rest.len();
        while let [b'0'..=b'9', rest @ ..] = self.rest {
            self.rest = rest;
        }
        match self.peek() {
            _ if self.rest.len() < before => Ok(()),
            None => Err(self.broken(JsonFault::UnexpectedEnd)),
            Some(_) => Err(self.broken(JsonFault::InvalidNumber)),
        }
    }

    fn word(&mut self, word: &[u8], json_type: JsonType) -> Result<JsonType, Broken> {
        for &letter in word {
            if !self.take(letter) {
                return Err(self.unexpected());
            }
        }
        Ok(json_type)
    }

    /// Skips the string that is next and returns whether the string contains an escape.
    #[inline]
    fn string(&mut self) -> Result<bool, Broken> {
        let mut is_escaped = false;
        self.take(b'"');
        loop {
            self.rest = after_plain(self.rest);
            match self.rest {
                [b'"', rest @ ..] => {
                    self.rest = rest;
                    return Ok(is_escaped);
                }
                [b'\\', rest @ ..] => {
                    is_escaped = true;
                    self.rest = after_escape(rest).map_err(|fault| self.broken(fault))?;
                }
                [_, ..] => return Err(self.broken(JsonFault::ControlCharacter)),
                [] => return Err(self.broken(JsonFault::UnexpectedEnd)),
            }
        }
    }

    /// Skips the object or array that is next. Returns `false`, because this value is not a string
    /// with an escape.
    fn skip_nested(&mut self) -> Result<bool, Broken> {
        let mut open = Nesting::default();
        loop {
            // The reader is before a value.
            let is_object = self.take(b'{');
            if is_object || self.take(b'[') {
                self.space();
                open.push(is_object);
                if !self.take(closing(is_object)) {
                    if is_object {
                        self.skip_key()?;
                    }
                    continue;
                }
                open.pop();
            } else if self.peek() == Some(b'"') {
                self.string()?;
            } else {
                self.number_or_word()?;
            }
            // The reader is after a value.
            loop {
                let Some(is_object) = open.innermost() else { return Ok(false) };
                if self.another(closing(is_object))? {
                    if is_object {
                        self.skip_key()?;
                    }
                    break;
                }
                open.pop();
            }
        }
    }

    /// Skips a comma and white space and returns `true`, or skips the closing bracket and returns
    /// `false`.
    #[inline]
    fn another(&mut self, closing: u8) -> Result<bool, Broken> {
        self.space();
        if self.take(closing) {
            return Ok(false);
        }
        if !self.take(b',') {
            return Err(self.unexpected());
        }
        self.space();
        match self.peek() {
            Some(b'}' | b']') => Err(self.broken(JsonFault::TrailingComma)),
            _ => Ok(true),
        }
    }

    #[inline]
    fn space(&mut self) {
        while let [b' ' | b'\t' | b'\n' | b'\r', rest @ ..] = self.rest {
            self.rest = rest;
        }
    }

    #[inline]
    fn take(&mut self, wanted: u8) -> bool {
        match self.rest {
            [byte, rest @ ..] if *byte == wanted => {
                self.rest = rest;
                true
            }
            _ => false,
        }
    }

    #[cold]
    fn unexpected(&self) -> Broken {
        self.broken(JsonFault::Unexpected)
    }

    #[cold]
    fn broken(&self, fault: JsonFault) -> Broken {
        if self.text.starts_with('\u{FEFF}') {
            return Broken { fault: JsonFault::ByteOrderMark, offset: 0 };
        }
        match fault {
            JsonFault::Unexpected if self.rest.is_empty() => self.ends(),
            JsonFault::UnexpectedEnd => self.ends(),
            _ => Broken { fault, offset: self.offset() },
        }
    }

    const fn ends(&self) -> Broken {
        Broken { fault: JsonFault::UnexpectedEnd, offset: self.text.len() }
    }
}

const fn closing(is_object: bool) -> u8 {
    if is_object { b'}' } else { b']' }
}

/// Returns the text after the escape whose backslash is directly before `text`, or the fault in the
/// escape.
fn after_escape(text: &[u8]) -> Result<&[u8], JsonFault> {
    match text {
        [b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't', rest @ ..] => Ok(rest),
        [b'u', rest @ ..] => {
            let digits = rest.iter().take(4).take_while(|digit| digit.is_ascii_hexdigit()).count();
            match rest.get(4..) {
                Some(after) if digits == 4 => Ok(after),
                _ if digits == rest.len() => Err(JsonFault::UnexpectedEnd),
                _ => Err(JsonFault::InvalidEscape),
            }
        }
        [] => Err(JsonFault::UnexpectedEnd),
        _ => Err(JsonFault::InvalidEscape),
    }
}

#[cfg(test)]
mod tests {
    use alloc::{format, string::String};

    use serde::de::IgnoredAny;

    use super::*;

    fn is_json(text: &str) -> bool {
        let mut reader = Reader::new(text);
        reader.value().is_ok() && reader.end().is_ok()
    }

    /// Brackets must match at any depth and in any pattern.
    #[test]
    fn brackets_must_match() {
        for depth in [1, 2, 63, 64, 65, 127, 128, 129, 200, 5000] {
            for pattern in [0_u64, !0, 0x5555_5555_5555_5555, 0xF0F0_1234_ABCD_0007] {
                let is_object = |at: usize| pattern >> (at % 61) & 1 == 1;
                let open: String =
                    (0..depth).map(|at| if is_object(at) { "{\"\":" } else { "[" }).collect();
                let close = |at: usize| char::from(closing(is_object(at)));
                let closes: String = (0..depth).rev().map(close).collect();
                let good = format!("{open}0{closes}");
                assert!(is_json(&good), "{depth} {pattern:x}");
                for wrong in [0, depth / 2, depth - 1] {
                    let flipped = |at: usize| char::from(closing(is_object(at) ^ (at == wrong)));
                    let closes: String = (0..depth).rev().map(flipped).collect();
                    assert!(!is_json(&format!("{open}0{closes}")), "{depth} {wrong}");
                }
                let missing: String = closes.chars().skip(1).collect();
                assert!(!is_json(&format!("{open}0{missing}")));
                assert!(!is_json(&format!("{good}{}", close(0))));
            }
        }
    }

    /// The reader must accept exactly the texts that `serde_json` accepts.
    #[test]
    fn short_texts_are_json_or_not() {
        let pieces = [
            "", "{", "}", "[", "]", ",", ":", "\"", "\\", "0", "1", "-", ".", "e", "+", "true",
            "null", " ", "\"a\"", "\\u00e9", "\t", "x", "é",
        ];
        let mut texts = alloc::vec![String::new()];
        for _ in 0..4 {
            texts = texts
                .iter()
                .flat_map(|text| pieces.iter().map(move |piece| format!("{text}{piece}")))
                .collect();
            texts.sort();
            texts.dedup();
        }
        for text in &texts {
            let expected = serde_json::from_str::<IgnoredAny>(text).is_ok();
            assert_eq!(is_json(text), expected, "{text:?}");
        }
    }
}
