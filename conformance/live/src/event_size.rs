//! The memory that an event uses while it waits.

use std::time::Duration;

use iothub_resource::session::platform::PlatformEvent;

use crate::record::{BrokerEvent, Event, HttpEvent, MqttEvent, PlatformNote, TaskRef, TlsEvent};

impl Event {
    /// Returns the memory of the event in bytes, including its texts.
    pub(crate) fn memory(&self) -> usize {
        size_of::<(Duration, Self)>()
            + match self {
                Self::Mqtt(event) => mqtt(event),
                Self::Http(_, event) => http(event),
                Self::Tls(TlsEvent { handshake, .. }) => handshake.failure().map_or(0, str::len),
                Self::Platform(_, note) => platform(note),
                Self::Broker(BrokerEvent::Connected) => 0,
                Self::Broker(BrokerEvent::Lost(why)) => why.len(),
            }
    }
}

fn mqtt(event: &MqttEvent) -> usize {
    match event {
        MqttEvent::Refused { why, .. } => why.len(),
        MqttEvent::Subscribed { client_id, filter } => client_id.len() + filter.len(),
        MqttEvent::Denied { client_id, topic, .. } => client_id.len() + topic.len(),
        MqttEvent::Connected { client_id, .. }
        | MqttEvent::Lapse { client_id, .. }
        | MqttEvent::Disconnected { client_id, .. } => client_id.len(),
    }
}

fn http(event: &HttpEvent) -> usize {
    let name = |task: &Option<TaskRef>| task.as_ref().map_or(0, |task| task.name.len());
    match event {
        HttpEvent::Request { method, target, headers, .. } => {
            let header = |(name, value): &(String, Vec<u8>)| {
                size_of_val(name) * 2 + name.len() + value.len()
            };
            method.len() + target.0.len() + headers.iter().map(header).sum::<usize>()
        }
        HttpEvent::Response { method, target, task, why, .. } => {
            let why = why.as_ref().map_or(0, String::len);
            method.len() + target.0.len() + name(task) + why
        }
        HttpEvent::Refused { .. } => 0,
        HttpEvent::Broken { target, task, why, .. } => target.0.len() + name(task) + why.len(),
    }
}

fn platform(note: &PlatformNote) -> usize {
    match note {
        PlatformNote::New | PlatformNote::NothingToOffer => 0,
        PlatformNote::Task(event) => task(event),
        PlatformNote::Malformed { why, .. } => why.len(),
        PlatformNote::Misplaced(text)
        | PlatformNote::NotThere(text)
        | PlatformNote::Trouble(text) => text.len(),
        PlatformNote::NeverAsked { name, .. } => name.len(),
        PlatformNote::Kept { name, path, .. } => name.len() + path.len(),
    }
}

fn task(event: &PlatformEvent) -> usize {
    match event {
        PlatformEvent::Issued(resource) => resource.name.as_str().len(),
        PlatformEvent::Delivered(task) => task.name.as_str().len() + task.url.as_str().len(),
        PlatformEvent::Progress { report, .. } | PlatformEvent::BrokenRule { report, .. } => {
            report.name.as_str().len() + report.progress.result_msg.len()
        }
        PlatformEvent::Ended { name, .. } => name.as_str().len(),
        _ => 0,
    }
}
