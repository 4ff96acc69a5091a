//! `export`, for users of other languages.

use std::{fs, path::Path, process::Command};

use tempfile::TempDir;

use crate::command::run;

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

fn exported() -> TempDir {
    let folder = TempDir::new().expect("there is room for temporary files");
    let run = run(["export".as_ref(), folder.path().as_os_str()]);
    assert_eq!((run.status, &*run.stderr), (Some(0), ""), "{run:?}");
    folder
}

#[test]
fn everything_is_there_and_can_be_used() {
    let folder = exported();
    let version = fs::read_to_string(folder.path().join("VERSION")).expect("it is there");
    assert_eq!(version.trim(), env!("CARGO_PKG_VERSION"));
    let fixtures = folder.path().join("fixtures");
    let replayed = run(["run".as_ref(), "--fixtures".as_ref(), fixtures.as_os_str()]);
    assert_eq!(replayed.stdout, run(["run"]).stdout);
    for file in [
        "fixtures/README.md",
        "schemas/result.schema.json",
        "schemas/transfer.schema.json",
        "requirements.md",
        "man/iothub-conformance.1",
        "man/iothub-conformance-lint.1",
        "completions/iothub-conformance.bash",
        "completions/_iothub-conformance",
        "completions/iothub-conformance.fish",
    ] {
        let size = fs::metadata(folder.path().join(file)).map(|file| file.len());
        assert!(size.is_ok_and(|size| size > 100), "{file}");
    }
}

#[test]
fn nothing_is_written_over() {
    let folder = exported();
    let again = run(["export".as_ref(), folder.path().as_os_str()]);
    assert_eq!((again.status, &*again.stdout), (Some(2), ""));
    assert!(again.stderr.contains("it is not empty"), "{again:?}");
    let file = folder.path().join("VERSION");
    let on_file = run(["export".as_ref(), file.as_os_str()]);
    assert_eq!(on_file.status, Some(2), "{on_file:?}");
}

/// The generated documents are up to date. The schemas come from the decoder's tables, and the
/// matrix of requirements from the fixtures. The codes come from the table that `explain` reads,
/// and the command line from the argument parser.
#[test]
fn what_is_made_in_the_documentation_is_fresh() {
    let folder = exported();
    for file in [
        "schemas/message.documented.schema.json",
        "schemas/message.deployed.schema.json",
        "schemas/asyncapi.json",
        "requirements.md",
        "codes.md",
        "command-line.md",
    ] {
        let made = fs::read_to_string(folder.path().join(file));
        let stored = fs::read_to_string(root().join("docs/reference").join(file));
        assert!(
            made.expect("it was written") == stored.unwrap_or_default(),
            "docs/reference/{file} is stale: copy it from what `iothub-conformance export DIR` writes"
        );
    }
}

/// The official parser accepts the document.
#[test]
fn the_asyncapi_document_is_valid() {
    let parser = root().join("target/npm/node_modules/@asyncapi/parser");
    if !parser.is_dir() || Command::new("node").arg("--version").output().is_err() {
        eprintln!(
            "skipped: needs node, and @asyncapi/parser in target/npm, which .ci/run installs"
        );
        return;
    }
    const SCRIPT: &str = r#"
        const { Parser } = require(process.argv[1]);
        const text = require("fs").readFileSync(process.argv[2], "utf8");
        new Parser().parse(text).then(({ document, diagnostics }) => {
          for (const it of diagnostics) console.log(it.severity, it.code, it.path.join("."), it.message);
          console.log(document ? document.operations().length + " operations" : "no document");
        });
    "#;
    let parser = fs::canonicalize(parser).expect("it is there");
    let run = |document: &Path| {
        let mut node = Command::new("node");
        let output = node.args(["-e", SCRIPT]).arg(&parser).arg(document).output();
        String::from_utf8_lossy(&output.expect("it was there before").stdout).into_owned()
    };
    assert_eq!(run(&root().join("docs/reference/schemas/asyncapi.json")), "2 operations\n");
    // The parser rejects an invalid document.
    let folder = TempDir::new().expect("there is room for temporary files");
    let broken = folder.path().join("broken.json");
    fs::write(&broken, r#"{"asyncapi":"3.0.0","channels":1}"#).expect("there is room");
    assert!(run(&broken).contains("no document"));
}
