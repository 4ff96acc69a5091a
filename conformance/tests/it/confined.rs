//! Foreign files cannot lead elsewhere: fixtures that name other files, and a folder of findings
//! with links in it.

use std::{fs, os::unix::fs::symlink, path::Path, process::Command};

use serde_json::json;
use tempfile::TempDir;

use crate::{
    command::{self, Run},
    folder::Folder,
    hostile::misbehave,
};

/// Explains the one case of a folder, whose payload is the file `name`.
fn explain(name: &str, prepare: impl FnOnce(&Path)) -> Run {
    let case = json!({
        "id": "decode/x/y", "op": "decode", "profile": "documented", "requirements": ["ENC-1"],
        "level": "must", "title": "t", "input": { "direction": "up", "payload": name },
        "verdict": "reject", "code": "invalid-json", "reason": "r", "source": "ruling",
        "since": "0.1.0",
    });
    let folder = Folder::new(&[case]);
    prepare(folder.path());
    command::start(
        command::binary().args(["explain", "decode/x/y", "--fixtures"]).arg(folder.path()),
    )
    .end()
}

#[track_caller]
fn refused(run: &Run, words: &str) {
    assert_eq!((run.status, &*run.stdout), (Some(2), ""), "{run:?}");
    assert!(run.stderr.contains(words), "{}", run.stderr);
    assert!(run.peak_memory < 300 << 10, "{} KiB", run.peak_memory);
}

#[test]
fn a_payload_lies_in_the_folder() {
    let secret = TempDir::new().expect("there is room");
    let file = secret.path().join("secret");
    fs::write(&file, "SECRET").expect("there is room");
    let outside = "it leads out of the fixture folder";
    refused(&explain("../../etc/passwd", |_| {}), outside);
    refused(&explain("a/../../x", |_| {}), outside);
    refused(&explain(file.to_str().expect("UTF-8"), |_| {}), outside);
    refused(&explain("/dev/zero", |_| {}), outside);
    let link = explain("link", |folder| symlink(&file, folder.join("link")).expect("a link"));
    refused(&link, "it is a link that leads out of the fixture folder");
    let through = explain("sub/secret", |folder| {
        symlink(secret.path(), folder.join("sub")).expect("a link");
    });
    refused(&through, "it is a link that leads out of the fixture folder");
}

#[test]
fn a_payload_is_a_regular_file() {
    let fifo = explain("fifo", |folder| {
        let made =
            Command::new("mkfifo").arg(folder.join("fifo")).status().expect("there is mkfifo");
        assert!(made.success());
    });
    refused(&fifo, "it is not a regular file");
    refused(
        &explain("folder", |it| fs::create_dir(it.join("folder")).expect("a folder")),
        "it is not a regular file",
    );
    let holes = explain("holes", |folder| {
        let file = fs::File::create(folder.join("holes")).expect("a file");
        file.set_len(8 << 30).expect("holes take no room");
    });
    refused(&holes, "it exceeds a limit");
    let inside = explain("link", |folder| {
        fs::write(folder.join("payload"), "{").expect("there is room");
        symlink("payload", folder.join("link")).expect("a link");
    });
    assert_eq!(inside.status, Some(0), "a link in the folder is no harm: {inside:?}");
}

/// Runs a campaign against an adapter with this misbehaviour.
fn fuzz(way: &[&str], out: &Path, options: &[&str]) -> Run {
    let program = misbehave();
    let words = std::iter::once(program.to_str().expect("the path is UTF-8")).chain(way.to_vec());
    let testee: Vec<String> = words.map(|word| format!("'{word}'")).collect();
    command::start(
        command::binary()
            .args(["fuzz", "--seed", "1", "--testee", &testee.join(" "), "--out"])
            .arg(out)
            .args(options),
    )
    .end()
}

#[test]
fn findings_follow_no_link() {
    let folder = TempDir::new().expect("there is room");
    let (out, victim) = (folder.path().join("out"), folder.path().join("victim"));
    let elsewhere = folder.path().join("elsewhere");
    fs::write(&victim, "precious").expect("there is room");
    fs::create_dir_all(&elsewhere).expect("a folder");
    fs::create_dir_all(&out).expect("a folder");
    fs::write(out.join("README.md"), "# Findings of `iothub-conformance fuzz`\n").expect("a file");
    for name in ["README.unfinished", "manifest.unfinished", "requirements.unfinished"] {
        symlink(&victim, out.join(name)).expect("a link");
    }
    let run = fuzz(&["refuse-always"], &out, &["--cases", "300"]);
    assert_eq!(run.status, Some(1), "{run:?}");
    assert_eq!(fs::read_to_string(&victim).expect("it is there"), "precious");

    fs::remove_dir_all(out.join("decode")).ok();
    symlink(&elsewhere, out.join("decode")).expect("a link");
    let run = fuzz(&["say-always", r#"{"err":{}}"#], &out, &["--cases", "300"]);
    assert_eq!(run.status, Some(2), "{run:?}");
    assert!(run.stderr.contains("is not a folder or is a link to a folder"), "{}", run.stderr);
    assert_eq!(fs::read_dir(&elsewhere).expect("it is there").count(), 0);
}

/// Answers of a megabyte are compared while they arrive.
#[test]
fn long_answers_are_not_kept() {
    let folder = TempDir::new().expect("there is room");
    let out = folder.path().join("out");
    let run = fuzz(&["long-answers", "300000"], &out, &["--cases", "600"]);
    assert_eq!(run.status, Some(1), "{run:?}");
    assert!(run.peak_memory < 256 << 10, "{} KiB", run.peak_memory);
}

/// A campaign ends on time, even if an answer takes an hour. If an adapter crashes or sends
/// malformed output too often, the campaign ends early.
#[test]
fn a_campaign_ends_in_time() {
    let folder = TempDir::new().expect("there is room");
    for way in [&["hang-always"][..], &["die-always"], &["garbage-always"]] {
        let run = fuzz(way, &folder.path().join(way[0]), &["--time", "2", "--timeout", "60m"]);
        assert!(matches!(run.status, Some(0 | 1)), "{run:?}");
    }
}
