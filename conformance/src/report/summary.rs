//! Prints the causes of a result as text for a terminal: each cause once, with its clearest case in
//! full.

use std::{
    collections::HashSet,
    io::{self, Write},
};

use anstyle::{AnsiColor, Style};

use crate::{
    Outcome,
    excerpt::{counted, printable},
    result::{Cause, StoredCase, StoredResult},
};

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();

/// The maximum number of causes that are shown in full.
const MOST: usize = 50;
/// The maximum number of further cases of a cause that are named.
const NAMED: usize = 4;
/// The maximum number of forms of a finding that are shown.
const FORMS: usize = 5;

/// Writes a line for each cause in a result of `run`.
pub(super) fn show_list(causes: &[Cause<'_>], out: &mut dyn Write) -> io::Result<()> {
    for Cause { outcome, what, clearest, cases, .. } in causes {
        let (style, count) = (style(*outcome), counted(cases.len(), "case"));
        let (what, first) = (printable(what), printable(&clearest.id));
        writeln!(out, "{BOLD}{count}{BOLD:#}: {style}{outcome}{style:#}: {what}, first {first}")?;
    }
    writeln!(out)
}

/// Writes each cause of a live result: the finding, the responsible side, the requirement and the
/// number of scenarios. Then writes the clearest scenario in full, unless `shown` contains it, and
/// the command that runs only that scenario.
pub(super) fn show<'r>(
    result: &'r StoredResult,
    causes: &[Cause<'r>],
    mut shown: HashSet<&'r str>,
    out: &mut dyn Write,
) -> io::Result<()> {
    for cause in causes.iter().take(MOST) {
        let Cause { outcome, what, finding, forms, clearest, cases, .. } = cause;
        let (style, count) = (style(*outcome), counted(cases.len(), "scenario"));
        let what = match finding {
            Some(_) => printable(what),
            None => format!("{outcome}: {}", printable(what)),
        };
        writeln!(out, "{BOLD}{count}{BOLD:#}: {style}{what}{style:#}")?;
        if shown.insert(&*clearest.id) {
            show_case(clearest, "    ", out)?;
        } else {
            show_finding(cause, out)?;
        }
        if forms.len() > 1 {
            for (form, count) in forms.iter().take(FORMS) {
                writeln!(out, "    {DIM}{count:>4} × {}{DIM:#}", printable(form))?;
            }
            show_more(forms.len(), FORMS, "form", out)?;
        }
        if cases.len() > 1 {
            let others = cases.iter().filter(|case| case.id != clearest.id);
            let names: Vec<String> = others.take(NAMED).map(|case| printable(&case.id)).collect();
            let more = (cases.len() - 1).saturating_sub(NAMED);
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            writeln!(out, "    {DIM}also in {}{more}{DIM:#}", names.join(", "))?;
        }
        if let Some(command) = play_only(result, clearest) {
            writeln!(out, "    {DIM}to run only this scenario: {}{DIM:#}", printable(&command))?;
        }
    }
    show_more(causes.len(), MOST, "cause", out)?;
    if causes.is_empty() { Ok(()) } else { writeln!(out) }
}

fn show_more(of: usize, most: usize, what: &str, out: &mut dyn Write) -> io::Result<()> {
    match of.saturating_sub(most) {
        0 => Ok(()),
        more => writeln!(out, "    {DIM}… and {} more{DIM:#}", counted(more, what)),
    }
}

/// Writes the finding of a cause whose clearest case has already been shown in full.
fn show_finding(cause: &Cause<'_>, out: &mut dyn Write) -> io::Result<()> {
    let Cause { clearest, finding, .. } = cause;
    let id = printable(&clearest.id);
    writeln!(out, "    {} {BOLD}{id}{BOLD:#} {DIM}(in full above){DIM:#}", clearest.outcome)?;
    let detail = finding.map(|finding| finding.detail()).unwrap_or_default();
    for line in printable(&detail).lines() {
        writeln!(out, "        {line}")?;
    }
    Ok(())
}

/// Writes a case: its outcome, its id, its requirements and its detail.
pub(super) fn show_case(case: &StoredCase, indent: &str, out: &mut dyn Write) -> io::Result<()> {
    let style = style(case.outcome);
    let id = printable(&case.id);
    write!(out, "{indent}{style}{}{style:#} {BOLD}{id}{BOLD:#}", case.outcome)?;
    match printable(&case.shown_requirements().join(" ")) {
        requirements if requirements.is_empty() => writeln!(out)?,
        requirements => writeln!(out, " {DIM}{requirements}{DIM:#}")?,
    }
    for line in printable(&case.detail).lines() {
        writeln!(out, "{indent}    {line}")?;
    }
    Ok(())
}

/// Returns the command that runs only this case, or `None` if the result does not contain the
/// command of its run.
pub(super) fn play_only(result: &StoredResult, case: &StoredCase) -> Option<String> {
    let invocation = result.invocation.as_ref().filter(|one| !one.replay.is_empty())?;
    Some(format!("{} --filter {}", invocation.replay, case.id))
}

/// Returns the colour of an outcome.
pub(super) fn style(outcome: Outcome) -> Style {
    let color = match outcome {
        Outcome::Pass => AnsiColor::Green,
        Outcome::Warn => AnsiColor::Yellow,
        Outcome::Unsupported | Outcome::NotReached | Outcome::Expected => return DIM,
        Outcome::Fail
        | Outcome::Crashed
        | Outcome::TimedOut
        | Outcome::BadAnswer
        | Outcome::UnexpectedPass
        | Outcome::Stale => AnsiColor::Red,
    };
    color.on_default()
}
