//! A device that misbehaves in one way.

use std::{fs, path::Path, sync::Arc, time::Duration};

use base64ct::{Base64, Encoding};
use iothub_resource::{
    ContentMd5, Md5Sum, Message, Percent, Profile, Progress, ProgressReport, Resource,
    ResourceName, ResourceSize, ResourceTask, ResourceUrl, ResultCode, State, Transfer,
    session::device::{Answer, Outcome},
};
use tokio::time::Instant;

use super::{
    behaviour::{Behaviour, ExtraReport},
    misbehave::Misbehaviour,
    reports::end_in,
    task::Task,
};
use crate::{
    http::client::{Body, ExchangeEvent, Request},
    mqtt::Publish,
};

const CONTENT_LENGTH: &str = "Content-Length";
const CONTENT_MD5: &str = "Content-MD5";
const RANGE: &str = "Range";
/// An answer after this time is late.
const LATE: Duration = Duration::from_millis(400);

/// A device with one misbehaviour, which otherwise behaves correctly.
pub(super) struct Misbehaving {
    how: Misbehaviour,
    profile: Profile,
    last_request: Option<Request>,
    /// The device has already reported success prematurely.
    has_pretended: bool,
    /// The name that the device has read in an answer.
    read_name: Option<ResourceName<'static>>,
    /// When the device sent its first request.
    asked: Option<Instant>,
}

impl Misbehaving {
    pub(super) const fn new(how: Misbehaviour, profile: Profile) -> Self {
        Self {
            how,
            profile,
            last_request: None,
            has_pretended: false,
            read_name: None,
            asked: None,
        }
    }

    /// A report on a task without the knowledge of its session.
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

