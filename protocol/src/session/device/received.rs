//! The bytes of a download, as they arrive.

use super::Reason;
use crate::{ByteRange, Md5Hasher, Resource, ResourceSize};

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

    /// Takes the next bytes, and says where in the resource they belong; `None` if it would be
    /// more than there are, and nothing was taken.
    pub(super) fn take(&mut self, size: ResourceSize, bytes: &[u8]) -> Option<u64> {
        let place = self.count;
        let total = u64::try_from(bytes.len()).ok().and_then(|count| place.checked_add(count))?;
        if total > size.bytes() {
            return None;
        }
        self.count = total;
        self.hasher.update(bytes);
        Some(place)
    }

    /// What to ask for: everything, without a range, or the rest (HTTP-6).
    pub(super) fn missing(&self, size: ResourceSize) -> Option<ByteRange> {
        if self.count == 0 { None } else { ByteRange::rest_of(size, self.count) }
    }

    /// Whether it is the resource (HTTP-5).
    pub(super) fn check(&self, resource: &Resource<'_>) -> Result<(), Reason> {
        if self.count != resource.size.bytes() {
            Err(Reason::TooShort)
        } else if self.hasher.clone().finish() != resource.md5sum {
            Err(Reason::Md5Mismatch)
        } else {
            Ok(())
        }
    }
}

/// Equal where the same bytes have arrived, as far as MD5 tells.
impl PartialEq for Received {
    fn eq(&self, other: &Self) -> bool {
        self.count == other.count && self.hasher.clone().finish() == other.hasher.clone().finish()
    }
}

impl Eq for Received {}
