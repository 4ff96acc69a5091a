//! The faults of the object store in a scenario.

use std::{fmt, time::Duration};

use super::flow::Flow;
use crate::http::{Reading, ResponseFaults, Trickle};

/// A fault in the responses of the object store; `None` for correct responses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum StoreFault {
    None,
    Status(u16),
    /// Responds with this status before it has read the body.
    Early(u16),
    /// Redirects to a different place in the store.
    Redirect(u16),
    Silent,
    Slow,
    /// Reads the body of an upload in eight steps, with pauses.
    ReadsSlowly,
    /// Reads the first bytes of the body of an upload one by one, with pauses.
    ReadsBytes,
    /// Does not read the body of an upload for a while.
    ReadsLate,
    /// Pauses after each 45% of the body, long enough for a report.
    Paced,
    /// Drops the connection in the middle of the body.
    Cut,
    /// Answers a request for the rest with status 403. A device need not send this request.
    Gone,
    /// Drops the connection after the first 64 KiB of the body of a download.
    CutEarly,
    /// Declares a `Content-Length` that exceeds the length of the body.
    LengthTooLong,
    LengthTooShort,
    TooManyBytes,
    OtherBytes,
    Chunked,
    IgnoresRange,
    /// Answers a request for a range with status 206, a matching `Content-Range`, and the first
    /// bytes of the resource.
    OtherPart,
    /// Declares a different total size in `Content-Range`.
    OtherTotal,
}

impl StoreFault {
    pub(super) fn response_faults(
        self,
        flow: Flow,
        size: u64,
        slow: Duration,
        elsewhere: &str,
    ) -> ResponseFaults {
        let good = ResponseFaults::default();
        match self {
            Self::None => good,
            Self::Status(status) => ResponseFaults::status(status),
            Self::Early(status) => {
                ResponseFaults { answers_early: true, ..ResponseFaults::status(status) }
            }
            Self::Redirect(status) => ResponseFaults {
                location: Some(elsewhere.to_owned()),
                ..ResponseFaults::status(status)
            },
            Self::Silent => ResponseFaults { never_answers: true, ..good },
            Self::Slow => match flow {
                Flow::Upload => ResponseFaults { delay: slow, ..good },
                Flow::Download => {
                    let trickle = Trickle { step: size / 8 + 1, pause: slow / 8 };
                    ResponseFaults { trickle: Some(trickle), ..good }
                }
            },
            Self::ReadsSlowly => {
                let reading = Reading { step: size / 8 + 1, pause: slow / 8, steps: 8 };
                ResponseFaults { reading: Some(reading), ..good }
            }
            Self::ReadsBytes => {
                const BYTES: u32 = 100;
                let reading = Reading { step: 1, pause: slow / BYTES, steps: BYTES.into() };
                ResponseFaults { reading: Some(reading), ..good }
            }
            Self::ReadsLate => {
                let reading = Reading { step: size.max(1), pause: slow, steps: 1 };
                ResponseFaults { reading: Some(reading), ..good }
            }
            Self::Paced => {
                let step = (size / 20 * 9).max(1);
                ResponseFaults {
                    reading: Some(Reading { step, pause: slow, steps: 3 }),
                    trickle: Some(Trickle { step, pause: slow }),
                    ..good
                }
            }
            Self::Gone => ResponseFaults::status(403),
            Self::CutEarly => ResponseFaults { cut_download_at: Some(64 << 10), ..good },
            Self::Cut => match flow {
                Flow::Upload => ResponseFaults { cut_upload_at: Some(size / 2), ..good },
                Flow::Download => ResponseFaults { cut_download_at: Some(size / 2), ..good },
            },
            Self::LengthTooLong => ResponseFaults { content_length: Some(size + 100), ..good },
            Self::LengthTooShort => ResponseFaults { content_length: Some(size / 2), ..good },
            Self::TooManyBytes => ResponseFaults { extra_bytes: 100, ..good },
            Self::OtherBytes => ResponseFaults { wrong_body: true, ..good },
            Self::Chunked => ResponseFaults { chunked: true, ..good },
            Self::IgnoresRange => ResponseFaults { ignores_range: true, ..good },
            Self::OtherPart => ResponseFaults { brings_first_part: true, ..good },
            Self::OtherTotal => ResponseFaults { content_range_total: Some(size + 1), ..good },
        }
    }

    /// Returns whether the store does not read the body of an upload for a while. During this time,
    /// a device cannot send more bytes than the buffers on the way can hold.
    pub(super) const fn holds_body(self) -> bool {
        matches!(self, Self::ReadsLate | Self::Paced)
    }

    /// Returns whether the store sends bytes other than those of the resource.
    pub(super) fn is_other_bytes(self) -> bool {
        self == Self::OtherBytes
    }

    /// Returns whether a request that receives this response meets the fault. `first` is the first
    /// byte of the requested part, if the request has a range.
    pub(super) fn is_met_by(self, method: &str, first: Option<u64>) -> bool {
        match self {
            Self::None | Self::Gone => false,
            Self::Status(_) | Self::Early(_) | Self::Redirect(_) | Self::Silent => true,
            // The end of the exchange, not the request, shows whether the connection was dropped.
            Self::Cut | Self::CutEarly => false,
            Self::ReadsSlowly | Self::ReadsBytes | Self::ReadsLate => method == "PUT",
            Self::IgnoresRange | Self::OtherPart => first.is_some_and(|first| first > 0),
            Self::OtherTotal => first.is_some(),
            // These faults concern the body.
            Self::Slow
            | Self::Paced
            | Self::LengthTooLong
            | Self::LengthTooShort
            | Self::TooManyBytes
            | Self::OtherBytes
            | Self::Chunked => method != "HEAD",
        }
    }
}

impl fmt::Display for StoreFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = match self {
            Self::None => "the correct response",
            Self::Status(status) | Self::Early(status) | Self::Redirect(status) => {
                return write!(f, "status {status}");
            }
            Self::Silent => "silence",
            Self::Slow => "a slow response",
            Self::ReadsSlowly => "a body that the store reads slowly",
            Self::ReadsBytes => "a body that the store at first reads one byte at a time",
            Self::ReadsLate => "a body that the store does not read for a while",
            Self::Paced => "a body with pauses",
            Self::Cut => "a connection that breaks halfway",
            Self::Gone => "status 403",
            Self::CutEarly => "a connection that breaks after 64 KiB",
            Self::LengthTooLong => "a `Content-Length` that is too large",
            Self::LengthTooShort => "a `Content-Length` that is too small",
            Self::TooManyBytes => "too many bytes",
            Self::OtherBytes => "different bytes",
            Self::Chunked => "chunks",
            Self::IgnoresRange => "the whole resource in response to a request for the rest",
            Self::OtherPart => "a different part in response to a request for the rest",
            Self::OtherTotal => "a different total size in response to a request for a part",
        };
        f.write_str(words)
    }
}
