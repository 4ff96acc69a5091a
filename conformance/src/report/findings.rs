//! Prints the findings in a capture as text for a terminal.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};

use super::fold::Folds;
use crate::{
    Level,
    excerpt::{counted, printable},
    result::{Finding, FindingCounts, Side, StoredResult},
};

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();

/// Writes the findings in a capture, each repeated finding once, and the totals.
pub(super) fn show_all(result: &StoredResult, out: &mut dyn Write) -> io::Result<()> {
    let folds = Folds::of(&result.findings);
    let mut folds: Vec<_> = folds.iter().collect();
    folds.sort_by_key(|fold| fold.finding.level);
    for fold in folds {
        show_finding(&fold.place(result.unit()), &fold.finding, out)?;
    }
    let (messages, _) = result.capture_totals();
    show_finding_totals(&result.subject_line(), messages, &result.finding_counts(), out)
}

/// Writes one finding: its place, side, code, requirement, topic and sentence, and the message with
/// carets under the faulty part.
///
/// # Errors
///
/// Returns an error if `out` cannot be written.
pub fn show_finding(place: &str, finding: &Finding, out: &mut dyn Write) -> io::Result<()> {
    let Finding { topic, code, level, side, requirement, sentence, message, .. } = finding;
    let style = level_style(*level);
    let word = level.as_fault();
    let code = printable(code);
    write!(out, "{BOLD}{place}{BOLD:#}: {style}{side} {word}: {code}{style:#}")?;
    let about = format!("{requirement} {topic}");
    match printable(about.trim()) {
        about if about.is_empty() => writeln!(out)?,
        about => writeln!(out, " {DIM}{about}{DIM:#}")?,
    }
    for line in printable(sentence).lines() {
        writeln!(out, "    {line}")?;
    }
    let Some(message) = message else { return Ok(()) };
    for line in message.text().lines() {
        writeln!(out, "    {line}")?;
    }
    match &message.marked {
        Some(marked) if !message.text().contains('\n') => {
            let before = " ".repeat(message.before.chars().count());
            let carets = "^".repeat(marked.chars().count().max(1));
            writeln!(out, "    {before}{style}{carets}{style:#}")
        }
        _ => Ok(()),
    }
}

/// Writes the number of messages, and the numbers of errors and warnings, in total and for each
/// side.
///
/// # Errors
///
/// Returns an error if `out` cannot be written.
pub fn show_finding_totals(
    subject: &str,
    messages: usize,
    counts: &FindingCounts,
    out: &mut dyn Write,
) -> io::Result<()> {
    let subject = printable(subject);
    write!(out, "{BOLD}{subject}{BOLD:#}: {}, ", counted(messages, "message"))?;
    let (must, should) = (counts.all(Level::Must), counts.all(Level::Should));
    let error = if must == 0 { AnsiColor::Green.on_default() } else { level_style(Level::Must) };
    write!(out, "{error}{}{error:#}", counted(must, "error"))?;
    if should > 0 {
        let warning = level_style(Level::Should);
        write!(out, ", {warning}{}{warning:#}", counted(should, "warning"))?;
    }
    writeln!(out)?;
    match by_side(counts) {
        sides if sides.is_empty() => Ok(()),
        sides => writeln!(out, "at fault: {sides}"),
    }
}

/// Returns the numbers of errors and warnings for each side, for example
/// `device 2 errors, 1 warning; platform 1 error`.
pub(super) fn by_side(counts: &FindingCounts) -> String {
    let side = |side: Side| {
        let each = [(Level::Must, "error"), (Level::Should, "warning")]
            .map(|(level, word)| (counts.of(side, level), word))
            .into_iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, word)| counted(count, word));
        let each = each.collect::<Vec<_>>().join(", ");
        (!each.is_empty()).then(|| format!("{side} {each}"))
    };
    Side::ALL.into_iter().filter_map(side).collect::<Vec<_>>().join("; ")
}

/// Writes a note below the findings.
///
/// # Errors
///
/// Returns an error if `out` cannot be written.
pub fn show_note(note: &str, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{DIM}note: {}{DIM:#}", printable(note))
}

fn level_style(level: Level) -> Style {
    match level {
        Level::Must => AnsiColor::Red.on_default(),
        Level::Should => AnsiColor::Yellow.on_default(),
    }
}
