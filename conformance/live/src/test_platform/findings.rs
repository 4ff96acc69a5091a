//! What a scenario has found, and the log of the wire that it stands in.

use iothub_conformance_lint::{Finding, NO_REQUIREMENT};
use iothub_conformance_suite::{
    Level,
    result::{Lane, StoredEvent},
};

/// How many of the same kind in a row are written down.
const BRIEF: usize = 8;
/// From so many on, no more messages are written down.
const LONGEST: usize = 1_000;

#[derive(Default)]
pub(super) struct Findings {
    events: Vec<StoredEvent>,
    /// The place of the next event.
    next: usize,
    /// Events in a row that need not all be there, and how many of them are not.
    brief: usize,
    left_out: usize,
    found: Vec<Finding>,
    /// Nothing is taken any more.
    closed: bool,
}

impl Findings {
    /// Writes down what was said. Returns its place.
    pub(super) fn log(&mut self, from: Lane, to: Lane, label: String) -> usize {
        self.keep(StoredEvent::new(0, from, to, label))
    }

    /// The same for a message. Of very many, the last ones are only counted.
    pub(super) fn log_event(&mut self, event: StoredEvent) -> usize {
        if self.events.len() < LONGEST { self.keep(event) } else { self.leave_out() }
    }

    fn leave_out(&mut self) -> usize {
        self.left_out += 1;
        self.next += 1;
        self.next - 1
    }

    fn keep(&mut self, mut event: StoredEvent) -> usize {
        let at = self.next;
        event.at = at;
        event.left_out = std::mem::take(&mut self.left_out);
        self.events.push(event);
        self.next += 1;
        self.brief = 0;
        at
    }

    /// The same for one of many: of those in a row, only the first ones are written down.
    pub(super) fn log_briefly(&mut self, from: Lane, to: Lane, label: String) {
        let brief = self.brief + 1;
        if brief > BRIEF {
            self.leave_out();
        } else {
            self.log(from, to, label);
        }
        self.brief = brief;
    }

    /// Says more about an event.
    pub(super) fn relabel(&mut self, at: usize, more: &str) {
        if let Some(event) = self.event(at) {
            event.label = format!("{} {more}", event.label);
        }
    }

    pub(super) fn blame(&mut self, at: usize, code: &str, level: Level) {
        if let Some(event) = self.event(at) {
            event.blame(code, level);
        }
    }

    fn event(&mut self, at: usize) -> Option<&mut StoredEvent> {
        self.events.iter_mut().rev().find(|event| event.at == at)
    }

    /// Takes a finding about the event that is its line.
    pub(super) fn push(&mut self, finding: Finding) {
        if !self.closed {
            self.blame(finding.line, &finding.code, finding.level);
            self.found.push(finding);
        }
    }

    pub(super) fn add(
        &mut self,
        at: usize,
        code: &'static str,
        level: Level,
        requirement: &'static str,
        sentence: String,
    ) {
        self.push(Finding::new(at, code, level, requirement, sentence));
    }

    /// Takes that the connection is lost.
    pub(super) fn lost(&mut self, why: &str) {
        let at = self.log(Lane::Platform, Lane::Device, format!("({why})"));
        let sentence = format!("the connection is lost: {why}");
        self.add(at, "disconnected", Level::Must, NO_REQUIREMENT, sentence);
    }

    /// Adds to what was found last.
    pub(super) fn say_of_last(&mut self, more: &str) {
        if let Some(finding) = self.found.last_mut() {
            finding.sentence.push_str(more);
        }
    }

    /// From now on, nothing is found any more.
    pub(super) const fn close(&mut self) {
        self.closed = true;
    }

    pub(super) fn has_error(&self) -> bool {
        !self.closed && self.found.iter().any(|finding| finding.level == Level::Must)
    }

    pub(super) fn into_parts(self) -> (Vec<Finding>, Vec<StoredEvent>) {
        (self.found, self.events)
    }
}
