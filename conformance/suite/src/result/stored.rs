//! Defines the stored result and its cases, and reads them from JSON.

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

/// The version of the stored format that this crate reads and writes.
const FORMAT: u32 = 1;

/// The result of a command, in the form that `--report-json` writes.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub struct StoredResult {
    /// The version of the format, for example 1.
    pub format: u32,
    /// The program that stored the result.
    pub tool: Tool,
    /// The name and version of the testee.
    pub subject: About,
    /// The name of the command, for example `run`.
    pub command: String,
    /// The time, command and machine of the run. Results from older versions do not contain this
    /// key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invocation: Option<Invocation>,
    /// Whether a violated SHOULD rule counts as a failure, like a violated MUST rule.
    #[serde(default, skip_serializing_if = "Not::not")]
    pub strict: bool,
    /// Whether the run was interrupted. The result is then incomplete.
    #[serde(default, skip_serializing_if = "Not::not")]
    pub interrupted: bool,
    /// Whether the capture contains packets. If so, the `line` of a finding is the number of a
    /// packet.
    #[serde(default, skip_serializing_if = "Not::not")]
    pub packets: bool,
    /// The folder of the fixtures, or `None` for the embedded fixtures. The path is not stored
    /// because the folder may have a different path on a reader's machine.
    #[serde(skip)]
    pub fixtures: Option<PathBuf>,
    /// The number of cases for each outcome. Outcomes without cases are omitted. For a capture, the
    /// map contains the numbers of messages and findings.
    pub totals: BTreeMap<String, usize>,
    /// The cases, in the order of their ids.
    pub cases: Vec<StoredCase>,
    /// The findings of `lint`, in the order in which they were found.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<Finding>,
    /// Notes on the result as a whole, each of which is a sentence.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// The names of required operations that the testee does not support.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missing_ops: Vec<String>,
    /// The exercised and the unexercised requirements of the profile, or `None` if the command did
    /// not judge a capture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exercised: Option<Exercised>,
    /// The sessions of the devices in a capture. Long sessions are shortened.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sessions: Vec<StoredSession>,
}

/// The requirements of the profile, grouped by whether a capture has exercised them. A requirement
/// is exercised if a peer had the opportunity to violate it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Exercised {
    /// The ids of the exercised requirements.
    pub seen: Vec<String>,
    /// The ids of the unexercised requirements.
    pub not_seen: Vec<String>,
}

impl Exercised {
    /// Creates a value from the ids of the exercised and the unexercised requirements.
    #[must_use]
    pub fn new(seen: &[&str], not_seen: &[&str]) -> Self {
        let owned = |ids: &[&str]| ids.iter().map(|&id| id.to_owned()).collect();
        Self { seen: owned(seen), not_seen: owned(not_seen) }
    }
}

impl fmt::Display for Exercised {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { seen, not_seen } = self;
        write!(f, "{} of {} requirements exercised", seen.len(), seen.len() + not_seen.len())?;
        if not_seen.is_empty() {
            return Ok(());
        }
        write!(f, "; not exercised: {}", not_seen.join(", "))
    }
}

/// The name and version of the program that stored a result.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Tool {
    /// The name of the program, `iothub-conformance`.
    pub name: String,
    /// The version of the program.
    pub version: String,
}

/// The stored result of one case or scenario, with the texts that reports show.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub struct StoredCase {
    /// The id of the case, for example `decode/enc-4/type-twice/documented`.
    pub id: String,
    /// The ids of the requirements that the case tests, the main requirement first.
    pub requirements: Vec<String>,
    /// The level of the case: whether it tests a MUST rule or a SHOULD rule.
    pub level: Level,
    /// The outcome of the case, for example `timed-out`.
    pub outcome: Outcome,
    /// The difference between the answer and the verdict, or an empty string if there is none.
    pub detail: String,
    /// A short description of the input.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub title: String,
    /// The request, in words.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub request: String,
    /// The findings of a scenario. Cases of `run` have no findings.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<Finding>,
    /// The input of the request as text, or `None` for a trace and for a live scenario.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input: Option<Marked>,
    /// The messages of a trace, or the messages and transfers of a live scenario. Other cases have
    /// no events.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub events: Vec<StoredEvent>,
    /// The right answer, in words.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub expected: String,
    /// The answer of the testee, or an empty string if the answer was right or is missing.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub answered: String,
    /// The reason for the verdict.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
    /// The duration of the scenario, or the time between the previous answer and this answer, in
    /// seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seconds: Option<f64>,
}

