//! Implements the rules for sequences of messages (SES-1 to SES-12), except the recognition of
//! repeated messages.

mod answers;
mod course;
mod downloads;
mod reports;
mod uploads;

use self::{
    downloads::Downloads,
    reports::{Report, Reports},
    uploads::Uploads,
};
use super::{FindingKind, Limits, TraceAdviceKind, fingerprint::Fingerprint, readable::Readable};
use crate::{
    Direction, Message, MessageType, Profile, ProgressReport, Resource, ResourceTask, Transfer,
};

/// The tasks of one device, and the answers that are owed or may come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Rules {
    profile: Profile,
    uploads: Uploads,
    downloads: Downloads,
    upload_reports: Reports,
    download_reports: Reports,
    /// The number of messages so far. Each message gets the next number, so an older message has a
    /// lower number.
    count: usize,
    /// The number of further responses for which `unsolicited-response` and `echo-mismatch` are not
    /// reported, because earlier messages could not be read.
    excused_responses: usize,
    /// The number of further reports for which `no-such-task` and `progress-before-url` are not
    /// reported, because earlier messages could not be read.
    excused_reports: usize,
}

/// The verdict of the rules on a message: the advice, if there is any, or the MUST rule that the
/// message violates.
type Judged = Result<Option<TraceAdviceKind>, FindingKind>;

impl Rules {
    pub(super) const fn new(profile: Profile, limits: Limits) -> Self {
        Self {
            profile,
            uploads: Uploads::new(limits),
            downloads: Downloads::new(limits.tasks),
            upload_reports: Reports::new(limits.unanswered),
            download_reports: Reports::new(limits.unanswered),
            count: 0,
            excused_responses: 0,
            excused_reports: 0,
        }
    }

    /// Returns the approximate memory of the rules in bytes.
    pub(super) fn memory(&self) -> usize {
        const TASK: usize = 200;
        const CREATE: usize = 280;
        const REPORT: usize = 2 * size_of::<usize>();
        let tasks = self.uploads.len().saturating_add(self.downloads.len()).saturating_mul(TASK);
        let creates = self.uploads.answers().saturating_mul(CREATE);
        let reports = self.upload_reports.len().saturating_add(self.download_reports.len());
        let reports = reports.saturating_mul(REPORT);
        [tasks, creates, reports].into_iter().fold(0, usize::saturating_add)
    }

    /// Returns whether a task has been forgotten because of the limits.
    pub(super) const fn has_forgotten(&self) -> bool {
        self.uploads.forgot() || self.downloads.forgot()
    }

    /// Returns the indexes of the unanswered creates and reports, in no particular order (SES-9).
    pub(super) fn unanswered(&self) -> impl Iterator<Item = usize> {
        let reports = self.upload_reports.iter().chain(self.download_reports.iter());
        self.uploads.unanswered().chain(reports.map(|report| report.at))
    }

    /// Returns whether a query is owed an answer.
    pub(super) const fn owes_a_download(&self) -> bool {
        self.downloads.owes()
    }

    /// Stops expecting an answer to the oldest open create of this resource. Returns whether there
    /// is such a create.
    pub(super) fn decline(&mut self, resource: &Resource<'_>) -> bool {
        self.uploads.decline(resource)
    }

    /// Returns the verdict on a message that is not repeated with DUP. The method changes nothing.
    pub(super) fn verdict(&self, message: &Message<'_>) -> Judged {
        match message {
            Message::CreateUploadTask(_) | Message::GetDownloadTask | Message::Download(_) => {
                Ok(None)
            }
            Message::CreateUploadTaskRsp(task) => self.uploads.judge_response(task),
            Message::GetDownloadTaskRsp(task) => self.downloads.judge_response(task),
            Message::ReportUploadProgress(report) => self.uploads.judge_report(report),
            Message::ReportDownloadProgress(report) => self.downloads.judge_report(report),
            Message::ReportUploadProgressRsp(_) => {
                self.upload_reports.judge_response().map(|()| None)
            }
            Message::ReportDownloadProgressRsp(_) => {
                self.download_reports.judge_response().map(|()| None)
            }
        }
    }

