//! The finding for a report from a sanitizer.

use super::{launch::ExitState, sanitizer::SanitizerReport, scenario_run::ScenarioRun};
use iothub_conformance_suite::Level;

impl ScenarioRun<'_> {
    /// Adds a finding for a report in the output, regardless of the exit state of the program.
    /// Returns whether the fault in the report has ended the program, so that later missing actions
    /// are not findings.
    pub(super) fn find_report(
        &mut self,
        report: Option<&SanitizerReport>,
        exit_state: Option<&ExitState>,
    ) -> bool {
        let Some(report) = report else { return false };
        let has_ended_it = exit_state.is_some_and(|exit_state| {
            exit_state.crashed || (!exit_state.well && report.ends_the_program())
        });
        let mut sentence = report.sentence();
        if let Some(exit_state) = exit_state.filter(|_| has_ended_it) {
            sentence = format!("{sentence}; its program has ended: {exit_state}");
        }
        self.judge.find(None, "sanitizer", "", Level::Must, sentence);
        has_ended_it
    }
}
