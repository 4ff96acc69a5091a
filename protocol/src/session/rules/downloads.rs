//! The downloads of one device, and the answers to its queries.

use super::course::Course;
use crate::{
    ProgressReport, ResourceTask,
    session::{FindingKind, TraceAdviceKind, fingerprint::Fingerprint, generations::Generations},
};

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Downloads {
    /// The downloads by the fingerprints of their names.
    tasks: Generations<Download>,
    /// The number of queries that are owed an answer.
    owed: usize,
    /// The number of answers that may come but are not owed.
    may_come: usize,
}

/// The state of the downloads with one name, of which at least one was delivered or counts as
/// delivered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Download {
    /// The last `get_download_task_rsp`, or `None` if there was none. A pushed `download` does not
    /// count.
    last_response: Option<Fingerprint>,
    course: Course,
}

impl Downloads {
    pub(super) const fn new(limit: usize) -> Self {
        Self { tasks: Generations::new(limit), owed: 0, may_come: 0 }
    }

    pub(super) fn len(&self) -> usize {
        self.tasks.len()
    }

    pub(super) const fn forgot(&self) -> bool {
        self.tasks.forgot()
    }

    /// Returns whether a query is owed an answer.
    pub(super) const fn owes(&self) -> bool {
        self.owed > 0
    }

    pub(super) fn query(&mut self) {
        self.owed = self.owed.saturating_add(1);
    }

    /// Records that one more answer may come.
    pub(super) fn expect(&mut self) {
        self.may_come = self.may_come.saturating_add(1);
    }

    /// Records that an unanswered query, if there is one, may have been answered (SES-12).
    pub(super) fn may_have_answered(&mut self) {
        if let Some(owed) = self.owed.checked_sub(1) {
            self.owed = owed;
            self.expect();
        }
    }

    pub(super) fn judge_response(
        &self,
        task: &ResourceTask<'_>,
    ) -> Result<Option<TraceAdviceKind>, FindingKind> {
        if self.owed > 0 || self.may_come > 0 {
            return Ok(None);
        }
        let known = self.tasks.get(Fingerprint::of_name(&task.name));
        match known.and_then(|known| known.last_response) {
            Some(last) if last == Fingerprint::of(task) => Ok(Some(TraceAdviceKind::Repeated)),
            _ => Err(FindingKind::UnsolicitedResponse),
        }
    }

    /// Takes a `get_download_task_rsp`, regardless of whether a query is owed an answer.
    pub(super) fn take_response(&mut self, task: &ResourceTask<'_>) {
        match self.owed.checked_sub(1) {
            Some(owed) => self.owed = owed,
            None => self.may_come = self.may_come.saturating_sub(1),
        }
        self.deliver(Fingerprint::of_name(&task.name)).last_response = Some(Fingerprint::of(task));
    }

    /// Begins a download for the first time or again (SES-10).
    pub(super) fn begin(&mut self, name: Fingerprint) {
        self.deliver(name);
    }

    fn deliver(&mut self, name: Fingerprint) -> &mut Download {
        let download = self.tasks.get_or_put(name, Download::default);
        download.course = Course::default();
        download
    }

    pub(super) fn judge_report(
        &self,
        report: &ProgressReport<'_>,
    ) -> Result<Option<TraceAdviceKind>, FindingKind> {
        match self.tasks.get(Fingerprint::of_name(&report.name)) {
            None => Err(FindingKind::NoSuchTask),
            Some(download) => download.course.judge(report),
        }
    }

    /// Returns the reports on a download. Begins the download if it is unknown or has ended.
    pub(super) fn running(&mut self, name: Fingerprint) -> &mut Course {
        let course = &mut self.tasks.get_or_put(name, Download::default).course;
        if course.has_ended() {
            *course = Course::default();
        }
        course
    }
}
