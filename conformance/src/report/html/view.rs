//! The parts that all pages share: the testee, the outcome, and numbers.

use serde::Serialize;

use crate::{
    Conclusion, Level, Outcome,
    report::{Invocation, StoredResult, console::what_is_open},
};

/// The data for the top of a page.
#[derive(Serialize)]
pub(super) struct Head {
    is_matrix: bool,
    /// The kind of the page, for example `Conformance matrix`.
    what: String,
    title: String,
    ended: Ended,
    /// The programs that stored the results, each with its version.
    tools: Vec<String>,
    strict: bool,
    interrupted: bool,
    /// Facts about the run, such as the command and the seed, each as a name and a value.
    facts: Vec<(&'static str, String)>,
    notes: Vec<String>,
}

impl Head {
    pub(super) fn of(result: &StoredResult) -> Self {
        Self {
            is_matrix: false,
            what: format!("Conformance {}", result.command),
            title: named(result),
            ended: Ended::of(result.conclusion()),
            tools: tools(std::slice::from_ref(result)),
            strict: result.strict,
            interrupted: result.interrupted,
            facts: result.invocation.as_ref().map(Invocation::facts).unwrap_or_default(),
            notes: notes(result),
        }
    }

    pub(super) fn of_several(results: &[StoredResult]) -> Self {
        Self {
            is_matrix: true,
            what: "Conformance matrix".to_owned(),
            title: format!("{} results", results.len()),
            ended: Ended::of(
                results
                    .iter()
                    .map(StoredResult::conclusion)
                    .max()
                    .unwrap_or(Conclusion::Incomplete),
            ),
            tools: tools(results),
            strict: false,
            interrupted: false,
            facts: Vec::new(),
            notes: Vec::new(),
        }
    }
}

fn notes(result: &StoredResult) -> Vec<String> {
    let mut notes: Vec<String> = result.basis_notes().collect();
    notes.extend_from_slice(&result.notes);
    if !result.missing_ops.is_empty() {
        notes.push(format!("Required but not answered: {}", result.missing_ops.join(", ")));
    }
    if result.conclusion() == Conclusion::Incomplete {
        notes.push(format!("Incomplete: {}", what_is_open(result)));
    }
    notes
}

fn tools(results: &[StoredResult]) -> Vec<String> {
    let mut tools: Vec<String> = results
        .iter()
        .map(|result| format!("{} {}", result.tool.name, result.tool.version))
        .collect();
    tools.sort_unstable();
    tools.dedup();
    tools
}

/// Returns the name of the testee, or `nameless` if the result has no name. Readers need a text to
/// click on and to search for.
pub(super) fn named(result: &StoredResult) -> String {
    match result.subject_line() {
        name if name.is_empty() => "nameless".to_owned(),
        name => name,
    }
}

/// The conclusion of a result as a word, a colour and a sign.
#[derive(Clone, Copy, Serialize)]
pub(super) struct Ended {
    word: &'static str,
    tone: Tone,
    glyph: &'static str,
}

impl Ended {
    pub(super) const fn of(conclusion: Conclusion) -> Self {
        let tone = match conclusion {
            Conclusion::Passed => Tone::Good,
            Conclusion::Incomplete => Tone::Dull,
            Conclusion::Failed => Tone::Bad,
        };
        Self { word: conclusion.as_str(), tone, glyph: tone.glyph() }
    }
}

/// A colour, with a sign for readers who cannot see the colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Tone {
    Bad,
    Mild,
    Dull,
    Good,
}

impl Tone {
    pub(super) const fn of(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Pass => Self::Good,
            Outcome::Warn => Self::Mild,
            _ if outcome.is_failure() => Self::Bad,
            _ => Self::Dull,
        }
    }

    const fn glyph(self) -> &'static str {
        match self {
            Self::Good => "✓",
            Self::Bad => "✗",
            Self::Mild => "!",
            Self::Dull => "–",
        }
    }
}

/// An outcome or a level, with the number of its cases or findings.
#[derive(Clone, Serialize)]
pub(super) struct Kind {
    pub(super) word: &'static str,
    pub(super) tone: Tone,
    pub(super) glyph: &'static str,
    pub(super) count: usize,
}

impl Kind {
    pub(super) fn of_outcome(outcome: Outcome, count: usize) -> Self {
        Self::new(outcome.as_str(), Tone::of(outcome), count)
    }

    pub(super) fn of_level(level: Level, count: usize) -> Self {
        let (word, tone) = match level {
            Level::Must => ("error", Tone::Bad),
            Level::Should => ("warning", Tone::Mild),
        };
        Self::new(word, tone, count)
    }

    const fn new(word: &'static str, tone: Tone, count: usize) -> Self {
        Self { word, tone, glyph: tone.glyph(), count }
    }

    /// Returns each outcome that occurs, with the number of its cases.
    pub(super) fn of_cases(result: &StoredResult) -> Vec<Self> {
        let kind = |outcome| Self::of_outcome(outcome, result.total(outcome));
        Outcome::ALL.into_iter().map(kind).filter(|kind| kind.count > 0).collect()
    }

    /// Returns each level, with the number of its findings.
    pub(super) fn of_findings(result: &StoredResult) -> Vec<Self> {
        let (_, [must, should]) = result.capture_totals();
        vec![Self::of_level(Level::Must, must), Self::of_level(Level::Should, should)]
    }

    /// Returns each outcome that occurs, with the number of its cases. For a capture, also returns
    /// each level, with the number of its findings.
    pub(super) fn of_result(result: &StoredResult) -> Vec<Self> {
        let mut kinds = Self::of_cases(result);
        if result.command == "lint" || !result.findings.is_empty() {
            kinds.extend(Self::of_findings(result));
        }
        kinds
    }
}