    /// Takes the next message, which must not be a repetition with DUP, and returns the verdict on
    /// it. A faulty message counts as the message that its sender intended (SES-12).
    pub(super) fn judge(&mut self, at: usize, message: &Message<'_>) -> Judged {
        match self.verdict(message) {
            Ok(Some(TraceAdviceKind::Repeated)) => {
                self.repeat(at, message);
                Ok(Some(TraceAdviceKind::Repeated))
            }
            Ok(advice) => {
                self.take(at, message);
                Ok(advice)
            }
            Err(kind) if self.excuses(kind) => {
                self.take_excused(at, message);
                Ok(None)
            }
            Err(kind) => {
                self.take_at_fault(at, message);
                Err(kind)
            }
        }
    }

    /// Records a repeated message, which changes no task. If the message requests an answer, the
    /// other side may answer it again (SES-11).
    pub(super) fn repeat(&mut self, at: usize, message: &Message<'_>) {
        let number = self.next();
        match message {
            Message::CreateUploadTask(resource) => self.uploads.create_again(number, at, resource),
            Message::GetDownloadTask => self.downloads.expect(),
            Message::ReportUploadProgress(_) => self.upload_reports.expect(),
            Message::ReportDownloadProgress(_) => self.download_reports.expect(),
            _ => {}
        }
    }

    /// Takes a message. Unless the message is a report, it must not violate a rule.
    pub(super) fn take(&mut self, at: usize, message: &Message<'_>) {
        let number = self.next();
        match message {
            Message::CreateUploadTask(resource) => self.uploads.create(number, at, resource),
            Message::CreateUploadTaskRsp(task) => self.uploads.take_response(task),
            Message::GetDownloadTask => self.downloads.query(),
            Message::GetDownloadTaskRsp(task) => self.downloads.take_response(task),
            Message::Download(task) => self.downloads.begin(name_of(task)),
            Message::ReportUploadProgress(report) => {
                self.take_report(Report { number, at }, Transfer::Upload, report);
            }
            Message::ReportDownloadProgress(report) => {
                self.take_report(Report { number, at }, Transfer::Download, report);
            }
            Message::ReportUploadProgressRsp(_) => self.upload_reports.take_response(),
            Message::ReportDownloadProgressRsp(_) => self.download_reports.take_response(),
        }
    }

    /// Takes a report, misplaced or not. The report counts, may end its task, and is owed an
    /// answer.
    fn take_report(&mut self, owed: Report, transfer: Transfer, report: &ProgressReport<'_>) {
        let name = Fingerprint::of_name(&report.name);
        let (course, reports) = match transfer {
            Transfer::Upload => (self.uploads.running(name), &mut self.upload_reports),
            Transfer::Download => (self.downloads.running(name), &mut self.download_reports),
        };
        course.take(self.profile, report);
        reports.owe(owed);
    }

    /// Returns whether an earlier unreadable message explains a fault of this kind. Each unreadable
    /// message explains only one fault, so a call that returns `true` uses up one message.
    const fn excuses(&mut self, kind: FindingKind) -> bool {
        let excused = match kind {
            FindingKind::UnsolicitedResponse | FindingKind::EchoMismatch => {
                &mut self.excused_responses
            }
            FindingKind::ProgressBeforeUrl | FindingKind::NoSuchTask => &mut self.excused_reports,
            FindingKind::AfterEnd => return false,
        };
        match excused.checked_sub(1) {
            Some(left) => {
                *excused = left;
                true
            }
            None => false,
        }
    }

