//! Collects the sessions of a capture for sequence diagrams.

use std::collections::{HashMap, VecDeque};

use iothub_conformance_suite::{
    Level,
    result::{Finding, StoredEvent, StoredSession},
};
use iothub_resource::{Message, Topic};

use super::http::{Seen, Sighting};

/// The maximum number of events that are kept for a session without findings.
const FIRST: usize = 40;
/// The number of events that are kept before and after each finding.
const AROUND: usize = 6;
/// The maximum number of events that are kept for one session.
const LONGEST: usize = 400;
/// The maximum number of events that are kept for all sessions together.
const ALL: usize = 20_000;
/// The maximum number of sessions that are kept.
const SESSIONS: usize = 1000;

/// The sessions of a capture, in bounded memory: the first events of each device, and the events
/// around each finding.
#[derive(Debug, Default)]
pub struct Sequences {
    sessions: Vec<Growing>,
    by_device: HashMap<String, usize>,
    kept: usize,
}

#[derive(Debug)]
struct Growing {
    session: StoredSession,
    /// Events that are kept only if a finding follows soon.
    waiting: VecDeque<StoredEvent>,
    /// The number of dropped events before the waiting events.
    lost: usize,
    /// The number of further events that are kept regardless of findings.
    more: usize,
}

impl Sequences {
    /// Creates a collection without sessions.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the next message and its findings.
    pub fn message(
        &mut self,
        at: usize,
        topic: Topic,
        dup: bool,
        message: Option<&Message<'_>>,
        findings: &[Finding],
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
        // `None` means that there are too many devices or events.
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

    /// Adds an observation of a transfer. An observed event replaces the arrow that was guessed for
    /// it.
    pub fn transfer(&mut self, sighting: &Sighting) {
        let device = format!("{}/{}", sighting.product_id, sighting.device_name);
        let is_full = self.kept >= ALL;
        let Some(growing) = self.growing(device) else { return };
        match &sighting.seen {
            Seen::Blame { at, code, level } => growing.blame(*at, code, *level),
            Seen::Event { .. } if is_full => growing.lost += 1,
            Seen::Event { event, instead_of } => {
                if let Some(label) = instead_of {
                    growing.forget_guess(label);
                }
                let before = growing.session.events.len();
                growing.push(event.clone());
                self.kept += growing.session.events.len() - before;
            }
        }
    }

    /// Marks the message that a finding at the end of the capture concerns, for example an
    /// unanswered message.
    pub fn blame(&mut self, finding: &Finding) {
        for growing in &mut self.sessions {
            let is_it = finding.topic.ends_with(&format!("/{}", growing.session.device));
            if is_it {
                growing.blame(finding.line, &finding.code, finding.level);
            }
        }
    }

    /// Returns the sessions, in the order in which they began.
    #[must_use]
    pub fn end(self) -> Vec<StoredSession> {
        let end = |growing: Growing| {
            let Growing { mut session, waiting, lost, .. } = growing;
            session.left_out = lost + waiting.len();
            session
        };
        self.sessions.into_iter().map(end).collect()
    }

    fn growing(&mut self, device: String) -> Option<&mut Growing> {
        let index = match self.by_device.get(&device) {
            Some(index) => *index,
            None if self.sessions.len() >= SESSIONS || self.kept >= ALL => return None,
            None => {
                self.sessions.push(Growing {
                    session: StoredSession::new(device.clone()),
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

    fn blame(&mut self, at: usize, code: &str, level: Level) {
        let events = self.session.events.iter_mut().chain(&mut self.waiting);
        let mut events = events.filter(|event| event.at == at && !event.inferred);
        if let Some(event) = events.next() {
            event.blame(code, level);
            self.keep_what_waits();
        }
    }

    /// Removes the newest guessed arrow with this label.
    fn forget_guess(&mut self, label: &str) {
        let is_it = |event: &StoredEvent| event.inferred && event.label == label;
        if let Some(at) = self.waiting.iter().rposition(is_it) {
            self.waiting.remove(at);
        } else if let Some(at) = self.session.events.iter().rposition(is_it) {
            let guess = self.session.events.remove(at);
            match self.session.events.get_mut(at) {
                Some(next) => next.left_out += guess.left_out,
                None => self.lost += guess.left_out,
            }
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
