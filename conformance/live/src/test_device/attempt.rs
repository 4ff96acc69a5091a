//! One start of the device: its progress, and the messages that the platform must still send.

use std::{sync::Arc, time::Duration};

use iothub_resource::ResourceUrl;
use tokio::time::Instant;

use super::{
    incident::{Incident, Incidents},
    scenario::{Setup, TransferStep},
};
use crate::{allowance::Allowance, mqtt::Publish, store::Source};

/// The interval between two checks for due actions and for the end of the device's program.
pub(super) const POLL_INTERVAL: Duration = Duration::from_millis(10);

pub(super) struct Attempt {
    pub(super) setup: Setup,
    /// The index of the first task of this attempt.
    pub(super) first_task: usize,
    /// The index of the task that the scenario tests; `None` before this task begins.
    pub(super) main_task: Option<usize>,
    pub(super) was_skipped: bool,
    pub(super) downloads: Vec<OfferedDownload>,
    /// The number of creates or queries for the main task that were answered or deliberately left
    /// unanswered.
    pub(super) requests: usize,
    /// Whether a second download was pushed.
    pub(super) has_second_download: bool,
    /// The incidents that must occur so that the scenario gives a result.
    pub(super) incidents: Incidents,
    /// The incident that occurs when the messages that are being sent or planned are delivered;
    /// `None` if these messages cause no incident.
    pub(super) sending: Option<Incident>,
    /// Actions that are due later.
    pub(super) planned: Vec<Planned>,
    /// Messages that wait until the device has subscribed, each with the incident that its delivery
    /// causes, if any.
    pub(super) held_back: Vec<(Option<Incident>, Publish)>,
    /// A message to repeat when the transfer is over; `None` if no message is repeated then.
    pub(super) repetition: Option<Repetition>,
    /// The state of the planned loss of the connection.
    pub(super) cut: ConnectionCut,
    pub(super) begun: Instant,
    pub(super) last_event: Instant,
    /// The number of checks since the last event. On a busy machine, the elapsed time alone is not
    /// reliable.
    pub(super) looks: u32,
    /// The time of the next check.
    pub(super) next_look: Instant,
    /// The device's reaction to the certificates.
    pub(super) certificate: SeenCertificate,
    /// The messages and bytes that are still accepted from the device.
    pub(super) allowance: Allowance,
    /// Whether the device has exceeded the allowance.
    pub(super) has_flooded: bool,
    /// The highest percentage that the device has reported, and the time of that report; `None`
    /// before the first report.
    pub(super) highest: Option<(u8, Instant)>,
    /// Whether the time limit was reached while the device was still transferring.
    pub(super) is_cut_short: bool,
    /// The time at which the test noticed that the program of the device had ended; `None` before
    /// that.
    pub(super) exited: Option<Instant>,
    /// The number of body bytes that the store had received or sent at the last check.
    pub(super) body_bytes: u64,
    /// The time at which the device's connection to the broker last ended; `None` before that.
    pub(super) left: Option<Instant>,
    /// The time at which the last report of the main task was answered; `None` before that.
    pub(super) end_answered: Option<Instant>,
    /// The time from the answer to the last report until the device acts again, disconnects or
    /// ends; `None` before that.
    pub(super) reaction: Option<Duration>,
    /// The time of the first action of the device after the answer to the last report; `None`
    /// before that action.
    pub(super) reacted: Option<Instant>,
    /// The time of the last message from the platform to which the device has not reacted; `None`
    /// if there is no such message.
    pub(super) unanswered_since: Option<Instant>,
    /// The duration of the slowest reaction so far.
    pub(super) slowest_reaction: Duration,
    pub(super) was_heard: bool,
    /// The difference between the announced upload and the file that the device was given; `None`
    /// if they are the same.
    pub(super) other_file: Option<String>,
    /// Whether the file of a download existed before the device was started.
    pub(super) had_file: bool,
    /// Whether the test has ended the program of the device after its final report.
    pub(super) is_ended_here: bool,
}

/// The device's reaction to the certificates that it received.
#[derive(Debug, Default)]
pub(super) struct SeenCertificate {
    /// The number of times that the device has received the faulty certificate.
    pub(super) handshakes: usize,
    /// Whether the device continued with the faulty certificate.
    pub(super) is_accepted: bool,
    /// The reason for the last failed handshake of the device; `None` if no handshake failed.
    pub(super) failure: Option<String>,
}

impl SeenCertificate {
    /// Returns the end of a sentence, which gives the reason for the last failed TLS handshake;
    /// empty if no handshake failed.
    pub(super) fn failure(&self) -> String {
        let failure = self.failure.as_ref();
        failure.map_or_else(String::new, |why| format!("; a TLS handshake failed: {why}"))
    }
}

/// The work that a device may still do after its main task has ended.
#[derive(Clone, Copy)]
pub(super) enum Rest {
    Nothing,
    /// An HTTP request is open, or a task other than the main task has not ended.
    Open,
    /// The device has not ended the second download that was pushed.
    SecondDownload,
}

impl Rest {
    /// Returns the time for which the device must be quiet before the scenario ends.
    pub(super) fn patience(self, settle: Duration, timeout: Duration) -> Duration {
        match self {
            Self::Nothing => settle,
            Self::Open => settle.max(timeout.min(Duration::from_secs(2))),
            // The device begins the download in a separate step.
            Self::SecondDownload => timeout,
        }
    }
}

