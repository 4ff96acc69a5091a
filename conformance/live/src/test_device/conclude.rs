//! The findings about missing actions of a device and about its behaviour as a whole.

use iothub_resource::{Transfer, session::End};

use super::{
    explained::Explained,
    incident::Incident,
    judge::{DeviceTask, TaskEnd},
    launch::ExitState,
    scenario::{Expectation, Flow, SecondDownload, Setup, TaskResponse},
    scenario_run::ScenarioRun,
};
use iothub_conformance_suite::Level;

/// A finding about a missing action of a device.
struct Omission {
    code: &'static str,
    requirement: &'static str,
    level: Level,
    what: String,
}

impl ScenarioRun<'_> {
    /// Adds the findings about a crash, a missing reconnection, and missing or wrong results.
    pub(super) fn conclude(&mut self, exit_state: Option<&ExitState>) {
        if let Some(exit_state) = exit_state.filter(|exit_state| exit_state.crashed) {
            let detail = format!("its program crashed: {}", exit_state.words);
            return self.judge.find(None, "crashed", "", Level::Must, detail);
        }
        // The consequences of a fault are not reported as further findings.
        if self.judge.explained.silence || self.is_refused() {
            return;
        }
        if self.attempt.is_away() && self.main_end().is_none() {
            let gone = exit_state.map_or_else(String::new, |exit_state| {
                format!("; its program has ended: {exit_state}")
            });
            let detail = format!("it does not reconnect after it loses its connection{gone}");
            return self.judge.find(None, "stays-away", "", Level::Should, detail);
        }
        match self.attempt.main_task {
            Some(index) => self.conclude_task(index, exit_state),
            None if self.judge.explained.request => {}
            None => self.omitted(self.missing_request(), exit_state),
        }
    }

    /// Adds a finding if the device uploads a file other than the given file. A device that uploads
    /// a different file does not show the tested behaviour. If the body does not match the
    /// announcement, a different finding reports that mismatch.
    pub(super) fn check_other_file(&mut self) {
        if let Some(detail) = self.attempt.other_file.take()
            && !self.judge.explained.failure
        {
            self.judge.find(None, "other-file", "MSG-1", Level::Should, detail);
        }
    }

    fn missing_request(&self) -> Omission {
        let asks = match self.scenario.plan.flow {
            Flow::Upload => "create_upload_task",
            Flow::Download => "get_download_task",
        };
        let (strangers, tls) = (&self.strangers, self.attempt.certificate.failure());
        let what = if self.judge.explained.repetition {
            format!(
                "each {asks} that it publishes has the DUP flag and repeats an earlier message: \
                 expected a new request without DUP"
            )
        } else if self.attempt.was_heard {
            format!("it never publishes {asks}{strangers}{tls}")
        } else {
            format!("it never sent anything{strangers}{tls}")
        };
        let level = level_of_request(self.scenario.plan.flow, &self.attempt.setup);
        let requirement = match &self.strangers {
            _ if self.judge.explained.repetition => "SES-11",
            strangers if strangers.is_empty() => "",
            _ => "TOP-1",
        };
        Omission { code: "no-request", requirement, level, what }
    }

    fn conclude_task(&mut self, index: usize, exit_state: Option<&ExitState>) {
        let task = self.judge.tasks[index].clone();
        let Setup { expectation, done_level, .. } = self.attempt.setup;
        let requirement = if task.transfer == Transfer::Upload { "SES-3" } else { "SES-5" };
        let Explained { failure, end, reports, .. } = self.judge.explained;
        match task.end {
            Some(TaskEnd { end: End::Failure(code), event: at, .. })
                if expectation == Expectation::Done
                    && !failure
                    // The wrong URL is the finding, so the device need not complete the correct
                    // task.
                    && !reports =>
            {
                let hint = self.unasked(index);
                let detail = format!(
                    "it reports that the transfer failed, with code {code}, but the transfer was \
                    possible{hint}"
                );
                self.judge.find(Some(at), "failed", "SES-7", done_level, detail);
            }
            Some(_) => {}
            None if end || reports => return,
            None => {
                if let Some(omission) = self.missing_end(&task, requirement) {
                    self.omitted(omission, exit_state);
                }
                return;
            }
        }
        self.check_second_download();
    }

    /// Returns the end of a sentence about a failure; empty if a request for the URL has arrived.
    fn unasked(&self, index: usize) -> &'static str {
        if self.judge.transfers.is_asked(index) {
            ""
        } else if self.server.store.names_a_port() {
            "; it did not request the URL, which names a port: the vendor's C SDK resolves the \
             host and the port as one name and reports `-1 time_out`"
        } else {
            "; it did not request the URL"
        }
    }

    /// Returns the incident `End` if a transfer was too slow to end within the time of the
    /// scenario; `None` otherwise. A slow transfer is not a fault.
    pub(super) fn missing_end_of_transfer(&self) -> Option<Incident> {
        (self.attempt.is_cut_short && self.main_end().is_none()).then_some(Incident::End)
    }

    /// Returns the missing end or beginning of a task; `None` if nothing is missing or the omission
    /// is not a fault.
    fn missing_end(&self, task: &DeviceTask, requirement: &'static str) -> Option<Omission> {
        let Setup { expectation, done_level, response, .. } = &self.attempt.setup;
        if self.attempt.is_cut_short {
            return None;
        }
        if task.is_taken && task.is_answered {
            let what = "it never publishes a final report".to_owned();
            let (code, requirement, level) = ("no-end", "SES-7", Level::Must);
            return Some(Omission { code, requirement, level, what });
        }
        let is_late = matches!(response, TaskResponse::Late);
        let was_gone = is_late && self.attempt.incidents.missing().contains(&Incident::Response);
        if *expectation == Expectation::Free || !task.is_answered || was_gone {
            return None;
        }
        let level = match expectation {
            Expectation::Done => *done_level,
            // Without a URL or a task, a device may end without a report.
            _ if is_late => Level::Should,
            _ => Level::Must,
        };
        let what = "it ignores the task that it received".to_owned();
        Some(Omission { code: "not-taken", requirement, level, what })
    }

    /// Returns whether a second download was pushed and has not ended. Always returns `false` in a
    /// scenario with an upload.
    pub(super) fn owes_second_download(&self) -> bool {
        let missing = self.attempt.incidents.missing();
        self.scenario.plan.flow == Flow::Download
            && self.attempt.setup.second_download != SecondDownload::Never
            && !missing.contains(&Incident::SecondDownload)
            && self.judge.tasks[self.attempt.first_task..]
                .iter()
                .any(|task| !task.is_main && task.end.is_none())
    }

    /// Adds a finding if the device does not end the second download, which was pushed. The device
    /// may start this download later, but should not forget it.
    fn check_second_download(&mut self) {
        if self.owes_second_download() {
            let detail =
                "it never publishes a final report for the second download, which was pushed";
            self.judge.find(None, "not-taken", "SES-5", Level::Should, detail);
        }
    }

    /// Adds a finding for the missing action of a device. If the program ended with a status other
    /// than 0, the finding is about the exit of the program. Also records in `program_ended`
    /// whether the program ended too early.
    fn omitted(&mut self, omission: Omission, exit_state: Option<&ExitState>) {
        let Omission { code, requirement, level, what } = omission;
        let Some(exit_state) = exit_state else {
            return self.judge.find(None, code, requirement, level, what);
        };
        // A command that only wakes a device elsewhere ends with status 0.
        self.program_ended |= self.attempt.was_heard || !exit_state.well;
        if exit_state.well {
            let detail = format!("{what}; its program has ended: {exit_state}");
            return self.judge.find(None, code, requirement, level, detail);
        }
        let detail = format!("its program ended with {exit_state}: {what}");
        self.judge.find(None, "exited", requirement, level, detail);
    }
}

/// Returns the level of a finding about a missing request.
fn level_of_request(flow: Flow, setup: &Setup) -> Level {
    // If only the resource is unusual, the device may decline it.
    if flow == Flow::Upload && setup.is_well() {
        return setup.done_level;
    }
    // A device that sends no request after its connection was lost is equivalent to a device that
    // does not reconnect.
    if setup.cut.is_some() { Level::Should } else { Level::Must }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_device::{scenario::TransferStep, test_file::TestFile};

    #[test]
    fn no_rule_obliges_a_device_to_ask_after_a_loss() {
        let well = Setup::well(TestFile::new("zxc.txt", 12_000));
        let cut = Setup { cut: Some(TransferStep::Subscribed), ..well.clone() };
        let late = Setup { response: TaskResponse::Late, ..well.clone() };
        for flow in [Flow::Upload, Flow::Download] {
            assert_eq!(level_of_request(flow, &well), Level::Must);
            assert_eq!(level_of_request(flow, &late), Level::Must);
            assert_eq!(level_of_request(flow, &cut), Level::Should);
        }
    }
}
