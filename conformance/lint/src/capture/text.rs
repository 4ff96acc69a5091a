//! Parses lines that contain a topic, a separator and a payload. `mosquitto_sub` with `-v` or
//! `-F '%t %x'` and `tshark -T fields -e mqtt.topic -e mqtt.msg` write such lines.

use std::borrow::Cow;

use iothub_resource::Topic;

use super::entry::{Entry, Fidelity, OtherTopic, Record, Unreadable};

/// The beginning of every resource topic.
const OURS: &[u8] = b"$resource/";

pub(super) fn read(line: &[u8]) -> Result<Entry<'_>, Unreadable> {
    let line = &line[end_of_time(line)..];
    let is_separator = |byte: &u8| match byte {
        b' ' | b'\t' => true,
        // No resource topic contains these characters.
        b',' | b';' => line.starts_with(OURS),
        _ => false,
    };
    let end = line.iter().position(is_separator).ok_or(Unreadable::NoMessage)?;
    let (topic, payload) = (&line[..end], &line[end + 1..]);
    let tab = payload.iter().position(|byte| *byte == b'\t').unwrap_or(payload.len());
    let more_topics = &payload[..tab];
    if line[end] == b',' && names_ours(more_topics) && !more_topics.contains(&b'{') {
        return several(line);
    }
    // Other topics may contain spaces, so a plausible beginning is enough.
    let topic = plausible(topic).ok_or(Unreadable::NoMessage)?;
    if is_embedded(topic) {
        return Err(Unreadable::NoMessage);
    }
    let topic = match Topic::parse(topic) {
        Ok(topic) => topic,
        Err(error) => {
            let mut other = OtherTopic::new(Cow::Borrowed(topic), error);
            other.mentions_ours = names_ours(payload);
            return Ok(Entry::Other(other));
        }
    };
    record(topic, payload).map(Entry::Message)
}

fn record(topic: Topic, payload: &[u8]) -> Result<Record<'_>, Unreadable> {
    let payload = payload_of(after_columns(payload))?;
    Ok(Record { topic, payload, dup: false, fidelity: Fidelity::Bytes })
}

/// Returns the messages on resource topics in one TCP segment, from a line that `tshark` wrote. The
/// line contains a list of topics and then a list of payloads in hexadecimal digits. Commas
/// separate the items of each list.
fn several(line: &[u8]) -> Result<Entry<'_>, Unreadable> {
    let end = line.iter().position(|byte| *byte == b'\t').ok_or(Unreadable::NoMessage)?;
    let topics = line[..end].split(|byte| *byte == b',');
    let payloads = line[end + 1..].split(|byte| *byte == b',');
    if topics.clone().count() != payloads.clone().count() {
        return Err(Unreadable::NoMessage);
    }
    let mut records = Vec::new();
    for (topic, payload) in topics.zip(payloads) {
        let topic = plausible(topic).ok_or(Unreadable::NoMessage)?;
        if let Ok(topic) = Topic::parse(topic) {
            records.push(record(topic, payload)?);
        }
    }
    Ok(Entry::Messages(records))
}

/// Returns the offset of the topic that follows the time at the beginning of a line, or 0 if no
/// resource topic follows. `mosquitto_sub` (with `%U` or `%I`) and loggers write such a time.
fn end_of_time(line: &[u8]) -> usize {
    const LONGEST: usize = 64;
    let mut at = 0;
    while at < line.len().min(LONGEST) {
        let rest = &line[at..];
        if rest.starts_with(OURS) {
            return at;
        }
        let end = rest.iter().position(|byte| matches!(byte, b' ' | b'\t'));
        let Some(end) = end.filter(|end| is_of_a_time(&rest[..*end])) else { return 0 };
        at += end + 1;
    }
    0
}

/// Returns whether a word may be part of a time: digits with separators, a month, a weekday, or a
/// time zone.
fn is_of_a_time(word: &[u8]) -> bool {
    let is_sign = |byte: &u8| {
        matches!(
            byte,
            b'0'..=b'9'
                | b':'
                | b'.'
                | b','
                | b'-'
                | b'+'
                | b'/'
                | b'T'
                | b'Z'
                | b'['
                | b']'
                | b'('
                | b')'
        )
    };
    let is_name = word.len() <= 4 && word.iter().all(u8::is_ascii_alphabetic);
    is_name || word.iter().all(is_sign)
}

