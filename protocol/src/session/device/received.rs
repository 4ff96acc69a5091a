//! The bytes of a download, as they arrive.

use super::outcome::Reason;
use crate::{ByteRange, DownloadFault, Md5Hasher, Resource, ResourceSize, check_download};

/// What bytes of a body are to a download.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(clippy::exhaustive_enums, reason = "bytes are of the resource or they are not")]
#[must_use = "bytes that are too many are not to be kept"]
pub enum Body {
    /// They belong there in the resource, in bytes from its beginning.
    At(u64),
    /// There are more of them than the resource has: the download has failed, and they are not to
    /// be kept (HTTP-5).
    TooLong,
}

/// How many bytes have arrived, and their digest. The bytes themselves are the caller's.
#[derive(Clone, Debug, Default)]
pub(super) struct Received {
    count: u64,
    hasher: Md5Hasher,
}

impl Received {
    pub(super) const fn count(&self) -> u64 {
        self.count
    }

    /// Takes the next bytes. Of too many, none is taken.
    pub(super) fn take(&mut self, size: ResourceSize, bytes: &[u8]) -> Body {
        let place = self.count;
        let total = u64::try_from(bytes.len()).ok().and_then(|count| place.checked_add(count));
        match total {
            Some(total) if total <= size.bytes() => {
                self.count = total;
                self.hasher.update(bytes);
                Body::At(place)
            }
            _ => Body::TooLong,
        }
    }

    /// What to ask for: everything, without a range, or the rest (HTTP-6).
    pub(super) fn missing(&self, size: ResourceSize) -> Option<ByteRange> {
        if self.count == 0 { None } else { ByteRange::rest_of(size, self.count) }
    }

    /// Whether it is the resource (HTTP-5). There are never too many bytes.
    pub(super) fn check(&self, resource: &Resource<'_>) -> Result<(), Reason> {
        check_download(resource, self.count, self.hasher.clone().finish()).map_err(|fault| {
            match fault {
                DownloadFault::BodyLength => Reason::TooShort,
                DownloadFault::BodyMd5 => Reason::Md5Mismatch,
            }
        })
    }
}

/// Equal where the same bytes have arrived, as far as MD5 tells.
impl PartialEq for Received {
    fn eq(&self, other: &Self) -> bool {
        self.count == other.count && self.hasher.clone().finish() == other.hasher.clone().finish()
    }
}

impl Eq for Received {}
