//! Which bytes of a download were brought, by whatever requests.

use iothub_resource::{Md5Hasher, Md5Sum};

/// How many parts may lie apart. Devices fetch one after the other.
const MOST_PARTS: usize = 64;

/// The parts, and the digest of what came in order from the first byte on.
#[derive(Debug, Default)]
pub(super) struct Coverage {
    /// In order, apart from each other; the end of each is not included.
    parts: Vec<(u64, u64)>,
    hashed: u64,
    hasher: Md5Hasher,
    /// The digest of so many bytes from the first on, where the capture says it.
    told: Option<(u64, Md5Sum)>,
}

impl Coverage {
    /// A response begins with this byte.
    pub(super) fn begin(&mut self, first: u64) {
        if first == 0 {
            (self.hashed, self.hasher, self.told) = (0, Md5Hasher::new(), None);
        }
    }

    /// Bytes came, the first of which is byte `at` of the resource.
    pub(super) fn bytes(&mut self, at: u64, bytes: &[u8]) {
        let end = at + bytes.len() as u64;
        if at <= self.hashed && self.hashed < end {
            // What was hashed already is at most as long as the bytes.
            self.hasher.update(&bytes[(self.hashed - at) as usize..]);
            self.hashed = end;
        }
        self.put(at, end);
    }

    /// Bytes came that are not in the capture.
    pub(super) fn unread(&mut self, at: u64, count: u64) {
        self.put(at, at + count);
    }

    /// So many bytes came from the first one on, and this is their digest.
    pub(super) fn told(&mut self, count: u64, digest: Option<Md5Sum>) {
        self.put(0, count);
        self.told = digest.map(|digest| (count, digest));
    }

    /// Whether all bytes of a resource of that size came.
    pub(super) fn has_all(&self, size: u64) -> bool {
        size == 0 || matches!(self.parts[..], [(0, end), ..] if end >= size)
    }

    /// The digest of a resource of that size, if all of it is known.
    pub(super) fn digest(&self, size: u64) -> Option<Md5Sum> {
        let told = self.told.filter(|(count, _)| *count == size).map(|(_, digest)| digest);
        told.or_else(|| (self.hashed == size).then(|| self.hasher.clone().finish()))
    }

    fn put(&mut self, mut first: u64, mut end: u64) {
        if first >= end {
            return;
        }
        let from = self.parts.partition_point(|part| part.1 < first);
        let to = self.parts.partition_point(|part| part.0 <= end);
        for part in &self.parts[from..to] {
            (first, end) = (first.min(part.0), end.max(part.1));
        }
        self.parts.splice(from..to, [(first, end)]);
        if self.parts.len() > MOST_PARTS {
            // The two at the end are taken for one: better that than a device accused.
            if let Some((_, end)) = self.parts.pop()
                && let Some(last) = self.parts.last_mut()
            {
                last.1 = end;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_in_any_order() {
        let mut coverage = Coverage::default();
        assert!(coverage.has_all(0));
        for (at, text) in [(5, "fgh"), (0, "abc"), (8, "ij"), (3, "de")] {
            assert!(!coverage.has_all(10));
            coverage.bytes(at, text.as_bytes());
        }
        assert!(coverage.has_all(10) && !coverage.has_all(11));
        assert_eq!(coverage.parts, [(0, 10)]);
        assert_eq!(coverage.digest(10), None, "it came out of order");
    }

    #[test]
    fn a_digest_over_several_requests() {
        let mut coverage = Coverage::default();
        for (at, text) in [(0, "abcd"), (2, "cdef"), (1, "b"), (6, "ghij")] {
            coverage.begin(at);
            coverage.bytes(at, text.as_bytes());
        }
        assert_eq!(coverage.digest(10), Some(Md5Sum::of(b"abcdefghij")));
        assert_eq!(coverage.digest(9), None);
        // From the beginning again.
        coverage.begin(0);
        coverage.bytes(0, b"ABCDEFGHIJ");
        assert_eq!(coverage.digest(10), Some(Md5Sum::of(b"ABCDEFGHIJ")));
        coverage.begin(0);
        coverage.told(10, Some(Md5Sum::of(b"x")));
        assert_eq!(coverage.digest(10), Some(Md5Sum::of(b"x")));
    }

    #[test]
    fn what_was_not_read() {
        let mut coverage = Coverage::default();
        coverage.bytes(0, b"abc");
        coverage.unread(3, 7);
        assert!(coverage.has_all(10));
        assert_eq!(coverage.digest(10), None);
    }

    #[test]
    fn many_parts_stay_few() {
        let mut coverage = Coverage::default();
        for number in 0..1000 {
            coverage.bytes(number * 10, b"abc");
        }
        assert!(coverage.parts.len() <= MOST_PARTS);
        assert!(!coverage.has_all(9_993));
    }
}
