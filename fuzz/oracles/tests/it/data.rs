//! The generated files are up to date.

use std::{collections::BTreeSet, fs};

use iothub_oracles::{TARGETS, data};

use crate::fuzz;

#[test]
fn what_is_made_is_fresh() {
    let (made, found) = (data::files(), data::found(&fuzz()).expect("they can be read"));
    let names = made.keys().chain(found.keys());
    let stale: BTreeSet<_> = names.filter(|name| made.get(*name) != found.get(*name)).collect();
    assert!(stale.is_empty(), "stale: {stale:?}; `cargo run -p iothub-oracles` writes them again");
}

#[test]
fn a_second_write_changes_nothing() {
    let folder = tempfile::TempDir::new().expect("there is room for temporary files");
    let all = data::files().len();
    assert_eq!(data::write(folder.path()).expect("it is empty"), (all, 0));
    fs::write(folder.path().join("seeds/topic/old"), "x").expect("the folder is there");
    fs::write(folder.path().join("options/topic.options"), "x").expect("the folder is there");
    assert_eq!(data::write(folder.path()).expect("it can be written"), (1, 1));
    assert_eq!(data::write(folder.path()).expect("it can be written"), (0, 0));
}

/// The sources of the targets are generated, but their entries in `Cargo.toml` are not.
#[test]
fn every_target_has_its_binary() {
    let manifest = fs::read_to_string(fuzz().join("Cargo.toml")).expect("it is there");
    let manifest: toml::Table = manifest.parse().expect("it is TOML");
    let bins: Vec<&str> = manifest["bin"]
        .as_array()
        .expect("a list")
        .iter()
        .filter(|bin| bin["path"].as_str().is_some_and(|path| path.starts_with("fuzz_targets/")))
        .map(|bin| bin["name"].as_str().expect("a name"))
        .collect();
    let names: Vec<&str> = TARGETS.iter().map(|target| target.name).collect();
    assert_eq!(bins, names);
}

/// libFuzzer and AFL++ stop at a malformed line.
#[test]
fn dictionaries_are_of_their_format() {
    for (name, bytes) in data::files() {
        if name.extension().is_none_or(|extension| extension != "dict") {
            continue;
        }
        let text = String::from_utf8(bytes).expect("ASCII");
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let word = line.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
            let word = word.unwrap_or_else(|| panic!("{}: {line}", name.display()));
            assert!(!word.is_empty() && line.len() <= 128 && line.is_ascii(), "{line}");
        }
    }
}
