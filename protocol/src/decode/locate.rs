//! Where in the payload something is. All of it runs only when something is wrong or advised.

use alloc::string::String;
use core::fmt::Write;

use arrayvec::ArrayString;

use crate::{DecodeError, ErrorKind, Excerpt, JsonFault, Path, Position};

/// The whole payload. The texts that its methods take are parts of it.
#[derive(Clone, Copy)]
pub(super) struct Locator<'a>(pub(super) &'a [u8]);

impl Locator<'_> {
    #[cold]
    pub(super) fn at_offset(self, kind: ErrorKind, path: Path, offset: usize) -> DecodeError {
        DecodeError::new(kind, path, Position::of(self.0, offset))
    }

    /// At the first byte of a value, or at the escape in it that cannot be read.
    #[cold]
    pub(super) fn at(self, kind: ErrorKind, path: Path, value: &str) -> DecodeError {
        let within = match kind {
            ErrorKind::InvalidJson(JsonFault::LoneSurrogate) => lone_surrogate(value),
            _ => None,
        };
        let offset = self.offset_of(value).saturating_add(within.unwrap_or_default());
        self.at_offset(kind, path, offset)
    }

    /// At the brace that closes an object, where something is missing in it.
    #[cold]
    pub(super) fn at_end_of(self, kind: ErrorKind, path: Path, object: &str) -> DecodeError {
        let brace = object.rfind('}').unwrap_or_default();
        self.at_offset(kind, path, self.offset_of(object).saturating_add(brace))
    }

    /// At the byte where `part` stops being JSON.
    #[cold]
    pub(super) fn at_syntax_error(
        self,
        error: &serde_json::Error,
        part: &str,
        path: Path,
    ) -> DecodeError {
        let (fault, within) = fault(error, part);
        let offset = self.offset_of(part).saturating_add(within);
        self.at_offset(ErrorKind::InvalidJson(fault), path, offset)
    }

    pub(super) fn offset_of(self, part: &str) -> usize {
        part.as_ptr().addr().saturating_sub(self.0.as_ptr().addr())
    }

    /// The key before a value, and where it begins. The payload is known to be JSON, so going
    /// back from the value there is white space, a colon, white space, and the key in quotes.
    pub(super) fn key_of(self, value: &str) -> (Excerpt, usize) {
        let before = self.0.get(..self.offset_of(value)).unwrap_or_default();
        let close = before.iter().rposition(|&byte| byte == b'"').unwrap_or_default();
        let open = opening_quote(before, close);
        let literal = before.get(open..=close).unwrap_or_default();
        let key = serde_json::from_slice::<String>(literal).unwrap_or_default();
        (Excerpt::new(&key), open)
    }
}

/// The quote that opens the string which goes on at `end`: the last one before it that has an even
/// number of backslashes before itself.
fn opening_quote(text: &[u8], end: usize) -> usize {
    let is_quote = |&at: &usize| {
        let (head, tail) = text.split_at_checked(at).unwrap_or_default();
        tail.first() == Some(&b'"')
            && head.iter().rev().take_while(|&&byte| byte == b'\\').count().is_multiple_of(2)
    };
    (0..end).rev().find(is_quote).unwrap_or_default()
}

/// The first escape in a string that is half of a surrogate pair without the other.
fn lone_surrogate(literal: &str) -> Option<usize> {
    let unit = |at: usize| {
        let digits = literal.get(at..)?.strip_prefix("\\u")?.get(..4)?;
        u16::from_str_radix(digits, 16).ok()
    };
    let mut at = 0_usize;
    loop {
        at = at.saturating_add(literal.get(at..)?.find('\\')?);
        let length = match (unit(at), unit(at.saturating_add(6))) {
            (Some(0xD800..=0xDBFF), Some(0xDC00..=0xDFFF)) => 12,
            (Some(0xD800..=0xDFFF), _) => return Some(at),
            (Some(_), _) => 6,
            (None, _) => 2,
        };
        at = at.saturating_add(length);
    }
}

/// What is wrong with a text that `serde_json` refuses, and at which byte of it.
fn fault(error: &serde_json::Error, part: &str) -> (JsonFault, usize) {
    if part.starts_with('\u{FEFF}') {
        return (JsonFault::ByteOrderMark, 0);
    }
    if error.is_eof() {
        return (JsonFault::UnexpectedEnd, part.len());
    }
    let bytes = part.as_bytes();
    let stop = offset_in(part, error);
    let last_escape = || {
        let seen = bytes.get(..=stop).unwrap_or(bytes);
        seen.iter().rposition(|&byte| byte == b'\\').unwrap_or(stop)
    };
    match named(error) {
        // A number is not known to be complete where the text ends.
        JsonFault::InvalidNumber
            if matches!(bytes.get(stop..), Some([b'-' | b'+' | b'.' | b'e' | b'E'])) =>
        {
            (JsonFault::UnexpectedEnd, bytes.len())
        }
        // In what it only skips over, `serde_json` stops one byte before the character.
        JsonFault::ControlCharacter => {
            let control = bytes.iter().skip(stop).position(|&byte| byte < b' ');
            (JsonFault::ControlCharacter, stop.saturating_add(control.unwrap_or_default()))
        }
        JsonFault::InvalidEscape => (JsonFault::InvalidEscape, last_escape()),
        JsonFault::LoneSurrogate => {
            let open = opening_quote(bytes, stop);
            let escape = part.get(open..).and_then(lone_surrogate).unwrap_or_default();
            (JsonFault::LoneSurrogate, open.saturating_add(escape))
        }
        JsonFault::Unexpected if is_after_trailing_comma(bytes, stop) => {
            (JsonFault::TrailingComma, stop)
        }
        fault => (fault, stop),
    }
}

/// Where `serde_json` stopped. Its lines and columns count from 1, and in bytes; the column of a
/// line feed is 0, in the line after it.
fn offset_in(part: &str, error: &serde_json::Error) -> usize {
    let lines_before = error.line().saturating_sub(1);
    let line_start: usize = part.split_inclusive('\n').take(lines_before).map(str::len).sum();
    line_start.saturating_add(error.column()).saturating_sub(1)
}

/// Whether a bracket closes there behind a comma. In what it only skips over, `serde_json` has no
/// words for that.
fn is_after_trailing_comma(part: &[u8], offset: usize) -> bool {
    let (before, after) = part.split_at_checked(offset).unwrap_or_default();
    matches!(after, [b'}' | b']', ..]) && before.trim_ascii_end().ends_with(b",")
}

/// `serde_json` tells its syntax errors apart in words only. A test pins each of them, so that a
/// version with other words is noticed.
fn named(error: &serde_json::Error) -> JsonFault {
    // On the stack, as garbage may come in bulk. What does not fit is after the words.
    let mut words = ArrayString::<128>::new();
    let _ = write!(words, "{error}");
    [
        ("trailing comma", JsonFault::TrailingComma),
        ("trailing characters", JsonFault::TrailingData),
        ("control character", JsonFault::ControlCharacter),
        ("invalid escape", JsonFault::InvalidEscape),
        ("lone leading surrogate", JsonFault::LoneSurrogate),
        ("unexpected end of hex escape", JsonFault::LoneSurrogate),
        ("invalid number", JsonFault::InvalidNumber),
    ]
    .into_iter()
    .find(|(beginning, _)| words.starts_with(beginning))
    .map_or(JsonFault::Unexpected, |(_, fault)| fault)
}
