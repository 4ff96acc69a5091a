//! The examples of `fixtures/README.md`, exactly as they are printed.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use iothub_conformance::{Fixtures, Op, Verdict};
use tempfile::TempDir;

use crate::defects::has_python;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Returns the only code block of the README in a language.
fn block(language: &str) -> String {
    let readme = fs::read_to_string(root().join("fixtures/README.md")).expect("it is there");
    let (_, rest) = readme.split_once(&format!("```{language}\n")).expect("it has such a block");
    let (code, _) = rest.split_once("```").expect("the block ends");
    code.to_owned()
}

/// Returns the number of accepted and of rejected cases of `decode`. The folder has the same data
/// as the binary, since cargo rebuilds the binary after changes.
fn verdicts() -> (usize, usize) {
    let cases = Fixtures::embedded().cases.into_iter();
    let decode = cases.filter(|case| case.request.op() == Op::Decode);
    let (accepted, rejected): (Vec<_>, Vec<_>) =
        decode.partition(|case| matches!(case.verdict, Verdict::Accept(_)));
    (accepted.len(), rejected.len())
}

/// Returns the last line of the output.
fn last_line(output: &Output) -> String {
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8_lossy(&output.stdout);
    text.lines().last().unwrap_or_default().to_owned()
}

#[test]
fn python() {
    if !has_python() {
        return;
    }
    let folder = TempDir::new().expect("there is room for temporary files");
    let replay = folder.path().join("replay.py");
    fs::write(&replay, block("python")).expect("there is room");
    let run = |implementation: &str| {
        let file = folder.path().join("my_implementation.py");
        fs::write(file, implementation).expect("there is room");
        let python = Command::new("python3").arg("-B").arg(&replay).current_dir(root()).output();
        last_line(&python.expect("there is Python"))
    };
    let example = root().join("conformance/examples/adapters/python");
    let mine = format!(
        "import sys\n\
         sys.path.append({:?})\n\
         import iothub_resource\n\
         def my_decode(profile, direction, payload):\n\
         \x20   try:\n\
         \x20       return iothub_resource.decode_message(payload, direction, profile)\n\
         \x20   except iothub_resource.Refused:\n\
         \x20       raise ValueError\n",
        example.to_str().expect("the path is UTF-8")
    );
    assert_eq!(run(&mine), "0 failed");
    let (accepted, rejected) = verdicts();
    let refuses = "def my_decode(profile, direction, payload):\n    raise ValueError\n";
    assert_eq!(run(refuses), format!("{accepted} failed"));
    let accepts = "def my_decode(profile, direction, payload):\n    return {}\n";
    assert_eq!(run(accepts), format!("{} failed", accepted + rejected));
}

#[cfg(unix)]
#[test]
fn c() {
    let compiler = Command::new("cc").arg("--version").output();
    if !compiler.is_ok_and(|output| output.status.success()) {
        println!("skipped: needs cc");
        return;
    }
    let folder = TempDir::new().expect("there is room for temporary files");
    let (source, program) = (folder.path().join("replay.c"), folder.path().join("replay"));
    let run = |answer: &str| {
        let mine = format!(
            "\nint my_decode(const char *profile, const char *direction, \
             const unsigned char *payload, size_t length)\n\
             {{ (void)profile; (void)direction; (void)payload; (void)length; return {answer}; }}\n"
        );
        fs::write(&source, block("c") + &mine).expect("there is room");
        let warnings = ["-std=c99", "-Wall", "-Wextra", "-Werror", "-Wno-sign-compare", "-O1"];
        let compiled =
            Command::new("cc").args(warnings).arg("-o").args([&program, &source]).output();
        let compiled = compiled.expect("there is a compiler");
        assert!(compiled.status.success(), "{}", String::from_utf8_lossy(&compiled.stderr));
        last_line(&Command::new(&program).current_dir(root()).output().expect("it was compiled"))
    };
    let (accepted, rejected) = verdicts();
    assert_eq!(run("0"), format!("{accepted} failed"));
    assert_eq!(run("1"), format!("{rejected} failed"));
    // The cases are selected by properties that every case has: length, first byte, direction and
    // profile.
    assert_eq!(run("length > 1 << 20"), format!("{accepted} failed"));
    let sane = "(profile[0] == 'd' && (direction[0] == 'u' || direction[0] == 'd'))";
    assert_eq!(run(sane), format!("{rejected} failed"));
}
