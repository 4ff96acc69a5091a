//! Creates a finding from a fault in a transfer.

use iothub_conformance_suite::{
    Level,
    result::{Finding, Marked, Side},
};
use iothub_resource::{Direction, Topic};

use super::{
    download::StoreFault,
    ticket::Device,
    upload::{Explained, upload_fault_code},
};

/// A fault in a transfer, before its place in the capture is added.
#[derive(Clone, Debug)]
pub(super) struct Fault {
    pub(super) side: Side,
    pub(super) code: &'static str,
    pub(super) requirement: &'static str,
    pub(super) level: Level,
    pub(super) sentence: String,
    /// The header with the fault, which is marked in the excerpt.
    pub(super) header: Option<&'static str>,
}

impl Fault {
    /// Creates a fault of the device.
    pub(super) fn of_device(
        code: &'static str,
        requirement: &'static str,
        level: Level,
        sentence: impl Into<String>,
    ) -> Self {
        let sentence = sentence.into();
        Self { side: Side::Device, code, requirement, level, sentence, header: None }
    }

    /// Returns the finding for this fault. If the device is known, the finding is on the topic of
    /// the responsible side.
    pub(super) fn at(self, at: usize, device: Option<Device>) -> Finding {
        let Self { side, code, requirement, level, sentence, .. } = self;
        let finding = Finding::new(at, code, level, requirement, sentence).against(side);
        let is_device = side == Side::Device;
        let direction = if is_device { Direction::Up } else { Direction::Down };
        match device {
            Some((product_id, name)) => {
                finding.on(Topic::new(direction, product_id, name).to_string())
            }
            None => finding,
        }
    }

    /// Returns the finding for this fault, with an excerpt of the request or response.
    pub(super) fn showing(self, at: usize, device: Option<Device>, shown: Marked) -> Finding {
        self.at(at, device).showing(shown)
    }
}

impl From<Explained> for Fault {
    fn from(Explained { fault, sentence, header }: Explained) -> Self {
        let (code, requirement) = (upload_fault_code(fault), fault.requirement());
        Self { header, ..Self::of_device(code, requirement, Level::Must, sentence) }
    }
}

impl From<StoreFault> for Fault {
    fn from(fault: StoreFault) -> Self {
        let StoreFault { code, requirement, level, sentence, header } = fault;
        Self { side: Side::Platform, code, requirement, level, sentence, header }
    }
}
