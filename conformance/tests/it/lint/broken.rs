//! Broken captures, and files that are not captures.

use std::{fs::File, process::Stdio};

use iothub_conformance::lint::{
    Judge, Options,
    capture::{Entry, read_line},
};
use proptest::{collection::vec, prelude::*, sample::Index};

use super::{assert_codes, capture, codes, errors, line, lint, lint_bytes};
use crate::command::{self, binary};

const QUERY: &str = r#"{"type":"get_download_task"}"#;

/// Checks exit status 2, nothing on standard output, and a message that contains these words.
#[track_caller]
fn refused(run: &command::Run, words: &str) {
    assert!(run.stderr.contains(words), "{}", run.stderr);
    assert_eq!((run.status, &*run.stdout), (Some(2), ""));
}

#[test]
fn files_that_cannot_be_read() {
    refused(&lint(&["no-such-file"]), "error: no-such-file: No such file");
    refused(&lint(&["."]), "error: .: is a directory");
    refused(&lint(&[]), "required arguments");
    refused(&lint(&["a", "b"]), "unexpected argument 'b'");
    refused(&lint(&["bad.jsonl", "--profile", "x"]), "invalid value 'x'");
}

/// A file that can be opened but not read, as on a broken disk.
#[cfg(target_os = "linux")]
#[test]
fn a_file_that_fails_while_it_is_read() {
    let run = lint(&["/proc/self/mem"]);
    assert!(run.stderr.contains("error: /proc/self/mem: Input/output error"), "{}", run.stderr);
    assert_eq!(run.status, Some(2));
}

#[test]
fn no_message_of_ours() {
    for (bytes, words) in [
        (&b""[..], "capture: it has no message on a resource topic"),
        (b"\n\n", "no message on a resource topic"),
        (b"sensors/1 21.5\n", "no message on a resource topic"),
        (b"\xFD7zXZ\0\0", "the capture is compressed: unpack it with unxz first"),
        (b"PK\x03\x04\0", "the capture is a zip archive: unpack it with unzip first"),
        (b"BZh9", "the capture is compressed: unpack it with bunzip2 first"),
        (b"\x28\xB5\x2F\xFD\0", "the capture is compressed: unpack it with unzstd first"),
        (b"snoop\0\0\0", "convert it with editcap -F pcapng first"),
        (b"\xFF\xFE$\0r\0", "the capture is in UTF-16"),
        (b"\xFE\xFF\0$", "the capture is in UTF-16"),
    ] {
        let run = lint_bytes(bytes, &[]);
        assert_eq!(run.status, Some(2), "{bytes:?}");
        assert!(run.stderr.contains(words), "{}", run.stderr);
    }
    let run = lint_bytes(b"$resource/up/service/PRODUCT_ID/d {}\n$resource/x 1\n", &[]);
    assert_eq!(run.status, Some(2));
    assert!(run.stdout.contains(
        "note: 2 messages on other topics skipped; `$resource/up/service/PRODUCT_ID/d` in line \
         1 resembles a resource topic, but a product id must have 1 to 10 ASCII letters or digits\n"
    ));
}

#[test]
fn lines_that_cannot_be_read_are_findings() {
    let good = line("up", QUERY);
    for broken in [
        &b"{\"topic\":\"$resource/up/service/P/d\",\"payl"[..],
        b"{\"topic\":\"$resource/up/service/P/d\"}",
        b"{\"topic\":\"$resource/up/service/P/d\",\"payload\":\"\",\"payload_b64\":\"\"}",
        b"{\"topic\":\"$resource/up/service/P/d\",\"payload_b64\":\"?\"}",
        b"{\"topic\":[],\"payload\":\"\"}",
        b"{\xFF}",
        b"$resource/up/service/P/d 7b2",
        b"$resource/up/serv",
        b"\x7FELF\x02\x01\x01\0\0",
        b"\0\0\0 \0",
        b"  {",
        b"[",
    ] {
        // The broken line is in the middle, or is the last line without a line end.
        for capture in
            [[good.as_bytes(), broken, b"\n"].concat(), [good.as_bytes(), broken].concat()]
        {
            let run = lint_bytes(&[&capture, &b"\n"[..], good.as_bytes()].concat(), &[]);
            assert_eq!(run.status, Some(1), "{broken:?}");
            assert_codes(&errors(&run), &[(2, "unreadable")]);
            assert!(run.stdout.contains("capture: 2 messages, 1 error\n"), "{}", run.stdout);
            let run = lint_bytes(&capture, &[]);
            assert_codes(&errors(&run), &[(2, "unreadable")]);
        }
    }
}

