//! Lists of cases that are expected to fail, with reasons.

mod bless;
mod pattern;

use std::{fmt, time::SystemTime};

use humantime::format_rfc3339_seconds;
use serde::Deserialize;
use toml_edit::{Date, Datetime};

pub use self::bless::Blessed;
use self::pattern::{CaseId, CasePattern};
use super::run::CaseResult;
use crate::{Case, Level, Op, Outcome, result::StoredCase};

/// A list of cases that are expected to fail. A run fails if a case of an entry passes and the kind
/// of the entry is not `flaky`. A run also fails if an entry matches no case or has expired.
///
/// ```
/// use iothub_conformance_suite::Expectations;
///
/// let list = r#"
///     [[expect]]
///     case = "decode/enc-9/*"
///     kind = "bug"
///     reason = "our reader treats -0 as 0"
///     link = "https://example.com/issues/7"
///     expires = 2027-06-30
/// "#;
/// assert!(list.parse::<Expectations>().is_ok());
/// ```
#[derive(Clone, Debug, Default)]
pub struct Expectations {
    entries: Vec<Entry>,
    required_ops: Vec<Op>,
}

#[derive(Clone, Debug)]
struct Entry {
    pattern: CasePattern,
    kind: Kind,
    reason: String,
    link: Option<String>,
    expires: Option<Date>,
}

/// The kind of reason why a case fails: the value of the key `kind`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Bug,
    Wontfix,
    Unsupported,
    /// The case sometimes passes.
    Flaky,
}

/// An entry that matches no case or has expired.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stale {
    /// The glob of the entry.
    pub case: String,
    /// The reason why the entry is no longer valid.
    pub detail: String,
}

impl Expectations {
    /// Replaces the outcomes of listed cases with `expected` and `unexpected-pass`. Returns the
    /// stale entries: entries that match none of `all` cases, and entries that expired before
    /// `today`. Expired entries do not apply to cases.
    pub fn apply(&self, results: &mut [CaseResult<'_>], all: &[Case], today: Date) -> Vec<Stale> {
        for result in results {
            let Some(entry) = self.entry(&result.case.id, today) else { continue };
            let judged = &mut result.judged;
            let Some(outcome) = entry.kind.outcome(judged.outcome) else { continue };
            let about = entry.about();
            judged.detail = match outcome {
                Outcome::UnexpectedPass => {
                    format!(
                        "it passes although it is on the list of known failures ({about}): remove \
                    the entry or run with --bless"
                    )
                }
                _ if judged.detail.is_empty() => about,
                _ => format!("{about}\n{}", judged.detail),
            };
            judged.outcome = outcome;
        }
        let all: Vec<CaseId<'_>> = all.iter().map(|case| CaseId::new(&case.id)).collect();
        self.entries.iter().filter_map(|entry| entry.stale(&all, today)).collect()
    }

    /// Returns the operations that the implementation must support.
    #[must_use]
    pub fn required_ops(&self) -> &[Op] {
        &self.required_ops
    }

    /// Returns the entry for a case: the first matching entry that has not expired, or `None` if
    /// there is none.
    fn entry(&self, id: &str, today: Date) -> Option<&Entry> {
        let id = CaseId::new(id);
        self.entries.iter().find(|entry| entry.pattern.matches(id) && !entry.has_expired(today))
    }
}

impl Entry {
    fn has_expired(&self, today: Date) -> bool {
        self.expires.is_some_and(|expires| expires < today)
    }

