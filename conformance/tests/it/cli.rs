//! The command line as users and scripts use it.

use std::{
    fs::File,
    process::{Command, Stdio},
};

use serde_json::{Value, json};

use crate::{
    command::{self, Run, binary, run},
    folder::{self, Folder},
};

/// Returns the lines of an output.
fn lines(run: &Run) -> Vec<&str> {
    run.stdout.lines().collect()
}

fn list(arguments: &[&str]) -> Run {
    let run = run(["list"].iter().chain(arguments));
    assert_eq!(run.status, Some(0), "{run:?}");
    run
}

/// Checks a usage error: exit status 2, nothing on standard output, and a message that contains
/// these words.
#[track_caller]
fn refused(arguments: &[&str], words: &str) {
    let run = run(arguments);
    assert!(run.stderr.contains(words), "{arguments:?}: {}", run.stderr);
    assert_eq!((run.status, &*run.stdout), (Some(2), ""), "{arguments:?}");
}

/// Returns the output without the parts that change with the version or with the fixtures.
fn stable(output: &str) -> String {
    output.replace(env!("CARGO_PKG_VERSION"), "VERSION")
}

#[test]
fn without_a_command_it_runs() {
    let implicit = run::<&str>([]);
    assert_eq!(implicit.status, Some(0));
    assert_eq!(implicit.stdout, run(["run"]).stdout);
    assert_eq!(implicit.stdout, run(["run", "--strict", "--codes"]).stdout);
    assert_eq!(implicit.stderr, "", "on a terminal only is there progress");
    assert!(implicit.totals().ends_with(" pass"));
    for group in ["Topics", "Encoding", "Messages", "Values", "HTTP", "Sessions"] {
        assert!(
            implicit.stdout.contains(&format!("\n{group} ")) || implicit.stdout.starts_with(group)
        );
    }
    let filtered = run(["--filter", "TOP-1"]);
    assert_eq!(filtered.stdout, run(["run", "--filter", "TOP-1"]).stdout);
}

#[test]
fn wrong_usage_is_refused() {
    refused(&["--no-such-option"], "unexpected argument '--no-such-option'");
    refused(&["no-such-command"], "unrecognized subcommand 'no-such-command'");
    refused(&["run", "list"], "unexpected argument 'list'");
    refused(&["run", "--timeout", "0"], "it must be more than 0");
    refused(
        &["run", "--timeout", "soon"],
        "it is not a time: expected a number with an optional unit (ms, s, m or min), for example \
         5000 (milliseconds)",
    );
    refused(&["run", "--jobs", "0"], "expected a whole number from 1 to 256");
    refused(&["run", "--profile", "deploid"], "invalid value 'deploid'");
    refused(&["run", "--testee", ""], "is not a command");
    refused(&["run", "--testee", "a 'b"], "is not a command");
    for shard in ["0/3", "4/3", "1", "1/0", "a/b", "-1/3", "1/3/5"] {
        refused(&["run", &format!("--shard={shard}")], "a shard must be I/N with I from 1 to N");
    }
    refused(&["explain"], "required arguments");
    refused(&["fuzz"], "required arguments");
    refused(&["fuzz", "--testee", "a 'b"], "is not a command");
    refused(&["fuzz", "--testee", "a", "--cases", "0"], "expected a whole number of at least 1");
    refused(&["fuzz", "--testee", "a", "--cases", "1", "--time", "1"], "cannot be used with");
    refused(&["fuzz", "--testee", "a", "--seed=-1"], "invalid");
    refused(
        &["fuzz", "--testee", "a", "--max-findings", "0"],
        "expected a whole number of at least 1",
    );
    refused(&["list", "--format", "yaml"], "invalid value 'yaml'");
}

