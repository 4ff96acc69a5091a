//! The uploads of one device, and the answers to its creates.

use alloc::collections::BTreeMap;

use super::{
    answers::{Answer, Answers, Values, values_of},
    course::Course,
};
use crate::{
    ProgressReport, Resource, ResourceTask,
    session::{
        FindingKind, Limits, TraceAdviceKind, fingerprint::Fingerprint, generations::Generations,
    },
};

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Uploads {
    /// The uploads by the fingerprints of their names.
    tasks: Generations<Upload>,
    owed: Answers,
    may_come: Answers,
    /// The tasks whose newest create did not decode, by the number of the first such create. Some
    /// of these tasks may already have a URL.
    undecoded: BTreeMap<usize, Fingerprint>,
    most_undecoded: usize,
}

/// The state of the uploads with one name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Upload {
    /// The number and the values of the newest create that decoded, or `None` if there is none.
    newest: Option<(usize, Values)>,
    /// The number of the first create that did not decode after `newest` and after the URL was last
    /// issued, or `None` if there is none.
    undecoded: Option<usize>,
    /// Whether the URL of the task was issued or counts as issued.
    issued: bool,
    /// The last `create_upload_task_rsp`, misplaced or not, or `None` if there was none.
    last_response: Option<Fingerprint>,
    course: Course,
}

