//! The reports that `run` and `lint` write.

use std::fs;

use serde_json::Value;
use tempfile::TempDir;

use super::Stored;
use crate::{
    command::{self, Run, binary},
    folder::{Folder, topic},
    lint::stored,
};

fn in_new_folder(arguments: &[&str]) -> (TempDir, Run) {
    let folder = TempDir::new().expect("there is room for temporary files");
    let mut command = binary();
    let run = command::start(command.current_dir(folder.path()).args(arguments)).end();
    (folder, run)
}

#[test]
fn a_run_is_shown_later_as_it_was_at_once() {
    let options = ["--filter", "SES-7", "--filter", "TOP-1"];
    let reports = ["--report-json", "a.json", "--report-junit", "a.xml", "--report-html", "a.html"];
    let (folder, run) = in_new_folder(&[&["run"], &options[..], &reports].concat());
    assert_eq!(run.status, Some(0), "{run:?}");
    stored(&folder.path().join("a.json"));
    let files = Stored(folder);
    let later = files.run(&["report", "a.json"]).stdout;
    assert!(later.ends_with(&run.stdout), "{later}");
    // The circumstances of the run come first.
    let command =
        "Command  iothub-conformance run --filter SES-7 --filter TOP-1 --report-json a.json";
    assert!(later.starts_with(command), "{later}");
    for fact in ["\nStarted  20", "\nTook     ", "\nMachine  "] {
        assert!(later.contains(fact), "{later}");
    }
    assert_eq!(files.run(&["report", "a.json", "--format", "junit"]).stdout, files.read("a.xml"));
    assert_eq!(files.run(&["report", "a.json", "--format", "html"]).stdout, files.read("a.html"));
    let written = files.run(&["report", "a.json", "--out", "a.txt"]);
    assert_eq!((written.status, &*written.stdout), (Some(0), ""));
    assert_eq!(files.read("a.txt"), later);
}

#[test]
fn a_case_has_what_a_reader_wants_to_see() {
    let (folder, run) = in_new_folder(&[
        "run",
        "--filter",
        "trace/pages/",
        "--filter",
        "decode/pages/en-create-upload-task/",
        "--report-json",
        "a.json",
    ]);
    assert_eq!(run.status, Some(0), "{run:?}");
    let result = stored(&folder.path().join("a.json"));
    let cases = result["cases"].as_array().expect("it is an array");
    let case = |id: &str| cases.iter().find(|case| case["id"] == id).expect("it was asked");
    // The example from the page, with its trailing comma.
    let page = case("decode/pages/en-create-upload-task/documented");
    assert_eq!(page["expected"], "reject: invalid-json");
    assert!(page["input"]["before"].as_str().is_some_and(|text| text.starts_with('{')), "{page}");
    assert_eq!(page["input"]["marked"], "}", "what stands where a key should");
    assert!(page["seconds"].as_f64().is_some_and(|seconds| seconds > 0.0), "{page}");
    let trace = cases.iter().find(|case| case["events"].is_array()).expect("there is a trace");
    let lanes = |event: &Value| format!("{} {}", event["from"], event["to"]);
    let first = &trace["events"][0];
    assert!(lanes(first).contains("device") && lanes(first).contains("platform"), "{first}");
}

#[test]
fn an_interrupted_or_failing_run_has_its_reports_too() {
    let mut wrong = topic("topic/2", "b");
    wrong["result"]["topic"] = "another".into();
    let folder = Folder::new(&[topic("topic/1", "a"), wrong]);
    let fixtures = folder.path().to_str().expect("it is UTF-8");
    let (reports, run) =
        in_new_folder(&["run", "--fixtures", fixtures, "--strict", "--report-json", "a.json"]);
    assert_eq!(run.status, Some(1), "{run:?}");
    let result = stored(&reports.path().join("a.json"));
    assert_eq!((&result["totals"]["fail"], &result["strict"]), (&1.into(), &true.into()));
    assert_eq!(result.get("interrupted"), None);
}

#[test]
fn what_cannot_be_written_is_said_before_the_work() {
    for (arguments, words) in [
        (&["--report-html", "none/a.html"][..], "none/a.html: No such file"),
        (&["--report-junit", "."], ".: is a directory"),
        (
            &["--report-json", "a", "--report-html", "a"],
            "--report-json and --report-html are both a",
        ),
    ] {
        let (folder, run) = in_new_folder(&[&["run"], arguments].concat());
        assert!(run.stderr.contains(words), "{arguments:?}: {}", run.stderr);
        assert_eq!((run.status, &*run.stdout), (Some(2), ""), "{arguments:?}");
        let left: Vec<_> = fs::read_dir(folder.path()).expect("it is there").collect();
        assert_eq!(left.len(), 0, "{left:?}");
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_is_an_error() {
    for option in ["--report-json", "--report-junit", "--report-html"] {
        let (_folder, run) = in_new_folder(&["run", "--filter", "TOP-1", option, "/dev/full"]);
        assert_eq!(run.status, Some(2), "{option}: {run:?}");
        assert!(run.stderr.contains("/dev/full: No space left on device"), "{run:?}");
    }
}
