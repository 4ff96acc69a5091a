//! A payload in which faults are repaired one by one, so that the decoder reaches the next fault.

use std::ops::Range;

/// The bytes of a repaired payload, each with its place in the original payload.
#[derive(Clone, Debug)]
pub(super) struct Repaired {
    pub(super) bytes: Vec<u8>,
    /// The place of each byte in the original payload, or `None` for bytes that a repair has added.
    origins: Vec<Option<usize>>,
    length: usize,
}

impl Repaired {
    pub(super) fn new(payload: &[u8]) -> Self {
        Self {
            bytes: payload.to_vec(),
            origins: (0..payload.len()).map(Some).collect(),
            length: payload.len(),
        }
    }

    /// Replaces the bytes in `range` with the bytes `by`.
    pub(super) fn replace(&mut self, range: Range<usize>, by: &[u8]) {
        self.bytes.splice(range.clone(), by.iter().copied());
        self.origins.splice(range, by.iter().map(|_| None));
    }

    /// Replaces a byte with `by`, which keeps the place of the replaced byte.
    pub(super) fn respell(&mut self, at: usize, by: u8) {
        self.bytes[at] = by;
    }

    /// Returns the place of a range in the original payload, or `None` if the range contains a
    /// repair.
    pub(super) fn origin(&self, range: &Range<usize>) -> Option<Range<usize>> {
        let own = &self.origins[range.clone()];
        if let ([first, ..], [.., last]) = (own, own) {
            let (first, last) = ((*first)?, (*last)?);
            return own.iter().all(Option::is_some).then_some(first..last + 1);
        }
        // The range is empty: at the end of the bytes, or between two bytes.
        let at = self.origins.get(range.start).copied();
        let at = at.map_or(Some(self.length), |origin| origin)?;
        Some(at..at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_those_of_the_payload() {
        let mut repaired = Repaired::new(b"abcdef");
        repaired.replace(1..3, b"");
        repaired.replace(2..3, b"XYZ");
        assert_eq!(repaired.bytes, b"adXYZf");
        assert_eq!(repaired.origin(&(1..2)), Some(3..4));
        assert_eq!(repaired.origin(&(5..6)), Some(5..6));
        assert_eq!(repaired.origin(&(6..6)), Some(6..6));
        assert_eq!(repaired.origin(&(1..3)), None);
    }
}
