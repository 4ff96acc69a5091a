//! Tracks which bytes of a download one or more responses have delivered.

use iothub_resource::{Md5Hasher, Md5Sum};

/// The maximum number of separate parts that are tracked. Devices usually fetch one part after
/// another.
const MOST_PARTS: usize = 64;

/// The delivered parts of a resource, and the digest of the bytes that arrived in order from the
/// first byte.
#[derive(Debug, Default)]
pub(super) struct Coverage {
    /// The first byte and the exclusive end of each part. The parts are sorted and do not overlap.
    parts: Vec<(u64, u64)>,
    hashed: u64,
    hasher: Md5Hasher,
    /// The number of bytes from the first byte on, and their digest, if the capture states both.
    told: Option<(u64, Md5Sum)>,
}

impl Coverage {
    /// Begins a response that delivers the resource from byte `first` on. If `first` is 0, the
    /// calculation of the digest starts again.
    pub(super) fn begin(&mut self, first: u64) {
        if first == 0 {
            (self.hashed, self.hasher, self.told) = (0, Md5Hasher::new(), None);
        }
    }

    /// Adds bytes. The first byte is byte `at` of the resource.
    pub(super) fn bytes(&mut self, at: u64, bytes: &[u8]) {
        let end = at + bytes.len() as u64;
        if at <= self.hashed && self.hashed < end {
            // `hashed` is at most the end of these bytes.
            self.hasher.update(&bytes[(self.hashed - at) as usize..]);
            self.hashed = end;
        }
        self.put(at, end);
    }

    /// Adds delivered bytes that the capture lacks.
    pub(super) fn unread(&mut self, at: u64, count: u64) {
        self.put(at, at + count);
    }

    /// Adds the first `count` bytes of the resource, and their digest if the capture states it.
    pub(super) fn told(&mut self, count: u64, digest: Option<Md5Sum>) {
        self.put(0, count);
        self.told = digest.map(|digest| (count, digest));
    }

    /// Returns whether all bytes of a resource of this size were delivered.
    pub(super) fn has_all(&self, size: u64) -> bool {
        size == 0 || matches!(self.parts[..], [(0, end), ..] if end >= size)
    }

    /// Returns the digest of the delivered resource of this size, or `None` if the digest is
    /// unknown.
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
            // The last two parts are merged. This may hide a fault but never causes a wrong
            // finding.
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
        // A new attempt starts from the beginning.
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