#[test]
fn a_file_of_anything() {
    // The bytes have every value, in lines of every length.
    let bytes: Vec<u8> = (0..200_000_u32).map(|n| (n.wrapping_mul(n) >> 7) as u8).collect();
    let run = lint_bytes(&bytes, &[]);
    assert_eq!(run.status, Some(1));
    assert!(run.stdout.contains("capture: 0 messages, "));
    assert!(run.stdout.contains("note: it has no message on a resource topic\n"));
    assert!(!run.stdout.contains(|c: char| c.is_control() && c != '\n'));
}

#[test]
fn line_ends_of_all_kinds() {
    let good = line("up", QUERY);
    let text = format!("\u{feff}\n \r\n{}\r\n\n{}", good.trim(), good.trim());
    let run = lint_bytes(text.as_bytes(), &[]);
    assert_eq!(run.status, Some(0), "{run:?}");
    assert!(run.stdout.contains("capture: 2 messages, 0 errors\n"));
}

#[test]
fn a_line_that_is_too_long_is_passed_over() {
    let good = line("up", QUERY);
    let long = line("up", &"x".repeat(1 << 20));
    // A line that a payload could fill.
    let large = line("up", &format!("{{\"type\":\"{}\"}}", "\\u0061".repeat(20_000)));
    let run = lint_bytes([&*good, &long, &large, &good].concat().as_bytes(), &[]);
    assert_codes(&codes(&run), &[(2, "unreadable"), (3, "payload-too-large")]);
    assert!(run.stdout.contains("the line is longer than 1048576 bytes"));
}

/// A gigabyte without a line end needs one megabyte of memory.
#[cfg(target_os = "linux")]
#[test]
fn an_endless_line_takes_no_memory() {
    let zeros = File::open("/dev/zero").expect("Linux has it");
    let mut head = std::process::Command::new("head")
        .args(["-c", "256M"])
        .stdin(zeros)
        .stdout(Stdio::piped())
        .spawn()
        .expect("there is `head`");
    let pipe = head.stdout.take().expect("it is piped");
    let run = command::start_with(binary().args(["lint", "-"]), pipe.into()).end();
    assert!(head.wait().expect("it is our child").success());
    assert_codes(&errors(&run), &[(1, "unreadable")]);
    assert_eq!(run.status, Some(1));
    // The test build of the program itself takes most of this memory.
    assert!(run.peak_memory < 48 << 10, "{} KiB", run.peak_memory);
}

proptest! {
    /// Any line is classified as exactly one of the possible kinds.
    #[test]
    fn any_line_can_be_told(line in prop_oneof![
        vec(any::<u8>(), 0..80),
        // Lines of every format with some bytes changed.
        (0_usize..6, any::<Index>(), vec(any::<u8>(), 0..4)).prop_map(|(format, at, bytes)| {
            let mut line = [
                &br#"{"topic":"$resource/up/service/P/d","payload":"{\"a\":\"\u00e9\"}","payloadlen":99,"dup":1}"#[..],
                br#"{"topic":"$resource/up/service/P/d","payload":{"a":[1e+20,"x"]},"payloadlen":30}"#,
                br#"{"topic":"$resource/up/service/P/d","payload_b64":"AP8="}"#,
                b"$resource/up/service/P/d 7b7d",
                b"$resource/up/service/P/d {}",
                b"$resource/up/service/P/d (null)",
            ][format].to_vec();
            let at = at.index(line.len());
            let end = (at + bytes.len() / 2).min(line.len());
            line.splice(at..end, bytes);
            line
        }),
    ]) {
        let mut judge = Judge::new(Options::default());
        let findings = match read_line(&line) {
            Ok(Entry::Message(record)) => judge.message(1, &record).findings,
            Ok(_) => Vec::new(),
            Err(why) => vec![judge.unreadable(1, &line, &why)],
        };
        for finding in findings {
            prop_assert!(!finding.sentence.is_empty() && finding.line == 1);
        }
    }
}

#[test]
fn standard_input_is_a_file_too() {
    let file = File::open(capture("bad.jsonl")).expect("it is there");
    let run = command::start_with(binary().args(["lint", "-"]), file.into()).end();
    assert_eq!(codes(&run), codes(&lint(&["bad.jsonl"])));
    assert!(run.stdout.contains("\nstandard input: 24 messages, "), "{}", run.stdout);
}
