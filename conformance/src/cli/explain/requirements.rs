//! Prints the requirements of a case, a scenario, a code or a term.

use std::io::Write;

use anstyle::Style;

use crate::{Fixtures, cli::status::Error};

pub(super) const BOLD: Style = Style::new().bold();

/// Writes the text of each requirement.
pub(super) fn show_requirements(
    ids: &[String],
    fixtures: &Fixtures,
    out: &mut dyn Write,
) -> Result<(), Error> {
    for id in ids {
        if let Some(requirement) = fixtures.requirement(id) {
            writeln!(out, "\n{BOLD}{id}{BOLD:#}: {}", requirement.text)?;
        }
    }
    Ok(())
}
