//! The stored result and its cases.

use std::{collections::BTreeMap, fmt, ops::Not, path::PathBuf};

use serde::{Deserialize, Serialize};

use super::{
    conclusion::Conclusion,
    counts::FindingCounts,
    event::{StoredEvent, StoredSession},
    finding::Finding,
    invocation::Invocation,
    marked::Marked,
    outcome::Outcome,
    side::Side,
};
use crate::{About, Level};

/// The name of the program that stores results.
const TOOL: &str = "iothub-conformance";

/// The version of the model.
const FORMAT: u32 = 1;

/// What a run led to.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub struct StoredResult {
    /// The version of this model.
    pub format: u32,
    /// Who ran it.
    pub tool: Tool,
    /// What was under test.
    pub subject: About,
    /// The command that made it, such as `run`.
    pub command: String,
    /// When, where and how it was made; results of older versions do not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invocation: Option<Invocation>,
    /// SHOULD counts like MUST.
    #[serde(default, skip_serializing_if = "Not::not")]
    pub strict: bool,
    /// It was interrupted: this is what there was until then.
    #[serde(default, skip_serializing_if = "Not::not")]
    pub interrupted: bool,
    /// The capture is one of packets, and these are what is counted as lines.
    #[serde(default, skip_serializing_if = "Not::not")]
    pub packets: bool,
    /// The folder that the fixtures came from, where they are not those built in. It is not stored:
    /// whoever reads the result later may have it elsewhere.
    #[serde(skip)]
    pub fixtures: Option<PathBuf>,
    /// How many cases had each outcome. Outcomes that no case had are left out.
    pub totals: BTreeMap<String, usize>,
    /// The cases, in the order of their ids.
    pub cases: Vec<StoredCase>,
    /// What `lint` found, in the order in which it was found.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<Finding>,
    /// What else there is to say about it as a whole, a sentence each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// Operations that are required, and that the implementation does not have.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missing_ops: Vec<String>,
    /// The requirements that a capture has exercised, and those that it has not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exercised: Option<Exercised>,
    /// What the devices of a capture and their platform said, as far as it is kept.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sessions: Vec<StoredSession>,
}

/// Which requirements of its profile a capture has exercised: those that a peer could have broken
/// in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Exercised {
    /// Their ids.
    pub seen: Vec<String>,
    /// The ids of the others.
    pub not_seen: Vec<String>,
}

impl Exercised {
    /// Of requirements that are split in two.
    #[must_use]
    pub fn new(seen: &[&str], not_seen: &[&str]) -> Self {
        let owned = |ids: &[&str]| ids.iter().map(|&id| id.to_owned()).collect();
        Self { seen: owned(seen), not_seen: owned(not_seen) }
    }
}

impl fmt::Display for Exercised {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { seen, not_seen } = self;
        write!(f, "{} of {} requirements seen", seen.len(), seen.len() + not_seen.len())?;
        if not_seen.is_empty() {
            return Ok(());
        }
        write!(f, "; not seen: {}", not_seen.join(", "))
    }
}

/// This program.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Tool {
    /// `iothub-conformance`.
    pub name: String,
    /// Its version.
    pub version: String,
}

/// What became of one case.
#[derive(Clone, Debug, Serialize, Deserialize)]
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
    /// What it is.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub title: String,
    /// What was asked.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub request: String,
    /// The bytes that it was asked about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input: Option<Marked>,
    /// The messages that it was asked about.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub events: Vec<StoredEvent>,
    /// What the answer must be.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub expected: String,
    /// What the answer was, where it was not the right one.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub answered: String,
    /// Why.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
    /// How many seconds passed between the answer before it and its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seconds: Option<f64>,
}

impl StoredCase {
    /// A case of which no more is known than this.
    #[must_use]
    pub const fn new(
        id: String,
        requirements: Vec<String>,
        level: Level,
        outcome: Outcome,
    ) -> Self {
        Self {
            id,
            requirements,
            level,
            outcome,
            detail: String::new(),
            title: String::new(),
            request: String::new(),
            input: None,
            events: Vec::new(),
            expected: String::new(),
            answered: String::new(),
            reason: String::new(),
            seconds: None,
        }
    }

    /// The requirement that it is mainly about; empty where it is about none.
    #[must_use]
    pub fn main_requirement(&self) -> &str {
        self.requirements.first().map_or("", String::as_str)
    }
}

