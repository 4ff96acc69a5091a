//! The page for one result: the totals, and the data for the list.

use std::{borrow::Cow, collections::BTreeMap};

use serde::Serialize;

use super::{
    super::findings::by_side,
    view::{Kind, Tone},
};
use crate::{
    Level, Outcome, Requirement,
    report::{
        Exercised, Finding, StoredCase, StoredResult, StoredSession, groups::Groups,
        summary::play_only,
    },
    result::{Cause, causes},
};

/// The maximum number of failures or findings that are shown without a script.
const TOLD: usize = 500;
/// The maximum number of causes that are shown.
const CAUSES: usize = 40;

/// The values that the HTML template inserts into the page of one result.
#[derive(Serialize)]
pub(super) struct View<'a> {
    cases: usize,
    is_capture: bool,
    messages: usize,
    other_topics: usize,
    unreadable: usize,
    unit: &'static str,
    kinds: Vec<Kind>,
    groups: Vec<Group<'a>>,
    codes: Vec<Code<'a>>,
    causes: Vec<ToldCause<'a>>,
    more_causes: usize,
    told: Vec<Told<'a>>,
    untold: usize,
    /// The numbers of findings against each side, as text.
    at_fault: String,
    exercised: Option<String>,
    /// Whether the list of findings is incomplete.
    is_capped: bool,
    listed: usize,
    has_list: bool,
    has_sessions: bool,
}

/// A section of the specification, with the numbers of its cases.
#[derive(Serialize)]
struct Group<'a> {
    section: &'a str,
    span: String,
    total: usize,
    kinds: Vec<Kind>,
    bar: Vec<Segment>,
}

/// A segment of a bar. The whole bar is 1000 units wide.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct Segment {
    tone: Tone,
    x: usize,
    width: usize,
}

/// A code with the number of its findings.
#[derive(Serialize)]
struct Code<'a> {
    code: &'a str,
    requirement: &'a str,
    kind: Kind,
}

/// The short form of a failure or a finding.
#[derive(Serialize)]
struct Told<'a> {
    kind: Kind,
    what: String,
    requirements: String,
    title: &'a str,
    detail: Cow<'a, str>,
}

/// A cause, with its clearest case.
#[derive(Serialize)]
struct ToldCause<'a> {
    kind: Kind,
    what: String,
    requirement: &'a str,
    /// The id of the clearest case.
    example: &'a str,
    /// The text of the finding in the clearest case, or `None` for a cause without findings.
    detail: Option<String>,
    /// The command that runs only the clearest case; `None` for a cause without findings, or if the
    /// result does not contain the command of its run.
    command: Option<String>,
}

/// The data for the script. The page contains this data as JSON.
#[derive(Serialize)]
pub(super) struct Data<'a> {
    unit: &'static str,
    /// The command that runs only one case if `--filter ID` is appended to the command, or an empty
    /// string if the command is unknown.
    replay: &'a str,
    requirements: &'a [Requirement],
    kinds: Vec<Kind>,
    /// The words of the initial filter, or an empty list to show everything.
    first: Vec<&'static str>,
    cases: &'a [StoredCase],
    /// The findings, errors before warnings.
    findings: Vec<&'a Finding>,
    sessions: &'a [StoredSession],
}

impl<'a> Data<'a> {
    pub(super) fn of(result: &'a StoredResult, requirements: &'a [Requirement]) -> Self {
        let kinds = Kind::of_result(result);
        let worth_telling = |kind: &&Kind| matches!(kind.tone, Tone::Bad | Tone::Mild);
        Self {
            unit: result.unit(),
            replay: result.invocation.as_ref().map_or("", |invocation| &invocation.replay),
            requirements,
            first: kinds
                .iter()
                .filter(worth_telling)
                .filter(|kind| kind.count > 0)
                .map(|kind| kind.word)
                .collect(),
            kinds,
            cases: &result.cases,
            findings: by_level(&result.findings),
            sessions: &result.sessions,
        }
    }
}

impl<'a> View<'a> {
    pub(super) fn of(result: &'a StoredResult, requirements: &'a [Requirement]) -> Self {
        let (messages, [must, should]) = result.capture_totals();
        let total = |what: &str| result.totals.get(what).copied().unwrap_or_default();
        let mut told = told(result);
        let untold = told.len().saturating_sub(TOLD);
        let found = causes(&result.cases);
        let more_causes = found.len().saturating_sub(CAUSES);
        told.truncate(TOLD);
        Self {
            cases: result.cases.len(),
            is_capture: result.command == "lint",
            messages,
            other_topics: total("other-topics"),
            unreadable: total("unreadable"),
            unit: result.unit(),
            kinds: Kind::of_result(result),
            groups: groups(result, requirements),
            codes: codes(&result.findings),
            causes: found.iter().take(CAUSES).map(|cause| ToldCause::of(cause, result)).collect(),
            more_causes,
            told,
            untold,
            at_fault: by_side(&result.finding_counts()),
            exercised: result.exercised.as_ref().map(Exercised::to_string),
            is_capped: must + should > result.findings.len(),
            listed: result.findings.len(),
            has_list: !result.cases.is_empty() || !result.findings.is_empty(),
            has_sessions: !result.sessions.is_empty(),
        }
    }
}

