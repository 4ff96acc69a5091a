//! Findings about a capture for a person at a terminal.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};

use crate::{
    Level,
    excerpt::{counted, printable},
    result::{Finding, StoredResult},
};

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();

/// Writes all findings of a capture, and the totals.
pub(super) fn show_all(result: &StoredResult, out: &mut dyn Write) -> io::Result<()> {
    for finding in &result.findings {
        show_finding(result.unit(), finding, out)?;
    }
    let (messages, findings) = result.capture_totals();
    show_finding_totals(&result.subject_line(), messages, findings, out)
}

/// Writes one finding: where it is and what is wrong, then the sentence and the message. `unit` is
/// `line` or `packet`.
///
/// # Errors
///
/// Where `out` cannot be written to.
pub fn show_finding(unit: &str, finding: &Finding, out: &mut dyn Write) -> io::Result<()> {
    let Finding { line, topic, code, level, requirement, .. } = finding;
    let style = level_style(*level);
    write!(out, "{BOLD}{unit} {line}{BOLD:#}: {style}{}: {code}{style:#}", level_word(*level))?;
    let about = format!("{requirement} {topic}");
    match printable(about.trim()) {
        about if about.is_empty() => writeln!(out)?,
        about => writeln!(out, " {DIM}{about}{DIM:#}")?,
    }
    for line in printable(&finding.detail()).lines() {
        writeln!(out, "    {line}")?;
    }
    Ok(())
}

/// Writes how many messages there were and what was found in them.
///
/// # Errors
///
/// Where `out` cannot be written to.
pub fn show_finding_totals(
    subject: &str,
    messages: usize,
    [must, should]: [usize; 2],
    out: &mut dyn Write,
) -> io::Result<()> {
    let subject = printable(subject);
    write!(out, "{BOLD}{subject}{BOLD:#}: {}, ", counted(messages, "message"))?;
    let error = if must == 0 { AnsiColor::Green.on_default() } else { level_style(Level::Must) };
    write!(out, "{error}{}{error:#}", counted(must, "error"))?;
    if should > 0 {
        let warning = level_style(Level::Should);
        write!(out, ", {warning}{}{warning:#}", counted(should, "warning"))?;
    }
    writeln!(out)
}

/// Writes what else a person should know.
///
/// # Errors
///
/// Where `out` cannot be written to.
pub fn show_note(note: &str, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{DIM}note: {}{DIM:#}", printable(note))
}

const fn level_word(level: Level) -> &'static str {
    match level {
        Level::Must => "error",
        Level::Should => "warning",
    }
}

fn level_style(level: Level) -> Style {
    match level {
        Level::Must => AnsiColor::Red.on_default(),
        Level::Should => AnsiColor::Yellow.on_default(),
    }
}
