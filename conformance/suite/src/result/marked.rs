//! Bytes as text, with a marked range.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::{excerpt::printable, literal::string_length};

/// The maximum number of bytes that are shown on each side of the mark. Without a mark, up to twice
/// as many bytes are shown.
const AROUND: usize = 300;
/// The maximum number of bytes of the mark that are shown.
const LONGEST_MARK: usize = 120;
const CUT: char = '…';

/// Bytes as text, with an optional mark. Bytes that are not UTF-8 are shown in the form `\xFF`,
/// other unprintable characters are escaped, and long parts are cut.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Marked {
    /// The text before the mark, or the whole text if there is no mark.
    pub before: String,
    /// The marked text, or `None` if there is no mark. The text is empty if something is missing at
    /// the mark.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub marked: Option<String>,
    /// The text after the mark.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub after: String,
}

impl Marked {
    /// Returns up to 600 bytes from the beginning as text, without a mark.
    #[must_use]
    pub fn none(bytes: &[u8]) -> Self {
        const LONGEST: usize = 2 * AROUND;
        let head = &bytes[..boundary(bytes, LONGEST)];
        let mut before = visible(head);
        if head.len() < bytes.len() {
            before.push(CUT);
        }
        Self { before, ..Self::default() }
    }

    /// Returns JSON bytes as text, with the token at `offset` marked.
    #[must_use]
    pub fn token(bytes: &[u8], offset: usize) -> Self {
        let offset = offset.min(bytes.len());
        let end = offset + token_length(&bytes[offset..]);
        let from = boundary(bytes, offset.saturating_sub(AROUND));
        let to = boundary(bytes, end + AROUND);
        let cut = |is_cut: bool| if is_cut { String::from(CUT) } else { String::new() };
        Self {
            before: cut(from > 0) + &visible(&bytes[from..offset]),
            marked: Some(visible(&bytes[offset..end])),
            after: visible(&bytes[end..to]) + &cut(to < bytes.len()),
        }
    }

    /// Returns the whole text with `range` marked, or without a mark if `range` is `None`. The
    /// range must begin and end on character boundaries.
    #[must_use]
    pub fn range(text: &str, range: Option<Range<usize>>) -> Self {
        match range {
            None => Self { before: printable(text), ..Self::default() },
            Some(Range { start, end }) => Self {
                before: printable(&text[..start]),
                marked: Some(printable(&text[start..end])),
                after: printable(&text[end..]),
            },
        }
    }

    /// Returns the whole text, including the marked part.
    #[must_use]
    pub fn text(&self) -> String {
        let Self { before, marked, after } = self;
        [before, marked.as_deref().unwrap_or_default(), after].concat()
    }
}

fn visible(bytes: &[u8]) -> String {
    let mut shown = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        shown += &printable(chunk.valid());
        for byte in chunk.invalid() {
            shown += &format!("\\x{byte:02X}");
        }
    }
    shown
}

/// Returns the length of the first token, but at most [`LONGEST_MARK`]. A token is a string with
/// its quotation marks, a number, a word, or a single character.
fn token_length(bytes: &[u8]) -> usize {
    let length = match bytes {
        [] => 0,
        [b'"', ..] => string_length(bytes),
        [first, ..] if b"{}[]:,".contains(first) || first.is_ascii_whitespace() => 1,
        _ => bytes
            .iter()
            .position(|byte| b"{}[]:,\"".contains(byte) || byte.is_ascii_whitespace())
            .unwrap_or(bytes.len()),
    };
    boundary(bytes, length.min(LONGEST_MARK))
}

/// Returns the last character boundary at or before `index`.
fn boundary(bytes: &[u8], index: usize) -> usize {
    if index >= bytes.len() {
        return bytes.len();
    }
    let is_within = |at: usize| bytes[at] & 0xC0 == 0x80;
    (index.saturating_sub(3)..=index).rev().find(|&at| !is_within(at)).unwrap_or(index)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_marked() {
        for (bytes, offset, shown) in [
            (&br#"{"size":-1,"name":"a"}"#[..], 8, [r#"{"size":"#, "-1", r#","name":"a"}"#]),
            (br#"{"name":"a\"b","size":1}"#, 8, [r#"{"name":"#, r#""a\"b""#, r#","size":1}"#]),
            (br#"{"name":"a"#, 8, [r#"{"name":"#, r#""a"#, ""]),
            (br#"{"name":"#, 8, [r#"{"name":"#, "", ""]),
            (b"{\"a\xFF\x00\"}", 3, ["{\"a", "\\xFF\\0", "\"}"]),
            (b"{,}", 1, ["{", ",", "}"]),
            (b"{}", 99, ["{}", "", ""]),
        ] {
            let [before, marked, after] = shown.map(str::to_owned);
            assert_eq!(
                Marked::token(bytes, offset),
                Marked { before, marked: Some(marked), after }
            );
        }
    }

    #[test]
    fn what_is_long_is_cut_between_characters() {
        let long = "é".repeat(1000);
        let shown = Marked::none(long.as_bytes()).before;
        assert_eq!(shown, format!("{}…", "é".repeat(300)));
        let Marked { before, marked, after } = Marked::token(long.as_bytes(), 1000);
        assert_eq!(before, format!("…{}", "é".repeat(150)));
        assert_eq!(marked, Some("é".repeat(60)));
        assert_eq!(after, format!("{}…", "é".repeat(150)));
        for index in 0..9 {
            let _ = Marked::token(b"\x80\x80\x80\x80\x80\x80\x80\x80", index);
        }
    }
}
