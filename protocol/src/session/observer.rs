//! The observer of both topics of one device.

use alloc::vec::Vec;

use super::{Deliveries, Finding, TraceAdvice, TraceAdviceKind, rules::Rules};
use crate::{Message, Profile};

/// Judges every message between one device and the platform.
///
/// Messages are told to it in the order in which they were seen, each with an index of the
/// caller's choice (its place in the trace, its line in a file), by which advice refers to it.
///
/// After a [`Finding`] it can go on: the offending message has changed no task, and a progress
/// report, however misplaced, is still owed its one answer, so that one fault makes one finding
/// (SES-12).
///
/// It remembers every different message it has seen, since SES-11 sets no bound to how late one
/// may be delivered again.
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
    /// An observer that has seen nothing.
    #[must_use]
    pub fn new(profile: Profile) -> Self {
        Self { rules: Rules::new(profile), deliveries: Deliveries::new() }
    }

    /// Judges the next message. `dup` is MQTT's DUP flag as it was seen.
    ///
    /// # Errors
    ///
    /// [`Finding`] where the message breaks a MUST rule.
    pub fn observe(
        &mut self,
        at: usize,
        dup: bool,
        message: &Message<'_>,
    ) -> Result<Option<TraceAdvice>, Finding> {
        if self.deliveries.repeats(dup, message) {
            return Ok(None);
        }
        self.rules
            .judge(at, message)
            .map(|advice| advice.map(|kind| TraceAdvice { at, kind }))
            .map_err(|kind| Finding { at, kind })
    }

    /// What is left unanswered (SES-9), in the order of the requests. A `get_download_task` may
    /// stay unanswered.
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
