//! Hostile peers can neither stop the platform nor exhaust its memory.

use std::{
    io::{ErrorKind, Read, Write},
    net::TcpStream,
    thread,
    time::{Duration, Instant},
};

use super::serving::{Serving, exchange, file, run_device, serve};
use crate::command::HANGS;

/// Returns a CONNECT of MQTT 3.1.1 with the client id `x`, a clean session and a keep-alive in
/// seconds.
fn connect(keep_alive: u8) -> Vec<u8> {
    let mut connect = b"\x10\x0d\x00\x04MQTT\x04\x02\x00".to_vec();
    connect.extend([keep_alive, 0, 1, b'x']);
    connect
}

const CONNACK: &[u8] = b"\x20\x02\x00\x00";

/// Checks that a well-behaved device is still served.
#[track_caller]
fn still_serves(serving: &Serving) {
    let folder = tempfile::tempdir().unwrap();
    let upload = file(folder.path(), "file", 100_000);
    run_device(&serving.mqtt, &["--upload", upload.to_str().unwrap()]);
}

#[test]
fn what_is_no_mqtt_is_refused_at_once() {
    let serving = serve(&[]);
    let mut huge = b"\x10\xff\xff\xff\x7f".to_vec();
    huge.resize(100_000, b'x');
    let mut publish = connect(60);
    publish.extend(b"\x30\xff\xff\xff\x7f");
    for (bytes, answer) in [
        (&b"GET / HTTP/1.1\r\nHost: h\r\n\r\n"[..], &b""[..]),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", b""),
        (b"\x00\x00\x00", b""),
        (b"\x30\x05\x00\x01tx", b""),
        (&huge, b""),
        (b"\x10\xff\xff\xff\xff\xff", b""),
        // The version is 6.
        (b"\x10\x0d\x00\x04MQTT\x06\x02\x00\x3c\x00\x01x", b"\x20\x02\x00\x01"),
        // These packets follow an accepted connection.
        (&publish, CONNACK),
        (&[&connect(60)[..], b"\xf0\x00"].concat(), CONNACK),
        (&[&connect(60)[..], &connect(60)].concat(), CONNACK),
        (&[&connect(60)[..], b"\x30\x05\x00\x03a/#"].concat(), CONNACK),
        (&[&connect(60)[..], b"\x36\x04\x00\x00\x00\x01"].concat(), CONNACK),
        (&[&connect(60)[..], b"\x82\x02\x00\x00"].concat(), CONNACK),
    ] {
        assert!(is_refused_at_once(&serving, bytes, answer), "{bytes:?}");
    }
    still_serves(&serving);
    serving.end();
}

/// Returns whether these bytes get this answer, and the connection is closed before an idle one. If
/// both are already closed, the check gives no information.
fn is_refused_at_once(serving: &Serving, bytes: &[u8], answer: &[u8]) -> bool {
    let attempt = |_| {
        let mut silent = TcpStream::connect(serving.mqtt_address()).unwrap();
        silent.set_nonblocking(true).unwrap();
        let (answered, _) = exchange(serving.mqtt_address(), bytes);
        assert_eq!(answered, answer, "{bytes:?}");
        silent.read(&mut [0]).is_err_and(|error| error.kind() == ErrorKind::WouldBlock)
    };
    (0..5).any(attempt)
}

#[test]
fn silence_is_not_waited_for() {
    let serving = serve(&[]);
    let (mqtt, http) = (serving.mqtt_address(), serving.http_address());
    let mut slow = Vec::new();
    for (address, bytes) in [
        (mqtt, &b""[..]),
        (mqtt, b"\x10"),
        (mqtt, b"\x10\x0d\x00\x04MQ"),
        (http, b""),
        (http, b"GET / HT"),
    ] {
        slow.push(thread::spawn(move || exchange(address, bytes).1));
    }
    // One byte in a second counts as idle.
    slow.push(thread::spawn(move || {
        let begun = Instant::now();
        let mut stream = TcpStream::connect(http).unwrap();
        while stream.write_all(b"x").is_ok() {
            assert!(begun.elapsed() < HANGS, "it waits for the rest");
            thread::sleep(Duration::from_millis(500));
        }
        begun.elapsed()
    }));
    // The client sends nothing for one and a half times its keep-alive.
    let quiet = thread::spawn(move || exchange(mqtt, &connect(2)));
    still_serves(&serving);
    let (answer, took) = quiet.join().unwrap();
    assert_eq!(answer, CONNACK);
    assert!(took >= Duration::from_secs(2), "{took:?}");
    for slow in slow {
        let took = slow.join().unwrap();
        assert!(took >= Duration::from_secs(5), "{took:?}");
    }
    serving.end();
}

#[test]
fn heads_and_bodies_have_an_end() {
    let serving = serve(&[]);
    let http = serving.http_address();
    let long = [b"GET / HTTP/1.1\r\nX: ".to_vec(), vec![b'x'; 1 << 20]].concat();
    for (request, status) in [
        (&b"\x10\x0d\x00\x04MQTT"[..], "400"),
        (b"GET / HTTP/1.1\r\n\r\n", "404"),
        (b"PUT /x/y HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\nx", "404"),
        (b"PUT /x/y HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx", "400"),
        (b"PUT /x/y HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n", "404"),
        (&long, "431"),
    ] {
        let closing = [request.strip_suffix(b"\r\n\r\n").unwrap_or(request), b""].concat();
        let request = if request.ends_with(b"\r\n\r\n") {
            [&closing[..], b"\r\nConnection: close\r\n\r\n"].concat()
        } else {
            closing
        };
        let (answer, _) = exchange(http, &request);
        let answer = String::from_utf8_lossy(&answer);
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{answer:?}");
    }
    still_serves(&serving);
    serving.end();
}

#[test]
fn thousands_of_connections_bloat_nothing() {
    let serving = serve(&[]);
    let [before, _] = serving.memory();
    // Connections open and close, with and without malformed data; some stay half open.
    let mut open = Vec::new();
    for count in 0..4_000 {
        let address = if count % 2 == 0 { serving.mqtt_address() } else { serving.http_address() };
        let mut stream = TcpStream::connect(address).unwrap();
        match count % 4 {
            0 => drop(stream.write_all(b"\x10\xff\xff\xff\x7fxxxx")),
            1 => drop(stream.write_all(b"\0\0\0\0")),
            _ => {}
        }
        if count % 10 == 0 {
            open.push(stream);
        }
    }
    still_serves(&serving);
    let [_, peak] = serving.memory();
    assert!(peak < before + 32 * 1024, "{peak} KiB, {before} KiB before");
    drop(open);
    serving.end();
}

#[test]
fn who_sends_and_does_not_read_is_let_go() {
    let serving = serve(&[]);
    let mut stream = TcpStream::connect(serving.mqtt_address()).unwrap();
    stream.set_write_timeout(Some(HANGS)).unwrap();
    stream.set_read_timeout(Some(HANGS)).unwrap();
    stream.write_all(&connect(60)).unwrap();
    // The client subscribes to its own messages, but does not read.
    stream.write_all(b"\x82\x06\x00\x01\x00\x01t\x00").unwrap();
    let publish = [&b"\x30\x83\x80\x02\x00\x01t"[..], &vec![b'x'; 32 << 10]].concat();
    let count = (64 << 20) / publish.len();
    let error = (0..count).find_map(|_| stream.write_all(&publish).err()).expect("it is let go");
    assert_ne!(error.kind(), ErrorKind::WouldBlock, "it hangs");
    let [_, peak] = serving.memory();
    assert!(peak < 100 * 1024, "{peak} KiB");
    still_serves(&serving);
    serving.end();
}
