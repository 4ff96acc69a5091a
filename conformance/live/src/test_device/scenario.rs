//! The data of a scenario: the situation for a device, and the required result.

use std::{fmt, time::Duration};

use iothub_resource::Profile;

use crate::http::{ResponseFaults, Trickle};
use iothub_conformance_suite::Level;

/// A scenario for a device.
pub type Scenario = crate::Scenario<DevicePlan>;

/// The plan of a scenario: the task of the device, and the behaviour of the platform.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct DevicePlan {
    /// The task of the device.
    pub flow: Flow,
    pub(super) setup: Setup,
}

/// The task of a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(clippy::exhaustive_enums, reason = "a resource goes up or comes down")]
pub enum Flow {
    /// The device uploads a file.
    Upload,
    /// The device downloads a resource.
    Download,
}

impl Flow {
    /// `upload` or `download`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Upload => "upload",
            Self::Download => "download",
        }
    }
}

impl Scenario {
    /// Whether the scenario needs the endpoint of this program as the broker.
    #[must_use]
    pub const fn needs_endpoint(&self) -> bool {
        let Setup { cut, response, .. } = &self.plan.setup;
        // A broker keeps a retained message after the scenario.
        cut.is_some() || matches!(response, TaskResponse::Pushed { retain: true })
    }

    pub(super) fn is_in(&self, profile: Profile) -> bool {
        profile == Profile::Deployed || !self.plan.setup.needs_deployed()
    }
}

/// The behaviour of the platform and of the object store.
#[derive(Clone, Debug)]
pub(super) struct Setup {
    pub(super) resource: TestFile,
    pub(super) response: TaskResponse,
    pub(super) reports: ReportResponse,
    /// The responses to requests for the URL: one after the other, and the last one for all further
    /// requests.
    pub(super) store: Vec<StoreFault>,
    /// The step at which the connection to the broker is cut.
    pub(super) cut: Option<TransferStep>,
    pub(super) second_download: SecondDownload,
    pub(super) expectation: Expectation,
    /// The level of a finding for a transfer that should have succeeded.
    pub(super) done_level: Level,
}

impl Setup {
    /// The required result in words.
    pub(super) const fn expected(&self) -> &'static str {
        match (self.expectation, self.done_level) {
            (Expectation::Done, Level::Must) => "the transfer is done, and the device says so",
            (Expectation::Done, Level::Should) => {
                "the transfer should be done; if not, the device says so"
            }
            (Expectation::Fail, _) => {
                "the device says that the transfer failed, once, with a reason"
            }
            (Expectation::Ends, _) => "the device says how the transfer ended, and that is true",
            (Expectation::Free, _) => "the device may give up; what it says is true",
        }
    }

    /// A correct platform.
    pub(super) const fn well(resource: TestFile) -> Self {
        Self {
            resource,
            response: TaskResponse::Well,
            reports: ReportResponse::Well,
            store: Vec::new(),
            cut: None,
            second_download: SecondDownload::Never,
            expectation: Expectation::Done,
            done_level: Level::Must,
        }
    }

    /// Whether the platform behaves correctly, so that the device has nothing to recover from.
    pub(super) fn is_well(&self) -> bool {
        matches!(
            self.response,
            TaskResponse::Well | TaskResponse::Spelt(_) | TaskResponse::Pushed { .. }
        ) && matches!(self.reports, ReportResponse::Well)
            && self
                .store
                .iter()
                .all(|fault| *fault == StoreFault::Status(201) || *fault == StoreFault::Status(204))
            && self.cut.is_none()
            && self.second_download == SecondDownload::Never
            && self.expectation == Expectation::Done
    }

    fn needs_deployed(&self) -> bool {
        matches!(
            self.response,
            TaskResponse::Pushed { .. } | TaskResponse::Spelt(Spelling::UnknownKey)
        ) || self.second_download != SecondDownload::Never
    }
}

/// The resource of a scenario.
#[derive(Clone, Copy, Debug)]
pub(super) struct TestFile {
    pub(super) name: &'static str,
    pub(super) size: usize,
    /// For downloads: `md5sum` belongs to other bytes.
    pub(super) other_digest: bool,
}

impl TestFile {
    pub(super) const fn new(name: &'static str, size: usize) -> Self {
        Self { name, size, other_digest: false }
    }

    /// Unique bytes for each scenario, name and size.
    pub(super) fn bytes(self, seed: &str) -> Vec<u8> {
        let mut state = 0xcbf2_9ce4_8422_2325_u64;
        for byte in seed.bytes().chain(self.name.bytes()).chain(self.size.to_le_bytes()) {
            state = (state ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
        let next = |_| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state.to_le_bytes()[3]
        };
        (0..self.size).map(next).collect()
    }
}

/// The answer to a create or a query.
#[derive(Clone, Debug)]
pub(super) enum TaskResponse {
    Well,
    Spelt(Spelling),
    /// A `download` that answers nothing, with or without the retain flag.
    Pushed {
        retain: bool,
    },
    /// The answer is late.
    Late,
    /// The first request is lost.
    LostOnce,
    /// No answer.
    Lost,
    /// The answer twice, with or without DUP.
    Twice {
        dup: bool,
    },
    /// A second answer with another URL.
    OtherUrlToo,
    /// First this message, and then the correct answer.
    After(WrongMessage),
}

/// A valid spelling of the same message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Spelling {
    KeysReversed,
    TypeLast,
    SpaceInside,
    SpaceAround,
    EscapedSlashes,
    EscapedLetters,
    EscapedKeys,
    /// With a key that no message has.
    UnknownKey,
    /// With more than 2,047 bytes.
    Long,
}

