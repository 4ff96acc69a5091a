//! The platform's part: what is answered, as the play wants it.

use std::{borrow::Cow, sync::Arc, sync::atomic::Ordering, time::Duration};

use iothub_resource::{
    Direction, Md5Sum, Message, MessageType, ProgressResponse, Resource, ResourceName,
    ResourceSize, ResourceTask, ResourceUrl, ResultCode, Transfer,
};
use tokio::time::Instant;

use super::{
    attempt::{Act, Cut},
    judge::{Task, transfer_of},
    scenario::{Besides, Fault, Flow, Moment, Reports, Response, What, Wrong},
    scenario_run::Stage,
    spelling::{disguised, spelt},
};
use crate::{
    Level,
    live::{
        mqtt::{Publish, Qos},
        platform::PUSH_DELAY,
        record::DisconnectReason,
        store::Source,
    },
};

/// How much a download has that is pushed besides.
const BESIDES: usize = 5_000;

impl Stage<'_> {
    /// Answers a message of the device.
    pub(super) fn respond(&mut self, message: &Message<'_>) {
        match message {
            Message::CreateUploadTask(resource) => self.create(resource.clone().into_owned()),
            Message::GetDownloadTask => self.query(),
            Message::ReportUploadProgress(report) | Message::ReportDownloadProgress(report) => {
                let transfer = transfer_of(message);
                let index = self.judge.task(transfer, report.name.as_str());
                let is_main = index.is_some() && index == self.phase.main;
                let has_ended = index.is_some_and(|i| self.judge.tasks[i].end.is_some());
                if is_main && has_ended {
                    self.reach(Moment::Ended);
                }
                self.answer_report(transfer, is_main);
            }
            _ => {}
        }
    }

    fn create(&mut self, resource: Resource<'static>) {
        let known = self.judge.task(Transfer::Upload, resource.name.as_str()).filter(|&index| {
            let Task { resource: other, end, .. } = &self.judge.tasks[index];
            index >= self.phase.from && *other == resource && end.is_none()
        });
        let is_main = self.scenario.flow == Flow::Upload
            && self
                .phase
                .main
                .is_none_or(|main| self.judge.tasks[main].resource.name == resource.name);
        let index = known.unwrap_or_else(|| {
            self.judge.begin(Task {
                transfer: Transfer::Upload,
                resource,
                is_main,
                can_arrive: true,
                is_taken: false,
                is_answered: false,
                end: None,
            })
        });
        if !is_main {
            return self.deliver(index);
        }
        self.check_announced(index);
        self.phase.main = Some(index);
        self.answer(index);
    }

    /// A device that uploads something else does not show what the scenario is about.
    fn check_announced(&mut self, index: usize) {
        let bytes = self.phase.play.resource.bytes(&self.scenario.id);
        let Resource { size, md5sum, .. } = self.judge.tasks[index].resource;
        if (size.bytes(), md5sum) != (bytes.len() as u64, Md5Sum::of(&bytes)) {
            let detail = format!(
                "it uploads {size} bytes with MD5 {md5sum}; the file it was given has {} bytes, MD5 {}",
                bytes.len(),
                Md5Sum::of(&bytes)
            );
            self.judge.find(None, "other-file", "MSG-1", Level::Should, detail);
        }
    }

    fn query(&mut self) {
        if self.scenario.flow != Flow::Download {
            return;
        }
        let index = match self.phase.main {
            Some(main) if self.judge.tasks[main].is_taken => return,
            // Whether the device takes what is retained is the question.
            Some(_) if matches!(self.phase.play.response, Response::Pushed { retain: true }) => {
                return;
            }
            // The push may be on its way. One that was lost comes again.
            Some(main)
                if matches!(self.phase.play.response, Response::Pushed { retain: false }) =>
            {
                let is_due = |(_, act): &(_, Act)| matches!(act, Act::DeliverWhenQuiet(_));
                if !self.phase.acts.iter().any(is_due) {
                    self.phase.after(self.settle(), Act::DeliverWhenQuiet(main));
                }
                return;
            }
            Some(main) => main,
            None => self.begin_download(self.phase.play.resource, true),
        };
        self.answer(index);
    }

    fn begin_download(&mut self, what: What, is_main: bool) -> usize {
        let bytes = what.bytes(&self.scenario.id);
        let announced = if what.other_digest { b"other bytes".as_slice() } else { &bytes };
        // Our own names and sizes are legal.
        let resource = Resource {
            size: ResourceSize::new(bytes.len() as u64).unwrap_or(ResourceSize::ZERO),
            name: ResourceName::new(what.name).unwrap_or_else(|_| unreachable!("a legal name")),
            md5sum: Md5Sum::of(announced),
        };
        let index = self.judge.begin(Task {
            transfer: Transfer::Download,
            resource,
            is_main,
            can_arrive: !what.other_digest,
            is_taken: false,
            is_answered: false,
            end: None,
        });
        if is_main {
            self.phase.main = Some(index);
        }
        self.phase.downloads.push((index, Arc::from(bytes), None));
        index
    }

    /// Answers a create or a query.
    fn answer(&mut self, index: usize) {
        self.phase.asked += 1;
        let is_first = self.phase.asked == 1;
        self.reach(Moment::Asked);
        match self.phase.play.response.clone() {
            Response::Lost => {}
            Response::LostOnce if is_first => {}
            _ if !is_first => self.deliver(index),
            Response::Well | Response::LostOnce | Response::Spelt(_) | Response::Pushed { .. } => {
                self.deliver(index);
            }
            Response::Late => self.phase.after(self.options.slow(), Act::Deliver(index)),
            Response::Twice { dup } => {
                self.phase.again = self.deliver_payload(index).map(|payload| (payload, dup));
            }
            Response::OtherUrlToo => {
                self.deliver(index);
                let task = self.decoy(index);
                self.publish_message(&answer_of(&task, self.judge.tasks[index].transfer));
            }
            Response::After(wrong) => {
                self.publish_wrong(index, &wrong);
                self.phase.after(self.settle(), Act::DeliverWhenQuiet(index));
            }
        }
        self.reach(Moment::Answered);
    }

    fn publish_wrong(&mut self, index: usize, wrong: &Wrong) {
        let transfer = self.judge.tasks[index].transfer;
        let other = match transfer {
            Transfer::Upload => Transfer::Download,
            Transfer::Download => Transfer::Upload,
        };
        if let Wrong::ProgressResponse = wrong {
            return self.publish_message(&report_answer(transfer, ProgressResponse::OK));
        }
        let mut task = self.decoy(index);
        match wrong {
            Wrong::OtherName => {
                task.name = ResourceName::new("other-name").unwrap_or(task.name);
            }
            Wrong::OtherSize => {
                task.size = ResourceSize::new(task.size.bytes() + 1).unwrap_or(task.size);
            }
            Wrong::OtherDigest => task.md5sum = Md5Sum::of(b"other bytes"),
            Wrong::OtherKind => return self.publish_message(&answer_of(&task, other)),
            Wrong::ProgressResponse => {}
            Wrong::Malformed(malformed) => {
                let payload = disguised(malformed, &task);
                return self.publish(payload, false);
            }
        }
        self.publish_message(&answer_of(&task, transfer));
    }

    fn answer_report(&mut self, transfer: Transfer, is_main: bool) {
        let ok = report_answer(transfer, ProgressResponse::OK);
        let reports = if is_main { self.phase.play.reports.clone() } else { Reports::Well };
        match reports {
            Reports::Well => {}
            Reports::Lost => return,
            Reports::Late => {
                if let Ok(payload) = ok.encode(self.options.profile) {
                    self.phase.after(self.options.slow(), Act::Publish(payload));
                }
                return;
            }
            Reports::Twice => self.publish_message(&ok),
            Reports::Refused(code) => {
                let result_code = ResultCode(code);
                let result_msg = Cow::Borrowed(result_code.known_message().unwrap_or("refused"));
                let refusal = ProgressResponse { result_code, result_msg };
                return self.publish_message(&report_answer(transfer, refusal));
            }
            Reports::OtherKind => {
                let other = match transfer {
                    Transfer::Upload => Transfer::Download,
                    Transfer::Download => Transfer::Upload,
                };
                self.publish_message(&report_answer(other, ProgressResponse::OK));
            }
            Reports::Malformed(malformed) => self.publish(malformed.payload, false),
        }
        self.publish_message(&ok);
    }

    /// The device has subscribed to the down topic.
    pub(super) fn subscribed(&mut self) {
        if self.phase.is_to_cut(Moment::Subscribed) {
            return self.reach(Moment::Subscribed);
        }
        if self.phase.cut == Cut::Away {
            self.phase.cut = Cut::Back;
        }
        if self.is_to_push() {
            self.phase.after(PUSH_DELAY.min(self.options.timeout / 2), Act::Push);
        }
        for message in std::mem::take(&mut self.phase.held) {
            self.send(message);
        }
    }

    /// Whether there is a download that nobody has asked for yet.
    fn is_to_push(&self) -> bool {
        matches!(self.phase.play.response, Response::Pushed { .. }) && self.phase.main.is_none()
    }

    /// Hands the download out that nobody has asked for, if there is one.
    pub(super) fn push(&mut self) {
        if self.is_to_push() {
            let play = &self.phase.play;
            let is_alone = play.besides != Besides::AtOnce;
            let index = self.begin_download(play.resource, true);
            self.deliver(index);
            if !is_alone {
                self.push_besides("besides.bin");
            }
        }
    }

    /// Hands a second download out, once.
    fn push_besides(&mut self, name: &'static str) {
        if !std::mem::replace(&mut self.phase.has_besides, true) {
            let index = self.begin_download(What::new(name, BESIDES), false);
            self.deliver(index);
        }
    }

    /// Cuts the connection, or hands out what comes besides, where it is time for it.
    pub(super) fn reach(&mut self, moment: Moment) {
        match (self.phase.play.besides, moment) {
            (Besides::Meanwhile, Moment::Transfer) => self.push_besides("besides.bin"),
            (Besides::Renewed, Moment::Ended) => self.push_besides(self.phase.play.resource.name),
            _ => {}
        }
        // Then a second transfer is a second one.
        if moment == Moment::Transferred
            && let Some((payload, dup)) = self.phase.again.take()
        {
            self.publish(payload, dup);
        }
        let Some(endpoint) = self.server.endpoint() else { return };
        let withholds = &endpoint.broker_faults().withholds_acknowledgements;
        if moment == Moment::Transfer && self.phase.is_to_cut(Moment::Ended) {
            withholds.store(true, Ordering::Relaxed);
        }
        if self.phase.is_to_cut(moment) {
            // The answer is to be there before.
            let how = if moment == Moment::Answered {
                DisconnectReason::Ours
            } else {
                DisconnectReason::Cut
            };
            endpoint.disconnect_all(&how);
            withholds.store(false, Ordering::Relaxed);
            self.phase.cut = Cut::Away;
        }
    }

    /// Does what is due.
    pub(super) fn act_due(&mut self) {
        let now = Instant::now();
        let (due, later): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.phase.acts).into_iter().partition(|(at, _)| *at <= now);
        self.phase.acts = later;
        for (_, act) in due {
            match act {
                // It was answered meanwhile.
                Act::Deliver(index) | Act::DeliverWhenQuiet(index)
                    if self.judge.tasks[index].is_taken => {}
                // What it makes of the wrong answer must not be mixed up with the right one.
                Act::DeliverWhenQuiet(index)
                    if !self.phase.is_quiet(self.settle())
                        && self.phase.begun.elapsed() < self.options.timeout =>
                {
                    self.phase.after(Duration::from_millis(10), Act::DeliverWhenQuiet(index));
                }
                Act::Deliver(index) | Act::DeliverWhenQuiet(index) => self.deliver(index),
                Act::Publish(payload) => self.publish(payload, false),
                Act::Push => self.push(),
            }
        }
    }

    /// Hands a task out as it should be, in the spelling of the play.
    fn deliver(&mut self, index: usize) {
        let _ = self.deliver_payload(index);
    }

    fn deliver_payload(&mut self, index: usize) -> Option<Vec<u8>> {
        let Task { transfer, is_main, .. } = self.judge.tasks[index];
        let plan = if is_main { self.phase.play.store.clone() } else { Vec::new() };
        let task = match transfer {
            Transfer::Upload => self.issue_upload(index, &plan),
            Transfer::Download => self.issue_download(index, &plan),
        }?;
        self.judge.tasks[index].is_answered = true;
        let is_push = transfer == Transfer::Download
            && (!is_main || matches!(self.phase.play.response, Response::Pushed { .. }));
        let kind = match transfer {
            Transfer::Upload => MessageType::CreateUploadTaskRsp,
            Transfer::Download if is_push => MessageType::Download,
            Transfer::Download => MessageType::GetDownloadTaskRsp,
        };
        let payload = match self.phase.play.response {
            Response::Spelt(spelling) if is_main => spelt(spelling, kind, &task),
            _ => {
                let message = match kind {
                    MessageType::Download => Message::Download(task),
                    _ => answer_of(&task, transfer),
                };
                message.encode(self.options.profile).ok()?
            }
        };
        let retain = matches!(self.phase.play.response, Response::Pushed { retain: true });
        self.send(Publish { retain, ..self.down(payload.clone()) });
        Some(payload)
    }

    fn issue_upload(&mut self, index: usize, plan: &[Fault]) -> Option<ResourceTask<'static>> {
        let resource = self.judge.tasks[index].resource.clone();
        let url = self.server.store.issue_upload(self.device, resource.clone()).ok()?;
        self.plan(&url, index, plan);
        Some(ResourceTask::new(resource, url))
    }

    /// The same URL each time: it is the same download.
    fn issue_download(&mut self, index: usize, plan: &[Fault]) -> Option<ResourceTask<'static>> {
        let resource = self.judge.tasks[index].resource.clone();
        let at = self.phase.downloads.iter().position(|(task, ..)| *task == index)?;
        if let Some(url) = &self.phase.downloads[at].2 {
            return Some(ResourceTask::new(resource, url.clone()));
        }
        let source = Source::Bytes(Arc::clone(&self.phase.downloads[at].1));
        let device = Some(self.device);
        let mut announced = resource.clone();
        // The store knows how much it has.
        announced.size = ResourceSize::new(self.phase.downloads[at].1.len() as u64).ok()?;
        let task = self.server.store.issue_download(device, announced, source).ok()?;
        self.phase.downloads[at].2 = Some(task.url.clone());
        self.plan(&task.url, index, plan);
        Some(task)
    }

    fn plan(&mut self, url: &ResourceUrl<'static>, index: usize, plan: &[Fault]) {
        let size = self.judge.tasks[index].resource.size.bytes();
        let elsewhere = format!("{}/elsewhere/zxc.bin", self.server.store.public_url());
        let (flow, slow) = (self.scenario.flow, self.options.slow());
        let faults = plan.iter().map(|fault| fault.response_faults(flow, size, slow, &elsewhere));
        self.server.store.plan(url, faults);
        self.judge.issued(url, index, plan, false);
    }

    /// The task with a URL that is not to be used.
    fn decoy(&mut self, index: usize) -> ResourceTask<'static> {
        let Task { transfer, resource, .. } = self.judge.tasks[index].clone();
        let url = match transfer {
            Transfer::Upload => self.server.store.issue_upload(self.device, resource.clone()),
            Transfer::Download => {
                let bytes = self.phase.play.resource.bytes(&self.scenario.id);
                let source = Source::Bytes(Arc::from(bytes));
                let issued =
                    self.server.store.issue_download(Some(self.device), resource.clone(), source);
                issued.map(|task| task.url)
            }
        };
        // Any URL does, if there is none.
        let url = url.unwrap_or_else(|error| unreachable!("a store issues URLs: {error}"));
        self.judge.issued(&url, index, &[], true);
        ResourceTask::new(resource, url)
    }

    fn publish_message(&mut self, message: &Message<'_>) {
        if let Ok(payload) = message.encode(self.options.profile) {
            self.publish(payload, false);
        }
    }

    fn publish(&mut self, payload: Vec<u8>, dup: bool) {
        self.send(Publish { dup, ..self.down(payload) });
    }

    fn down(&self, payload: Vec<u8>) -> Publish {
        Publish::new(self.topic(Direction::Down).to_string(), payload, Qos::AtLeastOnce)
    }

    /// Sends it, or keeps it for a device that is away.
    fn send(&mut self, message: Publish) {
        if self.phase.is_away() {
            return self.phase.held.push(message);
        }
        match self.server.endpoint() {
            Some(endpoint) if endpoint.publish(&message) == 0 => {
                return self.phase.held.push(message);
            }
            Some(_) => {}
            None => self.server.link.publish(&message),
        }
        self.judge.down(message.dup, &message.payload);
        self.phase.sent = Some(Instant::now());
        self.phase.stir();
    }
}

/// The message that faults a create or a query.
fn answer_of(task: &ResourceTask<'static>, transfer: Transfer) -> Message<'static> {
    match transfer {
        Transfer::Upload => Message::CreateUploadTaskRsp(task.clone()),
        Transfer::Download => Message::GetDownloadTaskRsp(task.clone()),
    }
}

fn report_answer(transfer: Transfer, response: ProgressResponse<'static>) -> Message<'static> {
    match transfer {
        Transfer::Upload => Message::ReportUploadProgressRsp(response),
        Transfer::Download => Message::ReportDownloadProgressRsp(response),
    }
}
