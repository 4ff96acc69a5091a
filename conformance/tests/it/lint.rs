//! `lint`: captures to findings, as users and scripts meet it.

mod broken;
mod formats;
mod http;
mod http_lines;
#[cfg(unix)]
mod http_recorded;
mod layers;
#[cfg(unix)]
mod live;
#[cfg(target_os = "linux")]
mod long;
mod packed;
mod packets;
mod report;
mod reports;
mod streams;
mod transfer_wire;
mod verdicts;
mod wire;

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde_json::Value;
use tempfile::TempDir;

use crate::command::{self, Run, binary};

/// A capture of the folder `tests/captures`.
fn capture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/captures").join(name)
}

/// The command, run where the captures are, so that it prints their names alone.
fn lint(arguments: &[&str]) -> Run {
    let mut command = binary();
    command::start(command.current_dir(capture("")).arg("lint").args(arguments)).end()
}

/// The same with a capture that is made for it.
fn lint_bytes(bytes: &[u8], arguments: &[&str]) -> Run {
    let folder = TempDir::new().expect("there is room for temporary files");
    fs::write(folder.path().join("capture"), bytes).expect("there is room");
    let mut command = binary();
    command.current_dir(folder.path()).args(["lint", "capture"]).args(arguments);
    command::start(&mut command).end()
}

/// What a run found: line, level and code of each finding, in the order of the lines. One that was
/// printed for several lines counts for each.
fn found(run: &Run) -> Vec<(usize, String, String)> {
    let findings = |line: &str| {
        let units = ["line ", "lines ", "packet ", "packets "];
        let line = units.into_iter().find_map(|unit| line.strip_prefix(unit))?;
        let (numbers, rest) = line.split_once(": ")?;
        let (level, rest) = rest.split_once(": ")?;
        // Behind the side.
        let level = level.rsplit(' ').next()?;
        let code = rest.split(' ').next()?;
        let numbers = numbers.replace(" and ", ", ");
        let numbers: Result<Vec<usize>, _> = numbers.split(", ").map(str::parse).collect();
        let finding = |number| (number, level.to_owned(), code.to_owned());
        Some(numbers.ok()?.into_iter().map(finding).collect::<Vec<_>>())
    };
    let mut found: Vec<_> = run.stdout.lines().filter_map(findings).flatten().collect();
    found.sort_by_key(|(number, ..)| *number);
    found
}

/// The same without levels.
fn codes(run: &Run) -> Vec<(usize, String)> {
    found(run).into_iter().map(|(line, _, code)| (line, code)).collect()
}

/// The errors alone.
fn errors(run: &Run) -> Vec<(usize, String)> {
    let is_error = |(line, level, code)| (level == "error").then_some((line, code));
    found(run).into_iter().filter_map(is_error).collect()
}

#[track_caller]
fn assert_codes(found: &[(usize, String)], expected: &[(usize, &str)]) {
    let found: Vec<(usize, &str)> = found.iter().map(|(line, code)| (*line, &**code)).collect();
    assert_eq!(found, expected);
}

/// A line of a capture.
fn line(direction: &str, payload: &str) -> String {
    on(&format!("$resource/{direction}/service/P/d"), payload)
}

fn on(topic: &str, payload: &str) -> String {
    let mut line = serde_json::json!({"topic": topic, "payload": payload}).to_string();
    line.push('\n');
    line
}

/// A stored result, once it is held against its schema.
pub(crate) fn stored(path: &Path) -> Value {
    let read = |path: &Path| -> Value {
        let text = fs::read_to_string(path).expect("it is there");
        serde_json::from_str(&text).expect("it is JSON")
    };
    let schema = read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("schema/result.schema.json"));
    let result = read(path);
    let validator = jsonschema::validator_for(&schema).expect("it is a schema");
    let flaws: Vec<_> = validator.iter_errors(&result).map(|flaw| flaw.to_string()).collect();
    assert_eq!(flaws, Vec::<String>::new());
    result
}