/// A wrong message in the place of an answer.
#[derive(Clone, Debug)]
pub(super) enum WrongMessage {
    OtherName,
    OtherSize,
    OtherDigest,
    /// The answer to the other kind of request.
    OtherKind,
    /// The answer to a report that was not published.
    ProgressResponse,
    Malformed(MalformedMessage),
}

/// A payload from the fixtures that must be rejected, adapted to a task.
#[derive(Clone, Debug)]
pub(super) struct MalformedMessage {
    pub(super) code: String,
    pub(super) payload: Vec<u8>,
}

/// The time of a second pushed download.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SecondDownload {
    Never,
    /// Directly after the first one.
    AtOnce,
    /// During the transfer.
    Meanwhile,
    /// After the final report: with the same name and other content.
    Renewed,
}

/// The answer to progress reports.
#[derive(Clone, Debug)]
pub(super) enum ReportResponse {
    Well,
    Lost,
    Late,
    Twice,
    Refused(i32),
    /// First the answer to the other kind of report.
    OtherKind,
    /// First this payload.
    Malformed(MalformedMessage),
}

/// A fault of the object store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum StoreFault {
    None,
    Status(u16),
    /// Responds with this status before it has read the body.
    Early(u16),
    /// Redirects to another place of the store.
    Redirect(u16),
    Silent,
    Slow,
    /// Drops the connection in the middle of the body.
    Cut,
    /// Declares a greater `Content-Length` than it sends.
    LengthTooLong,
    LengthTooShort,
    TooManyBytes,
    OtherBytes,
    Chunked,
    IgnoresRange,
    /// Answers a range with 206 and the first bytes, with a matching `Content-Range`.
    OtherPart,
    /// `Content-Range` declares another total size.
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
                    let step = usize::try_from(size / 8 + 1).unwrap_or(usize::MAX);
                    ResponseFaults { trickle: Some(Trickle { step, pause: slow / 8 }), ..good }
                }
            },
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

    /// Whether the store sends other bytes than those of the resource.
    pub(super) fn is_other_bytes(self) -> bool {
        self == Self::OtherBytes
    }

    /// Whether a request that gets this response meets the fault. `first` is the first byte of the
    /// requested part, if the request is for one.
    pub(super) fn is_met_by(self, method: &str, first: Option<u64>) -> bool {
        match self {
            Self::None => false,
            Self::Status(_) | Self::Early(_) | Self::Redirect(_) | Self::Silent => true,
            // The response shows whether the connection was dropped.
            Self::Cut => false,
            Self::IgnoresRange | Self::OtherPart => first.is_some_and(|first| first > 0),
            Self::OtherTotal => first.is_some(),
            // These are faults of the body.
            Self::Slow
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
            Self::None => "the right one",
            Self::Status(status) | Self::Early(status) | Self::Redirect(status) => {
                return write!(f, "status {status}");
            }
            Self::Silent => "silence",
            Self::Slow => "a slow one",
            Self::Cut => "a connection that breaks half-way",
            Self::LengthTooLong => "a `Content-Length` that is too large",
            Self::LengthTooShort => "a `Content-Length` that is too small",
            Self::TooManyBytes => "too many bytes",
            Self::OtherBytes => "other bytes",
            Self::Chunked => "chunks",
            Self::IgnoresRange => "a request for the rest that is answered with everything",
            Self::OtherPart => "a request for the rest that is answered with another part",
            Self::OtherTotal => "a request for a part that is answered with another size",
        };
        f.write_str(words)
    }
}

/// A step of a transfer, which the device has reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TransferStep {
    /// The device has subscribed.
    Subscribed,
    /// The device has asked for a URL or a task, without an answer yet.
    Asked,
    /// The request was answered.
    Answered,
    /// The HTTP request has arrived.
    Transfer,
    /// The HTTP request was answered.
    Transferred,
    /// The final report has arrived, but was not acknowledged.
    Ended,
}

impl fmt::Display for TransferStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Subscribed => "when the device had subscribed",
            Self::Asked => "when the device had asked",
            Self::Answered => "when the device had the answer",
            Self::Transfer => "when the transfer began",
            Self::Transferred => "when the transfer was over",
            Self::Ended => "before the final report was acknowledged",
        })
    }
}

/// The required result of the task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Expectation {
    /// The bytes arrive, and the device reports `done`.
    Done,
    /// The bytes cannot arrive: the device reports `fail`.
    Fail,
    /// Either result, if it is true.
    Ends,
    /// Either result, or no final report.
    Free,
}
