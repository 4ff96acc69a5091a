//! `fuzz` as users run it. It reports nothing for a correct testee, finds planted defects, and
//! reports the misbehaviour of a hostile adapter.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::Mutex,
};

use iothub_conformance::{Fixtures, Op, Request};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{
    command::{self, Run, binary},
    defects::{Defect, all_are_accused, defects, example, has_python, testee},
};

/// A campaign, and the folder with its findings.
struct Campaign {
    run: Run,
    /// A folder that contains only the findings.
    place: TempDir,
}

fn campaign(testee: &str, options: &[&str]) -> Campaign {
    let place = TempDir::new().expect("there is room for temporary files");
    let run = command::start(command_in(place.path(), testee, options)).end();
    assert!(!run.stderr.contains("panicked"), "{}", run.stderr);
    assert_eq!(run.left_behind(), Vec::<String>::new());
    Campaign { run, place }
}

fn command_in<'c>(place: &Path, testee: &str, options: &[&str]) -> &'c mut std::process::Command {
    let command = Box::leak(Box::new(binary()));
    // No answer may be late.
    let timeout = if options.contains(&"--timeout") { &[][..] } else { &["--timeout", "3600000"] };
    command.current_dir(place).args(["fuzz", "--testee", testee]).args(timeout).args(options)
}

fn builtin() -> String {
    format!("'{}' adapter", env!("CARGO_BIN_EXE_iothub-conformance"))
}

impl Campaign {
    fn folder(&self) -> PathBuf {
        self.place.path().join("fuzz-findings")
    }

    fn cases(&self) -> Vec<Value> {
        let manifest = fs::read(self.folder().join("manifest.json")).expect("there are findings");
        let manifest: Value = serde_json::from_slice(&manifest).expect("it is JSON");
        keeps_the_schema(&manifest);
        manifest["cases"].as_array().cloned().expect("there are cases")
    }

    /// Returns every file, by its path.
    fn files(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let mut files = BTreeMap::new();
        let mut folders = vec![self.folder()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).expect("it is there") {
                let path = entry.expect("it can be read").path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    let content = fs::read(&path).expect("it can be read");
                    let path = path.strip_prefix(self.place.path()).expect("it is in it");
                    files.insert(path.to_owned(), content);
                }
            }
        }
        files
    }

    /// Returns the result of `run` on the findings.
    fn replayed(&self, testee: &str) -> Run {
        let mut command = binary();
        command.current_dir(self.place.path());
        command.args(["run", "--fixtures", "fuzz-findings", "--testee", testee]);
        command::start(&mut command).end()
    }

    /// Returns the printed commands, each of which reproduces a finding.
    fn commands(&self) -> Vec<&str> {
        let lines = self.run.stdout.lines().map(str::trim);
        lines.filter(|line| line.starts_with("iothub-conformance run ")).collect()
    }
}

fn keeps_the_schema(manifest: &Value) {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/schema/manifest.schema.json");
    let schema = fs::read(path).expect("it is there");
    let schema = serde_json::from_slice(&schema).expect("it is JSON");
    let validator = jsonschema::validator_for(&schema).expect("the schema is one");
    let errors: Vec<String> =
        validator.iter_errors(manifest).map(|e| format!("{e:.200}")).collect();
    assert_eq!(errors, Vec::<String>::new());
}

fn planted(name: &str) -> (TempDir, String) {
    let defects = defects();
    let defect = defects.iter().find(|defect| defect.name == name).expect("there is such a one");
    let folder = defect.plant();
    let testee = testee(folder.path());
    (folder, testee)
}

#[test]
fn nothing_is_said_of_the_correct() {
    let seeds = [("1", builtin()), ("2", testee(&example()))];
    for (seed, testee) in &seeds[..if has_python() { 2 } else { 1 }] {
        let Campaign { run, place } = campaign(testee, &["--cases", "4000", "--seed", seed]);
        assert_eq!(run.status, Some(0), "{run:?}");
        assert!(run.stdout.contains(&format!(": no findings in 4000 requests, seed {seed}")));
        assert_eq!(fs::read_dir(place.path()).expect("it is there").count(), 0);
    }
}

#[test]
#[ignore = "long: twenty whole campaigns"]
fn nothing_is_said_of_the_correct_whatever_the_seed() {
    if has_python() {
        for seed in 100..120 {
            let seed = seed.to_string();
            let run = campaign(&testee(&example()), &["--seed", &seed]).run;
            assert_eq!(run.status, Some(0), "{run:?}");
        }
    }
}

