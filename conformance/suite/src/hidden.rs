//! Finds the parts of a payload that output must hide. The rest of the payload keeps its layout.

use std::ops::Range;

use serde::de::IgnoredAny;

use crate::{
    literal::string_length,
    redact::{host_of, plain},
};

/// The strings that may begin a URL or a signature in a payload that is not JSON.
const MARKS: [&str; 5] = ["http", "/", "?", "=", "%"];
const CUT: &str = "…";

/// A part of a payload that may contain a signature, or a long string of a JSON payload.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Hidden {
    /// The range of the bytes that must not be shown.
    pub range: Range<usize>,
    /// The text to show in place of these bytes.
    pub shown: String,
}

/// Returns the parts of a payload that may contain a signature and the long strings of a JSON
/// payload, in the order in which they occur.
#[must_use]
pub fn hidden(payload: &[u8]) -> Vec<Hidden> {
    match std::str::from_utf8(payload) {
        Ok(text) if serde_json::from_str::<IgnoredAny>(text).is_ok() => of_json(text),
        _ => Broken::new(payload).hidden(),
    }
}

/// Returns `text` with a substitute for each [`Hidden`] part.
#[must_use]
pub fn redacted(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut at = 0;
    for part in hidden(text.as_bytes()) {
        shown += &text[at..part.range.start];
        shown += &part.shown;
        at = part.range.end;
    }
    shown + &text[at..]
}

/// Returns the hidden parts of a JSON text: the strings that may contain a signature or are longer
/// than 64 characters. For each part, the text to show is a shortened form of the string.
fn of_json(text: &str) -> Vec<Hidden> {
    let mut hidden = Vec::new();
    let mut is_url = false;
    let mut at = 0;
    while let Some(quote) = text[at..].find('"') {
        let start = at + quote;
        let end = start + string_length(&text.as_bytes()[start..]);
        at = end;
        let is_key = text[end..].trim_ascii_start().starts_with(':');
        let value: Option<String> = serde_json::from_str(&text[start..end]).ok();
        let shown = match &value {
            None => Some(CUT.to_owned()),
            Some(value) if is_url && !is_key => Some(host_of(value)),
            Some(value) => Some(plain(value)).filter(|shown| shown != value),
        };
        let shown = shown.map(|shown| serde_json::to_string(&shown).unwrap_or_default());
        hidden.extend(shown.map(|shown| Hidden { range: start..end, shown }));
        is_url = is_key && value.is_none_or(|key| key.eq_ignore_ascii_case("url"));
    }
    hidden
}

/// A search for the hidden parts of a payload that is not JSON. The payload may lack a quotation
/// mark or contain one too many.
struct Broken<'a> {
    payload: &'a [u8],
    /// The character that probably quotes the strings: `'` or `"`.
    quote: u8,
    hidden: Vec<Hidden>,
}

impl<'a> Broken<'a> {
    fn new(payload: &'a [u8]) -> Self {
        let is_single = payload
            .trim_ascii_start()
            .strip_prefix(b"{")
            .is_some_and(|rest| rest.trim_ascii_start().starts_with(b"'"));
        Self { payload, quote: if is_single { b'\'' } else { b'"' }, hidden: Vec::new() }
    }

    fn hidden(mut self) -> Vec<Hidden> {
        let mut at = 0;
        let mut is_url = false;
        while at < self.payload.len() {
            if self.payload[at] != self.quote {
                at = self.outside(at);
                continue;
            }
            let (end, is_key) = self.end_of_string(at);
            let inside = at + 1..end.max(at + 1);
            if is_url && !is_key {
                self.hide(inside.clone(), host(&self.payload[inside.clone()]));
            } else if let Some(mark) = first_mark(&self.payload[inside.clone()]) {
                self.hide(inside.start + mark..inside.end, CUT.to_owned());
            }
            is_url = is_key && may_be_url(&self.payload[inside]);
            at = end + 1;
        }
        self.hidden
    }

    fn hide(&mut self, range: Range<usize>, shown: String) {
        if !range.is_empty() {
            self.hidden.push(Hidden { range, shown });
        }
    }

