//! The observer of both topics of one device.

use alloc::{
    collections::{BTreeMap, VecDeque},
    vec::Vec,
};
use core::fmt;

use super::{Deliveries, end::End};
use crate::{
    Message, Percent, Profile, ProgressReport, Resource, ResourceName, ResourceTask, Transfer,
};

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
    profile: Profile,
    uploads: BTreeMap<ResourceName<'static>, Upload>,
    downloads: BTreeMap<ResourceName<'static>, Download>,
    /// How many `get_download_task` are unanswered.
    queries: usize,
    upload_reports: VecDeque<usize>,
    download_reports: VecDeque<usize>,
    deliveries: Deliveries,
}

/// What is known of the uploads of one name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Upload {
    /// The unanswered creates, oldest first.
    owed: Vec<Create>,
    /// How many creates there were; the newest one has this number.
    creates: usize,
    /// The newest create was answered, so the task has a URL.
    issued: bool,
    last_response: Option<ResourceTask<'static>>,
    course: Course,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Create {
    at: usize,
    number: usize,
    resource: Resource<'static>,
}

/// What is known of the downloads of one name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Download {
    /// The last `get_download_task_rsp`. A pushed `download` is not one.
    last_response: Option<ResourceTask<'static>>,
    course: Course,
}

/// How far the reports of one task have come.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Course {
    last_percent: Option<Percent>,
    ended_by: Option<ProgressReport<'static>>,
}

impl Observer {
    /// An observer that has seen nothing.
    #[must_use]
    pub fn new(profile: Profile) -> Self {
        Self {
            profile,
            uploads: BTreeMap::new(),
            downloads: BTreeMap::new(),
            queries: 0,
            upload_reports: VecDeque::new(),
            download_reports: VecDeque::new(),
            deliveries: Deliveries::new(),
        }
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
        self.judge(at, message)
            .map(|advice| advice.map(|kind| TraceAdvice { at, kind }))
            .map_err(|kind| Finding { at, kind })
    }

    /// Judges a message that is no repetition of MQTT's.
    pub(super) fn judge(
        &mut self,
        at: usize,
        message: &Message<'_>,
    ) -> Result<Option<TraceAdviceKind>, FindingKind> {
        match message {
            Message::CreateUploadTask(resource) => {
                self.create(at, resource);
                Ok(None)
            }
            Message::CreateUploadTaskRsp(task) => self.issue(task),
            Message::ReportUploadProgress(report) => self.report(at, Transfer::Upload, report),
            Message::ReportDownloadProgress(report) => self.report(at, Transfer::Download, report),
            Message::ReportUploadProgressRsp(_) => answer_one(&mut self.upload_reports),
            Message::ReportDownloadProgressRsp(_) => answer_one(&mut self.download_reports),
            Message::GetDownloadTask => {
                self.queries = self.queries.saturating_add(1);
                Ok(None)
            }
            Message::GetDownloadTaskRsp(task) => self.answer_query(task),
            Message::Download(task) => {
                self.deliver(task);
                Ok(None)
            }
        }
    }

    /// What is left unanswered (SES-9), in the order of the requests. A `get_download_task` may
    /// stay unanswered.
    #[must_use]
    pub fn unanswered(&self) -> Vec<TraceAdvice> {
        let creates = self.uploads.values().flat_map(|upload| upload.owed.iter().map(|c| c.at));
        let reports = self.upload_reports.iter().chain(&self.download_reports).copied();
        let mut requests: Vec<usize> = creates.chain(reports).collect();
        requests.sort_unstable();
        requests
            .into_iter()
            .map(|at| TraceAdvice { at, kind: TraceAdviceKind::Unanswered })
            .collect()
    }

    fn create(&mut self, at: usize, resource: &Resource<'_>) {
        let resource = resource.clone().into_owned();
        let upload = self.uploads.entry(resource.name.clone()).or_default();
        upload.creates = upload.creates.saturating_add(1);
        upload.issued = false;
        upload.course = Course::default();
        upload.owed.push(Create { at, number: upload.creates, resource });
    }

