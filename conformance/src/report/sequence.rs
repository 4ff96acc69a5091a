//! Who said what to whom, in order: what a sequence diagram is drawn from.

use std::{
    collections::{HashMap, VecDeque},
    fmt::Write as _,
    ops::Not,
};

use iothub_resource::{
    Direction, Message, Progress, ProgressReport, ProgressResponse, State, Topic,
};
use serde::{Deserialize, Serialize};

use super::result::StoredFinding;
use crate::{Level, redact};

/// How many events are kept of a session that nothing is found in.
const FIRST: usize = 40;
/// How many before and after each that something is found in.
const AROUND: usize = 6;
/// How many of one session, and of all.
const LONGEST: usize = 400;
const ALL: usize = 20_000;
/// How many sessions.
const SESSIONS: usize = 1000;

/// The conversation of one device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct StoredSession {
    /// The device: `product_id/device_name`.
    pub device: String,
    /// What was said.
    pub events: Vec<StoredEvent>,
    /// How many events after the last one are not here.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub left_out: usize,
}

/// One arrow.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct StoredEvent {
    /// The line of a capture, the packet, or the index in a trace.
    pub at: usize,
    /// Who says it.
    pub from: Lane,
    /// To whom.
    pub to: Lane,
    /// What.
    pub label: String,
    /// With MQTT's DUP flag.
    #[serde(default, skip_serializing_if = "Not::not")]
    pub dup: bool,
    /// Nobody saw it: it follows from what was said before.
    #[serde(default, skip_serializing_if = "Not::not")]
    pub inferred: bool,
    /// What is wrong with it, in a word each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub codes: Vec<String>,
    /// How wrong.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<Level>,
    /// How many events before it are not here.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub left_out: usize,
}

/// Who takes part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(clippy::exhaustive_enums, reason = "these three, by the protocol")]
pub enum Lane {
    /// The device.
    Device,
    /// The platform.
    Platform,
    /// The object store.
    Store,
}

impl StoredEvent {
    /// A payload on one of the topics, with what it is if it is a message.
    pub(crate) fn of_message(
        at: usize,
        direction: Direction,
        dup: bool,
        message: Option<&Message<'_>>,
    ) -> Self {
        let (from, to) = match direction {
            Direction::Up => (Lane::Device, Lane::Platform),
            Direction::Down => (Lane::Platform, Lane::Device),
        };
        let label = message.map_or_else(|| "no valid message".to_owned(), label);
        Self { dup, ..Self::new(at, from, to, label) }
    }

    /// The transfer that a message leads to, and nobody sees on MQTT.
    pub(super) fn inferred(at: usize, message: &Message<'_>) -> Option<Self> {
        let name = || redact::quoted(message.name().map_or("", |name| name.as_str()));
        let (from, to, label) = match message {
            Message::CreateUploadTaskRsp(_) => {
                (Lane::Device, Lane::Store, format!("PUT {}", name()))
            }
            Message::GetDownloadTaskRsp(_) | Message::Download(_) => {
                (Lane::Store, Lane::Device, format!("GET {}", name()))
            }
            _ => return None,
        };
        Some(Self { inferred: true, ..Self::new(at, from, to, label) })
    }

    /// Something that is said.
    pub(crate) const fn new(at: usize, from: Lane, to: Lane, label: String) -> Self {
        Self {
            at,
            from,
            to,
            label,
            dup: false,
            inferred: false,
            codes: Vec::new(),
            level: None,
            left_out: 0,
        }
    }

    /// Notes what is wrong with it.
    pub(crate) fn blame(&mut self, code: &str, level: Level) {
        self.codes.push(code.to_owned());
        self.level = Some(self.level.map_or(level, |other| other.min(level)));
    }
}

/// A message in a few words.
fn label(message: &Message<'_>) -> String {
    let mut label = message.message_type().to_string();
    if let Some(name) = message.name() {
        let _ = write!(label, " {}", redact::quoted(name.as_str()));
    }
    let _ = match message {
        Message::CreateUploadTask(resource) => write!(label, ", {} B", resource.size),
        Message::CreateUploadTaskRsp(task)
        | Message::GetDownloadTaskRsp(task)
        | Message::Download(task) => write!(label, ", {} B", task.size),
        Message::ReportUploadProgress(report) | Message::ReportDownloadProgress(report) => {
            write_progress(&mut label, report)
        }
        Message::ReportUploadProgressRsp(response)
        | Message::ReportDownloadProgressRsp(response) => {
            let ProgressResponse { result_code, result_msg, .. } = response;
            write!(label, " {result_code} {}", redact::quoted(result_msg))
        }
        _ => Ok(()),
    };
    label
}

