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

/// What is heard in one scenario, at most.
#[derive(Clone, Copy, Debug)]
pub(super) struct Allowance {
    /// Messages and acknowledgements, beyond one for each message of ours.
    pub(super) messages: usize,
    /// Bytes of topics and payloads.
    pub(super) bytes: usize,
}

impl Allowance {
    pub(super) const DEFAULT: Self = Self { messages: 4_096, bytes: 4 << 20 };

    /// A message of ours may be answered.
    pub(super) const fn add_message(&mut self) {
        self.messages += 1;
    }

    /// Takes one message off. Whether there was room for it.
    pub(super) const fn take(&mut self, bytes: usize) -> bool {
        let rest = (self.messages.checked_sub(1), self.bytes.checked_sub(bytes));
        let (Some(messages), Some(bytes)) = rest else { return false };
        *self = Self { messages, bytes };
        true
    }
}
