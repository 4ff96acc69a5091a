//! Decodes the escapes in JSON strings. The reader has already checked the syntax, so this module
//! checks only that surrogates come in pairs.

use alloc::string::String;

use arrayvec::ArrayString;

/// A piece of a string: characters without escapes, or one escape.
enum Piece<'a> {
    Plain(&'a str),
    Letter(char),
    /// A lone surrogate: one half of a surrogate pair, without the other half.
    Half,
}

/// The pieces of the text between the quotes of a string, each with its offset.
struct Pieces<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Iterator for Pieces<'a> {
    type Item = (usize, Piece<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        let at = self.at;
        let rest = self.text.get(at..)?;
        let (piece, length) = match rest.as_bytes() {
            [] => return None,
            [b'\\', escaped @ ..] => escape(escaped),
            bytes => {
                let plain = bytes.iter().position(|byte| *byte == b'\\').unwrap_or(bytes.len());
                (Piece::Plain(rest.get(..plain)?), plain)
            }
        };
        self.at = at.saturating_add(length);
        Some((at, piece))
    }
}

impl Pieces<'_> {
    /// Returns the next lone surrogate, or `None` if there is none. To save time in a hostile key
    /// that consists only of escapes, decodes only the `\u` escapes.
    fn half(&self) -> Option<LoneSurrogate> {
        let mut at = self.at;
        loop {
            // `get` returns `None` if `at` is beyond the end.
            let length = match self.text.as_bytes().get(at..)? {
                [b'\\', b'u', digits @ ..] => match unicode(digits) {
                    (Piece::Half, _) => return Some(LoneSurrogate(at.saturating_add(1))),
                    (_, length) => length,
                },
                [b'\\', ..] => 2,
                _ => 1,
            };
            at = at.saturating_add(length);
        }
    }
}

/// Returns the escape whose backslash is directly before `text`, and the length of the whole escape
/// in bytes.
#[inline]
fn escape(text: &[u8]) -> (Piece<'static>, usize) {
    let letter = match text {
        [b'u', digits @ ..] => return unicode(digits),
        [b'b', ..] => '\u{8}',
        [b'f', ..] => '\u{C}',
        [b'n', ..] => '\n',
        [b'r', ..] => '\r',
        [b't', ..] => '\t',
        // The escape of a quote, a backslash or a slash is a backslash and the character itself.
        [itself, ..] => char::from(*itself),
        [] => return (Piece::Half, 1),
    };
    (Piece::Letter(letter), 2)
}

/// Returns the escape whose `\u` is directly before `digits`, and the length of the whole escape in
/// bytes. The escape of a surrogate pair is 12 bytes long.
fn unicode(digits: &[u8]) -> (Piece<'static>, usize) {
    let first = unit(digits).unwrap_or_default();
    let second = match digits.get(4..) {
        Some([b'\\', b'u', digits @ ..]) => unit(digits),
        _ => None,
    };
    let pair = |second| char::decode_utf16([first, second]).next().and_then(Result::ok);
    match (first, second) {
        (0xD800..=0xDBFF, Some(second @ 0xDC00..=0xDFFF)) => {
            (pair(second).map_or(Piece::Half, Piece::Letter), 12)
        }
        (first, _) => (char::from_u32(first.into()).map_or(Piece::Half, Piece::Letter), 6),
    }
}

/// Returns the UTF-16 code unit of the first four hexadecimal digits, or `None` if there are fewer
/// than four.
fn unit(digits: &[u8]) -> Option<u16> {
    digits.first_chunk::<4>()?.iter().try_fold(0_u16, |unit, digit| {
        let digit = char::from(*digit).to_digit(16)?;
        Some(unit << 4 | u16::try_from(digit).ok()?)
    })
}

/// The offset in bytes of the escape of a lone surrogate, counted from the opening quote of its
/// string.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct LoneSurrogate(pub(super) usize);

/// Returns the text between the quotes of a string.
pub(super) fn inner(literal: &str) -> &str {
    literal.get(1..literal.len().saturating_sub(1)).unwrap_or_default()
}

/// Returns the first lone surrogate of a string, or `None` if there is none.
pub(super) fn lone_surrogate(literal: &str) -> Option<LoneSurrogate> {
    Pieces { text: inner(literal), at: 0 }.half()
}

/// Returns the text of a string with its escapes decoded, or `None` if the string has a lone
/// surrogate.
pub(super) fn unescaped(literal: &str) -> Option<String> {
    let inner = inner(literal);
    let mut text = String::with_capacity(inner.len());
    for (_, piece) in (Pieces { text: inner, at: 0 }) {
        match piece {
            Piece::Plain(plain) => text.push_str(plain),
            Piece::Letter(letter) => text.push(letter),
            Piece::Half => return None,
        }
    }
    Some(text)
}

/// Decodes the escapes of a string without allocation. Returns an error if the string has a lone
/// surrogate. Otherwise, returns `Ok(None)` if the decoded text has more than `LONGEST` bytes.
pub(super) fn short<const LONGEST: usize>(
    literal: &str,
) -> Result<Option<ArrayString<LONGEST>>, LoneSurrogate> {
    let mut text = ArrayString::new();
    let mut pieces = Pieces { text: inner(literal), at: 0 };
    while let Some((at, piece)) = pieces.next() {
        let fits = match piece {
            Piece::Plain(plain) => text.try_push_str(plain).is_ok(),
            Piece::Letter(letter) => text.try_push(letter).is_ok(),
            Piece::Half => return Err(LoneSurrogate(at.saturating_add(1))),
        };
        if !fits {
            return pieces.half().map_or(Ok(None), Err);
        }
    }
    Ok(Some(text))
}

#[cfg(test)]
mod tests {
    use alloc::format;

    use super::*;

    /// The results must equal those of `serde_json` for code units alone, next to other characters,
    /// and next to other code units.
    #[test]
    fn every_code_unit() {
        let others = ["", "a", "\\ud800", "\\uDBFF", "\\udc00", "\\uDfff", "\\u0041", "\\n", "é"];
        for unit in (0..=0xFFFF_u32).filter(|unit| unit % 37 == 0 || unit & 0x3FF < 3) {
            for before in others {
                for after in others {
                    let literal = format!("\"{before}\\u{unit:04x}{after}\"");
                    let expected = serde_json::from_str::<String>(&literal).ok();
                    assert_eq!(unescaped(&literal), expected, "{literal}");
                    assert_eq!(lone_surrogate(&literal).is_none(), expected.is_some());
                    let short = short::<40>(&literal);
                    let short = short.map(Option::unwrap_or_default);
                    let alone = lone_surrogate(&literal);
                    assert_eq!(
                        short.as_deref().map_err(|at| Some(*at)),
                        expected.as_deref().ok_or(alone)
                    );
                }
            }
        }
    }

    #[test]
    fn every_short_escape() {
        let literal = r#""\"\\\/\b\f\n\r\té""#;
        assert_eq!(unescaped(literal), serde_json::from_str(literal).ok());
        assert_eq!(short::<4>(r#""abcde""#), Ok(None));
        assert_eq!(short::<4>(r#""abcde\ud800""#), Err(LoneSurrogate(6)));
        assert_eq!(short::<4>(r#""abcde\u0066""#), Ok(None));
        assert_eq!(lone_surrogate(r#""ab\n\ud83d\ude00\udead""#), Some(LoneSurrogate(17)));
        assert_eq!(lone_surrogate(r#""\\ud800""#), None, "a backslash and letters");
        assert_eq!(lone_surrogate(r#""\\\ud800""#), Some(LoneSurrogate(3)));
    }
}
