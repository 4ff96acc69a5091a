//! The random part of an issued URL.

use std::fmt;

use iothub_conformance_suite::url::Url;
use iothub_resource::ResourceUrl;

use crate::random;

/// 128 random bits, too many to guess.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Token(u128);

impl Token {
    pub(super) fn random() -> Self {
        Self(u128::from(random::bits()) << 64 | u128::from(random::bits()))
    }

    /// Returns the token for 32 lowercase hexadecimal digits; `None` for any other text.
    pub(super) fn parse(digits: &str) -> Option<Self> {
        let is_digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        if digits.len() != 32 || !digits.bytes().all(is_digit) {
            return None;
        }
        u128::from_str_radix(digits, 16).ok().map(Self)
    }

    /// Returns the token in the second-to-last part of the path of a target; `None` if this part is
    /// not a token.
    pub(super) fn in_target(target: &str) -> Option<Self> {
        let path = target.split('?').next()?;
        Self::parse(path.rsplit('/').nth(1)?)
    }

    /// Returns the token of a URL that was issued; `None` for a URL without a token.
    pub(crate) fn of(url: &ResourceUrl<'_>) -> Option<Self> {
        Self::in_target(Url::split(url.as_str())?.target)
    }
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}
