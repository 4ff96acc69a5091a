//! `report`: text, Markdown and the badge.

use serde_json::json;

use super::{Stored, every_outcome, lint_of, run_of};

#[test]
fn one_run() {
    let stored = Stored::new(&[("a.json", &every_outcome())]);
    let text = stored.run(&["report", "a.json"]);
    assert_eq!(text.status, Some(0), "that it can be shown is all that was asked");
    insta::assert_snapshot!("report_text", text.stdout);
    insta::assert_snapshot!(
        "report_markdown",
        stored.run(&["report", "--format", "markdown", "a.json"]).stdout
    );
}

#[test]
fn one_capture() {
    let findings = [(3, "must", "after-end", "SES-7"), (9, "should", "plain-http", "VAL-4")];
    let stored = Stored::new(&[("a.json", &lint_of("a_b.jsonl", &findings))]);
    insta::assert_snapshot!("report_lint_text", stored.run(&["report", "a.json"]).stdout);
    insta::assert_snapshot!(
        "report_lint_markdown",
        stored.run(&["report", "--format", "markdown", "a.json"]).stdout
    );
}

/// The page shows only the first findings of a long capture, and an error may come after them.
#[test]
fn a_capture_has_failed_by_its_totals() {
    let heading = |must: usize| {
        let mut result = lint_of("a.jsonl", &[(9, "should", "plain-http", "VAL-4")]);
        result["totals"]["must"] = must.into();
        let stored = Stored::new(&[("a.json", &result)]);
        stored.run(&["report", "--format", "markdown", "a.json"]).stdout
    };
    assert!(heading(0).starts_with("### ✅ "), "{}", heading(0));
    assert!(heading(1).starts_with("### ❌ "), "{}", heading(1));
}

#[test]
fn several_are_a_matrix() {
    let cases =
        |outcome| [("enc-1/a", "pass", ""), ("enc-1/b", outcome, ""), ("enc-1/c", outcome, "")];
    let mut third = cases("crashed").to_vec();
    third.push(("top-1/new", "pass", ""));
    let stored = Stored::new(&[
        ("a.json", &run_of("mine", &cases("pass"))),
        ("b.json", &run_of("mine", &cases("fail"))),
        ("c.json", &run_of("theirs", &third)),
    ]);
    let files = ["a.json", "b.json", "c.json"];
    let shown = |options: &[&str]| stored.run(&[&["report"], options, &files].concat()).stdout;
    insta::assert_snapshot!("matrix_text", shown(&[]));
    insta::assert_snapshot!("matrix_markdown", shown(&["--format", "markdown"]));

    let stored = Stored::new(&[
        ("a.json", &lint_of("one.jsonl", &[(3, "must", "after-end", "SES-7")])),
        ("b.json", &lint_of("two.jsonl", &[(9, "should", "plain-http", "VAL-4")])),
    ]);
    insta::assert_snapshot!("matrix_lint", stored.run(&["report", "a.json", "b.json"]).stdout);
}

#[test]
fn the_badge_says_how_it_stands() {
    const GREEN: &str = "#2d7d32";
    const YELLOW: &str = "#96700a";
    const RED: &str = "#b3261e";
    const GREY: &str = "#5f6368";
    let pass = ("enc-1/a", "pass", "");
    let mut interrupted = lint_of("a", &[]);
    interrupted["interrupted"] = json!(true);
    let runs = [
        (run_of("a", &[pass]), "1/1", GREEN),
        (run_of("a", &[pass, ("enc-1/b", "unsupported", "")]), "incomplete 1/2", GREY),
        (run_of("a", &[pass, ("enc-1/b", "expected", "")]), "incomplete 1/2", GREY),
        (run_of("a", &[pass, ("enc-1/b", "warn", "")]), "1/2", YELLOW),
        (run_of("a", &[pass, ("enc-1/b", "crashed", "")]), "1/2", RED),
        (lint_of("a", &[]), "12 messages", GREEN),
        (interrupted, "incomplete, 12 messages", GREY),
        (lint_of("a", &[(1, "should", "a", "VAL-4")]), "1 warning", YELLOW),
        (lint_of("a", &[(1, "must", "a", "VAL-4")]), "1 error", RED),
    ];
    for (result, text, color) in runs {
        let stored = Stored::new(&[("a.json", &result)]);
        let svg = stored.run(&["report", "--format", "badge", "a.json"]).stdout;
        assert!(svg.starts_with("<svg ") && svg.trim_end().ends_with("</svg>"), "{svg}");
        assert!(svg.contains(&format!(">{text}</text>")) && svg.contains(color), "{svg}");
    }
}

#[test]
fn a_long_list_stays_short_enough_for_a_comment() {
    let detail = "x`<".repeat(2000);
    let ids: Vec<String> = (0..1000).map(|number| format!("enc-1/{number}")).collect();
    let cases: Vec<_> = ids.iter().map(|id| (id.as_str(), "fail", detail.as_str())).collect();
    let stored = Stored::new(&[("a.json", &run_of("mine", &cases))]);
    let shown = stored.run(&["report", "--format", "markdown", "a.json"]).stdout;
    assert!(shown.chars().count() < 65_536, "{}", shown.len());
    assert!(shown.contains("… and 960 more"), "{shown}");
}

#[test]
fn what_is_no_stored_result_is_refused() {
    let mut newer = every_outcome();
    newer["format"] = json!(2);
    let mut odd = every_outcome();
    odd["cases"][0]["outcome"] = json!("perfect");
    let stored = Stored::new(&[
        ("run.json", &every_outcome()),
        ("lint.json", &lint_of("a", &[])),
        ("newer.json", &newer),
        ("odd.json", &odd),
        ("other.json", &json!({"cases": []})),
    ]);
    for (arguments, words) in [
        (&["report", "none.json"][..], "none.json: No such file"),
        (
            &["report", "newer.json"],
            "it is a stored result of format 2, but this version reads format 1",
        ),
        (&["report", "odd.json"], "unknown variant `perfect`"),
        (&["report", "other.json"], "it is not a stored result as written by --report-json"),
        (
            &["report", "run.json", "lint.json"],
            "results of `run` and of `lint` cannot be shown side by side",
        ),
        (&["report", "run.json", "--out", "run.json"], "is one of the stored results"),
        (&["report", "run.json", "--out", "none/a"], "none/a: No such file"),
        (&["report", "run.json", "--format", "pdf"], "invalid value 'pdf'"),
        (&["report"], "required"),
        (&["diff", "run.json"], "required"),
        (&["diff", "run.json", "lint.json"], "cannot be compared"),
    ] {
        let run = stored.run(arguments);
        assert!(run.stderr.contains(words), "{arguments:?}: {}", run.stderr);
        assert_eq!((run.status, &*run.stdout), (Some(2), ""), "{arguments:?}");
    }
}