fn groups<'a>(result: &StoredResult, requirements: &'a [Requirement]) -> Vec<Group<'a>> {
    let groups = Groups::of(requirements);
    let counts = groups.count(&result.cases);
    let group = |(group, counts): (&super::super::groups::Group<'a>, BTreeMap<Outcome, usize>)| {
        let mut kinds: Vec<Kind> =
            counts.into_iter().map(|(outcome, count)| Kind::of_outcome(outcome, count)).collect();
        kinds.sort_by_key(|kind| kind.tone);
        Group {
            section: group.section,
            span: group.span(),
            total: kinds.iter().map(|kind| kind.count).sum(),
            bar: bar(&kinds),
            kinds,
        }
    };
    groups.0.iter().zip(counts).filter(|(_, counts)| !counts.is_empty()).map(group).collect()
}

/// Returns the segments of a bar, each wide enough to be visible.
fn bar(kinds: &[Kind]) -> Vec<Segment> {
    const WHOLE: usize = 1000;
    const LEAST: usize = 12;
    let total = kinds.iter().map(|kind| kind.count).sum::<usize>().max(1);
    let mut widths: Vec<usize> =
        kinds.iter().map(|kind| (WHOLE * kind.count / total).max(LEAST)).collect();
    let sum: usize = widths.iter().sum();
    if let Some(widest) = widths.iter_mut().max() {
        *widest = (*widest + WHOLE).saturating_sub(sum);
    }
    let mut x = 0;
    let segment = |(kind, width): (&Kind, usize)| {
        x += width;
        Segment { tone: kind.tone, x: x - width, width }
    };
    kinds.iter().zip(widths).map(segment).collect()
}

fn codes(findings: &[Finding]) -> Vec<Code<'_>> {
    let mut codes: BTreeMap<(Level, &str, &str), usize> = BTreeMap::new();
    for Finding { level, code, requirement, .. } in findings {
        *codes.entry((*level, code, requirement)).or_default() += 1;
    }
    let mut codes: Vec<Code<'_>> = codes
        .into_iter()
        .map(|((level, code, requirement), count)| Code {
            code,
            requirement,
            kind: Kind::of_level(level, count),
        })
        .collect();
    codes.sort_by_key(|Code { kind, .. }| (kind.tone, std::cmp::Reverse(kind.count)));
    codes
}

impl<'a> ToldCause<'a> {
    fn of(cause: &Cause<'a>, result: &StoredResult) -> Self {
        let Cause { outcome, what, cases, clearest, finding, .. } = cause;
        Self {
            kind: Kind::of_outcome(*outcome, cases.len()),
            what: what.clone(),
            requirement: if finding.is_some() { "" } else { clearest.main_requirement() },
            example: &clearest.id,
            // A case of `run` is short, and the list below shows it.
            detail: finding.map(|finding| finding.detail()),
            command: finding.and_then(|_| play_only(result, clearest)),
        }
    }
}

fn by_level(findings: &[Finding]) -> Vec<&Finding> {
    let mut findings: Vec<&Finding> = findings.iter().collect();
    findings.sort_by_key(|finding| finding.level);
    findings
}

fn told(result: &StoredResult) -> Vec<Told<'_>> {
    let worth_telling =
        |case: &&StoredCase| matches!(Tone::of(case.outcome), Tone::Bad | Tone::Mild);
    let case = |case: &'_ StoredCase| (case.id.clone(), Kind::of_outcome(case.outcome, 1));
    let cases = result.cases.iter().filter(worth_telling).map(|stored| {
        let (what, kind) = case(stored);
        let requirements = stored.shown_requirements().join(", ");
        Told {
            kind,
            what,
            requirements,
            title: &stored.title,
            detail: Cow::Borrowed(&stored.detail),
        }
    });
    let findings = by_level(&result.findings).into_iter().map(|finding| Told {
        kind: Kind::of_level(finding.level, 1),
        what: format!("{} {}: {}: {}", result.unit(), finding.line, finding.side, finding.code),
        requirements: finding.requirement.to_string(),
        title: &finding.topic,
        detail: Cow::Owned(finding.detail()),
    });
    cases.chain(findings).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_among_many_are_seen_in_a_bar() {
        let kinds = [Kind::of_outcome(Outcome::Fail, 1), Kind::of_outcome(Outcome::Pass, 9999)];
        assert_eq!(
            bar(&kinds),
            [
                Segment { tone: Tone::Bad, x: 0, width: 12 },
                Segment { tone: Tone::Good, x: 12, width: 988 },
            ]
        );
        assert_eq!(bar(&[]), []);
    }
}
