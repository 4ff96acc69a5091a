//! Hides secrets in messages. A URL contains a signature that anybody can use, so only the scheme
//! and the host of the URL are shown. Text that might be part of a URL is not shown at all.

use std::ops::Range;

use iothub_resource::ResourceUrl;
use serde::de::IgnoredAny;

use crate::{
    excerpt::{counted, shortened},
    literal::string_length,
};

/// The maximum number of bytes of a message that are shown.
const LONGEST: usize = 400;
/// The maximum number of characters of one string that are shown.
const LONGEST_STRING: usize = 64;
const CUT: char = '…';

/// Returns a payload as one line without secrets. If the payload is JSON, the line is JSON too,
/// unless the line is shortened.
pub fn excerpt(payload: &[u8]) -> String {
    excerpt_with_mark(payload, None).0
}

/// Returns the line of [`excerpt`] and the range in this line that corresponds to `offset` in the
/// payload. The range is `None` if that place is not shown.
pub fn excerpt_with_mark(payload: &[u8], offset: Option<usize>) -> (String, Option<Range<usize>>) {
    match std::str::from_utf8(payload) {
        Ok(text) if serde_json::from_str::<IgnoredAny>(text).is_ok() => {
            let (shown, mark) = json(text, offset);
            // If the text is too long, only its beginning and its end are shown.
            let is_whole = shown.len() <= LONGEST;
            let mark = mark.filter(|mark| is_whole || mark.end <= LONGEST / 2);
            (shortened(shown, LONGEST), mark)
        }
        _ => {
            let shown = broken(payload);
            let mark = offset.and_then(|offset| mark_in_broken(&shown, payload, offset));
            (shown, mark)
        }
    }
}

/// Returns the range of the character at `offset`, or `None` if the payload is not shown unchanged
/// up to that place.
fn mark_in_broken(shown: &str, payload: &[u8], offset: usize) -> Option<Range<usize>> {
    let before = std::str::from_utf8(payload.get(..offset)?).ok()?;
    let is_same = shown.get(..offset)? == before.replace(['\n', '\r', '\t'], " ");
    let marked = shown[offset..].chars().next().filter(|_| is_same)?;
    let is_shown = offset + marked.len_utf8() < shown.len() || marked != CUT;
    is_shown.then(|| offset..offset + marked.len_utf8())
}

/// Returns a string from a message, in quotation marks and without secrets.
pub fn quoted(text: &str) -> String {
    // Encoding a string cannot fail.
    serde_json::to_string(&plain(text)).unwrap_or_default()
}

/// Returns a JSON text with its strings redacted, and the range in the result for the first token
/// at or after `offset`, or `None` if there is no such token.
fn json(text: &str, offset: Option<usize>) -> (String, Option<Range<usize>>) {
    let mut shown = String::with_capacity(text.len());
    let mut mark: Option<Range<usize>> = None;
    let mut in_scalar = false;
    let mut rest = text;
    let mut is_url = false;
    while let Some(first) = rest.chars().next() {
        let (at, start) = (text.len() - rest.len(), shown.len());
        let is_first = mark.is_none() && offset.is_some_and(|offset| offset <= at);
        if first != '"' {
            rest = &rest[first.len_utf8()..];
            if first.is_ascii_whitespace() {
                in_scalar = false;
                continue;
            }
            shown.push(first);
            let is_scalar = !"{}[]:,".contains(first);
            match &mut mark {
                Some(mark) if in_scalar && is_scalar => mark.end = shown.len(),
                _ => in_scalar = is_first && is_scalar,
            }
            if is_first {
                mark = Some(start..shown.len());
            }
            continue;
        }
        in_scalar = false;
        let (literal, after) = rest.split_at(string_length(rest.as_bytes()));
        rest = after;
        let value: Option<String> = serde_json::from_str(literal).ok();
        let is_key = after.trim_ascii_start().starts_with(':');
        match value {
            None => shown.push_str("\"…\""),
            Some(value) if is_url && !is_key => {
                shown.push_str(&serde_json::to_string(&host_of(&value)).unwrap_or_default());
            }
            Some(value) => shown.push_str(&quoted(&value)),
        }
        is_url = is_key
            && serde_json::from_str::<String>(literal)
                .is_ok_and(|key| key.eq_ignore_ascii_case("url"));
        if is_first {
            mark = Some(start..shown.len());
        }
    }
    (shown, mark)
}

