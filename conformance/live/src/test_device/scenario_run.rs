//! The state of one scenario with one device.

use std::{io, sync::atomic::AtomicBool, time::Duration};

use iothub_resource::{Direction, Topic};

use super::{
    attempt::Attempt,
    judge::{Judge, TaskEnd},
    options::Options,
    scenario::Scenario,
    scenario_folder::ScenarioFolder,
    strangers::Strangers,
};
use crate::{platform_server::PlatformServer, record::Device};

/// The state of a scenario while it runs.
pub(super) struct ScenarioRun<'a> {
    pub(super) server: &'a mut PlatformServer,
    pub(super) options: &'a Options,
    pub(super) scenario: &'a Scenario,
    pub(super) device: Device,
    pub(super) judge: Judge,
    pub(super) attempt: Attempt,
    pub(super) interrupted: &'a AtomicBool,
    pub(super) folder: ScenarioFolder,
    /// Other devices that sent messages, and other topics on which messages arrived.
    pub(super) strangers: Strangers,
    /// The output of the device, for each start.
    pub(super) outputs: Vec<String>,
    /// Whether the program of the device ended by itself before it had carried out all expected
    /// actions.
    pub(super) program_ended: bool,
}

impl<'a> ScenarioRun<'a> {
    pub(super) fn new(
        server: &'a mut PlatformServer,
        options: &'a Options,
        scenario: &'a Scenario,
        device: Device,
        interrupted: &'a AtomicBool,
    ) -> io::Result<Self> {
        Ok(Self {
            judge: Judge::new(options.profile, device),
            attempt: Attempt::new(scenario.plan.setup.clone(), 0),
            server,
            options,
            scenario,
            device,
            interrupted,
            folder: ScenarioFolder::create()?,
            strangers: Strangers::default(),
            outputs: Vec::new(),
            program_ended: false,
        })
    }

    /// Returns the time for which the device must be quiet before nothing more is expected. For a
    /// slow device, the time is longer.
    pub(super) fn settle(&self) -> Duration {
        self.options.settle.max(self.attempt.slowest_reaction * 3).min(self.options.timeout / 2)
    }

    /// Returns the final report on the main task; `None` before this report.
    pub(super) fn main_end(&self) -> Option<TaskEnd> {
        self.attempt.main_task.and_then(|index| self.judge.tasks[index].end)
    }

    pub(super) fn topic(&self, direction: Direction) -> Topic {
        Topic::new(direction, self.device.0, self.device.1)
    }
}
