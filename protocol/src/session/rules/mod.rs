//! The rules between messages, without the repetitions of MQTT.

use alloc::collections::{BTreeMap, VecDeque, btree_map::Entry};

use super::{
    End, FindingKind, Limits, TraceAdviceKind, fingerprint::Fingerprint, generations::Generations,
};
use crate::{
    Md5Sum, Message, Percent, Profile, ProgressReport, Resource, ResourceSize, ResourceTask,
    Transfer,
};

/// The tasks of one device, and the requests that are owed an answer (SES-1 to SES-10).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Rules {
    profile: Profile,
    /// By name, as the downloads are.
    uploads: Generations<Upload>,
    downloads: Generations<Download>,
    /// How many `get_download_task` are unanswered.
    queries: usize,
    upload_reports: VecDeque<usize>,
    download_reports: VecDeque<usize>,
    /// How many requests of a kind may be unanswered before the oldest is forgotten.
    most_unanswered: usize,
}

/// What is known of the uploads of one name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Upload {
    /// The unanswered creates, by what they ask for; those of one resource oldest first.
    owed: BTreeMap<(ResourceSize, Md5Sum), VecDeque<Create>>,
    /// How many there are of them.
    unanswered: usize,
    /// How many creates there were; the newest one has this number.
    creates: usize,
    /// The newest create was answered, so the task has a URL.
    issued: bool,
    last_response: Option<Fingerprint>,
    course: Course,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Create {
    at: usize,
    number: usize,
}

/// What is known of the downloads of one name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Download {
    /// The last `get_download_task_rsp`. A pushed `download` is not one.
    last_response: Option<Fingerprint>,
    course: Course,
}

/// How far the reports of one task have come.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Course {
    last_percent: Option<Percent>,
    ended_by: Option<Fingerprint>,
}

impl Rules {
    pub(super) const fn new(profile: Profile, limits: Limits) -> Self {
        Self {
            profile,
            uploads: Generations::new(limits.tasks),
            downloads: Generations::new(limits.tasks),
            queries: 0,
            upload_reports: VecDeque::new(),
            download_reports: VecDeque::new(),
            most_unanswered: limits.unanswered,
        }
    }

    /// How many tasks are remembered.
    pub(super) fn tasks(&self) -> usize {
        self.uploads.len().saturating_add(self.downloads.len())
    }

    /// How many reports are unanswered.
    pub(super) fn unanswered_reports(&self) -> usize {
        self.upload_reports.len().saturating_add(self.download_reports.len())
    }

