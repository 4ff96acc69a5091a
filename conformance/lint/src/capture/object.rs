//! Parses one JSON object on a line: the format of this project, and the output of `mosquitto_sub`
//! with `%j` and `%J`.

use std::{borrow::Cow, collections::BTreeMap, fmt};

use base64ct::{Base64, Encoding};
use iothub_resource::{MAX_PAYLOAD, Topic};
use serde::{
    Deserialize, Deserializer,
    de::{IgnoredAny, Visitor},
};
use serde_json::value::RawValue;

use super::{
    entry::{Entry, Fidelity, OtherTopic, Record, Unreadable},
    lines::LONGEST_LINE,
    transfer,
};

/// The keys that are read, each of which may occur only once. `qos` is read separately, and all
/// other keys are ignored.
#[derive(Deserialize)]
struct Object<'a> {
    #[serde(borrow, default, deserialize_with = "even_null")]
    topic: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "even_null")]
    payload: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "even_null")]
    payload_b64: Option<&'a RawValue>,
    /// The length of the payload in bytes, as `mosquitto_sub` writes it with `%j` or `%J`.
    #[serde(borrow, default, deserialize_with = "even_null")]
    payloadlen: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "even_null")]
    dup: Option<&'a RawValue>,
    /// The transfer on the line. A line with a transfer has no message.
    #[serde(borrow, default, deserialize_with = "even_null")]
    http: Option<&'a RawValue>,
}

/// Returns the value of a key even if it is `null`, which `Option` would treat as a missing key.
fn even_null<'de, D: Deserializer<'de>>(value: D) -> Result<Option<&'de RawValue>, D::Error> {
    <&RawValue>::deserialize(value).map(Some)
}

pub(super) fn read(line: &[u8]) -> Result<Entry<'_>, Unreadable> {
    let text = same_length(line);
    let object: Object<'_> =
        serde_json::from_str(&text).map_err(|error| Unreadable::NoJson { why: reason(&error) })?;
    let bytes_of = |value: &RawValue| {
        let start = value.get().as_ptr().addr() - text.as_ptr().addr();
        &line[start..start + value.get().len()]
    };

    if let Some(http) = object.http {
        if object.topic.is_some() {
            return Err(Unreadable::TwoKinds);
        }
        return transfer::read(http).map(Entry::Transfer);
    }
    let topic = object.topic.ok_or(Unreadable::Missing("topic"))?;
    let topic: String = serde_json::from_str(topic.get())
        .map_err(|_| Unreadable::WrongType { key: "topic", expected: "a string" })?;
    let topic = match Topic::parse(&topic) {
        Ok(topic) => topic,
        Err(error) => return Ok(Entry::Other(OtherTopic::new(Cow::Owned(topic), error))),
    };

    let dup = flag("dup", object.dup)? && !is_at_qos_0(&text);
    let length = object.payloadlen.and_then(|length| length.get().parse().ok());
    let (payload, fidelity) = match (object.payload, object.payload_b64) {
        (Some(payload), None) => match bytes_of(payload) {
            string @ [b'"', ..] => as_sent(string_bytes(string)?, length)?,
            b"null" if length == Some(0) => (Vec::new(), Fidelity::Bytes),
            value => (re_written(value, length), Fidelity::Value),
        },
        (None, Some(base64)) => (from_base64(base64)?, Fidelity::Bytes),
        (Some(_), Some(_)) => return Err(Unreadable::TwoPayloads),
        (None, None) => return Err(Unreadable::Missing("payload")),
    };
    Ok(Entry::Message(Record { topic, payload: Cow::Owned(payload), dup, fidelity }))
}

/// Returns the line as text, with a question mark for each byte that is not UTF-8, so that offsets
/// stay the same.
fn same_length(line: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(line) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => {
            let mut text = String::with_capacity(line.len());
            for chunk in line.utf8_chunks() {
                text.push_str(chunk.valid());
                text.extend(chunk.invalid().iter().map(|_| '?'));
            }
            Cow::Owned(text)
        }
    }
}

/// Returns the text of an error with its column. The line number is omitted, because the JSON text
/// is a single line.
fn reason(error: &serde_json::Error) -> String {
    let text = error.to_string();
    match text.rsplit_once(" at line ") {
        Some((what, _)) if error.column() > 0 => format!("{what} at column {}", error.column()),
        Some((what, _)) => what.to_owned(),
        None => text,
    }
}