    fn stale(&self, all: &[CaseId<'_>], today: Date) -> Option<Stale> {
        let detail = match self.expires {
            Some(expires) if expires < today => {
                format!(
                    "it expired on {expires} ({}): fix the failure or set a later date",
                    self.about()
                )
            }
            _ if all.iter().any(|id| self.pattern.matches(*id)) => return None,
            _ => format!(
                "it matches no case ({}): remove the entry or run with --bless",
                self.about()
            ),
        };
        Some(Stale { case: self.pattern.as_str().to_owned(), detail })
    }

    fn about(&self) -> String {
        let Self { kind, reason, link, .. } = self;
        let link = link.as_ref().map(|link| format!(", {link}")).unwrap_or_default();
        format!("{kind}: {reason}{link}")
    }
}

impl Kind {
    /// Returns the new outcome of a listed case, or `None` if the outcome stays the same.
    const fn outcome(self, outcome: Outcome) -> Option<Outcome> {
        match (outcome, self) {
            (Outcome::Pass, Self::Flaky) | (Outcome::Unsupported, Self::Bug | Self::Wontfix) => {
                None
            }
            (Outcome::Pass, _) => Some(Outcome::UnexpectedPass),
            _ => Some(Outcome::Expected),
        }
    }

    const fn as_str(self) -> &'static str {
        match self {
            Self::Bug => "bug",
            Self::Wontfix => "wontfix",
            Self::Unsupported => "unsupported",
            Self::Flaky => "flaky",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Returns the current date in UTC. An entry expires at the end of its last day in UTC.
///
/// # Panics
///
/// Panics after the year 9999.
#[must_use]
pub fn today() -> Date {
    let now: Result<Datetime, _> = format_rfc3339_seconds(SystemTime::now()).to_string().parse();
    now.ok()
        .and_then(|now| now.date)
        .unwrap_or_else(|| unreachable!("a time in the RFC 3339 format begins with a date"))
}

impl From<Stale> for StoredCase {
    fn from(Stale { case, detail }: Stale) -> Self {
        Self {
            detail,
            title: "an expectation".to_owned(),
            ..Self::new(case, Vec::new(), Level::Must, Outcome::Stale)
        }
    }
}

/// The error for an invalid list, with an explanation.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ExpectationsError(String);

impl fmt::Display for ExpectationsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.trim_end())
    }
}

impl std::error::Error for ExpectationsError {}

/// The content of the file with the list.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    #[serde(default, rename = "require-ops")]
    require_ops: Vec<String>,
    #[serde(default)]
    expect: Vec<WrittenEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenEntry {
    case: String,
    kind: Kind,
    reason: String,
    link: Option<String>,
    expires: Option<Datetime>,
}

impl std::str::FromStr for Expectations {
    type Err = ExpectationsError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let written: Written =
            toml_edit::de::from_str(text).map_err(|error| ExpectationsError(error.to_string()))?;
        let entries = written.expect.into_iter().map(Entry::try_from).collect::<Result<_, _>>()?;
        let required_ops = written
            .require_ops
            .iter()
            .map(|word| {
                word.parse().map_err(|why| ExpectationsError(format!("`require-ops`: {why}")))
            })
            .collect::<Result<_, _>>()?;
        Ok(Self { entries, required_ops })
    }
}

impl TryFrom<WrittenEntry> for Entry {
    type Error = ExpectationsError;

    fn try_from(written: WrittenEntry) -> Result<Self, Self::Error> {
        let WrittenEntry { case, kind, reason, link, expires } = written;
        let error = |why: &str| ExpectationsError(format!("the entry of `{case}`: {why}"));
        let pattern = CasePattern::new(&case)
            .map_err(|why| error(&format!("`case` is not a valid glob: {}", why.msg)))?;
        if reason.trim().is_empty() {
            return Err(error("`reason` is empty: explain why the case fails"));
        }
        let expires = match expires {
            None => None,
            Some(written) => Some(date(&written).ok_or_else(|| {
                error("`expires` must be a date without a time, for example 2027-06-30")
            })?),
        };
        Ok(Self { pattern, kind, reason, link, expires })
    }
}

/// Returns the date, or `None` if the value contains anything other than a date.
const fn date(written: &Datetime) -> Option<Date> {
    match written {
        Datetime { date: Some(date), time: None, offset: None } => Some(*date),
        _ => None,
    }
}
