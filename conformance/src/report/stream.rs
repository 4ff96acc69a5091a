//! Writes a stored result finding by finding, because a result may have very many findings.

use std::{
    collections::BTreeMap,
    io::{self, Write},
};

use serde::Serialize;

use crate::{
    About,
    result::{Exercised, Finding, Invocation, StoredCase, StoredResult, StoredSession, Tool},
};

/// A writer for a [`StoredResult`]. The writer does not keep the findings in memory.
#[derive(Debug)]
pub struct ResultStream<W> {
    out: W,
    any: bool,
}

/// The part of a result before its findings.
#[derive(Serialize)]
struct Head<'a> {
    format: u32,
    tool: &'a Tool,
    subject: &'a About,
    command: &'a str,
    strict: bool,
    packets: bool,
    cases: &'a [StoredCase],
}

/// The part of a result after its findings.
#[derive(Serialize)]
struct Tail<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    invocation: &'a Option<Invocation>,
    #[serde(skip_serializing_if = "Option::is_none")]
    exercised: &'a Option<Exercised>,
    sessions: &'a [StoredSession],
    interrupted: bool,
    totals: &'a BTreeMap<String, usize>,
}

impl<W: Write> ResultStream<W> {
    /// Writes the part of a result before its findings and returns the writer for the findings.
    ///
    /// # Errors
    ///
    /// Returns an error if `out` cannot be written.
    pub fn begin(mut out: W, result: &StoredResult) -> io::Result<Self> {
        let StoredResult { format, tool, subject, command, strict, packets, cases, .. } = result;
        let (format, strict, packets) = (*format, *strict, *packets);
        let head = Head { format, tool, subject, command, strict, packets, cases };
        let head = serde_json::to_string(&head)?;
        write!(out, "{},\"findings\":[", head.trim_end_matches('}'))?;
        Ok(Self { out, any: false })
    }

    /// Writes a finding.
    ///
    /// # Errors
    ///
    /// Returns an error if the output cannot be written.
    pub fn finding(&mut self, finding: &Finding) -> io::Result<()> {
        self.out.write_all(if self.any { b",\n" } else { b"\n" })?;
        self.any = true;
        Ok(serde_json::to_writer(&mut self.out, finding)?)
    }

    /// Writes the part of `result` after its findings and returns the output.
    ///
    /// # Errors
    ///
    /// Returns an error if the output cannot be written.
    pub fn end(mut self, result: &StoredResult) -> io::Result<W> {
        let line_end = if self.any { "\n" } else { "" };
        let StoredResult { invocation, exercised, sessions, interrupted, totals, .. } = result;
        let tail = Tail { invocation, exercised, sessions, interrupted: *interrupted, totals };
        let tail = serde_json::to_string(&tail)?;
        writeln!(self.out, "{line_end}],{}", tail.trim_start_matches('{'))?;
        Ok(self.out)
    }
}