/// Returns the output without the folder of the planted defect, which has a random name.
fn stable(run: &Run, planted: &Path) -> String {
    run.stdout.replace(&planted.display().to_string(), "PLANTED")
}

#[test]
fn a_planted_defect_is_found_and_shrunk_and_written() {
    if !has_python() {
        return;
    }
    for name in [
        "size-2-53-accepted",
        "duplicate-checked-before-unescaping",
        "content-md5-half-canonical",
        "session-restart-keeps-the-end",
    ] {
        let (folder, testee) = planted(name);
        let options = ["--seed", "1", "--max-findings", "1", "--cases", "100000"];
        let campaign = campaign(&testee, &options);
        assert_eq!(campaign.run.status, Some(1), "{:?}", campaign.run);
        assert_eq!(campaign.cases().len(), 1);
        insta::assert_snapshot!(name, stable(&campaign.run, folder.path()));

        let again = campaign.replayed(&testee);
        assert_eq!((again.status, again.totals()), (Some(1), "1 fail"), "{again:?}");
        let correct = campaign.replayed(&builtin());
        assert_eq!((correct.status, correct.totals()), (Some(0), "1 pass"), "{correct:?}");

        let [reproduce] = campaign.commands()[..] else { panic!("{:?}", campaign.run) };
        let binary = format!("'{}'", env!("CARGO_BIN_EXE_iothub-conformance"));
        let reproduce = reproduce.replacen("iothub-conformance", &binary, 1);
        let mut shell = std::process::Command::new("sh");
        shell.current_dir(campaign.place.path()).args(["-c", &reproduce]);
        assert_eq!(command::start(&mut shell).end().status, Some(1));
    }
}

#[test]
fn the_same_seed_tells_the_same() {
    if !has_python() {
        return;
    }
    let (_folder, testee) = planted("name-ascii-only");
    let options = ["--seed", "3", "--cases", "700"];
    let [one, other] = [(); 2].map(|()| campaign(&testee, &options));
    assert_eq!(one.run.stdout, other.run.stdout);
    assert_eq!(one.files(), other.files());
    assert!(one.cases().len() < 4, "one cause is told once: {}", one.run.stdout);
}

#[test]
fn a_folder_is_gone_on_with_if_it_is_one_of_findings() {
    if !has_python() {
        return;
    }
    let (_folder, testee) = planted("name-ascii-only");
    let options = ["--seed", "3", "--max-findings", "1"];
    let first = campaign(&testee, &options);
    let before = first.cases();
    let (_folder, other) = planted("size-2-53-accepted");
    let run = command::start(command_in(first.place.path(), &other, &options)).end();
    assert_eq!(run.status, Some(1), "{run:?}");
    let after = first.cases();
    assert_eq!(after.len(), before.len() + 1);
    assert!(before.iter().all(|case| after.contains(case)));

    let run = command::start(command_in(first.place.path(), &other, &["--out", "."])).end();
    assert_eq!((run.status, &*run.stdout), (Some(2), ""));
    assert!(run.stderr.contains("is not empty and is not a folder of findings"), "{}", run.stderr);
    let run = command::start(command_in(first.place.path(), &other, &["--out", "/proc/x"])).end();
    assert_eq!(run.status, Some(2));
}

#[test]
fn only_what_is_asked_for() {
    // An adapter that accepts everything without a result.
    let testee = r#"sed -u 's/"id":\([0-9]*\),.*/"id":\1,"ok":{}}/'"#;
    for only in ["documented", "deployed"] {
        let campaign = campaign(testee, &["--cases", "40", "--seed", "1", "--profile", only]);
        assert!(campaign.run.stdout.contains(" in 40 requests, seed 1"), "{:?}", campaign.run);
        // Shrunk cases keep the profile too.
        let cases = campaign.cases();
        let profiles: Vec<&str> =
            cases.iter().filter_map(|case| case["profile"].as_str()).collect();
        assert!(!profiles.is_empty());
        assert!(profiles.iter().all(|profile| *profile == only), "{profiles:?}");
    }
    let Campaign { run, .. } = campaign(&builtin(), &["--time", "1"]);
    assert_eq!(run.status, Some(0));
    assert!(run.stderr.starts_with("seed "), "{}", run.stderr);
}

#[cfg(unix)]
mod hostile {
    use std::time::{Duration, Instant};