#[test]
fn a_filter_that_matches_nothing_is_refused() {
    refused(&["run", "--filter", "no-such-case"], "no case matches --filter no-such-case");
    refused(&["list", "--filter", "no-such-case"], "no case matches --filter no-such-case");
    refused(&["run", "--filter", "TOP-1", "--filter", "TOP-77"], "no case matches --filter TOP-77");
    // MSG-9 and its accepted cases exist in the other profile only.
    let both = ["run", "--filter", "/deployed", "--profile", "documented"];
    refused(&both, "the options together select no case: omit one of them");
    let few = Folder::of_topics(2, &[]);
    let few = few.path().to_str().expect("the path is UTF-8");
    refused(&["run", "--fixtures", few, "--shard", "3/3"], "the options together select no case");
}

#[test]
fn filters_select_by_text_and_by_requirement() {
    let by_requirement = list(&["--filter", "SES-1"]);
    let ids = |line: &str| line.split('\t').nth(1).unwrap_or_default().to_owned();
    for line in lines(&by_requirement) {
        assert!(ids(line).split(',').any(|id| id == "SES-1"), "{line}");
    }
    assert_eq!(by_requirement.stdout, list(&["--filter", "ses-1"]).stdout);

    let by_text = list(&["--filter", "decode/enc-4/"]);
    assert!(lines(&by_text).iter().all(|line| line.contains("decode/enc-4/")));
    // This id resembles the id of a requirement.
    let folder = Folder::new(&[folder::topic("depth-10", "d"), folder::topic("depth-11", "d")]);
    let folder = folder.path().to_str().expect("the path is UTF-8");
    let by_odd_text = list(&["--fixtures", folder, "--filter", "depth-1"]);
    assert_eq!(lines(&by_odd_text).len(), 2);

    let either = list(&["--filter", "decode/enc-4/", "--filter", "SES-1"]);
    assert_eq!(lines(&either).len(), lines(&by_text).len() + lines(&by_requirement).len());
}

#[test]
fn a_profile_leaves_the_other_one_out() {
    let [all, documented, deployed] =
        [list(&[]), list(&["--profile", "documented"]), list(&["--profile", "deployed"])];
    let without =
        |run: &Run, profile: &str| lines(run).iter().filter(|line| !line.contains(profile)).count();
    assert_eq!(lines(&documented).len(), without(&all, "/deployed\t"));
    assert_eq!(lines(&deployed).len(), without(&all, "/documented\t"));
}

#[test]
fn shards_are_a_partition() {
    let total = |run: &Run| -> usize {
        let count = run.totals().split(' ').next().and_then(|count| count.parse().ok());
        count.unwrap_or_default()
    };
    let shards = ["1/3", "2/3", "3/3"].map(|shard| total(&run(["run", "--shard", shard])));
    let all = total(&run(["run"]));
    assert_eq!(shards.iter().sum::<usize>(), all);
    assert!(shards.iter().all(|shard| shard.abs_diff(all / 3) <= 1), "{shards:?}");
}

/// An adapter in GNU `sed` that answers every request with `{"ok":{}}`, without a message and
/// without advice.
#[cfg(target_os = "linux")]
const NO_ADVICE: &str = r#"sed -u 's/"id":\([0-9]*\),.*/"id":\1,"ok":{}}/'"#;

#[cfg(target_os = "linux")]
#[test]
fn strict_makes_a_should_count() {
    let folder = Folder::new(&[json!({
        "id": "trace/advice", "op": "trace", "profile": "documented", "level": "should",
        "input": {"events": "events"},
        "result": {"advice": [{"at": 0, "code": "unanswered"}]},
    })]);
    folder.write("events", "");
    let folder = folder.path().to_str().expect("the path is UTF-8");
    let lenient = run(["run", "--fixtures", folder, "--testee", NO_ADVICE]);
    assert_eq!((lenient.status, lenient.totals()), (Some(0), "1 warn"), "{lenient:?}");
    assert!(lenient.told()["trace/advice"].1.contains("no advice, expected unanswered at 0"));
    let strict = run(["run", "--fixtures", folder, "--testee", NO_ADVICE, "--strict"]);
    assert_eq!((strict.status, strict.totals()), (Some(1), "1 fail"));
}

