//! The result of a scenario in the form that reports use.

use std::time::Duration;

use super::{
    incident::Incident,
    judge::{Found, NOT_IN_TIME},
    scenario::Scenario,
};
use iothub_conformance_suite::{
    Level, Outcome,
    result::{Finding, Side, StoredCase, StoredEvent},
};

/// The prefix of a finding about the second start.
const AFTER_RESTART: &str = "after its second start, ";

/// The result of a scenario, with its findings and the log of its events.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Judged {
    /// The scenario that was run.
    pub scenario: Scenario,
    pub(super) found: Vec<Found>,
    pub(super) events: Vec<StoredEvent>,
    /// The output of the device, for each start.
    pub(super) outputs: Vec<String>,
    pub(super) took: Duration,
    pub(super) strict: bool,
    pub(super) was_heard: bool,
    pub(super) was_skipped: bool,
    /// The events of the scenario that did not occur.
    pub(super) missing: Vec<Incident>,
    /// Whether the program of the device ended by itself before it had carried out all expected
    /// actions.
    pub(super) program_ended: bool,
}

impl Judged {
    /// Returns the outcome that follows from the worst finding and from the missing events.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        let counts = |found: &&Found| self.strict || found.finding.level == Level::Must;
        let mut failing = self.found.iter().filter(counts).peekable();
        if self.was_skipped {
            Outcome::Unsupported
        } else if failing.peek().is_none() {
            match (&*self.missing, &*self.found) {
                ([], []) => Outcome::Pass,
                ([], _) => Outcome::Warn,
                _ => Outcome::NotReached,
            }
        } else if self.found.iter().any(|found| found.finding.code == "crashed") {
            Outcome::Crashed
        } else if !self.program_ended
            && failing.all(|found| NOT_IN_TIME.contains(&&*found.finding.code))
        {
            Outcome::TimedOut
        } else {
            Outcome::Fail
        }
    }

    /// Returns the codes of the findings, for example `after-end`, each once and in alphabetical
    /// order.
    #[must_use]
    pub fn codes(&self) -> Vec<&str> {
        let mut codes: Vec<_> = self.found.iter().map(|found| &*found.finding.code).collect();
        codes.sort_unstable();
        codes.dedup();
        codes
    }

    /// Returns the findings, the missing events and the output of the device as lines of text;
    /// empty if the outcome is `pass`.
    #[must_use]
    pub fn detail(&self) -> String {
        if self.was_skipped {
            return "skipped at the prompt".to_owned();
        }
        let mut lines: Vec<_> = self
            .found
            .iter()
            .map(|Found { finding, after_restart }| {
                let Finding { code, requirement, level, .. } = finding;
                let detail = finding.detail();
                let rule = if requirement.is_empty() { "" } else { " " };
                let again = if *after_restart { AFTER_RESTART } else { "" };
                format!("{level}: {code}{rule}{requirement}: {again}{detail}")
            })
            .collect();
        if self.outcome() == Outcome::NotReached {
            lines.extend(self.missing.iter().map(Incident::to_string));
        }
        if !lines.is_empty() {
            let starts = ["its output ends with:", "the output of its second start ends with:"];
            let printed = starts.iter().zip(&self.outputs).filter(|(_, text)| !text.is_empty());
            lines.extend(printed.map(|(start, text)| format!("{start}\n{text}")));
        }
        lines.join("\n")
    }
}

impl Found {
    /// Returns the finding for a stored result. The side at fault is the device. A finding about
    /// the second start begins with a prefix.
    fn stored(&self) -> Finding {
        let Self { finding, after_restart } = self;
        let mut stored = finding.clone().against(Side::Device);
        if *after_restart {
            stored.sentence.insert_str(0, AFTER_RESTART);
        }
        stored
    }
}

impl From<&Judged> for StoredCase {
    fn from(judged: &Judged) -> Self {
        let Judged { scenario, events, took, .. } = judged;
        let findings = judged.found.iter().map(Found::stored).collect();
        scenario.stored(judged.outcome(), judged.detail(), findings, events.clone(), *took)
    }
}
