//! The events in a sequence diagram.

use std::{fmt::Write as _, ops::Not};

use iothub_resource::{Direction, Message, Progress, ProgressReport, ProgressResponse, State};
use serde::{Deserialize, Serialize};

use crate::{Level, excerpt::shortened, redact};

/// The maximum number of bytes in a label. A resource name can be up to 16 KiB long.
const LONGEST_LABEL: usize = 512;

/// The conversation between one device and the platform.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct StoredSession {
    /// The device, in the form `product_id/device_name`.
    pub device: String,
    /// The messages and transfers, in the order in which they happened.
    pub events: Vec<StoredEvent>,
    /// The number of omitted events after the last event.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub left_out: usize,
}

impl StoredSession {
    /// Creates a session without events.
    #[must_use]
    pub const fn new(device: String) -> Self {
        Self { device, events: Vec::new(), left_out: 0 }
    }
}

/// One arrow in the sequence diagram: a message or an HTTP transfer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct StoredEvent {
    /// The number of the line or packet in a capture, or the index of the event in a trace or live
    /// session.
    pub at: usize,
    /// The sender of the message or request.
    pub from: Lane,
    /// The receiver of the message or request.
    pub to: Lane,
    /// The text at the arrow.
    pub label: String,
    /// Whether the message has MQTT's DUP flag.
    #[serde(default, skip_serializing_if = "Not::not")]
    pub dup: bool,
    /// Whether the event was inferred from earlier events instead of recorded.
    #[serde(default, skip_serializing_if = "Not::not")]
    pub inferred: bool,
    /// The codes of the findings about the event.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub codes: Vec<String>,
    /// The highest level of the findings about the event, or `None` if there are no findings.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<Level>,
    /// The number of omitted events before this event.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub left_out: usize,
}

/// The participants of a sequence diagram.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(clippy::exhaustive_enums, reason = "the protocol has these three participants")]
pub enum Lane {
    /// The device, which publishes on the up topic.
    Device,
    /// The platform, which publishes on the down topic.
    Platform,
    /// The object store, which answers HTTP requests.
    Store,
}

impl StoredEvent {
    /// Returns the arrow for a payload on one of the topics. If the payload is valid, the label
    /// names the message.
    pub fn of_message(
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

    /// Returns the HTTP transfer that follows from a message and is not visible in MQTT. Returns
    /// `None` for a message without a URL.
    pub fn inferred(at: usize, message: &Message<'_>) -> Option<Self> {
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

    /// Creates an event and shortens its label to fit into a diagram.
    pub fn new(at: usize, from: Lane, to: Lane, label: String) -> Self {
        Self {
            at,
            from,
            to,
            label: shortened(label, LONGEST_LABEL),
            dup: false,
            inferred: false,
            codes: Vec::new(),
            level: None,
            left_out: 0,
        }
    }

    /// Adds the code and the level of a finding.
    pub fn blame(&mut self, code: &str, level: Level) {
        self.codes.push(code.to_owned());
        self.level = Some(self.level.map_or(level, |other| other.min(level)));
    }

    /// Removes the findings with these codes. Also removes the level if no code remains.
    pub fn absolve(&mut self, codes: &[&str]) {
        self.codes.retain(|code| !codes.contains(&&**code));
        if self.codes.is_empty() {
            self.level = None;
        }
    }
}

/// Returns a description of a message in a few words.
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
        write!(label, ", {}%", percent.value())?;
    }
    if !result_code.is_success() {
        write!(label, ", code {result_code}")?;
    }
    Ok(())
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
const fn is_zero(value: &usize) -> bool {
    *value == 0
}