impl Uploads {
    pub(super) const fn new(limits: Limits) -> Self {
        Self {
            tasks: Generations::new(limits.tasks),
            owed: Answers::new(limits.unanswered),
            may_come: Answers::new(limits.unanswered),
            undecoded: BTreeMap::new(),
            most_undecoded: limits.unanswered,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.tasks.len()
    }

    pub(super) const fn forgot(&self) -> bool {
        self.tasks.forgot()
    }

    /// Returns the number of remembered answers, owed or not, plus the number of tasks in
    /// `undecoded`.
    pub(super) fn answers(&self) -> usize {
        self.owed.len().saturating_add(self.may_come.len()).saturating_add(self.undecoded.len())
    }

    /// Returns the indexes that the caller chose for the creates that are owed an answer.
    pub(super) fn unanswered(&self) -> impl Iterator<Item = usize> {
        self.owed.iter().map(|answer| answer.at)
    }

    /// Takes a create, which begins its task for the first time or again (SES-10).
    pub(super) fn create(&mut self, number: usize, at: usize, resource: &Resource<'_>) {
        let (name, values) = (Fingerprint::of_name(&resource.name), values_of(resource));
        let upload = self.tasks.get_or_put(name, Upload::default);
        upload.newest = Some((number, values));
        upload.undecoded = None;
        upload.issued = false;
        upload.course = Course::default();
        self.owed.put(number, Answer { name, values: Some(values), at });
    }

    /// Takes a repeated create. A second answer with the values of the create may come (SES-11).
    pub(super) fn create_again(&mut self, number: usize, at: usize, resource: &Resource<'_>) {
        let (name, values) = (Fingerprint::of_name(&resource.name), Some(values_of(resource)));
        self.may_come.put(number, Answer { name, values, at });
    }

    /// Takes a create that does not decode, which also begins its task (SES-12).
    pub(super) fn create_undecoded(&mut self, number: usize, name: Fingerprint) {
        let upload = self.tasks.get_or_put(name, Upload::default);
        if upload.issued || upload.undecoded.is_none() {
            upload.undecoded = Some(number);
            self.undecoded.insert(number, name);
            if self.undecoded.len() > self.most_undecoded {
                self.undecoded.pop_first();
            }
        }
        upload.issued = false;
        upload.course = Course::default();
        self.may_come.put(number, Answer { name, values: None, at: number });
    }

    /// Stops expecting an answer to the oldest open create of this resource. Returns whether there
    /// is such a create.
    pub(super) fn decline(&mut self, resource: &Resource<'_>) -> bool {
        let name = Fingerprint::of_name(&resource.name);
        let oldest = self.owed.oldest_with(name, Some(values_of(resource)));
        oldest.and_then(|number| self.owed.take(number)).is_some()
    }

    pub(super) fn judge_response(
        &self,
        task: &ResourceTask<'_>,
    ) -> Result<Option<TraceAdviceKind>, FindingKind> {
        let name = Fingerprint::of_name(&task.name);
        let values = Some((task.size, task.md5sum));
        if self.owed.newest_with(name, values).is_some() || self.may_come(name, values).is_some() {
            return Ok(None);
        }
        if self.owed.newest_of(name).is_some() {
            return Err(FindingKind::EchoMismatch);
        }
        let known = self.tasks.get(name);
        match known.and_then(|known| known.last_response) {
            Some(last) if last == Fingerprint::of(task) => Ok(Some(TraceAdviceKind::Repeated)),
            _ => Err(FindingKind::UnsolicitedResponse),
        }
    }

    /// Takes a response that answers a create.
    pub(super) fn take_response(&mut self, task: &ResourceTask<'_>) {
        let name = Fingerprint::of_name(&task.name);
        let values = (task.size, task.md5sum);
        let owed = self.owed.newest_with(name, Some(values));
        let spare = if owed.is_none() { self.may_come(name, Some(values)) } else { None };
        owed.and_then(|number| self.owed.take(number));
        let spare = spare.and_then(|number| self.may_come.take(number));
        let upload = self.tasks.get_or_put(name, Upload::default);
        let answers_newest = upload.newest.is_none_or(|(newest, asked)| match owed {
            Some(number) => number >= newest,
            // A second answer with the values of the newest create answers that create.
            None => spare.is_some_and(|answer| answer.values == Some(asked)),
        });
        upload.issued |= answers_newest || upload.undecoded.is_some();
        upload.last_response = Some(Fingerprint::of(task));
    }

    /// Remembers a response that answers no create.
    pub(super) fn note_response(&mut self, task: &ResourceTask<'_>) {
        let name = Fingerprint::of_name(&task.name);
        self.tasks.get_or_put(name, Upload::default).last_response = Some(Fingerprint::of(task));
    }

    /// Returns the number of the create whose answer may come with these values, or `None` if there
    /// is no such create.
    fn may_come(&self, name: Fingerprint, values: Option<Values>) -> Option<usize> {
        self.may_come.newest_with(name, values).or_else(|| self.may_come.newest_with(name, None))
    }

    pub(super) fn has(&self, name: Fingerprint) -> bool {
        self.tasks.get(name).is_some()
    }

    /// Begins a task, for the first time or again, and marks its URL as issued (SES-12).
    pub(super) fn begin_issued(&mut self, name: Fingerprint) {
        let upload = self.tasks.get_or_put(name, Upload::default);
        upload.issued = true;
        upload.course = Course::default();
    }

    /// Takes a faulty or undecodable response to a create of this task (SES-12).
    pub(super) fn misanswered(&mut self, name: Fingerprint) {
        match self.tasks.get_mut(name) {
            Some(upload) if upload.issued => {
                if upload.course.has_ended() {
                    upload.course = Course::default();
                }
            }
            _ => self.may_have_answered(name),
        }
    }

    /// Records that the newest unanswered create of this task may have been answered. The URL of
    /// the task then counts as issued (SES-12).
    pub(super) fn may_have_answered(&mut self, name: Fingerprint) {
        self.loosen(name);
        self.tasks.get_or_put(name, Upload::default).issued = true;
    }

    /// Turns the newest owed answer of this task into an answer that may come.
    fn loosen(&mut self, name: Fingerprint) {
        if let Some(number) = self.owed.newest_of(name)
            && let Some(answer) = self.owed.take(number)
        {
            self.may_come.put(number, answer);
        }
    }

    /// Finds the task with the oldest unanswered create, and records that the newest unanswered
    /// create of this task may have been answered. A create that did not decode counts only if no
    /// other create is unanswered (SES-12). Returns whether there is such a task.
    pub(super) fn longest_may_have_answered(&mut self) -> bool {
        let owed = self.owed.oldest().map(|(_, answer)| answer.name);
        let Some(name) = owed.or_else(|| self.longest_undecoded()) else { return false };
        self.may_have_answered(name);
        true
    }

    /// Turns one owed answer into an answer that may come: the newest owed answer of the task with
    /// the oldest owed answer. Returns whether an answer was owed.
    pub(super) fn loosen_longest(&mut self) -> bool {
        let Some((_, answer)) = self.owed.oldest() else { return false };
        self.loosen(answer.name);
        true
    }

    fn longest_undecoded(&mut self) -> Option<Fingerprint> {
        while let Some((number, name)) = self.undecoded.first_key_value() {
            let known = self.tasks.get(*name);
            if known.is_some_and(|it| !it.issued && it.undecoded == Some(*number)) {
                return Some(*name);
            }
            self.undecoded.pop_first();
        }
        None
    }

    pub(super) fn judge_report(
        &self,
        report: &ProgressReport<'_>,
    ) -> Result<Option<TraceAdviceKind>, FindingKind> {
        match self.tasks.get(Fingerprint::of_name(&report.name)) {
            None => Err(FindingKind::NoSuchTask),
            Some(upload) if !upload.issued => Err(FindingKind::ProgressBeforeUrl),
            Some(upload) => upload.course.judge(report),
        }
    }

    /// Marks the URL of a task as issued and returns the reports on that task. Begins the task if
    /// it is unknown or has ended.
    pub(super) fn running(&mut self, name: Fingerprint) -> &mut Course {
        let upload = self.tasks.get_or_put(name, Upload::default);
        upload.issued = true;
        if upload.course.has_ended() {
            upload.course = Course::default();
        }
        &mut upload.course
    }
}
