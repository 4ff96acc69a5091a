//! Long captures: time and memory.

use std::{fmt::Write as _, io::Write as _, process::Stdio, time::Duration};

use tempfile::TempDir;

use super::{line, on};
use crate::command::{self, Run, binary};

/// Passes the eight messages of an upload to `each`, as the C SDK and the service exchange them.
/// `each` receives the direction (`up` or `down`), the topic and the payload.
pub(super) fn upload(device: usize, name: &str, each: &mut dyn FnMut(&str, &str, &str)) {
    const MD5: &str = "d41d8cd98f00b204e9800998ecf8427e";
    let resource = format!(r#""size":12000,"name":"{name}","md5sum":"{MD5}""#);
    let url = format!("https://store.example/{name}?{}", "q-sign=0".repeat(48));
    let mut say = |direction: &str, payload: &str| {
        each(direction, &format!("$resource/{direction}/service/PERF/d{device}"), payload);
    };
    let ok = r#"{"type":"report_upload_progress_rsp","result_code":0,"result_msg":"ok"}"#;
    say("up", &format!(r#"{{"type": "create_upload_task",{resource}}}"#));
    say("down", &format!(r#"{{"type":"create_upload_task_rsp",{resource},"url":"{url}"}}"#));
    for progress in [
        r#""percent":0,"state":"uploading""#,
        r#""percent":100,"state":"uploading""#,
        r#""state":"done""#,
    ] {
        say(
            "up",
            &format!(
                r#"{{"type":"report_upload_progress","name":"{name}","progress":{{{progress},"result_code":0,"result_msg":""}}}}"#
            ),
        );
        say("down", ok);
    }
}

/// Returns a capture with this many messages and devices. Every upload has its own name.
fn capture(messages: usize, devices: usize) -> String {
    let mut capture = String::new();
    for number in 0..messages / 8 {
        upload(number % devices, &format!("log-{number}"), &mut |_, topic, payload| {
            capture.push_str(&on(topic, payload));
        });
    }
    capture
}

/// Lints a pipe, and prints the time and memory.
pub(super) fn measure(what: &str, write: impl FnOnce(&mut dyn FnMut(&[u8]))) -> Run {
    measure_with(&[], what, write)
}

fn measure_with(options: &[&str], what: &str, write: impl FnOnce(&mut dyn FnMut(&[u8]))) -> Run {
    let (reader, mut writer) = std::io::pipe().expect("there are pipes");
    let reader = Stdio::from(reader);
    let going = command::start_with(binary().args(["lint", "-"]).args(options), reader);
    write(&mut |bytes| writer.write_all(bytes).expect("it reads to the end"));
    let peak_memory = going.peak_memory_when_idle();
    drop(writer);
    let mut run = going.end();
    run.peak_memory = run.peak_memory.max(peak_memory);
    println!("{what}: {:?}, {:?} CPU, {} KiB", run.took, run.cpu, run.peak_memory);
    run
}

/// Returns whether four times as many messages take about four times as long.
fn is_linear(few: &Run, many: &Run) -> bool {
    many.cpu < (few.cpu + Duration::from_millis(20)) * 8
}

#[test]
#[ignore = "long: run it with --release"]
fn a_hundred_thousand_messages() {
    for devices in [1, 500, 100_000] {
        let [few, many] = [25_000, 100_000].map(|count| {
            let capture = capture(count, devices);
            let what = format!("{count} messages of {devices} devices, {} bytes", capture.len());
            let run = measure(&what, |write| write(capture.as_bytes()));
            let said = format!("standard input: {count} messages, 0 errors\n");
            assert!(run.stdout.contains(&said), "{run:?}");
            assert!(run.peak_memory < 64 << 10, "{} KiB", run.peak_memory);
            run
        });
        assert!(is_linear(&few, &many), "{:?}, {:?}", few.cpu, many.cpu);
    }
}

/// The memory for reports is bounded.
#[test]
#[ignore = "long: run it with --release"]
fn a_hundred_thousand_messages_with_reports() {
    let folder = TempDir::new().expect("there is room for temporary files");
    let path = |name: &str| folder.path().join(name).display().to_string();
    let [json, junit, html] = ["a.json", "a.xml", "a.html"].map(path);
    let reports = ["--report-json", &*json, "--report-junit", &*junit, "--report-html", &*html];
    for (devices, bad) in [(1, false), (500, false), (100_000, false), (500, true)] {
        let [few, many] = [25_000, 100_000].map(|count| {
            let mut capture = capture(count, devices);
            if bad {
                // The payload has the escapes of a JSON string.
                capture = capture.replace(r#"\"percent\":100,"#, r#"\"percent\":101,"#);
            }
            let what = format!("{count} messages of {devices} devices, bad: {bad}, all reports");
            let run = measure_with(&reports, &what, |write| write(capture.as_bytes()));
            assert_eq!(run.status, Some(i32::from(bad)), "{}", run.stderr);
            assert!(run.peak_memory < 64 << 10, "{} KiB", run.peak_memory);
            run
        });
        assert!(is_linear(&few, &many), "{:?}, {:?}", few.cpu, many.cpu);
        for file in [&json, &junit, &html] {
            let size = std::fs::metadata(file).expect("it was written").len();
            println!("  {file}: {} KiB", size >> 10);
        }
    }
}

/// The memory does not depend on the length of the capture.
#[test]
#[ignore = "long: run it with --release"]
fn millions_of_messages() {
    let run = measure("1,600,000 messages of 200,000 devices", |write| {
        for part in 0..16 {
            let mut capture = String::new();
            for number in part * 12_500..(part + 1) * 12_500 {
                upload(number % 200_000, &format!("log-{number}"), &mut |_, topic, payload| {
                    capture.push_str(&on(topic, payload));
                });
            }
            write(capture.as_bytes());
        }
    });
    assert!(run.stdout.contains("standard input: 1600000 messages, 0 errors\n"), "{run:?}");
    assert!(run.stdout.contains("note: there were too many devices, tasks or URLs"));
    assert!(run.peak_memory < 64 << 10, "{} KiB", run.peak_memory);

    // Only the first report is an error. The others are equal, so they are sent again (SES-11).
    let run = measure("200,001 errors and requests without an answer", |write| {
        let mut lines = line("up", r#"{"type":"get_download_tusk"}"#);
        let report = r#"{"type":"report_upload_progress","name":"a","progress":{"state":"done","result_code":0,"result_msg":""}}"#;
        lines.push_str(&line("up", report));
        let many = lines.repeat(1000);
        for _ in 0..200 {
            write(many.as_bytes());
        }
    });
    assert!(run.stdout.contains("standard input: 400000 messages, 200001 errors"));
    assert!(run.peak_memory < 64 << 10, "{} KiB", run.peak_memory);
}

/// A short version for ordinary test runs.
#[test]
fn memory_does_not_grow() {
    let few = measure("8,000 messages", |write| write(capture(8_000, 100).as_bytes()));
    let many = measure("40,000 messages", |write| write(capture(40_000, 100).as_bytes()));
    assert_eq!((few.status, many.status), (Some(0), Some(0)));
    let mut told = String::new();
    let _ = write!(told, "{} KiB, {} KiB", few.peak_memory, many.peak_memory);
    assert!(many.peak_memory < few.peak_memory + (8 << 10), "{told}");
}
