//! Stored results, and the reports from them.

mod causes;
mod diff;
mod foreign;
mod junit;
mod shown;
mod written;

use std::{fs, path::Path};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::command::{self, Run, binary};

/// A folder of stored results.
struct Stored(TempDir);

impl Stored {
    fn new(results: &[(&str, &Value)]) -> Self {
        let stored = Self(TempDir::new().expect("there is room for temporary files"));
        for (name, result) in results {
            fs::write(stored.path().join(name), result.to_string()).expect("there is room");
        }
        stored
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    /// Runs the command in the folder.
    fn run(&self, arguments: &[&str]) -> Run {
        let mut command = binary();
        command::start(command.current_dir(self.path()).args(arguments)).end()
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path().join(name)).expect("it is there")
    }
}

/// Returns a stored result of `run` with these outcomes.
fn run_of(name: &str, cases: &[(&str, &str, &str)]) -> Value {
    let mut totals = json!({});
    let cases: Vec<Value> = cases
        .iter()
        .map(|(id, outcome, detail)| {
            totals[outcome] = json!(totals[outcome].as_u64().unwrap_or_default() + 1);
            let requirement = id.split('/').next().unwrap_or_default().to_uppercase();
            json!({
                "id": id,
                "requirements": [requirement],
                "level": "must",
                "outcome": outcome,
                "detail": detail,
                "seconds": 0.0125,
            })
        })
        .collect();
    json!({
        "format": 1,
        "tool": {"name": "iothub-conformance", "version": "0.1.0"},
        "subject": {"name": name, "version": "2.0"},
        "command": "run",
        "totals": totals,
        "cases": cases,
    })
}

/// Returns a result with every outcome once, and with text that has a meaning in a terminal, in XML
/// and in Markdown.
fn every_outcome() -> Value {
    run_of(
        "<b>mine & \u{202e}@you",
        &[
            ("enc-1/passes", "pass", ""),
            ("enc-1/fails", "fail", "accepted, but must be rejected: wrong-type"),
            ("enc-2/hostile", "fail", "]]> \u{1b}[31m <script>`*|*` #1 @me \u{0}\u{fffe}\nline 2"),
            ("top-1/warns", "warn", "gave no advice"),
            ("top-1/cannot", "unsupported", ""),
            ("ses-1/dies", "crashed", "signal 11"),
            ("ses-1/hangs", "timed-out", "no answer"),
            ("ses-1/babbles", "bad-answer", "no JSON"),
            ("ses-1/misses", "not-reached", "it did not take place"),
            ("val-1/known", "expected", "bug: known\nanswered 1, not 2"),
            ("val-1/mended", "unexpected-pass", "it passes"),
            ("val-*/none", "stale", "it is about no case"),
        ],
    )
}

/// Returns a stored result of `lint` with these findings.
fn lint_of(name: &str, findings: &[(usize, &str, &str, &str)]) -> Value {
    let stored: Vec<Value> = findings
        .iter()
        .map(|(line, level, code, requirement)| {
            json!({
                "line": line,
                "topic": "$resource/up/service/P/d",
                "code": code,
                "level": level,
                "requirement": requirement,
                "detail": format!("what {code} means\n{{\"type\":\"a_b\"}}"),
            })
        })
        .collect();
    let count = |level: &str| findings.iter().filter(|finding| finding.1 == level).count();
    json!({
        "format": 1,
        "tool": {"name": "iothub-conformance", "version": "0.1.0"},
        "subject": {"name": name, "version": ""},
        "command": "lint",
        "totals": {
            "messages": 12, "other-topics": 0, "unreadable": 0,
            "must": count("must"), "should": count("should"),
        },
        "cases": [],
        "findings": stored,
    })
}
