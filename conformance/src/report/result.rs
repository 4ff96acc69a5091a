//! The result of a run, as data: the one model that every report is made from.

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

impl StoredResult {
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
        Self {
            format: FORMAT,
            tool: Tool {
                name: env!("CARGO_PKG_NAME").to_owned(),
                version: env!("CARGO_PKG_VERSION").to_owned(),
            },
            subject: Subject { name: about.name, version: about.version },
            command: "run".to_owned(),
            totals,
            cases,
        }
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