    fn take_excused(&mut self, at: usize, message: &Message<'_>) {
        match message {
            Message::CreateUploadTaskRsp(task) => {
                self.uploads.begin_issued(name_of(task));
                self.uploads.note_response(task);
            }
            Message::GetDownloadTaskRsp(task) => self.downloads.take_response(task),
            Message::ReportUploadProgress(report) => {
                self.uploads.may_have_answered(Fingerprint::of_name(&report.name));
                self.take(at, message);
            }
            Message::ReportDownloadProgress(_) => self.take(at, message),
            _ => {}
        }
    }

    fn take_at_fault(&mut self, at: usize, message: &Message<'_>) {
        match message {
            Message::CreateUploadTaskRsp(task) => {
                self.create_misanswered(Some(name_of(task)));
                self.uploads.note_response(task);
            }
            Message::GetDownloadTaskRsp(task) => self.downloads.take_response(task),
            Message::ReportUploadProgress(_) | Message::ReportDownloadProgress(_) => {
                self.take(at, message);
            }
            _ => {}
        }
    }

    /// Takes a payload that does not decode, with its readable parts (SES-12).
    pub(super) fn take_undecodable(&mut self, direction: Direction, readable: Readable) {
        use MessageType as Type;

        let number = self.next();
        let Readable { message_type, name } = readable;
        let Some(message_type) = message_type else { return self.take_unreadable(direction) };
        if message_type.direction() != direction {
            return;
        }
        match message_type {
            Type::CreateUploadTask => match name {
                Some(name) => self.uploads.create_undecoded(number, name),
                None => self.take_unreadable(direction),
            },
            Type::GetDownloadTask => self.downloads.expect(),
            Type::ReportUploadProgress => self.upload_reports.expect(),
            Type::ReportDownloadProgress => self.download_reports.expect(),
            Type::CreateUploadTaskRsp => self.create_misanswered(name),
            Type::GetDownloadTaskRsp => {
                self.delivered_undecodable(name);
                self.downloads.may_have_answered();
            }
            Type::Download => self.delivered_undecodable(name),
            Type::ReportUploadProgressRsp => self.upload_reports.may_have_answered(),
            Type::ReportDownloadProgressRsp => self.download_reports.may_have_answered(),
        }
    }

    /// Takes a message whose type cannot be read, or a create whose name cannot be read. On the up
    /// topic, any answer may follow. On the down topic, the message may be any answer.
    fn take_unreadable(&mut self, direction: Direction) {
        if direction == Direction::Up {
            self.excused_responses = self.excused_responses.saturating_add(1);
            return;
        }
        if !self.uploads.loosen_longest() {
            let number = |reports: &Reports| reports.iter().next().map(|report| report.number);
            let (upload, download) = (number(&self.upload_reports), number(&self.download_reports));
            // The message may answer the older of the two reports. `None` means that no report of
            // that kind is unanswered.
            let upload_first =
                download.is_none_or(|download| upload.is_some_and(|it| it < download));
            let reports =
                if upload_first { &mut self.upload_reports } else { &mut self.download_reports };
            reports.may_have_answered();
        }
        self.excuse_report();
    }

    /// Takes a `create_upload_task_rsp` that has a fault or does not decode.
    fn create_misanswered(&mut self, name: Option<Fingerprint>) {
        match name {
            Some(name) if self.uploads.has(name) => self.uploads.misanswered(name),
            Some(name) => {
                self.uploads.longest_may_have_answered();
                self.uploads.begin_issued(name);
            }
            None => {
                if !self.uploads.longest_may_have_answered() {
                    self.excuse_report();
                }
            }
        }
    }

    fn delivered_undecodable(&mut self, name: Option<Fingerprint>) {
        match name {
            Some(name) => self.downloads.begin(name),
            None => self.excuse_report(),
        }
    }

    const fn excuse_report(&mut self) {
        self.excused_reports = self.excused_reports.saturating_add(1);
    }

    const fn next(&mut self) -> usize {
        self.count = self.count.saturating_add(1);
        self.count
    }
}

fn name_of(task: &ResourceTask<'_>) -> Fingerprint {
    Fingerprint::of_name(&task.name)
}
