//! Writes annotations for GitHub Actions, one on each line.

use std::io::{self, Write};

use super::mark::Mark;
use crate::{Level, excerpt::printable};

/// Writes the annotation for a fault. Without `file`, the annotation does not contain the place.
pub(crate) fn annotate(file: Option<&str>, mark: &Mark, out: &mut dyn Write) -> io::Result<()> {
    let Mark { code, level, requirement, text, line, column, end_column } = mark;
    let word = match level {
        Level::Must => "error",
        Level::Should => "warning",
    };
    let mut properties = Vec::new();
    if let Some(file) = file {
        properties.push(format!("file={}", property(file)));
        properties.push(format!("line={line}"));
        properties.extend(column.map(|column| format!("col={column}")));
        properties.extend(end_column.map(|column| format!("endColumn={}", column - 1)));
    }
    let title = format!("{code} {requirement}");
    properties.push(format!("title={}", property(title.trim())));
    writeln!(out, "::{word} {}::{}", properties.join(","), data(text))
}

/// Returns `text` with the escapes that GitHub Actions expects in a message.
fn data(text: &str) -> String {
    let text = printable(text);
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// Returns `text` with the escapes that GitHub Actions expects in the value of a property.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
