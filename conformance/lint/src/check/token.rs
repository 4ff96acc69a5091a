//! Finds the ends of keys and values in JSON.

use std::ops::Range;

use iothub_conformance_suite::literal::string_length;

/// Returns the range of the value or the word that begins at `start`.
pub(super) fn value(bytes: &[u8], start: usize) -> Range<usize> {
    let rest = bytes.get(start..).unwrap_or_default();
    let length = match rest.first() {
        None => 0,
        Some(b'"') => string_length(rest),
        Some(b'{' | b'[') => nested(rest),
        Some(_) => {
            let ends = |byte: &u8| b",:{}[]\"".contains(byte) || byte.is_ascii_whitespace();
            rest.iter().position(ends).unwrap_or(rest.len()).max(1)
        }
    };
    start..start + length
}

fn nested(text: &[u8]) -> usize {
    let (mut at, mut depth) = (0, 0_usize);
    while let Some(byte) = text.get(at) {
        match byte {
            b'"' => at += string_length(&text[at..]) - 1,
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth -= 1,
            _ => {}
        }
        at += 1;
        if depth == 0 {
            return at;
        }
    }
    text.len()
}

/// Returns the index of the first byte at or after `at` that is not white space, or the end of
/// `bytes` if there is none.
pub(super) fn after_space(bytes: &[u8], at: usize) -> usize {
    let rest = bytes.get(at..).unwrap_or_default();
    at + rest.iter().position(|byte| !byte.is_ascii_whitespace()).unwrap_or(rest.len())
}

/// Returns the index after the last byte before `at` that is not white space, or 0 if there is
/// none.
pub(super) fn before_space(bytes: &[u8], at: usize) -> usize {
    bytes[..at].iter().rposition(|byte| !byte.is_ascii_whitespace()).map_or(0, |last| last + 1)
}

/// Returns the range of the member whose key begins at `key`, with one adjacent comma if there is
/// one.
pub(super) fn member(bytes: &[u8], key: usize) -> Range<usize> {
    let colon = after_space(bytes, value(bytes, key).end);
    let end = value(bytes, after_space(bytes, colon + 1)).end;
    let next = after_space(bytes, end);
    if bytes.get(next) == Some(&b',') {
        return key..next + 1;
    }
    let before = before_space(bytes, key);
    let has_comma = before > 0 && bytes[before - 1] == b',';
    (if has_comma { before - 1 } else { key })..end
}

/// Returns whether the byte at `at` is in a string.
pub(super) fn is_in_string(bytes: &[u8], at: usize) -> bool {
    string_around(bytes, at).is_some()
}

/// Returns whether the byte at `at` is in a string that a colon follows.
pub(super) fn is_in_key(bytes: &[u8], at: usize) -> bool {
    string_around(bytes, at)
        .is_some_and(|string| bytes.get(after_space(bytes, string.end)) == Some(&b':'))
}

fn string_around(bytes: &[u8], at: usize) -> Option<Range<usize>> {
    let mut start = 0;
    while let Some(quote) = bytes[start..].iter().position(|byte| *byte == b'"') {
        let string = value(bytes, start + quote);
        if string.contains(&at) {
            return Some(string);
        }
        if string.start > at {
            break;
        }
        start = string.end;
    }
    None
}

/// Returns the keys of the object that begins at `start`, each as the range of the text between its
/// quotes.
pub(super) fn keys(bytes: &[u8], start: usize) -> Vec<Range<usize>> {
    let mut keys = Vec::new();
    let mut at = after_space(bytes, start + 1);
    while bytes.get(at) == Some(&b'"') {
        let key = value(bytes, at);
        let colon = after_space(bytes, key.end);
        keys.push(key.start + 1..key.end.saturating_sub(1).max(key.start + 1));
        let end = value(bytes, after_space(bytes, colon + 1)).end;
        let comma = after_space(bytes, end);
        if bytes.get(comma) != Some(&b',') {
            break;
        }
        at = after_space(bytes, comma + 1);
    }
    keys
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_removed_with_one_comma() {
        let text = br#"{"a":1, "b" : {"x":"}"} ,"c":[2]}"#;
        let of = |key: &str| {
            let at = text.windows(3).position(|window| window == key.as_bytes()).unwrap();
            let range = member(text, at);
            std::str::from_utf8(&text[range]).unwrap()
        };
        assert_eq!(of("\"a\""), "\"a\":1,");
        assert_eq!(of("\"b\""), "\"b\" : {\"x\":\"}\"} ,");
        assert_eq!(of("\"c\""), ",\"c\":[2]");
        assert_eq!(member(br#"{"a":1}"#, 1), 1..6);
        let keys = keys(text, 0);
        assert_eq!(keys.len(), 3);
        assert_eq!(&text[keys[1].clone()], b"b");
    }
}
