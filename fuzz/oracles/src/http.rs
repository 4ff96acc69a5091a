//! HTTP texts: the crate accepts the same URLs, byte ranges and values of `Content-MD5` as naive
//! readers.

use iothub_resource::{
    ByteRange, ContentMd5, ContentRange, Md5Sum, Resource, ResourceName, ResourceSize, ResourceUrl,
    UploadFault, check_download, check_upload_body, check_upload_head,
};

use crate::reference::is_url;

/// 2^53-1, the largest size of a resource (VAL-1).
const LARGEST: u64 = 9_007_199_254_740_991;

/// Reads any text as a URL and as the value of a header.
pub fn header(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    assert_eq!(ResourceUrl::new(text).is_ok(), is_url(text), "VAL-4");
    let range: Option<ByteRange> = text.parse().ok();
    let naive = text.strip_prefix("bytes=").and_then(positions);
    assert_eq!(range.map(|range| (range.first(), range.last())), naive, "HTTP-6");
    if let Some(range) = range {
        assert_eq!(range.to_string(), text, "one spelling for one range");
        clamped(range);
    }
    let content_range: Option<ContentRange> = text.parse().ok();
    let parts = |it: ContentRange| Part {
        first: it.range().first(),
        last: it.range().last(),
        size: it.size().bytes(),
    };
    assert_eq!(content_range.map(parts), part(text));
    if let Some(content_range) = content_range {
        assert_eq!(content_range.to_string(), text);
    }
    uploaded(text, bytes);
}

/// Returns the two positions of `A-B`: plain numbers up to the largest size, or `None` for any
/// other text.
fn positions(text: &str) -> Option<(u64, u64)> {
    let (first, last) = text.split_once('-')?;
    let (first, last) = (number(first)?, number(last)?);
    (first <= last && last <= LARGEST).then_some((first, last))
}

fn number(digits: &str) -> Option<u64> {
    let number: u64 = digits.parse().ok()?;
    (number.to_string() == digits).then_some(number)
}

#[derive(Debug, PartialEq)]
struct Part {
    first: u64,
    last: u64,
    size: u64,
}

/// Returns the part that `bytes A-B/T` describes, or `None` if the text has a different form or B
/// is not below T.
fn part(text: &str) -> Option<Part> {
    let (range, size) = text.strip_prefix("bytes ")?.split_once('/')?;
    let ((first, last), size) = (positions(range)?, number(size)?);
    (last < size && size <= LARGEST).then_some(Part { first, last, size })
}

/// Checks the part that a server delivers, for resource sizes near both ends of the range.
fn clamped(range: ByteRange) {
    let (first, last) = (range.first(), range.last());
    assert_eq!(range.byte_count(), last - first + 1);
    for size in [0, first, first + 1, last, last + 1] {
        let Ok(resource) = ResourceSize::new(size) else { continue };
        assert_eq!(range.is_within(resource), last < size);
        let clamped = range.clamp(resource).map(|part| (part.first(), part.last()));
        assert_eq!(clamped, (first < size).then(|| (first, last.min(size - 1))));
        let rest = ByteRange::rest_of(resource, first).map(|part| (part.first(), part.last()));
        assert_eq!(rest, (first < size).then(|| (first, size - 1)));
    }
}

/// Checks an upload of these bytes with this `Content-MD5`.
fn uploaded(text: &str, bytes: &[u8]) {
    let length = bytes.len() as u64;
    let (Ok(size), Ok(name)) = (ResourceSize::new(length), ResourceName::new("a")) else { return };
    let resource = Resource { size, name, md5sum: Md5Sum::of(bytes) };
    let right = ContentMd5::from(resource.md5sum).to_string();
    let expected = match ContentMd5::from_base64(text) {
        _ if text == right => Ok(()),
        Ok(_) => Err(UploadFault::ContentMd5),
        Err(_) => Err(UploadFault::InvalidContentMd5),
    };
    assert_eq!(check_upload_head(&resource, Some(length), Some(text)), expected, "HTTP-2, HTTP-4");
    assert_eq!(check_upload_head(&resource, Some(length), Some(&right)), Ok(()));
    let longer = check_upload_head(&resource, Some(length + 1), Some(&right));
    assert_eq!(longer, Err(UploadFault::ContentLength), "HTTP-3");
    assert!(check_upload_body(&resource, length, resource.md5sum).is_ok());
    assert!(check_download(&resource, length, resource.md5sum).is_ok());
    let other = Md5Sum::from_bytes([0; 16]);
    assert!(check_upload_body(&resource, length, other).is_err(), "HTTP-4");
    assert!(check_download(&resource, length + 1, resource.md5sum).is_err(), "HTTP-5");
}
