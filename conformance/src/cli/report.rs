//! `report`: shows stored results.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
};

use anstream::adapter::strip_bytes;
use clap::Args;

use super::{
    reports::is_same,
    status::{Error, Status},
};
use crate::{
    Fixtures,
    report::{Format, ReportFile, StoredResult, render},
};

/// Renders one stored result, or several results side by side
#[derive(Args, Debug)]
#[command(after_help = "\
The --report-json option of `run`, `lint`, `device` and `platform` writes a stored result. A text, \
HTML or Markdown report of several results is a matrix with one column for each result. In each \
section of the specification, cases with the same outcomes share a row. Findings with the same \
code, requirement and level also share a row.

Exit status: 0 even if a result has failures; 2 wrong usage, or a file that cannot be read or \
written

Examples:
  iothub-conformance run --report-json result.json
  iothub-conformance report result.json
  iothub-conformance report --format html --out result.html result.json
  iothub-conformance report --format markdown mine.json theirs.json \\
      >> \"$GITHUB_STEP_SUMMARY\"")]
pub(super) struct Report {
    /// The stored results to render
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    /// The format of the report
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Write the report atomically to this file instead of to standard output
    #[arg(long, short, value_name = "FILE")]
    out: Option<PathBuf>,
}

pub(super) fn main(arguments: &Report, out: &mut dyn Write) -> Result<Status, Error> {
    let Report { files, format, out: path } = arguments;
    if let Some(path) = path
        && files.iter().any(|file| is_same(file, path))
    {
        let path = path.display();
        return Err(Error::Usage(format!("--out {path} is one of the stored results")));
    }
    let results = files.iter().map(|file| read(file)).collect::<Result<Vec<_>, _>>()?;
    if let Some(other) = results.iter().find(|result| result.command != results[0].command) {
        return Err(Error::Usage(format!(
            "results of `{}` and of `{}` cannot be shown side by side",
            results[0].command, other.command
        )));
    }
    let requirements = Fixtures::embedded_requirements();
    match path {
        None => render(*format, &results, &requirements, out)?,
        Some(path) => {
            let write = || {
                let mut file = ReportFile::create(path)?;
                let mut shown = Vec::new();
                render(*format, &results, &requirements, &mut shown)?;
                match format {
                    // Only a terminal shows colours.
                    Format::Text => file.write_all(&strip_bytes(&shown).into_vec())?,
                    _ => file.write_all(&shown)?,
                }
                file.finish()
            };
            write().map_err(|error| Error::File(path.clone(), error))?;
        }
    }
    Ok(Status::Passed)
}

/// Reads a stored result of a known format version.
pub(super) fn read(path: &Path) -> Result<StoredResult, Error> {
    let text = fs::read(path).map_err(|error| Error::File(path.to_owned(), error))?;
    StoredResult::from_json(&text).map_err(|why| Error::Usage(format!("{}: {why}", path.display())))
}
