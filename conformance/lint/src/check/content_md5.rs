//! Judges the value of a `Content-MD5` header by itself.

use std::fmt;

use iothub_resource::{ContentMd5, Md5Sum};

use crate::http::{content_md5_mistake, meant_digest};

/// The digest with which the header is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(clippy::exhaustive_enums, reason = "a digest is either known or unknown")]
pub enum Digest {
    /// The digest of the resource.
    Of(Md5Sum),
    /// The digest is unknown, so only the form is judged.
    Unknown,
}

/// The judgement of a `Content-MD5` header, with an explanation and the right value.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CheckedHeader {
    /// Whether the header is right.
    pub is_right: bool,
    /// The mistake or the meaning of the value, as a sentence.
    pub what: String,
    /// The right value of the header, or `None` if the digest is unknown.
    pub expected: Option<String>,
}

impl CheckedHeader {
    /// Judges the value of a `Content-MD5` header (HTTP-2, HTTP-4).
    ///
    /// ```
    /// use iothub_conformance_lint::check::{CheckedHeader, Digest};
    /// use iothub_resource::Md5Sum;
    ///
    /// let digest = Digest::Of(Md5Sum::of(b"hello"));
    /// assert!(CheckedHeader::of("XUFAKrxLKna5cZ2REBfFkg==", digest).is_right);
    /// let header = CheckedHeader::of("5d41402abc4b2a76b9719d911017c592", digest);
    /// let what = "it is the 32 hexadecimal digits of the MD5, but the digest itself is right";
    /// assert_eq!(header.what, what);
    /// assert_eq!(header.expected.as_deref(), Some("XUFAKrxLKna5cZ2REBfFkg=="));
    /// ```
    #[must_use]
    pub fn of(value: &str, digest: Digest) -> Self {
        let expected = match digest {
            Digest::Of(md5sum) => Some(ContentMd5::from(md5sum).to_string()),
            Digest::Unknown => None,
        };
        let (is_right, what) = match (ContentMd5::from_base64(value), digest) {
            (Ok(own), Digest::Of(md5sum)) if Md5Sum::from(own) == md5sum => {
                (true, format!("it represents the MD5 {md5sum}"))
            }
            (Ok(own), Digest::Of(md5sum)) => {
                let own = Md5Sum::from(own);
                (
                    false,
                    format!("it represents the MD5 {own} of different bytes: expected {md5sum}"),
                )
            }
            (Ok(own), Digest::Unknown) => (
                true,
                format!("it has the right form and represents the MD5 {}", Md5Sum::from(own)),
            ),
            (Err(error), digest) => {
                let mistake =
                    content_md5_mistake(value).map_or_else(|| error.to_string(), str::to_owned);
                (false, mistake + of_which(value, digest))
            }
        };
        Self { is_right, what, expected }
    }
}

/// Returns the end of a sentence that states whether a value in the wrong form is the right digest.
/// Returns an empty string if this is unknown.
fn of_which(value: &str, digest: Digest) -> &'static str {
    match (digest, meant_digest(value)) {
        (Digest::Of(expected), Some(own)) if own == expected => ", but the digest itself is right",
        (Digest::Of(_), Some(_)) => ", and the digest belongs to different bytes",
        _ => "",
    }
}

impl fmt::Display for CheckedHeader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)?;
        match &self.expected {
            Some(expected) if !self.is_right => write!(f, "\nexpected: {expected}"),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mistakes_are_told_apart() {
        let right = Digest::Of(Md5Sum::of(b"hello"));
        for (value, what) in [
            (
                "5D41402ABC4B2A76B9719D911017C592",
                "it is the 32 hexadecimal digits of the MD5, but the digest itself is right",
            ),
            (
                "NWQ0MTQwMmFiYzRiMmE3NmI5NzE5ZDkxMTAxN2M1OTI=",
                "it is the Base64 of the 32 hexadecimal digits of the MD5, but the digest itself \
                 is right",
            ),
            (
                "XUFAKrxLKna5cZ2REBfFkg",
                "its padding `==` is missing, but the digest itself is right",
            ),
            (
                "1B2M2Y8AsgTpgAmY7PhCfg==",
                "it represents the MD5 d41d8cd98f00b204e9800998ecf8427e of different bytes: \
                 expected 5d41402abc4b2a76b9719d911017c592",
            ),
            (
                "d41d8cd98f00b204e9800998ecf8427e",
                "it is the 32 hexadecimal digits of the MD5, and the digest belongs to different \
                 bytes",
            ),
        ] {
            let header = CheckedHeader::of(value, right);
            assert_eq!((header.is_right, &*header.what), (false, what), "{value}");
        }
    }
}
