//! Splits URLs into their parts, without decoding or validation.

/// The parts of a URL of the form `scheme://authority/path?query#fragment`, except for the
/// fragment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Url<'a> {
    /// The scheme, for example `https`.
    pub scheme: &'a str,
    /// The part that [`Authority`] splits: `user:password@host:port`.
    pub authority: &'a str,
    /// The path and query of a request, from the first `/` or `?` on, or an empty string if there
    /// is neither.
    pub target: &'a str,
}

impl<'a> Url<'a> {
    /// Splits a URL. Returns `None` if the text does not contain `://`.
    ///
    /// ```
    /// use iothub_conformance_suite::url::Url;
    ///
    /// let url = Url::split("http://u@h:80/a/b?c#d").unwrap();
    /// assert_eq!((url.scheme, url.authority, url.target), ("http", "u@h:80", "/a/b?c"));
    /// ```
    #[must_use]
    pub fn split(url: &'a str) -> Option<Self> {
        let (scheme, rest) = url.split_once("://")?;
        let rest = rest.split('#').next().unwrap_or_default();
        let (authority, target) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
        Some(Self { scheme, authority, target })
    }

    /// Returns the default port of the scheme: 443 for `https`, and 80 for any other scheme.
    ///
    /// ```
    /// use iothub_conformance_suite::url::Url;
    ///
    /// assert_eq!(Url::split("https://h/a").unwrap().usual_port(), 443);
    /// ```
    #[must_use]
    pub fn usual_port(&self) -> u16 {
        if self.scheme.eq_ignore_ascii_case("https") { 443 } else { 80 }
    }
}

/// The parts of the authority `user:password@host:port`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Authority<'a> {
    /// The part before the last `@`, or `None` if there is no `@`.
    pub user: Option<&'a str>,
    /// The host, without the brackets of an IPv6 address.
    pub host: &'a str,
    /// The part after the colon, which is not always a number, or `None` if no colon follows the
    /// host.
    pub port: Option<&'a str>,
}

impl<'a> Authority<'a> {
    /// Splits the authority of a URL.
    ///
    /// ```
    /// use iothub_conformance_suite::url::Authority;
    ///
    /// let authority = Authority::split("u:p@[::1]:1883");
    /// assert_eq!((authority.user, authority.host), (Some("u:p"), "::1"));
    /// assert_eq!(authority.port, Some("1883"));
    /// ```
    #[must_use]
    pub fn split(authority: &'a str) -> Self {
        let (user, place) = match authority.rsplit_once('@') {
            Some((user, place)) => (Some(user), place),
            None => (None, authority),
        };
        let (host, port) = match place.strip_prefix('[').and_then(|place| place.split_once(']')) {
            Some((host, port)) => (host, port.strip_prefix(':')),
            None => place.split_once(':').map_or((place, None), |(host, port)| (host, Some(port))),
        };
        Self { user, host, port }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets() {
        for (url, target) in [
            ("http://h", ""),
            ("http://h/", "/"),
            ("http://h?a=/b", "?a=/b"),
            ("http://h#/a", ""),
            ("http://h:1/p/q?r#s", "/p/q?r"),
        ] {
            assert_eq!(Url::split(url).map(|url| url.target), Some(target), "{url}");
        }
        assert_eq!(Url::split("h/a"), None);
    }
}
