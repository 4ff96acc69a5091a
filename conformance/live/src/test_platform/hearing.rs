//! What comes of listening to a platform.

use iothub_resource::ProgressResponse;

use crate::mqtt::client::ClientError;

/// Why a scenario does not go on.
#[derive(Debug)]
pub(super) enum Stop {
    /// A finding says it.
    Found,
    /// The platform does not do what it would be about.
    Unsupported(String),
    /// The connection is lost, or there is none.
    Gone(ClientError),
}

/// How much an answer is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AnswerNeed {
    /// Without it, nothing can be tested.
    Must,
    /// Silence is advised against (SES-9).
    Should,
    /// Silence is fine.
    May,
}

/// One thing that was heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Heard {
    /// The broker has a message of ours, with this packet id.
    Acknowledged(u16),
    /// A message, for example.
    Other,
    /// The time is over.
    Nothing,
}

/// What the platform makes of a report.
pub(super) struct ReportAnswer {
    /// The place of the report in the log.
    pub(super) at: usize,
    /// None where no answer came.
    pub(super) response: Option<ProgressResponse<'static>>,
}
