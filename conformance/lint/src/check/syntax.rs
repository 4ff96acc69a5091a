//! Finds faults in the syntax of JSON and continues the check after them.

use std::ops::Range;

use iothub_resource::JsonFault;

use super::token;

/// A fault in the JSON syntax, with the expected text and the repair.
pub(super) struct Broken {
    /// The range of the faulty bytes.
    pub(super) range: Range<usize>,
    /// The fault as a sentence, if this sentence is clearer than that of the decoder.
    pub(super) what: Option<String>,
    pub(super) expected: String,
    pub(super) then: Then,
}

/// The way in which the check continues after a fault: with repairs, or not at all.
pub(super) enum Then {
    Edit(Vec<Edit>),
    /// The check continues after these edits. The rest of the message is missing, so the missing
    /// keys are unknown.
    Truncated(Vec<Edit>),
    /// The check ends, because later faults cannot be distinguished from this fault.
    Stop,
}

pub(super) enum Edit {
    Replace(Range<usize>, Vec<u8>),
    /// Replaces the byte at this place with the byte that JSON requires. The new byte keeps the
    /// place of the old byte.
    Respell(usize, u8),
}

impl Broken {
    fn new(range: Range<usize>, expected: impl Into<String>, then: Then) -> Self {
        Self { range, what: None, expected: expected.into(), then }
    }

    fn what(self, what: impl Into<String>) -> Self {
        Self { what: Some(what.into()), ..self }
    }
}

fn replace(range: Range<usize>, by: &str) -> Then {
    Then::Edit(vec![Edit::Replace(range, by.as_bytes().to_vec())])
}

pub(super) fn broken(bytes: &[u8], fault: JsonFault, at: usize) -> Broken {
    match fault {
        JsonFault::ByteOrderMark => {
            let mark = 0..3;
            Broken::new(mark.clone(), "the message, without EF BB BF before it", replace(mark, ""))
        }
        JsonFault::UnexpectedEnd => unexpected_end(bytes),
        JsonFault::TrailingData => trailing_data(bytes, at),
        JsonFault::TrailingComma => {
            let comma = token::before_space(bytes, at) - 1..token::before_space(bytes, at);
            let then = replace(comma.clone(), "");
            Broken::new(comma, "no comma after the last member", then)
        }
        JsonFault::ControlCharacter => control_character(bytes, at),
        JsonFault::InvalidEscape => {
            let length = if bytes.get(at + 1) == Some(&b'u') { 6 } else { 2 };
            let range = at..(at + length).min(bytes.len());
            let expected = "one of \\\" \\\\ \\/ \\b \\f \\n \\r \\t or \\u with four hexadecimal \
                            digits; a backslash itself is \\\\";
            Broken::new(range, expected, replace(at..at + 1, "_"))
        }
        JsonFault::LoneSurrogate => {
            let range = at..(at + 6).min(bytes.len());
            let expected = "both halves, such as \\ud83d\\ude00, or the character itself in UTF-8";
            Broken::new(range.clone(), expected, replace(range, "??????"))
        }
        JsonFault::InvalidNumber => invalid_number(bytes, at),
        _ => unexpected(bytes, at),
    }
}

fn control_character(bytes: &[u8], at: usize) -> Broken {
    let escape = match bytes[at] {
        b'\n' => "\\n",
        b'\r' => "\\r",
        b'\t' => "\\t",
        8 => "\\b",
        12 => "\\f",
        _ => "\\u and four hexadecimal digits",
    };
    let expected = match bytes[at] {
        // Line ends in strings are rare, but forgotten quotation marks are common.
        b'\n' | b'\r' => {
            format!("`\"` at the end of the string, or {escape} for a line end inside the string")
        }
        _ => format!("the escape {escape}, or a string without this character"),
    };
    let then = if bytes[at] == b'\n' || bytes[at] == b'\r' {
        Then::Stop
    } else {
        replace(at..at + 1, " ")
    };
    Broken::new(at..at + 1, expected, then)
}

