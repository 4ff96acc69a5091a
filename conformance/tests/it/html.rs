//! The HTML page: its content, and its behaviour in a browser.

mod browser;
mod page;
mod webdriver;

use std::{fs, path::Path};

use iothub_conformance::{
    Fixtures,
    report::{Format, StoredResult, render},
};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::command::{self, binary};

/// A case that fails. The page shows its bytes, and its place in a conversation.
const DECODE: &str = "decode/enc-3/top-fraction/documented";
const TRACE: &str = "trace/ses-7/download-code-max-then-more/documented";
/// A case that passes, near the end of the list.
const PASSED: &str = "trace/ses-1/name-constructor-no-create/deployed";

/// Names and words of an attacker.
const HOSTILE: &str =
    "</script><img src=x onerror=\"hacked=1\"><!--<script>'&amp;\u{2028}\u{202e}\u{1b}[2J";

/// Returns the page for some results.
fn page(results: &[Value]) -> String {
    let results: Vec<StoredResult> = results
        .iter()
        .map(|result| serde_json::from_value(result.clone()).expect("it is a result"))
        .collect();
    let mut page = Vec::new();
    render(Format::Html, &results, &Fixtures::embedded().requirements, &mut page)
        .expect("there is memory");
    String::from_utf8(page).expect("a page is text")
}

/// Returns the stored result of a command.
fn stored(arguments: &[&str]) -> Value {
    let folder = TempDir::new().expect("there is room for temporary files");
    let path = folder.path().join("result.json");
    let mut command = binary();
    command.current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/captures"));
    command::start(command.args(arguments).arg("--report-json").arg(&path)).end();
    let text = fs::read_to_string(&path).expect("it has written its report");
    serde_json::from_str(&text).expect("it is JSON")
}

/// Returns the number of cases.
fn total() -> usize {
    Fixtures::embedded().cases.len()
}

/// Returns a number below a million as the page shows it.
fn shown(number: usize) -> String {
    match (number / 1000, number % 1000) {
        (0, number) => number.to_string(),
        (thousands, rest) => format!("{thousands},{rest:03}"),
    }
}

fn passing() -> Value {
    stored(&["run"])
}

/// Returns the result of an implementation that fails two cases.
fn failing() -> Value {
    let mut result = passing();
    result["subject"] = json!({"name": "half done", "version": "2"});
    let cases = result["cases"].as_array_mut().expect("it has cases");
    let total = cases.len();
    for id in [DECODE, TRACE] {
        let case = cases.iter_mut().find(|case| case["id"] == id).expect("it is a fixture");
        case["outcome"] = "fail".into();
        case["detail"] = "accepted, but must be rejected".into();
    }
    result["totals"] = json!({"pass": total - 2, "fail": 2});
    result
}

/// Returns a result with hostile text in every field that a testee controls.
fn hostile() -> Value {
    let event = json!({"at": 1, "from": "device", "to": "store", "label": HOSTILE,
        "codes": [HOSTILE], "level": "must"});
    json!({
        "format": 1,
        "tool": {"name": HOSTILE, "version": HOSTILE},
        "subject": {"name": HOSTILE, "version": HOSTILE},
        "command": HOSTILE,
        "totals": {"fail": 1, "must": 1, HOSTILE: 1},
        "cases": [{"id": HOSTILE, "requirements": [HOSTILE], "level": "must", "outcome": "fail",
            "detail": HOSTILE, "title": HOSTILE, "request": HOSTILE, "expected": HOSTILE,
            "input": {"before": HOSTILE, "marked": HOSTILE, "after": HOSTILE},
            "reason": HOSTILE, "events": [event]}],
        "findings": [{"line": 1, "topic": HOSTILE, "code": HOSTILE, "level": "must",
            "requirement": HOSTILE, "detail": HOSTILE, "message": {"before": HOSTILE, "marked": ""}}],
        "sessions": [{"device": HOSTILE, "events": [event]}],
    })
}
