//! Judges the messages from a device and checks whether its reports of success are true.

use std::{sync::Arc, time::Duration};

use iothub_conformance_lint::{self as lint, capture::Record};
use iothub_resource::{
    Direction, Message, Percent, Profile, ProgressReport, Resource, ResourceUrl, State, Topic,
    Transfer,
    session::{Deliveries, End},
};

use super::{explained::Explained, scenario::StoreFault, transfers::Transfers};
use crate::{record::Device, store::Store, wire_log::WireLog};
use iothub_conformance_suite::{
    Level, redact,
    result::{Finding, Lane},
};

/// A finding, and whether it concerns the second start of the device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) finding: Finding,
    /// Whether the device had been started again before the finding.
    pub(super) after_restart: bool,
}

/// The codes of findings about events that did not occur in time.
pub(super) const NOT_IN_TIME: [&str; 3] = ["no-request", "not-taken", "no-end"];

/// The judge of all messages and requests between the device and the platform in one scenario.
pub(super) struct Judge {
    profile: Profile,
    device: Device,
    /// The judge of single messages and sessions.
    messages: lint::Judge,
    /// The detector of repeated messages that were already answered.
    deliveries: Deliveries,
    pub(super) log: WireLog,
    pub(super) found: Vec<Found>,
    pub(super) tasks: Vec<DeviceTask>,
    pub(super) transfers: Transfers,
    /// The name of the file that the device receives for an upload; `None` for a download.
    pub(super) file_name: Option<&'static str>,
    /// Whether the device was started again.
    pub(super) after_restart: bool,
    /// The consequences of the faults that were found since the device was started.
    pub(super) explained: Explained,
}

/// A task that the device has requested or the platform has delivered.
#[derive(Clone, Debug)]
pub(super) struct DeviceTask {
    pub(super) transfer: Transfer,
    pub(super) resource: Resource<'static>,
    /// Whether the scenario tests this task.
    pub(super) is_main: bool,
    /// Whether the delivered bytes match the announced resource.
    pub(super) can_arrive: bool,
    /// The bytes of the given file if the device uploads this file; otherwise `None`.
    pub(super) file: Option<Arc<[u8]>>,
    /// Whether the device has reported on the task or used its URL.
    pub(super) is_taken: bool,
    /// Whether a correct answer was published.
    pub(super) is_answered: bool,
    /// The time of the first report of 100%, and the number of this report in the log; `None`
    /// before this report.
    pub(super) full: Option<(Duration, usize)>,
    /// The time until which the store does not read the body; `None` if the store does not pause.
    pub(super) held_until: Option<Duration>,
    /// The final report from the device; `None` before this report.
    pub(super) end: Option<TaskEnd>,
}

/// The final report on a task.
#[derive(Clone, Copy, Debug)]
pub(super) struct TaskEnd {
    pub(super) end: End,
    /// The time of the report.
    pub(super) at: Duration,
    /// The number of the report in the log.
    pub(super) event: usize,
}

impl Judge {
    pub(super) fn new(profile: Profile, device: Device) -> Self {
        Self {
            profile,
            device,
            messages: lint::Judge::new(lint::Options::new(profile)),
            deliveries: Deliveries::new(),
            log: WireLog::default(),
            found: Vec::new(),
            tasks: Vec::new(),
            transfers: Transfers::default(),
            file_name: None,
            after_restart: false,
            explained: Explained::default(),
        }
    }

    /// Adds a finding and marks its event in the log. Keeps only the worst finding for each code,
    /// because the same fault after a restart is not a new finding. `at` is the number of the event
    /// in the log, if the finding concerns an event.
    pub(super) fn find(
        &mut self,
        at: Option<usize>,
        code: &'static str,
        requirement: &'static str,
        level: Level,
        sentence: impl Into<String>,
    ) {
        if let Some(at) = at {
            self.log.blame(at, code, level);
        }
        let line = at.unwrap_or_default();
        self.keep(Finding::new(line, code, level, requirement, sentence.into()));
    }

    fn keep(&mut self, finding: Finding) {
        let after_restart = self.after_restart;
        let found = Found { finding, after_restart };
        match self.found.iter_mut().find(|known| known.finding.code == found.finding.code) {
            Some(known) if known.finding.level <= found.finding.level => {}
            Some(known) => *known = found,
            None => self.found.push(found),
        }
    }

