//! Collects the advice about a payload that is valid or has been repaired.

use std::ops::Range;

use iothub_conformance_suite::Level;
use iothub_resource::{Advice, AdviceKind, Direction, Key, Message, Profile};

use super::{expected::unknown_field, fault::Fault, repaired::Repaired, token};
use crate::{capture::Fidelity, deployed};

/// Collects advice. Unknown keys are removed one by one, because the decoder reports only the first
/// unknown key.
pub(super) fn collect(
    profile: Profile,
    direction: Option<Direction>,
    text: &mut Repaired,
    faults: &mut Vec<Fault>,
) {
    const MOST: usize = 50;
    let direction = direction.unwrap_or(Direction::Up);
    of_devices(profile, direction, text, faults);
    for _ in 0..MOST {
        let bytes = text.bytes.clone();
        let mut unknown = None;
        let decoded = Message::decode_with_advice(profile, direction, &bytes, |advice| {
            if matches!(advice.kind, AdviceKind::UnknownField { .. }) && unknown.is_none() {
                unknown = Some(advice.position.offset);
            }
            note(profile, &advice, text, faults);
        });
        match unknown {
            Some(key) if decoded.is_ok() => text.replace(token::member(&bytes, key), b""),
            _ => return,
        }
    }
}

fn note(profile: Profile, advice: &Advice, text: &Repaired, faults: &mut Vec<Fault>) {
    let range = token::value(&text.bytes, advice.position.offset);
    let Some(range) = text.origin(&range) else { return };
    let expected = match &advice.kind {
        AdviceKind::UnknownField { .. } => unknown_field(&text.bytes, advice.position.offset),
        AdviceKind::UppercaseMd5sum => Some("the same digits in lowercase".to_owned()),
        AdviceKind::PlainHttp => Some("a URL that begins with https://".to_owned()),
        _ => None,
    };
    push(
        faults,
        Fault {
            code: advice.kind.as_str(),
            level: Level::Should,
            requirement: advice.kind.requirement(),
            path: advice.path.to_string(),
            what: advice.kind.to_string(),
            expected,
            range,
            profiles: vec![profile],
        },
    );
}

/// Adds the advice about deployed devices. This advice concerns the original bytes, so a repaired
/// payload gets no such advice.
fn of_devices(profile: Profile, direction: Direction, text: &Repaired, faults: &mut Vec<Fault>) {
    if profile != Profile::Deployed || direction != Direction::Down || !faults.is_empty() {
        return;
    }
    let Ok(message) = Message::decode(profile, direction, &text.bytes) else { return };
    for advice in deployed::advise(&text.bytes, Fidelity::Bytes, &message) {
        let words = advice.to_string();
        let (what, expected) = match words.split_once(": expected ") {
            Some((what, expected)) => (what.to_owned(), Some(expected.to_owned())),
            None => (words, None),
        };
        push(
            faults,
            Fault {
                code: advice.code(),
                level: Level::Should,
                requirement: advice.requirement(),
                path: String::new(),
                what,
                expected,
                range: place(advice, &text.bytes),
                profiles: vec![profile],
            },
        );
    }
}

/// Returns the place of the advice: the value of a key, the escape, the bytes beyond the limit, or
/// the first byte of the message.
fn place(advice: deployed::Advice, bytes: &[u8]) -> Range<usize> {
    use deployed::Advice as A;
    let key = match advice {
        A::ZeroSize => Key::Size,
        A::LongUrl | A::UrlWithPort(_) => Key::Url,
        A::SuccessWithoutOk => Key::ResultMsg,
        A::TimeOut => Key::ResultCode,
        A::TooLong => return bytes.len().min(deployed::LONGEST_MESSAGE)..bytes.len(),
        A::LeadingSpace => return 0..1,
        A::Escaped => {
            let is_escape = |pair: &[u8]| matches!(pair, [b'\\', b'/' | b'u']);
            let at = bytes.windows(2).position(is_escape).unwrap_or(0);
            return at..at + 2;
        }
    };
    value_of(key, bytes).unwrap_or(0..1)
}

fn value_of(key: Key, bytes: &[u8]) -> Option<Range<usize>> {
    let start = token::after_space(bytes, 0);
    let own = token::keys(bytes, start).into_iter().find(|range| {
        let literal = &bytes[range.start - 1..range.end + 1];
        serde_json::from_slice::<String>(literal).is_ok_and(|text| text == key.as_str())
    })?;
    let colon = token::after_space(bytes, own.end + 1);
    Some(token::value(bytes, token::after_space(bytes, colon + 1)))
}

fn push(faults: &mut Vec<Fault>, fault: Fault) {
    if !faults.iter().any(|other| other.is_same(&fault)) {
        faults.push(fault);
    }
}
