//! The findings of a scenario and the log to which they refer.

use crate::wire_log::WireLog;
use iothub_conformance_lint::{Finding, NO_REQUIREMENT};
use iothub_conformance_suite::{
    Level,
    result::{Lane, Side, StoredEvent},
};

/// The code of a finding about a misplaced report that the platform accepts.
pub(super) const MISPLACED: &str = "misplaced-accepted";

#[derive(Default)]
pub(super) struct Findings {
    pub(super) log: WireLog,
    found: Vec<Finding>,
    /// Whether further findings are ignored.
    closed: bool,
}

impl Findings {
    /// Adds a finding and marks the event at its line in the log, unless further findings are
    /// ignored.
    pub(super) fn push(&mut self, finding: Finding) {
        if !self.closed {
            if finding.code == "unsolicited-response" && finding.requirement == "SES-6" {
                // A progress response has no name, so an additional response was mistaken for the
                // answer to a misplaced report.
                self.found.retain(|found| found.code != MISPLACED);
                self.log.absolve(&[MISPLACED]);
            }
            self.log.blame(finding.line, &finding.code, finding.level);
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
        let finding = Finding::new(at, code, level, requirement, sentence);
        self.push(finding.against(Side::Platform));
    }

    /// Adds a finding about a lost connection, with the reason.
    pub(super) fn lost(&mut self, why: &str) {
        let at = self.log.note(Lane::Platform, Lane::Device, format!("({why})"));
        let sentence = format!("the connection is lost: {why}");
        self.add(at, "disconnected", Level::Must, NO_REQUIREMENT, sentence);
    }

    /// Appends text to the sentence of the last finding.
    pub(super) fn say_of_last(&mut self, more: &str) {
        if let Some(finding) = self.found.last_mut() {
            finding.sentence.push_str(more);
        }
    }

    /// Ignores all further findings.
    pub(super) const fn close(&mut self) {
        self.closed = true;
    }

    pub(super) fn has_error(&self) -> bool {
        !self.closed && self.found.iter().any(|finding| finding.level == Level::Must)
    }

    pub(super) fn into_parts(self) -> (Vec<Finding>, Vec<StoredEvent>) {
        (self.found, self.log.into_events())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_surplus_answer_is_one_fault() {
        let mut findings = Findings::default();
        let mut add = |code, level, requirement| {
            let at = findings.log.note(Lane::Platform, Lane::Device, "0".to_owned());
            findings.add(at, code, level, requirement, String::new());
        };
        add("odd-response", Level::Should, "ADV-6");
        add(MISPLACED, Level::Should, "SES-7");
        add("unsolicited-response", Level::Must, "SES-6");
        let (found, events) = findings.into_parts();
        let codes: Vec<_> = found.iter().map(|found| &*found.code).collect();
        assert_eq!(codes, ["odd-response", "unsolicited-response"]);
        let levels: Vec<_> = events.iter().map(|event| event.level).collect();
        assert_eq!(levels, [Some(Level::Should), None, Some(Level::Must)]);
    }
}
