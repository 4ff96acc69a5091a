//! Ctrl-C ends a run within a second, with the results so far, and nothing is left behind.

use std::{
    process::Command,
    time::{Duration, Instant},
};

use crate::{
    command::{self, Going, Run},
    folder::Folder,
    hostile::misbehave,
};

fn start(folder: &Folder, way: &str, options: &[&str]) -> Going {
    let testee = format!("'{}' {way}", misbehave().display());
    let mut command = command::binary();
    command.args(["run", "--testee", &testee, "--fixtures"]).arg(folder.path()).args(options);
    command::start(&mut command)
}

/// Interrupts it after a while, and waits for its end.
#[track_caller]
pub(crate) fn interrupt(going: Going) -> Run {
    going.settle();
    let interrupted = Instant::now();
    let id = going.process.id().to_string();
    assert!(Command::new("kill").args(["-INT", &id]).status().expect("there is `kill`").success());
    let run = going.end();
    assert!(interrupted.elapsed() < Duration::from_secs(1), "{:?}", interrupted.elapsed());
    assert_eq!(run.left_behind(), Vec::<String>::new());
    run
}

fn is_interrupted(run: &Run) -> bool {
    run.status == Some(130) && run.stderr.contains("interrupted: ")
}

#[test]
fn while_an_answer_is_awaited() {
    let folder = Folder::of_topics(40, &[20]);
    for options in [&[][..], &["--jobs", "4"]] {
        let run = interrupt(start(&folder, "hang", options));
        assert!(is_interrupted(&run), "{run:?}");
        assert!(run.totals().ends_with(" pass"), "{run:?}");
    }
    let run = interrupt(start(&folder, "hang", &[]));
    assert!(run.stderr.contains("interrupted: 20 of 40 cases"), "{run:?}");
    assert_eq!(run.totals(), "20 pass");
}

#[test]
fn while_hello_is_awaited() {
    let run = interrupt(start(&Folder::of_topics(40, &[]), "hang-at-hello", &["--jobs", "3"]));
    assert!(run.stderr.contains("interrupted: 0 of 40 cases"), "{run:?}");
}

#[test]
fn while_it_prints_without_end() {
    for way in ["flood-stderr", "garbage-always"] {
        let run = interrupt(start(&Folder::of_topics(5_000, &[]), way, &[]));
        assert!(is_interrupted(&run), "{way}: {:?}", run.status);
    }
}

#[test]
fn while_an_adapter_does_not_end() {
    // All is known by then.
    let run = interrupt(start(&Folder::of_topics(40, &[]), "stay-after-input", &["--jobs", "4"]));
    assert_eq!((run.status, run.totals()), (Some(0), "40 pass"));
}
