//! Several results beside each other: a column each, and the rows that are equal folded together.

use std::{
    collections::{BTreeMap, HashMap},
    fmt,
};

use super::{StoredResult, groups::Groups};
use crate::{Level, Outcome, Requirement, excerpt::counted};

/// Results beside each other.
pub(super) struct Matrix<'r> {
    /// What was under test, a column each.
    pub(super) subjects: Vec<String>,
    /// By section, and in it what differs first.
    pub(super) rows: Vec<Row<'r>>,
}

/// The cases of one section that had the same outcome in each column; or the findings of one kind.
pub(super) struct Row<'r> {
    /// What they are, such as `Encoding: 12 cases`.
    pub(super) what: String,
    /// A column each.
    pub(super) cells: Vec<Cell>,
    /// Their ids; none for findings.
    pub(super) cases: Vec<&'r str>,
}

/// What one column says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Cell {
    /// Not there.
    Nothing,
    /// The outcome of the cases.
    Outcome(Outcome),
    /// So many findings.
    Findings(usize, Level),
}

impl Cell {
    /// The outcome as which it is shown.
    pub(super) const fn outcome(self) -> Option<Outcome> {
        match self {
            Self::Nothing => None,
            Self::Outcome(outcome) => Some(outcome),
            Self::Findings(0, _) => Some(Outcome::Pass),
            Self::Findings(_, Level::Must) => Some(Outcome::Fail),
            Self::Findings(_, Level::Should) => Some(Outcome::Warn),
        }
    }
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing => f.write_str("-"),
            Self::Outcome(outcome) => outcome.fmt(f),
            Self::Findings(count, _) => count.fmt(f),
        }
    }
}

impl<'r> Matrix<'r> {
    pub(super) fn of(results: &'r [StoredResult], requirements: &'r [Requirement]) -> Self {
        let subjects = subjects(results);
        let groups = Groups::of(requirements);
        let mut rows = of_cases(results, &groups);
        rows.extend(of_findings(results));
        Self { subjects, rows }
    }

    pub(super) fn cells(&self) -> impl Iterator<Item = Cell> {
        self.rows.iter().flat_map(|row| row.cells.iter().copied())
    }
}

/// The names of the columns. Of two with one name, both have their number, too.
fn subjects(results: &[StoredResult]) -> Vec<String> {
    let names: Vec<String> = results.iter().map(StoredResult::subject_line).collect();
    let is_repeated = |name: &String| names.iter().filter(|other| *other == name).count() > 1;
    let numbered = |(index, name): (usize, &String)| match is_repeated(name) {
        true => format!("{name} ({})", index + 1),
        false => name.clone(),
    };
    names.iter().enumerate().map(numbered).collect()
}

fn of_cases<'r>(results: &'r [StoredResult], groups: &Groups<'r>) -> Vec<Row<'r>> {
    let mut by_id: HashMap<&str, (usize, Vec<Cell>)> = HashMap::new();
    for (column, result) in results.iter().enumerate() {
        for case in &result.cases {
            let (_, cells) = by_id.entry(&case.id).or_insert_with(|| {
                (groups.index(case.main_requirement()), vec![Cell::Nothing; results.len()])
            });
            cells[column] = Cell::Outcome(case.outcome);
        }
    }
    let mut folded: BTreeMap<(usize, bool, Vec<Cell>), Vec<&str>> = BTreeMap::new();
    for (id, (group, cells)) in by_id {
        let agree = cells.iter().all(|cell| *cell == cells[0]);
        folded.entry((group, agree, cells)).or_default().push(id);
    }
    folded
        .into_iter()
        .map(|((group, _, cells), mut cases)| {
            cases.sort_unstable();
            let what = format!("{}: {}", groups.0[group].section, counted(cases.len(), "case"));
            Row { what, cells, cases }
        })
        .collect()
}

fn of_findings<'r>(results: &'r [StoredResult]) -> Vec<Row<'r>> {
    let mut kinds: BTreeMap<(Level, &str, &str), Vec<usize>> = BTreeMap::new();
    for (column, result) in results.iter().enumerate() {
        for finding in &result.findings {
            let kind = (finding.level, &*finding.requirement, &*finding.code);
            kinds.entry(kind).or_insert_with(|| vec![0; results.len()])[column] += 1;
        }
    }
    kinds
        .into_iter()
        .map(|((level, requirement, code), counts)| Row {
            what: format!("{code} {requirement}").trim_end().to_owned(),
            cells: counts.into_iter().map(|count| Cell::Findings(count, level)).collect(),
            cases: Vec::new(),
        })
        .collect()
}
