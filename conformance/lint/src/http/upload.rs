//! Finds the faults in an upload (HTTP-2 to HTTP-4).

use iothub_resource::{
    ContentMd5, Md5Sum, Resource, UploadFault, check_upload_body, check_upload_head,
};

use super::{
    content_md5::content_md5_mistake,
    head::{Headers, length_of},
};

const CONTENT_LENGTH: &str = "Content-Length";
const CONTENT_MD5: &str = "Content-MD5";

/// Returns the code of the finding for a fault in an upload.
#[must_use]
pub const fn upload_fault_code(fault: UploadFault) -> &'static str {
    match fault {
        UploadFault::MissingContentLength => "missing-content-length",
        UploadFault::ContentLength => "content-length",
        UploadFault::MissingContentMd5 => "missing-content-md5",
        UploadFault::InvalidContentMd5 => "invalid-content-md5",
        UploadFault::ContentMd5 => "content-md5",
        UploadFault::BodyLength => "body-length",
        // `UploadFault` is non-exhaustive.
        _ => "body-md5",
    }
}

/// A fault in an upload, with the sentence for its finding.
#[derive(Clone, Debug)]
pub(super) struct Explained {
    pub(super) fault: UploadFault,
    pub(super) sentence: String,
    /// The name of the header with the fault, or `None` if the fault is not in a header.
    pub(super) header: Option<&'static str>,
}

/// The headers of an upload and their faults.
#[derive(Clone, Debug, Default)]
pub(super) struct UploadHead {
    content_md5: Option<Md5Sum>,
    pub(super) faults: Vec<Explained>,
}

impl UploadHead {
    /// Judges the headers of an upload. `resource` is `None` if the resource is unknown.
    pub(super) fn of(resource: Option<&Resource<'_>>, headers: &Headers) -> Self {
        let value = headers.joined(CONTENT_MD5);
        let content_md5 = value.as_deref().and_then(|value| ContentMd5::from_base64(value).ok());
        let content_md5 = content_md5.map(Md5Sum::from);
        let faults = faults(resource, headers, value.as_deref());
        let explain = |fault| explain(fault, resource, headers, value.as_deref());
        Self { content_md5, faults: faults.into_iter().map(explain).collect() }
    }

    /// Returns the fault in the body, unless the headers already have the same fault.
    pub(super) fn body_fault(
        &self,
        resource: &Resource<'_>,
        length: u64,
        digest: Option<Md5Sum>,
    ) -> Option<Explained> {
        let digest_or_right = digest.unwrap_or(resource.md5sum);
        let fault = check_upload_body(resource, length, digest_or_right).err()?;
        let has = |fault| self.faults.iter().any(|known| known.fault == fault);
        // A device that announces one file and sends a different one makes one mistake.
        let is_told = has(UploadFault::ContentLength)
            || fault == UploadFault::BodyMd5
                && self.content_md5 == digest
                && has(UploadFault::ContentMd5);
        if is_told {
            return None;
        }
        let size = resource.size;
        let sentence = match fault {
            UploadFault::BodyLength => {
                format!("{fault}: it is {length}, expected {size}")
            }
            _ => {
                let other = digest_or_right;
                format!("{fault}: it is {other}, expected {}", resource.md5sum)
            }
        };
        Some(Explained { fault, sentence, header: None })
    }

    /// Returns the fault in the body of an upload whose resource is unknown. Such a body must match
    /// `Content-MD5`.
    pub(super) fn own_body_fault(&self, digest: Option<Md5Sum>) -> Option<Explained> {
        let (told, digest) = (self.content_md5?, digest?);
        let fault = UploadFault::BodyMd5;
        let sentence = format!(
            "the MD5 of the body is not the digest in `Content-MD5`: it is {digest}, expected \
             {told}"
        );
        (told != digest).then_some(Explained { fault, sentence, header: None })
    }
}

