//! Finds wrong keys and values and continues the check after them.

use std::ops::Range;

use iothub_resource::{DecodeError, Direction, ErrorKind, Key, MessageType, Path, Profile};

use super::{
    example,
    expected::{is_utf16, key_of, near_type, text},
    token,
};

/// The faulty bytes and their repair. `edit` is `None` if the check cannot continue.
pub(super) struct Wrong {
    pub(super) range: Range<usize>,
    pub(super) edit: Option<(Range<usize>, String)>,
}

pub(super) fn wrong(
    error: &DecodeError,
    profile: Profile,
    direction: Option<Direction>,
    bytes: &[u8],
) -> Wrong {
    let at = error.position().offset.min(bytes.len());
    let value = token::value(bytes, at);
    let with = |text: Option<String>| Wrong {
        range: value.clone(),
        edit: text.map(|text| (value.clone(), text)),
    };
    match error.kind() {
        ErrorKind::NotUtf8 => {
            let range = at..at + invalid_length(&bytes[at..]);
            let word =
                if token::is_in_string(bytes, at) { range.clone() } else { word(bytes, &range) };
            let by = " ".repeat(word.len());
            Wrong { edit: (!is_utf16(bytes)).then_some((word, by)), range }
        }
        ErrorKind::DuplicateKey | ErrorKind::UnknownField { .. } => {
            Wrong { range: value, edit: Some((token::member(bytes, at), String::new())) }
        }
        ErrorKind::MissingType => {
            let message_type = type_by_keys(bytes, direction, profile);
            missing(bytes, at, message_type.map(|it| (Key::Type, it)))
        }
        ErrorKind::MissingField { message_type } => {
            missing(bytes, at, key_of(error.path()).map(|key| (key, *message_type)))
        }
        ErrorKind::UnknownType { .. } => {
            let meant = meant_type(bytes, at, direction, profile);
            with(meant.map(|(meant, _)| format!("\"{meant}\"")))
        }
        // A `type` that is not a string gives no hint, so the type is inferred from the keys.
        ErrorKind::WrongType { .. } if error.path() == Path::Top(Key::Type) => {
            with(type_by_keys(bytes, direction, profile).map(|meant| format!("\"{meant}\"")))
        }
        ErrorKind::WrongType { .. }
        | ErrorKind::OutOfRange(_)
        | ErrorKind::InvalidName(_)
        | ErrorKind::InvalidMd5sum(_)
        | ErrorKind::InvalidUrl(_)
        | ErrorKind::InvalidState { .. } => {
            let message_type = readable_type(bytes).unwrap_or(MessageType::CreateUploadTask);
            with(key_of(error.path()).map(|key| example::value(key, message_type)))
        }
        _ => with(None),
    }
}

/// Returns the range of the word that contains `range`. `range` must be outside all strings.
fn word(bytes: &[u8], range: &Range<usize>) -> Range<usize> {
    let ends = |byte: &u8| byte.is_ascii_whitespace() || b"{}[]:,\"".contains(byte);
    let start = bytes[..range.start].iter().rposition(ends).map_or(0, |before| before + 1);
    let length = bytes[range.end..].iter().position(ends);
    start..length.map_or(bytes.len(), |length| range.end + length)
}

/// Returns the length of the invalid UTF-8 at the beginning of a text, in bytes.
fn invalid_length(bytes: &[u8]) -> usize {
    let mut length = 0;
    for chunk in bytes.utf8_chunks() {
        if length > 0 && !chunk.valid().is_empty() {
            break;
        }
        length += chunk.invalid().len();
    }
    length.max(1).min(bytes.len())
}

/// Returns the fault of a missing key at the closing brace `at`.
fn missing(bytes: &[u8], at: usize, what: Option<(Key, MessageType)>) -> Wrong {
    let is_first = bytes[..token::before_space(bytes, at)].ends_with(b"{");
    let comma = if is_first { "" } else { "," };
    let member = what.map(|(key, message_type)| {
        (at..at, format!("{comma}\"{key}\":{}", example::value(key, message_type)))
    });
    Wrong { range: at..(at + 1).min(bytes.len()), edit: member }
}

/// Returns the type of which an unknown type is probably a misspelling, and whether the message has
/// the keys of that type. Types with the same keys take precedence over types with similar names.
/// Returns `None` if no type fits.
pub(super) fn meant_type(
    bytes: &[u8],
    at: usize,
    direction: Option<Direction>,
    profile: Profile,
) -> Option<(MessageType, bool)> {
    let near = text(bytes, at).and_then(|word| near_type(&word));
    let by_keys = types_by_keys(bytes, direction, profile);
    let near = match near {
        // The message `get_download_task_rsp` has the same keys as `download`, which only the
        // deployed profile has.
        Some(MessageType::Download) if profile == Profile::Documented => {
            Some(MessageType::GetDownloadTaskRsp)
        }
        near => near,
    };
    match (near, by_keys.first()) {
        (Some(near), _) if by_keys.contains(&near) => Some((near, true)),
        (_, Some(by_keys)) => Some((*by_keys, true)),
        (Some(near), None) => Some((near, false)),
        (None, None) => None,
    }
}

/// Returns the type that the key `type` of a JSON payload names, or `None` if it does not name a
/// known type.
fn readable_type(bytes: &[u8]) -> Option<MessageType> {
    let start = token::after_space(bytes, 0);
    let key = token::keys(bytes, start)
        .into_iter()
        .find(|key| text(bytes, key.start - 1).as_deref() == Some("type"))?;
    let colon = token::after_space(bytes, key.end + 1);
    text(bytes, token::after_space(bytes, colon + 1))?.parse().ok()
}

/// Returns the most likely type whose keys a message has, or `None` if there is none.
fn type_by_keys(
    bytes: &[u8],
    direction: Option<Direction>,
    profile: Profile,
) -> Option<MessageType> {
    types_by_keys(bytes, direction, profile).first().copied()
}

/// Returns the types whose keys a message has. The most likely type is first.
fn types_by_keys(bytes: &[u8], direction: Option<Direction>, profile: Profile) -> Vec<MessageType> {
    let start = token::after_space(bytes, 0);
    let mut keys: Vec<String> = token::keys(bytes, start)
        .into_iter()
        .filter_map(|key| text(bytes, key.start - 1))
        .filter(|key| key != "type")
        .collect();
    keys.sort_unstable();
    let has_keys = |one: &MessageType| {
        let mut own: Vec<&str> = one.keys().iter().map(|key| key.as_str()).collect();
        own.sort_unstable();
        own == keys
    };
    let mut types: Vec<MessageType> = MessageType::ALL
        .iter()
        .copied()
        .filter(|one| direction.is_none_or(|direction| one.direction() == direction))
        .filter(|one| one.is_in(profile))
        .filter(has_keys)
        .collect();
    // Reports on uploads and on downloads have the same keys.
    let word = b"\"downloading\"";
    if bytes.windows(word.len()).any(|window| window == word) {
        types.sort_by_key(|one| *one == MessageType::ReportUploadProgress);
    }
    types
}
