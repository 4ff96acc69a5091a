//! Compares several results: one column for each result, with equal rows combined.

use std::{
    collections::{BTreeMap, HashMap},
    fmt,
};

use super::{StoredResult, groups::Groups};
use crate::{Level, Outcome, Requirement, excerpt::counted};

/// Several results side by side.
pub(super) struct Matrix<'r> {
    /// The testees, one for each column.
    pub(super) subjects: Vec<String>,
    /// The rows with cases, by section, and then the rows with findings. Within a section, the rows
    /// whose cells differ come first.
    pub(super) rows: Vec<Row<'r>>,
}

/// The cases of one section that do not differ from each other in any column, or the findings of
/// one kind.
pub(super) struct Row<'r> {
    /// The label, for example `Encoding: 12 cases`.
    pub(super) what: String,
    /// One cell for each column.
    pub(super) cells: Vec<Cell>,
    /// The ids of the cases, or an empty list for findings.
    pub(super) cases: Vec<&'r str>,
}

/// The content of a cell: nothing, an outcome or a number of findings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Cell {
    /// The result does not have the case.
    Nothing,
    /// The outcome of the cases.
    Outcome(Outcome),
    /// The number of findings.
    Findings(usize, Level),
}

impl Cell {
    /// Returns the outcome that determines the colour of the cell, or `None` for an absent case.
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

/// Returns the names of the columns. Repeated names are followed by the number of their column.
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
