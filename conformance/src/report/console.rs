//! A result for a person at a terminal.

use std::{
    collections::BTreeMap,
    io::{self, Write},
};

use anstyle::{AnsiColor, Style};

use super::result::{StoredCase, StoredResult, Subject};
use crate::{Outcome, Requirement, excerpt::printable};

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();

/// Writes what failed, then the totals by group of requirements, then the totals.
///
/// # Errors
///
/// Where `out` cannot be written to.
pub fn show_run(
    result: &StoredResult,
    requirements: &[Requirement],
    out: &mut dyn Write,
) -> io::Result<()> {
    let worth_telling =
        |case: &&StoredCase| case.outcome.is_failure() || case.outcome == Outcome::Warn;
    for case in result.cases.iter().filter(worth_telling) {
        show_case(case, out)?;
    }
    show_groups(result, requirements, out)?;
    show_totals(result, out)?;
    if let Some(case) = result.cases.iter().find(|case| case.outcome.is_failure()) {
        writeln!(out, "{DIM}to see one in full: iothub-conformance explain {}{DIM:#}", case.id)?;
    }
    Ok(())
}

fn show_case(case: &StoredCase, out: &mut dyn Write) -> io::Result<()> {
    let style = style(case.outcome);
    writeln!(
        out,
        "{style}{}{style:#} {BOLD}{}{BOLD:#} {DIM}{}{DIM:#}",
        case.outcome,
        case.id,
        case.requirements.join(" "),
    )?;
    for line in printable(&case.detail).lines() {
        writeln!(out, "    {line}")?;
    }
    Ok(())
}

/// A line for each section of the specification.
fn show_groups(
    result: &StoredResult,
    requirements: &[Requirement],
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut groups: Vec<(&str, Vec<&str>, BTreeMap<Outcome, usize>)> = Vec::new();
    for requirement in requirements {
        match groups.last_mut() {
            Some((section, ids, _)) if *section == requirement.section => ids.push(&requirement.id),
            _ => groups.push((&requirement.section, vec![&requirement.id], BTreeMap::new())),
        }
    }
    groups.push(("Others", Vec::new(), BTreeMap::new()));
    let others = groups.len() - 1;
    for case in &result.cases {
        let main = case.requirements.first().map_or("", String::as_str);
        let group = groups.iter().position(|(_, ids, _)| ids.contains(&main)).unwrap_or(others);
        *groups[group].2.entry(case.outcome).or_default() += 1;
    }
    for (section, ids, outcomes) in &groups {
        let total: usize = outcomes.values().sum();
        if total == 0 {
            continue;
        }
        let span = match (ids.first(), ids.last()) {
            (Some(first), Some(last)) if first != last => format!("{first} to {last}"),
            (Some(first), _) => (*first).to_owned(),
            _ => String::new(),
        };
        write!(out, "{section:<10} {DIM}{span:<16}{DIM:#} {total:>5} cases")?;
        for (outcome, count) in outcomes {
            let style = style(*outcome);
            write!(out, "  {style}{count} {outcome}{style:#}")?;
        }
        writeln!(out)?;
    }
    Ok(())
}

fn show_totals(result: &StoredResult, out: &mut dyn Write) -> io::Result<()> {
    let Subject { name, version } = &result.subject;
    let subject = printable(format!("{name} {version}").trim());
    write!(out, "{BOLD}{subject}{BOLD:#}:")?;
    if result.cases.is_empty() {
        write!(out, " nothing was asked")?;
    }
    let had = Outcome::ALL.into_iter().filter(|outcome| result.total(*outcome) > 0);
    for (index, outcome) in had.enumerate() {
        let style = style(outcome);
        let separator = if index == 0 { " " } else { ", " };
        write!(out, "{separator}{style}{} {outcome}{style:#}", result.total(outcome))?;
    }
    writeln!(out)
}

fn style(outcome: Outcome) -> Style {
    let color = match outcome {
        Outcome::Pass => AnsiColor::Green,
        Outcome::Warn => AnsiColor::Yellow,
        Outcome::Unsupported => return DIM,
        Outcome::Fail | Outcome::Crashed | Outcome::TimedOut | Outcome::BadAnswer => AnsiColor::Red,
    };
    color.on_default()
}
