//! Compares two results.

use std::{
    collections::BTreeMap,
    io::{self, Write},
};

use anstyle::{AnsiColor, Style};

use super::{Finding, StoredResult};
use crate::{Level, Outcome, excerpt::printable};

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();

/// The differences between two results. Each change is in one of the lists. Unchanged items are
/// only counted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Comparison {
    /// Cases with a worse outcome, and findings that occur more often.
    pub worse: Vec<Change>,
    /// Cases with a better outcome, and findings that occur less often.
    pub better: Vec<Change>,
    /// Cases that only the newer result has.
    pub new: Vec<Change>,
    /// Cases that only the older result has.
    pub gone: Vec<Change>,
    /// The number of unchanged cases and findings.
    pub same: usize,
}

/// A case or a kind of finding that differs between two results.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Change {
    /// The id of a case, or the level, requirement, code and topic of a kind of finding.
    pub what: String,
    /// The old and the new state, for example `pass, now fail`, or the only state of a new or
    /// removed case.
    pub how: String,
    /// The detail in the newer result, or an empty string.
    pub detail: String,
}

impl Comparison {
    /// Returns the differences between two results of the same command.
    #[must_use]
    pub fn of(old: &StoredResult, new: &StoredResult) -> Self {
        let mut comparison = Self::default();
        comparison.cases(old, new);
        comparison.findings(old, new);
        comparison
    }

    fn cases(&mut self, old: &StoredResult, new: &StoredResult) {
        let mut olds: BTreeMap<&str, Outcome> =
            old.cases.iter().map(|case| (&*case.id, case.outcome)).collect();
        for case in &new.cases {
            let change =
                |how: String| Change { what: case.id.clone(), how, detail: case.detail.clone() };
            let Some(old) = olds.remove(&*case.id) else {
                self.new.push(change(case.outcome.to_string()));
                continue;
            };
            let how = || change(format!("{old}, now {}", case.outcome));
            match badness(case.outcome).cmp(&badness(old)) {
                std::cmp::Ordering::Greater => self.worse.push(how()),
                std::cmp::Ordering::Less => self.better.push(how()),
                std::cmp::Ordering::Equal => self.same += 1,
            }
        }
        self.gone.extend(olds.into_iter().map(|(id, outcome)| Change {
            what: id.to_owned(),
            how: outcome.to_string(),
            detail: String::new(),
        }));
    }

    /// Adds the differences between the numbers of findings of each kind. Line numbers are ignored,
    /// because they differ between captures.
    fn findings(&mut self, old: &StoredResult, new: &StoredResult) {
        type Kind<'r> = (Level, &'r str, &'r str, &'r str);
        let mut kinds: BTreeMap<Kind<'_>, [usize; 2]> = BTreeMap::new();
        let mut last: BTreeMap<Kind<'_>, &Finding> = BTreeMap::new();
        for (side, result) in [old, new].into_iter().enumerate() {
            for finding in &result.findings {
                let kind = (finding.level, &*finding.requirement, &*finding.code, &*finding.topic);
                kinds.entry(kind).or_default()[side] += 1;
                last.insert(kind, finding);
            }
        }
        for (kind @ (level, requirement, code, topic), [before, now]) in kinds {
            self.same += before.min(now);
            let what = format!("{level} {requirement} {code} {topic}");
            let what = what.split_whitespace().collect::<Vec<_>>().join(" ");
            let shown = last.get(&kind).filter(|_| now > before);
            let detail = shown.map_or_else(String::new, |finding| finding.detail());
            let change = Change { what, how: format!("{before}, now {now}"), detail };
            match now.cmp(&before) {
                std::cmp::Ordering::Greater => self.worse.push(change),
                std::cmp::Ordering::Less => self.better.push(change),
                std::cmp::Ordering::Equal => {}
            }
        }
    }
}

/// Returns the rank of an outcome. A higher rank is worse. The rank depends first on the behaviour
/// of the implementation, and then on whether the outcome fails the run. An expected failure that
/// becomes unexpected is worse, and an unexpected failure that becomes expected is better.
const fn badness(outcome: Outcome) -> (u8, bool) {
    let behaviour = match outcome {
        Outcome::Pass | Outcome::UnexpectedPass => 0,
        Outcome::Warn => 1,
        Outcome::Unsupported | Outcome::NotReached => 2,
        Outcome::Fail | Outcome::Expected | Outcome::Stale => 3,
        Outcome::Crashed | Outcome::TimedOut | Outcome::BadAnswer => 4,
    };
    (behaviour, outcome.is_failure())
}

/// Writes the worse, better, new and removed items, and their numbers.
///
/// # Errors
///
/// Returns an error if `out` cannot be written.
pub fn show_comparison(comparison: &Comparison, out: &mut dyn Write) -> io::Result<()> {
    const RED: Style = AnsiColor::Red.on_default();
    const GREEN: Style = AnsiColor::Green.on_default();
    /// The maximum number of new or removed items that are listed. A new version of the fixtures
    /// may cause many such items.
    const MOST: usize = 20;
    let Comparison { worse, better, new, gone, same } = comparison;
    let lists = [
        ("worse", worse, RED),
        ("better", better, GREEN),
        ("new", new, DIM),
        ("removed", gone, DIM),
    ];
    for (word, changes, style) in lists {
        let most = if style == DIM { MOST } else { usize::MAX };
        for Change { what, how, detail } in changes.iter().take(most) {
            let (what, how) = (printable(what), printable(how));
            writeln!(out, "{style}{word}{style:#} {BOLD}{what}{BOLD:#} {DIM}{how}{DIM:#}")?;
            for line in printable(detail).lines().filter(|_| style == RED) {
                writeln!(out, "    {line}")?;
            }
        }
        if changes.len() > most {
            writeln!(out, "{style}{word}{style:#} … and {} more", changes.len() - most)?;
        }
    }
    writeln!(
        out,
        "{} worse, {} better, {} new, {} removed, {same} unchanged",
        worse.len(),
        better.len(),
        new.len(),
        gone.len(),
    )
}
