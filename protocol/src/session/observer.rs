//! The observer of both topics of one device.

use alloc::vec::Vec;

use super::{Deliveries, Finding, Limits, TraceAdvice, TraceAdviceKind, rules::Rules};
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
/// It remembers every different message and every task it has seen, since the rules set no bound to
/// how late one may come again, unless it is made with [`Limits`].
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
        Self::with_limits(profile, Limits::NONE)
    }

    /// The same, with bounded memory.
    #[must_use]
    pub const fn with_limits(profile: Profile, limits: Limits) -> Self {
        Self { rules: Rules::new(profile, limits), deliveries: Deliveries::last(limits.messages) }
    }

    /// Whether a task was forgotten for the [`Limits`]. Then a finding about one that is not known
    /// may be wrong.
    #[must_use]
    pub const fn has_forgotten(&self) -> bool {
        self.rules.has_forgotten()
    }

    /// About how many bytes it takes.
    #[must_use]
    pub fn memory(&self) -> usize {
        const OBSERVER: usize = 2048;
        const MESSAGE: usize = 40;
        const TASK: usize = 200;
        let messages = self.deliveries.len().saturating_mul(MESSAGE);
        let tasks = self.rules.tasks().saturating_mul(TASK);
        let reports = self.rules.unanswered_reports().saturating_mul(size_of::<usize>());
        OBSERVER.saturating_add(messages).saturating_add(tasks).saturating_add(reports)
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
