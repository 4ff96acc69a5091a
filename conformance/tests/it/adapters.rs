//! An adapter that tests nothing, or always gives the same answer, is never called a success.

use std::fs;

use tempfile::TempDir;

use crate::{
    command::{self, Run},
    folder::Folder,
    hostile::misbehave,
};

/// Runs the cases of `topic_format` against an adapter with this misbehaviour.
fn run(way: &[&str], options: &[&str]) -> Run {
    let program = misbehave();
    let words = std::iter::once(program.to_str().expect("the path is UTF-8")).chain(way.to_vec());
    let testee: Vec<String> = words.map(|word| format!("'{word}'")).collect();
    command::start(
        command::binary()
            .args(["run", "--testee", &testee.join(" "), "--filter", "topic-format/"])
            .args(options),
    )
    .end()
}

#[test]
fn without_an_operation_it_is_incomplete() {
    let folder = TempDir::new().expect("there is room");
    let file = |name: &str| folder.path().join(name).display().to_string();
    let (json, html) = (file("result.json"), file("result.html"));
    let run = run(&["hello-nothing"], &["--report-json", &json, "--report-html", &html]);
    assert_eq!(run.status, Some(0), "{run:?}");
    assert!(run.stdout.contains("\nincomplete: "), "{}", run.stdout);
    assert!(run.stdout.contains(" unsupported (topic_format)"), "{}", run.stdout);
    let page = fs::read_to_string(html).expect("it was written");
    assert!(page.contains("incomplete</strong>") && !page.contains("passed</strong>"));
    for (format, words) in [("markdown", "⚪ incomplete"), ("badge", "incomplete 0/")] {
        let report = command::run(["report", "--format", format, &json]).stdout;
        assert!(report.contains(words), "{format}: {report}");
        assert!(!report.contains("✅"));
    }
}

#[test]
fn an_operation_that_is_required_must_be_there() {
    let missing = run(&["hello-nothing"], &["--require-ops", "topic_format"]);
    assert_eq!(missing.status, Some(1));
    assert!(missing.stdout.contains("required but not answered: topic_format"), "{missing:?}");
    let there = run(&["none"], &["--require-ops", "topic_format"]);
    assert!(!there.stdout.contains("required but not answered"), "{}", there.stdout);
    let unknown = run(&["none"], &["--require-ops", "topic_formt"]);
    assert_eq!(unknown.status, Some(2));
    assert!(unknown.stderr.contains("topic_format"), "{}", unknown.stderr);

    let folder = TempDir::new().expect("there is room");
    let list = folder.path().join("known.toml");
    fs::write(&list, "require-ops = [\"topic_format\"]\n").expect("there is room");
    let list = list.to_str().expect("the path is UTF-8");
    let listed = run(&["hello-nothing"], &["--expectations", list]);
    assert_eq!(listed.status, Some(1), "{listed:?}");
    let blessed = run(&["hello-nothing"], &["--expectations", list, "--bless"]);
    assert_eq!(blessed.status, Some(1), "{blessed:?}");
    assert_eq!(
        fs::read_to_string(list).expect("it is there"),
        "require-ops = [\"topic_format\"]\n"
    );
}

#[test]
fn a_misspelt_operation_is_no_operation() {
    let run = run(&["hello-misspelt"], &[]);
    assert_eq!((run.status, &*run.stdout), (Some(3), ""));
    let words = "hello names the operation \"topic_formt\", which does not exist: did you mean \
                 \"topic_format\"?";
    assert!(run.stderr.contains(words), "{}", run.stderr);
}

#[test]
fn an_unknown_profile_is_no_profile() {
    let run = run(&["hello-other-profile"], &[]);
    assert_eq!(run.status, Some(3));
    assert!(run.stderr.contains("expected one of documented, deployed"), "{}", run.stderr);
}

#[test]
fn one_answer_to_everything_is_told() {
    let refuses = run(&["refuse-always"], &[]);
    assert_eq!(refuses.status, Some(1));
    assert!(refuses.stdout.contains("note: the testee rejects all "), "{}", refuses.stdout);
    let accepts = run(&["accept-always"], &[]);
    assert_eq!(accepts.status, Some(1));
    assert!(accepts.stdout.contains("note: the testee accepts all "), "{}", accepts.stdout);
}