/// Returns the scheme and the host of a URL, followed by `…`. Returns only `…` if the URL is
/// invalid or its host may contain a password.
pub(crate) fn host_of(url: &str) -> String {
    match ResourceUrl::new(url) {
        Ok(url) if is_host(url.host()) => {
            let scheme = if url.is_https() { "https" } else { "http" };
            format!("{scheme}://{}/{CUT}", url.host())
        }
        _ => CUT.to_string(),
    }
}

/// Returns at most 64 characters from the beginning of a text, up to the first possible URL or
/// signature. For a URL, the result also includes the scheme and the host.
pub(crate) fn plain(text: &str) -> String {
    let Some(mark) = first_mark(text) else {
        return match text.char_indices().nth(LONGEST_STRING) {
            Some((end, _)) => format!("{}{CUT}", &text[..end]),
            None => text.to_owned(),
        };
    };
    let head: String = text[..mark].chars().take(LONGEST_STRING).collect();
    let url = text[mark..].split(|c: char| !c.is_ascii_graphic()).next().unwrap_or_default();
    format!("{head}{}", host_of(url))
}

/// Returns the first offset at which a URL or a signature may begin, or `None` if there is none.
fn first_mark(text: &str) -> Option<usize> {
    /// The strings that may begin a URL or a signature. No ordinary name or word contains any of
    /// these strings.
    const MARKS: [&str; 7] = ["http:", "https:", "//", ":\\", "%3a", "?", "="];
    // Each mark contains one of these characters. Most strings contain none of them and are
    // therefore not searched.
    if !text.contains([':', '/', '%', '?', '=']) {
        return None;
    }
    let lower = text.to_ascii_lowercase();
    MARKS.iter().filter_map(|mark| lower.find(mark)).min()
}

/// Returns whether a text consists of only a host. Text with a colon is not a host because it could
/// contain a password.
fn is_host(host: &str) -> bool {
    host.len() <= 255
        && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-".contains(&byte))
}

