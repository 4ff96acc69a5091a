//! Writes Markdown for a comment on a pull request.

use std::io::{self, Write};

use super::{
    Finding, StoredCase, StoredResult,
    findings::by_side,
    fold::Folds,
    groups::Groups,
    matrix::{Matrix, Row},
    summary::play_only,
};
use crate::{
    Conclusion, Outcome, Requirement,
    excerpt::{counted, printable},
    result::{Cause, causes},
};

/// The maximum number of failures, findings or rows of a matrix that are shown. A comment on GitHub
/// is limited to 65,536 characters.
const MOST: usize = 40;
/// The maximum number of characters in a text, such as the detail of a failure.
const LONGEST: usize = 300;

/// Writes one result, or the matrix of several results.
pub(super) fn write(
    results: &[StoredResult],
    requirements: &[Requirement],
    out: &mut dyn Write,
) -> io::Result<()> {
    match results {
        [result] if result.command == "lint" => write_capture(result, out),
        [result] => write_run(result, requirements, out),
        _ => write_matrix(&Matrix::of(results, requirements), out),
    }
}

fn write_run(
    result: &StoredResult,
    requirements: &[Requirement],
    out: &mut dyn Write,
) -> io::Result<()> {
    heading(result, out)?;
    let counts = Outcome::ALL.into_iter().filter(|outcome| result.total(*outcome) > 0);
    let counts: Vec<String> =
        counts.map(|outcome| format!("{} {outcome}", result.total(outcome))).collect();
    writeln!(
        out,
        "{}\n",
        if counts.is_empty() { "nothing was tested".to_owned() } else { counts.join(", ") }
    )?;

    write_causes(result, out)?;
    let groups = Groups::of(requirements);
    let outcomes = groups.count(&result.cases);
    let columns: Vec<Outcome> =
        Outcome::ALL.into_iter().filter(|outcome| result.total(*outcome) > 0).collect();
    write!(out, "| section | requirements |")?;
    for outcome in &columns {
        write!(out, " {outcome} |")?;
    }
    writeln!(out, "\n| --- | --- |{}", " ---: |".repeat(columns.len()))?;
    for (group, outcomes) in groups.0.iter().zip(&outcomes).filter(|(_, had)| !had.is_empty()) {
        write!(out, "| {} | {} |", group.section, group.span())?;
        for outcome in &columns {
            match outcomes.get(outcome) {
                None => write!(out, " |")?,
                Some(count) => write!(out, " {count} |")?,
            }
        }
        writeln!(out)?;
    }

    let failed: Vec<&StoredCase> =
        result.cases.iter().filter(|case| case.outcome.is_failure()).collect();
    if failed.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n<details><summary>{} failed</summary>\n", failed.len())?;
    for case in failed.iter().take(MOST) {
        let StoredCase { id, outcome, detail, .. } = case;
        let shown = case.shown_requirements();
        let requirement = text(shown.first().copied().unwrap_or_default());
        writeln!(out, "- **{outcome}** {} {requirement}<br>{}", code(id), text(detail))?;
    }
    more(failed.len(), out)?;
    writeln!(out, "\n</details>")
}

/// Writes the causes, each with its clearest case.
fn write_causes(result: &StoredResult, out: &mut dyn Write) -> io::Result<()> {
    let causes = causes(&result.cases);
    if causes.is_empty() {
        return Ok(());
    }
    writeln!(out, "**Causes**\n")?;
    for Cause { outcome, what, cases, clearest, finding, .. } in causes.iter().take(MOST) {
        let noun = if finding.is_some() { "scenario" } else { "case" };
        let (count, id) = (counted(cases.len(), noun), code(&clearest.id));
        writeln!(out, "- {count} **{outcome}**: {}, for example {id}", text(what))?;
        if let Some(finding) = finding {
            writeln!(out, "  <br>{}", text(&finding.detail()))?;
            if let Some(command) = play_only(result, clearest) {
                writeln!(out, "  <br>To run only this scenario: {}", code(&command))?;
            }
        }
    }
    more(causes.len(), out)?;
    writeln!(out)
}