fn trailing_data(bytes: &[u8], at: usize) -> Broken {
    let rest = &bytes[at..];
    let then = replace(at..bytes.len(), "");
    if rest.iter().all(|byte| *byte == 0) {
        let what = match rest.len() {
            1 => "a zero byte follows the message, as at the end of a C string".to_owned(),
            zeros => {
                format!("{zeros} zero bytes follow the message, as at the end of a C string")
            }
        };
        return Broken::new(at..bytes.len(), "as many bytes as strlen() counts", then).what(what);
    }
    match rest[0] {
        b'{' => Broken::new(at..at + 1, "one message in each publish", then)
            .what("a second JSON object follows the message"),
        b'}' | b']' => {
            Broken::new(at..at + 1, "as many closing brackets as opening brackets", then)
        }
        _ => Broken::new(at..at + 1, "nothing but white space after the closing brace", then),
    }
}

fn invalid_number(bytes: &[u8], at: usize) -> Broken {
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || b"+-.".contains(byte);
    let start = bytes[..at].iter().rposition(|byte| !is_part(byte)).map_or(0, |before| before + 1);
    let end = bytes[at..].iter().position(|byte| !is_part(byte)).map_or(bytes.len(), |n| at + n);
    let digits: String = String::from_utf8_lossy(&bytes[start..end]).into_owned();
    let expected = match digits.parse::<i64>() {
        Ok(number) => format!("{number}, without leading zeros"),
        Err(_) => "an integer, such as 100".to_owned(),
    };
    Broken::new(start..end.max(start), expected, replace(start..end, "0"))
}

fn unexpected_end(bytes: &[u8]) -> Broken {
    let end = bytes.len();
    let Some(open) = Open::of(bytes) else {
        return Broken::new(
            end..end,
            "an object such as {\"type\":\"get_download_task\"}",
            Then::Stop,
        )
        .what(if bytes.is_empty() {
            "the payload is empty"
        } else {
            "the payload ends too early"
        });
    };
    let (inside, from, closing) = if open.in_string {
        ("inside a string", open.last_comma, "}".to_owned())
    } else if open.is_complete {
        ("before the closing brace", end, open.closing())
    } else {
        ("inside the object", open.last_comma, "}".to_owned())
    };
    Broken::new(
        end..end,
        "the whole message, up to its closing brace; was it cut to the size of a buffer?",
        Then::Truncated(vec![Edit::Replace(from..end, closing.into_bytes())]),
    )
    .what(format!("the payload ends too early, {inside}"))
}

/// The open brackets and strings at the end of a text that ends too early.
struct Open {
    brackets: Vec<u8>,
    in_string: bool,
    /// Whether the last member is complete.
    is_complete: bool,
    /// The place of the last comma of the outermost object, or the place after its opening brace.
    last_comma: usize,
}

impl Open {
    fn of(bytes: &[u8]) -> Option<Self> {
        let start = token::after_space(bytes, 0);
        if bytes.get(start) != Some(&b'{') {
            return None;
        }
        let (mut brackets, mut last_comma, mut has_colon) = (Vec::new(), start + 1, false);
        let (mut at, mut in_string) = (start, false);
        while at < bytes.len() {
            match bytes[at] {
                b'"' => {
                    let string = token::value(bytes, at);
                    let text = &bytes[string.clone()];
                    in_string = text.len() < 2 || !text.ends_with(b"\"") || is_escaped(text);
                    at = string.end - 1;
                }
                b'{' | b'[' => {
                    brackets.push(bytes[at]);
                    has_colon = bytes[at] == b'[';
                }
                b'}' | b']' => {
                    brackets.pop();
                    has_colon = true;
                }
                b':' => has_colon = true,
                b',' => {
                    has_colon = false;
                    if brackets.len() == 1 {
                        last_comma = at;
                    }
                }
                _ => {}
            }
            at += 1;
        }
        let last = bytes[..token::before_space(bytes, bytes.len())].last();
        let is_complete = has_colon && matches!(last, Some(b'"' | b'}' | b']'));
        Some(Self { brackets, in_string, is_complete, last_comma })
    }