/// Returns all faults in the headers, one for each mistake.
fn faults(
    resource: Option<&Resource<'_>>,
    headers: &Headers,
    content_md5: Option<&str>,
) -> Vec<UploadFault> {
    let Some(resource) = resource else {
        let is_valid = |value| ContentMd5::from_base64(value).is_ok();
        return match content_md5 {
            None => vec![UploadFault::MissingContentMd5],
            Some(value) if !is_valid(value) => vec![UploadFault::InvalidContentMd5],
            Some(_) => Vec::new(),
        };
    };
    let length = headers.joined(CONTENT_LENGTH).map(|_| content_length(headers));
    let is_garbled = length == Some(None);
    let first = check_upload_head(resource, length.flatten(), content_md5).err();
    let is_about_length =
        matches!(first, Some(UploadFault::MissingContentLength | UploadFault::ContentLength));
    if !is_about_length {
        return first.into_iter().collect();
    }
    let size = Some(resource.size.bytes());
    let second = check_upload_head(resource, size, content_md5).err();
    let first = if is_garbled { Some(UploadFault::ContentLength) } else { first };
    // The length and the digest of a different file are one mistake.
    let is_same =
        first == Some(UploadFault::ContentLength) && second == Some(UploadFault::ContentMd5);
    first.into_iter().chain(second.filter(|_| !is_same)).collect()
}

/// Returns the value of `Content-Length`, or `None` if the headers with this name are missing,
/// invalid or contradictory.
fn content_length(headers: &Headers) -> Option<u64> {
    let mut values = headers.all(CONTENT_LENGTH);
    let first = values.next()?;
    length_of(first).filter(|_| values.all(|other| other == first))
}

fn explain(
    fault: UploadFault,
    resource: Option<&Resource<'_>>,
    headers: &Headers,
    content_md5: Option<&str>,
) -> Explained {
    let right = resource.map(|resource| ContentMd5::from(resource.md5sum));
    let right = right.map_or_else(String::new, |right| format!(", expected `{right}`"));
    let size = resource.map_or_else(String::new, |resource| resource.size.to_string());
    let (detail, header) = match fault {
        UploadFault::MissingContentLength => {
            let is_chunked = headers.joined("Transfer-Encoding").is_some();
            let how = if is_chunked { "the body is sent in chunks, " } else { "" };
            let header = is_chunked.then_some("Transfer-Encoding");
            (format!(": {how}expected `Content-Length: {size}`"), header)
        }
        UploadFault::ContentLength => (format!(": expected {size}"), Some(CONTENT_LENGTH)),
        UploadFault::MissingContentMd5 => (right.replacen(',', ":", 1), None),
        UploadFault::InvalidContentMd5 => {
            let count = headers.all(CONTENT_MD5).count();
            let mistake = match content_md5.and_then(content_md5_mistake) {
                _ if count > 1 => format!(": the header occurs {count} times"),
                Some(mistake) => format!(": {mistake}"),
                None => String::new(),
            };
            let right = if mistake.is_empty() { right.replacen(',', ":", 1) } else { right };
            (format!("{mistake}{right}"), Some(CONTENT_MD5))
        }
        _ => {
            let is_empty = content_md5 == Some("1B2M2Y8AsgTpgAmY7PhCfg==");
            let what = if is_empty { ": it is the MD5 of an empty body" } else { "" };
            let right = if is_empty { right } else { right.replacen(',', ":", 1) };
            (format!("{what}{right}"), Some(CONTENT_MD5))
        }
    };
    Explained { fault, sentence: format!("{fault}{detail}"), header }
}

#[cfg(test)]
mod tests {
    use iothub_resource::{ResourceName, ResourceSize};

    use super::*;

    const RIGHT: &str = "XUFAKrxLKna5cZ2REBfFkg==";
    const HEX: &str = "5d41402abc4b2a76b9719d911017c592";

