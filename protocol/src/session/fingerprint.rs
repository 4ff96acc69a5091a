//! Values that are only ever compared, in 16 bytes each.

use core::hash::{Hash, Hasher};

use crate::{Md5Hasher, Md5Sum, ResourceName};

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

    /// Stands for the name of a task.
    pub(super) fn of_name(name: &ResourceName<'_>) -> Self {
        Self::of_name_bytes(name.as_str().as_bytes())
    }

    /// The same, for a name that may not be valid.
    pub(super) fn of_name_bytes(name: &[u8]) -> Self {
        Self(*Md5Sum::of(name).as_bytes())
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
