//! Checks of the actions of a device that waits for an answer, and comparisons of its two starts.

use std::{path::Path, time::Duration};

use iothub_resource::{Profile, Transfer};
use tokio::time::Instant;

use super::{
    attempt::Attempt,
    launch::ExitState,
    scenario::{SecondStart, TaskResponse},
    scenario_run::ScenarioRun,
};
use iothub_conformance_suite::{Level, redact};

/// The values from the first start of the device that are compared with the second start.
pub(super) struct FirstStart {
    main_task: Option<usize>,
    reaction: Option<Duration>,
}

impl ScenarioRun<'_> {
    /// Returns whether the device is connected. With an existing broker, returns whether the
    /// program of the device still runs.
    pub(super) fn is_there(&self, exit_state: Option<&ExitState>) -> bool {
        self.server.endpoint().map_or(exit_state.is_none(), |endpoint| endpoint.clients() > 0)
    }

    /// Checks that a device whose request was lost does not wait forever, but repeats the request
    /// or ends.
    pub(super) fn check_silence(&mut self, is_there: bool) {
        let is_lost = matches!(self.attempt.setup.response, TaskResponse::LostOnce);
        if is_lost && self.attempt.requests == 1 && is_there {
            let seconds = self.options.timeout.as_secs_f32();
            let detail =
                format!("it has neither repeated its request nor ended within {seconds} s");
            self.judge.find(None, "waits-forever", "", Level::Should, detail);
        }
    }

    /// Records the time until which the store does not read the body that begins now.
    pub(super) fn note_hold(&mut self) {
        let is_held = self.attempt.setup.store.first().is_some_and(|fault| fault.holds_body());
        if let (Some(main), true) = (self.attempt.main_task, is_held) {
            let until = self.judge.transfers.now + self.options.slow();
            self.judge.tasks[main].held_until.get_or_insert(until);
        }
    }

    /// Checks that the device does not report 100% too early. Before the store reads a body that
    /// exceeds all buffers on the way, the device cannot have sent the whole body.
    pub(super) fn check_percent(&mut self) {
        let Some(task) = self.attempt.main_task.map(|index| &self.judge.tasks[index]) else {
            return;
        };
        if let (Some((at, event)), Some(until)) = (task.full, task.held_until)
            && task.transfer == Transfer::Upload
            // In the documented profile, a report of 100% is final.
            && self.options.profile == Profile::Deployed
            && at < until
        {
            let detail = "it reports 100% before the store has read any byte of the body";
            self.judge.find(Some(event), "percent-too-early", "VAL-5", Level::Should, detail);
        }
    }

    /// Returns the values of the first start, for the comparison with the second start.
    pub(super) fn first_start(&self) -> FirstStart {
        FirstStart { main_task: self.attempt.main_task, reaction: self.attempt.reaction }
    }

    /// Compares the two starts of the device if the second start differs from the first.
    pub(super) fn compare(&mut self, first: &FirstStart) {
        match self.scenario.plan.setup.second_start {
            SecondStart::Same => {}
            SecondStart::Other(file) => self.check_names(first, file.name),
            SecondStart::OtherRefusal => self.check_refusals(first),
        }
    }

    /// Checks that the device uploads two files under different names. With the same name, the
    /// second file replaces the first file. A name that does not come from the file is not checked,
    /// because a sample program may have a fixed name for its only file.
    fn check_names(&mut self, first: &FirstStart, other: &str) {
        let stem = |name| Path::new(name).file_stem().map(ToOwned::to_owned);
        let file = self.scenario.plan.setup.resource.name;
        let (Some(one), Some(two)) = (first.main_task, self.attempt.main_task) else { return };
        let (one, two) = (&self.judge.tasks[one], &self.judge.tasks[two]);
        let is_of_file = stem(file).is_some_and(|stem| {
            stem.to_str().is_some_and(|stem| one.resource.name.as_str().contains(stem))
        });
        if one.transfer == Transfer::Upload
            && file != other
            && stem(file) == stem(other)
            && one.resource.name == two.resource.name
            && is_of_file
        {
            let name = redact::quoted(one.resource.name.as_str());
            let detail = format!(
                "it uploads both {file} and {other} as {name}, so the second file replaces \
                 the first file"
            );
            self.judge.find(None, "same-name", "SES-10", Level::Should, detail);
        }
    }

    /// Compares the first start, whose last report was refused with -1, with the second start,
    /// whose last report was refused with a different code.
    fn check_refusals(&mut self, first: &FirstStart) {
        let (Some(one), Some(two)) = (first.reaction, self.attempt.reaction) else { return };
        // A busy machine makes a device slow, too.
        if one > two + self.options.slow() * 2 {
            let detail = format!(
                "it continues for {one:.1?} after the code -1 in the answer to its last report, \
                 but only for {two:.1?} after a different code: it treats -1 as a missing answer"
            );
            self.judge.find(None, "taken-for-silence", "VAL-7", Level::Should, detail);
        }
    }

    /// Records the time from the answer to the last report until the next action or the end of the
    /// device. Call this method before the device is ended.
    pub(super) fn note_reaction(&mut self) {
        let Attempt { end_answered, exited, left, reacted, .. } = &self.attempt;
        let Some(answered) = *end_answered else { return };
        let later = |when: &Option<Instant>| when.filter(|when| *when >= answered);
        let next = [exited, left, reacted].into_iter().filter_map(later).min();
        self.attempt.reaction = next.map(|next| next.duration_since(answered));
    }

    /// Records bytes that were transferred since the last call, so that a device with a slow
    /// transfer does not count as quiet.
    pub(super) fn note_bytes(&mut self) {
        let bytes = self.server.http.body_bytes();
        if bytes != std::mem::replace(&mut self.attempt.body_bytes, bytes) {
            self.attempt.stir();
        }
    }

    /// Records that the last report of the main task was answered.
    pub(super) fn end_answered(&mut self) {
        self.attempt.end_answered.get_or_insert_with(Instant::now);
    }
}
