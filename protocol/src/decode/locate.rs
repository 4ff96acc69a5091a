//! Where in the payload something is. All of it runs only when something is wrong or advised.

use alloc::string::ToString;

use crate::{DecodeError, ErrorKind, Excerpt, JsonFault, Path, Position};

/// The whole payload. The texts that its methods take are parts of it.
#[derive(Clone, Copy)]
pub(super) struct Locator<'a>(pub(super) &'a [u8]);

impl Locator<'_> {
    #[cold]
    pub(super) fn at_offset(self, kind: ErrorKind, path: Path, offset: usize) -> DecodeError {
        DecodeError::new(kind, path, Position::of(self.0, offset))
    }

    /// At the first byte of a value.
    #[cold]
    pub(super) fn at(self, kind: ErrorKind, path: Path, value: &str) -> DecodeError {
        self.at_offset(kind, path, self.offset_of(value))
    }

    /// At the brace that closes an object, where something is missing in it.
    #[cold]
    pub(super) fn at_end_of(self, kind: ErrorKind, path: Path, object: &str) -> DecodeError {
        let brace = object.rfind('}').unwrap_or_default();
        self.at_offset(kind, path, self.offset_of(object).saturating_add(brace))
    }

    /// At the first byte of the key that stands before a value.
    #[cold]
    pub(super) fn at_key_of(self, kind: ErrorKind, path: Path, value: &str) -> DecodeError {
        self.at_offset(kind, path, self.key_of(value).1)
    }

    /// At the byte where `part` stops being JSON.
    #[cold]
    pub(super) fn at_syntax_error(
        self,
        error: &serde_json::Error,
        part: &str,
        path: Path,
    ) -> DecodeError {
        let fault = fault(error, part);
        let within = match fault {
            JsonFault::UnexpectedEnd => part.len(),
            JsonFault::ByteOrderMark => 0,
            _ => {
                let lines_before = error.line().saturating_sub(1);
                let line_start = part
                    .bytes()
                    .enumerate()
                    .filter(|(_, byte)| *byte == b'\n')
                    .map(|(offset, _)| offset.saturating_add(1))
                    .nth(lines_before.wrapping_sub(1))
                    .unwrap_or(0);
                line_start.saturating_add(error.column().saturating_sub(1))
            }
        };
        let offset = self.offset_of(part).saturating_add(within);
        self.at_offset(ErrorKind::InvalidJson(fault), path, offset)
    }

    pub(super) fn offset_of(self, part: &str) -> usize {
        part.as_ptr().addr().saturating_sub(self.0.as_ptr().addr())
    }

    /// The key before a value, and where it begins. The payload is known to be JSON, so going
    /// back from the value there is white space, a colon, white space, and the key in quotes, and
    /// every quote inside the key has an odd number of backslashes before it.
    pub(super) fn key_of(self, value: &str) -> (Excerpt, usize) {
        let before = self.0.get(..self.offset_of(value)).unwrap_or_default();
        let Some(close) = before.iter().rposition(|&byte| byte == b'"') else {
            return (Excerpt::new(""), 0);
        };
        let before_close = before.get(..close).unwrap_or_default();
        let open = (0..close).rev().find(|&at| {
            let (head, tail) = before_close.split_at_checked(at).unwrap_or_default();
            tail.first() == Some(&b'"')
                && head.iter().rev().take_while(|&&byte| byte == b'\\').count().is_multiple_of(2)
        });
        let open = open.unwrap_or_default();
        let literal = before.get(open..=close).unwrap_or_default();
        let key = serde_json::from_slice::<alloc::string::String>(literal).unwrap_or_default();
        (Excerpt::new(&key), open)
    }
}

/// `serde_json` tells its syntax errors apart in words only. A test pins each of them, so that a
/// version with other words is noticed.
fn fault(error: &serde_json::Error, part: &str) -> JsonFault {
    if part.starts_with('\u{FEFF}') {
        return JsonFault::ByteOrderMark;
    }
    if error.is_eof() {
        return JsonFault::UnexpectedEnd;
    }
    let words = error.to_string();
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
