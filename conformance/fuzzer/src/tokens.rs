//! Splits text, valid JSON or not, into tokens.

use std::ops::Range;

use iothub_conformance_suite::literal::string_length;

/// Returns the ranges of the tokens of a text. White space and invalid text also form tokens, so
/// the ranges cover the whole text.
pub(super) fn tokens(text: &[u8]) -> Vec<Range<usize>> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(&first) = text.get(at) {
        let length = match first {
            _ if is_punctuation(first) => 1,
            b'"' => string_length(&text[at..]),
            _ => {
                let space = is_space(first);
                let is_same =
                    |byte| is_space(byte) == space && byte != b'"' && !is_punctuation(byte);
                text[at..].iter().take_while(|&&byte| is_same(byte)).count()
            }
        };
        tokens.push(at..at + length);
        at += length;
    }
    tokens
}

/// Returns whether a byte is a token by itself.
pub(super) const fn is_punctuation(byte: u8) -> bool {
    matches!(byte, b'{' | b'}' | b'[' | b']' | b':' | b',')
}

pub(super) const fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}

/// Returns the content of a JSON string with its escapes decoded, or `None` if the token is not a
/// valid string or has an unpaired surrogate.
pub(super) fn unescaped(token: &[u8]) -> Option<String> {
    (token.first() == Some(&b'"')).then(|| serde_json::from_slice(token).ok())?
}

/// The members of an object: each key and its value, spelled as in the text.
type Pairs = Vec<(Vec<u8>, Vec<u8>)>;

/// Returns the members of the first object in a text, as far as the text can be parsed, or `None`
/// if there is no object.
pub(super) fn members(text: &[u8]) -> Option<Pairs> {
    let all: Vec<&[u8]> = tokens(text).into_iter().map(|token| &text[token]).collect();
    let mut at = all.iter().position(|token| *token == b"{")? + 1;
    let mut members = Vec::new();
    loop {
        let mut key: Vec<u8> = Vec::new();
        while at < all.len() && !matches!(all[at], b":" | b"," | b"}") {
            key.extend(all[at]);
            at += 1;
        }
        let is_pair = all.get(at) == Some(&b":".as_slice());
        at += usize::from(is_pair);
        let mut value: Vec<u8> = Vec::new();
        let mut depth = 0_usize;
        while at < all.len() {
            match all[at] {
                b"," | b"}" if depth == 0 => break,
                b"{" | b"[" => depth += 1,
                b"}" | b"]" => depth = depth.saturating_sub(1),
                _ => {}
            }
            value.extend(all[at]);
            at += 1;
        }
        if is_pair {
            members.push((key.trim_ascii().to_vec(), value.trim_ascii().to_vec()));
        }
        match all.get(at) {
            Some(&b",") => at += 1,
            _ => return Some(members),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_left_out() {
        let text = br#" {"a\"b" :[1,true,"x"]}  } "open"#;
        let tokens: Vec<&[u8]> = tokens(text).into_iter().map(|token| &text[token]).collect();
        assert_eq!(tokens.concat(), text);
        let expected: [&[u8]; 16] = [
            b" ",
            b"{",
            br#""a\"b""#,
            b" ",
            b":",
            b"[",
            b"1",
            b",",
            b"true",
            b",",
            br#""x""#,
            b"]",
            b"}",
            b"  ",
            b"}",
            b" ",
        ];
        assert_eq!(tokens[..16], expected);
        assert_eq!(tokens[16], b"\"open");
    }
}
