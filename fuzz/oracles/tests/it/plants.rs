//! Planted bugs. Each bug is planted alone in a copy of the repository, and its target must find
//! the bug, usually within a minute. A target that finds nothing might be unable to find any bug.
//! This test shows that each target can find bugs.

use std::{
    collections::BTreeSet,
    fs, io,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    time::{Duration, Instant},
};

use iothub_oracles::target;

use crate::fuzz;

/// The time limit for random bytes to find a bug, in seconds.
const BY_CHANCE: u64 = 30;

/// The time limit for a target to find a bug on any machine, in seconds.
const PATIENCE: u64 = 1200;

#[derive(Clone, Debug)]
struct Plant {
    name: String,
    target: String,
    /// The path below the root of the repository.
    file: String,
    /// The text to replace, which must appear exactly once in the file.
    find: String,
    /// The text that replaces `find`.
    replace: String,
}

fn plants() -> Vec<Plant> {
    let text = fs::read_to_string(fuzz().join("plants.toml")).expect("the table is there");
    let table: toml::Table = text.parse().expect("the table is TOML");
    let plants = table["plant"].as_array().expect("a list");
    plants
        .iter()
        .map(|plant| {
            let of = |key: &str| plant[key].as_str().expect("texts").to_owned();
            Plant {
                name: of("name"),
                target: of("target"),
                file: of("file"),
                find: of("find"),
                replace: of("replace"),
            }
        })
        .collect()
}

/// Returns whether a program is installed. If not, prints a line.
pub(crate) fn has(program: &str, version: &str) -> bool {
    let output = Command::new(program).arg(version).output();
    let found = output.is_ok_and(|output| output.status.success());
    if !found {
        println!("skipped: needs {program}");
    }
    found
}

/// Returns whether the programs that build the targets of libFuzzer are installed.
pub(crate) fn can_build() -> bool {
    has("cargo-fuzz", "--version") && has("c++", "--version")
}

/// A copy of the repository, which is built once for each bug.
struct Garden(PathBuf);

impl Garden {
    /// Copies the repository. Prints the reason and returns `None` if the targets cannot be built.
    fn open() -> Option<Self> {
        if !can_build() {
            return None;
        }
        let root = fuzz().join("..");
        let garden = Path::new(env!("CARGO_TARGET_TMPDIR")).join("plants");
        copy(&root, &garden).expect("the repository can be copied");
        Some(Self(garden))
    }

    /// Plants a bug and returns the time that the target took to find it.
    fn grow(&self, plant: &Plant) -> Result<Duration, String> {
        let file = self.0.join(&plant.file);
        let sound = fs::read_to_string(&file).map_err(|error| error.to_string())?;
        if sound.matches(&plant.find).count() != 1 {
            return Err(format!("`{}` does not appear exactly once in {}", plant.find, plant.file));
        }
        fs::write(&file, sound.replacen(&plant.find, &plant.replace, 1))
            .map_err(|error| error.to_string())?;
        let built = self.build(&plant.target);
        fs::write(&file, sound).map_err(|error| error.to_string())?;
        self.hunt(&built?, &plant.target)
    }

    fn build(&self, target: &str) -> Result<PathBuf, String> {
        let built = Command::new("cargo")
            .args(["fuzz", "build", "--sanitizer", "none", "--codegen-units", "16", target])
            .current_dir(&self.0)
            .env("RUSTC_BOOTSTRAP", "1")
            // The build takes longer than the search, so the build must be fast.
            .env("CARGO_INCREMENTAL", "1")
            .env("CARGO_PROFILE_RELEASE_DEBUG", "0")
            .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1")
            .env_remove("RUSTFLAGS")
            .env_remove("CARGO_TARGET_DIR")
            .output()
            .map_err(|error| error.to_string())?;
        if !built.status.success() {
            return Err(format!("it does not build: {}", String::from_utf8_lossy(&built.stderr)));
        }
        let folders =
            fs::read_dir(self.0.join("fuzz/target")).map_err(|error| error.to_string())?;
        folders
            .filter_map(|folder| Some(folder.ok()?.path().join("release").join(target)))
            .find(|binary| binary.is_file())
            .ok_or_else(|| "the built program is missing".to_owned())
    }

    /// Returns the time that random bytes took to find the bug, or `None` if they did not find it
    /// in time.
    fn grow_by_chance(&self, plant: &Plant) -> Result<Option<Duration>, String> {
        let file = self.0.join(&plant.file);
        let sound = fs::read_to_string(&file).map_err(|error| error.to_string())?;
        fs::write(&file, sound.replacen(&plant.find, &plant.replace, 1))
            .map_err(|error| error.to_string())?;
        let run = Command::new("cargo")
            .args(["run", "--quiet", "-p", "iothub-oracles", "--", &plant.target])
            .arg(BY_CHANCE.to_string())
            .current_dir(&self.0)
            .env("CARGO_INCREMENTAL", "1")
            .env("CARGO_PROFILE_DEV_DEBUG", "0")
            .env("CARGO_PROFILE_DEV_OPT_LEVEL", "1")
            .env_remove("RUSTFLAGS")
            .env_remove("CARGO_TARGET_DIR")
            .output();
        fs::write(&file, sound).map_err(|error| error.to_string())?;
        let Output { status, stdout, stderr } = run.map_err(|error| error.to_string())?;
        let found = String::from_utf8_lossy(&stdout)
            .trim()
            .strip_prefix("found in ")
            .and_then(|time| time.strip_suffix(" s")?.parse().ok())
            .map(Duration::from_secs_f64);
        match (status.code(), found) {
            (Some(0), None) | (Some(77), Some(_)) => Ok(found),
            _ => Err(String::from_utf8_lossy(&stderr).into_owned()),
        }
    }

