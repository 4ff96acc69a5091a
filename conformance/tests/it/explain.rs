//! `explain` for every case, scenario and requirement.

use std::{collections::BTreeSet, fs, path::Path};

use iothub_conformance::{Fixtures, Op, Outcome};
use iothub_resource::{Code, MessageType};

use crate::command::{Run, run};

fn explain(id: &str) -> Run {
    run(["explain", id])
}

/// Checks that the output is printable text.
#[track_caller]
fn is_printable(run: &Run, id: &str) {
    assert_eq!((run.status, &*run.stderr), (Some(0), ""), "{id}");
    let odd = run.stdout.chars().find(|&c| c.is_control() && c != '\n');
    assert_eq!(odd, None, "{id}: {}", run.stdout);
    assert!(!run.stdout.contains(['\u{feff}', '\u{202e}', '\u{2028}', '\u{fffe}']), "{id}");
}

#[test]
fn every_requirement() {
    for requirement in Fixtures::embedded().requirements {
        let run = explain(&requirement.id);
        is_printable(&run, &requirement.id);
        assert!(run.stdout.contains(&requirement.text));
        let has_cases = run.stdout.contains("\naccept  ") || run.stdout.contains("\nreject  ");
        assert_eq!(has_cases, requirement.checked_by == "fixtures", "{}", requirement.id);
    }
}

/// The codes in a source file that come before the requirement that they belong to.
fn codes_in(path: &Path, codes: &mut BTreeSet<String>) {
    const AFTER: [&str; 5] = ["\"\"", "NO_REQUIREMENT", "rule", "requirement", "Level::"];
    if path.is_dir() {
        for entry in fs::read_dir(path).expect("a folder").flatten() {
            codes_in(&entry.path(), codes);
        }
        return;
    }
    let text = fs::read_to_string(path).expect("a source");
    let text = text.split("#[cfg(test)]").next().expect("a beginning");
    let parts: Vec<&str> = text.split('"').collect();
    for (index, part) in parts.iter().enumerate().skip(1).step_by(2) {
        let Some(rest) = parts.get(index + 1).and_then(|rest| rest.strip_prefix(',')) else {
            continue;
        };
        let rest = rest.trim_start();
        let next = parts.get(index + 2).copied().unwrap_or_default();
        let is_id = rest.is_empty()
            && next.split_once('-').is_some_and(|(section, number)| {
                section.bytes().all(|byte| byte.is_ascii_uppercase())
                    && number.parse::<u8>().is_ok()
            });
        let is_code = part.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
        if is_code && part.len() > 3 && (is_id || AFTER.iter().any(|after| rest.starts_with(after)))
        {
            codes.insert((*part).to_owned());
        }
    }
}

/// `explain` covers every word that the commands print.
#[test]
fn every_word() {
    let mut words: BTreeSet<String> =
        Code::ALL.iter().map(|code| code.as_str().to_owned()).collect();
    words.extend(Op::ALL.iter().map(|op| op.as_str().to_owned()));
    words.extend(MessageType::ALL.iter().map(|it| it.as_str().to_owned()));
    words.extend(Outcome::ALL.iter().map(|outcome| outcome.as_str().to_owned()));
    words.extend(Fixtures::embedded().requirements.into_iter().flat_map(|it| it.codes));
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let before = words.len();
    for folder in ["lint/src/http", "live/src/test_platform", "live/src/test_device"] {
        for entry in fs::read_dir(root.join(folder)).expect("a folder").flatten() {
            // Tables and scenarios have ids, which are explained as such.
            if entry.path().is_file() {
                codes_in(&entry.path(), &mut words);
            }
        }
    }
    assert!(words.len() > before + 20, "{words:?}");
    for word in &words {
        let run = explain(word);
        assert_eq!(run.status, Some(0), "{word}: {}", run.stderr);
        assert!(run.stdout.starts_with(&format!("{word} (")), "{}", run.stdout);
    }
    assert_eq!(explain("topic-parse").stdout, explain("topic_parse").stdout);
    assert_eq!(explain("Invalid-JSON").stdout, explain("invalid-json").stdout);
}

/// A source that is a file exists, and mentions the requirement.
#[test]
fn sources_exist() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut files = 0;
    for requirement in Fixtures::embedded().requirements {
        let words = requirement.source_detail.split([' ', ',', '(', ')']);
        for file in words.filter(|word| word.ends_with(".md")) {
            let text = fs::read_to_string(root.join(file))
                .unwrap_or_else(|error| panic!("{}: {file}: {error}", requirement.id));
            assert!(text.contains(&requirement.id), "{file} does not speak of {}", requirement.id);
            files += 1;
        }
    }
    assert!(files > 0);
}

#[test]
fn a_requirement_in_lower_case() {
    assert_eq!(explain("enc-4").stdout, explain("ENC-4").stdout);
}

#[test]
fn some_cases_of_every_operation() {
    let fixtures = Fixtures::embedded();
    for op in Op::ALL {
        let cases: Vec<_> = fixtures.cases.iter().filter(|case| case.request.op() == op).collect();
        assert!(!cases.is_empty(), "{op:?}");
        for case in cases.iter().step_by(cases.len() / 8 + 1) {
            is_printable(&explain(&case.id), &case.id);
        }
    }
}

