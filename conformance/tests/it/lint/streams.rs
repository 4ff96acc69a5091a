//! TCP connections with broken or missing data, and with other protocols around MQTT.

use super::{
    assert_codes, codes, errors, lint_bytes,
    wire::{Connection, DOWN, ETHERNET, QUERY, UP, connect, packet, pcap, publish},
};

/// A message of the device that is invalid by itself.
const WRONG: &[u8] = br#"{"type":"get_download_tusk"}"#;

/// Returns the errors in an MQTT 3.1.1 connection in which `bytes` follow a valid message.
#[track_caller]
fn after(bytes: &[u8]) -> Vec<String> {
    let mut connection = Connection::connected(4);
    connection.send(0, &publish(UP, &[], QUERY.as_bytes()));
    connection.send(0, bytes);
    connection.send(0, &publish(UP, &[], WRONG));
    let run = lint_bytes(&connection.pcap(), &[]);
    assert_eq!(run.status, Some(1));
    errors(&run).into_iter().map(|(_, code)| code).collect()
}

/// Returns a PUBLISH at QoS 0 with these bytes as its topic.
fn raw_publish(topic: &[u8], payload: &[u8]) -> Vec<u8> {
    packet(0x30, &[&(topic.len() as u16).to_be_bytes(), topic, payload].concat())
}

#[test]
fn malformed_packets() {
    let query = publish(UP, &[], QUERY.as_bytes());
    let with_first = |first: u8| [&[first], &query[1..]].concat();
    for broken in [
        with_first(0x36),
        with_first(0x02),
        vec![0, 0],
        vec![0xC1, 0],
        vec![0xC0, 1, 0],
        vec![0x80, 2, 0, 9],
        vec![0x40, 3, 0, 9, 0],
        vec![0xF0, 0],
        vec![0x30, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F],
        // Topics: longer than the packet, not UTF-8, with wildcards, empty.
        [&[0x30, 10, 0, 200][..], &[b'x'; 8]].concat(),
        raw_publish(b"$resource/up/service/P/\xFF", b"{}"),
        raw_publish(b"$resource/up/service/P/+", b"{}"),
        raw_publish(b"$resource/#", b"{}"),
        raw_publish(b"a\0b", b"{}"),
        raw_publish(b"", b"{}"),
        raw_publish(b"$resource/up/service/P/d", b"")[..4].to_vec(),
    ] {
        // The broken packet is alone, or in one segment with the next packet.
        assert_eq!(after(&broken), ["mqtt", "unknown-type"], "{broken:?}");
        let with_next = [&broken[..], &publish(UP, &[], WRONG)].concat();
        assert_eq!(after(&with_next), ["mqtt", "unknown-type", "unknown-type"], "{broken:?}");
    }
    // The length reaches into the next packet.
    let mut overrun = query.clone();
    overrun[1] += 30;
    assert_eq!(after(&overrun), ["mqtt", "unknown-type"]);
    let with_next = [&overrun[..], &publish(UP, &[], WRONG)].concat();
    assert_eq!(after(&with_next), ["mqtt", "unknown-type", "unknown-type"]);
    // The length is too small, so the rest is not a packet.
    let mut short = query;
    short[1] -= 3;
    assert_eq!(after(&short), ["invalid-json", "mqtt", "unknown-type"]);
}

