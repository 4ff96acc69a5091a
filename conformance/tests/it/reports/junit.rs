//! JUnit XML.

use std::{fs, path::Path, process::Command};

use super::{Stored, every_outcome, lint_of, run_of};

fn junit(stored: &Stored, files: &[&str]) -> String {
    let run = stored.run(&[&["report", "--format", "junit"], files].concat());
    assert_eq!(run.status, Some(0), "{run:?}");
    run.stdout
}

#[test]
fn looks_like_this() {
    let stored = Stored::new(&[("a.json", &every_outcome())]);
    insta::assert_snapshot!("junit", junit(&stored, &["a.json"]));
    let findings = [(3, "must", "after-end", "SES-7"), (9, "should", "plain-http", "VAL-4")];
    let mut capture = lint_of("a.pcap", &findings);
    capture["packets"] = true.into();
    let stored = Stored::new(&[("a.json", &capture)]);
    insta::assert_snapshot!("junit_lint", junit(&stored, &["a.json"]));
    capture["strict"] = true.into();
    let stored = Stored::new(&[("a.json", &capture)]);
    assert!(junit(&stored, &["a.json"]).contains(r#"failures="2""#));
}

/// The report conforms to the schema that Jenkins published, which other servers follow.
#[test]
fn keeps_to_the_schema() {
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/junit/junit-10.xsd");
    let has_xmllint = Command::new("xmllint").arg("--version").output().is_ok();
    if !(schema.is_file() && has_xmllint) {
        eprintln!("skipped: needs xmllint, and target/junit/junit-10.xsd, which .ci/run fetches");
        return;
    }
    let big = run_of("big", &[("enc-1/a", "pass", ""); 1]);
    let results = [
        ("a.json", &every_outcome()),
        ("b.json", &big),
        ("c.json", &run_of("none", &[])),
        ("d.json", &lint_of("a", &[(3, "must", "after-end", "SES-7")])),
    ];
    let stored = Stored::new(&results);
    for files in [&["a.json"][..], &["a.json", "b.json", "c.json"], &["d.json"]] {
        let path = stored.path().join("result.xml");
        fs::write(&path, junit(&stored, files)).expect("there is room");
        let mut command = Command::new("xmllint");
        let checked = command.args(["--noout", "--schema"]).arg(&schema).arg(&path).output();
        let checked = checked.expect("it was there before");
        assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stderr));
    }
}
