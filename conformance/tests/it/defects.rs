//! Plants single defects in the Python example: the suite finds every one.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};

use serde::Deserialize;
use tempfile::TempDir;

use crate::command::{Run, run};

#[derive(Deserialize)]
struct Defects {
    defect: Vec<Defect>,
}

/// A defect: `file` contains `find` exactly once, and its replacement by `replace` violates
/// `requirement`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Defect {
    pub(crate) name: String,
    pub(crate) requirement: String,
    pub(crate) file: String,
    pub(crate) find: String,
    pub(crate) replace: String,
}

pub(crate) fn defects() -> Vec<Defect> {
    let Defects { defect } =
        toml::from_str(include_str!("defects.toml")).expect("the table is as it should be");
    defect
}

pub(crate) fn example() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/adapters/python")
}

const FILES: [&str; 2] = ["adapter.py", "iothub_resource.py"];

/// Returns the command that runs the example in a folder.
pub(crate) fn testee(folder: &Path) -> String {
    format!("python3 -B '{}'", folder.join("adapter.py").display())
}

fn test(folder: &Path, options: &[&str]) -> Run {
    // No defect makes the adapter hang. On a busy machine, a correct adapter takes long to start.
    run(["run", "--timeout", "60000", "--testee", &testee(folder)].iter().chain(options))
}

/// Returns whether Python is installed. If not, prints a line.
pub(crate) fn has_python() -> bool {
    let python = Command::new("python3").arg("--version").output();
    let found = python.is_ok_and(|output| output.status.success());
    if !found {
        println!("skipped: needs python3");
    }
    found
}

impl Defect {
    /// Returns a copy of the example with this defect.
    pub(crate) fn plant(&self) -> TempDir {
        let folder = TempDir::new().expect("there is room for temporary files");
        for file in FILES {
            let mut text = fs::read_to_string(example().join(file)).expect("the example is there");
            if file == self.file {
                assert_eq!(text.matches(&self.find).count(), 1, "where is {}?", self.name);
                text = text.replacen(&self.find, &self.replace, 1);
            }
            fs::write(folder.path().join(file), text).expect("there is room for temporary files");
        }
        folder
    }

    /// Returns the reason why none of these cases finds the defect; `None` if one does.
    fn escapes(&self, options: &[&str]) -> Option<String> {
        let run = test(self.plant().path(), options);
        let accused = run.status == Some(1) && run.left_behind().is_empty();
        let Self { name, requirement, .. } = self;
        (!accused).then(|| {
            format!("{name} ({requirement}): exit status {:?}, {}", run.status, run.totals())
        })
    }
}

/// Plants each defect, on two threads. `escapes` returns the reason why one was not found.
pub(crate) fn all_are_accused<E>(defects: &[Defect], escapes: E)
where
    E: Fn(&Defect) -> Option<String> + Sync,
{
    let next = AtomicUsize::new(0);
    let work = || {
        let mut escaped = Vec::new();
        while let Some(defect) = defects.get(next.fetch_add(1, Ordering::Relaxed)) {
            escaped.extend(escapes(defect));
        }
        escaped
    };
    let escaped: Vec<String> = thread::scope(|scope| {
        let workers = [scope.spawn(work), scope.spawn(work)];
        workers.into_iter().flat_map(|worker| worker.join().expect("a defect is planted")).collect()
    });
    println!("{} of {} planted defects accused", defects.len() - escaped.len(), defects.len());
    assert!(escaped.is_empty(), "not accused:\n{}", escaped.join("\n"));
}

#[test]
fn the_example_without_a_defect_passes() {
    if has_python() {
        let run = test(&example(), &["--strict", "--codes"]);
        assert_eq!(run.status, Some(0), "{run:?}");
        assert!(run.totals().ends_with(" pass") && !run.totals().contains(','), "{run:?}");
    }
}

#[test]
fn each_has_a_name_and_a_place_of_its_own() {
    let defects = defects();
    let names: BTreeSet<_> = defects.iter().map(|defect| &defect.name).collect();
    assert_eq!(names.len(), defects.len());
    let changes: BTreeSet<_> =
        defects.iter().map(|defect| (&defect.file, &defect.find, &defect.replace)).collect();
    assert_eq!(changes.len(), defects.len());
    for defect in &defects {
        defect.plant();
    }
}

#[test]
fn a_sample_is_accused() {
    if has_python() {
        let mut seen = BTreeSet::new();
        let mut sample = |(at, defect): &(usize, Defect)| {
            seen.insert(defect.requirement.clone()) || at % 12 == 0
        };
        let sample = defects().into_iter().enumerate().filter(&mut sample);
        let sample: Vec<_> = sample.map(|(_, defect)| defect).collect();
        // The cases of the violated requirement are usually sufficient. Other cases count too.
        all_are_accused(&sample, |defect| {
            defect.escapes(&["--filter", &defect.requirement]).and_then(|_| defect.escapes(&[]))
        });
    }
}

#[test]
#[ignore = "long: the whole suite against each of hundreds of programs"]
fn all_of_them_are_accused() {
    if has_python() {
        all_are_accused(&defects(), |defect| defect.escapes(&[]));
    }
}
