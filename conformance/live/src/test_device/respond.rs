//! Sends the platform's messages as the scenario defines them.

use std::{borrow::Cow, sync::Arc, sync::atomic::Ordering, time::Duration};

use iothub_resource::{
    Md5Sum, Message, MessageType, ProgressResponse, Resource, ResourceSize, ResultCode, Transfer,
};
use tokio::time::Instant;

use super::{
    answers::{answer_of, answer_type, other_than, report_answer},
    attempt::{ConnectionCut, OfferedDownload, Planned, PlannedAction, Repetition},
    incident::Incident,
    judge::{DeviceTask, transfer_of},
    scenario::{
        Flow, ReportResponse, SecondDownload, TaskResponse, TestFile, TransferStep, WrongMessage,
    },
    scenario_run::ScenarioRun,
    spelling::spelt,
};
use crate::{mqtt::Publish, platform::PUSH_DELAY, record::DisconnectReason};

/// The size of the second pushed download, in bytes.
const SECOND_DOWNLOAD_SIZE: u64 = 5_000;

impl ScenarioRun<'_> {
    /// Answers a message from the device.
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
                self.answer_report(transfer, is_main, has_ended);
                if is_main && has_ended {
                    self.end_answered();
                }
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
                file: None,
                is_taken: false,
                is_answered: false,
                full: None,
                held_until: None,
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

    /// Compares the announcement of an upload with the file that the device was given, and records
    /// the file or the difference. A device that uploads a different file does not show the tested
    /// behaviour.
    fn check_announced(&mut self, index: usize) {
        let file = self.attempt.setup.resource;
        let bytes: Arc<[u8]> = file.bytes(&self.scenario.id).into();
        let right = Md5Sum::of(&bytes);
        let Resource { size, md5sum, .. } = self.judge.tasks[index].resource;
        if (size.bytes(), md5sum) == (file.size, right) {
            self.judge.tasks[index].file = Some(bytes);
            return;
        }
        let detail = format!(
            "it announces size {size} and MD5 {md5sum}, but the given file has size {} and MD5 \
             {right}",
            file.size
        );
        self.attempt.other_file = Some(detail);
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
            // The push may still be in transit. If the device stays quiet, the push is sent again.
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
        let bytes = Arc::from(what.bytes(&self.scenario.id));
        // The names and sizes in the scenarios are valid.
        let resource = Resource {
            size: ResourceSize::new(what.size).unwrap_or(ResourceSize::ZERO),
            name: self.folder.name_of(what),
            md5sum: what.md5sum(&bytes),
        };
        let index = self.judge.begin(DeviceTask {
            transfer: Transfer::Download,
            resource,
            is_main,
            can_arrive: !what.other_digest,
            file: None,
            is_taken: false,
            is_answered: false,
            full: None,
            held_until: None,
            end: None,
        });
        if is_main {
            self.attempt.main_task = Some(index);
        }
        self.attempt.downloads.push(OfferedDownload {
            task: index,
            source: what.source(&bytes),
            bytes,
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
            TaskResponse::OtherTopics => {
                let task = self.decoy(index);
                let transfer = self.judge.tasks[index].transfer;
                self.publish_elsewhere(&answer_of(&task, transfer));
                if transfer == Transfer::Download {
                    self.publish_elsewhere(&Message::Download(task));
                }
                self.attempt.after(self.settle(), PlannedAction::DeliverWhenQuiet(index));
            }
            TaskResponse::After(wrong) => {
                self.publish_wrong(index, &wrong);
                self.attempt.after(self.settle(), PlannedAction::DeliverWhenQuiet(index));
            }
            TaskResponse::Stale => {
                for payload in self.stale_payloads(index) {
                    self.publish(payload, false);
                }
                self.attempt.after(self.settle(), PlannedAction::DeliverWhenQuiet(index));
            }
            TaskResponse::Then(wrong) => {
                self.deliver(index);
                self.publish_wrong(index, &wrong);
            }
        }
        if self.attempt.setup.second_download == SecondDownload::AtOnce {
            self.push_second_download("besides.txt");
        }
        self.attempt.sending = None;
        self.reach(TransferStep::Answered);
    }

    fn publish_wrong(&mut self, index: usize, wrong: &WrongMessage) {
        if let Some(payload) = self.wrong_payload(index, wrong) {
            self.publish(payload, false);
        }
    }

    fn answer_report(&mut self, transfer: Transfer, is_main: bool, has_ended: bool) {
        let is_planned = match self.attempt.setup.reports {
            ReportResponse::EndRefused(_) => is_main && has_ended,
            _ => is_main,
        };
        if is_planned {
            self.attempt.incidents.answer(Incident::ReportResponse);
            self.attempt.sending = Some(Incident::ReportResponse);
        }
        self.send_report_answer(transfer, is_planned);
        self.attempt.sending = None;
    }

    fn send_report_answer(&mut self, transfer: Transfer, is_planned: bool) {
        let ok = report_answer(transfer, ProgressResponse::OK);
        let reports =
            if is_planned { self.attempt.setup.reports.clone() } else { ReportResponse::Well };
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
            ReportResponse::Refused(code) | ReportResponse::EndRefused(code) => {
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
            ReportResponse::Spoilt(defect) => {
                let spoilt = defect.in_report_answer(ok.message_type().as_str());
                self.publish(spoilt.clone(), false);
                self.publish_message(&ok);
                return self.publish(spoilt, false);
            }
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

    /// Returns whether the download of the scenario must still be pushed.
    fn is_to_push(&self) -> bool {
        matches!(self.attempt.setup.response, TaskResponse::Pushed { .. })
            && self.attempt.main_task.is_none()
    }

    /// Pushes the download of the scenario if it must still be pushed.
    pub(super) fn push(&mut self) {
        if self.is_to_push() {
            let setup = &self.attempt.setup;
            let is_alone = setup.second_download != SecondDownload::AtOnce;
            let index = self.begin_download(setup.resource, true);
            self.attempt.sending = Some(Incident::Response);
            self.deliver(index);
            self.attempt.sending = None;
            if !is_alone {
                self.push_second_download("besides.txt");
            }
        }
    }

    /// Pushes a second download with this name, but only once.
    fn push_second_download(&mut self, name: &'static str) {
        if !std::mem::replace(&mut self.attempt.has_second_download, true) {
            let index = self.begin_download(TestFile::new(name, SECOND_DOWNLOAD_SIZE), false);
            let sending = self.attempt.sending.replace(Incident::SecondDownload);
            self.deliver(index);
            self.attempt.sending = sending;
        }
    }

    /// Carries out the actions that are due at a step of the transfer: for example, cuts the
    /// connection or pushes the second download.
    pub(super) fn reach(&mut self, step: TransferStep) {
        if step == TransferStep::Transfer {
            self.note_hold();
        }
        match (self.attempt.setup.second_download, step) {
            (SecondDownload::Meanwhile, TransferStep::Transfer) => {
                self.push_second_download("besides.txt")
            }
            (SecondDownload::Renewed, TransferStep::Ended) => {
                self.push_second_download(self.attempt.setup.resource.name)
            }
            _ => {}
        }
        // The repetition is sent after the transfer, so that any second transfer is a fault.
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
            // The answer must arrive before the connection ends.
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
                // The request was answered in the meantime.
                PlannedAction::DeliverWhenQuiet(index) if self.judge.tasks[index].is_taken => {}
                // The reaction to the wrong answer must not mix with the reaction to the correct
                // answer.
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
            Transfer::Download if is_push => MessageType::Download,
            transfer => answer_type(transfer),
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
}
