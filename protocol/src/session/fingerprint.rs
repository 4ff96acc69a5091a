//! 16-byte fingerprints for values that are only compared with each other.

use core::hash::{Hash, Hasher};

use crate::ResourceName;

/// A short representation of a value of any length. Two different values are very unlikely to have
/// the same fingerprint by chance. A device that constructs two values with the same fingerprint
/// affects only its own session, because fingerprints are compared only with those of the same
/// device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Fingerprint(u64, u64);

impl Fingerprint {
    pub(super) fn of(value: &(impl Hash + ?Sized)) -> Self {
        let mut hasher = Folded::NEW;
        value.hash(&mut hasher);
        Self(hasher.0, hasher.1)
    }

    /// Returns the fingerprint of the name of a task.
    pub(super) fn of_name(name: &ResourceName<'_>) -> Self {
        Self::of_name_bytes(name.as_str().as_bytes())
    }

    /// Returns the fingerprint of a name that may be invalid.
    pub(super) fn of_name_bytes(name: &[u8]) -> Self {
        let mut hasher = Folded::NEW;
        hasher.write(name);
        Self(hasher.0, hasher.1)
    }
}

/// A hasher that computes two 64-bit hashes. As in wyhash and foldhash, each hash combines its
/// state with a word by XOR and multiplies the result by a constant. The new state is the XOR of
/// the two halves of the 128-bit product. The hashes take about one instruction for each byte,
/// whereas MD5 takes about ten.
struct Folded(u64, u64);

impl Folded {
    /// The initial state: digits of pi.
    const NEW: Self = Self(0x243F_6A88_85A3_08D3, 0x1319_8A2E_0370_7344);

    fn word(&mut self, word: u64) {
        self.0 = folded_product(self.0 ^ word, 0x082E_FA98_EC4E_6C89);
        self.1 = folded_product(self.1 ^ word, 0x4528_21E6_38D0_1377);
    }
}

const fn folded_product(a: u64, b: u64) -> u64 {
    let product = (a as u128).wrapping_mul(b as u128);
    (product >> 64) as u64 ^ product as u64
}

impl Hasher for Folded {
    /// Hashes words of eight bytes and then a last word with the remaining bytes and their number,
    /// even if no byte remains. The hashes therefore depend on where the bytes end.
    fn write(&mut self, bytes: &[u8]) {
        let (words, rest) = bytes.as_chunks();
        for word in words {
            self.word(u64::from_le_bytes(*word));
        }
        let length = u64::try_from(rest.len()).unwrap_or_default();
        let last = rest.iter().rev().fold(length, |word, byte| word << 8 | u64::from(*byte));
        self.word(last);
    }

    fn write_u8(&mut self, number: u8) {
        self.word(number.into());
    }

    fn write_u32(&mut self, number: u32) {
        self.word(number.into());
    }

    fn write_u64(&mut self, number: u64) {
        self.word(number);
    }

    fn write_usize(&mut self, number: usize) {
        self.word(u64::try_from(number).unwrap_or_default());
    }

    /// Returns 0. The trait requires this method, but nothing calls it, because a fingerprint needs
    /// both hashes.
    fn finish(&self) -> u64 {
        0
    }
}

#[cfg(test)]
mod tests {
    use alloc::{collections::BTreeSet, format};

    use super::*;

    /// The test compares each half of the fingerprints separately. If it compared whole
    /// fingerprints, a difference in one half could hide that the other half is the same.
    #[test]
    fn values_that_are_nearly_the_same_differ() {
        let mut texts = BTreeSet::new();
        for length in 0..40 {
            for at in 0..length {
                for byte in 0..0x80 {
                    let (head, tail) = ("\0".repeat(at), "\0".repeat(length - at - 1));
                    texts.insert(format!("{head}{}{tail}", char::from(byte)));
                }
            }
            texts.insert("\0".repeat(length));
        }
        let prints: BTreeSet<Fingerprint> = texts.iter().map(Fingerprint::of).collect();
        let [first, second] = [|it: &Fingerprint| it.0, |it: &Fingerprint| it.1]
            .map(|half| prints.iter().map(half).collect::<BTreeSet<u64>>().len());
        assert_eq!((first, second), (texts.len(), texts.len()));
        let names: BTreeSet<Fingerprint> =
            texts.iter().map(|text| Fingerprint::of_name_bytes(text.as_bytes())).collect();
        assert_eq!(names.len(), texts.len());
    }

    /// The place of the boundary between two texts changes the fingerprint.
    #[test]
    fn the_ends_of_texts_count() {
        let pairs = [
            ("abc", "def\0\0\0\0\u{3}"),
            ("abc\0\0\0\0\u{3}", "def"),
            ("abcd", "ef\0\0\0\0\u{3}"),
            ("", "abcdef\0\0\0\0\u{3}"),
            ("abcdefgh", ""),
            ("", "abcdefgh"),
        ];
        let prints: BTreeSet<Fingerprint> = pairs.iter().map(Fingerprint::of).collect();
        assert_eq!(prints.len(), pairs.len());
    }
}
