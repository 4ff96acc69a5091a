//! The generated files of the fuzz targets: `seeds/TARGET/…`, `dictionaries/TARGET.dict`,
//! `options/TARGET.options` and libFuzzer's programs, `fuzz_targets/TARGET.rs`. The files follow
//! from the list of targets, the constants of the specification and the fixtures.
//!
//! `cargo run -p iothub-oracles` writes the files. A test fails if they are stale.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

use crate::{TARGETS, dictionary};

/// The folders that contain only generated files.
pub const FOLDERS: [&str; 4] = ["dictionaries", "fuzz_targets", "options", "seeds"];

/// Returns the content of every generated file. The keys are paths below `fuzz/`.
#[must_use]
pub fn files() -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    for target in TARGETS {
        let name = target.name;
        for (seed, bytes) in (target.seeds)() {
            files.insert(Path::new("seeds").join(name).join(seed), bytes);
        }
        let dictionary = dictionary::file(target.words);
        files.insert(Path::new("dictionaries").join(format!("{name}.dict")), dictionary);
        let binary = Path::new("fuzz_targets").join(format!("{name}.rs"));
        files.insert(binary, caller(target.path).into_bytes());
        let options = format!("[libfuzzer]\nmax_len = {}\n", target.max_len);
        files.insert(Path::new("options").join(format!("{name}.options")), options.into_bytes());
    }
    files
}

/// Returns the source of a target: one line that calls the oracle with this path.
fn caller(path: &str) -> String {
    format!(
        "#![no_main]\n\nlibfuzzer_sys::fuzz_target!(|data: &[u8]| iothub_oracles::{path}(data));\n"
    )
}

/// Returns the content of the files that exist below `folder`.
///
/// # Errors
///
/// Returns an error if a folder or a file cannot be read.
pub fn found(folder: &Path) -> io::Result<BTreeMap<PathBuf, Vec<u8>>> {
    let mut found = BTreeMap::new();
    for name in FOLDERS {
        collect(folder, &folder.join(name), &mut found)?;
    }
    Ok(found)
}

fn collect(root: &Path, folder: &Path, found: &mut BTreeMap<PathBuf, Vec<u8>>) -> io::Result<()> {
    if !folder.exists() {
        return Ok(());
    }
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(root, &path, found)?;
        } else {
            let name = path.strip_prefix(root).unwrap_or(&path).to_owned();
            found.insert(name, fs::read(&path)?);
        }
    }
    Ok(())
}

/// Writes every generated file below `folder` and removes the stale ones. Returns the number of new
/// or changed files, and the number of removed files.
///
/// # Errors
///
/// Returns an error if a file cannot be read, written or removed.
pub fn write(folder: &Path) -> io::Result<(usize, usize)> {
    let (mut files, found) = (files(), found(folder)?);
    let mut gone = 0;
    for name in found.keys().filter(|name| !files.contains_key(*name)) {
        fs::remove_file(folder.join(name))?;
        gone += 1;
    }
    files.retain(|name, bytes| found.get(name) != Some(bytes));
    for (name, bytes) in &files {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap_or(folder))?;
        fs::write(path, bytes)?;
    }
    Ok((files.len(), gone))
}
