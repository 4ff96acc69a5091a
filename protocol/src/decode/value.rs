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
        found => Err(ErrorKind::WrongType { expected: JsonType::Integer, found }),
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
    match (&*word, transfer, profile) {
        ("uploading", Transfer::Upload, _) | ("downloading", Transfer::Download, _) => {
            Ok(StateWord::Running)
        }
        ("done", _, Profile::Deployed) => Ok(StateWord::Done),
        ("fail", _, Profile::Deployed) => Ok(StateWord::Fail),
        _ => Err(ErrorKind::InvalidState { found: Excerpt::new(&word), transfer, profile }),
    }
}

/// The text of an object, as it stands.
pub(super) fn object(raw: &str) -> Result<&str, ErrorKind> {
    match type_of(raw) {
        JsonType::Object => Ok(raw),
        found => Err(ErrorKind::WrongType { expected: JsonType::Object, found }),
    }
}

/// A string, unescaped. Borrowed where there was nothing to unescape.
pub(super) fn string(raw: &str) -> Result<Cow<'_, str>, ErrorKind> {
    let Some(inner) = raw.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) else {
        let found = type_of(raw);
        return Err(ErrorKind::WrongType { expected: JsonType::String, found });
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
fn type_of(raw: &str) -> JsonType {
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

/// The type of a text that is one JSON value other than an object, with white space around it.
pub(super) fn type_of_text(text: &str) -> Option<JsonType> {
    serde_json::from_str::<IgnoredAny>(text).ok()?;
    match type_of(text.trim_matches([' ', '\t', '\n', '\r'])) {
        JsonType::Object => None,
        found => Some(found),
    }
}
