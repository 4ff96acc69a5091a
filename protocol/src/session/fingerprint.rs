//! Values that are only ever compared, in 16 bytes each.

use core::hash::{Hash, Hasher};

use crate::Md5Hasher;

/// Stands for a value of any length. Two values with one fingerprint do not come about by chance,
/// and whoever makes them on purpose deceives nobody but itself: fingerprints are only compared
/// with those of the same device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Fingerprint([u8; 16]);

impl Fingerprint {
    pub(super) fn of(value: &(impl Hash + ?Sized)) -> Self {
        let mut hasher = Fed(Md5Hasher::new());
        value.hash(&mut hasher);
        Self(*hasher.0.finish().as_bytes())
    }
}

struct Fed(Md5Hasher);

impl Hasher for Fed {
    fn write(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// Nobody asks for so few bits.
    fn finish(&self) -> u64 {
        0
    }
}
