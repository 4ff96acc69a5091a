//! `device` as users call it, with the example device as `--trigger`, also at a Mosquitto broker.

use std::{
    fs,
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    thread,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use crate::{
    command::{self, HANGS},
    lint::stored,
    mosquitto::Broker,
};

pub(super) fn example() -> PathBuf {
    let target = PathBuf::from(env!("CARGO_BIN_EXE_iothub-conformance"));
    let example = target.with_file_name("examples").join("device");
    let example = example.with_extension(std::env::consts::EXE_EXTENSION);
    assert!(example.exists(), "with `--test it`, cargo leaves it out: cargo build --examples");
    example
}

pub(super) fn device(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_iothub-conformance"));
    command.arg("device").args(arguments).stdin(Stdio::null()).env_remove("IOTHUB_MISBEHAVE");
    command.output().unwrap()
}

/// Returns the example device as a command, with additional options. It accepts late answers.
pub(super) fn trigger(more: &str) -> String {
    let example = example();
    format!("'{}' --patience 300000 {more}", example.display())
}

pub(super) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn the_example_device_passes_and_the_result_is_stored() {
    let folder = tempfile::tempdir().unwrap();
    let json = folder.path().join("result.json");
    let html = folder.path().join("result.html");
    let output = device(&[
        "--trigger",
        &trigger(""),
        "--filter",
        "/size/",
        "--filter",
        "HTTP-6",
        "--report-json",
        json.to_str().unwrap(),
        "--report-html",
        html.to_str().unwrap(),
    ]);
    assert_eq!(output.status.code(), Some(0), "{}{}", text(&output.stdout), text(&output.stderr));
    let result = stored(&json);
    assert_eq!(result["command"], "device");
    let case = &result["cases"].as_array().unwrap()[0];
    let arrows: Vec<_> = case["events"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| format!("{} -> {}", event["from"], event["to"]))
        .collect();
    for arrow in
        [r#""device" -> "platform""#, r#""platform" -> "device""#, r#""store" -> "device""#]
    {
        assert!(arrows.iter().any(|seen| seen == arrow), "{arrow}: {arrows:?}");
    }
    // A URL must remain secret.
    for path in [&json, &html] {
        assert!(!fs::read_to_string(path).unwrap().contains("sign="));
    }
}

#[test]
fn the_documented_profile() {
    let only = ["--filter", "/size/", "--filter", "/malformed/unknown-field"];
    let documented = [&only[..], &["--profile", "documented"]].concat();
    let right = trigger("--profile documented");
    let right = device(&[&["--trigger", &*right], &documented[..]].concat());
    assert_eq!(right.status.code(), Some(0), "{}", text(&right.stdout));
    // Some messages of the device remain unanswered.
    let wrong = format!("'{}' --patience 5000 --profile deployed", example().display());
    let wrong = device(&[&["--trigger", &*wrong], &documented[..]].concat());
    assert_eq!(wrong.status.code(), Some(1));
    assert!(text(&wrong.stdout).contains("invalid-state VAL-6"), "{}", text(&wrong.stdout));
}

#[test]
fn what_is_wrong_is_said_with_what_the_device_printed() {
    let output = device(&[
        "--trigger",
        &trigger("--misbehave wrong-bytes"),
        "--filter",
        "upload/size/usual",
    ]);
    let said = text(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{said}");
    for part in ["body-md5 HTTP-4", "its output ends with:", "published create_upload_task"] {
        assert!(said.contains(part), "{part}: {said}");
    }
}

/// The status is the finding, and not the silence that results from it.
#[test]
#[cfg(unix)]
fn a_program_that_ends_with_a_status_is_called_so() {
    let script = format!("{}; exit 3", trigger("--misbehave leaves-after-request"));
    let trigger = format!("sh -c {}", shlex::try_quote(&script).unwrap());
    let output = device(&["--trigger", &trigger, "--filter", "upload/size/one-byte"]);
    let said = text(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{said}");
    let finding = "must: exited SES-3: its program ended with exit status: 3: it ignores the task";
    assert!(said.contains(finding) && said.contains("fail upload/size/one-byte"), "{said}");
    assert!(!said.contains("not-taken") && !said.contains("timed-out"), "{said}");
}

/// The reports of a run, in a folder.
struct Reports(tempfile::TempDir);

impl Reports {
    fn path(&self, name: &str) -> String {
        self.0.path().join(name).to_str().unwrap().to_owned()
    }

    fn stored(&self) -> Value {
        stored(Path::new(&self.path("r.json")))
    }

    fn junit(&self) -> String {
        fs::read_to_string(self.path("r.xml")).unwrap()
    }

    fn html(&self) -> String {
        fs::read_to_string(self.path("r.html")).unwrap()
    }

    /// Returns the report that `report` renders from the stored result.
    fn rendered(&self, format: &str) -> String {
        command::run(["report", "--format", format, &self.path("r.json")]).stdout
    }
}

/// Plays scenarios, and writes every report.
fn reported(options: &[&str]) -> (Output, Reports) {
    let reports = Reports(tempfile::tempdir().unwrap());
    let (json, junit, html) =
        (reports.path("r.json"), reports.path("r.xml"), reports.path("r.html"));
    let files = ["--report-json", &json, "--report-junit", &junit, "--report-html", &html];
    (device(&[options, &files].concat()), reports)
}

/// If the simplest transfer fails, the other results have little value, so the command reports that
/// first.
#[test]
fn the_plainest_transfer_comes_first() {
    let trigger = trigger("--misbehave wrong-bytes");
    let (output, reports) = reported(&["--trigger", &trigger, "--filter", "upload/size/"]);
    let said = text(&output.stdout);
    assert!(said.starts_with("fail upload/size/usual"), "{said}");
    for report in [said, reports.junit(), reports.html(), reports.rendered("markdown")] {
        assert!(report.contains("the other results are not reliable until it passes"), "{report}");
    }
}

/// The scenario concerns a value, and the device breaks a rule of sessions.
#[test]
fn a_row_shows_the_rule_that_was_broken() {
    let trigger = trigger("--misbehave reports-other");
    let (output, reports) = reported(&["--trigger", &trigger, "--filter", "upload/name/chinese"]);
    let said = text(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("fail upload/name/chinese SES-3\n"), "{said}");
    assert!(said.contains("Sessions   SES-1 to SES-12      1 case   1 fail\n"), "{said}");
    assert_eq!(reports.stored()["cases"][0]["requirements"], json!(["VAL-2"]));
    let markdown = reports.rendered("markdown");
    assert!(markdown.contains("| Sessions | SES-1 to SES-12 | 1 |"), "{markdown}");
    assert!(markdown.contains("`upload/name/chinese` SES-3"), "{markdown}");
}

/// A device that never requests the rest does not encounter the store that ignores its range.
#[test]
fn what_was_not_reached_is_neither_passed_nor_failed() {
    let (output, reports) = reported(&[
        "--trigger",
        &trigger("--misbehave never-resumes"),
        "--filter",
        "download/size/usual",
        "--filter",
        "download/store/range-ignored",
    ]);
    let said = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert!(said.contains("incomplete: 1 not-reached"), "{said}");
    assert!(said.ends_with(": 1 pass, 1 not-reached\n"), "{said}");
    let result = reports.stored();
    assert_eq!(result["totals"], json!({ "pass": 1, "not-reached": 1 }));
    let case = &result["cases"][1];
    assert_eq!(case["outcome"], "not-reached");
    let why = case["detail"].as_str().unwrap();
    assert!(why.contains("a request for the rest"), "{why}");
    // The device was started twice, and both outputs are kept.
    assert!(
        why.contains("its output ends with:") && why.contains("second start ends with:"),
        "{why}"
    );
    let junit = reports.junit();
    assert!(junit.contains(r#"skipped="1""#) && junit.contains(r#"type="not-reached""#), "{junit}");
    assert!(reports.html().contains("not-reached"));
    let (markdown, badge) = (reports.rendered("markdown"), reports.rendered("badge"));
    assert!(markdown.contains("1 pass, 1 not-reached"), "{markdown}");
    assert!(badge.contains("incomplete 1/2"), "{badge}");
}

#[test]
#[cfg(unix)]
fn death_by_a_signal_is_found() {
    let trigger = trigger("--misbehave dies");
    let output = device(&["--trigger", &trigger, "--filter", "upload/store/503"]);
    let said = text(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("crashed upload/store/503") && said.contains("signal: 6"), "{said}");
}

#[test]
fn who_cannot_be_started_or_is_never_heard_of_is_unreachable() {
    let output = device(&["--trigger", "no-such-program-here"]);
    assert_eq!(output.status.code(), Some(3));
    assert!(text(&output.stderr).contains("cannot be started"), "{}", text(&output.stderr));
    // The program exits with a non-zero status before it has connected.
    let help = format!("'{}' --no-such-option", example().display());
    let output = device(&["--trigger", &help]);
    assert_eq!(output.status.code(), Some(3));
    let said = text(&output.stderr);
    assert!(
        said.contains("no client has connected") && said.contains("--no-such-option"),
        "{said}"
    );
}

/// A device that can no longer be started ends the run, but the results so far are kept.
#[test]
#[cfg(unix)]
fn the_results_before_a_failed_start_are_kept() {
    use std::os::unix::fs::PermissionsExt as _;

    let folder = tempfile::tempdir().unwrap();
    let script = folder.path().join("once");
    fs::write(&script, format!("#!/bin/sh\nrm \"$0\"\nexec {}\n", trigger(""))).unwrap();
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
    let script = script.to_str().unwrap();
    let options = ["--trigger", script, "--filter", "upload/size/", "--jobs", "1"];
    let (output, reports) = reported(&options);
    let (shown, errors) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(3), "{shown}{errors}");
    assert!(errors.contains("interrupted: 1 of"), "{errors}");
    assert!(errors.contains("the device cannot be started"), "{errors}");
    assert!(shown.contains("1 pass"), "{shown}");
    assert_eq!(reports.stored()["interrupted"], true);
    assert_eq!(reports.stored()["cases"].as_array().unwrap().len(), 1);
    assert!(reports.html().contains("interrupted"));
}

#[test]
fn wrong_usage() {
    for (arguments, why) in [
        (&["--filter", "nothing-like-it", "--list"][..], "no scenario matches"),
        (&[], "--trigger"),
        (&["--trigger", "'open"], "--trigger"),
        (&["--trigger", "x", "--device-name", "d", "--jobs", "2"], "--jobs"),
        (&["--trigger", "x", "--http", "0.0.0.0:0"], "--public-url"),
        (&["--trigger", "x", "--broker", "nowhere"], "--broker"),
        (
            &["--trigger", "x", "--broker", "mqtt://127.0.0.1:1", "--filter", "/broker/"],
            "break the broker's connections",
        ),
    ] {
        let output = device(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(text(&output.stderr).contains(why), "{arguments:?}: {}", text(&output.stderr));
    }
    let help = device(&["--help"]);
    let help = text(&help.stdout);
    assert!(
        help.contains("Example") && help.lines().all(|line| line.chars().count() <= 100),
        "{help}"
    );
    let listed = device(&["--list", "--filter", "SES-1"]);
    assert_eq!(listed.status.code(), Some(0));
    let listed = text(&listed.stdout);
    assert!(listed.lines().count() >= 3, "{listed}");
    assert!(!listed.contains("SES-11 ") && listed.contains("upload/response/other-name\tSES-1\t"));
}

/// The command writes the results so far, and ends the device.
#[test]
#[cfg(unix)]
fn ctrl_c_ends_it_with_what_there_is() {
    let folder = tempfile::tempdir().unwrap();
    let json = folder.path().join("result.json");
    let mut command = Command::new(env!("CARGO_BIN_EXE_iothub-conformance"));
    // The second scenario begins when the first one is over, and does not end.
    let begun = folder.path().join("begun");
    let script = format!(
        r#"[ -e "$BEGUN" ] && touch "$BEGUN.again" && exec sleep 3600; touch "$BEGUN"; exec {}"#,
        trigger("")
    );
    let trigger = format!("sh -c {}", shlex::try_quote(&script).unwrap());
    command.args(["device", "--trigger", &trigger, "--jobs", "1", "--timeout", "3600000"]);
    command.arg("--report-json").arg(&json).env("BEGUN", &begun);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let started = Instant::now();
    while !folder.path().join("begun.again").exists() {
        assert!(started.elapsed() < HANGS, "the second scenario does not begin");
        thread::sleep(Duration::from_millis(5));
    }
    let signalled = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(signalled.success());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130), "{}", text(&output.stderr));
    let result: Value = serde_json::from_slice(&fs::read(&json).unwrap()).unwrap();
    assert_eq!(result["interrupted"], true);
    assert!(!result["cases"].as_array().unwrap().is_empty());
}

/// The user presses Ctrl-C at the prompt, while the command waits for a person.
#[test]
#[cfg(target_os = "linux")]
fn ctrl_c_ends_it_at_its_prompt() {
    if Command::new("script").arg("--version").output().is_err() {
        println!("skipped: needs script, of util-linux");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let temporary = folder.path().join("temporary");
    fs::create_dir(&temporary).unwrap();
    let device = format!(
        "'{}' device --listen 127.0.0.1:0 --http 127.0.0.1:0 --report-json result.json",
        env!("CARGO_BIN_EXE_iothub-conformance")
    );
    let mut terminal = Command::new("script")
        .args(["--quiet", "--return", "--command", &device, "/dev/null"])
        .current_dir(folder.path())
        .env("TMPDIR", &temporary)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut keyboard = terminal.stdin.take().unwrap();
    let mut screen = BufReader::new(terminal.stdout.take().unwrap()).lines();
    assert!(screen.any(|line| line.unwrap().contains("and then press Enter immediately.")));
    assert_eq!(fs::read_dir(&temporary).unwrap().count(), 2);
    keyboard.write_all(b"\x03").unwrap();
    let rest: Vec<_> = screen.map(Result::unwrap).collect();
    assert!(rest.iter().any(|line| line.contains("interrupted: 0 of ")), "{rest:?}");
    assert_eq!(terminal.wait().unwrap().code(), Some(130));
    assert_eq!(stored(&folder.path().join("result.json"))["interrupted"], true);
    assert_eq!(fs::read_dir(&temporary).unwrap().count(), 0);
}

/// Checks that the example device passes these scenarios at a Mosquitto broker. At least this many
/// scenarios must be played.
fn pass_at_mosquitto(patience: &str, filters: &str, timeout: &str, least: usize) {
    let Some(mosquitto) = Broker::start() else { return };
    let broker = format!("mqtt://127.0.0.1:{}", mosquitto.port);
    let trigger = format!("'{}' --patience {patience}", example().display());
    let filters = filters.split_whitespace().flat_map(|filter| ["--filter", filter]);
    let options = ["--trigger", &trigger, "--broker", &broker, "--timeout", timeout];
    let options = options.into_iter().chain(["--jobs", "16"]).chain(filters);
    let output = device(&options.collect::<Vec<_>>());
    let said = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{said}{}", text(&output.stderr));
    let last = said.trim_end().lines().last().unwrap_or_default();
    let passed = last.rsplit(": ").next().and_then(|totals| totals.strip_suffix(" pass"));
    let passed = passed.and_then(|count| count.parse::<usize>().ok());
    assert!(passed.is_some_and(|passed| passed >= least), "{said}");
}

#[test]
fn the_example_device_passes_at_mosquitto() {
    // All scenarios except those of the next test.
    let filters = "/content/ /size/ /name/ /spelling/ /malformed/ /several/ /digest/ /url/ \
                   download/pushed /report/late /report/other /report/refused /report/twice \
                   /response/late /response/other /response/progress /response/stale \
                   /response/twice /store/2 /store/3 /store/4 /store/5 /store/c /store/length \
                   /store/o /store/ra /store/re /store/slow /store/too";
    pass_at_mosquitto("300000", filters, "30000", 250);
}

#[test]
#[ignore = "long: what the device waits for does not come"]
fn the_example_device_is_patient_at_mosquitto() {
    pass_at_mosquitto("5000", "/lost /silent", "20000", 8);
}
