//! Generates mostly valid sessions. In some sessions, messages are omitted, repeated, moved or
//! changed.

use iothub_conformance_suite::{Event, Request};
use iothub_resource::{Direction, Message, MessageType, Profile, session::Observer};
use serde_json::{Value, json, value::RawValue};

use super::{
    generated::Generated,
    messages::{MessageGenerator, PortableMessage},
    tables::sessions::NAMES,
};
use crate::{
    message_tree::{opposite, running_state},
    rng::Rng,
};

/// The weight of each message type in the random choice of messages. Types with a larger weight are
/// more frequent.
const WEIGHTS: &[(MessageType, usize)] = &[
    (MessageType::CreateUploadTask, 5),
    (MessageType::CreateUploadTaskRsp, 8),
    (MessageType::ReportUploadProgress, 9),
    (MessageType::ReportUploadProgressRsp, 5),
    (MessageType::GetDownloadTask, 3),
    (MessageType::GetDownloadTaskRsp, 6),
    (MessageType::ReportDownloadProgress, 8),
    (MessageType::ReportDownloadProgressRsp, 4),
    (MessageType::Download, 4),
];

/// A resource with one of two names, one of two sizes and one of two digests.
#[derive(Clone, Copy)]
struct Resource {
    name: usize,
    size: u8,
    digest: u8,
}

/// The kind of a transfer: an upload or a download.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Upload,
    Download,
}

/// A task on which a device may report.
struct Task {
    way: Way,
    name: usize,
}

/// A session under construction, with the state of the device and the platform.
struct Walk<'r> {
    profile: Profile,
    names: [&'static str; 2],
    rng: &'r mut Rng,
    observer: Observer,
    events: Vec<Event>,
    creates: Vec<Resource>,
    /// The tasks whose URL was issued or delivered.
    tasks: Vec<Task>,
}

/// Returns a random session, or a single message as a session.
pub(super) fn make(profile: Profile, messages: &MessageGenerator, rng: &mut Rng) -> Generated {
    let whole = |class: &str, requirement, events| Generated {
        request: Request::Trace { profile, events },
        class: class.to_owned(),
        requirement,
        valid: None,
    };
    // Some sessions consist of a single message, which may be invalid.
    if rng.one_in(6)
        && let Some(PortableMessage { direction, message, variation }) =
            messages.any_portable(profile, rng)
    {
        let event = Event::new(direction, message, rng.one_in(8));
        return whole(&variation.class, variation.requirement, vec![event]);
    }
    let mut walk = Walk {
        profile,
        names: *rng.pick(NAMES),
        observer: Observer::new(profile),
        events: Vec::new(),
        creates: Vec::new(),
        tasks: Vec::new(),
        rng,
    };
    // Most sessions are short.
    let length = match walk.rng.below(24) {
        0 => 60 + walk.rng.below(60),
        1..=3 => 12 + walk.rng.below(20),
        _ => 2 + walk.rng.below(9),
    };
    // A create that was sent again may be answered twice (SES-11), even after the task has begun
    // again.
    if walk.rng.one_in(8) {
        walk.begin_with_create_sent_again();
    }
    let is_strict = walk.rng.one_in(3);
    for _ in 0..length {
        walk.step(is_strict);
    }
    let Walk { mut events, names, rng, .. } = walk;
    let mut class = "session";
    if rng.one_in(4) {
        class = "session-changed";
        change(&mut events, names, rng);
    }
    if rng.one_in(10)
        && !events.is_empty()
        && let Some(PortableMessage { direction, message, variation }) =
            messages.any_portable(profile, rng)
    {
        let at = rng.below(events.len() + 1);
        events.insert(at, Event::new(direction, message, false));
        return whole(&variation.class, variation.requirement, events);
    }
    whole(class, "SES-12", events)
}

/// Makes one or two changes: drops, repeats, swaps or moves a message, or changes its name,
/// direction or DUP flag.
fn change(events: &mut Vec<Event>, names: [&str; 2], rng: &mut Rng) {
    for _ in 0..1 + rng.below(2) {
        if events.is_empty() {
            return;
        }
        let at = rng.below(events.len());
        match rng.below(8) {
            0 => drop(events.remove(at)),
            1 => {
                let again = events[at].with_dup(rng.one_in(2));
                let to = at + 1 + rng.below(events.len() - at);
                events.insert(to, again);
            }
            2 if at + 1 < events.len() => events.swap(at, at + 1),
            3 => {
                let event = events.remove(at);
                events.insert(rng.below(events.len() + 1), event);
            }
            4 => events[at].dup = !events[at].dup,
            5 if rng.one_in(3) => {
                events[at].direction = opposite(events[at].direction);
            }
            6 | 7 => rename(&mut events[at], names),
            _ => {
                let again = events[at].clone();
                events.insert(at, again);
            }
        }
    }
}