fn write_capture(result: &StoredResult, out: &mut dyn Write) -> io::Result<()> {
    heading(result, out)?;
    let (messages, [must, should]) = result.capture_totals();
    let (errors, warnings) = (counted(must, "error"), counted(should, "warning"));
    writeln!(out, "{}, {errors}, {warnings}", counted(messages, "message"))?;
    if result.findings.is_empty() {
        return Ok(());
    }
    writeln!(out, "\nAt fault: {}", by_side(&result.finding_counts()))?;
    let unit = result.unit();
    writeln!(out, "\n| where | side | | finding | requirement | |")?;
    writeln!(out, "| --- | --- | --- | --- | --- | --- |")?;
    let folds = Folds::of(&result.findings);
    let mut folds: Vec<_> = folds.iter().collect();
    folds.sort_by_key(|fold| fold.finding.level);
    for fold in folds.iter().take(MOST) {
        let Finding { code, level, side, requirement, .. } = &fold.finding;
        let word = level.as_fault();
        writeln!(
            out,
            "| {} | {side} | {word} | {} | {} | {} |",
            fold.place(unit),
            self::code(code),
            text(requirement),
            text(&fold.finding.detail())
        )?;
    }
    let different = folds.len();
    more(different, out)
}

fn write_matrix(matrix: &Matrix<'_>, out: &mut dyn Write) -> io::Result<()> {
    write!(out, "| |")?;
    for subject in &matrix.subjects {
        write!(out, " {} |", text(subject))?;
    }
    writeln!(out, "\n| --- |{}", " --- |".repeat(matrix.subjects.len()))?;
    for Row { what, cells, cases, .. } in matrix.rows.iter().take(MOST) {
        write!(out, "| {}", text(what))?;
        if let [first, rest @ ..] = &cases[..] {
            let more = if rest.is_empty() { "" } else { ", …" };
            write!(out, " ({}{more})", code(first))?;
        }
        write!(out, " |")?;
        for cell in cells {
            write!(out, " {cell} |")?;
        }
        writeln!(out)?;
    }
    more(matrix.rows.len(), out)
}

fn heading(result: &StoredResult, out: &mut dyn Write) -> io::Result<()> {
    let sign = match result.conclusion() {
        Conclusion::Passed => "✅",
        Conclusion::Incomplete => "⚪ incomplete:",
        Conclusion::Failed => "❌",
    };
    let interrupted = if result.interrupted { " (interrupted)" } else { "" };
    writeln!(out, "### {sign} {}{interrupted}\n", text(&result.subject_line()))?;
    for note in &result.basis_notes().chain(result.notes.iter().cloned()).collect::<Vec<_>>() {
        writeln!(out, "> {}\n", text(note))?;
    }
    if let Some(invocation) = &result.invocation {
        let facts = invocation.facts().into_iter();
        let facts: Vec<String> =
            facts.map(|(name, fact)| format!("{} {}", name.to_lowercase(), text(&fact))).collect();
        writeln!(out, "<sub>{}</sub>\n", facts.join(" · "))?;
    }
    Ok(())
}

fn more(of: usize, out: &mut dyn Write) -> io::Result<()> {
    match of.checked_sub(MOST) {
        None | Some(0) => Ok(()),
        Some(more) => writeln!(out, "\n… and {more} more"),
    }
}

/// Returns an id or a command in backticks. Characters that would end the code span or the cell of
/// a table are replaced.
fn code(id: &str) -> String {
    format!("`{}`", printable(id).replace(['`', '|', '\n'], "·"))
}

/// Returns foreign text on one line, shortened if it is too long, with Markdown and HTML escaped.
fn text(words: &str) -> String {
    let mut shown = String::new();
    let mut characters = printable(words);
    if let Some((end, _)) = characters.char_indices().nth(LONGEST) {
        characters.truncate(end);
        characters.push('…');
    }
    for (at, c) in characters.char_indices() {
        // A URL would become a link.
        let rest = &characters[at..];
        match c {
            ':' if rest.starts_with("://") => shown.push_str("&#58;"),
            'w' | 'W' if rest.get(..4).is_some_and(|www| www.eq_ignore_ascii_case("www.")) => {
                shown.push_str("&#119;");
            }
            '\n' => shown.push_str("<br>"),
            '&' => shown.push_str("&amp;"),
            '<' => shown.push_str("&lt;"),
            // A mention or a reference would notify users of GitHub.
            '@' => shown.push_str("&#64;"),
            '#' => shown.push_str("&#35;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '$' | '!' => {
                shown.push('\\');
                shown.push(c);
            }
            c => shown.push(c),
        }
    }
    shown
}