/// Cases whose bytes could disturb a terminal.
#[test]
fn cases_with_odd_characters() {
    let fixtures = Fixtures::embedded();
    let odd = ["control", "nul", "del", "utf8", "bom", "surrogate", "escape", "bidi", "c1", "line"];
    let cases: Vec<_> = fixtures
        .cases
        .iter()
        .filter(|case| odd.iter().any(|word| case.id.contains(word)))
        .collect();
    assert!(cases.len() > 50, "{} cases", cases.len());
    for case in cases.iter().step_by(cases.len() / 40 + 1) {
        is_printable(&explain(&case.id), &case.id);
    }
}

#[test]
#[ignore = "long: a process for each of thousands of cases"]
fn every_case() {
    for case in Fixtures::embedded().cases {
        is_printable(&explain(&case.id), &case.id);
    }
}

/// Every listed scenario is explained, and runs alone with the command in the explanation.
#[test]
fn scenarios() {
    let mut known = BTreeSet::new();
    for command in ["device", "platform"] {
        let mut own = BTreeSet::new();
        for profile in ["documented", "deployed"] {
            let list = run([command, "--profile", profile, "--list"]).stdout;
            own.extend(list.lines().map(|line| {
                let id = line.split('\t').next().expect("a line begins with the id");
                (id.to_owned(), command)
            }));
        }
        assert!(own.len() > 90, "{}", own.len());
        for (id, _) in &own {
            assert!(known.insert(id.clone()), "{id} is a scenario of both commands");
        }
        // Scenarios whose id begins another id, or that exist in one profile only, and some others.
        let odd = |id: &str| {
            own.iter().any(|(other, _)| other != id && other.starts_with(id)) || id.contains("unkn")
        };
        for (at, (id, _)) in own.iter().enumerate() {
            if !odd(id) && at % 40 != 0 {
                continue;
            }
            let explained = explain(id);
            is_printable(&explained, id);
            let line = |begin: &str| {
                let mut lines = explained.stdout.lines();
                let line = lines.find_map(|line| line.strip_prefix(begin));
                line.unwrap_or_else(|| panic!("no {begin}: {}", explained.stdout))
            };
            for begin in ["sets up: ", "judges: ", "reason: ", "level: "] {
                assert!(!line(begin).is_empty(), "{id}: {begin}");
            }
            let words =
                shlex::split(line("to run only this scenario: iothub-conformance ")).unwrap();
            let alone = run(words.iter().map(String::as_str).chain(["--list"]));
            assert_eq!((alone.status, alone.stdout.lines().count()), (Some(0), 1), "{alone:?}");
            assert!(alone.stdout.starts_with(&format!("{id}\t")), "{alone:?}");
        }
    }
}

#[test]
fn an_unknown_id_gives_near_ones() {
    let fixtures = Fixtures::embedded();
    let case = &fixtures.cases[fixtures.cases.len() / 2].id;
    let stem = case.rsplit_once('/').map_or(&**case, |(stem, _)| stem);
    for (unknown, near) in [
        (stem.to_owned(), case.as_str()),
        (case.replacen("document", "documnet", 1).replacen("deploy", "deplyo", 1), case),
        ("upload/broker/cut-a".to_owned(), "upload/broker/cut-asked"),
        ("report/in-ordr".to_owned(), "report/in-order"),
        ("ENC4".to_owned(), "ENC-4"),
        ("enc_4".to_owned(), "ENC-4"),
    ] {
        let run = explain(&unknown);
        assert_eq!((run.status, &*run.stdout), (Some(2), ""));
        let message = format!("`{unknown}` is not the id of a case, a scenario or a requirement");
        assert!(run.stderr.contains(&message), "{}", run.stderr);
        assert!(run.stderr.contains(&format!("\n  {near}\n")), "{}", run.stderr);
    }
    let run = explain("decode/");
    assert!(run.stderr.contains(" more: iothub-conformance list --filter decode/"));
    let unlike = explain("something else entirely").stderr;
    assert!(!unlike.contains("\n  ") && unlike.contains("`iothub-conformance list`"), "{unlike}");
}

#[test]
fn looks_like_this() {
    for (name, id) in [
        ("decode", "decode/enc-4/type-escaped-second/documented"),
        ("decode_page", "decode/pages/en-create-upload-task/documented"),
        ("requirement_live", "HTTP-6"),
        ("scenario_of_device", "download/spelling/escaped-keys"),
        ("scenario_of_platform", "malformed/unknown-field"),
        ("code", "invalid-json"),
        ("operation", "topic_parse"),
        ("message", "create_upload_task"),
    ] {
        insta::assert_snapshot!(name, explain(id).stdout);
    }
    let fixtures = Fixtures::embedded();
    let first = |op: Op, rejected: bool| {
        let is_it = |case: &&iothub_conformance::Case| {
            case.request.op() == op
                && matches!(case.verdict, iothub_conformance::Verdict::Reject { .. }) == rejected
        };
        fixtures.cases.iter().find(is_it).map(|case| case.id.as_str())
    };
    // Every operation has an example.
    for op in Op::ALL {
        for rejected in [false, true] {
            if let Some(id) = first(op, rejected) {
                let run = explain(id);
                assert!(run.stdout.contains(op.as_str()));
                assert!(run.stdout.contains(if rejected { "\nreject" } else { "\naccept" }));
            }
        }
    }
}
