//! What the judge of transfers says.

use iothub_conformance_suite::{
    Level,
    result::{Finding, StoredEvent},
};
use iothub_resource::{DeviceName, ProductId};

/// What a step of a transfer led to.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct JudgedTransfer {
    /// What is wrong.
    pub findings: Vec<Finding>,
    /// What a sequence diagram shows of it.
    pub sightings: Vec<Sighting>,
}

/// Something that was seen of a transfer.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Sighting {
    /// The product of the device.
    pub product_id: ProductId,
    /// Its name.
    pub device_name: DeviceName,
    pub(crate) seen: Seen,
}

#[derive(Clone, Debug)]
pub(crate) enum Seen {
    /// An arrow.
    Event {
        event: StoredEvent,
        /// The label of the guess that it takes the place of.
        instead_of: Option<String>,
    },
    /// The arrow of this packet or line is wrong.
    Blame { at: usize, code: String, level: Level },
}

impl Sighting {
    pub(super) const fn new(
        (product_id, device_name): (ProductId, DeviceName),
        seen: Seen,
    ) -> Self {
        Self { product_id, device_name, seen }
    }
}
