//! One URL that was issued, and what was seen at it.

use std::sync::Arc;

use iothub_conformance_suite::result::Marked;
use iothub_resource::{DeviceName, ProductId, Resource, Transfer};

use super::coverage::Coverage;

/// A device.
pub(super) type Device = (ProductId, DeviceName);

/// What a URL was issued for.
#[derive(Debug)]
pub(super) struct Ticket {
    pub(super) device: Device,
    /// None where the message that issued it shows no type.
    pub(super) transfer: Option<Transfer>,
    /// The name of the resource; empty where the message shows none.
    pub(super) name: Arc<str>,
    /// None where the message that issued the URL is at fault, so that its values may not be those
    /// that the device goes by.
    pub(super) resource: Option<Resource<'static>>,
    pub(super) host: Arc<str>,
    pub(super) port: u16,
    pub(super) target: Arc<str>,
    /// The ticket of the same task before it.
    pub(super) before: Option<u64>,
    pub(super) course: Course,
}

/// How far the transfer has come.
#[derive(Debug, Default)]
pub(super) struct Course {
    /// How many requests have begun, and how many of them are not over.
    pub(super) begun: usize,
    pub(super) open: usize,
    /// The packet with which the whole resource had arrived.
    pub(super) arrived: Option<usize>,
    /// Whether it arrived cannot be told from the capture.
    pub(super) is_unknown: bool,
    /// Where the store refused what was right, as far as nothing has come of it yet.
    pub(super) refusal: Option<Refusal>,
    /// The report that said `done` when the resource had not arrived.
    pub(super) claim: Option<Claim>,
    /// A report has ended the task.
    pub(super) has_ended: bool,
    pub(super) coverage: Coverage,
}

/// The store did not do what was asked rightly.
#[derive(Clone, Debug)]
pub(super) struct Refusal {
    pub(super) at: usize,
    /// Such as "the answer is 403".
    pub(super) what: String,
    pub(super) shown: Marked,
}

/// A report said `done`.
#[derive(Clone, Debug)]
pub(super) struct Claim {
    pub(super) at: usize,
    pub(super) transfer: Transfer,
    pub(super) shown: Marked,
}

impl Ticket {
    /// About how many bytes it takes.
    pub(super) fn memory(&self) -> usize {
        const TICKET: usize = 1024;
        let name = self.resource.as_ref().map_or(0, |resource| resource.name.as_str().len());
        TICKET + name + self.name.len() + self.host.len() + 2 * self.target.len()
    }
}
