//! The result of a command, as data: the one model that every report is made from.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::{About, CaseResult, Level, Outcome};

/// The version of the model.
const FORMAT: u32 = 1;

/// What a run led to.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct StoredResult {
    /// The version of this model.
    pub format: u32,
    /// Who ran it.
    pub tool: Tool,
    /// What was under test.
    pub subject: Subject,
    /// The command that made it, such as `run`.
    pub command: String,
    /// How many cases had each outcome. Outcomes that no case had are left out.
    pub totals: BTreeMap<&'static str, usize>,
    /// The cases, in the order of their ids.
    pub cases: Vec<StoredCase>,
    /// What `lint` found, in the order in which it was found.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<StoredFinding>,
}

/// This program.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Tool {
    /// `iothub-conformance`.
    pub name: String,
    /// Its version.
    pub version: String,
}

/// What was under test.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Subject {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
}

/// What became of one case.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct StoredCase {
    /// The case.
    pub id: String,
    /// The requirements it is about, the main one first.
    pub requirements: Vec<String>,
    /// MUST or SHOULD.
    pub level: Level,
    /// What became of it.
    pub outcome: Outcome,
    /// What differs; empty where nothing does.
    pub detail: String,
}

/// One finding about a capture.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct StoredFinding {
    /// The line, from 1; in a capture of packets, the packet.
    pub line: usize,
    /// The topic of the message; empty where there is none.
    pub topic: String,
    /// What is wrong, in a word, such as `after-end`.
    pub code: String,
    /// MUST or SHOULD.
    pub level: Level,
    /// The rule that is not met; empty where it is none of the protocol.
    pub requirement: String,
    /// What is wrong and what was expected, in a sentence; in the next line, the message.
    pub detail: String,
}

impl StoredResult {
    /// The result of a command that has no cases, without its totals and findings.
    #[must_use]
    pub fn of_command(command: &str, about: About) -> Self {
        Self {
            format: FORMAT,
            tool: Tool {
                name: env!("CARGO_PKG_NAME").to_owned(),
                version: env!("CARGO_PKG_VERSION").to_owned(),
            },
            subject: Subject { name: about.name, version: about.version },
            command: command.to_owned(),
            totals: BTreeMap::new(),
            cases: Vec::new(),
            findings: Vec::new(),
        }
    }

    /// The result of `run`.
    #[must_use]
    pub fn of_run(about: About, results: &[CaseResult<'_>]) -> Self {
        let mut totals = BTreeMap::new();
        for result in results {
            *totals.entry(result.judged.outcome.as_str()).or_default() += 1;
        }
        let cases = results
            .iter()
            .map(|CaseResult { case, judged }| StoredCase {
                id: case.id.clone(),
                requirements: case.requirements.clone(),
                level: case.level,
                outcome: judged.outcome,
                detail: judged.detail.clone(),
            })
            .collect();
        Self { totals, cases, ..Self::of_command("run", about) }
    }

    /// How many cases had an outcome.
    #[must_use]
    pub fn total(&self, outcome: Outcome) -> usize {
        self.totals.get(outcome.as_str()).copied().unwrap_or_default()
    }

    /// Whether a case failed.
    #[must_use]
    pub fn has_failed(&self) -> bool {
        self.cases.iter().any(|case| case.outcome.is_failure())
    }
}
