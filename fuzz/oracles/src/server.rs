//! The servers of `serve`. Clients may send anything, in any pieces and with any pauses. Nothing
//! panics, memory stays below its bound, every connection ends, and other clients are still served.

use std::time::Duration;

use allocation_counter::measure;
use iothub_conformance_live::fuzzing::{CLIENTS, MOST_MEMORY, Server, Step, run};

use crate::seeds::Seed;

/// Reads bytes as actions of clients and runs the clients against the MQTT endpoint.
pub fn mqtt(bytes: &[u8]) {
    play(Server::Mqtt, bytes);
}

/// Reads bytes as actions of clients and runs the clients against the object store.
pub fn http(bytes: &[u8]) {
    play(Server::Http, bytes);
}

fn play(server: Server, bytes: &[u8]) {
    let steps = steps(bytes);
    let memory = measure(|| run(server, &steps).expect("a machine has ports and a folder"));
    let peak = memory.bytes_max;
    assert!(peak < MOST_MEMORY, "{peak} bytes for an input of {}", bytes.len());
}

/// Returns the steps that the bytes contain. Each step begins with a byte that contains the action,
/// a count and the client. A step that sends continues with a length and the bytes.
fn steps(mut bytes: &[u8]) -> Vec<Step> {
    let mut steps = Vec::new();
    while let Some((&first, rest)) = bytes.split_first() {
        bytes = rest;
        let (what, client) = (first >> 6, usize::from(first & 7) % CLIENTS);
        let count = usize::from(first >> 3 & 7);
        match what {
            0 | 1 => {
                let Some((&length, rest)) = bytes.split_first() else { break };
                let (piece, rest) = rest.split_at(usize::from(length).min(rest.len()));
                bytes = rest;
                // The client sends the piece several times, each time alone or as a hundred copies.
                let piece = if what == 0 { piece.to_vec() } else { piece.repeat(100) };
                steps.extend((0..=count).map(|_| Step::Send(client, piece.clone())));
            }
            2 if count == 0 => steps.push(Step::Close(client)),
            2 => steps.push(Step::Read(client, 1 << (count * 2))),
            // The pause lasts from an eighth of a second to more than an hour.
            _ => steps.push(Step::Wait(Duration::from_millis(125 << (count * 2 + client % 2)))),
        }
    }
    steps
}

/// Returns the bytes of a step that sends. The upper bits of `client` contain the action and the
/// count.
fn send(client: u8, bytes: &[u8]) -> Vec<u8> {
    let length = u8::try_from(bytes.len()).expect("a piece is short");
    [&[client, length], bytes].concat()
}

const READ: u8 = 0b1011_0000;
const WAIT: u8 = 0b1111_1000;
const CLOSE: u8 = 0b1000_0000;
const EIGHT_HUNDRED_TIMES: u8 = 0b0111_1000;

fn seed(name: &str, parts: &[Vec<u8>]) -> Seed {
    (name.to_owned(), parts.concat())
}

fn packet(first: u8, body: &[u8]) -> Vec<u8> {
    let length = u8::try_from(body.len()).expect("a packet is short");
    [&[first, length], body].concat()
}

fn connect(level: u8, client_id: u8) -> Vec<u8> {
    let properties: &[u8] = if level == 5 { &[0] } else { &[] };
    let body = [&b"\x00\x04MQTT"[..], &[level, 2, 0, 60], properties, &[0, 1, client_id]];
    packet(0x10, &body.concat())
}

/// Returns the seeds for the MQTT endpoint.
#[must_use]
pub fn mqtt_seeds() -> Vec<Seed> {
    const CREATE: &[u8] = br#"{"type":"create_upload_task","size":5,"name":"z","md5sum":"5d41402abc4b2a76b9719d911017c592"}"#;
    let subscribe = packet(0x82, b"\x00\x01\x00\x01#\x01");
    let wild = packet(0x82, b"\x00\x01\x00\x05+/a/#\x00");
    let publish = packet(0x32, b"\x00\x03t/u\x00\x07x");
    let exactly_once = [packet(0x34, b"\x00\x03t/u\x00\x07x"), packet(0x62, b"\x00\x07")];
    let create = packet(0x30, &[b"\x00\x18$resource/up/service/P/d", CREATE].concat());
    let will = packet(0x10, b"\x00\x04MQTT\x04\x06\x00\x00\x00\x01w\x00\x01t\x00\x01x");
    let a = connect(4, b'a');
    let crowd: Vec<_> = (0..6).map(|client| send(client, &connect(4, b'a' + client))).collect();
    vec![
        seed("session", &[send(0, &a), send(0, &subscribe), send(0, &publish), vec![READ]]),
        seed("exactly-once", &[send(0, &connect(5, b'a')), send(0, &exactly_once.concat())]),
        seed("taken-over", &[send(0, &a), send(1, &connect(4, b'a')), send(1, &wild), vec![WAIT]]),
        seed("will", &[send(2, &will), vec![CLOSE | 2], send(2, &a)]),
        seed("create", &[send(0, &a), send(0, &create)]),
        seed("half", &[send(0, &a[..7]), vec![WAIT, WAIT]]),
        seed("flood", &[send(0, &a), send(0, &subscribe), send(EIGHT_HUNDRED_TIMES, &publish)]),
        seed("crowd", &crowd),
    ]
}

/// Returns the seeds for the object store.
#[must_use]
pub fn http_seeds() -> Vec<Seed> {
    const PUT: &[u8] = b"PUT {UP} HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\
        Content-MD5: XUFAKrxLKna5cZ2REBfFkg==\r\n\r\nhello";
    let pieces = [send(0, &PUT[..20]), send(0, &PUT[20..70]), vec![WAIT], send(0, &PUT[70..])];
    let one = |text: &[u8]| [send(0, text), vec![READ]];
    vec![
        seed("upload", &one(PUT)),
        seed("upload-in-pieces", &pieces),
        seed("download", &one(b"GET {DOWN} HTTP/1.1\r\nHost: h\r\nRange: bytes=1-3\r\n\r\n")),
        seed("head", &one(b"HEAD {DOWN} HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")),
        seed(
            "smuggled",
            &one(b"GET {DOWN} HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nGET /x HT"),
        ),
        seed(
            "chunked",
            &one(b"PUT {UP} HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
        ),
        seed("expects", &one(b"PUT {UP} HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\n\r\n")),
        seed(
            "long-head",
            &[send(0, b"GET / HTTP/1.1\r\n"), send(EIGHT_HUNDRED_TIMES, b"X: yy\r\n")],
        ),
        seed("slow", &[send(0, b"GET / H"), vec![WAIT], send(0, b"TTP/1.1\r\n\r\n")]),
    ]
}
