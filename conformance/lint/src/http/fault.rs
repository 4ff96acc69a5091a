//! A fault of a transfer, to a finding.

use iothub_conformance_suite::{
    Level,
    result::{Finding, Marked},
};
use iothub_resource::{Direction, Topic};

use super::{
    download::StoreFault,
    ticket::Device,
    upload::{Explained, upload_fault_code},
};

/// Who is at fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Culprit {
    /// The client.
    Device,
    /// The object store.
    Platform,
}

/// One fault.
#[derive(Clone, Debug)]
pub(super) struct Fault {
    pub(super) culprit: Culprit,
    pub(super) code: &'static str,
    pub(super) requirement: &'static str,
    pub(super) level: Level,
    pub(super) sentence: String,
    /// Where in what is shown it is.
    pub(super) header: Option<&'static str>,
}

impl Fault {
    /// A fault of the device.
    pub(super) fn of_device(
        code: &'static str,
        requirement: &'static str,
        level: Level,
        sentence: impl Into<String>,
    ) -> Self {
        let sentence = sentence.into();
        Self { culprit: Culprit::Device, code, requirement, level, sentence, header: None }
    }

    /// The finding about it: on the topic that the culprit publishes on.
    pub(super) fn at(self, at: usize, device: Option<Device>) -> Finding {
        let Self { culprit, code, requirement, level, sentence, .. } = self;
        let finding = Finding::new(at, code, level, requirement, sentence);
        let direction = match culprit {
            Culprit::Device => Direction::Up,
            Culprit::Platform => Direction::Down,
        };
        match device {
            Some((product_id, name)) => {
                finding.on(Topic::new(direction, product_id, name).to_string())
            }
            None => finding,
        }
    }

    /// The same, showing the request or response.
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
        Self { culprit: Culprit::Platform, code, requirement, level, sentence, header }
    }
}