/// Returns `topic` as text, or `None` if no topic in a PUBLISH can begin with these bytes.
fn plausible(topic: &[u8]) -> Option<&str> {
    let topic = std::str::from_utf8(topic).ok()?;
    let impossible = |c: char| c.is_control() || matches!(c, '+' | '#');
    (!topic.is_empty() && !topic.contains(impossible)).then_some(topic)
}

/// Returns whether a word contains a resource topic in an unsupported format, such as
/// `topic=$resource/…`.
fn is_embedded(word: &str) -> bool {
    let before = ["$resource/up/service/", "$resource/down/service/"]
        .into_iter()
        .find_map(|topic| word.find(topic).and_then(|at| word[..at].chars().next_back()));
    before.is_some_and(|before| "=:\"'([{<|,;".contains(before))
}

fn names_ours(text: &[u8]) -> bool {
    [&b"$resource/up/service/"[..], b"$resource/down/service/"]
        .into_iter()
        .any(|topic| text.windows(topic.len()).any(|window| window == topic))
}

/// Returns the payload without the columns between the topic and the payload. A column may be a
/// separator such as `->`. If the payload is hexadecimal, a column may also be the QoS, the retain
/// flag or the length.
fn after_columns(text: &[u8]) -> &[u8] {
    const BRACE: &[u8] = b"7b";
    let begins_a_message = |text: &[u8]| {
        text.starts_with(b"{") || text.get(..2).is_some_and(|two| two.eq_ignore_ascii_case(BRACE))
    };
    for sign in [&b":"[..], b"->", b"=>", b"=", b"-", b"|"] {
        if let Some(rest) = text.strip_prefix(sign).map(<[u8]>::trim_ascii_start)
            && begins_a_message(rest)
        {
            return rest;
        }
    }
    let last = text.rsplit(|byte| matches!(byte, b' ' | b'\t')).next().unwrap_or_default();
    let columns = &text[..text.len() - last.len()];
    let is_number = |byte: &u8| byte.is_ascii_digit() || matches!(byte, b' ' | b'\t');
    let is_hexadecimal = begins_a_message(last) && last.iter().all(u8::is_ascii_hexdigit);
    let are_columns = columns.iter().all(is_number) && columns.iter().any(u8::is_ascii_digit);
    if is_hexadecimal && are_columns { last } else { text }
}

/// Returns the bytes of a payload. Text that consists only of hexadecimal digits is decoded as the
/// output of `mosquitto_sub` with `%x`, because no valid message consists only of digits. Wireshark
/// may put colons between the bytes. `mosquitto_sub -v` writes `(null)` for an empty payload.
fn payload_of(text: &[u8]) -> Result<Cow<'_, [u8]>, Unreadable> {
    let with_colons = text.len() > 2 && text.iter().skip(2).step_by(3).all(|byte| *byte == b':');
    let digits: Option<Vec<u8>> = if with_colons {
        text.split(|byte| *byte == b':').flatten().map(|byte| digit(*byte)).collect()
    } else {
        text.iter().map(|byte| digit(*byte)).collect()
    };
    match digits {
        Some(digits) if digits.len().is_multiple_of(2) => {
            Ok(digits.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect())
        }
        Some(_) => Err(Unreadable::HalfByte),
        None if text == b"(null)" => Ok(Cow::Borrowed(&[])),
        None => Ok(Cow::Borrowed(text)),
    }
}

fn digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| digit.try_into().ok())
}

#[cfg(test)]
mod tests {
    use super::{super::read_line, *};

    const UP: &str = "$resource/up/service/P/d";

    #[track_caller]
    fn payload(rest: &[u8]) -> Result<Vec<u8>, Unreadable> {
        let line = [UP.as_bytes(), rest].concat();
        match read_line(&line)? {
            Entry::Message(record) => {
                assert_eq!(record.topic.to_string(), UP);
                assert_eq!((record.dup, record.fidelity), (false, Fidelity::Bytes));
                Ok(record.payload.into_owned())
            }
            other => panic!("no message: {other:?}"),
        }
    }

    #[test]
    fn hexadecimal_digits_are_bytes() {
        assert_eq!(payload(b" 7b7D0aff"), Ok(b"{}\n\xFF".to_vec()));
        assert_eq!(payload(b" 7b7D0aff\r"), Ok(b"{}\n\xFF".to_vec()));
        assert_eq!(payload(b" 7b7"), Err(Unreadable::HalfByte));
        assert_eq!(payload(b" "), Ok(Vec::new()));
        assert_eq!(payload(b""), Err(Unreadable::NoMessage));
    }

