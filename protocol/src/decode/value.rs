//! Converts JSON values into the types of the protocol, for example [`Percent`].

use alloc::borrow::Cow;

use super::{escape, reader::Token};
use crate::{
    ErrorKind, Excerpt, JsonFault, JsonType, Md5Sum, OutOfRange, Percent, Profile, ResourceName,
    ResourceSize, ResourceUrl, ResultCode, Transfer,
};

/// The value of `state`, before `percent` is read.
#[derive(Clone, Copy)]
pub(super) enum StateWord {
    Running(Transfer),
    Done,
    Fail,
}

pub(super) fn size(token: Token<'_>) -> Result<ResourceSize, ErrorKind> {
    bounded(token, OutOfRange::Size, |digits| ResourceSize::new(digits.parse().ok()?).ok())
}

pub(super) fn percent(token: Token<'_>) -> Result<Percent, ErrorKind> {
    bounded(token, OutOfRange::Percent, |digits| Percent::new(digits.parse().ok()?).ok())
}

pub(super) fn result_code(token: Token<'_>) -> Result<ResultCode, ErrorKind> {
    bounded(token, OutOfRange::ResultCode, |digits| digits.parse().ok().map(ResultCode))
}

/// Returns the value of an integer. The fault is `out-of-range` if `parse` rejects the digits.
fn bounded<T>(
    token: Token<'_>,
    bounds: OutOfRange,
    parse: impl FnOnce(&str) -> Option<T>,
) -> Result<T, ErrorKind> {
    match token.json_type {
        JsonType::Integer => parse(token.raw).ok_or(ErrorKind::OutOfRange(bounds)),
        _ => Err(wrong_type(token, JsonType::Integer)),
    }
}

pub(super) fn name(token: Token<'_>) -> Result<ResourceName<'_>, ErrorKind> {
    ResourceName::new(string(token)?).map_err(ErrorKind::InvalidName)
}

pub(super) fn url(token: Token<'_>) -> Result<ResourceUrl<'_>, ErrorKind> {
    ResourceUrl::new(string(token)?).map_err(ErrorKind::InvalidUrl)
}

pub(super) fn md5sum(token: Token<'_>, profile: Profile) -> Result<Md5Sum, ErrorKind> {
    let digits = string(token)?;
    match profile {
        Profile::Documented => Md5Sum::from_hex(&digits),
        Profile::Deployed => Md5Sum::from_hex_any_case(&digits),
    }
    .map_err(ErrorKind::InvalidMd5sum)
}

pub(super) fn state(
    token: Token<'_>,
    transfer: Transfer,
    profile: Profile,
) -> Result<StateWord, ErrorKind> {
    let word = string(token)?;
    match (&*word, profile) {
        (word, _) if word == transfer.running_word() => Ok(StateWord::Running(transfer)),
        ("done", Profile::Deployed) => Ok(StateWord::Done),
        ("fail", Profile::Deployed) => Ok(StateWord::Fail),
        _ => Err(ErrorKind::InvalidState { found: Excerpt::new(&word), transfer, profile }),
    }
}

/// Returns the fault of a value whose JSON type is not the type that the key requires.
pub(super) const fn wrong_type(token: Token<'_>, expected: JsonType) -> ErrorKind {
    ErrorKind::WrongType { expected, found: token.json_type }
}

/// Returns the text of a string, borrowed if it has no escapes.
pub(super) fn string(token: Token<'_>) -> Result<Cow<'_, str>, ErrorKind> {
    let Token { raw, json_type, is_escaped } = token;
    if json_type != JsonType::String {
        return Err(wrong_type(token, JsonType::String));
    }
    if !is_escaped {
        return Ok(Cow::Borrowed(escape::inner(raw)));
    }
    match escape::unescaped(raw) {
        Some(text) => Ok(Cow::Owned(text)),
        None => Err(ErrorKind::InvalidJson(JsonFault::LoneSurrogate)),
    }
}