    /// Returns the end of the string that begins at `start`, and whether the string seems to be a
    /// key. The end is a quotation mark followed by punctuation, because a quotation mark alone may
    /// be part of a URL.
    fn end_of_string(&self, start: usize) -> (usize, bool) {
        let mut at = start + 1;
        while let Some(&byte) = self.payload.get(at) {
            if byte == b'\\' {
                at += 1;
            } else if byte == self.quote {
                match self.payload[at + 1..].trim_ascii_start().first() {
                    Some(b':') => return (at, true),
                    None | Some(b',' | b'}' | b']') => return (at, false),
                    Some(_) => {}
                }
            }
            at += 1;
        }
        (self.payload.len(), false)
    }

    /// Skips a word outside strings. If a URL or signature may begin in the word, hides the rest of
    /// the word from that position. Returns the index after the word.
    fn outside(&mut self, start: usize) -> usize {
        let ends = |byte: &u8| byte.is_ascii_whitespace() || *byte == self.quote;
        let length = self.payload[start..].iter().position(ends).unwrap_or(0);
        let rest = &self.payload[start..];
        let word = if length == 0 && !ends(&rest[0]) { rest } else { &rest[..length] };
        let Some(mark) = first_mark(word) else { return start + word.len().max(1) };
        // The beginning of a comment may be shown.
        let is_comment = word[mark..].starts_with(b"//") || word[mark..].starts_with(b"/*");
        let from = mark + if is_comment { 2 } else { 0 };
        self.hide(start + from..start + word.len(), CUT.to_owned());
        start + word.len()
    }
}

fn first_mark(bytes: &[u8]) -> Option<usize> {
    let lower = bytes.to_ascii_lowercase();
    let find = |mark: &&str| lower.windows(mark.len()).position(|window| window == mark.as_bytes());
    MARKS.iter().filter_map(find).min()
}

/// Returns whether a key may be the key of a URL, even if the key is damaged.
fn may_be_url(key: &[u8]) -> bool {
    let letters: Vec<u8> =
        key.to_ascii_lowercase().into_iter().filter(u8::is_ascii_lowercase).collect();
    key.contains(&b'\\') || letters.windows(3).any(|window| window == b"url")
}

fn host(value: &[u8]) -> String {
    std::str::from_utf8(value).map_or_else(|_| CUT.to_owned(), host_of)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(payload: &[u8]) -> String {
        let mut text = Vec::new();
        let mut at = 0;
        for Hidden { range, shown } in hidden(payload) {
            text.extend(&payload[at..range.start]);
            text.extend(shown.bytes());
            at = range.end;
        }
        text.extend(&payload[at..]);
        String::from_utf8_lossy(&text).into_owned()
    }

    #[test]
    fn the_layout_stays_and_signatures_go() {
        for (payload, expected) in [
            ("{ \"name\": \"\\u0061\" }", "{ \"name\": \"\\u0061\" }"),
            (r#"{"url" : "https://h/x?sign=S" }"#, r#"{"url" : "https://h/…" }"#),
            (r#"{"\u0055rl":"S"}"#, r#"{"\u0055rl":"…"}"#),
            (r#"{"m":"PUT https://h/x?S failed"}"#, r#"{"m":"PUT https://h/…"}"#),
            (r#"{"url":"https://h/x?sign=S",}"#, r#"{"url":"https://h/…",}"#),
            (r#"{"url":"https://h/x?sign=a"S"",}"#, r#"{"url":"https://h/…",}"#),
            (r#"{"name":"zxc" "url":"S","size":1}"#, r#"{"name":"zxc" "url":"…","size":1}"#),
            (r#"{"u"rl":"S"#, r#"{"u"rl":"…"#),
            (r#"{"url":https://h/x?sign=S,"size":1,}"#, r#"{"url":…"size":1,}"#),
            ("{'url': 'https://h/x?sign=S'}", "{'url': 'https://h/…'}"),
            ("{'url': 'S', 'size': 1}", "{'url': '…', 'size': 1}"),
            ("{\"size\":1, // S=1\n}", "{\"size\":1, // S…\n}"),
            ("q-sign=S more", "q-sign… more"),
            ("", ""),
        ] {
            assert_eq!(shown(payload.as_bytes()), expected, "{payload}");
        }
        assert_eq!(shown(b"{\"url\":\"https://h/\xFFS\"}"), "{\"url\":\"…\"}");
    }
}
