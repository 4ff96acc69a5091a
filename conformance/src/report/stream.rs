//! A stored result whose findings are written as they come, since there may be any number.

use std::{
    collections::BTreeMap,
    io::{self, Write},
};

use serde::Serialize;

use super::result::{StoredCase, StoredFinding, StoredResult, Subject, Tool};

/// Writes a [`StoredResult`] without keeping its findings.
#[derive(Debug)]
pub struct ResultStream<W> {
    out: W,
    any: bool,
}

/// What of a result is known before its findings.
#[derive(Serialize)]
struct Head<'a> {
    format: u32,
    tool: &'a Tool,
    subject: &'a Subject,
    command: &'a str,
    cases: &'a [StoredCase],
}

impl<W: Write> ResultStream<W> {
    /// Writes all of a result but its totals and its findings.
    ///
    /// # Errors
    ///
    /// Where `out` cannot be written to.
    pub fn begin(mut out: W, result: &StoredResult) -> io::Result<Self> {
        let StoredResult { format, tool, subject, command, cases, .. } = result;
        let head = serde_json::to_string(&Head { format: *format, tool, subject, command, cases })?;
        write!(out, "{},\"findings\":[", head.trim_end_matches('}'))?;
        Ok(Self { out, any: false })
    }

    /// Writes a finding.
    ///
    /// # Errors
    ///
    /// Where it cannot be written.
    pub fn finding(&mut self, finding: &StoredFinding) -> io::Result<()> {
        self.out.write_all(if self.any { b",\n" } else { b"\n" })?;
        self.any = true;
        Ok(serde_json::to_writer(&mut self.out, finding)?)
    }

    /// Writes the totals, and hands the output back.
    ///
    /// # Errors
    ///
    /// Where they cannot be written.
    pub fn end(mut self, totals: &BTreeMap<&'static str, usize>) -> io::Result<W> {
        let line_end = if self.any { "\n" } else { "" };
        writeln!(self.out, "{line_end}],\"totals\":{}}}", serde_json::to_string(totals)?)?;
        Ok(self.out)
    }
}
