//! The time, command and machine of a run.

use serde::{Deserialize, Serialize};

/// The time, command and machine of a run, for display in reports.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Invocation {
    /// The time at which the run began, for example `2026-11-27T12:00:00Z`.
    pub started: String,
    /// The duration of the run in seconds.
    pub seconds: f64,
    /// The command as it was typed, without passwords.
    pub command_line: String,
    /// The command to which you add `--filter ID` to run one case alone, or an empty string if the
    /// command has no cases.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub replay: String,
    /// The profile, or `None` if the run was not limited to one profile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
    /// The seed of the random numbers, or `None` if the command has no seed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
    /// The machine on which the command ran, for example `linux x86_64, 2 processors`.
    pub machine: String,
}

impl Invocation {
    /// Creates the description of a run that has just ended.
    #[must_use]
    pub fn new(started: String, seconds: f64, command_line: String, machine: String) -> Self {
        Self { started, seconds, command_line, machine, ..Self::default() }
    }

    /// Returns the facts about the run that reports show, each with its name.
    #[must_use]
    pub fn facts(&self) -> Vec<(&'static str, String)> {
        let Self { started, seconds, command_line, profile, seed, machine, .. } = self;
        let mut facts = vec![
            ("Command", command_line.clone()),
            ("Started", started.clone()),
            ("Took", crate::excerpt::duration(*seconds)),
        ];
        facts.extend(profile.clone().map(|profile| ("Profile", profile)));
        facts.extend(seed.map(|seed| ("Seed", seed.to_string())));
        facts.push(("Machine", machine.clone()));
        facts
    }
}