/// A download that the device may fetch.
pub(super) struct OfferedDownload {
    pub(super) task: usize,
    pub(super) bytes: Arc<[u8]>,
    /// The source of the bytes that the store delivers.
    pub(super) source: Source,
    /// The URL; `None` before it is issued.
    pub(super) url: Option<ResourceUrl<'static>>,
}

/// A message to repeat, with or without DUP.
pub(super) struct Repetition {
    pub(super) payload: Vec<u8>,
    pub(super) dup: bool,
}

/// An action of the platform and the time at which it is due.
pub(super) struct Planned {
    pub(super) due: Instant,
    /// The incident that occurs when the messages of the action are delivered; `None` if these
    /// messages cause no incident.
    pub(super) incident: Option<Incident>,
    pub(super) action: PlannedAction,
}

/// An action that the platform takes later.
pub(super) enum PlannedAction {
    /// Sends the correct answer for the task with this index.
    Deliver(usize),
    /// Sends the correct answer for the task with this index when the device is quiet or the time
    /// limit is reached. Sends nothing if the device has already reported on the task or used its
    /// URL.
    DeliverWhenQuiet(usize),
    Publish(Vec<u8>),
    /// Pushes the download of the scenario.
    Push,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ConnectionCut {
    NotYet,
    Away,
    Back,
}

impl Attempt {
    pub(super) fn new(setup: Setup, first_task: usize) -> Self {
        let now = Instant::now();
        Self {
            incidents: Incidents::of(&setup),
            sending: None,
            setup,
            first_task,
            main_task: None,
            was_skipped: false,
            downloads: Vec::new(),
            requests: 0,
            has_second_download: false,
            planned: Vec::new(),
            held_back: Vec::new(),
            repetition: None,
            cut: ConnectionCut::NotYet,
            begun: now,
            last_event: now,
            looks: 0,
            next_look: now,
            certificate: SeenCertificate::default(),
            allowance: Allowance::DEFAULT,
            has_flooded: false,
            highest: None,
            is_cut_short: false,
            exited: None,
            body_bytes: 0,
            left: None,
            reaction: None,
            reacted: None,
            end_answered: None,
            unanswered_since: None,
            slowest_reaction: Duration::ZERO,
            was_heard: false,
            other_file: None,
            had_file: false,
            is_ended_here: false,
        }
    }

    /// Records that the device was started.
    pub(super) fn begin(&mut self) {
        let now = Instant::now();
        (self.begun, self.last_event, self.next_look) = (now, now, now);
    }

    /// Records that the device acts now.
    pub(super) fn heard(&mut self) {
        self.was_heard = true;
        if self.end_answered.is_some() {
            self.reacted.get_or_insert_with(Instant::now);
        }
        self.stir();
        if let Some(since) = self.unanswered_since.take() {
            self.slowest_reaction = self.slowest_reaction.max(since.elapsed());
        }
    }

    /// Records that an event occurs now, regardless of its kind.
    pub(super) fn stir(&mut self) {
        (self.last_event, self.looks) = (Instant::now(), 0);
    }

    /// Counts a check if a check is due.
    pub(super) fn look(&mut self) {
        let now = Instant::now();
        if now >= self.next_look {
            self.looks = self.looks.saturating_add(1);
            self.next_look = now + POLL_INTERVAL;
        }
    }

    /// Counts a message or a request of this many bytes from the device. Returns whether the device
    /// has not yet exceeded its allowance.
    pub(super) fn hear(&mut self, bytes: usize) -> bool {
        self.has_flooded |= !self.allowance.take(bytes);
        !self.has_flooded
    }

    /// Records the percentage in a report if it is the highest percentage so far.
    pub(super) fn reported(&mut self, percent: u8) {
        if self.highest.is_none_or(|(highest, _)| percent > highest) {
            self.highest = Some((percent, Instant::now()));
        }
    }

    /// Returns whether the percentage has risen within this time and is above 0.
    pub(super) fn is_rising(&self, time: Duration) -> bool {
        self.highest.is_some_and(|(highest, at)| highest > 0 && at.elapsed() < time)
    }

    /// Returns whether no event has occurred for at least this time. The time counts only if most
    /// of the checks that were due in it have taken place.
    pub(super) fn is_quiet(&self, time: Duration) -> bool {
        let looks = time.as_millis() / POLL_INTERVAL.as_millis() * 3 / 4;
        self.last_event.elapsed() >= time && u128::from(self.looks) >= looks
    }

    /// Returns the time of the next action; `None` if no action is planned.
    pub(super) fn due(&self) -> Option<Instant> {
        self.planned.iter().map(|planned| planned.due).min()
    }

    pub(super) fn after(&mut self, pause: Duration, action: PlannedAction) {
        let (due, incident) = (Instant::now() + pause, self.sending);
        self.planned.push(Planned { due, incident, action });
    }

    /// Returns whether the connection must be cut at this step.
    pub(super) fn is_to_cut(&self, step: TransferStep) -> bool {
        self.cut == ConnectionCut::NotYet && self.setup.cut == Some(step)
    }

    pub(super) fn is_away(&self) -> bool {
        self.cut == ConnectionCut::Away
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pushed_download_has_the_time_of_a_step() {
        let (settle, timeout) = (Duration::from_millis(300), Duration::from_secs(30));
        assert_eq!(Rest::SecondDownload.patience(settle, timeout), timeout);
        assert_eq!(Rest::Open.patience(settle, timeout), Duration::from_secs(2));
        assert_eq!(Rest::Nothing.patience(settle, timeout), settle);
    }
}