#[cfg(target_os = "linux")]
#[test]
fn codes_are_compared_when_asked_for() {
    let folder = Folder::new(&[json!({
        "id": "topic/bad", "op": "topic_parse", "input": {"topic": "x"}, "code": "invalid-topic",
    })]);
    let folder = folder.path().to_str().expect("the path is UTF-8");
    let testee = |err: &str| {
        format!(r#"sed -u '1s/.*/{{"id":1,"ok":{{}}}}/;2s/.*/{{"id":2,"err":{{{err}}}}}/'"#)
    };
    let run = |err: &str, codes: &[&str]| {
        let testee = testee(err);
        run(["run", "--fixtures", folder, "--testee", &testee].iter().chain(codes))
    };
    let wrong = r#""code":"not-utf8""#;
    assert_eq!(run(wrong, &[]).status, Some(0));
    let compared = run(wrong, &["--codes"]);
    assert_eq!(compared.status, Some(1), "{compared:?}");
    assert!(compared.stdout.contains("rejected with not-utf8, not with invalid-topic"));
    // An adapter without codes is not asked for them.
    assert_eq!(run("", &["--codes"]).status, Some(0));
}

#[test]
fn jobs_do_not_change_the_result() {
    let testee = format!("'{}' adapter", env!("CARGO_BIN_EXE_iothub-conformance"));
    let one = run(["run", "--testee", &testee, "--filter", "TOP-3"]);
    let four = run(["run", "--testee", &testee, "--filter", "TOP-3", "--jobs", "4"]);
    assert_eq!((one.status, &one.stdout), (Some(0), &four.stdout));
}

#[test]
fn fixtures_from_a_folder() {
    let good = Folder::of_topics(3, &[]);
    let run =
        |folder: &Folder| run(["run".as_ref(), "--fixtures".as_ref(), folder.path().as_os_str()]);
    assert_eq!(run(&good).totals(), "3 pass");

    #[track_caller]
    fn refused(run: &Run, words: &[&str]) {
        assert_eq!((run.status, &*run.stdout), (Some(2), ""));
        for words in words {
            assert!(run.stderr.contains(words), "{}", run.stderr);
        }
    }
    let manifest = good.path().join("manifest.json");
    std::fs::remove_file(&manifest).expect("it was written");
    let path = manifest.to_str().expect("the path is UTF-8");
    refused(&run(&good), &["the fixtures cannot be read: ", path, "No such file"]);
    good.write("manifest.json", "{");
    refused(&run(&good), &["manifest.json: EOF while parsing an object at line 1"]);
    good.write("manifest.json", r#"{"format":2,"version":"1.0.0","cases":[]}"#);
    refused(&run(&good), &["manifest.json: format 2 is unknown: this version reads format 1"]);

    for (key, value, words) in [
        ("op", json!("guess"), "topic/1: unknown operation guess"),
        (
            "input",
            json!({"direction": "sideways"}),
            "topic/1: a direction must be \"up\" or \"down\", not \"sideways\"",
        ),
        ("input", json!({"direction": "up"}), "topic/1: `product_id` is missing"),
        ("verdict", json!("maybe"), "topic/1: a verdict must be "),
        ("result", json!({}), "topic/1: `result` has no `topic`"),
        ("result", json!({"topic": 1}), "topic/1: `result` contains 1 instead of a string"),
        ("surprise", json!(1), "manifest.json: unknown field `surprise`"),
        ("title", Value::Null, "manifest.json: invalid type: null, expected a string"),
    ] {
        let mut case = folder::topic("topic/1", "d");
        case[key] = value;
        refused(&run(&Folder::new(&[case])), &[words]);
    }
    let case = json!({"id": "digest/1", "op": "md5_digest", "input": {"data": "no-such-file"},
        "result": {"md5sum": ""}});
    refused(&run(&Folder::new(&[case])), &["no-such-file: No such file"]);
}

#[test]
fn lists_as_text_and_as_json() {
    let text = list(&["--filter", "TOP-1"]);
    let json = list(&["--filter", "TOP-1", "--format", "json"]);
    let cases: Vec<Value> = serde_json::from_str(&json.stdout).expect("it is JSON");
    assert_eq!(cases.len(), lines(&text).len());
    for (case, line) in cases.iter().zip(lines(&text)) {
        let columns: Vec<&str> = line.split('\t').collect();
        let ids: Vec<&str> = columns[1].split(',').collect();
        let same = json!({"id": columns[0], "requirements": ids, "level": columns[2], "title": columns[3]});
        assert_eq!(*case, same);
    }
}

#[cfg(unix)]
#[test]
fn a_reader_that_goes_away_is_no_error() {
    for command in ["list", "list --format json", "explain ENC-4", "run", "--help"] {
        let program = env!("CARGO_BIN_EXE_iothub-conformance");
        let shell = format!("{{ '{program}' {command}; echo $? >&2; }} | head -1");
        let run = command::start(Command::new("sh").args(["-c", &shell])).end();
        assert_eq!(run.stderr, "0\n", "{command}");
        assert_eq!(lines(&run).len(), 1);
    }
}

/// If the reader of standard output closes it, the status and the reports stay the same.
#[cfg(unix)]
#[test]
fn a_reader_that_goes_away_takes_no_report_along() {
    let folder = failing();
    let shell = format!(
        "{{ (while echo; do :; done) 2>/dev/null; '{}' run --fixtures . --report-json result.json; echo $? >&2; }} | true",
        env!("CARGO_BIN_EXE_iothub-conformance")
    );
    let mut command = Command::new("sh");
    let run = command::start(command.args(["-c", &shell]).current_dir(folder.path())).end();
    assert_eq!(run.stderr, "1\n");
    assert!(folder.path().join("result.json").exists());
}

/// Returns a folder with one case that the built-in implementation fails.
fn failing() -> Folder {
    let mut case = folder::topic("topic/fails", "d");
    case["result"]["topic"] = "another".into();
    Folder::new(&[case])
}

/// The commands in the final hint work as they are printed.
#[cfg(unix)]
#[test]
fn the_failure_can_be_explained_from_its_folder() {
    let folder = failing();
    let parent = folder.path();
    std::os::unix::fs::symlink(".", parent.join("it's here")).expect("there is room");
    let mut command = binary();
    let run =
        command::start(command.args(["run", "--fixtures", "it's here"]).current_dir(parent)).end();
    let (_, hint) = run.stdout.rsplit_once("in full: iothub-conformance ").expect("it says how");
    let program = env!("CARGO_BIN_EXE_iothub-conformance");
    let shell = format!("'{program}' {hint}");
    let mut command = Command::new("sh");
    let run = command::start(command.args(["-c", &shell]).current_dir(parent)).end();
    assert_eq!(run.status, Some(0), "{hint}{}", run.stderr);
    assert!(run.stdout.starts_with("topic/fails\n"), "{}", run.stdout);
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_device_is_an_error() {
    for command in [&["list"][..], &["run"], &["explain", "ENC-4"], &["adapter"]] {
        let full = File::options().write(true).open("/dev/full").expect("Linux has it");
        let mut command = binary()
            .args(command)
            .stdin(Stdio::piped())
            .stdout(full)
            .stderr(Stdio::piped())
            .spawn()
            .expect("it is there");
        let mut input = command.stdin.take().expect("it is piped");
        let _ = std::io::Write::write_all(&mut input, b"{}\n");
        drop(input);
        let output = command.wait_with_output().expect("it ends");
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(stderr.contains("No space left on device"), "{stderr}");
        assert_eq!(output.status.code(), Some(2));
    }
}

#[test]
fn colours_only_where_they_are_wanted() {
    let coloured = |variables: &[(&str, &str)]| {
        let mut command = binary();
        command.args(["run", "--filter", "TOP-1"]).envs(variables.iter().copied());
        command::start(&mut command).end().stdout.contains('\u{1b}')
    };
    assert!(!coloured(&[]), "not when it is not a terminal");
    assert!(coloured(&[("CLICOLOR_FORCE", "1")]));
    assert!(!coloured(&[("NO_COLOR", "1")]));
    assert!(!coloured(&[("NO_COLOR", "1"), ("CLICOLOR_FORCE", "0")]));
}

#[test]
fn help_of_every_command() {
    let commands: [&[&str]; 14] = [
        &[],
        &["run"],
        &["list"],
        &["explain"],
        &["fuzz"],
        &["adapter"],
        &["check"],
        &["lint"],
        &["report"],
        &["diff"],
        &["export"],
        &["platform"],
        &["serve"],
        &["device"],
    ];
    for command in commands {
        let run = run(command.iter().chain(&["--help"]));
        assert_eq!((run.status, &*run.stderr), (Some(0), ""));
        assert!(run.stdout.contains("Example"), "{command:?}");
        assert!(run.stdout.lines().all(|line| line.chars().count() <= 100), "{}", run.stdout);
        // Each example can be copied: it has one line, or continues after a backslash.
        let (_, examples) = run.stdout.split_once("Examples:\n").unwrap_or_default();
        let mut goes_on = false;
        for line in examples.lines() {
            assert!(line.starts_with("      ") == goes_on, "{line}");
            let begins = ["iothub-conformance", "mosquitto_sub", "IOTHUB_", "source", "grep"];
            assert!(goes_on || begins.iter().any(|word| line[2..].starts_with(word)), "{line}");
            goes_on = line.ends_with('\\');
        }
        let name = format!("help_{}", command.first().unwrap_or(&"itself"));
        insta::assert_snapshot!(name, run.stdout);
    }
    let version = run(["--version"]);
    assert_eq!(stable(&version.stdout), "iothub-conformance VERSION\n");
}

#[cfg(target_os = "linux")]
#[test]
fn a_failing_run() {
    let folder = Folder::new(&[
        folder::topic("topic/fails", "d"),
        json!({"id": "topic/is-bad", "op": "topic_parse", "input": {"topic": "x"}, "code": "invalid-topic", "requirements": ["TOP-2", "TOP-1"]}),
        json!({"id": "topic/is-mixed-up", "op": "topic_parse", "input": {"topic": "x"}, "code": "invalid-topic", "requirements": ["ENC-1"]}),
        json!({"id": "topic/is-unsupported", "op": "topic_parse", "input": {"topic": "x"}, "code": "invalid-topic"}),
        json!({"id": "topic/passes", "op": "topic_parse", "input": {"topic": "x"}, "code": "invalid-topic"}),
        json!({"id": "topic/stops", "op": "topic_parse", "input": {"topic": "x"}, "code": "invalid-topic"}),
    ]);
    let answers = r#"
        1s/.*/{"id":1,"ok":{"name":"sed","version":"4"}}/
        2s/.*/{"id":2,"ok":{"topic":"another"}}/
        3s/.*/{"id":3,"ok":{"direction":"up","product_id":"P","device_name":"d"}}/
        4s/.*/{"id":4,"err":{"code":"not-utf8","detail":"no"}}/
        5s/.*/{"id":5,"unsupported":true}/
        6s/.*/{"id":6,"err":{}}/
        7Q
    "#;
    let script = folder.path().join("answers.sed");
    std::fs::write(&script, answers).expect("there is room");
    let testee = format!("sed -u -f '{}'", script.display());
    let run = command::start(
        binary()
            .args(["run", "--codes", "--testee", &testee, "--fixtures", "."])
            .current_dir(folder.path()),
    )
    .end();
    assert_eq!((run.status, &*run.stderr), (Some(1), ""));
    insta::assert_snapshot!(run.stdout);
}
