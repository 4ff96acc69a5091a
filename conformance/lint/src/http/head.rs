//! Parses the heads of requests and responses and determines how their bodies end.

/// The maximum number of headers that `httparse` reads in a head. A response with more headers is
/// not read.
const MOST_HEADERS: usize = 128;

/// The names and values of headers, in the order in which the message contains them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Headers(Vec<(String, String)>);

impl Headers {
    pub(crate) fn new(headers: impl IntoIterator<Item = (String, String)>) -> Self {
        Self(headers.into_iter().collect())
    }

    /// Returns the values of all headers with this name. The case of letters in the name is
    /// ignored.
    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let named = self.0.iter().filter(move |(other, _)| other.eq_ignore_ascii_case(name));
        named.map(|(_, value)| &**value)
    }

    /// Returns the value of a header, or `None` if the header is missing. Several values are joined
    /// as in RFC 9110, section 5.3.
    pub(crate) fn joined(&self, name: &str) -> Option<String> {
        let values: Vec<&str> = self.all(name).collect();
        (!values.is_empty()).then(|| values.join(", "))
    }
}

/// The request line and the headers of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RequestHead {
    pub(crate) method: String,
    pub(crate) target: String,
    /// Whether the version is HTTP/1.1, which requires `Host`. Otherwise, the version is HTTP/1.0.
    pub(crate) is_1_1: bool,
    pub(crate) headers: Headers,
}

/// The status and the headers of a response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ResponseHead {
    pub(crate) status: u16,
    pub(crate) headers: Headers,
}

/// The error for bytes that are not the head of an HTTP/1 message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NotHttp;

/// The rule for the end of a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Framing {
    Length(u64),
    Chunked,
    /// The body lasts until the sender ends the connection.
    UntilClose,
}

impl RequestHead {
    /// Returns the head of a request with its length in bytes, or `None` until the end of the head
    /// has arrived. Common mistakes of devices, such as a space in the target, are tolerated.
    pub(super) fn parse(bytes: &[u8]) -> Result<Option<(Self, usize)>, NotHttp> {
        let mut headers = [httparse::EMPTY_HEADER; MOST_HEADERS];
        let mut request = httparse::Request::new(&mut headers);
        match request.parse(bytes) {
            Ok(httparse::Status::Complete(length)) => {
                let head = Self {
                    method: request.method.unwrap_or_default().to_owned(),
                    target: request.path.unwrap_or_default().to_owned(),
                    is_1_1: request.version == Some(1),
                    headers: owned(request.headers),
                };
                Ok(Some((head, length)))
            }
            Ok(httparse::Status::Partial) => Ok(None),
            Err(_) if may_begin_request(bytes) => Self::parse_leniently(bytes),
            Err(_) => Err(NotHttp),
        }
    }

    fn parse_leniently(bytes: &[u8]) -> Result<Option<(Self, usize)>, NotHttp> {
        let ends = ["\r\n\r\n", "\n\n"].map(|end| {
            let at = bytes.windows(end.len()).position(|window| window == end.as_bytes());
            at.map(|at| at + end.len())
        });
        let Some(length) = ends.into_iter().flatten().min() else { return Ok(None) };
        let text = String::from_utf8_lossy(&bytes[..length]);
        let mut lines = text.lines();
        let first = lines.next().and_then(|line| line.split_once(' '));
        let (method, rest) = first.ok_or(NotHttp)?;
        let (target, version) = rest.rsplit_once(" HTTP/1.").ok_or(NotHttp)?;
        let pair = |line: &str| {
            let (name, value) = line.split_once(':')?;
            Some((name.trim().to_owned(), value.trim().to_owned()))
        };
        let headers = Headers::new(lines.filter_map(pair));
        let (method, target) = (method.to_owned(), target.to_owned());
        Ok(Some((Self { method, target, is_1_1: version.trim() == "1", headers }, length)))
    }

    /// Returns the framing according to RFC 9112, section 6.3. Returns [`NotHttp`] if the length
    /// cannot be read, because the end of the body is then unknown.
    pub(super) fn framing(&self) -> Result<Framing, NotHttp> {
        Ok(framing(&self.headers)?.unwrap_or(Framing::Length(0)))
    }
}

impl ResponseHead {
    /// Returns the head of a response with its length in bytes, or `None` until the end of the head
    /// has arrived.
    pub(super) fn parse(bytes: &[u8]) -> Result<Option<(Self, usize)>, NotHttp> {
        let mut headers = [httparse::EMPTY_HEADER; MOST_HEADERS];
        let mut response = httparse::Response::new(&mut headers);
        match response.parse(bytes) {
            Ok(httparse::Status::Complete(length)) => {
                let status = response.code.unwrap_or_default();
                Ok(Some((Self { status, headers: owned(response.headers) }, length)))
            }
            Ok(httparse::Status::Partial) => Ok(None),
            Err(_) => Err(NotHttp),
        }
    }

    /// Returns the framing of the response to a request with this method.
    pub(super) fn framing(&self, method: &str) -> Result<Framing, NotHttp> {
        match self.status {
            100..200 | 204 | 304 => Ok(Framing::Length(0)),
            _ if method == "HEAD" => Ok(Framing::Length(0)),
            _ => Ok(framing(&self.headers)?.unwrap_or(Framing::UntilClose)),
        }
    }
}