#[test]
fn answers_that_are_nearly_right() {
    for (way, words) in [
        ("fraction-id", ".0, not "),
        ("blank-lines", "an empty line: print exactly one line"),
        ("echo", "the line is the request itself: print an answer instead, such as {\"id\":"),
    ] {
        let run = run(&[way], &[]);
        assert_ne!(run.status, Some(0), "{way}");
        let all = run.stdout + &run.stderr;
        assert!(all.contains(words), "{way}: {all}");
    }
}

#[test]
fn crashes_without_end_are_cut_short() {
    let gives_up = run(&["die-always"], &[]);
    assert_eq!(gives_up.status, Some(1));
    let words = "not asked: the program crashed at 20 consecutive requests for topic_format (see \
                 --keep-going)";
    let all = run(&["die-always"], &["--all"]);
    assert!(all.stdout.contains(words), "{}", all.stdout);
    assert_eq!(gives_up.totals(), all.totals());
    let goes_on = run(&["die-always"], &["--keep-going", "--all", "--shard", "1/3"]);
    assert!(!goes_on.stdout.contains("not asked"), "{}", goes_on.stdout);
}

#[test]
fn ten_failures_are_shown() {
    let folder = Folder::of_topics(40, &(0..40).collect::<Vec<_>>());
    let program = misbehave();
    let testee = format!("'{}' say '{{\"err\":{{}}}}'", program.display());
    let arguments = ["run", "--testee", &testee, "--fixtures"];
    let shown = |options: &[&str]| {
        let run =
            command::start(command::binary().args(arguments).arg(folder.path()).args(options))
                .end();
        assert_eq!(run.status, Some(1), "{run:?}");
        (run.stdout.matches("fail topic/").count(), run.stdout)
    };
    let (count, text) = shown(&[]);
    assert_eq!(count, 10, "{text}");
    assert!(text.contains("… and 30 more fail: topic_format: valid, but rejected"), "{text}");
    assert!(text.contains("30 of these are not shown; --all shows them"), "{text}");
    assert_eq!(shown(&["--all"]).0, 40);
}

/// The message explains each option, with an example.
#[test]
fn times_and_commands_are_explained() {
    for (options, words) in [
        (
            &["--timeout", "0"][..],
            "it must be more than 0: expected a number with an optional unit (ms, s, m or min), \
             for example 5000 (milliseconds)",
        ),
        (
            &["--timeout", "soon"],
            "it is not a time: expected a number with an optional unit (ms, s, m or min), for \
             example 5000 (milliseconds), 500ms, 5s or 2m",
        ),
        (&["--startup-timeout", "5h"], "it is not a time"),
    ] {
        let run = run(&["none"], options);
        assert_eq!(run.status, Some(2));
        assert!(run.stderr.contains(words), "{}", run.stderr);
    }
    let run = run(&["none"], &["--timeout", "5s", "--startup-timeout", "2m"]);
    assert_eq!((run.status, &*run.stderr), (Some(1), ""), "it runs, and accepts what is invalid");
    let piped = command::run(["run", "--testee", "./a | ./b"]);
    assert_eq!(piped.status, Some(2));
    assert!(piped.stderr.contains("no shell runs the command"), "{}", piped.stderr);
    assert!(piped.stderr.contains("sh -c"), "{}", piped.stderr);
}

#[test]
fn a_list_in_utf_16_is_named_so() {
    let folder = TempDir::new().expect("there is room");
    let list = folder.path().join("known.toml");
    let text: Vec<u8> = "\u{feff}[[expect]]\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    fs::write(&list, text).expect("there is room");
    let run = command::run(["run", "--expectations", list.to_str().expect("the path is UTF-8")]);
    assert_eq!(run.status, Some(2));
    assert!(run.stderr.contains("it is in UTF-16: save it as UTF-8"), "{}", run.stderr);
}
