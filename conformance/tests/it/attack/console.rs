//! The output of `serve`: peers cannot forge lines, and an unread output cannot keep `serve`
//! running.

use std::{
    io::{BufRead, BufReader},
    process::Stdio,
    thread,
    time::{Duration, Instant},
};

use super::bytes::{CONNACK, connect, publish, subscribe};
use crate::{
    command::{HANGS, binary},
    live::serving::{exchange, interrupt, serve},
};

#[test]
fn no_line_is_forged() {
    let serving = serve(&[]);
    let forged = "    0.001  P/one                 uploaded x: 5 bytes, MD5 matches, kept as x";
    let client_id = format!("evil\n{forged}");
    let filter = format!("a\r\n{forged}\u{2028}{forged}\u{85}{forged}");
    let goodbye = b"\xe0\x00";
    let bytes = [&connect(&client_id)[..], &subscribe([filter]), goodbye].concat();
    exchange(serving.mqtt_address(), &bytes);
    let create = format!(
        r#"{{"type":"create_upload_task","size":5,"name":"a\u2028{forged}","md5sum":"{:032}"}}"#,
        0
    );
    let publish = publish("$resource/up/service/P/one", create.as_bytes());
    exchange(serving.mqtt_address(), &[&connect("x\n")[..], &publish, goodbye].concat());
    let printed = serving.end();
    for line in &printed {
        assert!(!line.starts_with(forged), "{printed:#?}");
        assert!(!line.contains(['\r', '\u{2028}', '\u{85}']), "{line:?}");
    }
    let connects = printed.iter().filter(|line| line.contains("connects with MQTT")).count();
    assert_eq!(connects, 2, "{printed:#?}");
}

#[test]
fn lines_are_cut() {
    let serving = serve(&[]);
    let long = "x".repeat(60_000);
    let goodbye = b"\xe0\x00";
    for bytes in [
        connect(&long),
        [connect("a"), subscribe([&*long]), goodbye.to_vec()].concat(),
        [connect("b"), publish(&long, b""), goodbye.to_vec()].concat(),
        [connect("c"), publish("$resource/up/service/P/one", &[b'{'; 60_000]), goodbye.to_vec()]
            .concat(),
    ] {
        exchange(serving.mqtt_address(), &bytes);
    }
    let request = format!("GET /{} HTTP/1.1\r\nConnection: close\r\n\r\n", "\u{7f}".repeat(10_000));
    exchange(serving.http_address(), request.as_bytes());
    let printed = serving.end();
    let longest = printed.iter().map(String::len).max().unwrap();
    assert!(longest < 2_000, "{longest}");
}

/// Starts `serve`, fills its output, and ends it with a signal. Returns the time to the end.
fn ends_though_nobody_reads(signal: &str) -> Duration {
    let mut process = binary()
        .args(["serve", "--http", "127.0.0.1:0", "--listen", "127.0.0.1:0"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut output = BufReader::new(process.stdout.take().unwrap());
    let mut address = None;
    let mut line = String::new();
    while !line.starts_with("Ctrl-C") {
        line.clear();
        output.read_line(&mut line).unwrap();
        if let Some(rest) = line.strip_prefix("MQTT   mqtt://") {
            address = rest.split_whitespace().next().map(|text| text.parse().unwrap());
        }
    }
    // A pipe holds 64 KiB.
    for number in 0..1_000 {
        let bytes =
            [&connect(&format!("loud-{number}-{}", "x".repeat(100)))[..], b"\xe0\x00"].concat();
        assert_eq!(exchange(address.unwrap(), &bytes).0, CONNACK);
    }
    let begun = Instant::now();
    if signal == "-INT" {
        interrupt(process.id());
    } else {
        let id = process.id().to_string();
        assert!(std::process::Command::new("kill").args([signal, &id]).status().unwrap().success());
    }
    let status = loop {
        if let Some(status) = process.try_wait().unwrap() {
            break status;
        }
        if begun.elapsed() > HANGS / 10 {
            let _ = process.kill();
        }
        thread::sleep(Duration::from_millis(5));
    };
    assert_eq!(status.code(), Some(0), "{status}");
    begun.elapsed()
}

#[test]
fn the_first_signal_ends_it_though_nobody_reads() {
    for signal in ["-INT", "-TERM"] {
        let took = ends_though_nobody_reads(signal);
        assert!(took < Duration::from_secs(8), "{signal}: {took:?}");
    }
}
