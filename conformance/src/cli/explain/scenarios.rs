//! Explains the scenarios for live devices and platforms.

use std::io::Write;

use iothub_resource::Profile;

use super::requirements::{BOLD, show_requirements};
use crate::{
    Fixtures, Level,
    cli::status::Error,
    live::{Scenario, test_device, test_platform},
};

/// A scenario of `device` or `platform`, with the profiles that contain it.
pub(super) struct Explained {
    pub(super) scenario: Scenario<()>,
    /// The command that runs the scenario.
    command: &'static str,
    /// The profiles that contain the scenario, with the level of the scenario in each profile.
    profiles: Vec<(Profile, Level)>,
}

/// Returns all scenarios, each once. If both profiles contain a scenario, its texts are those of
/// the last profile, which is the default of the commands.
pub(super) fn all(fixtures: &Fixtures) -> Vec<Explained> {
    const DEVICE: &str = "device --trigger 'CMD ARG…'";
    const PLATFORM: &str = "platform --broker mqtt://HOST --product-id ID --device-name NAME";
    let mut all: Vec<Explained> = Vec::new();
    for profile in Profile::ALL {
        let devices = test_device::scenarios(profile, &fixtures.cases).into_iter();
        let platforms = test_platform::all(profile).into_iter();
        let scenarios = devices
            .map(|scenario| (DEVICE, with_all_that_is_judged(scenario.without_plan())))
            .chain(platforms.map(|scenario| (PLATFORM, scenario.without_plan())));
        for (command, scenario) in scenarios {
            let level = (profile, scenario.level);
            match all.iter_mut().find(|other| other.scenario.id == scenario.id) {
                Some(other) => {
                    other.scenario = scenario;
                    other.profiles.push(level);
                }
                None => all.push(Explained { scenario, command, profiles: vec![level] }),
            }
        }
    }
    all
}

fn with_all_that_is_judged(mut scenario: Scenario<()>) -> Scenario<()> {
    scenario.expected +=
        " Everything that the device publishes, requests and stores is judged too.";
    scenario
}

impl Explained {
    pub(super) fn explain(&self, fixtures: &Fixtures, out: &mut dyn Write) -> Result<(), Error> {
        let Self { scenario, command, profiles } = self;
        let Scenario { id, requirements, title, expected, reason, .. } = scenario;
        writeln!(out, "{BOLD}{id}{BOLD:#}")?;
        writeln!(out)?;
        writeln!(out, "sets up: {title}")?;
        writeln!(out, "judges: {expected}")?;
        writeln!(out, "reason: {reason}")?;
        let levels: Vec<_> =
            profiles.iter().map(|(profile, level)| format!("{level} in {profile}")).collect();
        writeln!(out, "level: {}", levels.join(", "))?;
        let profile = match profiles[..] {
            [(Profile::Documented, _)] => " --profile documented",
            _ => "",
        };
        writeln!(
            out,
            "to run only this scenario: iothub-conformance {command}{profile} --filter \
        {id}"
        )?;
        show_requirements(requirements, fixtures, out)
    }
}
