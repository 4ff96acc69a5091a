//! Determines the host, the port and the target of the request for a URL.

use std::borrow::Cow;

use iothub_resource::ResourceUrl;

/// The destination of the request for a URL, and the target that the request line must contain.
///
/// ```
/// use iothub_conformance_lint::http::Destination;
/// use iothub_resource::ResourceUrl;
///
/// let url = ResourceUrl::new("http://Store.example:8080?sign=a#top").unwrap();
/// let destination = Destination::of(&url).unwrap();
/// assert_eq!(destination.host, "store.example");
/// assert_eq!(destination.port, 8080);
/// assert_eq!(destination.target, "/?sign=a");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Destination<'a> {
    /// The host in lowercase, without the brackets of an IPv6 address.
    pub host: String,
    /// The port of the URL, or the default port of its scheme.
    pub port: u16,
    /// The path and query string, as the request line contains them.
    pub target: Cow<'a, str>,
}

impl<'a> Destination<'a> {
    /// Returns the destination of a URL, or `None` if its port exceeds 65,535.
    #[must_use]
    pub fn of(url: &'a ResourceUrl<'_>) -> Option<Self> {
        let usual = if url.is_https() { 443 } else { 80 };
        let port = url.port().map_or(Some(usual), |port| port.parse().ok())?;
        let (_, rest) = url.as_str().split_once("://")?;
        let rest = rest.split('#').next().unwrap_or_default();
        let target = match rest.find(['/', '?']) {
            None => Cow::Borrowed("/"),
            Some(at) if rest[at..].starts_with('?') => Cow::Owned(format!("/{}", &rest[at..])),
            Some(at) => Cow::Borrowed(&rest[at..]),
        };
        Some(Self { host: plain_host(url.host()), port, target })
    }
}

/// The host that a request names: the value of `Host`, or the part before the path if the target is
/// a whole URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Authority {
    /// The host, in the form of [`Destination::host`].
    pub(super) host: String,
    pub(super) port: Option<u16>,
}

impl Authority {
    /// Parses `host` or `host:port`, and ignores a user name before the host. Returns `None` for
    /// any other text.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let text = text.rsplit_once('@').map_or(text, |(_, host)| host);
        let (host, port) = match text.rsplit_once(':') {
            // The colon belongs to an address in brackets.
            Some((_, last)) if last.ends_with(']') => (text, None),
            Some((host, "")) => (host, None),
            Some((host, port)) => (host, Some(port.parse().ok()?)),
            None => (text, None),
        };
        (!host.is_empty()).then(|| Self { host: plain_host(host), port })
    }

    /// Returns whether this value names a server with this host and port. A value without a port
    /// names every port, because many devices omit a port that they must name.
    pub(super) fn names(&self, host: &str, port: u16) -> bool {
        self.host == host && self.port.is_none_or(|own| own == port)
    }
}

fn plain_host(host: &str) -> String {
    let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    host.to_ascii_lowercase()
}

/// Returns the authority in a target, or `None` if there is none, and the rest of the target.
/// Usually, only the target of a request to a proxy has an authority.
pub(super) fn split_target(target: &str) -> (Option<Authority>, &str) {
    let is_http = |(scheme, _): &(&str, &str)| {
        scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https")
    };
    let Some((_, rest)) = target.split_once("://").filter(is_http) else { return (None, target) };
    let at = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, target) = rest.split_at(at);
    (Authority::parse(authority), if target.is_empty() { "/" } else { target })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn destinations() {
        for (url, host, port, target) in [
            ("http://h", "h", 80, "/"),
            ("https://H/", "h", 443, "/"),
            ("HTTP://u:p@h:81/a/b?c=/d#e", "h", 81, "/a/b?c=/d"),
            ("http://[::1]:8080/x", "::1", 8080, "/x"),
            ("http://h?x", "h", 80, "/?x"),
            ("http://h:/x", "h", 80, "/x"),
        ] {
            let url = ResourceUrl::new(url).unwrap();
            let Destination { host: h, port: p, target: t } = Destination::of(&url).unwrap();
            assert_eq!((&*h, p, &*t), (host, port, target), "{}", url.as_str());
        }
        assert_eq!(Destination::of(&ResourceUrl::new("http://h:65536/").unwrap()), None);
    }

    #[test]
    fn authorities() {
        let parse = |text| Authority::parse(text).map(|it| (it.host, it.port));
        for (text, host, port) in [
            ("H", "h", None),
            (" h:80 ", "h", Some(80)),
            ("h:", "h", None),
            ("[::1]", "::1", None),
            ("[::1]:80", "::1", Some(80)),
        ] {
            assert_eq!(parse(text), Some((host.to_owned(), port)), "{text}");
        }
        for text in ["", ":80", "h:x", "h:70000"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn targets_of_proxies() {
        let split = |target| {
            let (authority, target) = split_target(target);
            (authority.map(|it| it.host), target)
        };
        assert_eq!(split("/a?b=http://c/"), (None, "/a?b=http://c/"));
        assert_eq!(split("http://h:81/a?b"), (Some("h".to_owned()), "/a?b"));
        assert_eq!(split("http://h"), (Some("h".to_owned()), "/"));
    }
}
