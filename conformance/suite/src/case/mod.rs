//! What is asked, what the answer must be, and the requirements that say so.

mod judge;

use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use self::judge::{Answered, Judge, Judged};
use crate::{
    Level,
    implementation::{Accepted, Request},
};

/// One case: a request and what a conforming implementation answers.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Case {
    /// Stable, never reused.
    pub id: String,
    /// The requirements it is about, the main one first.
    pub requirements: Vec<String>,
    /// Whether it is about a MUST or a SHOULD.
    pub level: Level,
    /// What it is.
    pub title: String,
    /// What is asked.
    pub request: Request,
    /// What the answer must be.
    pub verdict: Verdict,
    /// Why.
    pub reason: String,
    /// Who says so.
    pub source: String,
    /// The version of the data that it came with.
    pub since: String,
    /// The file that its bytes stand in, if they do not stand in the manifest.
    pub file: Option<String>,
}

impl Case {
    /// A case without a name, a requirement and a reason.
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

    /// Whether it is about a requirement, whose id may be in upper or lower case.
    #[must_use]
    pub fn is_about(&self, requirement: &str) -> bool {
        self.requirements.iter().any(|id| id.eq_ignore_ascii_case(requirement))
    }

    /// The requirement it is mainly about.
    #[must_use]
    pub fn main_requirement(&self) -> &str {
        self.requirements.first().map_or("", String::as_str)
    }
}

/// What a conforming implementation answers.
#[derive(Clone, Debug)]
#[allow(clippy::exhaustive_enums, reason = "an input is valid or not")]
pub enum Verdict {
    /// The input is valid.
    Accept(Expected),
    /// It is not.
    Reject {
        /// The code or finding of the specification.
        code: String,
        /// The first offending event of a trace.
        at: Option<usize>,
    },
}

/// What a valid input comes to.
#[derive(Clone, Debug)]
#[allow(clippy::exhaustive_enums, reason = "an encoding may be spelled in many ways, all else not")]
pub enum Expected {
    /// Exactly this.
    Exactly(Accepted),
    /// A payload that decodes to this message, with nothing in it that only the `deployed`
    /// profile lets through.
    PayloadOf(Value),
}

/// One requirement of the specification.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Requirement {
    /// Such as `ENC-4`.
    pub id: String,
    /// The part of the specification.
    pub section: String,
    /// MUST or SHOULD.
    pub level: Level,
    /// The profiles it holds in.
    pub profiles: Vec<String>,
    /// What it says.
    pub text: String,
    /// Who says so.
    pub source: String,
    /// The same, in more words.
    pub source_detail: String,
    /// The codes and findings that it is answered with.
    pub codes: Vec<String>,
    /// Which part of the suite asks it: `fixtures`, `lint` or `live`.
    pub checked_by: String,
}
