//! The open brackets of skipped values.

use alloc::vec::Vec;

/// A stack of open brackets, with one bit for each bracket. The innermost 64 brackets need no
/// allocation.
#[derive(Default)]
pub(super) struct Nesting {
    depth: usize,
    /// The innermost brackets, at most 64. The lowest bit is for the innermost bracket. A bit is 1
    /// for an object and 0 for an array.
    bits: u64,
    /// The brackets outside those in `bits`, with 64 in each item.
    outer: Vec<u64>,
}

impl Nesting {
    const BITS: usize = u64::BITS as usize;

    /// Returns whether the innermost open bracket is that of an object, or `None` if no bracket is
    /// open.
    pub(super) const fn innermost(&self) -> Option<bool> {
        if self.depth == 0 { None } else { Some(self.bits & 1 == 1) }
    }

    pub(super) fn push(&mut self, is_object: bool) {
        if self.depth > 0 && self.depth.is_multiple_of(Self::BITS) {
            self.outer.push(self.bits);
        }
        self.bits = self.bits << 1 | u64::from(is_object);
        self.depth = self.depth.saturating_add(1);
    }

    pub(super) fn pop(&mut self) {
        self.depth = self.depth.saturating_sub(1);
        self.bits >>= 1;
        if self.depth.is_multiple_of(Self::BITS)
            && let Some(bits) = self.outer.pop()
        {
            self.bits = bits;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Values nested up to 64 levels deep must need no heap allocation.
    #[test]
    fn the_first_64_brackets_need_no_heap() {
        let mut nesting = Nesting::default();
        for _ in 0..Nesting::BITS {
            nesting.push(true);
            assert_eq!(nesting.outer.capacity(), 0);
        }
        nesting.push(true);
        assert_eq!(nesting.outer.len(), 1);
    }
}
