//! The page for several results side by side.

use std::collections::HashMap;

use serde::Serialize;

use super::view::{Ended, Kind, Tone, named};
use crate::{
    Requirement,
    report::{
        StoredCase, StoredResult,
        matrix::{Cell, Matrix, Row},
    },
};

/// The values that the HTML template inserts into the page of a matrix.
#[derive(Serialize)]
pub(super) struct View<'r> {
    subjects: Vec<Subject>,
    /// The number of columns, including the column with the cases.
    columns: usize,
    /// Whether the results differ in any row.
    differ: bool,
    parts: Vec<Part>,
    /// The data for the script. The page contains this data as JSON.
    #[serde(skip)]
    pub(super) data: Data<'r>,
}

/// The heading of a column: a testee, with the conclusion and the numbers of its result.
#[derive(Serialize)]
struct Subject {
    name: String,
    ended: Ended,
    strict: bool,
    interrupted: bool,
    kinds: Vec<Kind>,
}

/// The rows whose results differ, or the rows whose results agree.
#[derive(Serialize)]
struct Part {
    differ: bool,
    rows: Vec<Line>,
}

#[derive(Serialize)]
struct Line {
    /// The index of the row in the data.
    index: usize,
    what: String,
    /// The id of the case, or `None` if the row does not have exactly one case.
    id: Option<String>,
    folds: bool,
    cells: Vec<Shown>,
}

/// The content of one cell: a text with its colour and sign.
#[derive(Serialize)]
struct Shown {
    text: String,
    tone: Tone,
    glyph: &'static str,
}

/// The names of the testees, and the cases that the rows combine.
#[derive(Serialize)]
pub(super) struct Data<'r> {
    subjects: Vec<String>,
    rows: Vec<Vec<Folded<'r>>>,
}

#[derive(Serialize)]
struct Folded<'r> {
    id: &'r str,
    #[serde(skip_serializing_if = "str::is_empty")]
    title: &'r str,
    /// The detail of the case in each column, or an empty list if no column has a detail.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    said: Vec<&'r str>,
}

impl<'r> View<'r> {
    pub(super) fn of(results: &'r [StoredResult], requirements: &'r [Requirement]) -> Self {
        let Matrix { rows, .. } = Matrix::of(results, requirements);
        let mut parts = [true, false].map(|differ| Part { differ, rows: Vec::new() });
        for (index, row) in rows.iter().enumerate() {
            let agree = row.cells.iter().all(|cell| *cell == row.cells[0]);
            parts[usize::from(agree)].rows.push(line(index, row));
        }
        let subjects = results.iter().map(|result| Subject {
            name: named(result),
            ended: Ended::of(result.conclusion()),
            strict: result.strict,
            interrupted: result.interrupted,
            kinds: Kind::of_result(result),
        });
        Self {
            subjects: subjects.collect(),
            columns: 1 + results.len(),
            differ: !parts[0].rows.is_empty(),
            parts: parts.into_iter().filter(|part| !part.rows.is_empty()).collect(),
            data: Data::of(results, &rows),
        }
    }
}

fn line(index: usize, Row { what, cells, cases }: &Row<'_>) -> Line {
    let id = match &cases[..] {
        [id] => Some((*id).to_owned()),
        _ => None,
    };
    let shown = |cell: &Cell| match cell.outcome() {
        None => Shown { text: "absent".to_owned(), tone: Tone::Dull, glyph: "" },
        Some(outcome) => {
            let Kind { tone, glyph, .. } = Kind::of_outcome(outcome, 0);
            Shown { text: cell.to_string(), tone, glyph }
        }
    };
    Line {
        index,
        what: what.clone(),
        id,
        folds: !cases.is_empty(),
        cells: cells.iter().map(shown).collect(),
    }
}

impl<'r> Data<'r> {
    fn of(results: &'r [StoredResult], rows: &[Row<'r>]) -> Self {
        let mut by_id: HashMap<&str, Vec<Option<&StoredCase>>> = HashMap::new();
        for (column, result) in results.iter().enumerate() {
            for case in &result.cases {
                by_id.entry(&case.id).or_insert_with(|| vec![None; results.len()])[column] =
                    Some(case);
            }
        }
        let folded = |id: &&'r str| {
            let cases = by_id.get(id).map(Vec::as_slice).unwrap_or_default();
            let title = cases.iter().flatten().map(|case| &*case.title).next().unwrap_or_default();
            let said: Vec<&str> =
                cases.iter().map(|case| case.map_or("", |case| &*case.detail)).collect();
            let any = said.iter().any(|said| !said.is_empty());
            Folded { id, title, said: if any { said } else { Vec::new() } }
        };
        Self {
            subjects: results.iter().map(named).collect(),
            rows: rows.iter().map(|row| row.cases.iter().map(folded).collect()).collect(),
        }
    }
}
