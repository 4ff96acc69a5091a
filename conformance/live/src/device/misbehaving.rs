//! A device that misbehaves in one way.

use std::{path::Path, time::Duration};

use iothub_resource::{
    Md5Sum, Message, Percent, Profile, Progress, ProgressReport, Resource, ResourceName,
    ResourceSize, ResourceTask, ResourceUrl, ResultCode, State, Transfer,
    session::device::{Answer, Outcome},
};
use tokio::time::Instant;

use super::{
    behaviour::{Behaviour, ExtraReport},
    misbehave::Misbehaviour,
    misread::{ends_early, url_in},
    reports::end_in,
    spoilt_files::SpoiltFiles,
    spoilt_request::spoil,
    task::Task,
};
use crate::{
    http::client::{Body, ExchangeEvent, Request},
    mqtt::Publish,
};

/// The time limit for an answer. An answer that arrives after this time counts as late.
const LATE: Duration = Duration::from_millis(400);

/// A device that behaves correctly except for one misbehaviour.
pub(super) struct Misbehaving {
    how: Misbehaviour,
    profile: Profile,
    last_request: Option<Request>,
    /// The HTTP status of the last response.
    last_status: u16,
    /// Whether the device has reported success prematurely.
    has_pretended: bool,
    /// The name that the device has read in an answer; `None` before the first answer.
    read_name: Option<ResourceName<'static>>,
    /// The time of the device's first request; `None` before this request.
    asked: Option<Instant>,
    /// The size of the resource in the last transfer, in bytes.
    size: u64,
    files: SpoiltFiles,
    /// The last payload, followed by the remains of earlier, longer payloads.
    buffer: Vec<u8>,
}

impl Misbehaving {
    pub(super) const fn new(how: Misbehaviour, profile: Profile) -> Self {
        Self {
            how,
            profile,
            last_request: None,
            last_status: 0,
            has_pretended: false,
            read_name: None,
            asked: None,
            size: 0,
            files: SpoiltFiles::new(),
            buffer: Vec::new(),
        }
    }

    /// Returns a report that the session of the task has not requested; `None` if the task has no
    /// resource yet.
    fn report(
        &self,
        task: &Task,
        result_code: ResultCode,
        result_msg: &'static str,
    ) -> Option<Message<'static>> {
        let state = match (self.profile, result_code.is_success()) {
            (Profile::Documented, _) => State::Running(Percent::FULL),
            (Profile::Deployed, true) => State::Done(None),
            (Profile::Deployed, false) => State::Fail(None),
        };
        let progress = Progress { state, result_code, result_msg: result_msg.into() };
        let report = ProgressReport { name: task.resource()?.name, progress };
        Some(match task.transfer() {
            Transfer::Upload => Message::ReportUploadProgress(report),
            Transfer::Download => Message::ReportDownloadProgress(report),
        })
    }

    /// Returns a report on a running transfer; `None` if the task has no resource yet.
    fn progress(&self, task: &Task, percent: Percent) -> Option<Message<'static>> {
        let state = State::Running(percent);
        let progress = Progress { state, result_code: ResultCode::SUCCESS, result_msg: "".into() };
        let report = ProgressReport { name: task.resource()?.name, progress };
        Some(match task.transfer() {
            Transfer::Upload => Message::ReportUploadProgress(report),
            Transfer::Download => Message::ReportDownloadProgress(report),
        })
    }

    /// Returns the value that a device calculates for `percent` with unsigned 32-bit numbers.
    fn overflown(&self, percent: u8) -> Percent {
        let hundredfold = (self.size * u64::from(percent)) & 0xffff_ffff;
        let percent = hundredfold.checked_div(self.size).unwrap_or_default();
        u8::try_from(percent)
            .ok()
            .and_then(|percent| Percent::new(percent).ok())
            .unwrap_or_default()
    }

    /// Returns whether the device reports success although the transfer failed.
    fn says_done(&self) -> bool {
        self.how == Misbehaviour::SaysDoneAnyway || (200..300).contains(&self.last_status)
    }

    /// Changes a report as the misbehaviour requires. Returns whether the device publishes the
    /// report.
    fn alter(&self, report: &mut ProgressReport<'static>, is_end: bool) -> bool {
        let progress = &mut report.progress;
        match self.how {
            Misbehaviour::SaysDoneAnyway | Misbehaviour::TakesEarlySuccess
                if is_end && self.says_done() =>
            {
                progress.state = match self.profile {
                    Profile::Documented => State::Running(Percent::FULL),
                    Profile::Deployed => State::Done(None),
                };
                (progress.result_code, progress.result_msg) = (ResultCode::SUCCESS, "".into());
            }
            Misbehaviour::NoReason if is_end => {
                (progress.result_code, progress.result_msg) = (ResultCode::SUCCESS, "".into());
            }
            Misbehaviour::OverflowsPercent if is_end && self.profile == Profile::Deployed => {
                progress.state = State::Done(Some(self.overflown(100)));
            }
            Misbehaviour::ReportsFullFirst if progress.state == State::Running(Percent::ZERO) => {
                progress.state = State::Running(Percent::FULL);
            }
            Misbehaviour::NeverEnds if is_end => return false,
            Misbehaviour::TakesAnyName => {
                report.name = self.read_name.clone().unwrap_or_else(|| report.name.clone());
            }
            Misbehaviour::ReportsOther => {
                report.name = ResourceName::new("other").unwrap_or(report.name.clone());
            }
            _ => {}
        }
        true
    }

    fn report_payloads(
        &self,
        profile: Profile,
        message: &Message<'_>,
        is_end: bool,
    ) -> Vec<Vec<u8>> {
        let Ok(mut payload) = message.encode(profile) else { return Vec::new() };
        match self.how {
            Misbehaviour::MalformedReports => {
                payload.insert(payload.len() - 1, b',');
                vec![payload]
            }
            Misbehaviour::EndsTwice if is_end => {
                // The payload changes, because an equal payload would be a repetition.
                let mut again = payload.clone();
                again.splice(0..1, *b"{ ");
                let again = String::from_utf8_lossy(&again)
                    .replace("\"result_msg\":\"", "\"result_msg\":\"again ");
                vec![payload, again.into_bytes()]
            }
            _ => vec![payload],
        }
    }
}