    fn issue(&mut self, task: &ResourceTask<'_>) -> Result<Option<TraceAdviceKind>, FindingKind> {
        let upload =
            self.uploads.get_mut(task.name.as_str()).ok_or(FindingKind::UnsolicitedResponse)?;
        if upload.owed.is_empty() {
            return repeated_response(upload.last_response.as_ref(), task);
        }
        // Where several creates asked for the same, nobody can tell which of them is answered:
        // the newest, so that a device which goes on with this URL is not accused.
        let resource = task.resource();
        let index = upload
            .owed
            .iter()
            .rposition(|create| create.resource == resource)
            .ok_or(FindingKind::EchoMismatch)?;
        let answered = upload.owed.remove(index);
        upload.issued |= answered.number == upload.creates;
        upload.last_response = Some(task.clone().into_owned());
        Ok(None)
    }

    fn answer_query(
        &mut self,
        task: &ResourceTask<'_>,
    ) -> Result<Option<TraceAdviceKind>, FindingKind> {
        match self.queries.checked_sub(1) {
            Some(queries) => {
                self.queries = queries;
                self.deliver(task).last_response = Some(task.clone().into_owned());
                Ok(None)
            }
            None => {
                let known = self.downloads.get(task.name.as_str());
                repeated_response(known.and_then(|known| known.last_response.as_ref()), task)
            }
        }
    }

    fn deliver(&mut self, task: &ResourceTask<'_>) -> &mut Download {
        let download = self.downloads.entry(task.name.clone().into_owned()).or_default();
        download.course = Course::default();
        download
    }

    fn report(
        &mut self,
        at: usize,
        transfer: Transfer,
        report: &ProgressReport<'_>,
    ) -> Result<Option<TraceAdviceKind>, FindingKind> {
        let (course, reports) = match transfer {
            Transfer::Upload => {
                let course = match self.uploads.get_mut(report.name.as_str()) {
                    None => Err(FindingKind::NoSuchTask),
                    Some(upload) if !upload.issued => Err(FindingKind::ProgressBeforeUrl),
                    Some(upload) => Ok(&mut upload.course),
                };
                (course, &mut self.upload_reports)
            }
            Transfer::Download => {
                let download = self.downloads.get_mut(report.name.as_str());
                let course = download.map(|download| &mut download.course);
                (course.ok_or(FindingKind::NoSuchTask), &mut self.download_reports)
            }
        };
        let judged = course.and_then(|course| course.report(self.profile, report));
        if judged != Ok(Some(TraceAdviceKind::Repeated)) {
            reports.push_back(at);
        }
        judged
    }
}

impl Course {
    fn report(
        &mut self,
        profile: Profile,
        report: &ProgressReport<'_>,
    ) -> Result<Option<TraceAdviceKind>, FindingKind> {
        match &self.ended_by {
            Some(last) if last == report => return Ok(Some(TraceAdviceKind::Repeated)),
            Some(_) => return Err(FindingKind::AfterEnd),
            None => {}
        }
        if End::of(profile, report).is_some() {
            self.ended_by = Some(report.clone().into_owned());
        }
        let Some(percent) = report.progress.state.percent() else { return Ok(None) };
        let before = self.last_percent.replace(percent);
        let decreased = before.is_some_and(|before| percent < before);
        Ok(decreased.then_some(TraceAdviceKind::PercentDecreased))
    }
}

fn answer_one(reports: &mut VecDeque<usize>) -> Result<Option<TraceAdviceKind>, FindingKind> {
    reports.pop_front().map(|_| None).ok_or(FindingKind::UnsolicitedResponse)
}

/// A task response that nothing asks for: the last one again, or one too many (SES-11).
fn repeated_response(
    last: Option<&ResourceTask<'_>>,
    task: &ResourceTask<'_>,
) -> Result<Option<TraceAdviceKind>, FindingKind> {
    if last == Some(task) {
        Ok(Some(TraceAdviceKind::Repeated))
    } else {
        Err(FindingKind::UnsolicitedResponse)
    }
}

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
    pub const ALL: [Self; 5] = [
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
    pub const ALL: [Self; 3] = [Self::PercentDecreased, Self::Unanswered, Self::Repeated];

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
