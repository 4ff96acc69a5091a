//! One test of a live device or a live platform.

use std::time::Duration;

use iothub_conformance_suite::{
    Level, Listed, Outcome,
    result::{StoredCase, StoredEvent},
};

/// One thing that is tried with a device or with a platform; `P` is how it is played.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Scenario<P> {
    /// Stable, never reused, such as `upload/store/fails`.
    pub id: String,
    /// The requirements it is about, the main one first.
    pub requirements: Vec<String>,
    /// Whether it is about a MUST or a SHOULD.
    pub level: Level,
    /// What is set up or tried.
    pub title: String,
    /// What the device or platform has to do.
    pub expected: String,
    /// Why that is worth a test.
    pub reason: String,
    /// How it is played.
    pub plan: P,
}

impl<P> Scenario<P> {
    /// What it is, without how it is played: for lists of both kinds.
    #[must_use]
    pub fn without_plan(self) -> Scenario<()> {
        let Self { id, requirements, level, title, expected, reason, .. } = self;
        Scenario { id, requirements, level, title, expected, reason, plan: () }
    }

    /// What came of it, as the stored result has it.
    pub(crate) fn stored(
        &self,
        outcome: Outcome,
        detail: String,
        events: Vec<StoredEvent>,
        took: Duration,
    ) -> StoredCase {
        let Self { id, requirements, level, title, expected, reason, .. } = self;
        let mut stored = StoredCase::new(id.clone(), requirements.clone(), *level, outcome);
        stored.detail = detail;
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
