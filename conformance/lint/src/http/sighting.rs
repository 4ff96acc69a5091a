//! The types that a judge of transfers returns.

use iothub_conformance_suite::{
    Level,
    result::{Finding, StoredEvent},
};
use iothub_resource::{DeviceName, ProductId};

/// The findings and diagram events for one step of a transfer.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct JudgedTransfer {
    /// The faults in this step.
    pub findings: Vec<Finding>,
    /// The events for a sequence diagram.
    pub sightings: Vec<Sighting>,
    /// The requirements that the step exercises.
    pub(crate) exercised: Vec<&'static str>,
}

/// An event or a fault to show in the sequence diagram of a device.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Sighting {
    /// The product id of the device.
    pub product_id: ProductId,
    /// The name of the device.
    pub device_name: DeviceName,
    pub(crate) seen: Seen,
}

#[derive(Clone, Debug)]
pub(crate) enum Seen {
    /// An arrow in the diagram.
    Event {
        event: StoredEvent,
        /// The label of the guessed arrow that this arrow replaces, or `None` if there is none.
        instead_of: Option<String>,
    },
    /// A fault that marks the arrow of this packet or line.
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