    use super::*;
    use crate::{command::HANGS, hostile::misbehave, interrupt::interrupt};

    fn misbehaving(way: &str) -> String {
        format!("'{}' {way}", misbehave().display())
    }

    #[test]
    fn no_adapter() {
        let place = TempDir::new().expect("there is room for temporary files");
        for testee in [&*misbehaving("die-at-start"), "/there/is/no/such/program"] {
            let run = command::start(command_in(place.path(), testee, &[])).end();
            assert_eq!((run.status, &*run.stdout), (Some(3), ""));
            assert_eq!(fs::read_dir(place.path()).expect("it is there").count(), 0);
        }
    }

    #[test]
    fn whatever_it_does_is_a_finding_and_the_end_is_near() {
        const NEVER: &str = "3600000";
        for (way, timeout, title) in [
            ("die-always", NEVER, "the testee ended"),
            ("hang-always", "500", "no answer in time"),
            ("garbage-always", NEVER, "no valid answer"),
            ("endless-at", NEVER, "no valid answer"),
        ] {
            let options = ["--timeout", timeout, "--seed", "1", "--cases", "400"];
            let campaign = campaign(&misbehaving(way), &options);
            assert_eq!(campaign.run.status, Some(1), "{way}: {:?}", campaign.run);
            assert!(campaign.run.stdout.contains(title), "{way}: {:?}", campaign.run);
            let titles = campaign.cases();
            assert!(titles.len() < 30, "{way}: {}", titles.len());
        }
    }

    /// Checks that the failure of Python on long names is a finding of this kind, and is shrunk.
    fn is_shrunk(code: &str, kind: &str, timeout: &str) {
        if !has_python() {
            return;
        }
        let defect = Defect {
            name: kind.to_owned(),
            requirement: "VAL-2".to_owned(),
            file: "iothub_resource.py".to_owned(),
            find: "    if not _NAME.fullmatch(_string(value)):\n".to_owned(),
            replace: format!(
                "    import os, time\n    if len(_string(value)) > 200:\n        {code}\n    if not _NAME.fullmatch(value):\n"
            ),
        };
        let folder = defect.plant();
        let options = ["--timeout", timeout, "--seed", "1", "--max-findings", "1"];
        let campaign = campaign(&testee(folder.path()), &options);
        let case = campaign
            .cases()
            .into_iter()
            .find(|case| case["title"] == json!(format!("decode: {kind}")));
        let case = case.unwrap_or_else(|| panic!("{:?}", campaign.run));
        let file = case["input"]["payload"].as_str().expect("it is of decode");
        let payload = fs::read(campaign.folder().join(file)).expect("it is there");
        // Each crash requires a restart, so the result is not always the smallest one.
        let message: serde_json::Value = serde_json::from_slice(&payload).expect("it is JSON");
        let name = message["name"].as_str().expect("it has a name");
        assert!(name.chars().count() > 200, "{name}");
        assert!(payload.len() < 16_384, "{}", payload.len());
        let again = campaign.replayed(&testee(folder.path()));
        assert_eq!(again.status, Some(1), "{again:?}");
    }

    #[test]
    fn what_kills_it_is_shrunk() {
        is_shrunk("os._exit(3)", "the testee ended", "3600000");
    }

    #[test]
    #[ignore = "long: each attempt to shrink it is waited for"]
    fn what_hangs_it_is_shrunk() {
        is_shrunk("time.sleep(99999)", "no answer in time", "5000");
    }

    #[test]
    fn ctrl_c_keeps_what_was_found() {
        if !has_python() {
            return;
        }
        let (_folder, testee) = planted("name-ascii-only");
        let place = TempDir::new().expect("there is room for temporary files");
        let going =
            command::start(command_in(place.path(), &testee, &["--time", "3600", "--seed", "1"]));
        let started = Instant::now();
        let manifest = place.path().join("fuzz-findings/manifest.json");
        while !manifest.exists() && started.elapsed() < HANGS {
            std::thread::sleep(Duration::from_millis(5));
        }
        let run = interrupt(going);
        assert_eq!(run.status, Some(130), "{run:?}");
        assert!(run.stderr.contains("interrupted: after "), "{run:?}");
        assert!(run.stdout.contains("1. "), "{run:?}");
        let manifest: Value = serde_json::from_slice(&fs::read(manifest).expect("it was written"))
            .expect("it is JSON");
        keeps_the_schema(&manifest);
    }
}