    fn closing(&self) -> String {
        let close = |bracket: &u8| if *bracket == b'{' { '}' } else { ']' };
        self.brackets.iter().rev().map(close).collect()
    }
}

/// Returns whether the quotation mark at the end of a text is escaped, so that it does not end a
/// string.
fn is_escaped(text: &[u8]) -> bool {
    let before = &text[..text.len() - 1];
    before.iter().rev().take_while(|byte| **byte == b'\\').count() % 2 == 1
}

/// Returns the fault of unexpected text at a place where JSON requires a value, key, colon or
/// comma. Such text is typical of messages that are written by hand or in the syntax of a different
/// language.
fn unexpected(bytes: &[u8], at: usize) -> Broken {
    let before = token::before_space(bytes, at);
    let last = before.checked_sub(1).map(|index| bytes[index]);
    let rest = &bytes[at..];
    let here = at..at + 1;
    match (last, rest[0]) {
        (_, b'\'') => single_quotes(bytes, at),
        (_, 0xE2) if rest.starts_with("“".as_bytes()) || rest.starts_with("”".as_bytes()) => {
            typographic_quotes(bytes, at)
        }
        (_, b'/' | b'#') => comment(bytes, at),
        (Some(b',' | b'{' | b'['), b',') => {
            Broken::new(here.clone(), "one comma between two members", replace(here, ""))
                .what("a comma follows a comma or the opening brace")
        }
        (Some(b':'), b',' | b'}') => {
            Broken::new(here, "a value after the colon", replace(at..at, "null"))
                .what("a value is missing")
        }
        (Some(b':'), b'+') => {
            Broken::new(here.clone(), "the number without a plus sign", replace(here, ""))
                .what("a number begins with `+`")
        }
        (Some(b'"'), b'=') => Broken::new(
            here,
            "a colon between key and value",
            Then::Edit(vec![Edit::Respell(at, b':')]),
        )
        .what("`=` is used instead of a colon"),
        (_, b';') => Broken::new(
            here,
            "a comma between two members",
            Then::Edit(vec![Edit::Respell(at, b',')]),
        )
        .what("`;` is used instead of a comma"),
        _ => word(bytes, at).unwrap_or_else(|| missing(bytes, before, at)),
    }
}

/// Returns the fault of a missing comma or colon, or a general fault in all other cases.
fn missing(bytes: &[u8], before: usize, at: usize) -> Broken {
    let ends_value = |byte: u8| b"\"}]".contains(&byte) || byte.is_ascii_alphanumeric();
    let begins_value = b"\"{[-".contains(&bytes[at]) || bytes[at].is_ascii_digit();
    let last = bytes[..at].last();
    // Of two adjacent quotation marks, one is probably superfluous.
    let is_quoted_twice = before == at && bytes[at] == b'"' && last == Some(&b'"');
    if before > 0 && ends_value(bytes[before - 1]) && !is_quoted_twice {
        let is_after_key = bytes[before - 1] == b'"' && is_key(bytes, before - 1);
        // A comma is certainly missing only before a key, because `1 000` is one number.
        let what = match bytes[at] {
            _ if is_after_key && begins_value => Some((":", "a colon")),
            b'"' => Some((",", "a comma")),
            _ => None,
        };
        if let Some((mark, what)) = what {
            let expected = format!("`{mark}` here");
            return Broken::new(before..before, expected, replace(before..before, mark))
                .what(format!("{what} is missing"));
        }
    }
    Broken::new(at..at + 1, "one JSON object in UTF-8", Then::Stop)
}

/// Returns whether the string that ends at `close` follows a comma or an opening brace.
fn is_key(bytes: &[u8], close: usize) -> bool {
    let Some(open) = bytes[..close].iter().rposition(|byte| *byte == b'"') else { return false };
    let before = token::before_space(bytes, open);
    before > 0 && matches!(bytes[before - 1], b',' | b'{')
}

