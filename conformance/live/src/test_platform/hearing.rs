//! The results of waiting for a platform.

use iothub_resource::ProgressResponse;

use crate::mqtt::client::ClientError;

/// The reason why a scenario stops.
#[derive(Debug)]
pub(super) enum Stop {
    /// There is a finding.
    Found,
    /// The platform does not support what the scenario tests.
    Unsupported(String),
    /// The connection is lost, or could not be opened.
    Gone(ClientError),
}

/// How necessary an answer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AnswerNeed {
    /// Without an answer, nothing can be tested.
    Must,
    /// A missing answer gives a warning (SES-9).
    Should,
    /// A missing answer is fine.
    May,
}

/// A received event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Heard {
    /// The broker has acknowledged our message with this packet id.
    Acknowledged(u16),
    /// Another event, for example a message.
    Other,
    /// The time is over.
    Nothing,
}

/// The reaction of the platform to a report.
pub(super) struct ReportAnswer {
    /// The place of the report in the log.
    pub(super) at: usize,
    /// The answer; `None` if there was none.
    pub(super) response: Option<ProgressResponse<'static>>,
}

/// The limits on what one scenario may receive.
#[derive(Clone, Copy, Debug)]
pub(super) struct Allowance {
    /// The number of messages and acknowledgements, in addition to one for each of our messages.
    pub(super) messages: usize,
    /// The number of bytes of topics and payloads.
    pub(super) bytes: usize,
}

impl Allowance {
    pub(super) const DEFAULT: Self = Self { messages: 4_096, bytes: 4 << 20 };

    /// Permits one answer to a message of ours.
    pub(super) const fn add_message(&mut self) {
        self.messages += 1;
    }

    /// Counts a received message. Returns whether it is within the limits.
    pub(super) const fn take(&mut self, bytes: usize) -> bool {
        let rest = (self.messages.checked_sub(1), self.bytes.checked_sub(bytes));
        let (Some(messages), Some(bytes)) = rest else { return false };
        *self = Self { messages, bytes };
        true
    }
}
