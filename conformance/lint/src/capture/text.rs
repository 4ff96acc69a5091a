//! A topic, a blank and the payload: `mosquitto_sub -F '%t %x'` and `mosquitto_sub -v`.

use std::borrow::Cow;

use iothub_resource::Topic;

use super::entry::{Entry, Fidelity, OtherTopic, Record, Unreadable};

pub(super) fn read(line: &[u8]) -> Result<Entry<'_>, Unreadable> {
    let blank = line.iter().position(|&byte| byte == b' ').ok_or(Unreadable::NoMessage)?;
    let (topic, payload) = (&line[..blank], &line[blank + 1..]);
    // Topics of others may have blanks in them; that it begins like one is enough.
    let topic = plausible(topic).ok_or(Unreadable::NoMessage)?;
    let topic = match Topic::parse(topic) {
        Ok(topic) => topic,
        Err(error) => return Ok(Entry::Other(OtherTopic::new(Cow::Borrowed(topic), error))),
    };
    let payload = payload_of(payload)?;
    Ok(Entry::Message(Record { topic, payload, dup: false, fidelity: Fidelity::Bytes }))
}

/// A text that can begin the topic of a PUBLISH.
fn plausible(topic: &[u8]) -> Option<&str> {
    let topic = std::str::from_utf8(topic).ok()?;
    let impossible = |c: char| c.is_control() || matches!(c, '+' | '#');
    (!topic.is_empty() && !topic.contains(impossible)).then_some(topic)
}

/// Nothing but hexadecimal digits is `%x`: no message consists of those alone, so a text that does
/// is no message either way. `(null)` is how `-v` shows an empty payload.
fn payload_of(text: &[u8]) -> Result<Cow<'_, [u8]>, Unreadable> {
    let digits: Option<Vec<u8>> = text.iter().map(|&byte| digit(byte)).collect();
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
        for line in [&b"hello"[..], b" $resource/up/service/P/d x", b"\xFF x", b"a\0 x", b"a/# x"] {
            assert_eq!(read_line(line), Err(Unreadable::NoMessage), "{line:?}");
        }
        for line in [&b""[..], b" ", b"\t \r"] {
            assert_eq!(read_line(line), Ok(Entry::Blank));
        }
    }
}
