//! Captures from standard input while it is still being written.

use std::{
    io::{BufRead, BufReader, Write},
    path::PathBuf,
    process::{Child, ChildStdout, Command, Stdio},
    sync::mpsc::{Receiver, channel},
    thread,
    time::{Duration, Instant},
};

use super::line;
use crate::command::{HANGS, binary, wait_until_idle};

struct Live {
    process: Child,
    lines: Receiver<String>,
}

impl Live {
    fn start(arguments: &[&str]) -> Self {
        let mut process = binary()
            .args(["lint", "-"])
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("cargo has built the binary");
        let lines = lines(process.stdout.take().expect("it is piped"));
        Self { process, lines }
    }

    fn write(&mut self, text: &str) {
        let input = self.process.stdin.as_mut().expect("it is piped");
        input.write_all(text.as_bytes()).expect("it reads");
    }

    #[track_caller]
    fn line_with(&self, words: &str) {
        let until = Instant::now() + HANGS;
        while let Ok(line) = self.lines.recv_timeout(until.duration_since(Instant::now())) {
            if line.contains(words) {
                return;
            }
        }
        panic!("no line with {words}");
    }

    /// Waits until the command has read all input so far.
    fn settle(&self) {
        let process = PathBuf::from(format!("/proc/{}", self.process.id()));
        wait_until_idle(|| vec![process.clone()]);
    }

    fn interrupt(&self) {
        let id = self.process.id().to_string();
        let killed = Command::new("kill").args(["-INT", &id]).status();
        assert!(killed.expect("there is `kill`").success());
    }

    fn status(mut self) -> Option<i32> {
        let until = Instant::now() + HANGS;
        while Instant::now() < until {
            if let Some(status) = self.process.try_wait().expect("it is our child") {
                return status.code();
            }
            thread::sleep(Duration::from_millis(5));
        }
        let _ = self.process.kill();
        let _ = self.process.wait();
        panic!("it does not end");
    }
}

fn lines(output: ChildStdout) -> Receiver<String> {
    let (sender, lines) = channel();
    thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                return;
            }
        }
    });
    lines
}

#[test]
fn is_judged_as_it_grows() {
    let mut live = Live::start(&[]);
    live.write(&line("up", "{}"));
    live.line_with("line 1: device error: missing-type");
    let second = line("up", "[]");
    let (head, tail) = second.split_at(20);
    live.write(head);
    live.settle();
    live.write(tail);
    live.line_with("line 2: device error: not-an-object");
    drop(live.process.stdin.take());
    live.line_with("standard input: 2 messages, 2 errors");
    assert_eq!(live.status(), Some(1));
}

#[test]
fn ends_with_ctrl_c_and_tells_what_there_was() {
    let folder = tempfile::TempDir::new().expect("there is room for temporary files");
    let report = folder.path().join("result.json");
    let mut live = Live::start(&["--report-json", report.to_str().expect("the path is UTF-8")]);
    live.write(&line("up", "{}"));
    live.line_with("line 1: device error: missing-type");
    live.interrupt();
    live.line_with("standard input: 1 message, 1 error");
    assert_eq!(live.status(), Some(130));
    let result = super::stored(&report);
    assert_eq!(result["totals"]["messages"], 1);
    // The command also ends without any input.
    let mut live = Live::start(&[]);
    live.write("sensors/1 21.5\n");
    live.settle();
    live.interrupt();
    live.line_with("standard input: 0 messages, 0 errors");
    assert_eq!(live.status(), Some(130));
}

/// A packet of which only the beginning has arrived is not reported as cut off.
#[test]
fn packets_too() {
    let file = std::fs::read(super::capture("mqtt-loopback.pcap")).expect("it is there");
    let mut live = Live::start(&[]);
    let input = live.process.stdin.as_mut().expect("it is piped");
    input.write_all(&file[..file.len() - 7]).expect("it reads");
    live.line_with("packet 129: device error: after-end");
    live.interrupt();
    live.line_with("standard input: 7 messages, 1 error");
    assert_eq!(live.status(), Some(130));
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    // With one device, `lint` would print the same finding once.
    let shell = format!(
        r#"awk 'BEGIN {{ while (1) printf "$resource/up/service/P/d%d 7b7d\n", i++ }}' |
        '{}' lint - | head -1"#,
        env!("CARGO_BIN_EXE_iothub-conformance")
    );
    let mut command = Command::new("sh");
    let run = crate::command::start(command.args(["-c", &shell])).end();
    assert_eq!((run.status, &*run.stderr), (Some(0), ""));
    assert_eq!(run.stdout.lines().count(), 1);
}