/// Returns the value of a flag: `true` or `false`, or 1 or 0 as `mosquitto_sub` writes it. A
/// missing flag and `null` count as `false`.
fn flag(key: &'static str, value: Option<&RawValue>) -> Result<bool, Unreadable> {
    match value.map(RawValue::get) {
        None | Some("null" | "false" | "0") => Ok(false),
        Some("true" | "1") => Ok(true),
        Some(_) => Err(Unreadable::WrongType { key, expected: "true or false" }),
    }
}

/// Returns whether an object states QoS 0, where DUP has no meaning (SES-11). If the object states
/// no QoS, the result is `false`.
fn is_at_qos_0(object: &str) -> bool {
    // Other keys may occur twice, with any value.
    let members: Option<BTreeMap<Cow<'_, str>, &RawValue>> = serde_json::from_str(object).ok();
    members.is_some_and(|members| members.get("qos").is_some_and(|qos| qos.get() == "0"))
}

fn from_base64(value: &RawValue) -> Result<Vec<u8>, Unreadable> {
    let text: String = serde_json::from_str(value.get())
        .map_err(|_| Unreadable::WrongType { key: "payload_b64", expected: "a string" })?;
    Base64::decode_vec(&text).map_err(|_| Unreadable::NoBase64)
}

/// Returns the bytes that a JSON string represents. The bytes are not always UTF-8, for example
/// because of an unpaired surrogate.
fn string_bytes(literal: &[u8]) -> Result<Vec<u8>, Unreadable> {
    struct Bytes(Vec<u8>);

    impl<'de> Deserialize<'de> for Bytes {
        fn deserialize<D: Deserializer<'de>>(string: D) -> Result<Self, D::Error> {
            struct Take;

            impl Visitor<'_> for Take {
                type Value = Bytes;

                fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    f.write_str("a string")
                }

                fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Bytes, E> {
                    Ok(Bytes(bytes.to_vec()))
                }
            }

            string.deserialize_bytes(Take)
        }
    }

    let Bytes(bytes) = serde_json::from_slice(literal)
        .map_err(|error| Unreadable::NoJson { why: reason(&error) })?;
    Ok(bytes)
}

/// Returns a payload, padded to `length` bytes if it is shorter, and its fidelity.
/// `mosquitto_sub -F '%j'` drops a zero byte and everything after it. A zero byte makes any payload
/// invalid, so the lost part is replaced with zeros. However, if the text is complete JSON and
/// lacks more than one byte, a person probably shortened it to hide a signature. Such a payload is
/// not padded.
fn as_sent(mut text: Vec<u8>, length: Option<usize>) -> Result<(Vec<u8>, Fidelity), Unreadable> {
    let Some(length) = length.filter(|length| *length > text.len()) else {
        return Ok((text, Fidelity::Bytes));
    };
    if length - text.len() > 1 && serde_json::from_slice::<IgnoredAny>(&text).is_ok() {
        return Ok((text, Fidelity::Shortened));
    }
    if length > LONGEST_LINE {
        return Err(Unreadable::LongerThanLine);
    }
    pad(&mut text, length, 0);
    Ok((text, Fidelity::Bytes))
}

/// Returns a value that `mosquitto_sub -F '%J'` wrote, padded with spaces to the length that was
/// sent. Large integers get all their digits again, because `mosquitto_sub` writes them in a form
/// such as 1e+15.
fn re_written(value: &[u8], length: Option<usize>) -> Vec<u8> {
    let mut text = Vec::with_capacity(value.len());
    let mut rest = value;
    while let Some(&first) = rest.first() {
        let length = match first {
            b'"' => string_length(rest),
            b'-' | b'0'..=b'9' => {
                let number =
                    |byte: &u8| !matches!(byte, b'-' | b'+' | b'.' | b'e' | b'E' | b'0'..=b'9');
                rest.iter().position(number).unwrap_or(rest.len())
            }
            _ => 1,
        };
        let (token, after) = rest.split_at(length);
        match integer(token) {
            Some(digits) => text.extend_from_slice(digits.as_bytes()),
            None => text.extend_from_slice(token),
        }
        rest = after;
    }
    pad(&mut text, length.unwrap_or_default(), b' ');
    text
}