impl Behaviour for Misbehaving {
    fn resource_name(&self, file_name: String) -> String {
        match file_name.rsplit_once('.') {
            Some((stem, _)) if self.how == Misbehaviour::LeavesExtensionOut => stem.to_owned(),
            _ if self.how == Misbehaviour::NamesByPath => format!("logs/{file_name}"),
            _ => file_name,
        }
    }

    fn payloads(&mut self, profile: Profile, mut message: Message<'static>) -> Vec<Vec<u8>> {
        let is_end = end_in(profile, &message).is_some();
        if let Some(report) = report_in(&mut message) {
            if !self.alter(report, is_end) {
                return Vec::new();
            }
            return self.report_payloads(profile, &message, is_end);
        }
        self.asked.get_or_insert_with(Instant::now);
        if self.how == Misbehaviour::DeclinesEmpty
            && let Message::CreateUploadTask(Resource { size: ResourceSize::ZERO, .. }) = message
        {
            return Vec::new();
        }
        let mut payloads: Vec<_> = message.encode(profile).into_iter().collect();
        if self.how == Misbehaviour::MalformedRequests {
            payloads.iter_mut().for_each(|payload| payload.insert(payload.len() - 1, b','));
        }
        if self.how == Misbehaviour::ReportsEarly {
            let early = early_report(&message);
            payloads.extend(early.and_then(|early| early.encode(profile).ok()));
        }
        payloads
    }

    /// Returns whether to withhold a report that follows a premature report.
    fn withholds(&self, message: &Message<'_>) -> bool {
        let is_report = matches!(
            message,
            Message::ReportUploadProgress(_) | Message::ReportDownloadProgress(_)
        );
        self.has_pretended && is_report
    }

    fn request(&mut self, mut request: Request) -> Request {
        spoil(self.how, &mut request);
        self.files.resume_another(self.how, self.size, &mut request);
        self.last_request = Some(request.clone());
        request
    }

