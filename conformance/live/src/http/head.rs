//! Parses the head of an HTTP request.

use iothub_conformance_suite::url::Url;

use super::lapse::HttpLapse;
use crate::record::RequestTarget;

/// The request line and the headers of an HTTP request.
#[derive(Clone, Debug)]
pub(crate) struct Head {
    pub(crate) method: String,
    pub(crate) target: RequestTarget,
    /// The authority in the target; `None` if the target is not a whole URL.
    pub(crate) authority: Option<String>,
    /// Whether the version is HTTP/1.1. The only other version is HTTP/1.0.
    pub(crate) is_1_1: bool,
    /// The headers as they were received, in the order of the request.
    pub(crate) headers: Vec<(String, Vec<u8>)>,
    pub(crate) content_length: Option<u64>,
    /// Whether the body is chunked, so that its length is unknown in advance.
    pub(crate) is_chunked: bool,
    pub(crate) expects_continue: bool,
    pub(crate) keep_alive: bool,
    /// Violations of HTTP that servers usually accept.
    pub(crate) lapses: Vec<HttpLapse>,
}

/// The reason why bytes are not the head of a request. After this error, the connection cannot be
/// used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BadHead {
    /// The status of the response.
    pub(crate) status: u16,
    /// The fault in words, in which "it" or "its" means the request.
    pub(crate) why: &'static str,
}

/// The maximum number of headers in a request.
const HEADERS: usize = 64;

impl Head {
    /// Returns a head and its length in bytes; `None` while the head is incomplete.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Option<(Self, usize)>, BadHead> {
        let mut headers = [httparse::EMPTY_HEADER; HEADERS];
        let mut request = httparse::Request::new(&mut headers);
        let length = match request.parse(bytes).map_err(|error| BadHead::of(error, bytes))? {
            httparse::Status::Complete(length) => length,
            httparse::Status::Partial => return Ok(None),
        };
        let (Some(method), Some(target)) = (request.method, request.path) else {
            return Err(BadHead::new("its request line is incomplete"));
        };
        let mut head = Self {
            method: method.to_owned(),
            target: RequestTarget(origin(target).to_owned()),
            authority: Url::split(target).map(|url| url.authority.to_owned()),
            is_1_1: request.version == Some(1),
            headers: Vec::with_capacity(request.headers.len()),
            content_length: None,
            is_chunked: false,
            expects_continue: false,
            keep_alive: request.version == Some(1),
            lapses: Vec::new(),
        };
        if head.target.0 != target {
            head.lapses.push(HttpLapse::AbsoluteForm);
        }
        if bytes[..length].windows(2).any(|two| two[1] == b'\n' && two[0] != b'\r') {
            head.lapses.push(HttpLapse::BareLineFeed);
        }
        for header in request.headers.iter() {
            head.take(header.name, header.value)?;
        }
        Ok(Some((head, length)))
    }

    fn take(&mut self, name: &str, value: &[u8]) -> Result<(), BadHead> {
        let text = std::str::from_utf8(value).unwrap_or_default().trim();
        if name.eq_ignore_ascii_case("content-length") {
            let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
            let length = text.parse().ok().filter(|_| digits).ok_or(BadHead::new(
                "its `Content-Length` is invalid: expected only digits, and a number of at most \
                 64 bits",
            ))?;
            // Two different lengths enable request smuggling.
            if self.content_length.replace(length).is_some_and(|other| other != length) {
                return Err(BadHead::new("it has two different `Content-Length` headers"));
            }
        } else if name.eq_ignore_ascii_case("transfer-encoding") {
            self.is_chunked = true;
        } else if name.eq_ignore_ascii_case("expect") {
            self.expects_continue = text.eq_ignore_ascii_case("100-continue");
        } else if name.eq_ignore_ascii_case("connection") {
            for option in text.split(',').map(str::trim) {
                if option.eq_ignore_ascii_case("close") {
                    self.keep_alive = false;
                } else if option.eq_ignore_ascii_case("keep-alive") {
                    self.keep_alive = true;
                }
            }
        }
        self.headers.push((name.to_owned(), value.to_vec()));
        Ok(())
    }

    /// Returns the value of the first header with this name; `None` if there is no such header. The
    /// case of the name does not matter.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.all(name).next()
    }

    /// Returns the values of all headers with this name. The case of the name does not matter. A
    /// value that is not UTF-8 is returned as an empty string.
    pub(crate) fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        let named = self.headers.iter().filter(move |(other, _)| other.eq_ignore_ascii_case(name));
        named.map(|(_, value)| std::str::from_utf8(value).unwrap_or_default())
    }

    /// Returns the values of all headers with this name, joined with commas; `None` if there is no
    /// such header.
    pub(crate) fn joined(&self, name: &str) -> Option<String> {
        let values: Vec<_> = self.all(name).map(str::trim).collect();
        (!values.is_empty()).then(|| values.join(", "))
    }

    /// Returns the memory of the head in bytes.
    pub(crate) fn memory(&self) -> usize {
        let header =
            |(name, value): &(String, Vec<u8>)| size_of_val(name) * 2 + name.len() + value.len();
        let headers: usize = self.headers.iter().map(header).sum();
        self.method.len()
            + self.target.0.len()
            + self.authority.as_ref().map_or(0, String::len)
            + headers
    }

    /// Returns the length of the body in bytes; 0 without `Content-Length`.
    pub(crate) fn body_bytes(&self) -> u64 {
        self.content_length.unwrap_or_default()
    }
}

