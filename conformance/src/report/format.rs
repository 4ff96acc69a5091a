//! Selects the writer for a report format.

use std::io::{self, Write};

use super::{StoredResult, badge, console, html, junit, markdown};
use crate::Requirement;

/// A format in which `render` writes a stored result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
#[non_exhaustive]
pub enum Format {
    /// Text for a terminal.
    Text,
    /// JUnit XML, for CI servers.
    Junit,
    /// An HTML page in one file.
    Html,
    /// Markdown for a comment on a pull request.
    Markdown,
    /// An SVG badge.
    Badge,
    /// The stored result itself, as JSON.
    #[value(skip)]
    Json,
}

/// Writes one result, or several results side by side. The sections and the texts of the rules come
/// from `requirements`.
///
/// # Errors
///
/// Returns an error if `out` cannot be written, and for [`Format::Json`] with several results.
pub fn render(
    format: Format,
    results: &[StoredResult],
    requirements: &[Requirement],
    out: &mut dyn Write,
) -> io::Result<()> {
    match format {
        Format::Text => console::show(results, requirements, out),
        Format::Junit => junit::write(results, out),
        Format::Html => html::write(results, requirements, out),
        Format::Markdown => markdown::write(results, requirements, out),
        Format::Badge => badge::write(results, out),
        Format::Json => match results {
            [result] => {
                serde_json::to_writer(&mut *out, result)?;
                writeln!(out)
            }
            _ => Err(io::Error::other("a stored result contains one run: expected one file")),
        },
    }
}
