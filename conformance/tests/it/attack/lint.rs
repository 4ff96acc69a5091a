//! Captures that cost far more than their length.

use std::{fs, process::Command, time::Duration};

use crate::{
    command::{binary, run, start, wait_until_idle},
    interrupt::interrupt,
};

#[test]
fn a_short_line_makes_no_long_payload() {
    let folder = tempfile::tempdir().unwrap();
    let capture = folder.path().join("capture");
    let line = |payload: &str| {
        format!(
            "{{\"topic\":\"$resource/up/service/P/d\",\"payload\":{payload},\"payloadlen\":1048576}}\n"
        )
    };
    fs::write(&capture, [line("1"), line("\"{\"")].concat().repeat(1_500)).unwrap();
    let run = run(["lint", capture.to_str().unwrap()]);
    assert_eq!(run.status, Some(1), "{run:?}");
    assert!(run.stdout.contains("payload-too-large"), "{}", run.stdout);
    // A release build takes a tenth of this time.
    assert!(run.cpu < Duration::from_secs(20), "{:?}", run.cpu);
}

#[test]
fn a_pipe_that_nobody_writes_to_is_left_at_the_first_ctrl_c() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let going = start(binary().arg("lint").arg(&pipe));
    let process = format!("/proc/{}", going.process.id()).into();
    wait_until_idle(|| vec![std::path::PathBuf::clone(&process)]);
    let run = interrupt(going);
    assert_eq!(run.status, Some(130), "{run:?}");
}