    /// Prepares the files of the transfer. Returns a premature report, for example of success;
    /// `None` for no report.
    fn before_transfer(&mut self, task: &Task) -> Option<Message<'static>> {
        self.size = task.resource().map_or(0, |resource| resource.size.bytes());
        self.files.begin(task);
        if self.how == Misbehaviour::OverflowsPercent {
            return self.progress(task, self.overflown(85));
        }
        let pretends =
            matches!(self.how, Misbehaviour::NeverTransfers | Misbehaviour::SaysDoneEarly);
        if !pretends || std::mem::replace(&mut self.has_pretended, true) {
            return None;
        }
        self.report(task, ResultCode::SUCCESS, "")
    }

    fn leaves_for_transfer(&self) -> bool {
        self.how == Misbehaviour::NeverTransfers
    }

    fn sets_dup(&self) -> bool {
        self.how != Misbehaviour::ForgetsDup
    }

    fn reconnects(&self) -> bool {
        self.how != Misbehaviour::StaysAway
    }

    fn acknowledges(&self) -> bool {
        self.how != Misbehaviour::NeverAcknowledges
    }

    fn pings(&self) -> bool {
        self.how != Misbehaviour::NeverPings
    }

    fn hangs(&self) -> bool {
        self.how == Misbehaviour::Hangs
    }

    fn transfer_failed(&self) {
        if self.how == Misbehaviour::Dies {
            std::process::abort();
        }
    }

    fn gives_up(&self) -> bool {
        self.how == Misbehaviour::GivesUp
    }

    fn transfers(&self, is_rest: bool) -> bool {
        match self.how {
            Misbehaviour::NeverResumes => !is_rest,
            Misbehaviour::FailsEverything => false,
            _ => true,
        }
    }

    fn keeps_failures(&self) -> bool {
        self.how == Misbehaviour::KeepsWrongBytes
    }

    fn leaves_after(&self, profile: Profile, message: &Message<'_>) -> bool {
        match self.how {
            Misbehaviour::LeavesAfterEnd => end_in(profile, message).is_some(),
            Misbehaviour::LeavesAfterRequest => {
                matches!(message, Message::CreateUploadTask(_) | Message::GetDownloadTask)
            }
            _ => false,
        }
    }

    fn gives_up_for_push(&self) -> bool {
        self.how == Misbehaviour::DropsForPush
    }

    fn takes_repetitions(&self) -> bool {
        matches!(self.how, Misbehaviour::UploadsTwice | Misbehaviour::LooksAgain)
    }

    /// Returns the request for a repeated answer, which the device mistakes for a new task.
    fn repeated_upload(&self) -> Option<Request> {
        let again = self.last_request.clone().filter(|_| self.takes_repetitions())?;
        Some(match self.how {
            Misbehaviour::LooksAgain => Request { method: "HEAD", body: Body::None, ..again },
            _ => again,
        })
    }

    fn md5sum(&self, md5sum: Md5Sum) -> Md5Sum {
        if self.how == Misbehaviour::AnnouncesOther { Md5Sum::of(b"other bytes") } else { md5sum }
    }

    fn set_flags(&self, publish: &mut Publish, is_report: bool) {
        publish.retain = self.how == Misbehaviour::Retains;
        publish.dup = self.how == Misbehaviour::SetsDupAtOnce && !is_report;
    }

    fn takes_any_topic(&self) -> bool {
        self.how == Misbehaviour::TakesAnyTopic
    }

    fn overlooks(&self, publish: &Publish, message: &Message<'_>) -> bool {
        match self.how {
            Misbehaviour::ReadsOnlyCompact => {
                !message.encode(self.profile).is_ok_and(|own| own == publish.payload[..])
            }
            Misbehaviour::TakesTimeOutForSilence => matches!(
                message,
                Message::ReportUploadProgressRsp(answer) | Message::ReportDownloadProgressRsp(answer)
                    if answer.result_code == ResultCode::TIME_OUT
            ),
            Misbehaviour::CountsBraces => ends_early(&publish.payload),
            Misbehaviour::ReadsLowerDigests => {
                let text = String::from_utf8_lossy(&publish.payload);
                let digest = text.split("\"md5sum\":\"").nth(1).and_then(|rest| rest.get(..32));
                digest.is_some_and(|digest| digest.contains(|c: char| c.is_ascii_uppercase()))
            }
            Misbehaviour::IgnoresPushes => matches!(message, Message::Download(_)),
            Misbehaviour::IgnoresRetained => publish.retain,
            Misbehaviour::IgnoresLateAnswers => {
                let is_answer = matches!(
                    message,
                    Message::CreateUploadTaskRsp(_) | Message::GetDownloadTaskRsp(_)
                );
                is_answer && self.asked.is_some_and(|asked| asked.elapsed() > LATE)
            }
            _ => false,
        }
    }

    /// Returns a message with the URL and the values that a careless device reads in a malformed
    /// message.
    fn guess(&self, payload: &[u8], tasks: &[Task]) -> Option<Message<'static>> {
        let bytes = match self.how {
            Misbehaviour::TakesMalformed => payload,
            Misbehaviour::ReadsStaleBytes => &self.buffer,
            _ => return None,
        };
        let text = String::from_utf8_lossy(bytes);
        let url = url_in(&text)?;
        let mut uploads = tasks.iter().filter(|task| task.transfer() == Transfer::Upload);
        if let Some(resource) = uploads.next().and_then(Task::resource) {
            return Some(Message::CreateUploadTaskRsp(ResourceTask::new(resource, url)));
        }
        // The device takes other values from anywhere in the text.
        let after = |key: &str| text.find(key).map(|at| &text[at + key.len()..]);
        let size = after("\"size\":")?.split(',').next()?;
        let md5sum = after("\"md5sum\":\"")?.split('"').next()?;
        let name =
            after("\"name\":\"").and_then(|rest| rest.split('"').next()).unwrap_or("guessed");
        let json = format!(
            r#"{{"type":"get_download_task_rsp","size":{size},"name":"{name}","md5sum":"{md5sum}","url":"{}"}}"#,
            url.as_str()
        );
        Message::from_json(Profile::Deployed, &json).map(Message::into_owned).ok()
    }

    /// Stores the payload in the buffer. Returns the last request, with the URL from the payload;
    /// `None` if the device reads the payload normally.
    fn hijack(&mut self, payload: &[u8]) -> Option<Request> {
        let stale = self.buffer.get(payload.len()..).unwrap_or_default();
        self.buffer = [payload, stale].concat();
        if self.how != Misbehaviour::TakesLastUrl {
            return None;
        }
        let last = self.last_request.clone()?;
        let url = url_in(&String::from_utf8_lossy(payload))?;
        (url != last.url).then_some(Request { url, ..last })
    }

    /// Replaces the name, size and digest of an answer with those of the request, as if the device
    /// ignored the answer's values. Stores the name from the first answer.
    fn misread_message(&mut self, message: &mut Message<'_>, tasks: &[Task]) {
        if matches!(self.how, Misbehaviour::TakesAnyEcho | Misbehaviour::TakesAnyName)
            && let Message::CreateUploadTaskRsp(answer) = message
            && let Some(resource) = tasks.first().and_then(Task::resource)
        {
            self.read_name.get_or_insert_with(|| answer.name.clone().into_owned());
            *answer = ResourceTask::new(resource, answer.url.clone().into_owned());
        }
    }

    /// Returns a report of success for a download that the device mistakes for an earlier download.
    fn refuse_download(&self, message: &Message<'_>, tasks: &[Task]) -> Option<ExtraReport> {
        let Message::Download(download) = message else { return None };
        if self.how != Misbehaviour::RemembersNames {
            return None;
        }
        let has_name =
            |task: &Task| task.resource().is_some_and(|resource| resource.name == download.name);
        let task = tasks.iter().position(has_name)?;
        let message = self.report(&tasks[task], ResultCode::SUCCESS, "")?;
        Some(ExtraReport { task, message })
    }

    fn misread_answer(&mut self, event: ExchangeEvent) -> ExchangeEvent {
        if let ExchangeEvent::Response { status, .. } = event {
            self.last_status = status;
        }
        match event {
            ExchangeEvent::Response { status: 201..=205, content_range, location }
                if self.how == Misbehaviour::TakesOnly200 =>
            {
                ExchangeEvent::Response { status: 500, content_range, location }
            }
            event => event,
        }
    }

    fn redirected(&self, event: &ExchangeEvent) -> Option<Request> {
        let ExchangeEvent::Response { location: Some(location), status: 300..=399, .. } = event
        else {
            return None;
        };
        if self.how != Misbehaviour::FollowsRedirects {
            return None;
        }
        let url = ResourceUrl::new(location.clone()).ok()?;
        Some(Request { url, ..self.last_request.clone()? })
    }

    fn kept(&self, file: &Path) {
        self.files.kept(self.how, file);
    }

    /// Returns a report of a failure if the platform has not confirmed the success; `None`
    /// otherwise.
    fn after_outcome(&self, task: &Task, outcome: Outcome) -> Option<Message<'static>> {
        let is_unwell =
            matches!(outcome, Outcome::Done { answer: Answer::Missing | Answer::Refused(_) });
        if self.how != Misbehaviour::RegretsDone || !is_unwell {
            return None;
        }
        self.report(task, ResultCode::TIME_OUT, "time_out")
    }
}

fn report_in<'a>(message: &'a mut Message<'static>) -> Option<&'a mut ProgressReport<'static>> {
    match message {
        Message::ReportUploadProgress(report) | Message::ReportDownloadProgress(report) => {
            Some(report)
        }
        _ => None,
    }
}

/// Returns a report on the transfer that a message requests; `None` if the message is not a
/// request.
fn early_report(message: &Message<'_>) -> Option<Message<'static>> {
    let progress = Progress {
        state: State::Running(Percent::ZERO),
        result_code: ResultCode::SUCCESS,
        result_msg: "".into(),
    };
    match message {
        Message::CreateUploadTask(resource) => {
            let name = resource.name.clone().into_owned();
            Some(Message::ReportUploadProgress(ProgressReport { name, progress }))
        }
        // The name of the download is still unknown, so the report contains an arbitrary name.
        Message::GetDownloadTask => {
            let name = ResourceName::new("zxc.txt").ok()?;
            Some(Message::ReportDownloadProgress(ProgressReport { name, progress }))
        }
        _ => None,
    }
}
