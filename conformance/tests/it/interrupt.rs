//! Ctrl-C ends a run at once. The run reports the results so far, and leaves no process running.

use std::process::Command;

use crate::{
    command::{self, Going, Run},
    folder::Folder,
    hostile::misbehave,
};

fn start(folder: &Folder, way: &str, options: &[&str]) -> Going {
    let testee = format!("'{}' {way}", misbehave().display());
    let mut command = command::binary();
    // No answer is late during the test.
    command.args(["run", "--testee", &testee, "--timeout", "3600000", "--fixtures"]);
    command.arg(folder.path()).args(options);
    command::start(&mut command)
}

/// Interrupts a run, and waits for its end.
#[track_caller]
pub(crate) fn interrupt(going: Going) -> Run {
    let id = going.process.id().to_string();
    assert!(Command::new("kill").args(["-INT", &id]).status().expect("there is `kill`").success());
    let run = going.end();
    assert_eq!(run.left_behind(), Vec::<String>::new());
    run
}

/// Interrupts a run once it is idle.
#[track_caller]
fn interrupt_when_idle(going: Going) -> Run {
    going.settle();
    interrupt(going)
}

fn is_interrupted(run: &Run) -> bool {
    run.status == Some(130) && run.stderr.contains("interrupted: ")
}

#[test]
fn while_an_answer_is_awaited() {
    let folder = Folder::of_topics(40, &[20]);
    for options in [&[][..], &["--jobs", "4"]] {
        let run = interrupt_when_idle(start(&folder, "hang", options));
        assert!(is_interrupted(&run), "{run:?}");
        assert!(run.totals().ends_with(" pass"), "{run:?}");
    }
    let run = interrupt_when_idle(start(&folder, "hang", &[]));
    assert!(run.stderr.contains("interrupted: 20 of 40 cases"), "{run:?}");
    assert_eq!(run.totals(), "20 pass");
}

#[test]
fn while_hello_is_awaited() {
    let folder = Folder::of_topics(40, &[]);
    let run = interrupt_when_idle(start(&folder, "hang-at-hello", &["--jobs", "3"]));
    assert!(run.stderr.contains("interrupted: 0 of 40 cases"), "{run:?}");
}

#[test]
fn while_it_prints_without_end() {
    for way in ["flood-stderr", "garbage-always"] {
        // The run does not end by itself.
        let folder = Folder::of_topics(400, &[399]);
        let going = start(&folder, way, &[]);
        going.has_started_one();
        let run = interrupt(going);
        assert!(is_interrupted(&run), "{way}: {:?}", run.status);
    }
}

#[test]
fn while_an_adapter_does_not_end() {
    // At that time, all results are complete.
    let folder = Folder::of_topics(40, &[]);
    let run = interrupt_when_idle(start(&folder, "stay-after-input", &["--jobs", "4"]));
    assert_eq!((run.status, run.totals()), (Some(0), "40 pass"));
}