impl BadHead {
    /// The response to a head that is longer than the limit.
    pub(super) const TOO_LONG: Self = Self { status: 431, why: "its head is longer than 16 KiB" };
    /// The response to a head whose rest does not arrive in time.
    pub(super) const TOO_SLOW: Self = Self { status: 408, why: "its head is incomplete" };

    const fn new(why: &'static str) -> Self {
        Self { status: 400, why }
    }

    fn of(error: httparse::Error, bytes: &[u8]) -> Self {
        /// The first byte of a TLS connection: the type of a handshake record.
        const TLS_HANDSHAKE: u8 = 0x16;
        if bytes.first() == Some(&TLS_HANDSHAKE) {
            return Self::new("it begins with TLS, but this port does not use TLS");
        }
        let is_folded = |bytes: &[u8]| bytes.windows(2).any(|two| matches!(two, b"\n " | b"\n\t"));
        match error {
            httparse::Error::TooManyHeaders => {
                Self { status: 431, why: "it has more than 64 headers" }
            }
            httparse::Error::Version => {
                Self { status: 505, why: "its version is neither HTTP/1.1 nor HTTP/1.0" }
            }
            httparse::Error::HeaderName if is_folded(bytes) => {
                Self::new("a header continues on the next line, which HTTP/1.1 forbids")
            }
            httparse::Error::HeaderName => {
                Self::new("the name of a header contains an invalid character")
            }
            httparse::Error::HeaderValue => {
                Self::new("the value of a header contains an invalid character")
            }
            httparse::Error::NewLine => Self::new("a line does not end with CR LF"),
            _ => Self::new("its request line does not consist of a method, a target and a version"),
        }
    }
}

/// Returns the path and query of a target. Clients of a proxy send a whole URL as the target.
fn origin(target: &str) -> &str {
    match Url::split(target) {
        Some(Url { scheme: "http", target, .. }) if target.starts_with('/') => target,
        Some(Url { scheme: "http", .. }) => "/",
        _ => target,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads() {
        let text = b"PUT http://h:80/a?sign=b HTTP/1.1\r\nContent-Md5: x\r\nContent-Length: 5\r\n\r\nhello";
        assert!(matches!(Head::parse(&text[..40]), Ok(None)));
        let (head, length) = Head::parse(text).unwrap().unwrap();
        assert_eq!((&text[length..], &*head.target.0), (&b"hello"[..], "/a?sign=b"));
        assert_eq!(head.target.to_string(), "/a?…");
        assert_eq!((head.content_length, head.keep_alive), (Some(5), true));
        assert_eq!(head.header("content-MD5"), Some("x"));
        assert_eq!(head.lapses, [HttpLapse::AbsoluteForm]);
        for (text, lapses) in [
            ("GET /a HTTP/1.1\r\nHost: h\r\n\r\n", &[][..]),
            ("GET /a HTTP/1.1\nHost: h\r\n\r\n", &[HttpLapse::BareLineFeed]),
            ("GET /a HTTP/1.1\r\nHost: h\n\n", &[HttpLapse::BareLineFeed]),
        ] {
            let (head, _) = Head::parse(text.as_bytes()).unwrap().unwrap();
            assert_eq!(head.lapses, lapses, "{text}");
        }
    }

    #[test]
    fn what_is_not_a_head() {
        let many = format!("GET / HTTP/1.1\r\n{}\r\n", "A: b\r\n".repeat(HEADERS + 1));
        for (bad, status, why) in [
            (
                &b"PUT / HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n"[..],
                400,
                "two different `Content-Length`",
            ),
            (b"PUT / HTTP/1.1\r\nContent-Length: -5\r\n\r\n", 400, "only digits"),
            (b"PUT / HTTP/1.1\r\nContent-Length: +5\r\n\r\n", 400, "only digits"),
            (
                b"PUT / HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n",
                400,
                "`Content-Length`",
            ),
            (b"GET / HTTP/1.1\r\nA: b\r\n c\r\n\r\n", 400, "next line"),
            (b"GET / HTTP/1.1\r\nA : b\r\n\r\n", 400, "the name of a header"),
            (b"GET / HTTP/1.1\r\nA: \x01\r\n\r\n", 400, "the value of a header"),
            (b"GET / HTTP/1.2\r\n\r\n", 505, "HTTP/1.1"),
            (b"GET / HTTP/2.0\r\n\r\n", 505, "HTTP/1.1"),
            (many.as_bytes(), 431, "64 headers"),
            (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400, "begins with TLS"),
            (b"\x10\x0c\x00\x04MQTT", 400, "request line"),
        ] {
            let text = String::from_utf8_lossy(bad);
            let bad = Head::parse(bad).expect_err(&text);
            assert_eq!(bad.status, status, "{text}");
            assert!(bad.why.contains(why), "{text}: {}", bad.why);
        }
    }
}
