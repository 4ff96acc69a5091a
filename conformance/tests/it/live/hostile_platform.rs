//! Hostile platforms can neither stop `platform` nor exhaust its memory.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::Arc,
    thread,
    time::Duration,
};

use serde_json::Value;

use crate::command::run;

/// The behaviour on one connection. It returns an error if the other side closes.
type Conduct = Arc<dyn Fn(&mut TcpStream) -> std::io::Result<()> + Send + Sync>;

const DOWN: &str = "$resource/down/service/P/d";
const CONNACK: &[u8] = b"\x20\x02\x00\x00";
/// The number of unsolicited messages.
const FLOOD: usize = 100_000;

fn conduct(
    conduct: impl Fn(&mut TcpStream) -> std::io::Result<()> + Send + Sync + 'static,
) -> Conduct {
    Arc::new(conduct)
}

/// Applies the behaviour to every connection while the tests run.
fn listen(conduct: Conduct) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let conduct = Arc::clone(&conduct);
            thread::spawn(move || conduct(&mut stream));
        }
    });
    address
}

/// Returns the next packet: its first byte, and the bytes after its length.
fn packet(stream: &mut TcpStream) -> std::io::Result<(u8, Vec<u8>)> {
    let mut byte = [0];
    stream.read_exact(&mut byte)?;
    let first = byte[0];
    let (mut length, mut shift) = (0, 0);
    loop {
        stream.read_exact(&mut byte)?;
        length |= usize::from(byte[0] & 0x7F) << shift;
        shift += 7;
        if byte[0] & 0x80 == 0 {
            break;
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body)?;
    Ok((first, body))
}

/// Returns a PUBLISH at QoS 0.
fn publish(topic: &str, payload: &str) -> Vec<u8> {
    let length = 2 + topic.len() + payload.len();
    assert!((128..16_384).contains(&length), "its length has two bytes: {length}");
    let mut packet = vec![0x30, (length % 128) as u8 | 0x80, (length / 128) as u8];
    packet.extend((topic.len() as u16).to_be_bytes());
    packet.extend_from_slice(topic.as_bytes());
    packet.extend_from_slice(payload.as_bytes());
    packet
}

fn suback(subscribe: &[u8]) -> [u8; 5] {
    [0x90, 3, subscribe[0], subscribe[1], 1]
}

/// Accepts a device, up to its subscription.
fn let_in(stream: &mut TcpStream) -> std::io::Result<()> {
    packet(stream)?;
    stream.write_all(CONNACK)?;
    let (_, subscribe) = packet(stream)?;
    stream.write_all(&suback(&subscribe))
}

/// Reads until the end, and sends nothing.
fn hear(stream: &mut TcpStream) -> std::io::Result<()> {
    std::io::copy(stream, &mut std::io::sink()).map(|_| ())
}

fn drip(stream: &mut TcpStream, bytes: &[u8]) -> std::io::Result<()> {
    for byte in bytes {
        stream.write_all(&[*byte])?;
        thread::sleep(Duration::from_millis(200));
    }
    Ok(())
}

fn flood(stream: &mut TcpStream, each: impl Fn(usize) -> Vec<u8>) -> std::io::Result<()> {
    for step in 0..FLOOD / 100 {
        let some: Vec<u8> = (0..100).flat_map(|at| each(step * 100 + at)).collect();
        stream.write_all(&some)?;
    }
    hear(stream)
}

fn download(number: usize) -> String {
    let md5sum = "5d41402abc4b2a76b9719d911017c592";
    format!(
        r#"{{"type":"download","size":5,"name":"file-{number}","md5sum":"{md5sum}","url":"https://h/"}}"#
    )
}

/// Returns the packet id and payload of a message that the device publishes at QoS 1.
fn published(first: u8, body: &[u8]) -> Option<([u8; 2], Value)> {
    let topic = usize::from(u16::from_be_bytes([*body.first()?, *body.get(1)?])) + 2;
    if first & 0xF0 != 0x30 || first & 0x06 == 0 {
        return None;
    }
    let id = [*body.get(topic)?, *body.get(topic + 1)?];
    Some((id, serde_json::from_slice(&body[topic + 2..]).ok()?))
}

/// Returns a platform that only answers creates, with URLs of this store.
fn with_store(store: Conduct) -> Conduct {
    let store = listen(store);
    conduct(move |stream| {
        let_in(stream)?;
        loop {
            let (first, body) = packet(stream)?;
            let Some((id, message)) = published(first, &body) else { continue };
            stream.write_all(&[0x40, 2, id[0], id[1]])?;
            let payload = match message["type"].as_str() {
                Some("create_upload_task") => format!(
                    r#"{{"type":"create_upload_task_rsp","size":{},"name":{},"md5sum":{},"url":"http://{store}/x"}}"#,
                    message["size"], message["name"], message["md5sum"]
                ),
                Some("get_download_task") => format!(
                    r#"{{"type":"get_download_task_rsp","size":5,"name":"hello","md5sum":"5d41402abc4b2a76b9719d911017c592","url":"http://{store}/x"}}"#
                ),
                Some("report_upload_progress") => format!(
                    r#"{{"type":"report_upload_progress_rsp","result_code":0,"result_msg":"ok"{:60}}}"#,
                    ""
                ),
                _ => continue,
            };
            stream.write_all(&publish(DOWN, &payload))?;
        }
    })
}

/// Returns an object store with this behaviour after the head of a request.
fn store(
    answer: impl Fn(&mut TcpStream) -> std::io::Result<()> + Send + Sync + 'static,
) -> Conduct {
    with_store(conduct(move |stream| {
        let _ = stream.read(&mut [0; 4096])?;
        answer(stream)
    }))
}

struct Row {
    what: &'static str,
    platform: Conduct,
    status: i32,
    /// The expected text in the output.
    said: &'static str,
    /// The time limit for an answer, in milliseconds.
    timeout: &'static str,
    scenarios: &'static [&'static str],
}

