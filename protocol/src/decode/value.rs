//! The text of one JSON value to a value of the protocol.

use alloc::{borrow::Cow, string::String};

use serde::de::IgnoredAny;

use crate::{
    ErrorKind, Excerpt, JsonFault, JsonType, Md5Sum, OutOfRange, Percent, Profile, ResourceName,
    ResourceSize, ResourceUrl, ResultCode, Transfer,
};

/// What stands before the percentage of a progress decides on it.
#[derive(Clone, Copy)]
pub(super) enum StateWord {
    Running,
    Done,
    Fail,
}

pub(super) fn size(raw: &str) -> Result<ResourceSize, ErrorKind> {
    bounded(raw, OutOfRange::Size, |digits| ResourceSize::new(digits.parse().ok()?).ok())
}

pub(super) fn percent(raw: &str) -> Result<Percent, ErrorKind> {
    bounded(raw, OutOfRange::Percent, |digits| Percent::new(digits.parse().ok()?).ok())
}

pub(super) fn result_code(raw: &str) -> Result<ResultCode, ErrorKind> {
    bounded(raw, OutOfRange::ResultCode, |digits| digits.parse().ok().map(ResultCode))
}

/// An integer, or `out-of-range` where `parse` does not take its digits.
fn bounded<T>(
    raw: &str,
    bounds: OutOfRange,
    parse: impl FnOnce(&str) -> Option<T>,
) -> Result<T, ErrorKind> {
    match type_of(raw) {
        JsonType::Integer => parse(raw).ok_or(ErrorKind::OutOfRange(bounds)),
        _ => Err(wrong_type(raw, JsonType::Integer)),
    }
}

pub(super) fn name(raw: &str) -> Result<ResourceName<'_>, ErrorKind> {
    ResourceName::new(string(raw)?).map_err(ErrorKind::InvalidName)
}

pub(super) fn url(raw: &str) -> Result<ResourceUrl<'_>, ErrorKind> {
    ResourceUrl::new(string(raw)?).map_err(ErrorKind::InvalidUrl)
}

pub(super) fn md5sum(raw: &str, profile: Profile) -> Result<Md5Sum, ErrorKind> {
    let digits = string(raw)?;
    match profile {
        Profile::Documented => Md5Sum::from_hex(&digits),
        Profile::Deployed => Md5Sum::from_hex_any_case(&digits),
    }
    .map_err(ErrorKind::InvalidMd5sum)
}

pub(super) fn state(
    raw: &str,
    transfer: Transfer,
    profile: Profile,
) -> Result<StateWord, ErrorKind> {
    let word = string(raw)?;
    match (&*word, profile) {
        (word, _) if word == transfer.running_word() => Ok(StateWord::Running),
        ("done", Profile::Deployed) => Ok(StateWord::Done),
        ("fail", Profile::Deployed) => Ok(StateWord::Fail),
        _ => Err(ErrorKind::InvalidState { found: Excerpt::new(&word), transfer, profile }),
    }
}

/// What is wrong with a value that is of another type than its key has.
pub(super) fn wrong_type(raw: &str, expected: JsonType) -> ErrorKind {
    ErrorKind::WrongType { expected, found: type_of(raw) }
}

/// A string, unescaped. Borrowed where there was nothing to unescape.
pub(super) fn string(raw: &str) -> Result<Cow<'_, str>, ErrorKind> {
    let Some(inner) = raw.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) else {
        return Err(wrong_type(raw, JsonType::String));
    };
    // No early exit: the loop then vectorises.
    if inner.bytes().fold(false, |found, byte| found | (byte == b'\\')) {
        // The scan has checked all but the pairing of surrogates.
        serde_json::from_str::<String>(raw)
            .map(Cow::Owned)
            .map_err(|_| ErrorKind::InvalidJson(JsonFault::LoneSurrogate))
    } else {
        Ok(Cow::Borrowed(inner))
    }
}

/// The type of a text that is known to be one JSON value, without white space around it.
pub(super) fn type_of(raw: &str) -> JsonType {
    match raw.as_bytes() {
        [b'"', ..] => JsonType::String,
        [b'{', ..] => JsonType::Object,
        [b'[', ..] => JsonType::Array,
        [b't' | b'f', ..] => JsonType::Boolean,
        [b'n', ..] => JsonType::Null,
        b"-0" => JsonType::OtherNumber,
        number if number.iter().any(|byte| matches!(byte, b'.' | b'e' | b'E')) => {
            JsonType::OtherNumber
        }
        _ => JsonType::Integer,
    }
}

/// The type of a text that may be one JSON value, with white space around it.
pub(super) fn type_of_text(text: &str) -> serde_json::Result<JsonType> {
    serde_json::from_str::<IgnoredAny>(text)?;
    Ok(type_of(text.trim()))
}