    /// Removes the findings about the current start of the device that have these codes, and the
    /// marks with these codes in the log. The findings are consequences of a fault that was found
    /// later.
    pub(super) fn withdraw(&mut self, codes: &[&str]) {
        let after_restart = self.after_restart;
        self.found.retain(|found| {
            found.after_restart != after_restart || !codes.contains(&&*found.finding.code)
        });
        self.log.absolve(codes);
    }

    /// Judges a payload from the device. Returns the message; `None` if the payload must not be
    /// answered.
    pub(super) fn up(&mut self, dup: bool, payload: &[u8]) -> Option<Message<'static>> {
        let record = Record::new(self.topic(Direction::Up), payload, dup);
        let judged = self.messages.message(self.log.next(), &record);
        let at = self.log.message(Direction::Up, dup, payload, judged.message.as_ref());
        let is_excused = self.explained.excuses(payload, judged.message.as_ref());
        let mut is_at_fault = false;
        let mut is_repeated = false;
        for finding in judged.findings {
            if finding.level == Level::Should
                && finding.requirement == "VAL-2"
                && !self.is_name_of_device(judged.message.as_ref())
            {
                continue;
            }
            is_at_fault |= finding.level == Level::Must;
            is_repeated |= finding.code == "repeated";
            if is_excused || self.is_known(&finding.code, judged.message.as_ref()) {
                continue;
            }
            self.log.blame(at, &finding.code, finding.level);
            self.keep(finding);
        }
        let Some(message) = judged.message.map(Message::into_owned) else {
            self.explained.by_lost(payload);
            return None;
        };
        is_repeated |= self.deliveries.repeats(dup, &message);
        if is_repeated {
            self.explained.repetition |=
                matches!(message, Message::CreateUploadTask(_) | Message::GetDownloadTask);
            return None;
        }
        // The platform must still answer a faulty report (SES-12), but the report does not end the
        // task. A finding about missing bytes would be a second finding about the same fault.
        if let Message::ReportUploadProgress(report) | Message::ReportDownloadProgress(report) =
            &message
        {
            if !is_at_fault {
                self.report(at, report, transfer_of(&message));
            } else if End::of(self.profile, report).is_some() {
                self.explained.end = true;
            }
        }
        Some(message)
    }

    /// Returns whether the device has chosen the name in a message. Scenarios choose the names of
    /// files and of downloads. A device does not choose a name if it omits the extension of a file,
    /// or if it repeats the name of a task in a report.
    fn is_name_of_device(&self, message: Option<&Message<'_>>) -> bool {
        let Some(Message::CreateUploadTask(resource)) = message else { return false };
        self.file_name
            .and_then(|file| file.strip_prefix(resource.name.as_str()))
            .is_none_or(|extension| !extension.is_empty() && !extension.starts_with('.'))
    }

    /// Returns whether a report repeats the end of a task that the device invented at its first
    /// start. The finding `no-such-task` already covers this fault.
    fn is_known(&self, code: &str, message: Option<&Message<'_>>) -> bool {
        let is_invented = |message: &Message<'_>| {
            let name = message.name().map(|name| name.as_str());
            name.is_some_and(|name| self.task(transfer_of(message), name).is_none())
        };
        code == "after-end"
            && self.after_restart
            && self.found.iter().any(|found| found.finding.code == "no-such-task")
            && message.is_some_and(is_invented)
    }

    /// Records a payload that the platform has published. Any faults in the payload are deliberate.
    pub(super) fn down(&mut self, dup: bool, payload: &[u8]) {
        let record = Record::new(self.topic(Direction::Down), payload, dup);
        let judged = self.messages.message(self.log.next(), &record);
        self.log.message(Direction::Down, dup, payload, judged.message.as_ref());
    }

    const fn topic(&self, direction: Direction) -> Topic {
        let (product_id, device_name) = self.device;
        Topic::new(direction, product_id, device_name)
    }

    /// Returns the index of the newest task with this kind of transfer and this name; `None` if
    /// there is no such task.
    pub(super) fn task(&self, transfer: Transfer, name: &str) -> Option<usize> {
        self.tasks
            .iter()
            .rposition(|task| task.transfer == transfer && task.resource.name.as_str() == name)
    }

    fn report(&mut self, at: usize, report: &ProgressReport<'_>, transfer: Transfer) {
        let end = End::of(self.profile, report);
        let Some(index) = self.task(transfer, report.name.as_str()) else {
            // The task was invented before, which is already a finding.
            self.explained.end |= end.is_some();
            return;
        };
        self.tasks[index].is_taken = true;
        if report.progress.state == State::Running(Percent::FULL) {
            self.tasks[index].full.get_or_insert((self.transfers.now, at));
        }
        let Some(end) = end else { return };
        self.tasks[index].end = Some(TaskEnd { end, at: self.transfers.now, event: at });
        let result_msg = &report.progress.result_msg;
        match end {
            End::Success => {}
            End::Failure(_) if self.explained.reports => {}
            End::Failure(code) if !code.is_success() => {}
            End::Failure(_) if result_msg.is_empty() => {
                let detail = "it reports `fail` without a reason: `result_code` is 0, and `result_msg` is \
                    empty";
                self.find(Some(at), "no-reason", "VAL-7", Level::Must, detail);
            }
            End::Failure(_) => {
                let detail = "it reports `fail`, but `result_code` is 0, which means success";
                self.find(Some(at), "no-reason", "VAL-7", Level::Should, detail);
            }
        }
    }

    /// Records that a create or a delivery has started or restarted a task (SES-10). Returns the
    /// index of the task.
    pub(super) fn begin(&mut self, task: DeviceTask) -> usize {
        self.tasks.push(task);
        self.tasks.len() - 1
    }

    /// Records a URL that was issued for a task.
    pub(super) fn issued(
        &mut self,
        url: &ResourceUrl<'_>,
        task: usize,
        plan: &[StoreFault],
        decoy: bool,
    ) {
        self.transfers.issued(url, task, plan, decoy);
    }

    /// Adds an event with a label to the log. Returns the number of the event.
    pub(super) fn note(&mut self, from: Lane, to: Lane, label: impl Into<String>) -> usize {
        self.log.note(from, to, label)
    }

    /// From the index `from` on, adds a finding for each task that was reported as done, but whose
    /// bytes did not arrive in time. Call this method after all events are processed.
    pub(super) fn check_done(&mut self, store: &Store, from: usize) {
        // The bytes went to a different URL, which is the finding.
        if self.explained.reports {
            return;
        }
        for index in from..self.tasks.len() {
            let task = self.tasks[index].clone();
            let Some(TaskEnd { end: End::Success, at: when, event: at }) = task.end else {
                continue;
            };
            let (arrived, requirement) = match task.transfer {
                Transfer::Upload => (self.transfers.uploaded_at(store, index), "HTTP-1"),
                Transfer::Download => {
                    let size = task.resource.size.bytes();
                    let at = self.transfers.downloaded_at(&task.resource, size);
                    (at.filter(|_| task.can_arrive), "HTTP-5")
                }
            };
            let name = redact::quoted(task.resource.name.as_str());
            match arrived {
                None => {
                    let detail =
                        format!("it reports success for {name}, but the bytes did not arrive");
                    self.find(Some(at), "done-without-bytes", requirement, Level::Must, detail);
                }
                Some(arrived) if arrived > when + REORDERING => {
                    let detail = format!("it reports success for {name} before the bytes arrived");
                    self.find(Some(at), "done-too-early", requirement, Level::Must, detail);
                }
                Some(_) => {}
            }
        }
    }
}

/// The time within which the last bytes may arrive after the report of `done`. Bytes and messages
/// take different routes, so their order of arrival may differ from the order in which they were
/// sent.
const REORDERING: Duration = Duration::from_millis(200);

pub(super) const fn transfer_of(message: &Message<'_>) -> Transfer {
    match message {
        Message::CreateUploadTask(_)
        | Message::CreateUploadTaskRsp(_)
        | Message::ReportUploadProgress(_)
        | Message::ReportUploadProgressRsp(_) => Transfer::Upload,
        _ => Transfer::Download,
    }
}
