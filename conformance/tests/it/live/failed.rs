//! `--failed`: repeats the scenarios that did not pass, and compares the results.

use std::{fs, path::Path};

use serde_json::Value;

use super::device_command::{device, text, trigger};
use crate::{command::run, lint::stored};

/// Plays with a trigger and options, and writes the result to `json`.
fn play(trigger: &str, json: &Path, more: &[&str]) -> (Option<i32>, String, String) {
    let options = ["--trigger", trigger, "--report-json", json.to_str().unwrap()];
    let output = device(&[&options, more].concat());
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

#[test]
fn what_is_fixed_still_there_and_new_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let (first, second) = (path("first.json"), path("second.json"));
    let failed = ["--failed", first.to_str().unwrap()];
    let filters = ["--filter", "upload/size/usual", "--filter", "upload/size/one"];
    let wrong = trigger("--misbehave wrong-bytes");
    assert_eq!(play(&wrong, &first, &filters).0, Some(1));

    // Nothing changed.
    let (status, said, _) = play(&wrong, &second, &failed);
    assert_eq!(status, Some(1), "{said}");
    assert!(said.contains("still there: device error: body-md5 HTTP-4 (2 scenarios"), "{said}");
    assert!(said.ends_with("run again: 2 scenarios, 0 of them pass now\n"), "{said}");

    // Another fault replaces the first fault.
    let (status, said, _) = play(&trigger("--misbehave no-content-md5"), &second, &failed);
    assert_eq!(status, Some(1), "{said}");
    assert!(said.contains("fixed: device error: body-md5 HTTP-4 (2 scenarios"), "{said}");
    assert!(said.contains("new: device error: missing-content-md5 HTTP-2 (2 scenarios"), "{said}");

    // Everything is correct, but only a part is requested.
    let only = [&failed[..], &["--filter", "usual"]].concat();
    let (status, said, progress) = play(&trigger(""), &second, &only);
    assert_eq!(status, Some(0), "{said}");
    assert!(said.contains("fixed: device error: body-md5 HTTP-4 (1 scenario,"), "{said}");
    assert!(said.ends_with("run again: 1 scenario, 1 of them pass now\n"), "{said}");
    let ids: Vec<Value> = stored(&second)["cases"].as_array().unwrap().clone();
    assert_eq!(ids.len(), 1);

    // If the output is redirected, progress is a line for each scenario.
    assert!(progress.starts_with("1/1 pass upload/size/usual "), "{progress}");
}

#[test]
fn what_cannot_be_played_again_is_refused_with_the_reason() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let write = |name: &str, command: &str, id: &str, outcome: &str| {
        let finding = r#"{"line":0,"topic":"","code":"no-end","level":"must","side":"device",
            "requirement":"SES-3","detail":"x"}"#;
        let json = format!(
            r#"{{"format":1,"tool":{{"name":"t","version":"1"}},"subject":{{"name":"d","version":""}},
            "command":"{command}","totals":{{"{outcome}":1}},"cases":[{{"id":"{id}","requirements":[],
            "level":"must","outcome":"{outcome}","detail":"x","findings":[{finding}]}}]}}"#
        );
        fs::write(path(name), json).unwrap();
    };
    write("run.json", "run", "topic-parse/x", "fail");
    write("passed.json", "device", "upload/size/usual", "pass");
    write("unknown.json", "device", "upload/size/never", "fail");
    write("cases.json", "run", "no/such/case", "fail");
    write("scenarios.json", "platform", "no/such/scenario", "warn");
    write("usual.json", "device", "upload/size/usual", "timed-out");
    for (command, file, why) in [
        ("device", "run.json", "it is a result of `run`, which `device` cannot run again"),
        ("device", "passed.json", "everything passed in this result"),
        ("device", "unknown.json", "1 is unknown to this command: upload/size/never"),
        ("device", "usual.json", "the other options select none of the cases"),
        ("device", "none.json", "No such file"),
        ("run", "cases.json", "1 is unknown to this command: no/such/case"),
        ("run", "unknown.json", "it is a result of `device`, which `run` cannot run again"),
        ("platform", "scenarios.json", "1 is unknown to this command: no/such/scenario"),
    ] {
        let file = path(file);
        let file = file.to_str().unwrap();
        let more: &[&str] = match command {
            "device" => &["--trigger", "x", "--filter", "upload/size/one"],
            "platform" => {
                &["--broker", "mqtt://127.0.0.1:1", "--product-id", "P", "--device-name", "d"]
            }
            _ => &[],
        };
        let run = run([&[command, "--failed", file], more].concat());
        assert!(run.stderr.contains(why), "{file}: {run:?}");
        assert_eq!((run.status, &*run.stdout), (Some(2), ""), "{file}");
    }
}

/// The command `run` also has the option.
#[test]
fn cases_are_replayed_again() {
    let folder = tempfile::tempdir().unwrap();
    let json = folder.path().join("r.json");
    let result = r#"{"format":1,"tool":{"name":"t","version":"1"},
        "subject":{"name":"d","version":""},"command":"run","totals":{"fail":2},"cases":[
        {"id":"topic-parse/gone","requirements":[],"level":"must","outcome":"fail","detail":"x"},
        {"id":"ID","requirements":[],"level":"must","outcome":"fail","detail":"accepted"}]}"#;
    let listed = run(["list", "--filter", "TOP-3"]).stdout;
    let id = listed.split('\t').next().unwrap();
    fs::write(&json, result.replace("ID", id)).unwrap();
    let run = run(["run", "--failed", json.to_str().unwrap()]);
    assert_eq!(run.status, Some(0), "{run:?}");
    assert!(run.stderr.contains("1 is unknown to this command: topic-parse/gone"), "{run:?}");
    assert!(run.stdout.contains("fixed: accepted (1 case, for example"), "{run:?}");
    assert!(run.stdout.ends_with("run again: 1 case, 1 of them pass now\n"), "{run:?}");
}
