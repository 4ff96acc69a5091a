//! `list`: prints the cases, one on each line or as a JSON array.

use std::io::{self, Write};

use clap::{Args, ValueEnum};
use serde_json::json;

use super::{
    selection::SelectionArguments,
    status::{Error, Status},
};
use crate::{Case, Listed};

/// Lists the cases with their ids, requirements, levels and titles
#[derive(Args, Debug)]
#[command(after_help = "\
`device --list` and `platform --list` list the scenarios for live devices and platforms. `explain` \
also explains these scenarios.

Examples:
  iothub-conformance list --filter SES-7
  iothub-conformance list --format json")]
pub(super) struct List {
    #[command(flatten)]
    selection: SelectionArguments,
    /// The format, either a tab-separated line for each case or one JSON array
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    Text,
    Json,
}

pub(super) fn main(arguments: &List, out: &mut dyn Write) -> Result<Status, Error> {
    let fixtures = arguments.selection.fixtures()?;
    let cases = arguments.selection.of(&fixtures.cases, None)?;
    match arguments.format {
        Format::Text => show(&cases, out)?,
        Format::Json => {
            let cases: Vec<_> = cases
                .into_iter()
                .map(|Case { id, requirements, level, title, .. }| {
                    json!({ "id": id, "requirements": requirements, "level": level, "title": title })
                })
                .collect();
            writeln!(out, "{:#}", json!(cases))?;
        }
    }
    Ok(Status::Passed)
}

/// Prints cases or scenarios, one on each line: id, requirements, level and title, separated by
/// tabs.
pub(super) fn show<T: Listed>(items: &[T], out: &mut dyn Write) -> io::Result<()> {
    for item in items {
        let requirements = item.requirements().collect::<Vec<_>>().join(",");
        writeln!(out, "{}\t{requirements}\t{}\t{}", item.id(), item.level(), item.title())?;
    }
    Ok(())
}
