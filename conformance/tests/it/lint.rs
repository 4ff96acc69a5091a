//! `lint` as users and scripts run it.

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
mod long_packets;
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
    process::Command,
};

use serde_json::Value;
use tempfile::TempDir;

use crate::command::{self, Run, binary};

/// Returns a capture of the folder `tests/captures`.
fn capture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/captures").join(name)
}

/// Runs the command in the folder of the captures, so that it prints only their names.
fn lint(arguments: &[&str]) -> Run {
    let mut command = binary();
    command.current_dir(capture("")).arg("lint").args(arguments);
    with_result(command, arguments)
}

/// Runs the command on a capture with these bytes.
fn lint_bytes(bytes: &[u8], arguments: &[&str]) -> Run {
    let folder = TempDir::new().expect("there is room for temporary files");
    fs::write(folder.path().join("capture"), bytes).expect("there is room");
    let mut command = binary();
    command.current_dir(folder.path()).args(["lint", "capture"]).args(arguments);
    with_result(command, arguments)
}

/// Runs a command, and reads its stored result, unless the test itself stores one.
fn with_result(mut command: Command, arguments: &[&str]) -> Run {
    let folder = TempDir::new().expect("there is room for temporary files");
    let path = folder.path().join("result.json");
    if arguments.contains(&"--report-json") {
        return command::start(&mut command).end();
    }
    let mut run = command::start(command.arg("--report-json").arg(&path)).end();
    run.result = fs::read_to_string(&path).unwrap_or_default();
    run
}

/// Returns the line, level and code of each finding of a run, in their order. Without a stored
/// result, the output contains them.
fn found(run: &Run) -> Vec<(usize, String, String)> {
    if run.result.is_empty() {
        return run.stdout.lines().filter_map(printed).collect();
    }
    let result: Value = serde_json::from_str(&run.result).expect("it is JSON");
    let word = |level: &str| if level == "must" { "error" } else { "warning" };
    let finding = |finding: &Value| {
        let line = finding["line"].as_u64().expect("a number");
        let text = |key: &str| finding[key].as_str().expect("a text").to_owned();
        (line as usize, word(&text("level")).to_owned(), text("code"))
    };
    result["findings"].as_array().into_iter().flatten().map(finding).collect()
}

/// Returns the line, level and code of a finding that begins in this line of output.
fn printed(line: &str) -> Option<(usize, String, String)> {
    let (place, rest) = line.split_once(": ")?;
    let place = place.trim_start_matches("line").trim_start_matches("packet");
    let first = place.trim_start_matches("s ").trim_start().split([',', ' ']).next()?;
    // The level follows the responsible side.
    let (level, rest) = rest.split_once(": ")?;
    let level = level.rsplit(' ').next()?;
    let code = rest.split(' ').next()?;
    Some((first.parse().ok()?, level.to_owned(), code.to_owned()))
}

/// Returns the line and code of each finding.
fn codes(run: &Run) -> Vec<(usize, String)> {
    found(run).into_iter().map(|(line, _, code)| (line, code)).collect()
}

/// Returns the line and code of each error.
fn errors(run: &Run) -> Vec<(usize, String)> {
    let is_error = |(line, level, code)| (level == "error").then_some((line, code));
    found(run).into_iter().filter_map(is_error).collect()
}

#[track_caller]
fn assert_codes(found: &[(usize, String)], expected: &[(usize, &str)]) {
    let found: Vec<(usize, &str)> = found.iter().map(|(line, code)| (*line, &**code)).collect();
    assert_eq!(found, expected);
}

/// Returns a line of a capture.
fn line(direction: &str, payload: &str) -> String {
    on(&format!("$resource/{direction}/service/P/d"), payload)
}

fn on(topic: &str, payload: &str) -> String {
    let mut line = serde_json::json!({"topic": topic, "payload": payload}).to_string();
    line.push('\n');
    line
}

/// Returns a stored result that conforms to its schema.
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