fn write_progress(label: &mut String, report: &ProgressReport<'_>) -> std::fmt::Result {
    let Progress { state, result_code, .. } = &report.progress;
    match state {
        State::Running(_) => {}
        State::Done(_) => label.push_str(", done"),
        State::Fail(_) => label.push_str(", fail"),
    }
    if let Some(percent) = state.percent() {
        write!(label, ", {} %", percent.value())?;
    }
    if !result_code.is_success() {
        write!(label, ", code {result_code}")?;
    }
    Ok(())
}

/// Gathers the sessions of a capture, in bounded memory: of each device what came first, and what
/// stands around a finding.
#[derive(Debug, Default)]
pub struct Sequences {
    sessions: Vec<Growing>,
    by_device: HashMap<String, usize>,
    kept: usize,
}

#[derive(Debug)]
struct Growing {
    session: StoredSession,
    /// What is kept only if something is found soon.
    waiting: VecDeque<StoredEvent>,
    /// How many before those are lost.
    lost: usize,
    /// How many more are kept, whatever they are.
    more: usize,
}

impl Sequences {
    /// None yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next message, and what was found about it.
    pub fn message(
        &mut self,
        at: usize,
        topic: Topic,
        dup: bool,
        message: Option<&Message<'_>>,
        findings: &[StoredFinding],
    ) {
        let device = format!("{}/{}", topic.product_id, topic.device_name);
        let mut event = StoredEvent::of_message(at, topic.direction, dup, message);
        for finding in findings {
            event.blame(&finding.code, finding.level);
        }
        let transfer = match (message, event.level) {
            (Some(message), None | Some(Level::Should)) => StoredEvent::inferred(at, message),
            _ => None,
        };
        let is_full = self.kept >= ALL;
        // There may be too many devices.
        let Some(growing) = self.growing(device) else { return };
        if is_full {
            growing.lost += 1;
            return;
        }
        let before = growing.session.events.len();
        growing.push(event);
        if let Some(transfer) = transfer.filter(|_| !dup) {
            growing.push(transfer);
        }
        self.kept += growing.session.events.len() - before;
    }

    /// What is found at the end about a message that was taken before, such as that it is left
    /// unanswered.
    pub fn blame(&mut self, finding: &StoredFinding) {
        for growing in &mut self.sessions {
            let is_it = finding.topic.ends_with(&format!("/{}", growing.session.device));
            let events = growing.session.events.iter_mut().chain(&mut growing.waiting);
            let mut events = events.filter(|event| event.at == finding.line && !event.inferred);
            if is_it && let Some(event) = events.next() {
                event.blame(&finding.code, finding.level);
                growing.keep_what_waits();
            }
        }
    }

    /// The sessions, in the order in which they began.
    #[must_use]
    pub fn end(self) -> Vec<StoredSession> {
        let end = |growing: Growing| StoredSession {
            left_out: growing.lost + growing.waiting.len(),
            ..growing.session
        };
        self.sessions.into_iter().map(end).collect()
    }

    fn growing(&mut self, device: String) -> Option<&mut Growing> {
        let index = match self.by_device.get(&device) {
            Some(index) => *index,
            None if self.sessions.len() >= SESSIONS || self.kept >= ALL => return None,
            None => {
                self.sessions.push(Growing {
                    session: StoredSession {
                        device: device.clone(),
                        events: Vec::new(),
                        left_out: 0,
                    },
                    waiting: VecDeque::new(),
                    lost: 0,
                    more: FIRST,
                });
                self.by_device.insert(device, self.sessions.len() - 1);
                self.sessions.len() - 1
            }
        };
        self.sessions.get_mut(index)
    }
}

impl Growing {
    fn push(&mut self, event: StoredEvent) {
        let is_blamed = event.level.is_some();
        self.waiting.push_back(event);
        if is_blamed {
            self.keep_what_waits();
            self.more = self.more.max(AROUND);
        } else if self.more > 0 {
            self.keep_what_waits();
            self.more -= 1;
        }
        if self.waiting.len() > AROUND {
            self.waiting.pop_front();
            self.lost += 1;
        }
    }

    fn keep_what_waits(&mut self) {
        if self.session.events.len() + self.waiting.len() > LONGEST {
            return;
        }
        for mut event in self.waiting.drain(..) {
            event.left_out = std::mem::take(&mut self.lost);
            self.session.events.push(event);
        }
    }
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
const fn is_zero(value: &usize) -> bool {
    *value == 0
}