/// Pads a payload to the length that was sent, but to at most one byte more than the longest valid
/// payload. A short line can declare any length, and a longer payload would not be judged
/// differently.
fn pad(text: &mut Vec<u8>, length: usize, with: u8) {
    let length = length.min(MAX_PAYLOAD + 1);
    if text.len() < length {
        text.resize(length, with);
    }
}

/// Returns the length in bytes of the string at the beginning of the text, including its quotation
/// marks. A string without an end extends to the end of the text.
fn string_length(text: &[u8]) -> usize {
    let mut at = 1;
    loop {
        match text.get(at) {
            None => return text.len(),
            Some(b'"') => return at + 1,
            Some(b'\\') => at += 2,
            Some(_) => at += 1,
        }
    }
}

/// Returns the digits of a whole number that is written with an exponent and has at most 30 digits,
/// or `None` for other tokens.
fn integer(token: &[u8]) -> Option<String> {
    if !token.first()?.is_ascii_digit() && token[0] != b'-' {
        return None;
    }
    let number = std::str::from_utf8(token).ok().filter(|text| text.contains(['e', 'E']))?;
    let number: f64 = number.parse().ok()?;
    (number.fract() == 0.0 && number.abs() < 1e30).then(|| format!("{number:.0}"))
}

#[cfg(test)]
mod tests {
    use super::{super::read_line, *};

    const TOPIC: &str = r#""topic":"$resource/up/service/P/d""#;