/// Returns whether these bytes are, or may become, the head of a request.
pub(super) fn may_begin_request(bytes: &[u8]) -> bool {
    const METHODS: [&str; 9] =
        ["GET ", "PUT ", "POST ", "HEAD ", "DELETE ", "OPTIONS ", "PATCH ", "CONNECT ", "TRACE "];
    let begins = |method: &&str| {
        let length = method.len().min(bytes.len());
        bytes[..length] == method.as_bytes()[..length]
    };
    !bytes.is_empty() && METHODS.iter().any(begins)
}

/// Returns whether these bytes are, or may become, the head of a response.
pub(super) fn may_begin_response(bytes: &[u8]) -> bool {
    const BEGIN: &[u8] = b"HTTP/1.";
    let length = BEGIN.len().min(bytes.len());
    length > 0 && bytes[..length] == BEGIN[..length]
}

/// Returns the framing according to the headers, or `None` if they define none.
fn framing(headers: &Headers) -> Result<Option<Framing>, NotHttp> {
    if let Some(coding) = headers.joined("transfer-encoding") {
        let last = coding.rsplit(',').next().unwrap_or_default().trim();
        let is_chunked = last.eq_ignore_ascii_case("chunked");
        return Ok(Some(if is_chunked { Framing::Chunked } else { Framing::UntilClose }));
    }
    let mut lengths = headers.all("content-length");
    let Some(first) = lengths.next() else { return Ok(None) };
    if lengths.any(|other| other != first) {
        return Err(NotHttp);
    }
    length_of(first).map(|length| Some(Framing::Length(length))).ok_or(NotHttp)
}

/// Returns the number in a `Content-Length`, or `None` if the value is empty, has characters other
/// than digits, or exceeds [`u64::MAX`].
pub(super) fn length_of(value: &str) -> Option<u64> {
    let is_number = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit());
    value.parse().ok().filter(|_| is_number)
}

fn owned(headers: &[httparse::Header<'_>]) -> Headers {
    let pair = |header: &httparse::Header<'_>| {
        let value = String::from_utf8_lossy(header.value).trim().to_owned();
        (header.name.to_owned(), value)
    };
    Headers::new(headers.iter().map(pair))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests() {
        let text =
            b"PUT /a?b HTTP/1.1\r\nHost: h\r\ncontent-md5: x\r\nContent-MD5:  y \r\n\r\nbody";
        assert_eq!(RequestHead::parse(&text[..30]), Ok(None));
        let (head, length) = RequestHead::parse(text).unwrap().unwrap();
        assert_eq!((&text[length..], &*head.method, &*head.target), (&b"body"[..], "PUT", "/a?b"));
        assert_eq!(head.headers.joined("CONTENT-MD5").as_deref(), Some("x, y"));
        assert_eq!(head.headers.all("host").collect::<Vec<_>>(), ["h"]);
        assert!(RequestHead::parse(b"\x10\x0c\x00\x04MQTT").is_err());
        // The head has common mistakes of devices.
        let text = "PUT /a b\u{e9} HTTP/1.1\r\nHost : h\r\n\r\nbody".as_bytes();
        assert_eq!(RequestHead::parse(&text[..15]), Ok(None));
        let (head, length) = RequestHead::parse(text).unwrap().unwrap();
        assert_eq!((&text[length..], &*head.target), (&b"body"[..], "/a b\u{e9}"));
        assert_eq!(head.headers.all("host").collect::<Vec<_>>(), ["h"]);
    }

    #[test]
    fn framings() {
        let request = |headers: &str| {
            let text = format!("PUT / HTTP/1.1\r\n{headers}\r\n");
            RequestHead::parse(text.as_bytes()).unwrap().unwrap().0.framing()
        };
        assert_eq!(request(""), Ok(Framing::Length(0)));
        assert_eq!(request("Content-Length: 5\r\n"), Ok(Framing::Length(5)));
        assert_eq!(request("Content-Length: 5\r\nContent-Length: 5\r\n"), Ok(Framing::Length(5)));
        assert_eq!(request("Content-Length: 5\r\nContent-Length: 6\r\n"), Err(NotHttp));
        assert_eq!(request("Content-Length: +5\r\n"), Err(NotHttp));
        assert_eq!(
            request("Transfer-Encoding: gzip, Chunked\r\nContent-Length: 5\r\n"),
            Ok(Framing::Chunked)
        );
        let response = |status: u16, method: &str, headers: &str| {
            let text = format!("HTTP/1.1 {status} X\r\n{headers}\r\n");
            ResponseHead::parse(text.as_bytes()).unwrap().unwrap().0.framing(method)
        };
        assert_eq!(response(200, "GET", ""), Ok(Framing::UntilClose));
        assert_eq!(response(200, "GET", "Content-Length: 5\r\n"), Ok(Framing::Length(5)));
        assert_eq!(response(200, "HEAD", "Content-Length: 5\r\n"), Ok(Framing::Length(0)));
        assert_eq!(response(204, "PUT", ""), Ok(Framing::Length(0)));
    }

    #[test]
    fn beginnings() {
        for bytes in [&b"P"[..], b"PU", b"PUT ", b"PUT /a", b"GET http://h/"] {
            assert!(may_begin_request(bytes));
        }
        for bytes in [&b""[..], b"X", b"PUTS", b"\x16\x03\x01", b"HTTP/1.1 200"] {
            assert!(!may_begin_request(bytes));
        }
        assert!(may_begin_response(b"HTTP") && may_begin_response(b"HTTP/1.1 200 OK"));
        assert!(!may_begin_response(b"") && !may_begin_response(b"HTTP/2"));
    }
}
