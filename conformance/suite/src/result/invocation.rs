//! When, where and how a result was made.

use serde::{Deserialize, Serialize};

/// When, where and how a result was made, for those who read it later.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Invocation {
    /// When it began, such as `2026-11-27T12:00:00Z`.
    pub started: String,
    /// How long it took.
    pub seconds: f64,
    /// The command as it was typed, without passwords.
    pub command_line: String,
    /// The command that runs one case alone, once `--filter ID` is added.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub replay: String,
    /// The profile, where only one was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
    /// Where chance began, if there was any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
    /// The system that it ran on.
    pub machine: String,
}

impl Invocation {
    /// What has just ended.
    #[must_use]
    pub fn new(started: String, seconds: f64, command_line: String, machine: String) -> Self {
        Self { started, seconds, command_line, machine, ..Self::default() }
    }

    /// The facts for reports, each with its name.
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
