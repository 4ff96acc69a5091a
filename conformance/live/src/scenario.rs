//! Scenarios: the tests of live devices and live platforms.

use std::time::Duration;

use iothub_conformance_suite::{
    Level, Listed, Outcome,
    result::{Finding, StoredCase, StoredEvent},
};

/// One test of a device or a platform. `P` is the type of the plan.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Scenario<P> {
    /// The id, which stays the same and is never reused, for example `upload/store/fails`.
    pub id: String,
    /// The ids of the tested requirements, the main requirement first.
    pub requirements: Vec<String>,
    /// The level of the tested rule: MUST or SHOULD.
    pub level: Level,
    /// The situation that the scenario creates, as a noun phrase.
    pub title: String,
    /// The required behaviour of the device or platform.
    pub expected: String,
    /// The reason why the situation matters.
    pub reason: String,
    /// The plan, which controls how the scenario is run.
    pub plan: P,
}

impl<P> Scenario<P> {
    /// Returns the scenario without its plan, for lists of device and platform scenarios alike.
    #[must_use]
    pub fn without_plan(self) -> Scenario<()> {
        let Self { id, requirements, level, title, expected, reason, .. } = self;
        Scenario { id, requirements, level, title, expected, reason, plan: () }
    }

    /// Returns the result of the scenario as a stored case.
    pub(crate) fn stored(
        &self,
        outcome: Outcome,
        detail: String,
        findings: Vec<Finding>,
        events: Vec<StoredEvent>,
        took: Duration,
    ) -> StoredCase {
        let Self { id, requirements, level, title, expected, reason, .. } = self;
        let mut stored = StoredCase::new(id.clone(), requirements.clone(), *level, outcome);
        (stored.detail, stored.findings) = (detail, findings);
        stored.title.clone_from(title);
        stored.events = events;
        stored.expected.clone_from(expected);
        stored.reason.clone_from(reason);
        stored.seconds = Some(took.as_secs_f64());
        stored
    }
}

impl<P> Listed for Scenario<P> {
    fn id(&self) -> &str {
        &self.id
    }

    fn requirements(&self) -> impl Iterator<Item = &str> {
        self.requirements.iter().map(String::as_str)
    }

    fn level(&self) -> Level {
        self.level
    }

    fn title(&self) -> &str {
        &self.title
    }
}
