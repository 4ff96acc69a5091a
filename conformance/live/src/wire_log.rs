//! What was seen on the wire in one scenario, as the arrows that reports draw.

use iothub_resource::{Direction, Message};

use iothub_conformance_suite::{
    Level,
    excerpt::shortened,
    redact,
    result::{Lane, StoredEvent},
};

/// How many arrows are kept.
const LONGEST: usize = 400;
/// How much of a payload that is no message is shown.
const LONGEST_PAYLOAD: usize = 160;

/// The arrows, in their order. Of a URL, nothing but its host is in them.
#[derive(Debug, Default)]
pub(crate) struct WireLog {
    events: Vec<StoredEvent>,
    next: usize,
    /// Arrows that were left out since the last one that is kept.
    left_out: usize,
}

impl WireLog {
    /// A payload on one of the topics, with the message if it is one. Returns its number.
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
        self.push(event)
    }

    /// Anything else, in words. Returns its number.
    pub(crate) fn note(&mut self, from: Lane, to: Lane, label: impl Into<String>) -> usize {
        self.push(StoredEvent::new(self.next, from, to, label.into()))
    }

    /// Marks the arrow of a number.
    pub(crate) fn blame(&mut self, at: usize, code: &str, level: Level) {
        if let Some(event) = self.events.iter_mut().find(|event| event.at == at) {
            event.blame(code, level);
        }
    }

    pub(crate) fn into_events(self) -> Vec<StoredEvent> {
        self.events
    }

    fn push(&mut self, mut event: StoredEvent) -> usize {
        let at = self.next;
        self.next += 1;
        if self.events.len() < LONGEST {
            event.left_out = std::mem::take(&mut self.left_out);
            self.events.push(event);
        } else {
            self.left_out += 1;
        }
        at
    }
}