impl StoredCase {
    /// Creates a case with these values. All other fields are empty.
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
            findings: Vec::new(),
            input: None,
            events: Vec::new(),
            expected: String::new(),
            answered: String::new(),
            reason: String::new(),
            seconds: None,
        }
    }

    /// Returns the ids of the requirements under which a report shows the case. These are the
    /// requirements in the findings of the case, errors first. If no finding names a requirement,
    /// the ids are those of the requirements that the case tests.
    #[must_use]
    pub fn shown_requirements(&self) -> Vec<&str> {
        let mut broken: Vec<(Level, &str)> = self
            .findings
            .iter()
            .map(|finding| (finding.level, &*finding.requirement))
            .filter(|(_, requirement)| !requirement.is_empty())
            .collect();
        broken.sort_by_key(|(level, _)| *level);
        let mut shown: Vec<&str> = Vec::new();
        for (_, requirement) in broken {
            if !shown.contains(&requirement) {
                shown.push(requirement);
            }
        }
        if shown.is_empty() {
            self.requirements.iter().map(String::as_str).collect()
        } else {
            shown
        }
    }

    /// Returns the id of the main requirement, or an empty string if the case has none.
    #[must_use]
    pub fn main_requirement(&self) -> &str {
        self.requirements.first().map_or("", String::as_str)
    }
}

impl StoredResult {
    /// Creates a result of a command, with no cases, totals or findings.
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

    /// Parses a stored result.
    ///
    /// # Errors
    ///
    /// Returns an explanation if the text is not JSON, is not a stored result, or has a different
    /// version of the format.
    pub fn from_json(json: &[u8]) -> Result<Self, String> {
        /// The version of the format, which is checked before the rest is parsed.
        #[derive(Deserialize)]
        struct Version {
            format: u32,
        }
        match serde_json::from_slice::<Version>(json) {
            Ok(Version { format: FORMAT }) => {}
            Ok(Version { format }) => {
                return Err(format!(
                    "it is a stored result of format {format}, but this version reads format {FORMAT}"
                ));
            }
            Err(error) => {
                return Err(format!(
                    "it is not a stored result as written by --report-json: {error}"
                ));
            }
        }
        serde_json::from_slice(json)
            .map_err(|error| format!("it is not a stored result of format {FORMAT}: {error}"))
    }

    /// Sets the totals to the number of cases with each outcome.
    pub fn count(&mut self) {
        self.totals.clear();
        for case in &self.cases {
            *self.totals.entry(case.outcome.as_str().to_owned()).or_default() += 1;
        }
    }

    /// Returns the name and the version of the testee.
    #[must_use]
    pub fn subject_line(&self) -> String {
        self.subject.to_string().trim().to_owned()
    }

    /// Returns the number of cases with this outcome.
    #[must_use]
    pub fn total(&self, outcome: Outcome) -> usize {
        self.totals.get(outcome.as_str()).copied().unwrap_or_default()
    }

    /// Returns the unit in which a capture is numbered: `line` or `packet`.
    #[must_use]
    pub const fn unit(&self) -> &'static str {
        if self.packets { "packet" } else { "line" }
    }

    /// Returns the number of judged messages in a capture and the numbers of errors and warnings.
    #[must_use]
    pub fn capture_totals(&self) -> (usize, [usize; 2]) {
        let total = |what: &str| self.totals.get(what).copied().unwrap_or_default();
        (total("messages"), [total("must"), total("should")])
    }

    /// Returns the numbers of findings in a capture for each responsible side. These numbers are 0
    /// for results from older versions, which contain only the sums over all sides.
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

    /// Stores the numbers of findings in a capture for each responsible side, and the sums over all
    /// sides.
    pub fn set_finding_counts(&mut self, counts: &FindingCounts) {
        for level in [Level::Must, Level::Should] {
            self.totals.insert(level.to_string(), counts.all(level));
            for side in Side::ALL {
                self.totals.insert(format!("{side}-{level}"), counts.of(side, level));
            }
        }
    }

    /// Returns the conclusion: passed, failed or incomplete.
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

    /// Returns whether a case failed, a required operation is missing, or a finding counts as a
    /// failure.
    #[must_use]
    pub fn has_failed(&self) -> bool {
        // The totals are used because the list of findings may be incomplete.
        let (_, [must, should]) = self.capture_totals();
        self.cases.iter().any(|case| case.outcome.is_failure())
            || !self.missing_ops.is_empty()
            || must > 0
            || (self.strict && should > 0)
    }
}
