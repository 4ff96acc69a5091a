//! The scenarios of live devices and platforms.

use std::{io::Write, mem};

use iothub_resource::Profile;

use super::requirements::{BOLD, show_requirements};
use crate::{
    Fixtures, Level,
    cli::status::Error,
    live::{test_device, test_platform},
};

/// A scenario, as it is explained.
pub(super) struct Explained {
    pub(super) id: String,
    /// What plays it, as one types it.
    command: &'static str,
    requirements: Vec<String>,
    /// The profiles that have it, and how much it matters there.
    profiles: Vec<(Profile, Level)>,
    title: String,
    expected: String,
    reason: String,
}

/// All scenarios, each once.
pub(super) fn all(fixtures: &Fixtures) -> Vec<Explained> {
    let mut all = Vec::new();
    for profile in Profile::ALL {
        for scenario in test_device::scenarios(profile, &fixtures.cases) {
            let expected = format!(
                "{}; all that the device publishes, asks for and keeps is judged besides",
                scenario.expected()
            );
            let test_device::Scenario { id, requirements, level, title, reason, .. } = scenario;
            let explained = Explained {
                id,
                command: "device --trigger 'CMD ARG…'",
                requirements,
                profiles: vec![(profile, level)],
                title,
                expected,
                reason,
            };
            add(&mut all, explained);
        }
        for scenario in test_platform::all(profile) {
            let test_platform::Scenario {
                id, requirements, level, title, expected, reason, ..
            } = *scenario;
            let explained = Explained {
                id: id.to_owned(),
                command: "platform --broker mqtt://HOST --product-id ID --device-name NAME",
                requirements: requirements.iter().map(|&id| id.to_owned()).collect(),
                profiles: vec![(profile, level)],
                title: title.to_owned(),
                expected: expected.to_owned(),
                reason: reason.to_owned(),
            };
            add(&mut all, explained);
        }
    }
    all
}

/// Of one that both profiles have, the words are those of the last one, which is the default of
/// the commands.
fn add(all: &mut Vec<Explained>, mut scenario: Explained) {
    match all.iter_mut().find(|other| other.id == scenario.id) {
        Some(other) => {
            let mut profiles = mem::take(&mut other.profiles);
            profiles.append(&mut scenario.profiles);
            *other = Explained { profiles, ..scenario };
        }
        None => all.push(scenario),
    }
}

impl Explained {
    pub(super) fn explain(&self, fixtures: &Fixtures, out: &mut dyn Write) -> Result<(), Error> {
        let Self { id, command, requirements, profiles, title, expected, reason } = self;
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
        writeln!(out, "run only it: iothub-conformance {command}{profile} --filter {id}")?;
        show_requirements(requirements, fixtures, out)
    }
}
