//! The JSON report.

use std::{fs, path::Path};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::{capture, found, lint, lint_bytes, stored};
use crate::command::{self, binary};

fn write(arguments: &[&str]) -> (crate::command::Run, Value) {
    let folder = TempDir::new().expect("there is room for temporary files");
    let path = folder.path().join("result.json");
    let name = path.to_str().expect("the path is UTF-8");
    let run = lint(&[arguments, &["--report-json", name]].concat());
    let alone: Vec<_> = fs::read_dir(folder.path()).expect("it is there").collect();
    assert_eq!(alone.len(), 1, "only the report");
    (run, stored(&path))
}

#[test]
fn says_what_was_printed() {
    for arguments in [&["bad.jsonl"][..], &["bad.jsonl", "--partial"], &["c-sdk-upload.jsonl"]] {
        let (run, result) = write(arguments);
        let told: Vec<Value> = found(&run)
            .into_iter()
            .map(|(line, level, code)| {
                json!([line, if level == "error" { "must" } else { "should" }, code])
            })
            .collect();
        let findings = result["findings"].as_array().expect("it is an array");
        let written: Vec<Value> = findings
            .iter()
            .map(|finding| json!([finding["line"], finding["level"], finding["code"]]))
            .collect();
        assert_eq!(written, told);
        for finding in findings {
            let detail = finding["detail"].as_str().expect("it is a string");
            for line in detail.lines() {
                assert!(run.stdout.contains(&format!("\n    {line}\n")), "{line}");
            }
        }
        let count = |level: &str| findings.iter().filter(|it| it["level"] == level).count();
        assert_eq!(result["totals"]["must"], count("must"));
        assert_eq!(result["totals"]["should"], count("should"));
    }
}

#[test]
fn looks_like_this() {
    let (_, mut result) = write(&["bad.jsonl", "--profile", "documented"]);
    assert_eq!(result["tool"]["version"].take(), env!("CARGO_PKG_VERSION"));
    // The circumstances of the run differ each time.
    let invocation = result["invocation"].take();
    assert_eq!(invocation["profile"], "documented");
    assert!(invocation["seconds"].as_f64().is_some_and(|seconds| seconds > 0.0), "{invocation}");
    insta::assert_snapshot!("report", format!("{result:#}"));
    let (_, result) = write(&["real-service-upload.jsonl"]);
    assert_eq!(result["findings"], json!([]));
}

#[test]
fn takes_the_place_of_an_older_one_when_it_is_whole() {
    let folder = TempDir::new().expect("there is room for temporary files");
    let report = folder.path().join("result.json");
    fs::write(&report, "older").expect("there is room");
    let name = report.to_str().expect("the path is UTF-8");
    // If a file has no messages or is not a capture, the old report stays.
    for bytes in [&b"sensors/1 21.5\n"[..], b"", b"BZh9"] {
        let run = lint_bytes(bytes, &["--report-json", name]);
        assert_eq!(run.status, Some(2));
        assert_eq!(fs::read_to_string(&report).expect("it is there"), "older");
    }
    let run = lint(&["no-such-file", "--report-json", name]);
    assert_eq!((run.status, fs::read_to_string(&report).ok().as_deref()), (Some(2), Some("older")));
    assert_eq!(lint(&["bad.jsonl", "--report-json", name]).status, Some(1));
    assert_eq!(stored(&report)["command"], "lint");
    assert_eq!(fs::read_dir(folder.path()).expect("it is there").count(), 1);
}

#[test]
fn that_cannot_be_written_is_an_error() {
    for (path, words) in [
        ("no-such-folder/result.json", "No such file"),
        (".", "is a directory"),
        ("c-sdk-upload.jsonl", "is the capture itself"),
        ("../captures/c-sdk-upload.jsonl", "is the capture itself"),
    ] {
        let run = lint(&["c-sdk-upload.jsonl", "--report-json", path]);
        assert_eq!((run.status, &*run.stdout), (Some(2), ""), "{path}");
        assert!(run.stderr.contains(words), "{}", run.stderr);
    }
    let before = fs::read(capture("c-sdk-upload.jsonl")).expect("it is there");
    assert!(!before.is_empty());
}

#[cfg(target_os = "linux")]
#[test]
fn on_a_full_device_is_an_error() {
    for name in ["real-service-upload.jsonl", "bad.jsonl"] {
        let run = lint(&[name, "--report-json", "/dev/full"]);
        assert_eq!(run.status, Some(2));
        assert_eq!(run.stderr, "error: /dev/full: No space left on device (os error 28)\n");
    }
    assert!(!Path::new("/dev/full").is_file(), "it is still a device");
    // The report is also written if standard output fails.
    let full = fs::File::options().write(true).open("/dev/full").expect("Linux has it");
    let mut command = binary();
    command.current_dir(capture("")).args(["lint", "bad.jsonl"]).stdout(full);
    let output = command.output().expect("it is there");
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("No space left on device"));
}

#[cfg(unix)]
#[test]
fn may_be_a_pipe_or_a_link() {
    let folder = TempDir::new().expect("there is room for temporary files");
    let [real, link] = ["real.json", "link.json"].map(|name| folder.path().join(name));
    fs::write(&real, "older").expect("there is room");
    std::os::unix::fs::symlink(&real, &link).expect("there is room");
    let name = link.to_str().expect("the path is UTF-8");
    assert_eq!(lint(&["bad.jsonl", "--report-json", name]).status, Some(1));
    assert!(link.is_symlink());
    assert_eq!(stored(&real)["command"], "lint");
    let mut command = binary();
    command.current_dir(capture("")).args(["lint", "real-service-upload.jsonl"]);
    command.args(["--report-json", "/dev/stdout"]);
    let run = command::start(&mut command).end();
    assert!(run.stdout.contains("\"command\":\"lint\""), "{run:?}");
}