    /// Changes a report. Returns whether it is published at all.
    fn alter(&self, report: &mut ProgressReport<'static>, is_end: bool) -> bool {
        let progress = &mut report.progress;
        match self.how {
            Misbehaviour::SaysDoneAnyway if is_end => {
                progress.state = match self.profile {
                    Profile::Documented => State::Running(Percent::FULL),
                    Profile::Deployed => State::Done(None),
                };
                (progress.result_code, progress.result_msg) = (ResultCode::SUCCESS, "".into());
            }
            Misbehaviour::NoReason if is_end => {
                (progress.result_code, progress.result_msg) = (ResultCode::SUCCESS, "".into());
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
                // A changed payload, since an equal one would be a repetition.
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

    /// Withholds reports after a premature one.
    fn withholds(&self, message: &Message<'_>) -> bool {
        let is_report = matches!(
            message,
            Message::ReportUploadProgress(_) | Message::ReportDownloadProgress(_)
        );
        self.has_pretended && is_report
    }

    fn request(&mut self, mut request: Request) -> Request {
        match self.how {
            Misbehaviour::NoContentMd5 => request.headers.retain(|(name, _)| *name != CONTENT_MD5),
            Misbehaviour::Base64OfHex => {
                change(&mut request, CONTENT_MD5, |value| {
                    let hex = Md5Sum::from(ContentMd5::from_base64(value).ok()?).to_string();
                    Some(Base64::encode_string(hex.as_bytes()))
                });
            }
            Misbehaviour::HexContentMd5 => change(&mut request, CONTENT_MD5, |value| {
                Some(Md5Sum::from(ContentMd5::from_base64(value).ok()?).to_string())
            }),
            Misbehaviour::UnpaddedContentMd5 => change(&mut request, CONTENT_MD5, |value| {
                Some(value.trim_end_matches('=').to_owned())
            }),
            Misbehaviour::WrongContentMd5 => change(&mut request, CONTENT_MD5, |_| {
                Some(ContentMd5::from(Md5Sum::of(b"other bytes")).to_string())
            }),
            Misbehaviour::DoubleContentMd5 => {
                let is_it = |(name, _): &&(&'static str, String)| *name == CONTENT_MD5;
                let again = request.headers.iter().find(is_it).cloned();
                request.headers.extend(again);
            }
            Misbehaviour::WrongBytes
            | Misbehaviour::ShortBody
            | Misbehaviour::Chunked
            | Misbehaviour::CutBody
            | Misbehaviour::LongBody => self.change_body(&mut request),
            Misbehaviour::NoQuery => {
                let bare = request.url.as_str().split('?').next().unwrap_or_default().to_owned();
                if let Ok(url) = ResourceUrl::new(bare) {
                    request.url = url;
                }
            }
            Misbehaviour::RangeOfEmpty => {
                let has_range = request.headers.iter().any(|(name, _)| *name == RANGE);
                if request.method == "GET" && !has_range {
                    request.headers.push((RANGE, "bytes=0-0".to_owned()));
                }
            }
            Misbehaviour::RangeTooLong => change(&mut request, RANGE, |value| {
                let (first, last) = value.split_once('-')?;
                Some(format!("{first}-{}", last.parse::<u64>().ok()? + 1))
            }),
            _ => {}
        }
        self.last_request = Some(request.clone());
        request
    }

    /// Reports success at once.
    fn before_transfer(&mut self, task: &Task) -> Option<Message<'static>> {
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

    fn resumes(&self) -> bool {
        self.how != Misbehaviour::NeverResumes
    }

    fn leaves_after_end(&self) -> bool {
        self.how == Misbehaviour::LeavesAfterEnd
    }

    fn gives_up_for_push(&self) -> bool {
        self.how == Misbehaviour::DropsForPush
    }

    fn takes_repetitions(&self) -> bool {
        self.how == Misbehaviour::UploadsTwice
    }

    /// The device takes a repeated answer for a new task.
    fn repeated_upload(&self) -> Option<Request> {
        self.last_request.clone().filter(|_| self.how == Misbehaviour::UploadsTwice)
    }

    fn overlooks(&self, publish: &Publish, message: &Message<'_>) -> bool {
        match self.how {
            Misbehaviour::ReadsOnlyCompact => {
                !message.encode(self.profile).is_ok_and(|own| own == publish.payload[..])
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

    /// The URL and values that a careless device reads in a malformed message.
    fn guess(&self, payload: &[u8], tasks: &[Task]) -> Option<Message<'static>> {
        if self.how != Misbehaviour::TakesMalformed {
            return None;
        }
        let text = String::from_utf8_lossy(payload);
        let url = text.get(text.find("http://")?..)?.split(['"', '\u{fffd}']).next()?.to_owned();
        let url = ResourceUrl::new(url).ok()?;
        let mut uploads = tasks.iter().filter(|task| task.transfer() == Transfer::Upload);
        if let Some(resource) = uploads.next().and_then(Task::resource) {
            return Some(Message::CreateUploadTaskRsp(ResourceTask::new(resource, url)));
        }
        // Other values are taken from anywhere in the text.
        let after = |key: &str| text.find(key).map(|at| &text[at + key.len()..]);
        let size = after("\"size\":")?.split(',').next()?;
        let md5sum = after("\"md5sum\":\"")?.split('"').next()?;
        let json = format!(
            r#"{{"type":"get_download_task_rsp","size":{size},"name":"guessed","md5sum":"{md5sum}","url":"{}"}}"#,
            url.as_str()
        );
        Message::from_json(Profile::Deployed, &json).map(Message::into_owned).ok()
    }

    /// The device ignores the name, size or digest of an answer.
    fn misread_message(&mut self, message: &mut Message<'_>, tasks: &[Task]) {
        if matches!(self.how, Misbehaviour::TakesAnyEcho | Misbehaviour::TakesAnyName)
            && let Message::CreateUploadTaskRsp(answer) = message
            && let Some(resource) = tasks.first().and_then(Task::resource)
        {
            self.read_name.get_or_insert_with(|| answer.name.clone().into_owned());
            *answer = ResourceTask::new(resource, answer.url.clone().into_owned());
        }
    }

    /// The device takes a download for an earlier one.
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

    fn misread_answer(&self, event: ExchangeEvent) -> ExchangeEvent {
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

    /// Changes the stored bytes.
    fn kept(&self, file: &Path) {
        if self.how == Misbehaviour::KeepsOtherBytes
            && let Ok(mut bytes) = fs::read(file)
        {
            bytes.iter_mut().for_each(|byte| *byte = !*byte);
            let _ = fs::write(file, bytes);
        }
    }

    /// Reports a failure because success was not confirmed.
    fn after_outcome(&self, task: &Task, outcome: Outcome) -> Option<Message<'static>> {
        let is_unwell =
            matches!(outcome, Outcome::Done { answer: Answer::Missing | Answer::Refused(_) });
        if self.how != Misbehaviour::RegretsDone || !is_unwell {
            return None;
        }
        self.report(task, ResultCode::TIME_OUT, "time_out")
    }
}

impl Misbehaving {
    /// Changes the bytes of the body, their number, or their framing.
    fn change_body(&self, request: &mut Request) {
        let Body::File(path, _) = &request.body else { return };
        let mut bytes = fs::read(path).unwrap_or_default();
        match self.how {
            Misbehaviour::WrongBytes => bytes.iter_mut().for_each(|byte| *byte = !*byte),
            Misbehaviour::CutBody => drop(bytes.pop()),
            Misbehaviour::LongBody => bytes.push(b'.'),
            Misbehaviour::Chunked => {
                let size = format!("{:x}\r\n", bytes.len());
                bytes = [size.as_bytes(), &bytes, b"\r\n0\r\n\r\n"].concat();
                request.headers.retain(|(name, _)| *name != CONTENT_LENGTH);
                request.headers.push(("Transfer-Encoding", "chunked".to_owned()));
            }
            _ => {
                bytes.truncate(bytes.len() / 2);
                let length = bytes.len().to_string();
                change(request, CONTENT_LENGTH, |_| Some(length.clone()));
            }
        }
        request.body = Body::Bytes(Arc::from(bytes));
    }
}

/// Replaces the values of a header by another one, or removes them.
fn change(request: &mut Request, header: &str, new: impl Fn(&str) -> Option<String>) {
    for (name, value) in &mut request.headers {
        if *name == header
            && let Some(new) = new(value)
        {
            *value = new;
        }
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

/// A report on a resource that was only just requested.
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
        // The name is still unknown.
        Message::GetDownloadTask => {
            let name = ResourceName::new("zxc.bin").ok()?;
            Some(Message::ReportDownloadProgress(ProgressReport { name, progress }))
        }
        _ => None,
    }
}
