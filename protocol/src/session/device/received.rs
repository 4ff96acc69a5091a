//! The bytes of a download that have arrived.

use super::outcome::Reason;
use crate::{ByteRange, DownloadFault, Md5Hasher, Resource, ResourceSize, check_download};

/// The instruction for bytes of a body: keep or discard them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(clippy::exhaustive_enums, reason = "bytes are of the resource or they are not")]
#[must_use = "bytes that are too many are not to be kept"]
pub enum Body {
    /// Keep the bytes at this offset in the resource.
    At(u64),
    /// Discard the bytes, because the body has more bytes than the resource. The download has
    /// failed (HTTP-5).
    TooLong,
}

/// The number of bytes that have arrived, and their digest. The caller keeps the bytes.
#[derive(Clone, Debug, Default)]
pub(super) struct Received {
    count: u64,
    hasher: Md5Hasher,
}

impl Received {
    pub(super) const fn count(&self) -> u64 {
        self.count
    }

    /// Adds the next bytes of the body and returns their place in the resource. If the body has
    /// more bytes than the resource, the method adds nothing and returns [`Body::TooLong`].
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

    /// Returns the range of the missing bytes, or `None` if all bytes or no bytes are missing
    /// (HTTP-6).
    pub(super) fn missing(&self, size: ResourceSize) -> Option<ByteRange> {
        if self.count == 0 { None } else { ByteRange::rest_of(size, self.count) }
    }

    /// Checks that the bytes are those of the resource (HTTP-5). The body is never too long here,
    /// because `take` rejects surplus bytes.
    pub(super) fn check(&self, resource: &Resource<'_>) -> Result<(), Reason> {
        check_download(resource, self.count, self.hasher.clone().finish()).map_err(|fault| {
            match fault {
                DownloadFault::BodyLength => Reason::TooShort,
                DownloadFault::BodyMd5 => Reason::Md5Mismatch,
            }
        })
    }
}

/// Two values are equal if the same bytes have arrived, as far as MD5 can distinguish them.
impl PartialEq for Received {
    fn eq(&self, other: &Self) -> bool {
        self.count == other.count && self.hasher.clone().finish() == other.hasher.clone().finish()
    }
}

impl Eq for Received {}
