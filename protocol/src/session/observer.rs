//! The observer of the messages on both topics of one device.

use alloc::vec::Vec;

use super::{
    Deliveries, Finding, Limits, TraceAdvice, TraceAdviceKind, readable::Readable, rules::Rules,
};
use crate::{Direction, Message, Profile};

/// An observer of all messages between one device and the platform. The observer judges each
/// message.
///
/// Pass the messages to the observer in the order in which they were published. Give each message
/// an index of your choice, for example its line number in a file. Findings and advice refer to a
/// message by this index.
///
/// The observer continues after a fault and gives the faulty message the meaning that its sender
/// intended. One fault therefore causes one [`Finding`], and the reactions of the other side cause
/// none (SES-12). For this reason, the observer needs every message, including those [that do not
/// decode](Self::observe_undecodable).
///
/// The observer remembers every different message and every task, because the rules set no limit on
/// the time after which a message may be repeated. [`Limits`] bound the memory of the observer.
///
/// ```
/// use iothub_resource::{Message, Profile, session::{FindingKind, Observer}};
///
/// let json = r#"{"type":"report_upload_progress_rsp","result_code":0,"result_msg":"ok"}"#;
/// let response = Message::from_json(Profile::Documented, json)?;
/// let mut observer = Observer::new(Profile::Documented);
/// let finding = observer.observe(0, false, &response).unwrap_err();
/// assert_eq!(finding.kind, FindingKind::UnsolicitedResponse);
/// # Ok::<(), iothub_resource::DecodeError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observer {
    rules: Rules,
    deliveries: Deliveries,
}

impl Observer {
    /// Creates an observer that has received no messages.
    #[must_use]
    pub fn new(profile: Profile) -> Self {
        Self::with_limits(profile, Limits::NONE)
    }

    /// Creates an observer that has received no messages, with bounded memory.
    #[must_use]
    pub const fn with_limits(profile: Profile, limits: Limits) -> Self {
        Self { rules: Rules::new(profile, limits), deliveries: Deliveries::last(limits.messages) }
    }

    /// Returns whether a task has been forgotten because of the [`Limits`]. If so, a finding about
    /// an unknown task may be wrong.
    #[must_use]
    pub const fn has_forgotten(&self) -> bool {
        self.rules.has_forgotten()
    }

    /// Returns the approximate memory of the observer, in bytes.
    #[must_use]
    pub fn memory(&self) -> usize {
        // Most of this is for the first task, because a B-tree reserves space for 11 items.
        const OBSERVER: usize = 4096;
        const MESSAGE: usize = 40;
        let messages = self.deliveries.len().saturating_mul(MESSAGE);
        OBSERVER.saturating_add(messages).saturating_add(self.rules.memory())
    }

    /// Judges the next message. Returns the advice on the message, or `None` if there is none.
    /// `dup` is the MQTT DUP flag of the message. At QoS 0, the flag has no meaning, so pass
    /// `false` (SES-11).
    ///
    /// # Errors
    ///
    /// Returns a [`Finding`] if the message violates a MUST rule.
    pub fn observe(
        &mut self,
        at: usize,
        dup: bool,
        message: &Message<'_>,
    ) -> Result<Option<TraceAdvice>, Finding> {
        if self.deliveries.repeats(dup, message) {
            self.rules.repeat(at, message);
            return Ok(None);
        }
        self.rules
            .judge(at, message)
            .map(|advice| advice.map(|kind| TraceAdvice { at, kind }))
            .map_err(|kind| Finding { at, kind })
    }

    /// Processes the next message, which [does not decode](Message::decode) on the topic of this
    /// direction. The observer uses the type and the name that it can still read in the payload
    /// (SES-12). The payload itself is the fault, so this method returns no finding.
    ///
    /// ```
    /// use iothub_resource::{Direction, Message, Profile, session::Observer};
    ///
    /// let report = br#"{"type":"report_upload_progress","name":"zxc","progress":89}"#;
    /// Message::decode(Profile::Deployed, Direction::Up, report).unwrap_err();
    /// let mut observer = Observer::new(Profile::Deployed);
    /// observer.observe_undecodable(Direction::Up, report);
    ///
    /// // The platform answers the report nevertheless.
    /// let answer = r#"{"type":"report_upload_progress_rsp","result_code":0,"result_msg":"ok"}"#;
    /// let answer = Message::from_json(Profile::Deployed, answer)?;
    /// assert_eq!(observer.observe(1, false, &answer), Ok(None));
    /// # Ok::<(), iothub_resource::DecodeError>(())
    /// ```
    pub fn observe_undecodable(&mut self, direction: Direction, payload: &[u8]) {
        self.rules.take_undecodable(direction, Readable::of(payload));
    }

    /// Returns the advice for each unanswered request (SES-9), ordered by the index of the request.
    /// A `get_download_task` may stay unanswered and therefore gets no advice.
    #[must_use]
    pub fn unanswered(&self) -> Vec<TraceAdvice> {
        let mut requests: Vec<usize> = self.rules.unanswered().collect();
        requests.sort_unstable();
        requests
            .into_iter()
            .map(|at| TraceAdvice { at, kind: TraceAdviceKind::Unanswered })
            .collect()
    }
}
