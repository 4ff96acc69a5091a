//! The fixtures themselves: their format, their files, and their coverage.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use serde_json::Value;

/// Requirements without an accepted or a rejected case, and the reason why the case is missing.
const EXCEPTIONS: [(&str, &str); 1] =
    [("SES-9", "what is left unanswered at the end is advice, and advice never rejects")];

/// Every possible verdict of a rejected case: the codes and the MUST findings.
const CODES: [&str; 23] = [
    "payload-too-large",
    "not-utf8",
    "invalid-json",
    "not-an-object",
    "duplicate-key",
    "unknown-field",
    "missing-type",
    "missing-field",
    "wrong-type",
    "unknown-type",
    "wrong-direction",
    "out-of-range",
    "invalid-name",
    "invalid-md5sum",
    "invalid-url",
    "invalid-state",
    "invalid-topic",
    "invalid-content-md5",
    "unsolicited-response",
    "echo-mismatch",
    "progress-before-url",
    "no-such-task",
    "after-end",
];

/// Every possible advice about a trace.
const ADVICE: [&str; 3] = ["percent-decreased", "unanswered", "repeated"];

pub(crate) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures")
}

fn text(file: &str) -> String {
    fs::read_to_string(folder().join(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}

fn json(file: &str) -> Value {
    serde_json::from_str(&text(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}

/// Returns the cases of the manifest.
pub(crate) fn cases() -> Vec<Value> {
    match json("manifest.json")["cases"].take() {
        Value::Array(cases) => cases,
        other => panic!("no cases: {other}"),
    }
}

fn requirements() -> Vec<Value> {
    match json("requirements.json")["requirements"].take() {
        Value::Array(requirements) => requirements,
        other => panic!("no requirements: {other}"),
    }
}

/// Returns a string of a case; empty if it is absent.
pub(crate) fn word<'c>(case: &'c Value, key: &str) -> &'c str {
    case[key].as_str().unwrap_or_default()
}

/// Returns the file of a case, if it has one.
pub(crate) fn file(case: &Value) -> Option<&str> {
    ["payload", "events", "data"].iter().find_map(|key| case["input"][key].as_str())
}

fn ids(case: &Value) -> impl Iterator<Item = &str> {
    case["requirements"].as_array().into_iter().flatten().filter_map(Value::as_str)
}

fn none(flaws: &[String]) {
    assert!(flaws.is_empty(), "{} flaws:\n{}", flaws.len(), flaws.join("\n"));
}

#[test]
fn the_json_files_keep_their_schemas() {
    for name in ["manifest", "requirements"] {
        let schema = json(&format!("schema/{name}.schema.json"));
        let validator = jsonschema::validator_for(&schema).expect("the schema is one");
        let errors: Vec<String> = validator
            .iter_errors(&json(&format!("{name}.json")))
            .map(|error| format!("{name}.json {}: {error:.200}", error.instance_path()))
            .collect();
        none(&errors);
    }
}

#[test]
fn the_schema_lets_no_bad_manifest_through() {
    let schema = json("schema/manifest.schema.json");
    let validator = jsonschema::validator_for(&schema).expect("the schema is one");
    let good = json("manifest.json");
    let first = |op: &str| {
        good["cases"].as_array().and_then(|cases| {
            cases
                .iter()
                .find(|case| word(case, "op") == op && word(case, "verdict") == "reject")
                .cloned()
        })
    };
    let case = first("decode").expect("there is one");
    let is_valid = |case: &Value| {
        validator.is_valid(&serde_json::json!({"format": 1, "version": "0.1.0", "cases": [case]}))
    };
    assert!(is_valid(&case));
    for key in ["id", "op", "profile", "requirements", "level", "input", "verdict", "code", "since"]
    {
        let mut without = case.clone();
        without.as_object_mut().expect("it is an object").remove(key);
        assert!(!is_valid(&without), "without {key}");
    }
    for (key, value) in [
        ("op", "guess"),
        ("profile", "both"),
        ("verdict", "maybe"),
        ("level", "may"),
        ("since", "1.0"),
        ("surprise", "!"),
        ("code", "no-such-code"),
    ] {
        let mut other = case.clone();
        other[key] = value.into();
        assert!(!is_valid(&other), "{key}: {value}");
    }
}

#[test]
fn one_case_a_line_sorted_by_id() {
    let text = text("manifest.json");
    assert!(text.is_ascii() && text.ends_with("}\n]}\n"), "plain JSON in ASCII");
    let lines: Vec<&str> = text.lines().filter(|line| line.starts_with("{\"id\"")).collect();
    let cases = cases();
    assert_eq!(lines.len(), cases.len());
    for (line, case) in lines.iter().zip(&cases) {
        let line = line.strip_suffix(',').unwrap_or(line);
        assert_eq!(serde_json::from_str::<Value>(line).ok().as_ref(), Some(case));
        assert!(line.len() < 1 << 20, "C programs have a buffer of 1 MiB: {}", word(case, "id"));
    }
    let ids: Vec<&str> = cases.iter().map(|case| word(case, "id")).collect();
    let mut sorted = ids.clone();
    sorted.sort_unstable();
    sorted.dedup();
    assert_eq!(ids, sorted, "sorted, and each one once");
}

#[test]
fn every_file_is_there_and_is_used() {
    fn collect(root: &Path, folder: &Path, files: &mut BTreeSet<String>) {
        for entry in fs::read_dir(folder).expect("it is a folder").flatten() {
            if entry.path().is_dir() {
                collect(root, &entry.path(), files);
            } else if let Ok(path) = entry.path().strip_prefix(root) {
                files.insert(path.to_string_lossy().replace('\\', "/"));
            }
        }
    }
    let mut there = BTreeSet::new();
    for name in ["decode", "trace", "digest"] {
        collect(&folder(), &folder().join(name), &mut there);
    }
    let used: BTreeSet<String> =
        cases().iter().filter_map(|case| file(case).map(str::to_owned)).collect();
    let missing = used.difference(&there).map(|file| format!("missing: {file}"));
    let orphans = there.difference(&used).map(|file| format!("no case uses {file}"));
    none(&missing.chain(orphans).collect::<Vec<_>>());
}

#[test]
fn every_requirement_is_covered() {
    let mut counts: BTreeMap<String, [usize; 2]> = BTreeMap::new();
    for case in cases() {
        let column = usize::from(word(&case, "verdict") == "reject");
        for id in ids(&case) {
            counts.entry(id.to_owned()).or_default()[column] += 1;
        }
    }
    println!("{:<12} {:>8} {:>8}", "requirement", "accepted", "rejected");
    let mut flaws = Vec::new();
    for requirement in requirements() {
        let id = word(&requirement, "id");
        let [accepted, rejected] = counts.remove(id).unwrap_or_default();
        let exception = EXCEPTIONS.iter().find(|(excepted, _)| *excepted == id);
        let by = word(&requirement, "checked_by");
        let note = match (by, exception) {
            ("fixtures", None) if accepted == 0 || rejected == 0 => "  <- uncovered",
            ("fixtures", Some((_, reason))) => reason,
            ("fixtures", None) => "",
            (by, _) => by,
        };
        println!("{id:<12} {accepted:>8} {rejected:>8}  {note}");
        if note.contains("uncovered") {
            flaws.push(format!("{id}: {accepted} accepted, {rejected} rejected"));
        }
        if exception.is_some() && accepted > 0 && rejected > 0 {
            flaws.push(format!("{id} is no exception any more"));
        }
        if by != "fixtures" && accepted + rejected > 0 {
            flaws.push(format!("{id} is checked by {by}, and has cases"));
        }
    }
    flaws.extend(counts.keys().map(|id| format!("{id} is no requirement")));
    none(&flaws);
}

#[test]
fn every_code_and_every_advice_is_a_verdict() {
    let cases = cases();
    let said: BTreeSet<&str> = cases.iter().filter_map(|case| case["code"].as_str()).collect();
    assert_eq!(said, BTreeSet::from(CODES));
    let advised: BTreeSet<&str> = cases
        .iter()
        .filter_map(|case| case["result"]["advice"].as_array())
        .flatten()
        .map(|advice| word(advice, "code"))
        .collect();
    assert_eq!(advised, BTreeSet::from(ADVICE));
    // Each code is that of a requirement that the case cites.
    let requirements = requirements();
    let codes_of = |id: &str| {
        let requirement = requirements.iter().find(|requirement| word(requirement, "id") == id);
        requirement.map(|requirement| &requirement["codes"])
    };
    let odd = cases.iter().filter(|case| {
        case["code"].as_str().is_some_and(|code| {
            let has_it =
                |codes: &Value| codes.as_array().is_some_and(|all| all.contains(&code.into()));
            !ids(case).any(|id| codes_of(id).is_some_and(has_it) || id.starts_with("MSG"))
        })
    });
    none(
        &odd.map(|case| format!("{}: {}", word(case, "id"), word(case, "code")))
            .collect::<Vec<_>>(),
    );
}

#[test]
fn levels_profiles_and_versions_fit() {
    let version = |text: &str| -> Vec<u32> { text.split('.').flat_map(str::parse).collect() };
    let newest = version(word(&json("manifest.json"), "version"));
    let requirements = requirements();
    let profiles: BTreeMap<&str, &Value> = requirements
        .iter()
        .map(|requirement| (word(requirement, "id"), &requirement["profiles"]))
        .collect();
    let mut flaws = Vec::new();
    for case in cases() {
        let mut flaw = |why: &str| flaws.push(format!("{}: {why}", word(&case, "id")));
        let (op, profile) = (word(&case, "op"), word(&case, "profile"));
        if matches!(op, "decode" | "encode" | "trace") == profile.is_empty() {
            flaw("a profile where there is none, or none where there is one");
        }
        let main = ids(&case).next().unwrap_or_default();
        let holds = |id: &str| {
            profiles
                .get(id)
                .and_then(|all| all.as_array())
                .is_some_and(|all| profile.is_empty() || all.contains(&profile.into()))
        };
        // A rule of one profile may be violated in a case that the other profile accepts.
        if !holds(main) && word(&case, "verdict") == "accept" {
            flaw("accepted by a rule that does not hold in the profile");
        }
        let advised = case["result"]["advice"].as_array().is_some_and(|advice| !advice.is_empty());
        if advised != (word(&case, "level") == "should") && op == "trace" {
            flaw("the level is not that of a case with advice, or without");
        }
        if version(word(&case, "since")) > newest {
            flaw("since a version that has not come yet");
        }
        let at = case["at"].as_u64();
        if at.is_some() != (op == "trace" && word(&case, "verdict") == "reject") {
            flaw("an index belongs to rejected traces, and to nothing else");
        }
    }
    none(&flaws);
}

/// The same input has the same verdict in every case, and `deployed` only accepts more.
#[test]
fn verdicts_are_consistent() {
    let mut known: BTreeMap<(String, String, Vec<u8>), Value> = BTreeMap::new();
    let verdict = |case: &Value| {
        ["verdict", "code", "at", "result"].map(|key| case[key].to_string()).join(" ")
    };
    let cases = cases();
    let mut flaws = Vec::new();
    for case in &cases {
        let mut input = case["input"].to_string();
        let mut bytes = Vec::new();
        if let Some(file) = file(case) {
            input = input.replace(file, "");
            bytes = fs::read(folder().join(file)).unwrap_or_default();
        }
        let key = (format!("{} {}", word(case, "op"), word(case, "profile")), input, bytes);
        if let Some(other) = known.insert(key, case.clone())
            && verdict(&other) != verdict(case)
        {
            flaws.push(format!("{} and {} are the same", word(&other, "id"), word(case, "id")));
        }
    }
    for ((op, input, bytes), documented) in &known {
        let Some(op) = op.strip_suffix("documented") else { continue };
        let key = (format!("{op}deployed"), input.clone(), bytes.clone());
        let Some(deployed) = known.get(&key) else { continue };
        // `documented` rejects everything that `deployed` rejects, for the same reason or because
        // it does not have the type (MSG-9).
        let same = [&deployed["code"], &"unknown-type".into()].contains(&&documented["code"]);
        if word(deployed, "verdict") == "reject" && !same {
            flaws.push(format!("{} is stricter than documented", word(deployed, "id")));
        }
        let is_trace = op.starts_with("trace");
        if word(documented, "verdict") == "accept"
            && !is_trace
            && documented["result"] != deployed["result"]
        {
            flaws.push(format!("{} comes to something else", word(deployed, "id")));
        }
    }
    none(&flaws);
}
