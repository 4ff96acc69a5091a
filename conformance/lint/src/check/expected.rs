//! Finds the right form of a wrong key or value.

use iothub_conformance_suite::{Direction, Profile, literal::string_length};
use iothub_resource::{
    ContentMd5, DecodeError, ErrorKind, JsonType, Key, MAX_PAYLOAD, Md5Sum, MessageType, Path,
};

use super::{example, token};

/// Returns the right form of a faulty key or value, or `None` if the sentence of the error already
/// contains it. `bytes` is the payload, and `at` is the place of the fault in `bytes`.
pub(super) fn expected(
    error: &DecodeError,
    profile: Profile,
    direction: Option<Direction>,
    bytes: &[u8],
    at: usize,
) -> Option<String> {
    Some(match error.kind() {
        ErrorKind::PayloadTooLarge { .. } => format!("at most {MAX_PAYLOAD} bytes"),
        ErrorKind::NotUtf8 if is_utf16(bytes) => {
            "UTF-8; the payload seems to be UTF-16 or UTF-32, which have zero bytes between the \
             characters"
                .to_owned()
        }
        ErrorKind::NotUtf8 => {
            "UTF-8; text in a different encoding, such as GBK or Latin-1, must be converted"
                .to_owned()
        }
        ErrorKind::NotAnObject { .. } => {
            "an object such as {\"type\":\"get_download_task\"}".to_owned()
        }
        ErrorKind::DuplicateKey => {
            "the key once, because parsers differ in which value they use".to_owned()
        }
        ErrorKind::UnknownField { .. } => unknown_field(bytes, at)?,
        ErrorKind::MissingType => "\"type\" with the type of the message".to_owned(),
        ErrorKind::MissingField { message_type } => {
            missing_field(key_of(error.path())?, *message_type, bytes)
        }
        ErrorKind::WrongType { expected, found } => {
            wrong_type(error.path(), *expected, *found, bytes, at)?
        }
        ErrorKind::UnknownType { .. } => unknown_type(profile, direction, bytes, at),
        ErrorKind::WrongDirection { message_type } => format!(
            "the topic $resource/{}/service/{{product_id}}/{{device_name}}",
            message_type.direction()
        ),
        ErrorKind::InvalidName(_) => "a name such as \"firmware.bin\"".to_owned(),
        ErrorKind::InvalidMd5sum(_) => md5sum(bytes, at),
        ErrorKind::InvalidUrl(_) => {
            "`http://` or `https://`, a host, and no spaces or non-ASCII characters".to_owned()
        }
        // The sentences of the other faults contain the right form.
        _ => return None,
    })
}

/// Returns whether a payload begins like text in UTF-16 or UTF-32.
pub(super) fn is_utf16(bytes: &[u8]) -> bool {
    matches!(bytes, [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] | [0, ..] | [_, 0, ..])
}

pub(super) const fn key_of(path: Path) -> Option<Key> {
    match path {
        Path::Top(key) | Path::InProgress(key) => Some(key),
        _ => None,
    }
}

/// Returns the text of the string or key at `at`, or `None` if the text is invalid or longer than
/// 80 bytes.
pub(super) fn text(bytes: &[u8], at: usize) -> Option<String> {
    const LONGEST: usize = 80;
    let literal = bytes.get(at..at + string_length(bytes.get(at..)?))?;
    let text: String = serde_json::from_slice(literal).ok()?;
    (text.len() <= LONGEST).then_some(text)
}

/// Returns the end of a sentence that suggests a right key in place of an unknown key. Returns
/// `None` if the unknown key is invalid or longer than 80 bytes.
pub(super) fn unknown_field(bytes: &[u8], at: usize) -> Option<String> {
    let all = Key::TOP.iter().chain(Key::IN_PROGRESS).map(|key| key.as_str());
    let key = text(bytes, at)?;
    let near = example::nearest(&key, all.filter(|known| *known != key));
    Some(match near {
        Some(near) => format!("perhaps `{near}`"),
        None => "a documented key".to_owned(),
    })
}