/// Returns the beginning of a payload that is not JSON. Its structure is unknown, so the payload is
/// cut before the first text that may belong to a URL. Unless the payload is a short text or begins
/// with a brace, the result is only a note such as `(no bytes)`.
fn broken(payload: &[u8]) -> String {
    const MARKS: [&str; 7] = ["http", "url", "/", "?", "=", "%", "\\u"];
    if payload.is_empty() {
        return "(no bytes)".to_owned();
    }
    let head = String::from_utf8_lossy(payload.get(..LONGEST).unwrap_or(payload));
    let is_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, ' ' | '_' | '.' | '-');
    if payload.len() <= 32 && head.chars().all(is_word) {
        return head.into_owned();
    }
    if !head.trim_ascii_start().starts_with('{') {
        let length = counted(payload.len() as u64, "byte");
        return format!("({length} without a brace at the beginning)");
    }
    let lower = head.to_ascii_lowercase();
    let mark = MARKS.iter().filter_map(|mark| lower.find(mark)).min();
    let shown = &head[..mark.unwrap_or(head.len())];
    let cut = if shown.len() < payload.len() { "…" } else { "" };
    let line: String =
        shown.chars().map(|c| if matches!(c, '\n' | '\r' | '\t') { ' ' } else { c }).collect();
    format!("{line}{cut}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_shown_without_its_url() {
        for (payload, shown) in [
            (
                r#"{"type": "create_upload_task_rsp", "size": 5, "url": "HTTPS://u:p@store:8443/zxc?sign=a"}"#,
                r#"{"type":"create_upload_task_rsp","size":5,"url":"https://store/…"}"#,
            ),
            (r#"{"\u0075rl":"\u0068ttp:\/\/store\/zxc"}"#, r#"{"url":"http://store/…"}"#),
            (r#"{"url":"ftp://store/zxc"}"#, r#"{"url":"…"}"#),
            (r#"{"url":"http://user:pa/ss@store/"}"#, r#"{"url":"…"}"#),
            (r#"{"url":"\ud800"}"#, r#"{"url":"…"}"#),
            (r#"{"url":"x","name":"a b\n.mp4"}"#, r#"{"url":"…","name":"a b\n.mp4"}"#),
            (r#"{"m":"PUT https://store/zxc?a failed"}"#, r#"{"m":"PUT https://store/…"}"#),
            (
                r#"{"m":"a?b","n":"q-signature=1","k=v":[1.50]}"#,
                r#"{"m":"a…","n":"q-signature…","k…":[1.50]}"#,
            ),
            (r#"[" https:/store/zxc","https%3A%2F%2Fstore"]"#, r#"[" …","https…"]"#),
            ("12", "12"),
        ] {
            assert_eq!(excerpt(payload.as_bytes()), shown);
        }
        let long = format!("[\"{}\"]", "é".repeat(70));
        assert_eq!(excerpt(long.as_bytes()), format!("[\"{}…\"]", "é".repeat(64)));
    }

    #[test]
    fn what_offends_is_marked_where_it_is_shown() {
        for (payload, offset, marked) in [
            (r#"{"size": -12 , "name":"a"}"#, 9, Some("-12")),
            (r#"{"size": -12,"name":"a"}"#, 10, Some("12")),
            (r#"{ "url" : "https://store/zxc?sign=a" }"#, 9, Some(r#""https://store/…""#)),
            (r#"{ "url" : "https://store/zxc?sign=a" }"#, 2, Some(r#""url""#)),
            (r#"{"a":[null]}"#, 5, Some("[")),
            (r#"{"a":1}"#, 99, None),
            (r#"{"a":"#, 2, Some("a")),
            (r#"{"a":"#, 5, None),
            ("{\t\"a\":1,}", 8, Some("}")),
            (r#"{"name":"x"/"url":"y"}"#, 11, None),
            (r#"{"url":"https://store/zxc?sign=a",}"#, 34, None),
            ("no JSON, and long enough to be counted", 3, None),
        ] {
            let (shown, mark) = excerpt_with_mark(payload.as_bytes(), Some(offset));
            assert_eq!(mark.map(|mark| &shown[mark]), marked, "{payload}");
        }
        let long = format!("{{\"a\":[{}0]}}", "1234,".repeat(200));
        let mark = |offset| excerpt_with_mark(long.as_bytes(), Some(offset)).1;
        assert_eq!((mark(6), mark(400), mark(900)), (Some(6..10), None, None));
    }

    #[test]
    fn what_is_no_json_is_shown_up_to_what_may_be_a_url() {
        for (payload, shown) in [
            (&br#"{"type":"download","size":5,"#[..], r#"{"type":"download","size":5,"#),
            (br#"{"type":"download","url":"https://store/"#, r#"{"type":"download","…"#),
            (br#"{"name":"zxc","u"rl":"store\/zxc"#, r#"{"name":"zxc","u"rl":"store\…"#),
            (br#"{"name":"zxc", https:\/\/store"#, r#"{"name":"zxc", …"#),
            (b"{\n\"name\":\xFF}", "{ \"name\":\u{fffd}}"),
            (b"hello", "hello"),
            (b"", "(no bytes)"),
            (b"/zxc?sign=a\"}", "(13 bytes without a brace at the beginning)"),
            (b"\0", "(1 byte without a brace at the beginning)"),
        ] {
            assert_eq!(excerpt(payload), shown);
        }
    }
}