/// A time that is longer than any step, since the fault is found earlier.
const ENOUGH: &str = "300000";
/// A time that is longer than the steps before the silence.
const A_WHILE: &str = "5000";
/// The first expected event never occurs.
const BRIEFLY: &str = "400";

/// Returns a platform for which no scenario has to wait.
fn row(what: &'static str, status: i32, said: &'static str, platform: Conduct) -> Row {
    let scenarios = &["upload/", "download/get"][..];
    Row { what, platform, status, said, timeout: ENOUGH, scenarios }
}

/// Returns a platform for which one scenario has to wait.
fn silent(timeout: &'static str, row: Row) -> Row {
    Row { timeout, scenarios: &["upload/small"], ..row }
}

fn rows() -> Vec<Row> {
    [floods(), packets(), silences(), departures(), stores()].into_iter().flatten().collect()
}

/// Returns platforms that send messages without end on an accepted connection.
fn floods() -> Vec<Row> {
    let answer = format!(
        r#"{{"type":"report_upload_progress_rsp","result_code":0,"result_msg":"ok"{:60}}}"#,
        ""
    );
    vec![
        row(
            "100,000 answers to nothing",
            1,
            "unsolicited-response",
            conduct(move |stream| {
                let_in(stream)?;
                flood(stream, |_| publish(DOWN, &answer))
            }),
        ),
        row(
            "100,000 downloads that are pushed",
            1,
            "too-many-messages",
            conduct(|stream| {
                let_in(stream)?;
                flood(stream, |number| publish(DOWN, &download(number)))
            }),
        ),
        row(
            "100,000 messages on other topics",
            1,
            "too-many-messages",
            conduct(|stream| {
                let_in(stream)?;
                flood(stream, |_| publish("other", &"x".repeat(16_000)))
            }),
        ),
        row(
            "100,000 messages on topics of 16 KB",
            1,
            "too-many-messages",
            conduct(|stream| {
                let_in(stream)?;
                flood(stream, |_| publish(&"o".repeat(16_000), ""))
            }),
        ),
        row(
            "acknowledgements of nothing",
            1,
            "mqtt",
            conduct(|stream| {
                let_in(stream)?;
                flood(stream, |_| vec![0x40, 2, 9, 9])
            }),
        ),
        row(
            "answers to a PINGREQ that was not sent",
            1,
            "disconnected",
            conduct(|stream| {
                let_in(stream)?;
                flood(stream, |_| vec![0xD0, 0])
            }),
        ),
    ]
}

/// Returns platforms whose packets are too long or too early.
fn packets() -> Vec<Row> {
    vec![
        row(
            "a long SUBACK to another SUBSCRIBE",
            3,
            "cannot be used",
            conduct(|stream| {
                packet(stream)?;
                stream.write_all(CONNACK)?;
                let (_, subscribe) = packet(stream)?;
                let mut long = vec![0x90, 0x82, 0x80, 0x04, subscribe[0], subscribe[1] ^ 1];
                long.resize(long.len() + (64 << 10), 0);
                flood(stream, |_| long.clone())
            }),
        ),
        row(
            "a flood before the SUBACK",
            3,
            "sends too much data before it answers",
            conduct(|stream| {
                packet(stream)?;
                stream.write_all(CONNACK)?;
                flood(stream, |number| publish(DOWN, &download(number)))
            }),
        ),
        row(
            "a packet of 256 MiB",
            1,
            "a packet of 268435455 bytes is too long",
            conduct(|stream| {
                let_in(stream)?;
                stream.write_all(b"\x30\xff\xff\xff\x7f")?;
                flood(stream, |_| vec![b'x'; 1024])
            }),
        ),
        row(
            "a packet of 256 MiB for a CONNACK",
            3,
            "a packet of 268435455 bytes is too long",
            conduct(|stream| {
                packet(stream)?;
                stream.write_all(b"\x20\xff\xff\xff\x7f")?;
                hear(stream)
            }),
        ),
    ]
}

