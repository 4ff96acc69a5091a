//! The causes of a live result, first in every report.

use serde_json::{Value, json};

use super::Stored;

/// Returns a scenario with its findings: code, level, requirement and sentence.
pub(super) fn scenario(id: &str, outcome: &str, found: &[(&str, &str, &str, &str)]) -> Value {
    let findings: Vec<Value> = found
        .iter()
        .map(|(code, level, requirement, detail)| {
            json!({
                "line": 0, "topic": "", "code": code, "level": level, "side": "device",
                "requirement": requirement, "detail": detail,
            })
        })
        .collect();
    let lines: Vec<String> = found
        .iter()
        .map(|(code, level, requirement, detail)| {
            format!("{level}: {code} {requirement}: {detail}")
        })
        .collect();
    json!({
        "id": id, "requirements": ["SES-3"], "level": "must", "outcome": outcome,
        "detail": lines.join("\n"), "findings": findings,
    })
}

/// Returns a stored result of `device`.
pub(super) fn device(cases: Vec<Value>) -> Value {
    let mut totals = json!({});
    for case in &cases {
        let outcome = case["outcome"].as_str().unwrap();
        totals[outcome] = json!(totals[outcome].as_u64().unwrap_or_default() + 1);
    }
    json!({
        "format": 1,
        "tool": {"name": "iothub-conformance", "version": "0.1.0"},
        "subject": {"name": "./my-device", "version": ""},
        "command": "device",
        "invocation": {
            "started": "2026-11-27T12:00:00Z", "seconds": 9.5, "machine": "linux x86_64, 2 processors",
            "command_line": "iothub-conformance device --trigger ./my-device",
            "replay": "iothub-conformance device --trigger ./my-device",
        },
        "totals": totals,
        "cases": cases,
    })
}

/// Returns 174 scenarios that fail for one reason. Two of them have another finding too.
fn one_reason() -> Value {
    let never = |number| format!("it never publishes \"{number}\"");
    let mut cases = Vec::new();
    for number in 0..174 {
        let never = never(number);
        let mut found = vec![("no-request", "must", "MSG-1", &*never)];
        if number < 2 {
            found.push(("range", "should", "HTTP-6", "one byte too far"));
        }
        cases.push(scenario(&format!("upload/{number:03}"), "fail", &found));
    }
    device(cases)
}

#[test]
fn one_cause_of_many_failures_is_one_entry() {
    let stored = Stored::new(&[("a.json", &one_reason())]);
    let text = stored.run(&["report", "a.json"]).stdout;
    let summary = text.split("\n\n").nth(1).unwrap();
    insta::assert_snapshot!("causes_text", summary);
    let markdown = stored.run(&["report", "--format", "markdown", "a.json"]).stdout;
    let until = markdown.find("| section |").unwrap();
    insta::assert_snapshot!("causes_markdown", &markdown[..until]);
    let html = stored.run(&["report", "--format", "html", "a.json"]).stdout;
    let from = html.find("<ul class=\"codes causes\">").unwrap();
    let until = from + html[from..].find("</ul>").unwrap();
    assert_eq!(html[from..until].matches("<li>").count(), 2);
    insta::assert_snapshot!("causes_html", &html[from..until]);
    assert!(from < html.find("By requirement").unwrap(), "the causes come first");
}