#[test]
fn malformed_packets_of_others() {
    let mut connection = Connection::connected(4);
    connection.send(0, &[0, 0]);
    connection.send(0, &publish("sensors/1", &[], b"21.5"));
    let run = lint_bytes(&connection.pcap(), &[]);
    assert_codes(&codes(&run), &[]);
    // The findings count as soon as a resource topic appears.
    connection.send(1, &publish(DOWN, &[], br#"{"type":"download"}"#));
    let run = lint_bytes(&connection.pcap(), &[]);
    assert_codes(&errors(&run), &[(5, "mqtt"), (7, "missing-field")]);
}

#[test]
fn the_end_of_a_connection() {
    let ended = |end: &dyn Fn(&mut Connection)| {
        let mut connection = Connection::connected(4);
        connection.send(0, &publish(UP, &[], QUERY.as_bytes()));
        end(&mut connection);
        let run = lint_bytes(&connection.pcap(), &[]);
        errors(&run)
            .into_iter()
            .map(|(number, code)| format!("{number} {code}"))
            .collect::<Vec<_>>()
    };
    let query = || publish(UP, &[], QUERY.as_bytes());
    let half = || query()[..40].to_vec();
    // The capture ends within a message, or the sender closes the connection within a message.
    assert_eq!(ended(&|connection| connection.send(0, &half())), ["6 unreadable"]);
    assert_eq!(
        ended(&|connection| {
            connection.send(0, &half());
            connection.segment(0, |tcp| (tcp.ack, tcp.fin) = (true, true), &[]);
            connection.next[0] += 1;
            connection.segment(1, |tcp| (tcp.ack, tcp.fin) = (true, true), &[]);
        }),
        ["8 mqtt"]
    );
    // A message that was not recorded is proven by an acknowledgement, or by the end.
    assert_eq!(
        ended(&|connection| {
            connection.next[0] = connection.next[0].wrapping_add(67);
            connection.segment(1, |tcp| tcp.ack = true, &[]);
        }),
        ["6 unreadable"]
    );
    assert_eq!(
        ended(&|connection| {
            connection.next[0] = connection.next[0].wrapping_add(67);
            connection.segment(0, |tcp| (tcp.ack, tcp.fin) = (true, true), &[]);
        }),
        ["6 unreadable"]
    );
    assert_eq!(
        ended(&|connection| {
            connection.next[1] += 67;
            connection.segment(0, |tcp| tcp.ack = true, &[]);
        }),
        ["6 unreadable"]
    );
    // No data is missing.
    let none: [&str; 0] = [];
    assert_eq!(
        ended(&|connection| {
            connection.segment(0, |tcp| (tcp.ack, tcp.fin) = (true, true), &[]);
            connection.next[0] += 1;
            connection.segment(1, |tcp| (tcp.ack, tcp.fin) = (true, true), &[]);
        }),
        none
    );
    assert_eq!(ended(&|connection| connection.segment(0, |tcp| tcp.rst = true, &[])), none);
}

/// Every frame is recorded partly.
#[test]
fn a_snapshot_length() {
    let mut connection = Connection::connected(4);
    connection.send(0, &publish(UP, &[], QUERY.as_bytes()));
    connection.send(0, &publish(UP, &[], WRONG));
    let mut file = pcap(ETHERNET, &connection.frames[..4]);
    for frame in &connection.frames[4..] {
        let (cut, length) = (100_u32, frame.len() as u32);
        file.extend([0, 0, cut, length].iter().flat_map(|word| word.to_le_bytes()));
        file.extend_from_slice(&frame[..cut as usize]);
    }
    let run = lint_bytes(&file, &[]);
    assert_codes(&errors(&run), &[(5, "unreadable"), (6, "unreadable")]);
    assert!(run.stdout.contains("the snapshot length has cut off"), "{}", run.stdout);
}

/// Returns a session with one invalid message, in segments of this size, on this port, after these
/// bytes.
fn opened(port: u16, before: &[u8], size: usize) -> Connection {
    let mut connection = Connection::new(port, [100, 7]);
    connection.segment(0, |tcp| tcp.syn = true, &[]);
    connection.next[0] += 1;
    connection.segment(1, |tcp| (tcp.syn, tcp.ack) = (true, true), &[]);
    connection.next[1] += 1;
    let bytes = [before, &connect(4), &publish(UP, &[], WRONG)].concat();
    for part in bytes.chunks(size) {
        connection.send(0, part);
    }
    connection
}

#[test]
fn behind_a_proxy() {
    let line = b"PROXY TCP6 2001:db8::1 2001:db8::2 56324 1883\r\n";
    let binary = [&b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c"[..], &[7; 12]].concat();
    for before in [&b""[..], line, &binary] {
        for port in [1883, 8883, 20_000] {
            for size in [1, 7, 1000] {
                let run = lint_bytes(&opened(port, before, size).pcap(), &[]);
                let codes: Vec<String> = codes(&run).into_iter().map(|(_, code)| code).collect();
                assert_eq!(codes, ["unknown-type"], "{port}, {size}");
            }
        }
    }
}

/// Returns a WebSocket frame, masked if a client sends it.
fn frame(first: u8, payload: &[u8], is_client: bool) -> Vec<u8> {
    let mask = if is_client { [1, 2, 3, 4] } else { [0; 4] };
    let bit = if is_client { 0x80 } else { 0 };
    let mut frame = vec![first];
    match payload.len() {
        length @ ..126 => frame.push(length as u8 | bit),
        length => {
            frame.push(126 | bit);
            frame.extend_from_slice(&(length as u16).to_be_bytes());
        }
    }
    if is_client {
        frame.extend_from_slice(&mask);
    }
    frame.extend(payload.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask));
    frame
}

#[test]
fn websockets() {
    let request = b"GET /mqtt HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\n\
        Sec-WebSocket-Protocol: mqtt\r\n\r\n";
    let response = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n";
    let message = publish(UP, &[], WRONG);
    let answer = publish(DOWN, &[], br#"{"type":"download"}"#);
    let session = |port: u16, size: usize, frames: &[Vec<u8>]| {
        let mut connection = Connection::new(port, [100, 7]);
        connection.segment(0, |tcp| tcp.syn = true, &[]);
        connection.next[0] += 1;
        connection.segment(1, |tcp| (tcp.syn, tcp.ack) = (true, true), &[]);
        connection.next[1] += 1;
        connection.send(0, request);
        connection.send(1, response);
        for part in [frame(0x82, &connect(4), true), frames.concat()].concat().chunks(size) {
            connection.send(0, part);
        }
        connection.send(1, &frame(0x82, &answer, false));
        let run = lint_bytes(&connection.pcap(), &[]);
        codes(&run).into_iter().map(|(_, code)| code).collect::<Vec<_>>()
    };
    let (begin, end) = message.split_at(30);
    let two = [message.clone(), publish(UP, &[], b"{}")].concat();
    for size in [1, 9, 1000] {
        for port in [80, 8083, 1883] {
            let one = session(port, size, &[frame(0x82, &message, true)]);
            assert_eq!(one, ["unknown-type", "missing-field"]);
        }
        // In fragments with a ping between them, in two frames, and two messages in one frame.
        let fragments =
            [frame(0x02, begin, true), frame(0x89, b"ping", true), frame(0x80, end, true)];
        assert_eq!(session(80, size, &fragments), ["unknown-type", "missing-field"]);
        let frames = [frame(0x82, begin, true), frame(0x82, end, true)];
        assert_eq!(session(80, size, &frames), ["unknown-type", "missing-field"]);
        let both = session(80, size, &[frame(0x82, &two, true)]);
        assert_eq!(both, ["unknown-type", "missing-type", "missing-field"]);
    }
    assert_eq!(
        session(80, 1000, &[frame(0xC2, &message, true)]),
        ["unreadable", "missing-field"],
        "compressed"
    );
    // The capture begins later than the connection.
    let mut connection = Connection::new(8083, [100, 7]);
    connection.send(0, &frame(0x82, &message, true));
    connection.send(1, &frame(0x82, &answer, false));
    let run = lint_bytes(&connection.pcap(), &[]);
    assert_codes(&codes(&run), &[(1, "unknown-type"), (2, "missing-field")]);
}

/// Returns the frames with another address of the device.
fn translated(frames: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let translate = |frame: &Vec<u8>| {
        let mut frame = frame.clone();
        let at = if frame[26..30] == [10, 0, 0, 1] { 26 } else { 30 };
        frame[at..at + 4].copy_from_slice(&[192, 0, 2, 9]);
        frame
    };
    frames.iter().map(translate).collect()
}

#[test]
fn translated_addresses() {
    let mut connection = Connection::connected(4);
    connection.send(0, &publish(UP, &[], WRONG));
    connection.send(1, &publish(DOWN, &[], br#"{"type":"download"}"#));
    let expected = ["unknown-type", "missing-field"];
    let codes = |frames: &[Vec<u8>]| {
        let run = lint_bytes(&pcap(ETHERNET, frames), &[]);
        codes(&run).into_iter().map(|(_, code)| code).collect::<Vec<_>>()
    };
    let copies = translated(&connection.frames);
    let pairs = |from: usize| -> Vec<Vec<u8>> {
        let pairs = connection.frames[from..].iter().zip(&copies[from..]);
        pairs.flat_map(|(frame, copy)| [frame.clone(), copy.clone()]).collect()
    };
    assert_eq!(codes(&pairs(0)), expected);
    assert_eq!(codes(&pairs(4)), expected, "joined");
    // Only one of the two connections has a message.
    let mut some = pairs(0);
    some.remove(8);
    assert_eq!(codes(&some), ["unknown-type", "missing-field", "unreadable"]);
    // A copy appears neither much later, nor for another device at the same address.
    let later = [connection.frames.clone(), vec![connection.frames[0].clone(); 30]].concat();
    let later = [later, copies].concat();
    assert_eq!(codes(&later), [expected, expected].concat());
}

#[test]
fn topics_whose_numbers_were_given_before() {
    let mut connection = Connection::new(1883, [100, 7]);
    connection.send(0, &publish(UP, &[3, 0x23, 0, 1], WRONG));
    connection.send(0, &publish("", &[3, 0x23, 0, 2], WRONG));
    let run = lint_bytes(&connection.pcap(), &[]);
    assert_codes(&errors(&run), &[(1, "unknown-type"), (2, "unreadable")]);
    assert!(run.stdout.contains("the message has the topic alias 2"), "{}", run.stdout);
}
