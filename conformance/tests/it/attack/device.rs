//! `device` with malicious devices.

use std::{
    fs,
    io::Write,
    net::TcpStream,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

use serde_json::Value;

use super::bytes::{connect, publish};
use crate::{
    command::{Going, HANGS, Run, binary, start},
    interrupt::interrupt,
    lint::stored,
};

/// The limit for the memory in KiB.
const MOST_MEMORY: u64 = 256 << 10;

/// Creates a shell script as the device.
fn script(folder: &Path, text: &str) -> PathBuf {
    let path = folder.join("device.sh");
    fs::write(&path, format!("#!/bin/sh\n{text}\n")).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    path
}

fn example() -> PathBuf {
    let target = PathBuf::from(env!("CARGO_BIN_EXE_iothub-conformance"));
    let example = target.with_file_name("examples").join("device");
    assert!(example.exists(), "with `--test it`, cargo leaves it out: cargo build --examples");
    example
}

/// Starts `device` with its own folder for temporary files.
fn test(temporary: &Path, trigger: &Path, options: &[&str]) -> Going {
    let mut command = binary();
    command.arg("device").arg("--trigger").arg(trigger).args(options);
    start(command.env("TMPDIR", temporary).env_remove("IOTHUB_MISBEHAVE"))
}

#[track_caller]
fn is_empty(folder: &Path) {
    let left: Vec<_> = fs::read_dir(folder).unwrap().flatten().map(|entry| entry.path()).collect();
    assert_eq!(left, Vec::<PathBuf>::new());
}

#[test]
fn what_a_device_leaves_is_never_taken_in() {
    let folder = tempfile::tempdir().unwrap();
    for (leaves, said) in [
        ("ln -s /dev/zero \"$F\"", "not a regular file"),
        ("mkfifo \"$F\"", "not a regular file"),
        ("truncate -s 8G \"$F\"", "stored (8589934592 bytes)"),
    ] {
        let temporary = tempfile::tempdir().unwrap();
        let text = format!(
            "F=\"$IOTHUB_FILE\"\nIOTHUB_FILE=\"$F.real\" '{}' --patience 300000\nrm -f \"$F\"\n{leaves}",
            example().display()
        );
        let trigger = script(folder.path(), &text);
        let run = test(temporary.path(), &trigger, &["--filter", "download/size/usual"]).end();
        assert_eq!(run.status, Some(1), "{leaves}: {run:?}");
        assert!(run.stdout.contains("wrong-file") && run.stdout.contains(said), "{run:?}");
        assert!(run.peak_memory < MOST_MEMORY, "{leaves}: {} KiB", run.peak_memory);
        is_empty(temporary.path());
    }
}

/// Creates a program that only writes the address and the name of its device to this file.
fn revealing(folder: &Path, hello: &Path) -> PathBuf {
    let text = format!(
        "echo $IOTHUB_MQTT_URL $IOTHUB_PRODUCT_ID/$IOTHUB_DEVICE_NAME > '{0}.new'\nmv '{0}.new' '{0}'\nexec sleep 1000",
        hello.display()
    );
    script(folder, &text)
}

/// Runs `device` with such a program, while another client floods the platform. `what` returns the
/// topic and the payload of each message for the name of the device and a number.
fn flood(options: &[&str], ctrl_c: bool, what: fn(&str, usize) -> (String, Vec<u8>)) -> Run {
    let (folder, temporary) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let hello = folder.path().join("hello");
    let trigger = revealing(folder.path(), &hello);
    let going = test(temporary.path(), &trigger, options);
    let is_over = AtomicBool::new(false);
    let run = thread::scope(|scope| {
        scope.spawn(|| {
            let mut client = None;
            let mut number = 0;
            while !is_over.load(Ordering::Relaxed) {
                let Ok(hello) = fs::read_to_string(&hello) else {
                    thread::sleep(Duration::from_millis(5));
                    continue;
                };
                let (address, device) = hello.trim().split_once(' ').unwrap();
                let address = address.trim_start_matches("mqtt://");
                let stream = client.take().or_else(|| {
                    let mut stream = TcpStream::connect(address).ok()?;
                    stream.set_write_timeout(Some(HANGS)).ok()?;
                    stream.write_all(&connect("flood")).ok().map(|()| stream)
                });
                let Some(mut stream) = stream else { continue };
                for _ in 0..100 {
                    number += 1;
                    let (topic, payload) = what(device, number);
                    if stream.write_all(&publish(&topic, &payload)).is_err() {
                        break;
                    }
                }
                client =
                    Some(stream).filter(|stream| stream.take_error().is_ok_and(|e| e.is_none()));
            }
        });
        let run = if ctrl_c {
            let begun = Instant::now();
            while !hello.exists() && begun.elapsed() < HANGS {
                thread::sleep(Duration::from_millis(5));
            }
            // This time is long enough for the flood to begin.
            thread::sleep(Duration::from_millis(200));
            interrupt(going)
        } else {
            going.end()
        };
        is_over.store(true, Ordering::Relaxed);
        run
    });
    assert!(run.peak_memory < MOST_MEMORY, "{} KiB", run.peak_memory);
    is_empty(temporary.path());
    run
}

/// Plays a scenario with a device that connects, pauses, and then sends a query and these bytes.
/// Returns the stored case.
fn play_by_hand(scenario: &str, pause: Duration, more: &[u8]) -> Value {
    let (folder, temporary) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (hello, json) = (folder.path().join("hello"), folder.path().join("result.json"));
    let trigger = revealing(folder.path(), &hello);
    let options = ["--filter", scenario, "--timeout", "3000", "--report-json"];
    let options = [&options[..], &[json.to_str().unwrap()]].concat();
    let going = test(temporary.path(), &trigger, &options);
    let begun = Instant::now();
    while !hello.exists() && begun.elapsed() < HANGS {
        thread::sleep(Duration::from_millis(5));
    }
    let hello = fs::read_to_string(&hello).unwrap();
    let (address, device) = hello.trim().split_once(' ').unwrap();
    let mut stream = TcpStream::connect(address.trim_start_matches("mqtt://")).unwrap();
    let topic = format!("$resource/up/service/{device}");
    let query = publish(&topic, br#"{"type":"get_download_task"}"#);
    let rest = [&query, more].concat();
    if pause.is_zero() {
        stream.write_all(&[connect("brief"), rest].concat()).unwrap();
    } else {
        stream.write_all(&connect("slow")).unwrap();
        thread::sleep(pause);
        // The scenario may be over.
        let _ = stream.write_all(&rest);
    }
    going.end();
    stored(&json)["cases"][0].clone()
}

/// A device that sends its last message and DISCONNECT at once.
#[test]
fn the_last_message_is_shown_before_the_end_of_its_connection() {
    let case = play_by_hand("download/size/usual", Duration::ZERO, &[0xe0, 0]);
    let events = case["events"].as_array().unwrap();
    let labels: Vec<_> = events.iter().map(|event| event["label"].as_str().unwrap()).collect();
    let [first, message, end, ..] = *labels else { panic!("{labels:?}") };
    assert!(first.starts_with("connects") && end.starts_with("disconnects"), "{labels:?}");
    assert_eq!(message, "get_download_task");
}

/// The answer is withheld, so the scenario is short, but only from the request on.
#[test]
fn a_device_may_take_its_time_before_its_request() {
    let case = play_by_hand("download/response/lost", Duration::from_millis(1_500), &[]);
    let findings = case["findings"].as_array().unwrap();
    let details: Vec<_> = findings.iter().map(|one| one["detail"].as_str().unwrap()).collect();
    // The device does not take part in the second start.
    let is_later = |detail: &&str| detail.starts_with("after its second start");
    assert!(!details.is_empty() && details.iter().all(is_later), "{details:?}");
}

fn create(name: &str, number: usize) -> Vec<u8> {
    let json = format!(
        r#"{{"type":"create_upload_task","size":5,"name":"{name}{number}","md5sum":"{number:032x}"}}"#
    );
    json.into_bytes()
}

const ONE: [&str; 4] = ["--filter", "upload/size/usual", "--timeout", "2000"];

#[test]
fn a_device_that_sends_without_end_is_found() {
    let run = flood(&ONE, false, |device, number| {
        (format!("$resource/up/service/{device}"), create(&"x".repeat(14_000), number))
    });
    assert_eq!(run.status, Some(1), "{run:?}");
    assert!(run.stdout.contains("too-many-messages"), "{run:?}");
}

#[test]
fn strangers_are_not_waited_for_and_five_are_named() {
    let run = flood(&ONE, false, |_, number| {
        (format!("$resource/up/service/P/s{number}"), create("file", number))
    });
    assert_eq!(run.status, Some(1), "{run:?}");
    assert!(run.stdout.contains(" and others sent messages instead"), "{run:?}");
    assert!(run.stdout.len() < 4_000, "{run:?}");
}

#[test]
fn long_topics_make_no_long_labels() {
    let run = flood(&ONE, false, |_, number| {
        (format!("$resource/{number}/{}", "x".repeat(60_000)), Vec::new())
    });
    assert!(matches!(run.status, Some(1 | 3)), "{:?}", run.status);
    assert!(run.stdout.len() + run.stderr.len() < 8_000);
}

#[test]
fn the_first_ctrl_c_is_heard_in_a_flood() {
    let run = flood(&["--filter", "upload/size/usual"], true, |device, number| {
        (format!("$resource/up/service/{device}"), create("file", number % 7))
    });
    assert!(matches!(run.status, Some(1 | 130)), "{run:?}");
    let run = flood(&["--filter", "upload/size/usual"], true, |_, number| {
        (format!("$resource/up/service/P/s{number}"), create("file", number))
    });
    assert_eq!(run.status, Some(130), "{run:?}");
}
