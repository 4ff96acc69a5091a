//! Captures that are compressed with gzip.

use std::io::Write;

use flate2::{Compression, write::GzEncoder};

use super::{assert_codes, codes, errors, line, lint_bytes, wire::session};

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).expect("memory takes it");
    encoder.finish().expect("memory takes it")
}

#[test]
fn lines_and_packets() {
    let wrong = line("up", r#"{"type":"get_download_tusk"}"#);
    assert_codes(&codes(&lint_bytes(&gzip(wrong.as_bytes()), &[])), &[(1, "unknown-type")]);
    let session = session(4).pcap();
    let expected = [(7, "out-of-range"), (8, "missing-field")];
    assert_codes(&codes(&lint_bytes(&gzip(&session), &[])), &expected);
    // Several members; the second one begins inside a packet, and zeros follow.
    let (begin, end) = session.split_at(700);
    let packed = [gzip(begin), gzip(end), vec![0; 100]].concat();
    assert_codes(&codes(&lint_bytes(&packed, &[])), &expected);
    // The capture is compressed twice.
    let run = lint_bytes(&gzip(&gzip(wrong.as_bytes())), &[]);
    assert!(
        run.stderr.contains("the capture is compressed twice: unpack it with gunzip first"),
        "{run:?}"
    );
    assert_eq!(run.status, Some(2));
}

#[test]
fn damaged() {
    let lines = line("up", r#"{"type":"get_download_task"}"#).repeat(500);
    let packed = gzip(lines.as_bytes());
    let run = lint_bytes(&packed[..packed.len() - 9], &[]);
    assert!(
        run.stdout.contains("the compressed file is incomplete: copy it again"),
        "{}",
        run.stdout
    );
    assert_eq!((run.status, errors(&run).len()), (Some(1), 1));
    let mut damaged = packed.clone();
    let last = damaged.len() - 6;
    damaged[last] ^= 1;
    let run = lint_bytes(&damaged, &[]);
    assert!(run.stdout.contains("the compressed file is damaged"), "{}", run.stdout);
    assert!(run.stdout.contains("capture: 500 messages, 1 error\n"), "{}", run.stdout);
}

/// One line of 200 MiB, compressed to 200 KiB.
#[cfg(target_os = "linux")]
#[test]
fn a_bomb_takes_no_memory() {
    let run = lint_bytes(&gzip(&vec![b'x'; 200 << 20]), &[]);
    assert_codes(&errors(&run), &[(1, "unreadable")]);
    assert!(run.peak_memory < 48 << 10, "{} KiB", run.peak_memory);
}