    fn hunt(&self, binary: &Path, name: &str) -> Result<Duration, String> {
        let scratch = tempfile::TempDir::new().map_err(|error| error.to_string())?;
        let begin = Instant::now();
        let Output { status, stderr, .. } = Command::new(binary)
            .arg(scratch.path())
            .arg(self.0.join("fuzz/seeds").join(name))
            .arg(format!(
                "-dict={}",
                self.0.join(format!("fuzz/dictionaries/{name}.dict")).display()
            ))
            .arg(format!("-max_len={}", target(name).expect("a target").max_len))
            .arg(format!("-max_total_time={PATIENCE}"))
            .arg(format!("-artifact_prefix={}/", scratch.path().display()))
            .stdin(Stdio::null())
            .output()
            .map_err(|error| error.to_string())?;
        let found = !status.success() && String::from_utf8_lossy(&stderr).contains("deadly signal");
        let time = begin.elapsed();
        if found { Ok(time) } else { Err(format!("not found within {PATIENCE} seconds")) }
    }
}

/// Copies only the files that have changed, so that few crates are built again.
pub(crate) fn copy(from: &Path, to: &Path) -> io::Result<()> {
    const LEFT_OUT: [&str; 5] = ["target", ".git", "artifacts", "corpus", "coverage"];
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (path, copy) = (entry.path(), to.join(entry.file_name()));
        if LEFT_OUT.iter().any(|name| entry.file_name() == *name) {
            continue;
        }
        if path.is_dir() {
            self::copy(&path, &copy)?;
        } else {
            let bytes = fs::read(&path)?;
            if fs::read(&copy).ok().as_deref() != Some(&*bytes) {
                fs::write(&copy, bytes)?;
            }
        }
    }
    Ok(())
}

fn all_are_found(plants: &[Plant]) {
    let Some(garden) = Garden::open() else { return };
    let mut lost = Vec::new();
    let mut times = Vec::new();
    for plant in plants {
        let Plant { name, target, .. } = plant;
        match garden.grow(plant) {
            Ok(time) => {
                println!("{target}: {name} found in {:.1} s", time.as_secs_f64());
                times.push(time);
            }
            Err(why) => {
                println!("{target}: {name}: {why}");
                lost.push(name);
            }
        }
    }
    times.sort_unstable();
    let median = times.get(times.len() / 2).map_or(0.0, Duration::as_secs_f64);
    println!("{} of {} planted bugs found, median {median:.1} s", times.len(), plants.len());
    assert!(lost.is_empty(), "not found: {lost:?}");
}

#[test]
fn every_target_has_a_plant_and_every_plant_a_place() {
    let plants = plants();
    let of: BTreeSet<&str> = plants.iter().map(|plant| plant.target.as_str()).collect();
    for target in iothub_oracles::TARGETS {
        assert!(of.contains(target.name), "no bug is planted for {}", target.name);
    }
    for Plant { name, target: of, file, find, replace } in &plants {
        assert!(target(of).is_some(), "{name} is for {of}");
        let text = fs::read_to_string(fuzz().join("..").join(file)).expect("the file is there");
        assert_eq!(text.matches(find).count(), 1, "{name}: `{find}` in {file}");
        assert_ne!(find, replace);
    }
}

#[test]
#[ignore = "builds a fuzz target a dozen times: minutes"]
fn a_planted_bug_for_each_target_is_found_within_a_minute() {
    let mut seen = BTreeSet::new();
    let mut plants = plants();
    plants.retain(|plant| seen.insert(plant.target.clone()));
    all_are_found(&plants);
}

#[test]
#[ignore = "builds a fuzz target for every planted bug: half an hour"]
fn every_planted_bug_is_found_within_a_minute() {
    all_are_found(&plants());
}

/// Compares fuzzing with random bytes. A bug that random bytes find as fast as a fuzzer does not
/// need a fuzzer.
#[test]
#[ignore = "builds an oracle for every planted bug, and gives it random bytes: an hour"]
fn planted_bugs_that_plain_chance_finds() {
    let Some(garden) = Garden::open() else { return };
    let plants = plants();
    let mut found = 0;
    for plant in &plants {
        let Plant { name, target, .. } = plant;
        match garden.grow_by_chance(plant) {
            Ok(Some(time)) => {
                found += 1;
                println!("{target}: {name} found by chance in {:.3} s", time.as_secs_f64());
            }
            Ok(None) => println!("{target}: {name} not found by chance in {BY_CHANCE} s"),
            Err(why) => panic!("{name}: {why}"),
        }
    }
    println!("{found} of {} planted bugs found by chance in {BY_CHANCE} s", plants.len());
}
