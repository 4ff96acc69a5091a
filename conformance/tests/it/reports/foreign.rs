//! A stored result is a foreign file: no text in it can act as markup in a report.

use std::fs;

use serde_json::json;

use super::Stored;
use crate::command::run;

const EVIL: &str = "\u{1b}]0;title\u{7}\u{1b}[31m<img src=x>@someone #1 https://evil.example/ www.evil.example [a](b)\u{202e}";

/// Returns a result in which every text is hostile.
fn results() -> Stored {
    let folder = tempfile::TempDir::new().expect("there is room");
    let tool = json!({ "name": EVIL, "version": EVIL });
    let run = json!({
        "format": 1, "tool": tool, "subject": tool, "command": "run", "notes": [EVIL],
        "missing_ops": [EVIL], "totals": { "fail": 1 },
        "invocation": { "started": EVIL, "seconds": 1.0, "command_line": EVIL, "machine": EVIL },
        "cases": [{
            "id": EVIL, "requirements": [EVIL], "level": "must", "outcome": "fail", "detail": EVIL,
            "title": EVIL, "request": EVIL, "expected": EVIL, "answered": EVIL, "reason": EVIL,
        }],
    });
    let lint = json!({
        "format": 1, "tool": tool, "subject": tool, "command": "lint", "cases": [],
        "totals": { "messages": 1, "must": 1, "should": 0, "device-must": 1 },
        "findings": [{
            "line": 1, "topic": EVIL, "code": EVIL, "level": "must", "side": "device",
            "requirement": EVIL, "detail": EVIL,
        }],
        "exercised": { "seen": [EVIL], "not_seen": [EVIL] },
    });
    for (name, result) in [("run.json", &run), ("lint.json", &lint)] {
        fs::write(folder.path().join(name), result.to_string()).expect("there is room");
    }
    Stored(folder)
}

#[test]
fn nothing_in_it_speaks_for_itself() {
    let files = results();
    for (format, name) in ["text", "markdown", "junit", "html", "badge"]
        .into_iter()
        .flat_map(|format| [(format, "run.json"), (format, "lint.json")])
    {
        for arguments in
            [&["report", "--format", format, name][..], &["report", "--format", format, name, name]]
        {
            let shown = files.run(arguments).stdout;
            assert!(!shown.is_empty(), "{arguments:?}");
            let odd = shown.chars().find(|&c| (c.is_control() && c != '\n') || c == '\u{202e}');
            assert_eq!(odd, None, "{arguments:?}: {shown}");
            if format == "text" {
                continue;
            }
            // Text in backticks is code in Markdown, and contains no backtick.
            let shown: String = match format {
                "markdown" => shown.split('`').step_by(2).collect(),
                _ => shown,
            };
            assert!(!shown.contains("<img"), "{arguments:?}: {shown}");
            if format == "markdown" {
                for live in ["@someone", "https://evil", "www.evil", "[a](b)", " #1"] {
                    assert!(!shown.contains(live), "{live}: {shown}");
                }
            }
        }
    }
}

/// Thousands of globs are matched with thousands of cases.
#[test]
fn many_expectations_take_no_time() {
    let folder = tempfile::TempDir::new().expect("there is room");
    let list = folder.path().join("known.toml");
    let entry = |at| {
        format!("[[expect]]\ncase = \"*no-such-case-{at}*/x\"\nkind = \"bug\"\nreason = \"r\"\n")
    };
    fs::write(&list, (0..5000).map(entry).collect::<String>()).expect("there is room");
    let list = list.to_str().expect("the path is UTF-8");
    let run = run(["run", "--expectations", list]);
    assert_eq!(run.status, Some(1), "all are stale");
    // Without compiled globs, the run needed 47 s.
    assert!(run.cpu.as_secs() < 30, "{:?}", run.cpu);
}
