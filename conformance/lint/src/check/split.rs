//! Splits a file, an argument or standard input into payloads.

use iothub_conformance_suite::literal::string_length;

use super::form::{self, Form};

/// A payload and its place in the text.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Found {
    /// The number of the line in which the payload begins, starting at 1.
    pub line: usize,
    /// The form in which the payload is written.
    pub form: Form,
    /// The topic before the payload, as `mosquitto_sub -v` prints it, or `None` if the line has no
    /// topic.
    pub topic: Option<String>,
    /// The bytes that the written form represents.
    pub payload: Vec<u8>,
}

/// Returns the payloads in a text. A payload is a JSON object over any number of lines, or one line
/// in a different form. Hexadecimal digits or Base64 may also fill the whole text, over several
/// lines. Any other text is an invalid payload.
#[must_use]
pub fn payloads(text: &[u8]) -> Vec<Found> {
    let mut found = Vec::new();
    let lines: Vec<&[u8]> = text.split_inclusive(|byte| *byte == b'\n').collect();
    let written = lines.iter().filter(|line| !line.trim_ascii().is_empty()).count();
    let mut at = 0;
    while at < lines.len() {
        if lines[at].trim_ascii().is_empty() {
            at += 1;
            continue;
        }
        let (topic, first) = topic_of(lines[at]);
        let length = if is_plain(first) { length_of(&lines[at..], first) } else { 1 };
        let is_all = length >= 1 && found.is_empty() && is_rest_empty(&lines[at + length..]);
        let whole = lines[at..at + length].concat();
        let own = if topic.is_some() {
            [first, &lines[at + 1..at + length].concat()].concat()
        } else {
            whole
        };
        // A file with a single payload is exactly that payload, except for the final line end that
        // editors add.
        let own = if is_all && topic.is_none() && at == 0 { text.to_vec() } else { own };
        let own = without_line_end(&own);
        let (form, payload) = form::read(own);
        found.push(Found { line: at + 1, form, topic, payload });
        at += length;
    }
    // The payload may be Base64 or hexadecimal digits over several lines.
    if written > 1 && found.iter().any(|one| one.form == Form::Plain) {
        let (form, payload) = form::read(text);
        if matches!(form, Form::Hex | Form::Base64) {
            return vec![Found { line: 1, form, topic: None, payload }];
        }
    }
    found
}

fn is_rest_empty(lines: &[&[u8]]) -> bool {
    lines.iter().all(|line| line.trim_ascii().is_empty())
}

fn without_line_end(bytes: &[u8]) -> &[u8] {
    let bytes = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    bytes.strip_suffix(b"\r").unwrap_or(bytes)
}

/// Returns the topic at the beginning of a line, and the rest of the line.
fn topic_of(line: &[u8]) -> (Option<String>, &[u8]) {
    if line.starts_with(b"$resource/")
        && let Some(space) = line.iter().position(|byte| *byte == b' ')
        && let Ok(topic) = std::str::from_utf8(&line[..space])
    {
        return (Some(topic.to_owned()), &line[space + 1..]);
    }
    (None, line)
}

fn is_plain(line: &[u8]) -> bool {
    let line = line.strip_prefix("\u{FEFF}".as_bytes()).unwrap_or(line);
    line.trim_ascii_start().starts_with(b"{")
}

/// Returns the number of lines in a payload that begins with `first`. The payload ends with the
/// line that closes its brackets, or else before the next line that begins like a message.
fn length_of(lines: &[&[u8]], first: &[u8]) -> usize {
    let mut depth = 0;
    for (index, line) in lines.iter().enumerate() {
        let line = if index == 0 { first } else { line };
        if index > 0 && begins_message(line) {
            return index;
        }
        depth += opened(line);
        if depth <= 0 {
            return index + 1;
        }
    }
    lines.len()
}

fn begins_message(line: &[u8]) -> bool {
    let key = b"\"type\"";
    line.starts_with(b"{") && line.windows(key.len()).any(|window| window == key)
        || line.starts_with(b"$resource/")
}

/// Returns how many more brackets a line opens than it closes. A string ends at the end of its line
/// at the latest.
fn opened(line: &[u8]) -> isize {
    let mut depth = 0;
    let mut at = 0;
    while let Some(byte) = line.get(at) {
        match byte {
            b'"' => at += string_length(&line[at..]).saturating_sub(1),
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth -= 1,
            _ => {}
        }
        at += 1;
    }
    depth
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines_of(text: &str) -> Vec<(usize, String)> {
        payloads(text.as_bytes())
            .into_iter()
            .map(|found| (found.line, String::from_utf8(found.payload).unwrap()))
            .collect()
    }

    #[test]
    fn a_payload_has_any_number_of_lines() {
        let pretty = "{\n  \"type\": \"x\",\n  \"progress\": {\n  }\n}";
        assert_eq!(lines_of(&format!("{pretty}\n")), [(1, pretty.to_owned())]);
        assert_eq!(
            lines_of(&format!("{pretty}\n\n{{\"type\":1}}\n{pretty}\n")),
            [(1, pretty.to_owned() + ""), (7, "{\"type\":1}".to_owned()), (8, pretty.to_owned()),]
        );
    }

    #[test]
    fn a_broken_payload_does_not_swallow_the_next_one() {
        let found = lines_of("{\"type\":\"a\"\n{\"type\":\"b\"} x\n{\"type\":\"c");
        assert_eq!(
            found,
            [
                (1, "{\"type\":\"a\"".to_owned()),
                (2, "{\"type\":\"b\"} x".to_owned()),
                (3, "{\"type\":\"c".to_owned()),
            ]
        );
        assert_eq!(lines_of("hello\n"), [(1, "hello".to_owned())]);
        assert_eq!(lines_of(" \n"), []);
    }

    #[test]
    fn a_topic_may_stand_before_a_payload() {
        let found = payloads(b"$resource/up/service/P/d {\"type\":1}\n");
        assert_eq!(found[0].topic.as_deref(), Some("$resource/up/service/P/d"));
        assert_eq!(found[0].payload, b"{\"type\":1}");
    }
}