    fn hello() -> Resource<'static> {
        Resource {
            size: ResourceSize::from(5),
            name: ResourceName::new("zxc").unwrap(),
            md5sum: Md5Sum::of(b"hello"),
        }
    }

    fn headers(pairs: &[(&str, &str)]) -> Headers {
        Headers::new(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())))
    }

    #[test]
    fn heads() {
        let other = ContentMd5::from(Md5Sum::of(b"other")).to_string();
        let (length, md5) = (("content-length", "5"), ("Content-Md5", RIGHT));
        for (pairs, expected) in [
            (&[length, md5][..], &[][..]),
            (&[md5], &["missing-content-length"]),
            (&[md5, ("Transfer-Encoding", "chunked")], &["missing-content-length"]),
            (&[("Content-Length", "6"), md5], &["content-length"]),
            (&[("Content-Length", "x"), md5], &["content-length"]),
            (&[length, ("Content-Length", "6"), md5], &["content-length"]),
            (&[length, length, md5], &[]),
            (&[length], &["missing-content-md5"]),
            (&[length, ("Content-MD5", HEX)], &["invalid-content-md5"]),
            (&[length, md5, md5], &["invalid-content-md5"]),
            (&[length, ("Content-MD5", &other)], &["content-md5"]),
            (&[("Content-Length", "6"), ("Content-MD5", &other)], &["content-length"]),
            (&[("Content-Length", "6")], &["content-length", "missing-content-md5"]),
            (&[("Content-MD5", &other)], &["missing-content-length", "content-md5"]),
        ] {
            let head = UploadHead::of(Some(&hello()), &headers(pairs));
            let codes: Vec<_> =
                head.faults.iter().map(|fault| upload_fault_code(fault.fault)).collect();
            assert_eq!(codes, expected, "{pairs:?}");
        }
    }

    #[test]
    fn sentences() {
        for (pairs, sentence) in [
            (
                &[("Content-Length", "5"), ("Content-MD5", HEX)][..],
                "`Content-MD5` is not 16 bytes in canonical Base64: it is the 32 hexadecimal \
                 digits of the MD5, expected `XUFAKrxLKna5cZ2REBfFkg==`",
            ),
            (
                &[("Content-Length", "5"), ("Content-MD5", RIGHT), ("Content-MD5", RIGHT)],
                "`Content-MD5` is not 16 bytes in canonical Base64: the header occurs 2 times, \
                 expected `XUFAKrxLKna5cZ2REBfFkg==`",
            ),
            (
                &[("Content-Length", "5")],
                "the upload has no `Content-MD5`: expected `XUFAKrxLKna5cZ2REBfFkg==`",
            ),
            (
                &[("Content-Length", "5"), ("Content-MD5", "1B2M2Y8AsgTpgAmY7PhCfg==")],
                "`Content-MD5` is not the MD5 of the resource: it is the MD5 of an empty body, \
                 expected `XUFAKrxLKna5cZ2REBfFkg==`",
            ),
            (
                &[("Transfer-Encoding", "chunked"), ("Content-MD5", RIGHT)],
                "the upload has no `Content-Length`: the body is sent in chunks, expected \
                 `Content-Length: 5`",
            ),
        ] {
            let head = UploadHead::of(Some(&hello()), &headers(pairs));
            let told: Vec<_> = head.faults.iter().map(|fault| &*fault.sentence).collect();
            assert_eq!(told, [sentence]);
        }
    }

    #[test]
    fn bodies() {
        let digest = |text: &str| Some(Md5Sum::of(text.as_bytes()));
        let other = ContentMd5::from(Md5Sum::of(b"HELLO")).to_string();
        let (length, md5) = (("Content-Length", "5"), ("Content-MD5", RIGHT));
        for (pairs, body, expected) in [
            (&[length, md5][..], "hello", None),
            (&[length, md5], "HELLO", Some("body-md5")),
            (&[length, md5], "hell", Some("body-length")),
            // The headers announce a different file.
            (&[length, ("Content-MD5", &other)], "HELLO", None),
            (&[("Content-Length", "4"), md5], "hell", None),
            (&[length, ("Content-MD5", HEX)], "HELLO", Some("body-md5")),
            (&[md5], "HELLO", Some("body-md5")),
        ] {
            let head = UploadHead::of(Some(&hello()), &headers(pairs));
            let fault = head.body_fault(&hello(), body.len() as u64, digest(body));
            assert_eq!(fault.map(|fault| upload_fault_code(fault.fault)), expected, "{pairs:?}");
        }
        let head = UploadHead::of(None, &headers(&[("Content-MD5", RIGHT)]));
        assert!(head.faults.is_empty() && head.own_body_fault(digest("hello")).is_none());
        assert!(head.own_body_fault(digest("HELLO")).is_some());
    }
}
