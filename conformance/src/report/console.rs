//! Prints a result as text for a terminal.

use std::{
    collections::{BTreeSet, HashSet},
    io::{self, Write},
    path::Path,
};

use anstyle::{AnsiColor, Style};

use super::{
    findings,
    groups::Groups,
    matrix::{Matrix, Row},
    summary::{self, show_case, style},
};
use crate::{
    Conclusion, Outcome, Requirement,
    excerpt::{counted, printable},
    result::{Cause, StoredCase, StoredResult, causes},
};

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();

/// Writes one result, or the matrix of several results.
pub(super) fn show(
    results: &[StoredResult],
    requirements: &[Requirement],
    out: &mut dyn Write,
) -> io::Result<()> {
    if let [StoredResult { invocation: Some(invocation), .. }] = results {
        for (name, fact) in invocation.facts() {
            writeln!(out, "{DIM}{name:<8}{DIM:#} {}", printable(&fact))?;
        }
        writeln!(out)?;
    }
    match results {
        [result] if result.command == "lint" => findings::show_all(result, out),
        [result] => show_run(result, requirements, usize::MAX, out),
        _ => show_matrix(&Matrix::of(results, requirements), out),
    }
}

/// Writes the failed cases on which all other cases depend, and then the failures and warnings,
/// grouped by cause. For a live result, writes each cause with its clearest scenario, and then all
/// scenarios if `most` is `usize::MAX`. For other results, writes at most `most` cases. The totals
/// for each section of the specification and the totals of the result follow.
///
/// # Errors
///
/// Returns an error if `out` cannot be written.
pub fn show_run(
    result: &StoredResult,
    requirements: &[Requirement],
    most: usize,
    out: &mut dyn Write,
) -> io::Result<()> {
    show_basis(result, out)?;
    let causes = causes(&result.cases);
    let is_all = most == usize::MAX;
    if causes.iter().any(|cause| cause.finding.is_some()) {
        let shown = result.failed_basis().map(|case| &*case.id).collect();
        summary::show(result, &causes, shown, out)?;
        show_further(&causes, is_all, out)?;
    } else {
        if is_all && causes.iter().any(|cause| cause.cases.len() > 1) {
            summary::show_list(&causes, out)?;
        }
        show_causes(&causes, most, out)?;
    }
    show_groups(result, requirements, out)?;
    let can_be_explained =
        |case: &&StoredCase| case.outcome.is_failure() && case.outcome != Outcome::Stale;
    for note in &result.notes {
        writeln!(out, "{BOLD}note{BOLD:#}: {}", printable(note))?;
    }
    if !result.missing_ops.is_empty() {
        let missing = printable(&result.missing_ops.join(", "));
        let red = AnsiColor::Red.on_default();
        writeln!(out, "{red}required but not answered{red:#}: {missing}")?;
    }
    if result.conclusion() == Conclusion::Incomplete {
        writeln!(out, "{BOLD}incomplete{BOLD:#}: {}", printable(&what_is_open(result)))?;
    }
    show_totals(result, out)?;
    // `explain` shows fixtures. For a live peer, the reports show the details.
    let explains = result.command == "run";
    if let Some(case) = result.cases.iter().find(can_be_explained).filter(|_| explains) {
        let fixtures = result.fixtures.as_deref().map(option_of).unwrap_or_default();
        let command = format!("iothub-conformance explain {fixtures}{}", case.id);
        writeln!(out, "{DIM}to show one case in full: {}{DIM:#}", printable(&command))?;
    }
    Ok(())
}

/// Writes the failed cases on which all other cases depend.
fn show_basis(result: &StoredResult, out: &mut dyn Write) -> io::Result<()> {
    for case in result.failed_basis() {
        show_case(case, "", out)?;
    }
    for note in result.basis_notes() {
        writeln!(out, "{BOLD}first{BOLD:#}: {}\n", printable(&note))?;
    }
    Ok(())
}