/// Returns platforms that stop sending, or send too slowly.
fn silences() -> Vec<Row> {
    vec![
        silent(
            A_WHILE,
            row(
                "silence",
                1,
                "unanswered",
                conduct(|stream| {
                    let_in(stream)?;
                    hear(stream)
                }),
            ),
        ),
        silent(
            A_WHILE,
            row(
                "byte by byte",
                1,
                "unanswered",
                conduct(|stream| {
                    let_in(stream)?;
                    packet(stream)?;
                    drip(stream, &publish(DOWN, &"x".repeat(16_000)))
                }),
            ),
        ),
        silent(
            BRIEFLY,
            row(
                "a CONNACK byte by byte",
                3,
                "does not answer",
                conduct(|stream| {
                    packet(stream)?;
                    drip(stream, &CONNACK[..3])?;
                    hear(stream)
                }),
            ),
        ),
    ]
}

/// Returns platforms that close the connection, at each step.
fn departures() -> Vec<Row> {
    vec![
        row("gone at once", 3, "cannot be used", conduct(|_| Ok(()))),
        row(
            "gone after the CONNECT",
            3,
            "cannot be used",
            conduct(|stream| packet(stream).map(|_| ())),
        ),
        row(
            "gone after the CONNACK",
            3,
            "cannot be used",
            conduct(|stream| {
                packet(stream)?;
                stream.write_all(CONNACK)
            }),
        ),
        row(
            "gone after the SUBSCRIBE",
            3,
            "cannot be used",
            conduct(|stream| {
                packet(stream)?;
                stream.write_all(CONNACK)?;
                packet(stream).map(|_| ())
            }),
        ),
        row("gone after the SUBACK", 1, "disconnected", conduct(let_in)),
        row(
            "gone after the first message",
            1,
            "disconnected",
            conduct(|stream| {
                let_in(stream)?;
                packet(stream).map(|_| ())
            }),
        ),
    ]
}

/// Returns object stores with each of these faults.
fn stores() -> Vec<Row> {
    let endless = b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n";
    vec![
        row("a store that is gone", 1, "upload-refused", store(|_| Ok(()))),
        silent(A_WHILE, row("a store that says nothing", 1, "upload-refused", store(hear))),
        row(
            "a store that goes on with its head",
            1,
            "upload-refused",
            store(|stream| {
                stream.write_all(b"HTTP/1.1 200 OK\r\n")?;
                flood(stream, |_| b"X: y\r\n".to_vec())
            }),
        ),
        row(
            "a store whose answer does not end",
            1,
            "upload-refused",
            store(move |stream| {
                stream.write_all(endless)?;
                flood(stream, |_| vec![b'x'; 16 << 10])
            }),
        ),
        silent(
            A_WHILE,
            row(
                "a store that answers byte by byte",
                1,
                "fewer than 64 bytes per second",
                store(move |stream| {
                    stream.write_all(endless)?;
                    drip(stream, &[b'x'; 1000])
                }),
            ),
        ),
    ]
}

#[test]
fn no_platform_stops_or_bloats_the_device() {
    let play = |Row { what, platform, status, said, timeout, scenarios }: Row| {
        let broker = format!("mqtt://{}", listen(platform));
        let filters = scenarios.iter().flat_map(|scenario| ["--filter", scenario]);
        let device = ["--product-id", "P", "--device-name", "d"];
        let arguments = ["platform", "--broker", &broker, "--timeout", timeout];
        let run = run(arguments.into_iter().chain(device).chain(filters));
        let output = format!("{}{}", run.stdout, run.stderr);
        println!("{what}: {:?}, {} KiB", run.took, run.peak_memory);
        let mut wrong = Vec::new();
        if run.status != Some(status) {
            wrong.push(format!("status {:?}", run.status));
        }
        if !output.contains(said) {
            wrong.push(format!("no {said}: {}", &output[..output.len().min(2_000)]));
        }
        if run.peak_memory > 64 << 10 {
            wrong.push(format!("{} KiB", run.peak_memory));
        }
        (!wrong.is_empty()).then(|| format!("{what}: {}", wrong.join(", ")))
    };
    let wrong: Vec<String> = thread::scope(|scope| {
        let playing: Vec<_> =
            rows().into_iter().map(|row| scope.spawn(move || play(row))).collect();
        playing.into_iter().filter_map(|one| one.join().unwrap()).collect()
    });
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}
