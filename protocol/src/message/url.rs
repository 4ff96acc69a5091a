//! The URL of a transfer (VAL-4).

use alloc::{borrow::Cow, string::String};
use core::fmt;

use serde::{Serialize, Serializer};

/// A URL that the platform issued for one transfer (VAL-4).
///
/// A URL usually contains a signature, so any program that has the URL can use it. `Debug` shows
/// only the scheme and the host, and no error of this crate contains the URL.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ResourceUrl<'a>(Cow<'a, str>);

impl<'a> ResourceUrl<'a> {
    /// The number of bytes that a URL should not exceed. The C device SDK stores at most 1,024
    /// bytes, including the terminator.
    pub const ADVISED_LEN: usize = 1023;

    /// Checks the form of a text and returns the unchanged text as a URL. This function neither
    /// normalises nor repairs the text.
    ///
    /// # Errors
    ///
    /// Returns an error in these cases:
    ///
    /// - `ftp://host/`, `host/path`, `https:/host`: the URL does not begin with `http://` or
    ///   `https://` ([`UrlError::Scheme`])
    /// - `https:///path`, `https://:443/`, `https://user@/`: the URL has no host
    ///   ([`UrlError::Host`])
    /// - `https://host/a b`, `https://höst/`: the URL contains a character outside U+0021 to U+007E
    ///   ([`UrlError::Character`])
    pub fn new(url: impl Into<Cow<'a, str>>) -> Result<Self, UrlError> {
        let url = url.into();
        // Without an early exit, the compiler vectorises the loop.
        if url.bytes().fold(false, |found, byte| found | !byte.is_ascii_graphic()) {
            return Err(UrlError::Character);
        }
        let (_, rest) = split_scheme(&url).ok_or(UrlError::Scheme)?;
        if host(rest).is_empty() {
            return Err(UrlError::Host);
        }
        Ok(Self(url))
    }

    /// Returns the whole URL, including the signature. Do not log it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the host, without the user information and the port, for example `bucket.example`.
    #[must_use]
    pub fn host(&self) -> &str {
        host(self.rest())
    }

    /// Returns the digits of the port, for example `8443`, or `None` if the URL has no port.
    #[must_use]
    pub fn port(&self) -> Option<&str> {
        let authority = without_user(authority(self.rest()));
        authority.get(host(authority).len()..)?.strip_prefix(':').filter(|port| !port.is_empty())
    }

    /// Returns whether the scheme is `https`.
    #[must_use]
    pub fn is_https(&self) -> bool {
        matches!(split_scheme(&self.0), Some((scheme, _)) if is_word(scheme, "https"))
    }

    /// Returns the same value with owned texts. The result can outlive the payload.
    #[must_use]
    pub fn into_owned(self) -> ResourceUrl<'static> {
        ResourceUrl(Cow::Owned(self.0.into_owned()))
    }

    fn rest(&self) -> &str {
        split_scheme(&self.0).map_or("", |(_, rest)| rest)
    }
}

/// Returns the scheme and the text after `://`, or `None` if the URL does not begin with `http://`
/// or `https://`.
fn split_scheme(url: &str) -> Option<(&str, &str)> {
    ["https", "http"].into_iter().find_map(|scheme| {
        let (head, rest) = url.split_at_checked(scheme.len())?;
        Some((head, rest.strip_prefix("://")?)).filter(|_| is_word(head, scheme))
    })
}

/// Returns whether a text equals a lowercase word when case is ignored.
fn is_word(text: &str, word: &str) -> bool {
    text.len() == word.len()
        && text.bytes().zip(word.bytes()).all(|(a, b)| a.to_ascii_lowercase() == b)
}

/// Returns the text before the first `/`, `?` or `#`, or the whole text if it has none of them.
fn authority(rest: &str) -> &str {
    let end = rest.bytes().position(|byte| matches!(byte, b'/' | b'?' | b'#'));
    end.and_then(|end| rest.get(..end)).unwrap_or(rest)
}

/// Returns the text after the last `@`, or the whole text if it has no `@`.
fn without_user(authority: &str) -> &str {
    let at = authority.bytes().rposition(|byte| byte == b'@');
    at.and_then(|at| authority.get(at.saturating_add(1)..)).unwrap_or(authority)
}

/// Returns the host: the authority without the user information, the port and the colon before the
/// port.
fn host(rest: &str) -> &str {
    let authority = without_user(authority(rest));
    match authority.bytes().rposition(|byte| !byte.is_ascii_digit()) {
        Some(at) if authority.as_bytes().get(at) == Some(&b':') => {
            authority.get(..at).unwrap_or_default()
        }
        _ => authority,
    }
}

impl fmt::Debug for ResourceUrl<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "ResourceUrl({}://{}/…)",
            if self.is_https() { "https" } else { "http" },
            self.host()
        )
    }
}

impl AsRef<str> for ResourceUrl<'_> {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl<'a> TryFrom<&'a str> for ResourceUrl<'a> {
    type Error = UrlError;

    fn try_from(url: &'a str) -> Result<Self, UrlError> {
        Self::new(url)
    }
}

impl TryFrom<String> for ResourceUrl<'_> {
    type Error = UrlError;

    fn try_from(url: String) -> Result<Self, UrlError> {
        Self::new(url)
    }
}

impl Serialize for ResourceUrl<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

/// The reason why a text is not the URL of a transfer (code `invalid-url`). The error does not
/// contain the URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum UrlError {
    /// The URL does not begin with `http://` or `https://`.
    Scheme,
    /// The URL has no host.
    Host,
    /// The URL contains a character outside U+0021 to U+007E.
    Character,
}

impl fmt::Display for UrlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Scheme => "a URL must begin with `http://` or `https://`",
            Self::Host => "a URL must name a host",
            Self::Character => "a URL must consist of visible ASCII characters without spaces",
        })
    }
}

impl core::error::Error for UrlError {}
