//! Finds places in the payload. Places are computed only for errors and advice.

use super::escape::{self, LoneSurrogate};
use crate::{DecodeError, ErrorKind, Excerpt, JsonFault, Path, Position};

/// The whole payload. The texts that the methods take must be slices of this payload.
#[derive(Clone, Copy)]
pub(super) struct Locator<'a>(pub(super) &'a [u8]);

impl Locator<'_> {
    #[cold]
    pub(super) fn at_offset(self, kind: ErrorKind, path: Path, offset: usize) -> DecodeError {
        DecodeError::new(kind, path, Position::of(self.0, offset))
    }

    /// Returns an error at the first byte of a value. If the fault is a lone surrogate, the error
    /// is at the escape of the surrogate.
    #[cold]
    pub(super) fn at(self, kind: ErrorKind, path: Path, value: &str) -> DecodeError {
        let within = match kind {
            ErrorKind::InvalidJson(JsonFault::LoneSurrogate) => {
                escape::lone_surrogate(value).map(|LoneSurrogate(at)| at)
            }
            _ => None,
        };
        let offset = self.offset_of(value).saturating_add(within.unwrap_or_default());
        self.at_offset(kind, path, offset)
    }

    /// Returns an error at the closing brace of an object with a missing key.
    #[cold]
    pub(super) fn at_end_of(self, kind: ErrorKind, path: Path, object: &str) -> DecodeError {
        let brace = object.bytes().rposition(|byte| byte == b'}').unwrap_or_default();
        self.at_offset(kind, path, self.offset_of(object).saturating_add(brace))
    }

    pub(super) fn offset_of(self, part: &str) -> usize {
        part.as_ptr().addr().saturating_sub(self.0.as_ptr().addr())
    }

    /// Returns the key before a value, and the offset of the key. The payload is valid JSON, so the
    /// key in quotes, a colon and optional white space precede the value.
    pub(super) fn key_of(self, value: &str) -> (Excerpt, usize) {
        let before = self.0.get(..self.offset_of(value)).unwrap_or_default();
        let close = before.iter().rposition(|&byte| byte == b'"').unwrap_or_default();
        let open = opening_quote(before, close);
        let literal = before.get(open..=close).unwrap_or_default();
        (excerpt(core::str::from_utf8(literal).unwrap_or_default()), open)
    }
}

/// Returns the key, or a placeholder if the key must not be shown.
fn excerpt(literal: &str) -> Excerpt {
    // A key of more than `LONGEST` bytes is not shown.
    match escape::short::<{ Excerpt::LONGEST }>(literal) {
        Ok(Some(key)) => Excerpt::new(&key),
        _ => Excerpt::NONE,
    }
}

/// Returns the offset of the opening quote of the string that contains `end`: the last quote before
/// `end` that follows an even number of backslashes.
fn opening_quote(text: &[u8], mut end: usize) -> usize {
    loop {
        let Some(head) = text.get(..end) else { return 0 };
        let Some(at) = head.iter().rposition(|&byte| byte == b'"') else { return 0 };
        let before = head.get(..at).unwrap_or_default();
        if before.iter().rev().take_while(|&&byte| byte == b'\\').count().is_multiple_of(2) {
            return at;
        }
        end = at;
    }
}