/// The number of requests of a campaign without `--cases`.
const DEFAULT_REQUESTS: usize = 20_000;

/// The result of a campaign against a planted defect.
struct Measured {
    name: String,
    seconds: f64,
    requests: usize,
    size: usize,
    /// The size in relation to the smallest input of the suite that finds the same defect.
    ratio: Option<f64>,
}

/// Returns the reason why a defect was not found; `None` if it was. The campaign may be longer than
/// by default, because a rare session can be missing among the default number of requests.
fn escapes(defect: &Defect, measured: &Mutex<Vec<Measured>>) -> Option<String> {
    let folder = defect.plant();
    let testee = testee(folder.path());
    let options = ["--seed", "1", "--max-findings", "1", "--cases", "100000"];
    let campaign = campaign(&testee, &options);
    if campaign.run.status != Some(1) {
        return Some(format!("{} ({})", defect.name, defect.requirement));
    }
    let found = Fixtures::from_folder(&campaign.folder()).expect("they are fixtures");
    let request = &found.cases.first().expect("there is one").request;
    let size = size_of(request);
    let smallest = smallest_of_suite(&testee, request.op());
    let total = campaign.run.totals();
    let requests = total.split("finding in ").nth(1).and_then(|rest| rest.split(' ').next());
    let requests = requests.and_then(|number| number.parse().ok()).expect("the total has a number");
    measured.lock().expect("nobody panics with it").push(Measured {
        name: defect.name.clone(),
        seconds: campaign.run.took.as_secs_f64(),
        requests,
        size,
        ratio: smallest.map(|smallest| size as f64 / smallest.max(1) as f64),
    });
    None
}

fn smallest_of_suite(testee: &str, op: Op) -> Option<usize> {
    let told = command::run(["run", "--testee", testee]).told();
    let cases = Fixtures::embedded().cases.into_iter();
    let accusing = cases.filter(|case| told.contains_key(&case.id) && case.request.op() == op);
    accusing.map(|case| size_of(&case.request)).min()
}

/// Returns the size of the message, the topic or the data in a request.
fn size_of(request: &Request) -> usize {
    match request {
        Request::Decode { payload, .. } => payload.len(),
        Request::Encode { message, .. } => message.get().len(),
        Request::TopicFormat { product_id, device_name, .. } => {
            product_id.len() + device_name.len()
        }
        Request::TopicParse { topic } => topic.len(),
        Request::Md5Digest { data } => data.len(),
        Request::ContentMd5Encode { md5sum } => md5sum.len(),
        Request::ContentMd5Decode { content_md5 } => content_md5.len(),
        Request::Trace { events, .. } => events.iter().map(|event| event.message.get().len()).sum(),
    }
}

fn measure(defects: &[Defect]) {
    let measured = Mutex::new(Vec::new());
    all_are_accused(defects, |defect| escapes(defect, &measured));
    let mut measured = measured.into_inner().expect("nobody panicked with it");
    let middle = measured.len() / 2;
    measured.sort_by(|one, other| one.seconds.total_cmp(&other.seconds));
    let (median, slowest) = (measured[middle].seconds, &measured[measured.len() - 1]);
    println!("{median:.1} s in the median, {:.1} s at most ({})", slowest.seconds, slowest.name);
    let late = measured.iter().filter(|measured| measured.requests > DEFAULT_REQUESTS).count();
    println!("{late} need more than the default number of requests");
    assert!(late <= 1 + measured.len() / 100, "{late} of {}", measured.len());
    measured.sort_by_key(|measured| measured.size);
    println!("{} bytes in the median", measured[middle].size);
    let mut ratios: Vec<f64> = measured.iter().filter_map(|measured| measured.ratio).collect();
    ratios.sort_by(f64::total_cmp);
    let smaller = ratios.iter().filter(|&&ratio| ratio <= 1.0).count();
    println!(
        "{:.2} of the suite's smallest in the median; no larger in {smaller} of {}",
        ratios[ratios.len() / 2],
        ratios.len()
    );
}

#[test]
fn a_sample_is_accused() {
    if has_python() {
        let sample = defects().into_iter().enumerate().filter(|(at, _)| at % 75 == 20);
        measure(&sample.map(|(_, defect)| defect).collect::<Vec<_>>());
    }
}

#[test]
#[ignore = "long: half an hour, a campaign against each of hundreds of programs"]
fn all_planted_defects_are_accused() {
    if has_python() {
        measure(&defects());
    }
}