    /// Whether a task was forgotten for the limits.
    pub(super) const fn has_forgotten(&self) -> bool {
        self.uploads.forgot() || self.downloads.forgot()
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

    /// The creates and reports that are unanswered, in no order (SES-9).
    pub(super) fn unanswered(&self) -> impl Iterator<Item = usize> {
        let owed = self.uploads.values().flat_map(|upload| upload.owed.values().flatten());
        let reports = self.upload_reports.iter().chain(&self.download_reports);
        owed.map(|create| create.at).chain(reports.copied())
    }

    fn create(&mut self, at: usize, resource: &Resource<'_>) {
        let name = Fingerprint::of(&resource.name);
        let upload = self.uploads.get_or_put(name, Upload::default);
        upload.creates = upload.creates.saturating_add(1);
        upload.issued = false;
        upload.course = Course::default();
        let create = Create { at, number: upload.creates };
        upload.owed.entry((resource.size, resource.md5sum)).or_default().push_back(create);
        upload.unanswered = upload.unanswered.saturating_add(1);
        if upload.unanswered > self.most_unanswered {
            upload.forget_oldest();
        }
    }

    /// Lets go of the oldest unanswered create of this resource: it will stay unanswered. Whether
    /// there is one.
    pub(super) fn decline(&mut self, resource: &Resource<'_>) -> bool {
        let upload = self.uploads.get_mut(Fingerprint::of(&resource.name));
        let key = (resource.size, resource.md5sum);
        upload.and_then(|upload| upload.settle(key, VecDeque::pop_front)).is_some()
    }

    fn issue(&mut self, task: &ResourceTask<'_>) -> Result<Option<TraceAdviceKind>, FindingKind> {
        let name = Fingerprint::of(&task.name);
        let upload = self.uploads.get_mut(name).ok_or(FindingKind::UnsolicitedResponse)?;
        if upload.owed.is_empty() {
            return repeated_response(upload.last_response, task);
        }
        // Where several creates asked for the same, nobody can tell which of them is answered:
        // the newest, so that a device which goes on with this URL is not accused.
        let answered = upload
            .settle((task.size, task.md5sum), VecDeque::pop_back)
            .ok_or(FindingKind::EchoMismatch)?;
        upload.issued |= answered.number == upload.creates;
        upload.last_response = Some(Fingerprint::of(task));
        Ok(None)
    }

    fn answer_query(
        &mut self,
        task: &ResourceTask<'_>,
    ) -> Result<Option<TraceAdviceKind>, FindingKind> {
        match self.queries.checked_sub(1) {
            Some(queries) => {
                self.queries = queries;
                self.deliver(task).last_response = Some(Fingerprint::of(task));
                Ok(None)
            }
            None => {
                let known = self.downloads.get_mut(Fingerprint::of(&task.name));
                repeated_response(known.and_then(|known| known.last_response), task)
            }
        }
    }

    fn deliver(&mut self, task: &ResourceTask<'_>) -> &mut Download {
        let name = Fingerprint::of(&task.name);
        let download = self.downloads.get_or_put(name, Download::default);
        download.course = Course::default();
        download
    }

    fn report(
        &mut self,
        at: usize,
        transfer: Transfer,
        report: &ProgressReport<'_>,
    ) -> Result<Option<TraceAdviceKind>, FindingKind> {
        let name = Fingerprint::of(&report.name);
        let (course, reports) = match transfer {
            Transfer::Upload => {
                let course = match self.uploads.get_mut(name) {
                    None => Err(FindingKind::NoSuchTask),
                    Some(upload) if !upload.issued => Err(FindingKind::ProgressBeforeUrl),
                    Some(upload) => Ok(&mut upload.course),
                };
                (course, &mut self.upload_reports)
            }
            Transfer::Download => {
                let download = self.downloads.get_mut(name);
                let course = download.map(|download| &mut download.course);
                (course.ok_or(FindingKind::NoSuchTask), &mut self.download_reports)
            }
        };
        let judged = course.and_then(|course| course.report(self.profile, report));
        if judged != Ok(Some(TraceAdviceKind::Repeated)) {
            reports.push_back(at);
            if reports.len() > self.most_unanswered {
                reports.pop_front();
            }
        }
        judged
    }
}

impl Upload {
    /// Takes one create of a resource off what is owed.
    fn settle(
        &mut self,
        resource: (ResourceSize, Md5Sum),
        pick: fn(&mut VecDeque<Create>) -> Option<Create>,
    ) -> Option<Create> {
        let Entry::Occupied(mut creates) = self.owed.entry(resource) else { return None };
        let create = pick(creates.get_mut());
        self.unanswered = self.unanswered.saturating_sub(create.iter().len());
        if creates.get().is_empty() {
            creates.remove();
        }
        if self.owed.is_empty() {
            // Even the empty map would keep its memory.
            self.owed = BTreeMap::new();
        }
        create
    }

    fn forget_oldest(&mut self) {
        let oldest = self
            .owed
            .iter()
            .filter_map(|(key, creates)| creates.front().map(|create| (create.number, *key)));
        if let Some((_, key)) = oldest.min() {
            self.settle(key, VecDeque::pop_front);
        }
    }
}

impl Course {
    fn report(
        &mut self,
        profile: Profile,
        report: &ProgressReport<'_>,
    ) -> Result<Option<TraceAdviceKind>, FindingKind> {
        match self.ended_by {
            Some(last) if last == Fingerprint::of(report) => {
                return Ok(Some(TraceAdviceKind::Repeated));
            }
            Some(_) => return Err(FindingKind::AfterEnd),
            None => {}
        }
        if End::of(profile, report).is_some() {
            self.ended_by = Some(Fingerprint::of(report));
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
    last: Option<Fingerprint>,
    task: &ResourceTask<'_>,
) -> Result<Option<TraceAdviceKind>, FindingKind> {
    if last == Some(Fingerprint::of(task)) {
        Ok(Some(TraceAdviceKind::Repeated))
    } else {
        Err(FindingKind::UnsolicitedResponse)
    }
}
