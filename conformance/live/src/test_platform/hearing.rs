//! The results of waiting for a platform.

use iothub_resource::ProgressResponse;

use crate::mqtt::client::ClientError;

/// The reason why a scenario stops.
#[derive(Debug)]
pub(super) enum Stop {
    /// A finding makes further steps impossible.
    Found,
    /// The platform does not support the tested feature.
    Unsupported(String),
    /// The situation that the scenario tests did not occur.
    NotReached(String),
    /// The connection was lost or could not be opened.
    Gone(ClientError),
}

/// The degree to which an answer is necessary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AnswerNeed {
    /// Without an answer, the scenario cannot continue.
    Must,
    /// A missing answer causes a warning (SES-9).
    Should,
    /// A missing answer is not a finding.
    May,
}

/// The result of waiting for one event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Heard {
    /// The broker has acknowledged the message with this packet id.
    Acknowledged(u16),
    /// An event other than an acknowledgement, for example a message.
    Other,
    /// The time limit was reached.
    Nothing,
}

/// The reaction of the platform to a report.
pub(super) struct ReportAnswer {
    /// The place of the report in the log.
    pub(super) at: usize,
    /// The answer; `None` if no answer arrived.
    pub(super) response: Option<ProgressResponse<'static>>,
}