/// Returns the fault of a word that is not JSON: a key or a text without quotes, or a value in the
/// spelling of a different language. Returns `None` if the text at `at` is not a word.
fn word(bytes: &[u8], at: usize) -> Option<Broken> {
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    let start = bytes[..at].iter().rposition(|byte| !is_part(byte)).map_or(0, |before| before + 1);
    let end = bytes[at..].iter().position(|byte| !is_part(byte)).map_or(bytes.len(), |n| at + n);
    let text = std::str::from_utf8(&bytes[start..end]).ok()?;
    if !text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') {
        return None;
    }
    let range = start..end;
    let is_key = bytes.get(token::after_space(bytes, end)) == Some(&b':');
    let (json, expected) = match &*text.to_ascii_lowercase() {
        _ if is_key => ("", String::new()),
        "true" => ("true", "`true`, in lowercase".to_owned()),
        "false" => ("false", "`false`, in lowercase".to_owned()),
        "none" | "null" | "nil" | "undefined" => {
            ("null", "a value; this word means `null`, which no key permits".to_owned())
        }
        "nan" | "infinity" | "inf" => {
            ("null", "an integer, because JSON has no such number".to_owned())
        }
        _ => ("", String::new()),
    };
    if json.is_empty() {
        let quoted = Then::Edit(vec![
            Edit::Replace(end..end, b"\"".to_vec()),
            Edit::Replace(start..start, b"\"".to_vec()),
        ]);
        let expected = format!("{} in double quotes", shown(text));
        return Some(
            Broken::new(range, expected, quoted).what(format!("{} has no quotes", shown(text))),
        );
    }
    let what = format!("{} is not a JSON value", shown(text));
    Some(Broken::new(range.clone(), expected, replace(range, json)).what(what))
}

/// Returns a short word in backticks, and the text `a word` for a longer one.
fn shown(word: &str) -> String {
    if word.len() <= 32 { format!("`{word}`") } else { "a word".to_owned() }
}

fn single_quotes(bytes: &[u8], at: usize) -> Broken {
    let mut edits = Vec::new();
    let mut index = 0;
    while index < bytes.len() {
        match bytes[index] {
            b'"' => index = token::value(bytes, index).end,
            b'\'' => {
                edits.push(Edit::Respell(index, b'"'));
                index += 1;
            }
            _ => index += 1,
        }
    }
    Broken::new(at..at + 1, "double quotes; in Python, json.dumps() writes them", Then::Edit(edits))
        .what("strings are in single quotes")
}

fn typographic_quotes(bytes: &[u8], at: usize) -> Broken {
    let mut edits = Vec::new();
    for index in 0..bytes.len().saturating_sub(2) {
        if matches!(&bytes[index..index + 3], [0xE2, 0x80, 0x9C | 0x9D]) {
            edits.push(Edit::Respell(index, b'"'));
            edits.push(Edit::Replace(index + 1..index + 3, Vec::new()));
        }
    }
    // The edits begin at the end, so that earlier places stay valid.
    edits.reverse();
    Broken::new(at..at + 3, "`\"`, the straight quotation mark", Then::Edit(edits))
        .what("a typographic quotation mark is used instead of `\"`")
}

fn comment(bytes: &[u8], at: usize) -> Broken {
    let rest = &bytes[at..];
    let find = |end: &[u8]| rest.windows(end.len()).position(|window| window == end);
    let length = if rest.starts_with(b"/*") {
        find(b"*/").map(|end| end + 2)
    } else if rest.starts_with(b"//") || rest.starts_with(b"#") {
        find(b"\n")
    } else {
        return Broken::new(at..at + 1, "one JSON object in UTF-8", Then::Stop);
    };
    let range = at..at + length.unwrap_or(rest.len());
    Broken::new(range.clone(), "no comment, because JSON has no comments", replace(range, ""))
        .what("the message contains a comment")
}
