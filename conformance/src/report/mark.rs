//! Faults with their places in a file, for SARIF and for annotations of GitHub Actions.

use crate::{
    Level,
    lint::{Finding, check::Fault},
};

/// A fault with its place in a file: the line and, if it is known, the column.
pub(crate) struct Mark {
    pub(crate) code: String,
    pub(crate) level: Level,
    pub(crate) requirement: String,
    /// The sentence about the fault, with the expected value.
    pub(crate) text: String,
    /// The number of the line, starting at 1.
    pub(crate) line: usize,
    /// The column in characters, starting at 1, or `None` for the whole line.
    pub(crate) column: Option<usize>,
    pub(crate) end_column: Option<usize>,
}

impl Mark {
    /// Returns the mark for a fault in a payload that begins after `lines_before` lines of the
    /// file.
    pub(crate) fn of_payload(fault: &Fault, payload: &[u8], lines_before: usize) -> Self {
        let start = fault.range.start.min(payload.len());
        let before = &payload[..start];
        let line_start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        let rest = &payload[start..fault.range.end.clamp(start, payload.len())];
        let marked = rest.split(|byte| *byte == b'\n').next().unwrap_or_default();
        let chars = |bytes: &[u8]| bytes.iter().filter(|byte| **byte & 0xC0 != 0x80).count();
        let column = chars(&before[line_start..]) + 1;
        let lines = before.iter().filter(|byte| **byte == b'\n').count();
        Self {
            line: lines_before + lines + 1,
            column: Some(column),
            end_column: Some(column + chars(marked).max(1)),
            ..Self::of_line(fault, 0)
        }
    }

    /// Returns the mark for a fault in line number `line`, at an unknown column.
    pub(crate) fn of_line(fault: &Fault, line: usize) -> Self {
        let Fault { code, level, requirement, what, expected, .. } = fault;
        let text = match expected {
            Some(expected) => format!("{what}; expected: {expected}"),
            None => what.clone(),
        };
        Self {
            code: (*code).to_owned(),
            level: *level,
            requirement: (*requirement).to_owned(),
            text,
            line,
            column: None,
            end_column: None,
        }
    }

    /// Returns the mark for a finding of `lint`. `in_lines` is false for a packet file. In this
    /// case, the text names the packet.
    pub(crate) fn of_finding(finding: &Finding, in_lines: bool) -> Self {
        let Finding { side, sentence, line, .. } = finding;
        let (text, line) = if in_lines {
            (format!("{side}: {sentence}"), *line)
        } else {
            (format!("packet {line}: {side}: {sentence}"), 1)
        };
        Self {
            code: finding.code.clone().into_owned(),
            level: finding.level,
            requirement: finding.requirement.clone().into_owned(),
            text,
            line: line.max(1),
            column: None,
            end_column: None,
        }
    }
}
