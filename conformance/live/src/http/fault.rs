//! How the object store answers one request: well, or not.

use std::time::Duration;

/// The default is to behave well. Every field is one fault, and they can be combined.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ResponseFaults {
    /// Waits before the answer, when the request has been read.
    pub(crate) delay: Duration,
    /// Never answers, and keeps the connection open until the client closes it.
    pub(crate) never_answers: bool,
    /// This status instead of the right one. From 300 on, an upload is not kept and no resource is
    /// brought.
    pub(crate) status: Option<u16>,
    /// Answers when the head has come, without waiting for the body of an upload.
    pub(crate) answers_early: bool,
    /// The header `Location`.
    pub(crate) location: Option<String>,
    /// Drops the connection when so many bytes of an upload have come.
    pub(crate) cut_upload_at: Option<u64>,
    /// Drops the connection when so many bytes of a download were sent.
    pub(crate) cut_download_at: Option<u64>,
    /// `Content-Length` says this.
    pub(crate) content_length: Option<u64>,
    /// So many bytes more than the resource has.
    pub(crate) extra_bytes: usize,
    /// Other bytes than those of the resource, as many.
    pub(crate) wrong_body: bool,
    /// `Transfer-Encoding: chunked`, no length.
    pub(crate) chunked: bool,
    /// Everything, whatever range is asked for.
    pub(crate) ignores_range: bool,
    /// 206 with as many bytes as were asked for, but the first ones.
    pub(crate) brings_first_part: bool,
    /// How many bytes there are in all, as a `Content-Range` says it.
    pub(crate) content_range_total: Option<u64>,
    /// The body comes little by little.
    pub(crate) trickle: Option<Trickle>,
}

/// How a body is sent little by little.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Trickle {
    /// So many bytes at a time.
    pub(crate) step: usize,
    /// The pause after each step but the last.
    pub(crate) pause: Duration,
}

impl ResponseFaults {
    pub(crate) fn status(status: u16) -> Self {
        Self { status: Some(status), ..Self::default() }
    }

    /// Whether it refuses what is asked for.
    pub(super) fn refusal(&self) -> Option<u16> {
        self.status.filter(|status| *status >= 300)
    }
}
