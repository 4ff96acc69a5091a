//! What can be wrong with a session, and what could be better.

use core::fmt;

use crate::MessageType;

/// A message that breaks a MUST rule of the sessions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub struct Finding {
    /// The index of the message.
    pub at: usize,
    /// The rule it breaks.
    pub kind: FindingKind,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.kind.fmt(f)
    }
}

impl core::error::Error for Finding {}

/// How a message can break a MUST rule of the sessions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum FindingKind {
    /// A response that answers nothing (SES-1, SES-4, SES-6).
    UnsolicitedResponse,
    /// A `create_upload_task_rsp` with another size or digest than was asked for (SES-2).
    EchoMismatch,
    /// A progress report while the create of its task is unanswered (SES-3).
    ProgressBeforeUrl,
    /// A progress report about no known task (SES-3, SES-5).
    NoSuchTask,
    /// A progress report about a task that has ended (SES-7).
    AfterEnd,
}

impl FindingKind {
    /// All of them, in the order of the specification.
    pub const ALL: &'static [Self] = &[
        Self::UnsolicitedResponse,
        Self::EchoMismatch,
        Self::ProgressBeforeUrl,
        Self::NoSuchTask,
        Self::AfterEnd,
    ];

    /// The finding as fixtures and adapters write it, such as `after-end`.
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

    /// The requirement that a message of this type breaks.
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
            Self::UnsolicitedResponse => "the response answers no open request",
            Self::EchoMismatch => {
                "the response repeats another `size` or `md5sum` than the task was created with"
            }
            Self::ProgressBeforeUrl => {
                "progress is reported before the platform has issued the URL of the task"
            }
            Self::NoSuchTask => "progress is reported on a task that does not exist",
            Self::AfterEnd => "progress is reported after the report that ended the task",
        })
    }
}

/// Advice about a session: a SHOULD rule that is not met.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub struct TraceAdvice {
    /// The index of the message.
    pub at: usize,
    /// What could be better.
    pub kind: TraceAdviceKind,
}

impl fmt::Display for TraceAdvice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.kind.fmt(f)
    }
}

/// What could be better in a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum TraceAdviceKind {
    /// A lower percentage than in the report before (SES-8).
    PercentDecreased,
    /// A create or a progress report that was never answered (SES-9).
    Unanswered,
    /// The last response, or the report that ended the task, once more (SES-11).
    Repeated,
}

impl TraceAdviceKind {
    /// All of them, in the order of the specification.
    pub const ALL: &'static [Self] = &[Self::PercentDecreased, Self::Unanswered, Self::Repeated];

    /// The advice as fixtures and adapters write it, such as `percent-decreased`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PercentDecreased => "percent-decreased",
            Self::Unanswered => "unanswered",
            Self::Repeated => "repeated",
        }
    }

    /// The requirement that advises it.
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
            Self::PercentDecreased => "the percentage is lower than in the report before",
            Self::Unanswered => "the request was never answered",
            Self::Repeated => "the message was sent once more, without MQTT's DUP flag",
        })
    }
}
