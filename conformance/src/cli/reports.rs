//! Writes the report files that the `--report-*` options name.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
};

use clap::Args;

use super::status::Error;
use crate::{
    Requirement,
    report::{Format, ReportFile, StoredResult, render},
};

/// The options that write reports
#[derive(Args, Debug)]
pub(super) struct ReportArguments {
    /// Also write the result as JSON, for `report` and `diff`
    #[arg(long, value_name = "FILE")]
    report_json: Option<PathBuf>,
    /// Also write the result as JUnit XML, for CI servers
    #[arg(long, value_name = "FILE")]
    report_junit: Option<PathBuf>,
    /// Also write the result as an HTML page in one file
    #[arg(long, value_name = "FILE")]
    report_html: Option<PathBuf>,
}

impl ReportArguments {
    /// Begins the reports, so that errors are reported before the work begins. Returns an error if
    /// two options name the same file, or if an option names `input`.
    pub(super) fn create(&self, input: Option<&Path>) -> Result<Reports, Error> {
        let asked = [
            ("--report-json", Format::Json, &self.report_json),
            ("--report-junit", Format::Junit, &self.report_junit),
            ("--report-html", Format::Html, &self.report_html),
        ];
        let asked: Vec<_> = asked
            .into_iter()
            .filter_map(|(option, format, path)| Some((option, format, path.as_deref()?)))
            .collect();
        for (index, (option, _, path)) in asked.iter().enumerate() {
            if input.is_some_and(|input| is_same(path, input)) {
                let path = path.display();
                return Err(Error::Usage(format!("{option} {path} is the capture itself")));
            }
            if let Some((other, ..)) =
                asked[..index].iter().find(|(_, _, other)| *path == *other || is_same(path, other))
            {
                let path = path.display();
                return Err(Error::Usage(format!("{other} and {option} are both {path}")));
            }
        }
        let create = |(_, format, path): (_, _, &Path)| {
            let file =
                ReportFile::create(path).map_err(|error| Error::File(path.to_owned(), error))?;
            Ok(Report { format, path: path.to_owned(), file })
        };
        Ok(Reports(asked.into_iter().map(create).collect::<Result<_, Error>>()?))
    }
}

/// Returns the maximum number of failures that are shown on the console.
pub(super) const fn shown(all: bool) -> usize {
    const MOST: usize = 10;
    if all { usize::MAX } else { MOST }
}

/// Reports in progress. A file appears only when its report is finished.
#[derive(Debug, Default)]
pub(super) struct Reports(Vec<Report>);

#[derive(Debug)]
struct Report {
    format: Format,
    path: PathBuf,
    file: ReportFile,
}

impl Reports {
    /// Removes the JSON report and returns its path and file, so that the caller can write the
    /// report. Returns `None` if there is no JSON report.
    pub(super) fn take_json(&mut self) -> Option<(PathBuf, ReportFile)> {
        let index = self.0.iter().position(|report| report.format == Format::Json)?;
        let Report { path, file, .. } = self.0.swap_remove(index);
        Some((path, file))
    }

    /// Returns whether one of the reports shows sessions.
    pub(super) fn show_sessions(&self) -> bool {
        self.0.iter().any(|report| matches!(report.format, Format::Json | Format::Html))
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn finish(
        self,
        result: &StoredResult,
        requirements: &[Requirement],
    ) -> Result<(), Error> {
        for Report { format, path, file } in self.0 {
            let write = |mut file: ReportFile| {
                render(format, std::slice::from_ref(result), requirements, &mut file)?;
                file.flush()?;
                file.finish()
            };
            write(file).map_err(|error| Error::File(path, error))?;
        }
        Ok(())
    }
}

/// Returns whether two paths name the same existing regular file.
pub(super) fn is_same(path: &Path, other: &Path) -> bool {
    match (fs::canonicalize(path), fs::canonicalize(other)) {
        (Ok(path), Ok(other)) => path == other && path.is_file(),
        _ => false,
    }
}
