//! Finds faults in the delivery of a download by the object store (HTTP-5, HTTP-6).

use iothub_conformance_suite::Level;
use iothub_resource::{ByteRange, ContentRange, Resource, ResourceSize, check_download};

use super::{
    coverage::Coverage,
    head::{ResponseHead, length_of},
    range::AskedPart,
};

/// The part of a resource that a response delivers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Part {
    /// The position in the resource at which the part begins. The first byte of the resource has
    /// the position 0.
    pub(super) first: u64,
    /// The required number of bytes, or `None` if the length of the body is not checked.
    count: Option<u64>,
    /// Whether the part is the whole resource.
    is_whole: bool,
}

/// One fault of the object store in a download.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct StoreFault {
    pub(super) code: &'static str,
    pub(super) requirement: &'static str,
    pub(super) level: Level,
    pub(super) sentence: String,
    pub(super) header: Option<&'static str>,
}

impl StoreFault {
    fn new(code: &'static str, requirement: &'static str, sentence: String) -> Self {
        Self { code, requirement, level: Level::Must, sentence, header: None }
    }

    fn differs(sentence: String) -> Self {
        Self::new("download-differs", "HTTP-5", sentence)
    }

    fn wrong_part(sentence: String) -> Self {
        let fault = Self::new("wrong-part", "HTTP-6", sentence);
        Self { header: Some("Content-Range"), ..fault }
    }
}

/// Returns the part that the head of a response announces, and the fault in the head, if there is
/// one. A refusal announces no part.
pub(super) fn announced(
    size: Option<ResourceSize>,
    range: Option<&str>,
    head: &ResponseHead,
) -> (Option<Part>, Option<StoreFault>) {
    let length = head.headers.joined("Content-Length").and_then(|length| length_of(&length));
    match (head.status, size) {
        (206, _) => part(size, range, head),
        (200..300, None) => (Some(Part { first: 0, count: length, is_whole: true }), None),
        (200..300, Some(size)) => {
            let (part, fault) = whole(size, length);
            (Some(part), fault.or_else(|| ignored(size, range)))
        }
        (416, Some(size)) => match AskedPart::of(range, size) {
            AskedPart::Nothing => (None, None),
            AskedPart::All => {
                let sentence =
                    "the response is 416, although the whole resource was requested: expected 200";
                (None, Some(StoreFault::new("range-refused", "HTTP-6", sentence.to_owned())))
            }
            AskedPart::Part(_) => {
                let sentence = "a range within the resource is refused: expected 206 and the \
                                requested part";
                (None, Some(StoreFault::new("range-refused", "HTTP-6", sentence.to_owned())))
            }
        },
        _ => (None, None),
    }
}

fn whole(size: ResourceSize, length: Option<u64>) -> (Part, Option<StoreFault>) {
    let size = size.bytes();
    let fault = length.filter(|length| *length != size).map(|length| {
        let sentence =
            format!("`Content-Length` is {length}: expected {size}, the size of the resource");
        StoreFault { header: Some("Content-Length"), ..StoreFault::differs(sentence) }
    });
    // After a wrong `Content-Length`, the length of the body is not checked, so the fault is
    // reported only once.
    let count = fault.is_none().then_some(size);
    (Part { first: 0, count, is_whole: true }, fault)
}

/// Returns the fault of a store that ignores `Range` and delivers the whole resource. Returns
/// `None` unless the range begins after the first byte.
fn ignored(size: ResourceSize, range: Option<&str>) -> Option<StoreFault> {
    match AskedPart::of(range, size) {
        AskedPart::Part(part) if part.first() > 0 => {
            let sentence = "the range is ignored: expected 206 and the requested part, so that a \
                            download can be resumed";
            let fault = StoreFault::new("range-ignored", "HTTP-6", sentence.to_owned());
            Some(StoreFault { level: Level::Should, ..fault })
        }
        _ => None,
    }
}

fn part(
    size: Option<ResourceSize>,
    range: Option<&str>,
    head: &ResponseHead,
) -> (Option<Part>, Option<StoreFault>) {
    let value = head.headers.joined("Content-Range");
    let brought: Option<ContentRange> = value.as_deref().and_then(|value| value.parse().ok());
    let asked = size.map(|size| AskedPart::of(range, size));
    let place =
        |range: ByteRange, count| Some(Part { first: range.first(), count, is_whole: false });
    match (brought, asked) {
        (None, asked) => {
            let sentence =
                "the partial response has no valid `Content-Range`: expected `bytes A-B/T`";
            // The store probably delivers the requested part.
            let part = match asked {
                Some(AskedPart::Part(asked)) => place(asked, None),
                _ => None,
            };
            (part, Some(StoreFault::wrong_part(sentence.to_owned())))
        }
        (Some(brought), None) => (place(brought.range(), None), None),
        (Some(brought), Some(asked)) => {
            let size = size.unwrap_or(brought.size());
            let fault = match asked {
                _ if brought.size() != size => Some(format!(
                    "`Content-Range` declares the size {}: expected {size}",
                    brought.size()
                )),
                AskedPart::Part(part) if part != brought.range() => {
                    ContentRange::new(part, size).ok().map(|expected| {
                        format!("the part is not the requested one: expected `{expected}`")
                    })
                }
                AskedPart::Part(_) => None,
                AskedPart::All => Some(
                    "the response is partial, although the whole resource was requested: \
                    expected 200"
                        .to_owned(),
                ),
                AskedPart::Nothing => Some(
                    "the response is partial, although the requested range contains no bytes of \
                    the resource: expected 416"
                        .to_owned(),
                ),
            };
            let count = brought.range().byte_count();
            let count = Some(count).filter(|_| fault.is_none());
            (place(brought.range(), count), fault.map(StoreFault::wrong_part))
        }
    }
}