/// Replaces the name in a message with the other of the two names, if the message has a name.
fn rename(event: &mut Event, names: [&str; 2]) {
    let Ok(mut message) = serde_json::from_str::<Value>(event.message.get()) else { return };
    let other = match message.get("name").and_then(Value::as_str) {
        Some(name) if name == names[0] => names[1],
        Some(_) => names[0],
        None => return,
    };
    message["name"] = json!(other);
    event.message = RawValue::from_string(message.to_string()).unwrap_or_default();
}

impl Walk<'_> {
    /// Adds a create, the same create with DUP, and one answer. In most cases, also adds a create
    /// of the same name, and sometimes the second answer to the first create.
    fn begin_with_create_sent_again(&mut self) {
        let resource = self.any_resource();
        let other = Resource { name: resource.name, ..self.any_resource() };
        self.creates.extend([resource, other]);
        self.tasks.push(Task { way: Way::Upload, name: resource.name });
        let [create, new_create] = [resource, other].map(|resource| {
            let message = self.create(resource);
            Event::new(Direction::Up, self.written(&message), false)
        });
        let [answer, second_answer] = [(); 2].map(|()| {
            let message = self.task(MessageType::CreateUploadTaskRsp, resource);
            Event::new(Direction::Down, self.written(&message), false)
        });
        let again = create.with_dup(true);
        let count = 3 + self.rng.below(3);
        for event in [create, again, answer, new_create, second_answer].into_iter().take(count) {
            if let Ok(message) = Message::from_json(self.profile, event.message.get()) {
                // Each of these messages is valid at its place.
                let _ = self.observer.observe(self.events.len(), event.dup, &message);
                self.events.push(event);
            }
        }
    }

    /// Adds a message, which usually fits the state of the session. Adds no message if all attempts
    /// fail.
    fn step(&mut self, is_strict: bool) {
        const TRIES: usize = 12;
        for _ in 0..TRIES {
            let event = self.proposed();
            let Ok(message) = Message::from_json(self.profile, event.message.get()) else { return };
            let mut observer = self.observer.clone();
            let fits = observer.observe(self.events.len(), event.dup, &message).is_ok();
            if fits || (!is_strict && self.rng.one_in(self.rate(14, 7))) {
                self.observer = observer;
                self.events.push(event);
                return;
            }
        }
    }

    /// Returns `usual`, or `confusable` in sessions whose names are easily confused. A smaller
    /// value makes mistakes in the session more frequent.
    fn rate(&self, usual: usize, confusable: usize) -> usize {
        if self.names == NAMES[0] { usual } else { confusable }
    }

    /// Returns the next message, which is usually new but sometimes repeats a recent message.
    fn proposed(&mut self) -> Event {
        if !self.events.is_empty() && self.rng.one_in(7) {
            const RECENT: usize = 6;
            let back = self.rng.below(self.events.len().min(RECENT));
            let event = &self.events[self.events.len() - 1 - back];
            return event.with_dup(self.rng.one_in(2));
        }
        let kind = self.any_kind();
        let message = self.message(kind);
        let dup = self.rng.one_in(20);
        Event::new(kind.direction(), self.written(&message), dup)
    }

    /// Returns a random message type according to the weights.
    fn any_kind(&mut self) -> MessageType {
        let weight = |&(kind, weight): &(MessageType, usize)| {
            if kind.is_in(self.profile) { weight } else { 0 }
        };
        let mut left = self.rng.below(WEIGHTS.iter().map(weight).sum());
        for each in WEIGHTS {
            match left.checked_sub(weight(each)) {
                Some(rest) => left = rest,
                None => return each.0,
            }
        }
        MessageType::GetDownloadTask
    }

    fn message(&mut self, kind: MessageType) -> Value {
        match kind {
            MessageType::CreateUploadTask => {
                let resource = self.any_resource();
                self.creates.push(resource);
                self.create(resource)
            }
            MessageType::CreateUploadTaskRsp => {
                let create = if self.creates.is_empty() || self.rng.one_in(6) {
                    self.any_resource()
                } else {
                    const RECENT: usize = 4;
                    let back = self.rng.below(self.creates.len().min(RECENT));
                    self.creates[self.creates.len() - 1 - back]
                };
                self.tasks.push(Task { way: Way::Upload, name: create.name });
                self.task(kind, create)
            }
            MessageType::GetDownloadTaskRsp | MessageType::Download => {
                let resource = self.any_resource();
                self.tasks.push(Task { way: Way::Download, name: resource.name });
                self.task(kind, resource)
            }
            MessageType::GetDownloadTask => json!({"type": kind}),
            MessageType::ReportUploadProgress => self.report(kind, Way::Upload),
            MessageType::ReportDownloadProgress => self.report(kind, Way::Download),
            _ => {
                let code = *self.rng.pick(&[0, 0, 0, -1, 1]);
                let words = *self.rng.pick(&["", "ok"]);
                json!({"type": kind, "result_code": code, "result_msg": words})
            }
        }
    }

    fn any_resource(&mut self) -> Resource {
        Resource {
            name: usize::from(self.rng.one_in(3)),
            size: u8::from(self.rng.one_in(3)),
            digest: u8::from(self.rng.one_in(3)),
        }
    }

    fn digest(&mut self, digest: u8) -> String {
        let letter = if digest == 0 { "a" } else { "b" };
        let digest = letter.repeat(32);
        if self.profile == Profile::Deployed && self.rng.one_in(8) {
            return digest.to_uppercase();
        }
        digest
    }

    fn create(&mut self, resource: Resource) -> Value {
        let Resource { name, size, digest } = resource;
        let kind = MessageType::CreateUploadTask;
        json!({"type": kind, "size": size, "name": self.names[name], "md5sum": self.digest(digest)})
    }

    fn task(&mut self, kind: MessageType, resource: Resource) -> Value {
        let Resource { name, size, digest } = resource;
        let url = *self.rng.pick(&["http://a", "http://a", "http://b"]);
        json!({"type": kind, "size": size, "name": self.names[name], "md5sum": self.digest(digest), "url": url})
    }

    /// Returns a report, usually about an existing task.
    fn report(&mut self, kind: MessageType, way: Way) -> Value {
        let own = self.tasks.iter().filter(|task| task.way == way);
        let known: Vec<usize> = own.map(|task| task.name).collect();
        let name = if known.is_empty() || self.rng.one_in(self.rate(8, 4)) {
            self.rng.below(2)
        } else {
            *self.rng.pick(&known)
        };
        let running = running_state(kind);
        let states: &[&str] = match self.profile {
            Profile::Deployed => &[running, running, running, "done", "fail"],
            Profile::Documented => &[running],
        };
        let state = *self.rng.pick(states);
        let percent = *self.rng.pick(&[0, 1, 10, 30, 40, 50, 60, 80, 90, 98, 99, 100, 100]);
        let code = *self.rng.pick(&[0, 0, 0, 0, 0, 0, -1, 1, 404]);
        let words = *self.rng.pick(&["", "", "", "ok"]);
        let mut progress =
            json!({"state": state, "percent": percent, "result_code": code, "result_msg": words});
        if state != running && self.rng.one_in(2) {
            progress.as_object_mut().map(|progress| progress.remove("percent"));
        }
        json!({"type": kind, "name": self.names[name], "progress": progress})
    }

    /// Returns a message as JSON text, sometimes with its keys in a different order or with an
    /// unknown key.
    fn written(&mut self, message: &Value) -> Box<RawValue> {
        let mut members: Vec<(&String, &Value)> =
            message.as_object().into_iter().flatten().collect();
        if self.rng.one_in(4) {
            self.rng.shuffle(&mut members);
        }
        let mut text: Vec<String> =
            members.into_iter().map(|(key, value)| format!("\"{key}\":{value}")).collect();
        if self.profile == Profile::Deployed && self.rng.one_in(16) {
            text.push(format!("\"x\":{}", self.rng.below(2)));
        }
        RawValue::from_string(format!("{{{}}}", text.join(","))).unwrap_or_default()
    }
}
