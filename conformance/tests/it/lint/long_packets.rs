//! Long packet captures: the speed compared with `tshark`, and the memory.

use std::{
    fs,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use iothub_resource::{ContentMd5, Md5Hasher};
use tempfile::TempDir;

use super::{
    long::{measure, upload},
    transfer_wire::{CLIENT, SERVER, Wire},
    wire::{connect, publish},
};
use crate::command;

/// The port of the first device. The devices connect one after the other.
const FIRST_PORT: u16 = 20_000;
const DEVICES: usize = 500;
/// The file header before the packets of a pcap file.
const FILE_HEADER: usize = 24;

/// Returns a capture of this many messages of 500 devices, each of which connects at the beginning.
fn capture(messages: usize) -> Vec<u8> {
    let mut wire = Wire::default();
    let port = |device: usize| FIRST_PORT + u16::try_from(device).expect("there are few");
    for device in 0..DEVICES {
        wire.open(port(device), 1883);
        wire.send(port(device), CLIENT, &connect(4));
        wire.send(port(device), SERVER, &[0x20, 2, 0, 0]);
    }
    for number in 0..messages / 8 {
        let device = number % DEVICES;
        upload(device, &format!("log-{number}"), &mut |direction, topic, payload| {
            let sender = if direction == "up" { CLIENT } else { SERVER };
            wire.send(port(device), sender, &publish(topic, &[], payload.as_bytes()));
        });
    }
    wire.pcap()
}

/// Returns the user time of `tshark -Y mqtt -T json`; `None` if `tshark` is missing.
fn tshark(file: &str) -> Option<Duration> {
    let begun = Instant::now();
    let mut tshark = Command::new("tshark");
    tshark.args(["-n", "-r", file, "-Y", "mqtt", "-T", "json"]);
    let status = tshark.stdout(Stdio::null()).stderr(Stdio::null()).status().ok()?;
    assert!(status.success(), "{status}");
    Some(begun.elapsed())
}

#[test]
#[ignore = "long: run it with --release"]
fn is_twenty_times_as_fast_as_tshark() {
    let folder = TempDir::new().expect("there is room for temporary files");
    let file = folder.path().join("long.pcap").display().to_string();
    let capture = capture(100_000);
    fs::write(&file, &capture).expect("there is room for it");
    let mut ratios = Vec::new();
    for _ in 0..3 {
        let Some(tshark) = tshark(&file) else {
            println!("skipped: needs tshark");
            return;
        };
        let run = command::run(["lint", &*file]);
        let said = ": 100000 messages, 0 errors\n";
        assert!(run.stdout.contains(said), "{run:?}");
        let ratio = tshark.as_secs_f64() / run.took.as_secs_f64();
        println!(
            "100,000 messages in {} bytes of packets: tshark {tshark:?}, lint {:?} ({:?} CPU, {} KiB): \
             {ratio:.1} times",
            capture.len(),
            run.took,
            run.cpu,
            run.peak_memory
        );
        ratios.push(ratio);
    }
    ratios.sort_by(f64::total_cmp);
    assert!(ratios[1] >= 20.0, "{ratios:?}");
}

#[test]
#[ignore = "long: run it with --release"]
fn two_gibibytes_of_messages() {
    let packets = capture(100_000);
    let times = (2_usize << 30).div_ceil(packets.len());
    let what = format!("{} bytes of packets", times * packets.len());
    let run = measure(&what, |write| {
        write(&packets[..FILE_HEADER]);
        // The devices connect again each time.
        for _ in 0..times {
            write(&packets[FILE_HEADER..]);
        }
    });
    let said = format!("{} messages, 0 errors\n", times * 100_000);
    assert!(run.stdout.contains(&said), "{}", run.stdout);
    assert!(run.peak_memory < 64 << 10, "{} KiB", run.peak_memory);
}

#[test]
#[ignore = "long: run it with --release"]
fn an_upload_of_two_gibibytes() {
    const SIZE: usize = 2 << 30;
    /// The content of the segments of one call.
    const PART: usize = 1 << 20;
    let (device, store) = (FIRST_PORT, FIRST_PORT + 1);
    let zeros = vec![0; PART];
    let mut hasher = Md5Hasher::new();
    for _ in 0..SIZE / PART {
        hasher.update(&zeros);
    }
    let md5 = hasher.finish();

    let resource = format!(r#""size":{SIZE},"name":"zeros","md5sum":"{md5}""#);
    let create = format!(r#"{{"type":"create_upload_task",{resource}}}"#);
    let response = format!(
        r#"{{"type":"create_upload_task_rsp",{resource},"url":"http://store.example/zeros?sign=0"}}"#
    );
    let report = r#"{"type":"report_upload_progress","name":"zeros","progress":{"state":"done","result_code":0,"result_msg":""}}"#;
    let ok = r#"{"type":"report_upload_progress_rsp","result_code":0,"result_msg":"ok"}"#;
    let head = format!(
        "PUT /zeros?sign=0 HTTP/1.1\r\nHost: store.example\r\nContent-Length: {SIZE}\r\nContent-MD5: {}\r\n\r\n",
        ContentMd5::from(md5)
    );
    let [up, down] = ["up", "down"].map(|way| format!("$resource/{way}/service/PERF/d0"));

    let mut wire = Wire::default();
    let run = measure("an upload of 2 GiB", |write| {
        write(&wire.pcap()[..FILE_HEADER]);
        wire.open(device, 1883);
        wire.send(device, CLIENT, &connect(4));
        wire.send(device, SERVER, &[0x20, 2, 0, 0]);
        wire.send(device, CLIENT, &publish(&up, &[], create.as_bytes()));
        wire.send(device, SERVER, &publish(&down, &[], response.as_bytes()));
        wire.open(store, 80);
        wire.send(store, CLIENT, head.as_bytes());
        for _ in 0..SIZE / PART {
            wire.send(store, CLIENT, &zeros);
            write(&wire.take_packets());
        }
        wire.send(store, SERVER, b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        wire.send(device, CLIENT, &publish(&up, &[], report.as_bytes()));
        wire.send(device, SERVER, &publish(&down, &[], ok.as_bytes()));
        write(&wire.take_packets());
    });
    assert_eq!(run.status, Some(0), "{}", run.stdout);
    assert!(run.stdout.contains("4 messages, 0 errors"), "{}", run.stdout);
    assert!(run.peak_memory < 64 << 10, "{} KiB", run.peak_memory);
}
