//! Findings and advice of the [`Observer`](super::Observer).

use core::fmt;

use crate::MessageType;

/// A violation of a MUST rule about sessions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub struct Finding {
    /// The index that the caller chose for the message.
    pub at: usize,
    /// The rule that the message violates.
    pub kind: FindingKind,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.kind.fmt(f)
    }
}

impl core::error::Error for Finding {}

/// A kind of violation of a MUST rule about sessions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum FindingKind {
    /// A response does not answer an open request (SES-1, SES-4, SES-6).
    UnsolicitedResponse,
    /// A `create_upload_task_rsp` has a different size or digest from the create (SES-2).
    EchoMismatch,
    /// A progress report comes before the answer to the create of its task (SES-3).
    ProgressBeforeUrl,
    /// A progress report names a task that was neither created nor delivered (SES-3, SES-5).
    NoSuchTask,
    /// A progress report names a task that has ended (SES-7).
    AfterEnd,
}

impl FindingKind {
    /// All kinds, in the order of the specification.
    pub const ALL: &'static [Self] = &[
        Self::UnsolicitedResponse,
        Self::EchoMismatch,
        Self::ProgressBeforeUrl,
        Self::NoSuchTask,
        Self::AfterEnd,
    ];

    /// Returns the code of the finding, as fixtures and adapters write it, for example `after-end`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::UnsolicitedResponse => "unsolicited-response",
            Self::EchoMismatch => "echo-mismatch",
            Self::ProgressBeforeUrl => "progress-before-url",
            Self::NoSuchTask => "no-such-task",
            Self::AfterEnd => "after-end",
        }
    }

    /// Returns the id of the requirement that a message of this type violates, for example `SES-7`.
    #[must_use]
    pub const fn requirement(self, message_type: MessageType) -> &'static str {
        match (self, message_type) {
            (Self::UnsolicitedResponse, MessageType::CreateUploadTaskRsp) => "SES-1",
            (Self::UnsolicitedResponse, MessageType::GetDownloadTaskRsp) => "SES-4",
            (Self::UnsolicitedResponse, _) => "SES-6",
            (Self::EchoMismatch, _) => "SES-2",
            (Self::NoSuchTask, MessageType::ReportDownloadProgress) => "SES-5",
            (Self::ProgressBeforeUrl | Self::NoSuchTask, _) => "SES-3",
            (Self::AfterEnd, _) => "SES-7",
        }
    }
}

impl fmt::Display for FindingKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::UnsolicitedResponse => "the response does not answer an open request",
            Self::EchoMismatch => "the response has a different `size` or `md5sum` from the create",
            Self::ProgressBeforeUrl => {
                "progress is reported before the platform has issued the URL of the task"
            }
            Self::NoSuchTask => "progress is reported on a task that does not exist",
            Self::AfterEnd => "progress is reported after the report that ended the task",
        })
    }
}

/// Advice on a session: a violation of a SHOULD rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub struct TraceAdvice {
    /// The index that the caller chose for the message.
    pub at: usize,
    /// The rule that the message violates.
    pub kind: TraceAdviceKind,
}

impl fmt::Display for TraceAdvice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.kind.fmt(f)
    }
}

/// A kind of violation of a SHOULD rule about sessions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum TraceAdviceKind {
    /// A report has a lower percentage than the report before it (SES-8).
    PercentDecreased,
    /// A create or a progress report was never answered (SES-9).
    Unanswered,
    /// The last `create_upload_task_rsp` or `get_download_task_rsp` of a task, or the report that
    /// ended the task, was sent again without the DUP flag (SES-11).
    Repeated,
}

impl TraceAdviceKind {
    /// All kinds, in the order of the specification.
    pub const ALL: &'static [Self] = &[Self::PercentDecreased, Self::Unanswered, Self::Repeated];

    /// Returns the code of the advice, as fixtures and adapters write it, for example
    /// `percent-decreased`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PercentDecreased => "percent-decreased",
            Self::Unanswered => "unanswered",
            Self::Repeated => "repeated",
        }
    }

    /// Returns the id of the requirement that the message violates, for example `SES-8`.
    #[must_use]
    pub const fn requirement(self) -> &'static str {
        match self {
            Self::PercentDecreased => "SES-8",
            Self::Unanswered => "SES-9",
            Self::Repeated => "SES-11",
        }
    }
}

impl fmt::Display for TraceAdviceKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::PercentDecreased => "the percentage is lower than in the previous report",
            Self::Unanswered => "the request was never answered",
            Self::Repeated => "the message was sent again without MQTT's DUP flag",
        })
    }
}
