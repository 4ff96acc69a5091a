//! The log of the events on the wire in one scenario, as the arrows of a diagram.

use iothub_resource::{Direction, Message};

use iothub_conformance_suite::{
    Level,
    excerpt::shortened,
    redact,
    result::{Lane, StoredEvent},
};

/// The maximum number of arrows that are kept.
const LONGEST: usize = 1_000;
/// The maximum number of arrows that are kept for consecutive calls to `note_briefly`.
const BRIEF: usize = 8;
/// The maximum number of bytes of a malformed payload that an arrow shows.
const LONGEST_PAYLOAD: usize = 160;

/// The arrows in the order of their events. An arrow contains only the host of each URL.
#[derive(Debug, Default)]
pub(crate) struct WireLog {
    events: Vec<StoredEvent>,
    next: usize,
    /// The number of arrows that were omitted after the last arrow.
    left_out: usize,
    /// The number of consecutive calls to `note_briefly`.
    brief: usize,
}

impl WireLog {
    /// Adds a payload on a resource topic, with the decoded message if the payload is valid.
    /// Returns the number of the arrow.
    pub(crate) fn message(
        &mut self,
        direction: Direction,
        dup: bool,
        payload: &[u8],
        message: Option<&Message<'_>>,
    ) -> usize {
        let mut event = StoredEvent::of_message(self.next, direction, dup, message);
        if message.is_none() {
            let payload = shortened(redact::excerpt(payload), LONGEST_PAYLOAD);
            event.label = format!("{}: {payload}", event.label);
        }
        self.event(event)
    }

    /// Returns the number of the next arrow.
    pub(crate) const fn next(&self) -> usize {
        self.next
    }

    /// Adds an event other than a message, with a label in words. Returns the number of the arrow.
    pub(crate) fn note(&mut self, from: Lane, to: Lane, label: impl Into<String>) -> usize {
        self.event(StoredEvent::new(self.next, from, to, label.into()))
    }

    /// Adds one of many similar events. Only the first few of several consecutive events are kept.
    pub(crate) fn note_briefly(&mut self, from: Lane, to: Lane, label: String) {
        let brief = self.brief + 1;
        if brief > BRIEF {
            self.left_out += 1;
            self.next += 1;
        } else {
            self.note(from, to, label);
        }
        self.brief = brief;
    }

    /// Adds an arrow. Beyond the limit, arrows are only counted. Returns the number of the arrow.
    pub(crate) fn event(&mut self, mut event: StoredEvent) -> usize {
        let at = self.next;
        self.next += 1;
        self.brief = 0;
        if self.events.len() < LONGEST {
            event.at = at;
            event.left_out = std::mem::take(&mut self.left_out);
            self.events.push(event);
        } else {
            self.left_out += 1;
        }
        at
    }

    /// Appends text to the label of the arrow with this number.
    pub(crate) fn relabel(&mut self, at: usize, more: &str) {
        if let Some(event) = self.find(at) {
            event.label = format!("{} {more}", event.label);
        }
    }

    /// Adds the code and level of a finding to the arrow with this number.
    pub(crate) fn blame(&mut self, at: usize, code: &str, level: Level) {
        if let Some(event) = self.find(at) {
            event.blame(code, level);
        }
    }

    /// Removes the marks with these codes from all arrows.
    pub(crate) fn absolve(&mut self, codes: &[&str]) {
        for event in &mut self.events {
            event.absolve(codes);
        }
    }

    pub(crate) fn into_events(self) -> Vec<StoredEvent> {
        self.events
    }

    fn find(&mut self, at: usize) -> Option<&mut StoredEvent> {
        self.events.iter_mut().rev().find(|event| event.at == at)
    }
}
