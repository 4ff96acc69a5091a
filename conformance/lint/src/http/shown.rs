//! Makes excerpts of requests and responses without signatures.

use iothub_conformance_suite::result::Marked;

use super::head::{Headers, RequestHead, ResponseHead};

const CUT: char = '…';
/// The maximum number of characters of a value that are shown.
const LONGEST: usize = 64;

/// An excerpt on one line, for example `PUT http://store/…, Content-Length: 5`.
#[derive(Clone, Debug)]
pub(super) struct Shown {
    begin: String,
    headers: Vec<(&'static str, String)>,
}

impl Shown {
    pub(super) fn request(head: &RequestHead, host: &str) -> Self {
        const HEADERS: [&str; 5] =
            ["Host", "Content-Length", "Transfer-Encoding", "Content-MD5", "Range"];
        let method = if head.method.len() <= 16 { &*head.method } else { "…" };
        let begin = format!("{method} http://{}/{CUT}", host_or_cut(host));
        Self { begin, headers: chosen(&head.headers, &HEADERS) }
    }

    /// Returns an excerpt that shows the response and also names the request.
    pub(super) fn response(&self, head: &ResponseHead) -> Self {
        const HEADERS: [&str; 3] = ["Content-Length", "Transfer-Encoding", "Content-Range"];
        let begin = format!("{} to {}", head.status, self.begin);
        Self { begin, headers: chosen(&head.headers, &HEADERS) }
    }

    /// Returns the excerpt with a mark on the last value of a header.
    pub(super) fn marked(&self, header: Option<&str>) -> Marked {
        let (mut text, mut mark) = (self.begin.clone(), None);
        for (name, value) in &self.headers {
            text += &format!(", {name}: ");
            let begin = text.len();
            text += value;
            if header == Some(*name) {
                mark = Some(begin..text.len());
            }
        }
        Marked::range(&text, mark)
    }
}

fn chosen(headers: &Headers, names: &[&'static str]) -> Vec<(&'static str, String)> {
    let values = |name: &&'static str| {
        let name = *name;
        headers.all(name).map(move |value| (name, shown_value(name, value))).collect::<Vec<_>>()
    };
    names.iter().flat_map(values).collect()
}

fn shown_value(name: &str, value: &str) -> String {
    if name == "Host" {
        return host_or_cut(value);
    }
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "+/=_-:.,*\" ".contains(c);
    // Values that may contain parts of a URL are not shown.
    if !value.chars().all(is_plain) || value.contains("//") || value.contains("http") {
        return CUT.to_string();
    }
    match value.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}{CUT}", &value[..end]),
        None => value.to_owned(),
    }
}

fn host_or_cut(host: &str) -> String {
    let is_host = |byte: u8| byte.is_ascii_alphanumeric() || b".-:[]".contains(&byte);
    if host.len() <= 255 && host.bytes().all(is_host) { host.to_owned() } else { CUT.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&str, &str)]) -> Headers {
        Headers::new(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())))
    }

    #[test]
    fn nothing_that_may_be_a_signature_is_shown() {
        let head = RequestHead {
            method: "PUT".to_owned(),
            target: "/zxc?sign=secret".to_owned(),
            is_1_1: true,
            headers: headers(&[
                ("authorization", "secret"),
                ("content-md5", "XUFAKrxLKna5cZ2REBfFkg=="),
                ("Range", "http://store/zxc?sign=secret"),
                ("host", "user:secret@store"),
                ("Content-Length", &"1".repeat(70)),
            ]),
        };
        let shown = Shown::request(&head, "store");
        let marked = shown.marked(Some("Content-MD5"));
        assert_eq!(marked.marked.as_deref(), Some("XUFAKrxLKna5cZ2REBfFkg=="));
        assert_eq!(
            marked.text(),
            format!(
                "PUT http://store/…, Host: …, Content-Length: {}…, Content-MD5: \
                 XUFAKrxLKna5cZ2REBfFkg==, Range: …",
                "1".repeat(64)
            )
        );
        let answer =
            ResponseHead { status: 206, headers: headers(&[("content-range", "bytes 0-4/5")]) };
        let shown = shown.response(&answer).marked(None);
        assert_eq!(shown.text(), "206 to PUT http://store/…, Content-Range: bytes 0-4/5");
    }
}
