//! The rows of the tables and the values that most rows share.

use iothub_resource::Profile;

use crate::test_device::scenario::{DevicePlan, Expectation, Flow, Scenario, Setup, TestFile};
use iothub_conformance_suite::Level;

/// A size in bytes that is large enough for a transfer to be cut in the middle.
const MEDIUM: u64 = 96 * 1024 + 1;

/// The id, requirements and texts of a scenario.
#[derive(Clone, Copy)]
pub(super) struct Row<'a> {
    /// The id without the flow at its beginning.
    pub(super) id: &'a str,
    /// The ids of the requirements, separated by spaces, with the main requirement first.
    pub(super) requirements: &'a str,
    pub(super) title: &'a str,
    pub(super) reason: &'a str,
}

/// The table under construction.
pub(super) struct Table {
    pub(super) profile: Profile,
    scenarios: Vec<Scenario>,
}

impl Table {
    pub(super) const fn new(profile: Profile) -> Self {
        Self { profile, scenarios: Vec::new() }
    }

    pub(super) fn into_scenarios(self) -> Vec<Scenario> {
        self.scenarios
    }

    pub(super) fn add(&mut self, flow: Flow, row: Row<'_>, setup: Setup) {
        let Row { id, requirements, title, reason } = row;
        let level = match (setup.certificate, setup.expectation) {
            (Some(certificate), _) => certificate.level(),
            (None, Expectation::Done) => setup.done_level,
            (None, _) => Level::Must,
        };
        self.scenarios.push(Scenario {
            id: format!("{}/{id}", flow.as_str()),
            requirements: requirements.split(' ').map(str::to_owned).collect(),
            level,
            title: title.to_owned(),
            expected: setup.expected().to_owned(),
            reason: reason.to_owned(),
            plan: DevicePlan { flow, setup },
        });
    }

    /// Returns SHOULD in the deployed profile, because deployed devices are known to fail here.
    /// Returns MUST in the documented profile.
    pub(super) const fn advised(&self) -> Level {
        match self.profile {
            Profile::Documented => Level::Must,
            Profile::Deployed => Level::Should,
        }
    }
}

/// The level of a finding if the transfer fails.
#[derive(Clone, Copy)]
pub(super) enum Insistence {
    Must,
    Should,
    /// SHOULD in the deployed profile, because deployed devices are known to fail here. MUST in the
    /// documented profile.
    Advised,
}

impl Insistence {
    pub(super) const fn level(self, table: &Table) -> Level {
        match self {
            Self::Must => Level::Must,
            Self::Should => Level::Should,
            Self::Advised => table.advised(),
        }
    }
}

/// Returns the setup of a successful transfer of the usual size.
pub(super) const fn usual() -> Setup {
    Setup::well(TestFile::new("zxc.txt", 12_000))
}

/// Returns the setup of a successful transfer that is large enough to be cut in the middle.
pub(super) const fn medium() -> Setup {
    Setup::well(TestFile::new("zxc.txt", MEDIUM))
}

/// Returns the requirement for the message that answers a request.
pub(super) const fn response_of(flow: Flow) -> &'static str {
    match flow {
        Flow::Upload => "MSG-2",
        Flow::Download => "MSG-6",
    }
}