fn missing_field(key: Key, message_type: MessageType, bytes: &[u8]) -> String {
    let example = format!("\"{key}\":{}", example::value(key, message_type));
    let known =
        |key: &str| Key::TOP.iter().chain(Key::IN_PROGRESS).any(|known| known.as_str() == key);
    let start = token::after_space(bytes, 0);
    let top = token::keys(bytes, start);
    let unknown = top
        .into_iter()
        .filter_map(|range| text(bytes, range.start - 1))
        .filter(|other| !known(other))
        .find(|other| example::nearest(other, std::iter::once(key.as_str())).is_some());
    match unknown {
        Some(other) => {
            format!("{example}; perhaps `{}` is a misspelling of this key", other.escape_debug())
        }
        None => format!("{example}, for example"),
    }
}

fn wrong_type(
    path: Path,
    expected: JsonType,
    found: JsonType,
    bytes: &[u8],
    at: usize,
) -> Option<String> {
    let value = bytes.get(token::value(bytes, at))?;
    let value = std::str::from_utf8(value).ok()?;
    let integer = match found {
        JsonType::String => value.trim_matches('"').parse::<i64>().ok(),
        JsonType::OtherNumber => value.parse::<f64>().ok().and_then(whole),
        _ => None,
    };
    Some(match (expected, integer) {
        (JsonType::Integer, Some(number)) if found == JsonType::String => {
            format!("{number}, without quotes")
        }
        (JsonType::Integer, Some(number)) => {
            format!("{number}, without a fraction, an exponent or a minus sign before 0")
        }
        (JsonType::String, _) if found == JsonType::Integer => {
            format!("\"{}\", in quotes", value.chars().take(40).collect::<String>())
        }
        _ => {
            let key = key_of(path)?;
            format!("{expected} such as {}", example::value(key, MessageType::CreateUploadTask))
        }
    })
}

/// Returns the integer that equals a number, or `None` if the number has a fraction or is too large
/// for an exact value.
#[allow(clippy::cast_possible_truncation, reason = "it is a whole number within the bounds of i64")]
fn whole(number: f64) -> Option<i64> {
    (number.fract() == 0.0 && number.abs() < 9.0e15).then_some(number as i64)
}

fn unknown_type(profile: Profile, direction: Option<Direction>, bytes: &[u8], at: usize) -> String {
    let types: Vec<_> = MessageType::ALL
        .iter()
        .filter(|one| direction.is_none_or(|direction| one.direction() == direction))
        .filter(|one| one.is_in(profile))
        .map(|one| one.as_str())
        .collect();
    match text(bytes, at).and_then(|word| near_type(&word)) {
        Some(near) if near.is_in(profile) => format!("perhaps \"{near}\""),
        _ => format!("one of {}", types.join(", ")),
    }
}

/// Returns the message type that a word resembles, or `None` if no type is similar.
pub(super) fn near_type(word: &str) -> Option<MessageType> {
    let all = MessageType::ALL.iter().map(|one| one.as_str());
    example::nearest(word, all)?.parse().ok()
}

/// Returns the right form of a wrong digest, with the probable mistake.
fn md5sum(bytes: &[u8], at: usize) -> String {
    let example = "32 lowercase hexadecimal digits, such as 0f343b0931126a20f133d67c2b018a3b";
    let Some(text) = text(bytes, at) else { return example.to_owned() };
    if text.contains('*') {
        return "the digest itself, without the `*` of the published examples".to_owned();
    }
    if let Ok(digest) = Md5Sum::from_hex_any_case(text.trim()) {
        return digest.to_string();
    }
    if let Ok(content_md5) = ContentMd5::from_base64(text.trim()) {
        let digest = Md5Sum::from(content_md5);
        return format!(
            "{digest}, the same digest in hexadecimal digits; Base64 belongs only in Content-MD5"
        );
    }
    match text.len() {
        31 if text.bytes().all(|byte| byte.is_ascii_hexdigit()) => {
            "32 digits; perhaps the leading 0 of a byte is missing".to_owned()
        }
        40 | 64 if text.bytes().all(|byte| byte.is_ascii_hexdigit()) => {
            format!(
                "an MD5 digest, which has 32 digits; a value with {} digits is a different hash",
                text.len()
            )
        }
        _ => example.to_owned(),
    }
}