impl StoredResult {
    /// The result of a command that has no cases, without its totals and findings.
    #[must_use]
    pub fn of_command(command: &str, about: About) -> Self {
        Self {
            format: FORMAT,
            tool: Tool { name: TOOL.to_owned(), version: env!("CARGO_PKG_VERSION").to_owned() },
            subject: about,
            command: command.to_owned(),
            invocation: None,
            strict: false,
            interrupted: false,
            packets: false,
            fixtures: None,
            totals: BTreeMap::new(),
            cases: Vec::new(),
            findings: Vec::new(),
            missing_ops: Vec::new(),
            notes: Vec::new(),
            exercised: None,
            sessions: Vec::new(),
        }
    }

    /// Reads a stored result.
    ///
    /// # Errors
    ///
    /// What is wrong, in words: no JSON, no stored result, or one of another version.
    pub fn from_json(json: &[u8]) -> Result<Self, String> {
        /// Of whatever version.
        #[derive(Deserialize)]
        struct Version {
            format: u32,
        }
        match serde_json::from_slice::<Version>(json) {
            Ok(Version { format: FORMAT }) => {}
            Ok(Version { format }) => {
                return Err(format!(
                    "it is a stored result of format {format}; this version reads format {FORMAT}"
                ));
            }
            Err(error) => {
                return Err(format!(
                    "it is no stored result, as --report-json writes them: {error}"
                ));
            }
        }
        serde_json::from_slice(json)
            .map_err(|error| format!("it is no stored result of format {FORMAT}: {error}"))
    }

    /// Makes the totals of the cases.
    pub fn count(&mut self) {
        self.totals.clear();
        for case in &self.cases {
            *self.totals.entry(case.outcome.as_str().to_owned()).or_default() += 1;
        }
    }

    /// The name and the version of what was under test.
    #[must_use]
    pub fn subject_line(&self) -> String {
        self.subject.to_string().trim().to_owned()
    }

    /// How many cases had an outcome.
    #[must_use]
    pub fn total(&self, outcome: Outcome) -> usize {
        self.totals.get(outcome.as_str()).copied().unwrap_or_default()
    }

    /// What the lines of a capture are: `line` or `packet`.
    #[must_use]
    pub const fn unit(&self) -> &'static str {
        if self.packets { "packet" } else { "line" }
    }

    /// How many messages of a capture were judged, and how many findings there are about a MUST and
    /// about a SHOULD.
    #[must_use]
    pub fn capture_totals(&self) -> (usize, [usize; 2]) {
        let total = |what: &str| self.totals.get(what).copied().unwrap_or_default();
        (total("messages"), [total("must"), total("should")])
    }

    /// The findings of a capture, by the side at fault. Results of older versions only have the sums.
    #[must_use]
    pub fn finding_counts(&self) -> FindingCounts {
        let mut counts = FindingCounts::default();
        for side in Side::ALL {
            for level in [Level::Must, Level::Should] {
                let key = format!("{side}-{level}");
                counts.put(side, level, self.totals.get(&key).copied().unwrap_or_default());
            }
        }
        counts
    }

    /// Stores how many findings of a capture there are, by the side at fault.
    pub fn set_finding_counts(&mut self, counts: &FindingCounts) {
        for level in [Level::Must, Level::Should] {
            self.totals.insert(level.to_string(), counts.all(level));
            for side in Side::ALL {
                self.totals.insert(format!("{side}-{level}"), counts.of(side, level));
            }
        }
    }

    /// Whether it passed, failed, or leaves something unsaid.
    #[must_use]
    pub fn conclusion(&self) -> Conclusion {
        let is_answered = |case: &StoredCase| matches!(case.outcome, Outcome::Pass | Outcome::Warn);
        let is_empty = self.cases.is_empty() && self.capture_totals().0 == 0;
        if self.has_failed() {
            Conclusion::Failed
        } else if is_empty || self.interrupted || !self.cases.iter().all(is_answered) {
            Conclusion::Incomplete
        } else {
            Conclusion::Passed
        }
    }

    /// Whether a case failed, something that is required is missing, or a finding counts.
    #[must_use]
    pub fn has_failed(&self) -> bool {
        // By the totals, as not all findings may be here.
        let (_, [must, should]) = self.capture_totals();
        self.cases.iter().any(|case| case.outcome.is_failure())
            || !self.missing_ops.is_empty()
            || must > 0
            || (self.strict && should > 0)
    }
}
