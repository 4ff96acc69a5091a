//! Planned faults of the object store.

use std::time::Duration;

/// The faults that the object store adds to a response. By default, a response has no faults. Every
/// field is one fault. Faults can be combined.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ResponseFaults {
    /// The delay between the request and the response.
    pub(crate) delay: Duration,
    /// Whether the store never answers but keeps the connection open until the client closes it,
    /// for at most ten minutes.
    pub(crate) never_answers: bool,
    /// The status of the response; `None` for the correct status. If the status is 300 or more, no
    /// upload is stored and no resource is delivered.
    pub(crate) status: Option<u16>,
    /// Whether the store answers after the head, without waiting for the body of an upload.
    pub(crate) answers_early: bool,
    /// The value of the `Location` header; `None` to send no such header.
    pub(crate) location: Option<String>,
    /// The number of bytes of an upload after which the connection is dropped; `None` to keep it
    /// open.
    pub(crate) cut_upload_at: Option<u64>,
    /// The number of bytes of a download after which the connection is dropped; `None` to keep it
    /// open.
    pub(crate) cut_download_at: Option<u64>,
    /// The value of `Content-Length`; `None` for the correct value.
    pub(crate) content_length: Option<u64>,
    /// The number of bytes that are appended to the resource.
    pub(crate) extra_bytes: usize,
    /// Whether the store replaces every byte of the body with a different byte.
    pub(crate) wrong_body: bool,
    /// Whether the store sends the body in chunks, without `Content-Length`.
    pub(crate) chunked: bool,
    /// Whether the store delivers the whole resource for every range.
    pub(crate) ignores_range: bool,
    /// Whether the store answers a range with 206 and the requested number of bytes, but sends the
    /// first bytes of the resource.
    pub(crate) brings_first_part: bool,
    /// The total size in `Content-Range`; `None` for the correct size.
    pub(crate) content_range_total: Option<u64>,
    /// The pace of a slow body in the response; `None` for a fast body.
    pub(crate) trickle: Option<Trickle>,
    /// The pace at which the store reads a slow upload; `None` for a fast upload.
    pub(crate) reading: Option<Reading>,
}

/// The pace of a slow response body, which is sent in steps with pauses between them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Trickle {
    /// The number of bytes in each step.
    pub(crate) step: u64,
    /// The pause after each step except the last.
    pub(crate) pause: Duration,
}

/// The pace at which the body of an upload is read. After the slow steps, the rest is read as it
/// arrives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Reading {
    /// The number of bytes in each step.
    pub(crate) step: u64,
    /// The pause before each step.
    pub(crate) pause: Duration,
    /// The number of slow steps.
    pub(crate) steps: u64,
}

impl Trickle {
    /// Returns whether the body pauses after this many bytes.
    pub(super) const fn pauses_after(self, sent: u64) -> bool {
        sent.is_multiple_of(self.step)
    }

    /// Returns the number of bytes from this position to the next pause.
    pub(super) const fn until_pause(self, sent: u64) -> u64 {
        self.step - sent % self.step
    }
}

impl Reading {
    /// Returns whether a slow step begins after this many bytes, and how many bytes of the step
    /// remain. Returns `None` if the rest is read as fast as it arrives.
    pub(super) fn step_at(self, received: u64) -> Option<(bool, u64)> {
        let begun = received % self.step;
        (received / self.step < self.steps).then_some((begun == 0, self.step - begun))
    }
}

impl ResponseFaults {
    pub(crate) fn status(status: u16) -> Self {
        Self { status: Some(status), ..Self::default() }
    }

    /// Returns the planned status; `None` if no status of 300 or more is planned.
    pub(super) fn refusal(&self) -> Option<u16> {
        self.status.filter(|status| *status >= 300)
    }
}