    #[test]
    fn anything_else_is_text() {
        assert_eq!(payload(b" {\"a\": 1} "), Ok(b"{\"a\": 1} ".to_vec()));
        assert_eq!(payload(b"  7b7d"), Ok(b" 7b7d".to_vec()));
        assert_eq!(payload(b" 7b7x"), Ok(b"7b7x".to_vec()));
        assert_eq!(payload(b" \xFF\0\x1b"), Ok(b"\xFF\0\x1b".to_vec()));
        assert_eq!(payload(b" (null)"), Ok(Vec::new()));
    }

    #[test]
    fn columns_of_other_formats() {
        let message = |line: &str| {
            let Ok(Entry::Message(record)) = read_line(line.as_bytes()) else { panic!("{line}") };
            assert_eq!(record.topic.to_string(), UP);
            String::from_utf8_lossy(&record.payload).into_owned()
        };
        for line in [
            "{UP}\t7b7d",
            "{UP}\t{}",
            "{UP}\t7b:7d",
            "{UP},7b7d",
            "{UP};{}",
            "{UP} : {}",
            "{UP} -> {}",
            "{UP} = 7B7D",
            "{UP} 1 7b7d",
            "{UP}\t0\t0\t7b7d",
            "1795736467.197580666 {UP} 7b7d",
            "1795736467 {UP} {}",
            "2026-11-26T23:41:07+0000 {UP} 7b7d",
            "2026-11-26 23:41:07.5 {UP}\t{}",
            "[23:41:07] {UP} {}",
            "Nov 26, 2026 23:41:07.193524000 UTC\t{UP}\t7b7d",
            "Nov 26 23:41:07 {UP} {}",
        ] {
            assert_eq!(message(&line.replace("{UP}", UP)), "{}", "{line}");
        }
        // These lines only resemble the formats.
        for (line, payload) in [
            ("{UP} : x", ": x"),
            ("{UP} 7b7d 7b7x", "7b7d 7b7x"),
            ("{UP} a 7b7d", "a 7b7d"),
            ("{UP}\t ", " "),
            ("{UP} 7b:7x", "7b:7x"),
        ] {
            assert_eq!(message(&line.replace("{UP}", UP)), payload, "{line}");
        }
        for line in ["topic={UP} payload=7b7d", "[{UP}] {}", "(\"{UP}\", {})", "0|{UP}|7b7d"] {
            let line = line.replace("{UP}", UP);
            assert_eq!(read_line(line.as_bytes()), Err(Unreadable::NoMessage), "{line}");
        }
        let log = format!("got a message on {UP} {{}}");
        let Ok(Entry::Other(other)) = read_line(log.as_bytes()) else { panic!("{log}") };
        assert!(other.mentions_ours);
    }

    #[test]
    fn several_packets_of_a_segment() {
        let line = format!("{UP},x/y,{UP}\t7b7d,00,7b7b");
        let Ok(Entry::Messages(records)) = read_line(line.as_bytes()) else { panic!("{line}") };
        let payloads: Vec<&[u8]> = records.iter().map(|record| &*record.payload).collect();
        assert_eq!(payloads, [b"{}", b"{{"]);
        for line in ["{UP},{UP}\t7b7d", "{UP},{UP} 7b7d", "{UP},{UP}\t7b7d,7b7"] {
            assert!(read_line(line.replace("{UP}", UP).as_bytes()).is_err(), "{line}");
        }
    }

    #[test]
    fn other_topics_and_no_topics() {
        for (line, nearly) in [
            ("a b", false),
            ("$SYS/x with blanks", false),
            ("/$resource/up/service/P/d x", false),
            ("$resource/up/service/P/d/e x", true),
            ("$RESOURCE/up/service/P/d x", true),
            ("$resource/up/service/TOO-LONG/d x", true),
        ] {
            let Ok(Entry::Other(other)) = read_line(line.as_bytes()) else { panic!("{line}") };
            assert_eq!(other.nearly.is_some(), nearly, "{line}");
        }
        for line in [&b"hello"[..], b"\xFF x", b"a\0 x", b"a/# x"] {
            assert_eq!(read_line(line), Err(Unreadable::NoMessage), "{line:?}");
        }
        for line in [&b""[..], b" ", b"\t \r"] {
            assert_eq!(read_line(line), Ok(Entry::Blank));
        }
    }
}
