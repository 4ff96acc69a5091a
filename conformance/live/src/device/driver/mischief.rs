//! Where the driver misbehaves, beyond what it sends.

use std::fs;

use iothub_resource::{
    Message, Percent, Profile, Progress, ProgressReport, ResourceTask, ResourceUrl, ResultCode,
    State, Transfer,
    session::device::{Answer, Outcome},
};

use super::{Driver, Task, reported};
use crate::{
    device::Misbehaviour,
    http::client::{Exchange, ExchangeEvent, Request},
    mqtt::Publish,
};

impl Driver<'_> {
    /// Goes away without another word.
    pub(super) fn give_up(&mut self) {
        self.is_gone = true;
    }

    /// Whether a message is passed over that has to be read.
    pub(super) fn overlooks(&self, publish: &Publish, message: &Message<'_>) -> bool {
        let profile = self.settings.profile;
        let is_compact = || message.encode(profile).is_ok_and(|own| own == publish.payload[..]);
        match self.settings.misbehaviour {
            Some(Misbehaviour::ReadsOnlyCompact) => !is_compact(),
            Some(Misbehaviour::IgnoresPushes) => matches!(message, Message::Download(_)),
            Some(Misbehaviour::IgnoresRetained) => publish.retain,
            _ => false,
        }
    }

    /// Whether it takes a download for one that it has had.
    pub(super) fn remembers(&mut self, message: &Message<'_>) -> bool {
        let Message::Download(download) = message else { return false };
        if !self.misbehaves(Misbehaviour::RemembersNames) {
            return false;
        }
        let known = self.tasks.iter().position(|task| {
            task.resource().is_some_and(|resource| resource.name == download.name)
        });
        known.inspect(|&index| self.say(index, ResultCode::SUCCESS, "")).is_some()
    }

    /// What somebody reads in a malformed message who only looks for a URL in it.
    pub(super) fn guess(&self, payload: &[u8]) -> Option<Message<'static>> {
        if !self.misbehaves(Misbehaviour::TakesMalformed) {
            return None;
        }
        let text = String::from_utf8_lossy(payload);
        let url = text.get(text.find("http://")?..)?.split(['"', '\u{fffd}']).next()?.to_owned();
        let url = ResourceUrl::new(url).ok()?;
        let mut uploads = self.tasks.iter().filter(|task| task.transfer() == Transfer::Upload);
        if let Some(resource) = uploads.next().and_then(Task::resource) {
            return Some(Message::CreateUploadTaskRsp(ResourceTask::new(resource, url)));
        }
        // The rest of it is as it was announced somewhere.
        let after = |key: &str| text.find(key).map(|at| &text[at + key.len()..]);
        let size = after("\"size\":")?.split(',').next()?;
        let md5sum = after("\"md5sum\":\"")?.split('"').next()?;
        let json = format!(
            r#"{{"type":"get_download_task_rsp","size":{size},"name":"guessed","md5sum":"{md5sum}","url":"{}"}}"#,
            url.as_str()
        );
        Message::from_json(Profile::Deployed, &json).map(Message::into_owned).ok()
    }

    /// A device that does not look at name, size or digest of an answer.
    pub(super) fn take_any_echo(&self, message: &mut Message<'_>) {
        let Message::CreateUploadTaskRsp(answer) = message else { return };
        if !self.misbehaves(Misbehaviour::TakesAnyEcho) {
            return;
        }
        if let Some(resource) = self.tasks.first().and_then(Task::resource) {
            *answer = ResourceTask::new(resource, answer.url.clone().into_owned());
        }
    }

    /// Instead of a transfer: says that it is done.
    pub(super) fn pretends(&mut self, index: usize) -> bool {
        let (never, early) = (
            self.misbehaves(Misbehaviour::NeverTransfers),
            self.misbehaves(Misbehaviour::SaysDoneEarly),
        );
        if (never || early) && !self.has_pretended {
            self.say(index, ResultCode::SUCCESS, "");
            self.has_pretended = true;
        }
        if never {
            self.give_up();
        }
        never
    }

    /// Whether all was said already, before its time.
    pub(super) fn was_said(&self, message: &Message<'_>) -> bool {
        self.has_pretended && reported(message).is_some()
    }

    /// Says that it failed, as its `done` was not answered well.
    pub(super) fn regret(&mut self, index: usize, outcome: Outcome) {
        if self.misbehaves(Misbehaviour::RegretsDone)
            && let Outcome::Done { answer: Answer::Missing | Answer::Refused(_) } = outcome
        {
            self.say(index, ResultCode::TIME_OUT, "time_out");
        }
    }

    /// What is kept is not what came.
    pub(super) fn spoil(&self, index: usize) {
        if self.misbehaves(Misbehaviour::KeepsOtherBytes)
            && let Some(path) = &self.tasks[index].kept
            && let Ok(mut bytes) = fs::read(path)
        {
            bytes.iter_mut().for_each(|byte| *byte = !*byte);
            let _ = fs::write(path, bytes);
        }
    }

    /// What it takes for the answer of the object store.
    pub(super) fn misread(&self, news: ExchangeEvent) -> ExchangeEvent {
        match news {
            ExchangeEvent::Response { status: 201..=205, content_range, location }
                if self.misbehaves(Misbehaviour::TakesOnly200) =>
            {
                ExchangeEvent::Response { status: 500, content_range, location }
            }
            news => news,
        }
    }

    /// Whether it goes where a redirection points.
    pub(super) fn follows(&mut self, key: u64, news: &ExchangeEvent) -> bool {
        let ExchangeEvent::Response { location: Some(location), status: 300..=399, .. } = news
        else {
            return false;
        };
        let mine = |task: &&mut Task| task.exchange.as_ref().is_some_and(|(k, _)| *k == key);
        if self.settings.misbehaviour == Some(Misbehaviour::FollowsRedirects)
            && let Some(request) = &self.last_request
            && let Ok(url) = ResourceUrl::new(location.clone())
            && let Some(task) = self.tasks.iter_mut().find(mine)
        {
            // The old one has nothing more to say.
            self.exchanges += 1;
            let (key, news) = (self.exchanges, self.http.0.clone());
            let request = Request { url, ..request.clone() };
            task.exchange = Some((key, Exchange::begin(request, key, news)));
            return true;
        }
        false
    }

    /// A device that takes the same answer for a new task.
    pub(super) fn upload_twice(&mut self, index: usize) {
        if self.misbehaves(Misbehaviour::UploadsTwice)
            && self.tasks[index].transfer() == Transfer::Upload
            && let Some(request) = self.last_request.clone()
        {
            self.ask(index, request);
        }
    }

    fn say(&mut self, index: usize, result_code: ResultCode, text: &'static str) {
        let Some(resource) = self.tasks[index].resource() else { return };
        let state = match (self.settings.profile, result_code.is_success()) {
            (Profile::Documented, _) => State::Running(Percent::FULL),
            (Profile::Deployed, true) => State::Done(None),
            (Profile::Deployed, false) => State::Fail(None),
        };
        let progress = Progress { state, result_code, result_msg: text.into() };
        let report = ProgressReport { name: resource.name, progress };
        let message = match self.tasks[index].transfer() {
            Transfer::Upload => Message::ReportUploadProgress(report),
            Transfer::Download => Message::ReportDownloadProgress(report),
        };
        self.publish(index, message);
    }
}
