//! `diff`: better, worse, new and removed cases.

use super::{Stored, lint_of, run_of};

#[test]
fn says_what_changed() {
    let old = run_of(
        "mine",
        &[
            ("a/breaks", "pass", ""),
            ("a/mended", "fail", ""),
            ("a/same", "fail", "as ever"),
            ("a/gone", "pass", ""),
        ],
    );
    let new = run_of(
        "mine",
        &[
            ("a/breaks", "fail", "answered 1, not 2\nsaid: \u{1b}[1mno"),
            ("a/mended", "pass", ""),
            ("a/same", "fail", "in other words"),
            ("a/new", "fail", "it is new"),
        ],
    );
    let stored = Stored::new(&[("old.json", &old), ("new.json", &new)]);
    let run = stored.run(&["diff", "old.json", "new.json"]);
    assert_eq!(run.status, Some(1), "{run:?}");
    insta::assert_snapshot!("diff", run.stdout);
    let run = stored.run(&["diff", "old.json", "old.json"]);
    assert_eq!(run.status, Some(0));
    assert_eq!(run.stdout, "0 worse, 0 better, 0 new, 0 removed, 4 unchanged\n");
}

/// The outcome of the testee counts first, then its effect on the run.
#[test]
fn outcomes_are_ordered() {
    let order = [
        &["pass"][..],
        &["unexpected-pass"],
        &["warn"],
        &["unsupported", "not-reached"],
        &["expected"],
        &["fail"],
        &["crashed", "timed-out", "bad-answer"],
    ];
    let ranked: Vec<(usize, &str)> = order
        .iter()
        .enumerate()
        .flat_map(|(rank, outcomes)| outcomes.iter().map(move |outcome| (rank, *outcome)))
        .collect();
    let names: Vec<String> = ranked.iter().map(|(_, outcome)| format!("{outcome}.json")).collect();
    let results: Vec<_> =
        ranked.iter().map(|(_, outcome)| run_of("mine", &[("a/a", outcome, "")])).collect();
    let files: Vec<_> = names.iter().map(String::as_str).zip(&results).collect();
    let stored = Stored::new(&files);
    for (before, old) in ranked.iter().zip(&names) {
        for (now, new) in ranked.iter().zip(&names) {
            let run = stored.run(&["diff", old, new]);
            let expected = match now.0.cmp(&before.0) {
                std::cmp::Ordering::Greater => (Some(1), "1 worse, 0 better"),
                std::cmp::Ordering::Less => (Some(0), "0 worse, 1 better"),
                std::cmp::Ordering::Equal => (Some(0), "0 worse, 0 better"),
            };
            let total = run.stdout.lines().last().unwrap_or_default();
            assert_eq!((run.status, &total[..17]), expected, "{old} {new}");
        }
    }
}

#[test]
fn findings_are_counted_by_kind_not_by_line() {
    let end = "after-end";
    let old = lint_of("a", &[(3, "must", end, "SES-7"), (4, "should", "plain-http", "VAL-4")]);
    let moved = lint_of("b", &[(7, "should", "plain-http", "VAL-4"), (90, "must", end, "SES-7")]);
    let worse = lint_of("c", &[(3, "must", end, "SES-7"), (4, "must", end, "SES-7")]);
    let stored = Stored::new(&[("old.json", &old), ("moved.json", &moved), ("new.json", &worse)]);
    let run = stored.run(&["diff", "old.json", "moved.json"]);
    assert_eq!(
        (run.status, &*run.stdout),
        (Some(0), "0 worse, 0 better, 0 new, 0 removed, 2 unchanged\n")
    );
    let run = stored.run(&["diff", "old.json", "new.json"]);
    assert_eq!(run.status, Some(1));
    assert_eq!(
        run.stdout,
        "worse must SES-7 after-end $resource/up/service/P/d 1, now 2\n    \
         what after-end means\n    {\"type\":\"a_b\"}\n\
         better should VAL-4 plain-http $resource/up/service/P/d 1, now 0\n\
         1 worse, 1 better, 0 new, 0 removed, 1 unchanged\n"
    );
}

#[test]
fn a_new_version_of_the_fixtures_does_not_flood() {
    let ids: Vec<String> = (0..500).map(|number| format!("a/{number}")).collect();
    let cases: Vec<_> = ids.iter().map(|id| (id.as_str(), "pass", "")).collect();
    let stored =
        Stored::new(&[("old.json", &run_of("a", &[])), ("new.json", &run_of("a", &cases))]);
    let run = stored.run(&["diff", "old.json", "new.json"]);
    assert_eq!((run.status, run.stdout.lines().count()), (Some(0), 22));
}
