//! One issued URL and the requests for it.

use std::sync::Arc;

use iothub_conformance_suite::result::Marked;
use iothub_resource::{DeviceName, ProductId, Resource, Transfer};

use super::coverage::Coverage;

/// The product id and the name of a device.
pub(super) type Device = (ProductId, DeviceName);

/// An issued URL and its purpose.
#[derive(Debug)]
pub(super) struct Ticket {
    pub(super) device: Device,
    /// Upload or download, or `None` if the message that issued the URL has no readable type.
    pub(super) transfer: Option<Transfer>,
    /// The name of the resource, or an empty string if the message has no readable name.
    pub(super) name: Arc<str>,
    /// The resource, or `None` if the message with the URL has a fault. The device may then expect
    /// other values.
    pub(super) resource: Option<Resource<'static>>,
    pub(super) host: Arc<str>,
    pub(super) port: u16,
    pub(super) target: Arc<str>,
    /// The number of the previous ticket of the same task, or `None` for the first ticket.
    pub(super) before: Option<u64>,
    pub(super) course: Course,
}

/// The progress of the transfer at an issued URL: its requests, its bytes and its result.
#[derive(Debug, Default)]
pub(super) struct Course {
    /// The number of requests that have begun.
    pub(super) begun: usize,
    /// The number of requests that have begun and are not over.
    pub(super) open: usize,
    /// The number of the packet or line that completed the resource, or `None` if it is incomplete.
    pub(super) arrived: Option<usize>,
    /// Whether the capture cannot prove that the resource arrived or did not arrive.
    pub(super) is_unknown: bool,
    /// The refusal of a correct request, or `None` if there was none or a later request succeeded.
    pub(super) refusal: Option<Box<Refusal>>,
    /// A report that claimed success before the resource had arrived, or `None` without such a
    /// report.
    pub(super) claim: Option<Box<Claim>>,
    /// Whether a report has ended the task.
    pub(super) has_ended: bool,
    /// The delivered bytes of a download, or `None` before the first byte.
    coverage: Option<Box<Coverage>>,
}

impl Course {
    pub(super) fn coverage(&mut self) -> &mut Coverage {
        self.coverage.get_or_insert_default()
    }
}

/// A refusal of a correct request by the store.
#[derive(Clone, Debug)]
pub(super) struct Refusal {
    pub(super) at: usize,
    /// The refusal in words, for example "the response is 403".
    pub(super) what: String,
    pub(super) shown: Marked,
}

/// A report that a transfer succeeded.
#[derive(Clone, Debug)]
pub(super) struct Claim {
    pub(super) at: usize,
    pub(super) transfer: Transfer,
    pub(super) shown: Marked,
}

impl Ticket {
    /// Returns the approximate number of bytes of memory that the ticket takes.
    pub(super) fn memory(&self) -> usize {
        const TICKET: usize = 800;
        let name = self.resource.as_ref().map_or(0, |resource| resource.name.as_str().len());
        TICKET + name + self.name.len() + self.host.len() + 2 * self.target.len()
    }
}