/// Writes some cases of each cause, and the number of omitted cases.
fn show_causes(causes: &[Cause<'_>], most: usize, out: &mut dyn Write) -> io::Result<()> {
    let shown = shares(causes, most);
    let mut left_out = 0;
    for (cause, count) in causes.iter().zip(shown) {
        for case in &cause.cases[..count] {
            show_case(case, "", out)?;
        }
        let more = cause.cases.len() - count;
        left_out += more;
        if more > 0 && count > 0 {
            let what = printable(&cause.what);
            writeln!(out, "    {DIM}… and {more} more {}: {what}{DIM:#}", cause.outcome)?;
        }
    }
    if left_out > 0 {
        writeln!(out, "{DIM}{left_out} of these are not shown; --all shows them{DIM:#}")?;
    }
    Ok(())
}

/// Writes the cases that are not the clearest case of a cause, or only their number if `is_all` is
/// false.
fn show_further(causes: &[Cause<'_>], is_all: bool, out: &mut dyn Write) -> io::Result<()> {
    let mut shown: HashSet<&str> = causes.iter().map(|cause| &*cause.clearest.id).collect();
    let further = causes.iter().flat_map(|cause| &cause.cases);
    let further: Vec<_> = further.filter(|case| shown.insert(&case.id)).collect();
    if !is_all && !further.is_empty() {
        let count = counted(further.len(), "further scenario");
        return writeln!(out, "{DIM}{count} with these findings; --all shows each in full{DIM:#}");
    }
    further.into_iter().try_for_each(|case| show_case(case, "", out))
}

/// Returns the number of cases that are shown for each cause. Each cause gets one case before any
/// cause gets a second case.
fn shares(causes: &[Cause<'_>], most: usize) -> Vec<usize> {
    let mut shown = vec![0; causes.len()];
    let mut room = most;
    loop {
        let before = room;
        for (cause, count) in causes.iter().zip(&mut shown) {
            if *count < cause.cases.len() && room > 0 {
                *count += 1;
                room -= 1;
            }
        }
        if room == 0 || room == before {
            return shown;
        }
    }
}

/// Returns the reasons why a result without failures is incomplete.
pub(super) fn what_is_open(result: &StoredResult) -> String {
    let mut open = Vec::new();
    let unsupported = result.cases.iter().filter(|case| case.outcome == Outcome::Unsupported);
    let ops: BTreeSet<&str> =
        unsupported.filter_map(|case| case.request.split(',').next()).collect();
    let others = Outcome::ALL.into_iter().filter(|outcome| {
        !matches!(outcome, Outcome::Pass | Outcome::Warn) && result.total(*outcome) > 0
    });
    for outcome in others {
        let count = result.total(outcome);
        open.push(match outcome {
            Outcome::Unsupported if ops.iter().any(|op| !op.is_empty()) => {
                let ops: Vec<&str> = ops.iter().copied().collect();
                format!("{count} unsupported ({})", ops.join(", "))
            }
            outcome => format!("{count} {outcome}"),
        });
    }
    if result.interrupted {
        open.push("it was interrupted".to_owned());
    }
    if result.cases.is_empty() {
        open.push("nothing was tested".to_owned());
    }
    open.join(", ")
}

/// Returns the option `--fixtures` with this folder, as it is typed in a shell.
fn option_of(fixtures: &Path) -> String {
    let folder = fixtures.to_string_lossy();
    // Only a NUL cannot be quoted, and no path contains a NUL.
    format!("--fixtures {} ", shlex::try_quote(&folder).unwrap_or_default())
}

/// Writes a line for each section of the specification that has cases, with the number of cases for
/// each outcome.
fn show_groups(
    result: &StoredResult,
    requirements: &[Requirement],
    out: &mut dyn Write,
) -> io::Result<()> {
    let groups = Groups::of(requirements);
    let counts = groups.count(&result.cases);
    let asked = || groups.0.iter().zip(&counts).filter(|(_, outcomes)| !outcomes.is_empty());
    let width = asked().map(|(group, _)| group.section.len()).max().unwrap_or_default().max(10);
    for (group, outcomes) in asked() {
        let total: usize = outcomes.values().sum();
        let (section, span) = (group.section, group.span());
        write!(
            out,
            "{section:<width$} {DIM}{span:<16}{DIM:#} {total:>5} {}",
            if total == 1 { "case " } else { "cases" }
        )?;
        for (outcome, count) in outcomes {
            let style = style(*outcome);
            write!(out, "  {style}{count} {outcome}{style:#}")?;
        }
        writeln!(out)?;
    }
    Ok(())
}

/// Writes the names of the testees and a line for each row of the matrix.
fn show_matrix(matrix: &Matrix<'_>, out: &mut dyn Write) -> io::Result<()> {
    for (index, subject) in matrix.subjects.iter().enumerate() {
        writeln!(out, "{BOLD}[{}]{BOLD:#} {}", index + 1, printable(subject))?;
    }
    let width = matrix.cells().map(|cell| cell.to_string().len()).max().unwrap_or_default().max(4);
    write!(out, "\n{DIM}")?;
    for index in 1..=matrix.subjects.len() {
        write!(out, "{:<width$} ", format!("[{index}]"))?;
    }
    writeln!(out, "{DIM:#}")?;
    for Row { what, cells, cases, .. } in &matrix.rows {
        for cell in cells {
            let style = cell.outcome().map_or(DIM, style);
            write!(out, "{style}{:<width$}{style:#} ", cell.to_string())?;
        }
        let example = cases.first().map(|id| format!(" {DIM}{}{DIM:#}", printable(id)));
        writeln!(out, "{}{}", printable(what), example.unwrap_or_default())?;
    }
    Ok(())
}

fn show_totals(result: &StoredResult, out: &mut dyn Write) -> io::Result<()> {
    write!(out, "{BOLD}{}{BOLD:#}:", printable(&result.subject_line()))?;
    if result.cases.is_empty() {
        write!(out, " nothing was tested")?;
    }
    let had = Outcome::ALL.into_iter().filter(|outcome| result.total(*outcome) > 0);
    for (index, outcome) in had.enumerate() {
        let style = style(outcome);
        let separator = if index == 0 { " " } else { ", " };
        write!(out, "{separator}{style}{} {outcome}{style:#}", result.total(outcome))?;
    }
    writeln!(out)
}
