//! The form of issued URLs.

use std::borrow::Cow;

use iothub_conformance_suite::url::{Authority, Url};

/// The form of issued URLs: the usual form, a fixed length, or a port in every URL.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum UrlShape {
    /// The form without padding or an unnecessary port.
    #[default]
    Usual,
    /// A form whose URLs are this many bytes long.
    Length(usize),
    /// A form with a port, even if it is the default port of the scheme.
    Port,
}

impl UrlShape {
    /// Returns the beginning of URLs in this form.
    pub(super) fn base(self, public_url: &str) -> Cow<'_, str> {
        let usual = Cow::Borrowed(public_url);
        let Some(url) = Url::split(public_url) else { return usual };
        let Url { scheme, authority, .. } = url;
        if self != Self::Port || Authority::split(authority).port.is_some() {
            return usual;
        }
        let at = scheme.len() + "://".len() + authority.len();
        let (begin, rest) = public_url.split_at(at);
        Cow::Owned(format!("{begin}:{}{rest}", url.usual_port()))
    }

    /// Returns the padding for a URL that is `length` bytes long without the padding. The padding
    /// is empty if the form requires none.
    pub(super) fn padding(self, length: usize) -> String {
        /// The beginning of the padding, which is an ordinary parameter of the query string.
        const PARAMETER: &str = "&more=";
        match self {
            Self::Length(all) if all > length + PARAMETER.len() => {
                format!("{PARAMETER}{}", "x".repeat(all - length - PARAMETER.len()))
            }
            _ => String::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports() {
        for (usual, with_port) in [
            ("http://h", "http://h:80"),
            ("http://h/p", "http://h:80/p"),
            ("https://h", "https://h:443"),
            ("http://h:8080", "http://h:8080"),
            ("http://[::1]", "http://[::1]:80"),
            ("http://[::1]:8080", "http://[::1]:8080"),
        ] {
            assert_eq!(UrlShape::Port.base(usual), with_port);
            assert_eq!(UrlShape::Usual.base(usual), usual);
        }
    }
}
