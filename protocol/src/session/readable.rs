//! Reads the type and the name from a payload that does not decode (SES-12).

use super::fingerprint::Fingerprint;
use crate::MessageType;

/// The type and the name in a payload that is not a message. Each of them is `None` if it cannot be
/// read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Readable {
    pub(super) message_type: Option<MessageType>,
    pub(super) name: Option<Fingerprint>,
}

impl Readable {
    /// Returns the type and the name in a payload of any length. The search takes linear time.
    pub(super) fn of(payload: &[u8]) -> Self {
        let word = first_match(payload, br#""type""#);
        let is_word = |kind: &MessageType| word == Some(kind.as_str().as_bytes());
        Self {
            message_type: MessageType::ALL.iter().copied().find(is_word),
            name: first_match(payload, br#""name""#).map(Fingerprint::of_name_bytes),
        }
    }
}

/// Returns the text of the group in the first match of `key[ \t\r\n]*:[ \t\r\n]*"([^"\\]*)"`, or
/// `None` if there is no match.
fn first_match<'p>(payload: &'p [u8], key: &[u8]) -> Option<&'p [u8]> {
    let mut rest = payload;
    while let Some((_, after_quote)) = split_at_byte(rest, b'"') {
        rest = after_quote;
        // The quote of the key has already been found.
        let after_key = after(after_quote, key.get(1..).unwrap_or_default());
        if let Some(value) = after_key.and_then(value_of) {
            return Some(value);
        }
    }
    None
}

/// Returns the text of the string after a colon. Returns `None` if there is no colon or no string,
/// or if the string has no end or contains an escape.
fn value_of(after_key: &[u8]) -> Option<&[u8]> {
    let after_colon = after(without_space(after_key), b":")?;
    let text = after(without_space(after_colon), b"\"")?;
    let end = text.iter().position(|byte| matches!(byte, b'"' | b'\\'))?;
    let (value, end) = text.split_at_checked(end)?;
    end.starts_with(b"\"").then_some(value)
}

/// Returns the rest of `bytes` after the prefix `text`, or `None` if `bytes` does not begin with
/// it.
fn after<'p>(bytes: &'p [u8], text: &[u8]) -> Option<&'p [u8]> {
    if bytes.starts_with(text) { bytes.get(text.len()..) } else { None }
}

fn without_space(bytes: &[u8]) -> &[u8] {
    let is_space = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\r' | b'\n');
    let start = bytes.iter().position(|byte| !is_space(byte)).unwrap_or(bytes.len());
    bytes.get(start..).unwrap_or_default()
}

fn split_at_byte(bytes: &[u8], byte: u8) -> Option<(&[u8], &[u8])> {
    let at = bytes.iter().position(|found| *found == byte)?;
    let (before, from) = bytes.split_at_checked(at)?;
    Some((before, from.get(1..)?))
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::*;

    fn first(payload: &str) -> Option<&[u8]> {
        first_match(payload.as_bytes(), br#""type""#)
    }

    #[test]
    fn the_first_match_counts() {
        for (payload, expected) in [
            (r#"{"type":"a"}"#, Some("a")),
            (r#"{"type" : "a","type":"b"}"#, Some("a")),
            ("\"type\"\r\n\t :\t\r\n \"a\"", Some("a")),
            (r#""type":"""#, Some("")),
            // After a value that does not match, the search continues.
            (r#"{"type":1,"x":{"type":"b"}}"#, Some("b")),
            (r#"{"type":"a\"b","type":"c"}"#, Some("c")),
            (r#"{"type":"a\u0062"}"#, None),
            (r#"{"type":"a"#, None),
            (r#"{"type""#, None),
            (r#"{"type":"#, None),
            (r#"{"type";"a"}"#, None),
            (r#"{"types":"a"}"#, None),
            (r#"{"Type":"a"}"#, None),
            (r#"{\"type\":\"a\"}"#, None),
            // A quotation mark that ends one string can begin the key.
            (r#""type"type":"a""#, Some("a")),
            (r#""type":"type":"a""#, Some("type")),
            (r#""type":"type\":"type":"a""#, Some("a")),
            (r#""x"type":"a""#, Some("a")),
            ("\"type\":\u{c}\"a\"", None),
            ("\"type\":\u{a0}\"a\"", None),
            ("\"type\":\"a\nb\"", Some("a\nb")),
            ("", None),
            ("\"", None),
        ] {
            assert_eq!(first(payload), expected.map(str::as_bytes), "{payload}");
        }
    }

    #[test]
    fn bytes_need_not_be_text() {
        let payload = b"\xff\"type\":\"download\"\"name\":\"\xfe\xff\"";
        let readable = Readable::of(payload);
        assert_eq!(readable.message_type, Some(MessageType::Download));
        assert_eq!(readable.name, Some(Fingerprint::of_name_bytes(b"\xfe\xff")));
        let none = Readable { message_type: None, name: None };
        assert_eq!(Readable::of(b"\"type\":\"upload\""), none);
        assert_eq!(Readable::of(b"\"type\":\"Download\""), none);
    }

    /// This test would take minutes if the search read the same bytes repeatedly.
    #[test]
    fn any_length_is_read_in_linear_time() {
        let count = 1 << 20;
        for piece in
            ["\"type\"", "\"type\":\"", "\"type\" ", "\"type\":\"\\", "\"", " ", "\"type\":"]
        {
            let mut payload: Vec<u8> = piece.bytes().cycle().take(count).collect();
            payload.extend(b"\\\"type\":\"download\"");
            assert!(first_match(&payload, br#""type""#).is_some(), "{piece}");
        }
    }
}
