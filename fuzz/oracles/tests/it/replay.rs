//! Every seed, and every input that once made an oracle panic.

use std::{fs, panic, path::PathBuf};

use iothub_oracles::TARGETS;

use crate::fuzz;

fn inputs(folder: &str, target: &str) -> Vec<PathBuf> {
    let folder = fuzz().join(folder).join(target);
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut paths: Vec<PathBuf> =
        entries.map(|entry| entry.expect("it can be listed").path()).collect();
    paths.sort();
    paths
}

fn replay(folder: &str) -> usize {
    let mut replayed = 0;
    for target in TARGETS {
        for path in inputs(folder, target.name) {
            let bytes = fs::read(&path).expect("it can be read");
            let name = path.display();
            assert!(bytes.len() <= target.max_len, "{name} is longer than what is tried");
            let run = panic::catch_unwind(|| (target.run)(&bytes));
            assert!(run.is_ok(), "{} panics with {name}", target.name);
            replayed += 1;
        }
    }
    replayed
}

#[test]
fn no_seed_breaks_anything() {
    assert!(replay("seeds") >= 300);
}

#[test]
fn what_broke_once_breaks_no_more() {
    replay("regressions");
}

/// Inputs in a misspelt folder would never be replayed.
#[test]
fn regressions_are_of_targets() {
    let entries = fs::read_dir(fuzz().join("regressions")).expect("the folder is there");
    for entry in entries {
        let name = entry.expect("it can be listed").file_name().into_string().expect("ASCII");
        assert!(name == "README.md" || iothub_oracles::target(&name).is_some(), "{name}");
    }
}
