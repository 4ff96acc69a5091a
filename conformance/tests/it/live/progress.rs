//! The progress of `device`, on a terminal and elsewhere.

use super::device_command::{device, text, trigger};

/// The trigger ends, with any status, before a device connects.
#[test]
#[cfg(unix)]
fn who_passes_nothing_on_reads_which_variables_there_are() {
    for (ends, status) in [("true", "exit status: 0"), ("sh -c 'exit 7'", "exit status: 7")] {
        let output = device(&["--trigger", ends, "--timeout", "1s", "--filter", "size/usual"]);
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(3), "{said}");
        for words in ["no client has connected", "IOTHUB_MQTT_URL", "IOTHUB_FILE", status] {
            assert!(said.contains(words), "{words}: {said}");
        }
    }
}

#[test]
fn redirected_progress_is_a_line_for_each_scenario() {
    let wrong = trigger("--misbehave wrong-bytes");
    let filters = ["--filter", "upload/size/usual", "--filter", "upload/size/one", "--jobs", "1"];
    let output = device(&[&["--trigger", &*wrong], &filters[..]].concat());
    let said = text(&output.stderr);
    let lines: Vec<&str> = said.lines().collect();
    assert_eq!(lines.len(), 2, "{said}");
    assert!(lines[0].starts_with("1/2 fail upload/size/"), "{said}");
    assert!(lines[1].starts_with("2/2 fail upload/size/"), "{said}");
    assert!(lines.iter().all(|line| line.ends_with(" s")), "{said}");
}

/// On a terminal, the bar names the scenario and counts its seconds. Ctrl-C removes the bar
/// completely.
#[test]
#[cfg(target_os = "linux")]
fn a_bar_says_what_is_being_played_and_goes_with_ctrl_c() {
    use std::{
        io::{Read, Write},
        process::{Command, Stdio},
    };

    if Command::new("script").arg("--version").output().is_err() {
        println!("skipped: needs script, of util-linux");
        return;
    }
    let device = format!(
        "'{}' device --trigger 'sleep 3600' --timeout 3600000 --filter upload/size/usual",
        env!("CARGO_BIN_EXE_iothub-conformance")
    );
    let mut terminal = Command::new("script")
        .args(["--quiet", "--return", "--command", &device, "/dev/null"])
        .env("TERM", "xterm")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut keyboard = terminal.stdin.take().unwrap();
    let mut screen = terminal.stdout.take().unwrap();
    let mut shown = Vec::new();
    let mut chunk = [0; 4096];
    while !text(&shown).contains("0/1 upload/size/usual 1 s") {
        let count = screen.read(&mut chunk).unwrap();
        assert_ne!(count, 0, "{}", text(&shown));
        shown.extend_from_slice(&chunk[..count]);
    }
    keyboard.write_all(b"\x03").unwrap();
    let mut rest = Vec::new();
    screen.read_to_end(&mut rest).unwrap();
    assert_eq!(terminal.wait().unwrap().code(), Some(130));
    let rest = text(&rest);
    // The visible text follows the last removal of the line.
    let (_, left) = rest.rsplit_once("\x1b[2K").unwrap();
    assert!(left.contains("interrupted: 0 of 1 scenarios") && !left.contains("0/1"), "{rest:?}");
}
