//! Sends the platform's messages as the scenario defines them.

use std::{borrow::Cow, sync::Arc, sync::atomic::Ordering, time::Duration};

use iothub_resource::{
    Md5Sum, Message, MessageType, ProgressResponse, Resource, ResourceName, ResourceSize,
    ResourceTask, ResourceUrl, ResultCode, Transfer,
};
use tokio::time::Instant;

use super::{
    attempt::{ConnectionCut, OfferedDownload, Planned, PlannedAction, Repetition},
    incident::Incident,
    judge::{DeviceTask, transfer_of},
    scenario::{
        Flow, ReportResponse, SecondDownload, StoreFault, TaskResponse, TestFile, TransferStep,
        WrongMessage,
    },
    scenario_run::ScenarioRun,
    spelling::{disguised, spelt},
};
use crate::{mqtt::Publish, platform::PUSH_DELAY, record::DisconnectReason, store::Source};
use iothub_conformance_suite::Level;

/// The size of the second pushed download in bytes.
const SECOND_DOWNLOAD_SIZE: usize = 5_000;

impl ScenarioRun<'_> {
    /// Answers a message of the device.
    pub(super) fn respond(&mut self, message: &Message<'_>) {
        match message {
            Message::CreateUploadTask(resource) => self.create(resource.clone().into_owned()),
            Message::GetDownloadTask => self.query(),
            Message::ReportUploadProgress(report) | Message::ReportDownloadProgress(report) => {
                let transfer = transfer_of(message);
                let index = self.judge.task(transfer, report.name.as_str());
                let is_main = index.is_some() && index == self.attempt.main_task;
                let has_ended = index.is_some_and(|i| self.judge.tasks[i].end.is_some());
                if is_main && has_ended {
                    self.reach(TransferStep::Ended);
                }
                self.answer_report(transfer, is_main);
            }
            _ => {}
        }
    }

    fn create(&mut self, resource: Resource<'static>) {
        let known = self.judge.task(Transfer::Upload, resource.name.as_str()).filter(|&index| {
            let DeviceTask { resource: other, end, .. } = &self.judge.tasks[index];
            index >= self.attempt.first_task && *other == resource && end.is_none()
        });
        let is_main = self.scenario.plan.flow == Flow::Upload
            && self
                .attempt
                .main_task
                .is_none_or(|main| self.judge.tasks[main].resource.name == resource.name);
        let index = known.unwrap_or_else(|| {
            self.judge.begin(DeviceTask {
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
        self.attempt.main_task = Some(index);
        self.answer(index);
    }

    /// A device that uploads another file does not show what the scenario tests.
    fn check_announced(&mut self, index: usize) {
        let bytes = self.attempt.setup.resource.bytes(&self.scenario.id);
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
        if self.scenario.plan.flow != Flow::Download {
            return;
        }
        let index = match self.attempt.main_task {
            Some(main) if self.judge.tasks[main].is_taken => return,
            // The scenario tests whether the device accepts a retained message.
            Some(_)
                if matches!(self.attempt.setup.response, TaskResponse::Pushed { retain: true }) =>
            {
                return;
            }
            // The push may be on its way. A lost one is repeated.
            Some(main)
                if matches!(
                    self.attempt.setup.response,
                    TaskResponse::Pushed { retain: false }
                ) =>
            {
                let is_due = |planned: &Planned| {
                    matches!(planned.action, PlannedAction::DeliverWhenQuiet(_))
                };
                if !self.attempt.planned.iter().any(is_due) {
                    self.attempt.after(self.settle(), PlannedAction::DeliverWhenQuiet(main));
                }
                return;
            }
            Some(main) => main,
            None => self.begin_download(self.attempt.setup.resource, true),
        };
        self.answer(index);
    }

    fn begin_download(&mut self, what: TestFile, is_main: bool) -> usize {
        let bytes = what.bytes(&self.scenario.id);
        let announced = if what.other_digest { b"other bytes".as_slice() } else { &bytes };
        // Our own names and sizes are valid.
        let resource = Resource {
            size: ResourceSize::new(bytes.len() as u64).unwrap_or(ResourceSize::ZERO),
            name: ResourceName::new(what.name).unwrap_or_else(|_| unreachable!("a legal name")),
            md5sum: Md5Sum::of(announced),
        };
        let index = self.judge.begin(DeviceTask {
            transfer: Transfer::Download,
            resource,
            is_main,
            can_arrive: !what.other_digest,
            is_taken: false,
            is_answered: false,
            end: None,
        });
        if is_main {
            self.attempt.main_task = Some(index);
        }
        self.attempt.downloads.push(OfferedDownload {
            task: index,
            bytes: Arc::from(bytes),
            url: None,
        });
        index
    }

    /// Answers a create or a query.
    fn answer(&mut self, index: usize) {
        self.attempt.requests += 1;
        let is_first = self.attempt.requests == 1;
        self.reach(TransferStep::Asked);
        if is_first {
            self.attempt.incidents.answer(Incident::Response);
            self.attempt.sending = Some(Incident::Response);
        }
        match self.attempt.setup.response.clone() {
            TaskResponse::Lost => {}
            TaskResponse::LostOnce if is_first => {}
            _ if !is_first => self.deliver(index),
            TaskResponse::Well
            | TaskResponse::LostOnce
            | TaskResponse::Spelt(_)
            | TaskResponse::Pushed { .. } => {
                self.deliver(index);
            }
            TaskResponse::Late => {
                self.attempt.after(self.options.slow(), PlannedAction::Deliver(index))
            }
            TaskResponse::Twice { dup } => {
                self.attempt.repetition =
                    self.deliver_payload(index).map(|payload| Repetition { payload, dup });
            }
            TaskResponse::OtherUrlToo => {
                self.deliver(index);
                let task = self.decoy(index);
                self.publish_message(&answer_of(&task, self.judge.tasks[index].transfer));
            }
            TaskResponse::After(wrong) => {
                self.publish_wrong(index, &wrong);
                self.attempt.after(self.settle(), PlannedAction::DeliverWhenQuiet(index));
            }
        }
        if self.attempt.setup.second_download == SecondDownload::AtOnce {
            self.push_second_download("besides.bin");
        }
        self.attempt.sending = None;
        self.reach(TransferStep::Answered);
    }

    fn publish_wrong(&mut self, index: usize, wrong: &WrongMessage) {
        let transfer = self.judge.tasks[index].transfer;
        let other = other_than(transfer);
        if let WrongMessage::ProgressResponse = wrong {
            return self.publish_message(&report_answer(transfer, ProgressResponse::OK));
        }
        let mut task = self.decoy(index);
        match wrong {
            WrongMessage::OtherName => {
                task.name = ResourceName::new("other-name").unwrap_or(task.name);
            }
            WrongMessage::OtherSize => {
                task.size = ResourceSize::new(task.size.bytes() + 1).unwrap_or(task.size);
            }
            WrongMessage::OtherDigest => task.md5sum = Md5Sum::of(b"other bytes"),
            WrongMessage::OtherKind => return self.publish_message(&answer_of(&task, other)),
            WrongMessage::ProgressResponse => {}
            WrongMessage::Malformed(malformed) => {
                let payload = disguised(malformed, &task);
                return self.publish(payload, false);
            }
        }
        self.publish_message(&answer_of(&task, transfer));
    }

    fn answer_report(&mut self, transfer: Transfer, is_main: bool) {
        if is_main {
            self.attempt.incidents.answer(Incident::ReportResponse);
            self.attempt.sending = Some(Incident::ReportResponse);
        }
        self.send_report_answer(transfer, is_main);
        self.attempt.sending = None;
    }

    fn send_report_answer(&mut self, transfer: Transfer, is_main: bool) {
        let ok = report_answer(transfer, ProgressResponse::OK);
        let reports =
            if is_main { self.attempt.setup.reports.clone() } else { ReportResponse::Well };
        match reports {
            ReportResponse::Well => {}
            ReportResponse::Lost => return,
            ReportResponse::Late => {
                if let Ok(payload) = ok.encode(self.options.profile) {
                    self.attempt.after(self.options.slow(), PlannedAction::Publish(payload));
                }
                return;
            }
            ReportResponse::Twice => self.publish_message(&ok),
            ReportResponse::Refused(code) => {
                let result_code = ResultCode(code);
                let result_msg = Cow::Borrowed(result_code.known_message().unwrap_or("refused"));
                let refusal = ProgressResponse { result_code, result_msg };
                return self.publish_message(&report_answer(transfer, refusal));
            }
            ReportResponse::OtherKind => {
                let other = other_than(transfer);
                self.publish_message(&report_answer(other, ProgressResponse::OK));
            }
            ReportResponse::Malformed(malformed) => self.publish(malformed.payload, false),
        }
        self.publish_message(&ok);
    }

    /// Handles the subscription of the device to the down topic.
    pub(super) fn subscribed(&mut self) {
        if self.attempt.is_to_cut(TransferStep::Subscribed) {
            return self.reach(TransferStep::Subscribed);
        }
        if self.attempt.cut == ConnectionCut::Away {
            self.attempt.cut = ConnectionCut::Back;
        }
        if self.is_to_push() {
            self.attempt.after(PUSH_DELAY.min(self.options.timeout / 2), PlannedAction::Push);
        }
        for (incident, message) in std::mem::take(&mut self.attempt.held_back) {
            self.send_for(incident, message);
        }
    }

    /// Whether there is a download to push.
    fn is_to_push(&self) -> bool {
        matches!(self.attempt.setup.response, TaskResponse::Pushed { .. })
            && self.attempt.main_task.is_none()
    }

    /// Pushes the download, if there is one.
    pub(super) fn push(&mut self) {
        if self.is_to_push() {
            let setup = &self.attempt.setup;
            let is_alone = setup.second_download != SecondDownload::AtOnce;
            let index = self.begin_download(setup.resource, true);
            self.attempt.sending = Some(Incident::Response);
            self.deliver(index);
            self.attempt.sending = None;
            if !is_alone {
                self.push_second_download("besides.bin");
            }
        }
    }

    /// Pushes a second download, once.
    fn push_second_download(&mut self, name: &'static str) {
        if !std::mem::replace(&mut self.attempt.has_second_download, true) {
            let index = self.begin_download(TestFile::new(name, SECOND_DOWNLOAD_SIZE), false);
            let sending = self.attempt.sending.replace(Incident::SecondDownload);
            self.deliver(index);
            self.attempt.sending = sending;
        }
    }

    /// Cuts the connection, or pushes the second download, if it is time.
    pub(super) fn reach(&mut self, step: TransferStep) {
        match (self.attempt.setup.second_download, step) {
            (SecondDownload::Meanwhile, TransferStep::Transfer) => {
                self.push_second_download("besides.bin")
            }
            (SecondDownload::Renewed, TransferStep::Ended) => {
                self.push_second_download(self.attempt.setup.resource.name)
            }
            _ => {}
        }
        // A second transfer from now on is a fault.
        if step == TransferStep::Transferred
            && let Some(Repetition { payload, dup }) = self.attempt.repetition.take()
        {
            let message = Publish { dup, ..self.down(payload) };
            self.send_for(Some(Incident::Response), message);
        }
        let Some(endpoint) = self.server.endpoint() else { return };
        let withholds = &endpoint.broker_faults().withholds_acknowledgements;
        if step == TransferStep::Transfer && self.attempt.is_to_cut(TransferStep::Ended) {
            withholds.store(true, Ordering::Relaxed);
        }
        if self.attempt.is_to_cut(step) && endpoint.clients() > 0 {
            self.attempt.incidents.happen(Incident::Cut(step));
            // The answer must arrive first.
            let how = if step == TransferStep::Answered {
                DisconnectReason::Ours
            } else {
                DisconnectReason::Cut
            };
            endpoint.disconnect_all(&how);
            withholds.store(false, Ordering::Relaxed);
            self.attempt.cut = ConnectionCut::Away;
        }
    }

    /// Carries out the actions that are due.
    pub(super) fn run_due(&mut self) {
        let now = Instant::now();
        let (due, later): (Vec<_>, Vec<_>) = std::mem::take(&mut self.attempt.planned)
            .into_iter()
            .partition(|planned| planned.due <= now);
        self.attempt.planned = later;
        for Planned { action, incident, .. } in due {
            self.attempt.sending = incident;
            match action {
                // The request was answered meanwhile.
                PlannedAction::Deliver(index) | PlannedAction::DeliverWhenQuiet(index)
                    if self.judge.tasks[index].is_taken => {}
                // The reaction to the wrong answer must not mix with that to the correct one.
                PlannedAction::DeliverWhenQuiet(index)
                    if !self.attempt.is_quiet(self.settle())
                        && self.attempt.begun.elapsed() < self.options.timeout =>
                {
                    self.attempt
                        .after(Duration::from_millis(10), PlannedAction::DeliverWhenQuiet(index));
                }
                PlannedAction::Deliver(index) | PlannedAction::DeliverWhenQuiet(index) => {
                    self.deliver(index)
                }
                PlannedAction::Publish(payload) => self.publish(payload, false),
                PlannedAction::Push => self.push(),
            }
        }
        self.attempt.sending = None;
    }

    /// Sends the correct task in the spelling of the scenario.
    fn deliver(&mut self, index: usize) {
        let _ = self.deliver_payload(index);
    }

    fn deliver_payload(&mut self, index: usize) -> Option<Vec<u8>> {
        let DeviceTask { transfer, is_main, .. } = self.judge.tasks[index];
        let plan = if is_main { self.attempt.setup.store.clone() } else { Vec::new() };
        let task = match transfer {
            Transfer::Upload => self.issue_upload(index, &plan),
            Transfer::Download => self.issue_download(index, &plan),
        }?;
        self.judge.tasks[index].is_answered = true;
        let is_push = transfer == Transfer::Download
            && (!is_main || matches!(self.attempt.setup.response, TaskResponse::Pushed { .. }));
        let kind = match transfer {
            Transfer::Upload => MessageType::CreateUploadTaskRsp,
            Transfer::Download if is_push => MessageType::Download,
            Transfer::Download => MessageType::GetDownloadTaskRsp,
        };
        let payload = match self.attempt.setup.response {
            TaskResponse::Spelt(spelling) if is_main => spelt(spelling, kind, &task),
            _ => {
                let message = match kind {
                    MessageType::Download => Message::Download(task),
                    _ => answer_of(&task, transfer),
                };
                message.encode(self.options.profile).ok()?
            }
        };
        let retain = matches!(self.attempt.setup.response, TaskResponse::Pushed { retain: true });
        self.send(Publish { retain, ..self.down(payload.clone()) });
        Some(payload)
    }

    fn issue_upload(&mut self, index: usize, plan: &[StoreFault]) -> Option<ResourceTask<'static>> {
        let resource = self.judge.tasks[index].resource.clone();
        let url = self.server.store.issue_upload(self.device, resource.clone()).ok()?;
        self.plan(&url, index, plan);
        Some(ResourceTask::new(resource, url))
    }

    /// Each delivery has the same URL, since it is the same download.
    fn issue_download(
        &mut self,
        index: usize,
        plan: &[StoreFault],
    ) -> Option<ResourceTask<'static>> {
        let resource = self.judge.tasks[index].resource.clone();
        let mut downloads = self.attempt.downloads.iter_mut();
        let download = downloads.find(|download| download.task == index)?;
        if let Some(url) = &download.url {
            return Some(ResourceTask::new(resource, url.clone()));
        }
        let source = Source::Bytes(Arc::clone(&download.bytes));
        let device = Some(self.device);
        let mut announced = resource.clone();
        // The store knows the size.
        announced.size = ResourceSize::new(download.bytes.len() as u64).ok()?;
        let task = self.server.store.issue_download(device, announced, source).ok()?;
        download.url = Some(task.url.clone());
        self.plan(&task.url, index, plan);
        Some(task)
    }

    fn plan(&mut self, url: &ResourceUrl<'static>, index: usize, plan: &[StoreFault]) {
        let size = self.judge.tasks[index].resource.size.bytes();
        let elsewhere = format!("{}/elsewhere/zxc.bin", self.server.store.public_url());
        let (flow, slow) = (self.scenario.plan.flow, self.options.slow());
        let faults = plan.iter().map(|fault| fault.response_faults(flow, size, slow, &elsewhere));
        self.server.store.plan(url, faults);
        self.judge.issued(url, index, plan, false);
    }

    /// The task with a URL that must not be used.
    fn decoy(&mut self, index: usize) -> ResourceTask<'static> {
        let DeviceTask { transfer, resource, .. } = self.judge.tasks[index].clone();
        let url = match transfer {
            Transfer::Upload => self.server.store.issue_upload(self.device, resource.clone()),
            Transfer::Download => {
                let bytes = self.attempt.setup.resource.bytes(&self.scenario.id);
                let source = Source::Bytes(Arc::from(bytes));
                let issued =
                    self.server.store.issue_download(Some(self.device), resource.clone(), source);
                issued.map(|task| task.url)
            }
        };
        // Any URL is sufficient here.
        let url = url.unwrap_or_else(|error| unreachable!("a store issues URLs: {error}"));
        self.judge.issued(&url, index, &[], true);
        ResourceTask::new(resource, url)
    }
}

/// The message that answers a create or a query.
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

const fn other_than(transfer: Transfer) -> Transfer {
    match transfer {
        Transfer::Upload => Transfer::Download,
        Transfer::Download => Transfer::Upload,
    }
}
