//! Actions of a device at the broker that affect other clients.

use iothub_resource::Direction;

use super::scenario_run::ScenarioRun;
use crate::mqtt::Publish;
use iothub_conformance_suite::{Level, result::Lane};

impl ScenarioRun<'_> {
    /// Adds a finding for a message with RETAIN, because a broker may deliver it again to each
    /// later subscriber. `at` is the number of the message in the log.
    pub(super) fn check_retain(&mut self, at: usize, message: &Publish) {
        if message.retain && !self.judge.explained.retain {
            let detail = "it publishes with RETAIN, so a broker may deliver the message again to \
                          each later subscriber";
            self.judge.find(Some(at), "retained", "TOP-1", Level::Should, detail);
        }
    }

    /// Adds a finding for a filter with a wildcard, because such a filter can also match topics of
    /// other devices.
    pub(super) fn check_filter(&mut self, filter: &str) {
        if filter.contains(['+', '#']) {
            let label = format!("subscribes to {filter}");
            let at = self.judge.note(Lane::Device, Lane::Platform, label);
            let expected = self.topic(Direction::Down);
            let detail = format!(
                "it subscribes to {filter}, although a wildcard can match topics of other devices: \
                 expected {expected}"
            );
            self.judge.find(Some(at), "wildcard-filter", "TOP-2", Level::Should, detail);
        }
    }
}
