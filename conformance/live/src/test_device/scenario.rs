//! What is set up for a device, and what has to become of it: data.

use std::time::Duration;

use iothub_resource::Profile;

use crate::http::{ResponseFaults, Trickle};
use iothub_conformance_suite::Level;

/// One thing that is set up, and what a device has to make of it.
pub type Scenario = crate::Scenario<DevicePlan>;

/// What the device is to do, and what the platform does.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct DevicePlan {
    /// What the device is to do.
    pub flow: Flow,
    pub(super) setup: Setup,
}

/// What a device is to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(clippy::exhaustive_enums, reason = "a resource goes up or comes down")]
pub enum Flow {
    /// It uploads a file.
    Upload,
    /// It downloads what the platform has for it.
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
    /// Whether it can be set up only where the broker is this program.
    #[must_use]
    pub const fn needs_endpoint(&self) -> bool {
        let Setup { cut, response, .. } = &self.plan.setup;
        // A broker keeps what is retained beyond the scenario.
        cut.is_some() || matches!(response, TaskResponse::Pushed { retain: true })
    }

    pub(super) fn is_in(&self, profile: Profile) -> bool {
        profile == Profile::Deployed || !self.plan.setup.needs_deployed()
    }
}

/// What the platform and the object store do.
#[derive(Clone, Debug)]
pub(super) struct Setup {
    pub(super) resource: TestFile,
    pub(super) response: TaskResponse,
    pub(super) reports: ReportResponse,
    /// How requests for the URL are answered: one after the other, the last one from then on.
    pub(super) store: Vec<StoreFault>,
    /// When the connection to the broker is cut.
    pub(super) cut: Option<TransferStep>,
    pub(super) second_download: SecondDownload,
    pub(super) expectation: Expectation,
    /// How much it matters that a transfer is done that could be.
    pub(super) done_level: Level,
}

impl Setup {
    /// What has to become of it, in words.
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

    /// All goes well.
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

    /// Whether nothing in it is an abuse, so that nothing has to be recovered from.
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
    /// Downloads: `md5sum` is that of other bytes.
    pub(super) other_digest: bool,
}

impl TestFile {
    pub(super) const fn new(name: &'static str, size: usize) -> Self {
        Self { name, size, other_digest: false }
    }

    /// Bytes that are nobody else's: every scenario, every name and every size has its own.
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

/// How a create or a query is answered.
#[derive(Clone, Debug)]
pub(super) enum TaskResponse {
    Well,
    Spelt(Spelling),
    /// With a `download` that answers nothing, as a broker delivers what it has retained or not.
    Pushed {
        retain: bool,
    },
    /// Later than usual.
    Late,
    /// The first request is lost on its way.
    LostOnce,
    /// Nothing is answered.
    Lost,
    /// The same again, with or without DUP.
    Twice {
        dup: bool,
    },
    /// A second answer, with another URL.
    OtherUrlToo,
    /// First that, and then as it should be.
    After(WrongMessage),
}

/// A legal way to write the same message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Spelling {
    KeysReversed,
    TypeLast,
    SpaceInside,
    SpaceAround,
    EscapedSlashes,
    EscapedLetters,
    EscapedKeys,
    /// One that is of no message.
    UnknownKey,
    /// More than 2,047 bytes.
    Long,
}

/// What comes instead of an answer.
#[derive(Clone, Debug)]
pub(super) enum WrongMessage {
    OtherName,
    OtherSize,
    OtherDigest,
    /// The answer to the other kind of request.
    OtherKind,
    /// The answer to a report that nobody has published.
    ProgressResponse,
    Malformed(MalformedMessage),
}

/// A payload that has to be refused, from the fixtures: how it is made for a task.
#[derive(Clone, Debug)]
pub(super) struct MalformedMessage {
    pub(super) code: String,
    pub(super) payload: Vec<u8>,
}

/// When a second download is pushed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SecondDownload {
    Never,
    /// Right behind the first one.
    AtOnce,
    /// While the transfer goes on.
    Meanwhile,
    /// When the device has said how the transfer ended: of the same name, with other content.
    Renewed,
}

/// How progress reports are answered.
#[derive(Clone, Debug)]
pub(super) enum ReportResponse {
    Well,
    Lost,
    Late,
    Twice,
    Refused(i32),
    /// With the answer to the other kind of report first.
    OtherKind,
    /// With that first.
    Malformed(MalformedMessage),
}

/// What the object store does wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum StoreFault {
    None,
    Status(u16),
    /// Answered before the body was read.
    Early(u16),
    /// To another place of the store.
    Redirect(u16),
    Silent,
    Slow,
    /// The connection is dropped in the middle of the body.
    Cut,
    /// The `Content-Length` of a download is more than what comes.
    LengthTooLong,
    LengthTooShort,
    TooManyBytes,
    OtherBytes,
    Chunked,
    IgnoresRange,
    /// A range is answered with 206 and the first bytes, and `Content-Range` says so.
    OtherPart,
    /// `Content-Range` names another size of the whole.
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

    /// Whether what it sends of a download are not the bytes of the resource.
    pub(super) fn is_other_bytes(self) -> bool {
        self == Self::OtherBytes
    }
}

/// A step of a transfer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TransferStep {
    /// It has subscribed.
    Subscribed,
    /// It has asked for a URL or a task, and is not answered yet.
    Asked,
    /// It is answered.
    Answered,
    /// Its HTTP request has come.
    Transfer,
    /// Its HTTP request is answered.
    Transferred,
    /// It has said how it ended; that is not acknowledged.
    Ended,
}

/// What has to become of the task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Expectation {
    /// The bytes arrive, and it says `done`.
    Done,
    /// They cannot arrive: it says `fail`.
    Fail,
    /// Either, as it is.
    Ends,
    /// It may also give up without a word.
    Free,
}