    #[track_caller]
    fn read(members: &[u8]) -> Result<Record<'static>, Unreadable> {
        let line = [b"{", TOPIC.as_bytes(), members, b"}"].concat();
        match read_line(&line)? {
            Entry::Message(Record { topic, payload, dup, fidelity }) => {
                Ok(Record { topic, payload: Cow::Owned(payload.into_owned()), dup, fidelity })
            }
            other => panic!("no message: {other:?}"),
        }
    }

    #[track_caller]
    fn payload(members: &[u8]) -> (Vec<u8>, Fidelity) {
        let record = read(members).expect("it can be read");
        (record.payload.into_owned(), record.fidelity)
    }

    #[test]
    fn text_and_base64() {
        let bytes = |payload: &[u8]| (payload.to_vec(), Fidelity::Bytes);
        assert_eq!(
            payload(br#","payload":"{\"a\":\"\u00e9\\n\"}""#),
            bytes("{\"a\":\"é\\n\"}".as_bytes())
        );
        assert_eq!(payload(b",\"payload\":\"a\xFF\\n\xC3\""), bytes(b"a\xFF\n\xC3"));
        assert_eq!(payload(br#","payload":"\udcff""#).0, b"\xED\xB3\xBF", "not UTF-8");
        assert_eq!(payload(br#","payload_b64":"AP8=""#), bytes(b"\0\xFF"));
        assert_eq!(
            payload(br#","payload":"","time":[1,{"x":null}],"qos":"?","qos":1"#),
            bytes(b"")
        );
        assert_eq!(payload(br#","payload":null,"payloadlen":0"#), bytes(b""));
    }

    #[test]
    fn a_payload_that_was_cut_at_a_zero() {
        assert_eq!(payload(br#","payload":"{\"a","payloadlen":5"#).0, b"{\"a\0\0");
        assert_eq!(payload(br#","payload":"{}","payloadlen":3"#).0, b"{}\0");
        // A payload that was shortened by hand or that has an impossible length gets no zeros.
        assert_eq!(
            payload(br#","payload":"{}","payloadlen":9"#),
            (b"{}".to_vec(), Fidelity::Shortened)
        );
        assert_eq!(payload(br#","payload":"{}","payloadlen":1"#).0, b"{}");
        assert_eq!(payload(br#","payload":"{}","payloadlen":"x""#).0, b"{}");
        let huge = read(br#","payload":"{","payloadlen":268435455"#);
        assert_eq!(huge, Err(Unreadable::LongerThanLine));
    }

    #[test]
    fn a_value_is_as_long_as_what_was_sent() {
        let value = |payload: &[u8]| (payload.to_vec(), Fidelity::Value);
        assert_eq!(payload(br#","payload":{"a":[1,-2.5]}"#), value(br#"{"a":[1,-2.5]}"#));
        assert_eq!(payload(br#","payload":{"a":1},"payloadlen":9"#), value(br#"{"a":1}  "#));
        assert_eq!(
            payload(br#","payload":[1e+15,"1e+15\"1e1",1.5e-3]"#),
            value(br#"[1000000000000000,"1e+15\"1e1",1.5e-3]"#)
        );
        // A line of 100 bytes does not become a payload of one megabyte.
        for length in ["16385", "1048576", "268435455"] {
            let text = format!(r#","payload":12,"payloadlen":{length}"#);
            assert_eq!(payload(text.as_bytes()).0.len(), MAX_PAYLOAD + 1);
            let text = format!(r#","payload":"{{","payloadlen":{}"#, &length[..5]);
            assert!(payload(text.as_bytes()).0.len() <= MAX_PAYLOAD + 1);
        }
        assert_eq!(payload(br#","payload":null"#), value(b"null"));
        assert_eq!(payload(b",\"payload\":{\"a\":\"\xFF\"}"), value(b"{\"a\":\"\xFF\"}"));
    }

    #[test]
    fn flags() {
        for (dup, expected) in
            [("true", true), ("1", true), ("false", false), ("0", false), ("null", false)]
        {
            let members = format!(r#","payload":"","dup":{dup}"#);
            assert_eq!(read(members.as_bytes()).map(|record| record.dup), Ok(expected));
        }
        for (qos, expected) in
            [("0", false), ("1", true), ("2", true), ("null", true), ("\"x\",\"qos\":1", true)]
        {
            let members = format!(r#","payload":"","dup":true,"qos":{qos}"#);
            assert_eq!(read(members.as_bytes()).map(|record| record.dup), Ok(expected), "{qos}");
        }
        for dup in ["2", "\"true\"", "[]", "1.0"] {
            let members = format!(r#","payload":"","dup":{dup}"#);
            let wrong = Unreadable::WrongType { key: "dup", expected: "true or false" };
            assert_eq!(read(members.as_bytes()), Err(wrong), "{dup}");
        }
    }

    #[test]
    fn what_makes_no_sense() {
        let no_json = |why: &str| Unreadable::NoJson { why: why.to_owned() };
        let refusal = |members: &[u8]| read(members).expect_err("it cannot be read");
        assert_eq!(refusal(b""), Unreadable::Missing("payload"));
        assert_eq!(refusal(br#","payload":"","payload_b64":"""#), Unreadable::TwoPayloads);
        assert_eq!(refusal(br#","payload_b64":"AP8""#), Unreadable::NoBase64);
        let wrong = |key| Unreadable::WrongType { key, expected: "a string" };
        assert_eq!(refusal(br#","payload_b64":1"#), wrong("payload_b64"));
        assert_eq!(
            refusal(br#","payload":"","payload":"""#),
            no_json("duplicate field `payload` at column 58")
        );
        assert_eq!(
            refusal(b",\"payload\":\"\0\""),
            no_json(
                "control character (\\u0000-\\u001F) found while parsing a string at column 47"
            )
        );
        assert_eq!(refusal(b",\"payload\":\"\\\xFF\""), no_json("invalid escape at column 49"));
        assert_eq!(refusal(b"\xFF"), no_json("expected `,` or `}` at column 36"));
        let line = |line: &'static [u8]| read_line(line).expect_err("it cannot be read");
        assert_eq!(
            line(br#"{"topic":"$resource/up"#),
            no_json("EOF while parsing a string at column 22")
        );
        assert_eq!(line(br#"{"topic":1}"#), wrong("topic"));
        assert_eq!(line(br#"{"topic":"\ud800"}"#), wrong("topic"));
        assert_eq!(line(br#"{"payload":"x"}"#), Unreadable::Missing("topic"));
        assert_eq!(line(b"{} x"), no_json("trailing characters at column 4"));
    }

    #[test]
    fn other_topics_may_say_what_they_like() {
        for line in [
            &br#"  {"topic":"a b","payload":{},"payload_b64":3,"dup":"x"}"#[..],
            br#"{"topic":""}"#,
            b"{\"topic\":\"$resource/up/service/P/\xFF\"}",
        ] {
            assert!(matches!(read_line(line), Ok(Entry::Other(_))), "{line:?}");
        }
    }
}