/// Returns the fault in the body of a complete response, if there is one. `length` is the length of
/// the body in bytes.
pub(super) fn body_fault(
    resource: &Resource<'_>,
    part: Part,
    length: u64,
    coverage: &Coverage,
) -> Option<StoreFault> {
    let count = part.count?;
    if length != count {
        let sentence = if part.is_whole {
            format!(
                "the length of the body is not the size of the resource: it is {length}, expected \
                 {count}"
            )
        } else {
            format!(
                "the length of the part is {length}: expected {count}, according to \
                 `Content-Range`"
            )
        };
        return Some(if part.is_whole {
            StoreFault::differs(sentence)
        } else {
            StoreFault::wrong_part(sentence)
        });
    }
    let size = resource.size.bytes();
    let digest = coverage.digest(size).filter(|_| coverage.has_all(size))?;
    check_download(resource, size, digest).err().map(|_| {
        let what = if part.is_whole { "the body" } else { "the body with the parts before it" };
        StoreFault::differs(format!(
            "the MD5 of {what} is not that of the resource: it is {digest}, expected {}",
            resource.md5sum
        ))
    })
}

#[cfg(test)]
mod tests {
    use iothub_resource::{Md5Sum, ResourceName};

    use super::{super::head::Headers, *};

    fn response(status: u16, pairs: &[(&str, &str)]) -> ResponseHead {
        let pairs = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        ResponseHead { status, headers: Headers::new(pairs) }
    }

    #[test]
    fn what_is_announced() {
        let size = ResourceSize::from(10);
        for (range, status, header, code, first) in [
            (None, 200, ("Content-Length", "10"), None, Some(0)),
            (None, 200, ("Content-Length", "9"), Some("download-differs"), Some(0)),
            (None, 200, ("Transfer-Encoding", "chunked"), None, Some(0)),
            (Some("bytes=0-9"), 200, ("Content-Length", "10"), None, Some(0)),
            (Some("bytes=4-9"), 200, ("Content-Length", "10"), Some("range-ignored"), Some(0)),
            (Some("bytes=4-9"), 206, ("Content-Range", "bytes 4-9/10"), None, Some(4)),
            // Deployed devices request a range that ends after the last byte.
            (Some("bytes=4-10"), 206, ("Content-Range", "bytes 4-9/10"), None, Some(4)),
            (Some("bytes=4-"), 206, ("Content-Range", "bytes 4-9/10"), None, Some(4)),
            (
                Some("bytes=4-9"),
                206,
                ("Content-Range", "bytes 0-5/10"),
                Some("wrong-part"),
                Some(0),
            ),
            (
                Some("bytes=4-9"),
                206,
                ("Content-Range", "bytes 4-9/11"),
                Some("wrong-part"),
                Some(4),
            ),
            (Some("bytes=4-9"), 206, ("Content-Length", "6"), Some("wrong-part"), Some(4)),
            (None, 206, ("Content-Range", "bytes 0-9/10"), Some("wrong-part"), Some(0)),
            (
                Some("bytes=10-11"),
                206,
                ("Content-Range", "bytes 0-9/10"),
                Some("wrong-part"),
                Some(0),
            ),
            (Some("bytes=10-11"), 416, ("Content-Range", "bytes */10"), None, None),
            (Some("bytes=9-10"), 416, ("Content-Range", "bytes */10"), Some("range-refused"), None),
            (None, 404, ("Content-Length", "3"), None, None),
        ] {
            let (part, fault) = announced(Some(size), range, &response(status, &[header]));
            assert_eq!(fault.map(|fault| fault.code), code, "{range:?} {status} {header:?}");
            assert_eq!(part.map(|part| part.first), first, "{range:?} {status} {header:?}");
        }
    }

    #[test]
    fn bodies() {
        let resource = Resource {
            size: ResourceSize::from(5),
            name: ResourceName::new("zxc").unwrap(),
            md5sum: Md5Sum::of(b"hello"),
        };
        let whole = Part { first: 0, count: Some(5), is_whole: true };
        let rest = Part { first: 2, count: Some(3), is_whole: false };
        for (parts, code) in [
            (&[(whole, "hello")][..], None),
            (&[(whole, "hell")], Some("download-differs")),
            (&[(whole, "hello!")], Some("download-differs")),
            (&[(whole, "HELLO")], Some("download-differs")),
            (&[(Part { count: None, ..whole }, "HELLO!")], None),
            (&[(Part { count: None, ..whole }, "he"), (rest, "llo")], None),
            (&[(Part { count: None, ..whole }, "HE"), (rest, "llo")], Some("download-differs")),
            (&[(rest, "ll")], Some("wrong-part")),
            (&[(rest, "LLO")], None),
        ] {
            let mut coverage = Coverage::default();
            let mut last = None;
            for (part, text) in parts {
                coverage.begin(part.first);
                coverage.bytes(part.first, text.as_bytes());
                last = body_fault(&resource, *part, text.len() as u64, &coverage);
            }
            assert_eq!(last.map(|fault| fault.code), code, "{parts:?}");
        }
    }
}
