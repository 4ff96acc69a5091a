//! The example adapters in compiled languages: they build, and they pass the cases that they
//! support.

use std::{
    ffi::OsStr,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use iothub_conformance::{Fixtures, Op, Profile};
use tempfile::TempDir;

use crate::command::run;

fn example(language: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/adapters").join(language)
}

/// Returns whether a command exits with status 0.
fn works<S: AsRef<OsStr>>(program: &str, arguments: impl IntoIterator<Item = S>) -> bool {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

/// Checks that all cases of these operations and profiles pass, including the codes, and that all
/// other cases are unsupported.
fn passes(program: &Path, ops: &[Op], profiles: &[Profile]) {
    let cases = Fixtures::embedded().cases;
    let has = |case: &&iothub_conformance::Case| {
        let profile = case.request.profile();
        ops.contains(&case.request.op()) && profile.is_none_or(|it| profiles.contains(&it))
    };
    let (all, passing) = (cases.len(), cases.iter().filter(has).count());
    let testee = format!("'{}'", program.display());
    let run = run(["run", "--codes", "--testee", &testee]);
    assert_eq!((run.status, &*run.stderr), (Some(0), ""), "{run:?}");
    let others = match all - passing {
        0 => String::new(),
        others => format!(", {others} unsupported"),
    };
    assert_eq!(run.totals(), format!("{passing} pass{others}"));
    assert!(run.left_behind().is_empty());
}

#[cfg(unix)]
#[test]
fn c() {
    let header = ["-E", "-include", "cjson/cJSON.h", "-x", "c", "/dev/null"];
    if !works("cc", header) {
        println!("skipped: needs cc and libcjson-dev");
        return;
    }
    let folder = TempDir::new().expect("there is room for temporary files");
    let program = folder.path().join("adapter");
    let built = Command::new("cc")
        .args(["-std=c99", "-O1", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-o"])
        .arg(&program)
        .args(["adapter.c", "iothub_resource.c", "-lcjson"])
        .current_dir(example("c"))
        .output()
        .expect("there is a compiler");
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    let ops =
        [Op::Decode, Op::TopicFormat, Op::TopicParse, Op::ContentMd5Encode, Op::ContentMd5Decode];
    passes(&program, &ops, &[Profile::Documented]);
}

/// CI does not have Go. The test runs on machines with Go.
#[cfg(unix)]
#[test]
fn go() {
    if !works("go", ["version"]) {
        println!("skipped: needs go");
        return;
    }
    let folder = TempDir::new().expect("there is room for temporary files");
    let program = folder.path().join("adapter");
    let built = Command::new("go")
        .args(["build", "-o"])
        .arg(&program)
        .arg(".")
        .current_dir(example("go"))
        .env("GOFLAGS", "-mod=readonly -buildvcs=false")
        .output()
        .expect("there is Go");
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    passes(&program, &Op::ALL, &Profile::ALL);
}
