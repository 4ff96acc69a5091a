//! Cases: requests with their right answers, and the requirements that they test.

mod judge;

use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use self::judge::{Answered, Judge, Judged};
use crate::{
    Level,
    implementation::{Accepted, Request},
};

/// One case: a request and the answer of a conforming implementation.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Case {
    /// The id, for example `decode/enc-4/type-twice/documented`. It never changes and is never
    /// reused.
    pub id: String,
    /// The ids of the requirements that the case tests, the main requirement first.
    pub requirements: Vec<String>,
    /// Whether the case tests a MUST or a SHOULD.
    pub level: Level,
    /// A short description of the input.
    pub title: String,
    /// The request that the testee receives.
    pub request: Request,
    /// The right answer to the request.
    pub verdict: Verdict,
    /// The reason for the verdict.
    pub reason: String,
    /// The source of the verdict: `doc-en`, `doc-zh`, `platform`, `rfc`, `sdk` or `ruling`.
    pub source: String,
    /// The first version of the data that contains this case, for example `0.1.0`.
    pub since: String,
    /// The path of the file with the bytes of the request, or `None` if the manifest contains these
    /// bytes.
    pub file: Option<String>,
}

impl Case {
    /// Creates a case that has only a request, a verdict and a level.
    #[must_use]
    pub const fn unnamed(request: Request, verdict: Verdict, level: Level) -> Self {
        Self {
            id: String::new(),
            requirements: Vec::new(),
            level,
            title: String::new(),
            request,
            verdict,
            reason: String::new(),
            source: String::new(),
            since: String::new(),
            file: None,
        }
    }

    /// Returns whether the case tests the requirement with this id. The id may be uppercase or
    /// lowercase.
    #[must_use]
    pub fn is_about(&self, requirement: &str) -> bool {
        self.requirements.iter().any(|id| id.eq_ignore_ascii_case(requirement))
    }

    /// Returns the id of the main requirement, or an empty string if the case has no requirements.
    #[must_use]
    pub fn main_requirement(&self) -> &str {
        self.requirements.first().map_or("", String::as_str)
    }
}

/// The answer of a conforming implementation: accept with a result, or reject with a code.
#[derive(Clone, Debug)]
#[allow(clippy::exhaustive_enums, reason = "an input is valid or not")]
pub enum Verdict {
    /// The input is valid. The answer must contain this result.
    Accept(Expected),
    /// The input is invalid.
    Reject {
        /// The code of the rejection or of the finding, for example `invalid-json`.
        code: String,
        /// The index of the first offending event in a trace, from 0, or `None` for other requests.
        at: Option<usize>,
    },
}

/// The result for a valid input.
#[derive(Clone, Debug)]
#[allow(clippy::exhaustive_enums, reason = "only a request to encode has several right answers")]
pub enum Expected {
    /// This result and no other.
    Exactly(Accepted),
    /// A payload that decodes to this message, without anything that only the `deployed` profile
    /// accepts.
    PayloadOf(Value),
}

/// One rule of the specification, as `requirements.json` contains it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Requirement {
    /// The id, for example `ENC-4`.
    pub id: String,
    /// The section of the specification, for example `Sessions`.
    pub section: String,
    /// Whether the rule is a MUST or a SHOULD.
    pub level: Level,
    /// The profiles to which the rule applies: `documented`, `deployed` or both.
    pub profiles: Vec<String>,
    /// The text of the rule in the specification.
    pub text: String,
    /// The source of the rule: `doc`, `platform`, `sdk`, `rfc` or `ruling`.
    pub source: String,
    /// The source in words, for example `sdk (its documentation says lowercase)`.
    pub source_detail: String,
    /// The codes of the rejections and findings for a violation.
    pub codes: Vec<String>,
    /// The part of the suite that checks the rule: `fixtures`, `lint` or `live`.
    pub checked_by: String,
}
