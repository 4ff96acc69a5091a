//! The decoder and the table of rules agree on every payload.

use iothub_resource::{DecodeError, Direction, ErrorKind, Message, Profile};
use serde_json::Value;

use crate::{
    json,
    reference::{self, Verdict},
};

/// Judges any payload in both directions and both profiles.
pub fn payload(payload: &[u8]) {
    syntax(payload);
    for profile in Profile::ALL {
        for direction in Direction::ALL {
            compare(profile, direction, payload);
        }
    }
}

/// Checks that the decoder and the rules accept the same payloads with the same content. If the
/// decoder rejects a payload, the code of the error must be one of the defects that the rules find.
pub fn compare(profile: Profile, direction: Direction, payload: &[u8]) {
    let verdict = reference::judge(profile, direction, payload);
    let mut advice = 0_usize;
    let decoded = Message::decode(profile, direction, payload);
    let advised = Message::decode_with_advice(profile, direction, payload, |said| {
        advice += 1;
        assert!(said.position.offset <= payload.len());
        assert!(!said.to_string().is_empty());
    });
    assert_eq!(advised, decoded, "advice changes nothing");
    match (decoded, verdict) {
        (Ok(message), Verdict::Accept(meaning)) => {
            let said = serde_json::to_value(&message).expect("a message is JSON");
            assert_eq!(said, meaning, "{profile} {direction}");
            let json = std::str::from_utf8(payload).expect("ENC-2");
            assert_eq!(Message::from_json(profile, json), Ok(message));
        }
        (Err(error), Verdict::Reject(defects)) => {
            assert!(defects.contains(&error.code()), "{error}: one of {defects:?}");
            assert_eq!(advice, 0, "nothing is advised of what is refused");
            place(payload, &error);
        }
        (decoded, verdict) => {
            panic!("{profile} {direction}: decoded {decoded:?}, the rules say {verdict:?}")
        }
    }
}

/// Checks that our reader and `serde_json` agree, within the limits of `serde_json::Value`: numbers
/// in the range of a double, and at most 127 levels.
fn syntax(payload: &[u8]) {
    let value: Result<Value, _> = serde_json::from_slice(payload);
    let Ok(text) = std::str::from_utf8(payload) else {
        assert!(value.is_err(), "JSON is UTF-8");
        return;
    };
    match (value, json::value_of(text)) {
        (Ok(_), read) => assert!(read.is_ok(), "serde_json reads it"),
        (Err(error), Ok(_)) => {
            let why = error.to_string();
            let known = ["number out of range", "recursion limit", "surrogate", "hex escape"];
            assert!(known.iter().any(|known| why.contains(known)), "serde_json: {why}");
        }
        (Err(_), Err(_)) => {}
    }
}

/// Checks that the line and column of an error match its offset, and that its text is one sentence.
fn place(payload: &[u8], error: &DecodeError) {
    let position = error.position();
    let before = String::from_utf8_lossy(&payload[..position.offset]);
    assert_eq!(position.line, before.matches('\n').count() + 1, "{error}");
    let is_boundary = |text: &str| text.is_char_boundary(position.offset);
    if std::str::from_utf8(payload).is_ok_and(is_boundary) {
        let line = before.rsplit('\n').next().unwrap_or_default();
        assert_eq!(position.column, line.chars().count() + 1, "{error}");
    }
    match error.kind() {
        ErrorKind::PayloadTooLarge { length } => assert_eq!(*length, payload.len()),
        ErrorKind::InvalidJson(_) | ErrorKind::NotUtf8 | ErrorKind::NotAnObject { .. } => {}
        _ => assert_eq!(payload.trim_ascii_start().first(), Some(&b'{'), "{error}"),
    }
    let said = error.to_string();
    assert!(said.starts_with(|first: char| first == '`' || first.is_ascii_lowercase()), "{said}");
    assert!(!said.ends_with('.'), "{said}");
}
