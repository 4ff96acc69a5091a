//! Packet captures, recorded and generated.

use iothub_conformance::lint::capture::{
    Unreadable,
    packets::{Event, Packets, Traffic},
};

use super::{
    assert_codes, capture, codes, errors, found, lint, lint_bytes,
    wire::{
        Connection, DOWN, ETHERNET, QUERY, UP, connect, packet, pcap, pcap_big_endian, pcapng,
        publish, session,
    },
};

const EXPECTED: [(usize, &str); 2] = [(7, "out-of-range"), (8, "missing-field")];

#[test]
fn recorded_from_real_programs() {
    for name in ["mqtt-loopback.pcap", "mqtt-any.pcap"] {
        let run = lint(&[name]);
        assert_eq!((run.status, &*run.stderr), (Some(1), ""), "{name}");
        insta::assert_snapshot!(name.trim_end_matches(".pcap"), run.stdout);
    }
}

#[test]
fn all_versions_of_mqtt() {
    for version in [3, 4, 5] {
        let run = lint_bytes(&session(version).pcap(), &[]);
        assert_codes(&codes(&run), &EXPECTED);
        assert!(run.stdout.contains("capture: 3 messages, 2 errors\n"), "{}", run.stdout);
        assert!(run.stdout.contains("note: 1 message on other topics skipped\n"));
    }
}

#[test]
fn all_kinds_of_files_and_networks() {
    let frames = session(4).frames;
    for file in
        [pcap(ETHERNET, &frames), pcap_big_endian(ETHERNET, &frames), pcapng(ETHERNET, &frames)]
    {
        assert_codes(&codes(&lint_bytes(&file, &[])), &EXPECTED);
    }
    let with = |header: &[u8]| -> Vec<Vec<u8>> {
        frames.iter().map(|frame| [header, &frame[14..]].concat()).collect()
    };
    let cooked = [&[0; 14][..], &[8, 0]].concat();
    let cooked_2 = [&[8, 0][..], &[0; 18]].concat();
    let vlan = [&[2; 12][..], &[0x81, 0, 0, 7, 8, 0]].concat();
    for (link, header) in [
        (ETHERNET, &*vlan),
        (0, &[2, 0, 0, 0]),
        (108, &[0, 0, 0, 2]),
        (12, &[]),
        (101, &[]),
        (228, &[]),
        (113, &cooked),
        (276, &cooked_2),
    ] {
        let run = lint_bytes(&pcap(link, &with(header)), &[]);
        assert_codes(&codes(&run), &EXPECTED);
    }
    // IPv6, and padded frames.
    let ipv6: Vec<Vec<u8>> = frames
        .iter()
        .map(|frame| {
            let tcp = &frame[34..];
            let mut packet = vec![0x60, 0, 0, 0];
            packet.extend_from_slice(&(tcp.len() as u16).to_be_bytes());
            packet.extend_from_slice(&[6, 64]);
            let host = |last: u8| [&[0; 15][..], &[last]].concat();
            packet.extend([host(frame[29]), host(frame[33])].concat());
            packet.extend_from_slice(tcp);
            packet
        })
        .collect();
    assert_codes(&codes(&lint_bytes(&pcap(229, &ipv6), &[])), &EXPECTED);
    let padded: Vec<Vec<u8>> = frames.iter().map(|frame| [frame, &[0; 20][..]].concat()).collect();
    assert_codes(&codes(&lint_bytes(&pcap(ETHERNET, &padded), &[])), &EXPECTED);
    // The link type is unknown.
    let run = lint_bytes(&pcap(147, &frames), &[]);
    assert_codes(&errors(&run), &[(1, "unreadable")]);
    assert!(run.stdout.contains("\n    10 packets not read: 10 of link type 147\n"), "{run:?}");
    assert_eq!(run.status, Some(1));
    let run = lint_bytes(&pcap(147, &frames), &["--partial"]);
    assert!(run.stderr.contains("it has no message on a resource topic"), "{run:?}");
    assert_eq!((run.status, found(&run)[0].1.as_str()), (Some(2), "warning"));
}

/// Returns the published payloads in these frames.
fn payloads(frames: &[Vec<u8>]) -> (Vec<Vec<u8>>, usize) {
    let file = pcap(ETHERNET, frames);
    let mut packets = Packets::new(&*file).expect("it is a capture");
    let mut traffic = Traffic::new();
    let (mut payloads, mut gaps) = (Vec::new(), 0);
    loop {
        let packet = packets.next().expect("it is whole");
        let is_last = packet.is_none();
        let events = match &packet {
            Some(packet) => traffic.packet(packet),
            None => traffic.end(0),
        };
        for event in events {
            match event {
                Event::Message { record, .. } => payloads.push(record.payload.into_owned()),
                Event::Unreadable { why: Unreadable::Gap { .. }, .. } => gaps += 1,
                _ => {}
            }
        }
        if is_last {
            return (payloads, gaps);
        }
    }
}

/// Returns a connection in which a client publishes `count` messages, in segments of `size` bytes.
fn stream(count: usize, size: usize) -> (Connection, Vec<Vec<u8>>) {
    let messages: Vec<Vec<u8>> = (0..count).map(|n| format!("{{{n}}}").into_bytes()).collect();
    let bytes: Vec<u8> = messages.iter().flat_map(|message| publish(UP, &[], message)).collect();
    let mut connection = Connection::connected(4);
    for part in bytes.chunks(size) {
        connection.send(0, part);
    }
    (connection, messages)
}

#[test]
fn segments_of_any_size_and_order() {
    for size in [1, 2, 3, 7, 36, 37, 38, 100, 1000] {
        let (connection, messages) = stream(20, size);
        assert_eq!(payloads(&connection.frames), (messages.clone(), 0), "{size}");
        // Every segment twice.
        let twice: Vec<_> =
            connection.frames.iter().flat_map(|frame| [frame.clone(), frame.clone()]).collect();
        assert_eq!(payloads(&twice), (messages.clone(), 0), "{size}");
        // Pairs of segments in the wrong order.
        let mut swapped = connection.frames.clone();
        swapped[4..].chunks_exact_mut(2).for_each(|pair| pair.swap(0, 1));
        assert_eq!(payloads(&swapped), (messages.clone(), 0), "{size}");
        // The segments are in reverse order, as far as segments may wait.
        let mut backwards = connection.frames;
        let end = backwards.len().min(60);
        backwards[4..end].reverse();
        assert_eq!(payloads(&backwards), (messages, 0), "{size}");
    }
}

#[test]
fn what_was_not_recorded() {
    let (connection, messages) = stream(20, 38);
    // Frame 9 is missing, with the end of a message and the beginning of the next.
    let mut frames = connection.frames;
    frames.remove(9);
    let (payloads, gaps) = payloads(&frames);
    assert_eq!(gaps, 1);
    assert!(payloads.iter().all(|payload| messages.contains(payload)), "nothing is made up");
    assert!(payloads.len() >= 5);

    let run = |arguments: &[&str]| lint_bytes(&pcap(ETHERNET, &frames), arguments);
    let told: Vec<_> =
        found(&run(&[])).into_iter().filter(|(_, _, code)| code == "unreadable").collect();
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].1, "error");
    let told = found(&run(&["--partial"]));
    assert!(told.iter().any(|(_, level, code)| level == "warning" && code == "unreadable"));
}

#[test]
fn a_connection_whose_beginning_was_not_recorded() {
    for (version, properties) in [(4, &[][..]), (5, &[0]), (5, &[2, 0x01, 1])] {
        for port in [1883, 20_000] {
            let mut connection = Connection::new(port, [1, 1]);
            connection.send(0, b"e\":1}");
            connection.send(0, &publish(UP, properties, b"{1}"));
            connection.send(1, &publish(DOWN, properties, b"{2}"));
            let expected = (vec![b"{1}".to_vec(), b"{2}".to_vec()], 0);
            assert_eq!(payloads(&connection.frames), expected, "version {version}, port {port}");
        }
    }
    // The connection is on another port, and is recorded from its beginning.
    let mut connection = Connection::new(20_000, [1, 1]);
    connection.send(0, &connect(5));
    connection.send(1, &[0x20, 3, 0, 0, 0]);
    connection.send(0, &publish(UP, &[0], b"{1}"));
    assert_eq!(payloads(&connection.frames), (vec![b"{1}".to_vec()], 0));
    // A protocol other than MQTT.
    let mut connection = Connection::new(443, [1, 1]);
    connection.send(0, b"\x16\x03\x01\x00\x05hello");
    connection.send(1, &publish("sensors", &[], b"{1}"));
    assert_eq!(payloads(&connection.frames), (vec![], 0));
}

#[test]
fn topics_that_have_numbers() {
    let alias = [3, 0x23, 0, 7];
    let mut connection = Connection::connected(5);
    connection.send(0, &publish(UP, &alias, b"{1}"));
    connection.send(0, &publish("", &alias, b"{2}"));
    // Properties of every kind precede the topic alias.
    let all = [
        &[0x01, 1, 0x02, 0, 0, 0, 9, 0x03, 0, 1, b'x', 0x08, 0, 0, 0x09, 0, 1, 0][..],
        &[0x26, 0, 1, b'k', 0, 2, b'v', b'v', 0x0B, 0x80, 1, 0x23, 0, 7],
    ]
    .concat();
    let properties = [&[all.len() as u8], &*all].concat();
    connection.send(0, &publish("", &properties, b"{3}"));
    // The other direction has its own aliases.
    connection.send(1, &publish("", &alias, b"{4}"));
    let expected: Vec<Vec<u8>> = [b"{1}", b"{2}", b"{3}"].map(|payload| payload.to_vec()).into();
    assert_eq!(payloads(&connection.frames), (expected, 0));
}

#[test]
fn a_payload_of_any_length() {
    let mut connection = Connection::connected(4);
    for length in [16_384, 16_385, 200_000, 3_000_000] {
        for part in publish(UP, &[], &vec![b' '; length]).chunks(1400) {
            connection.send(0, part);
        }
    }
    // A message on a topic that is too long to keep.
    for part in publish(&"x".repeat(60_000), &[], &[b' '; 100_000]).chunks(1400) {
        connection.send(0, part);
    }
    connection.send(0, &publish(UP, &[], QUERY.as_bytes()));
    let run = lint_bytes(&connection.pcap(), &[]);
    let codes: Vec<String> = errors(&run).into_iter().map(|(_, code)| code).collect();
    assert_eq!(
        codes,
        ["invalid-json", "payload-too-large", "payload-too-large", "payload-too-large"]
    );
    assert!(run.stdout.contains("a payload of 16385 bytes is longer than 16384"));
    assert!(run.stdout.contains("5 messages"), "{}", run.stdout);
}

#[test]
fn a_retransmission_of_mqtt_has_dup() {
    let report = br#"{"type":"report_upload_progress","name":"a","progress":{"state":"done","result_code":0,"result_msg":""}}"#;
    let mut connection = Connection::connected(4);
    let first = publish(UP, &[], report);
    let mut again = first.clone();
    again[0] |= 0b1000;
    connection.send(0, &first);
    connection.send(0, &again);
    let run = lint_bytes(&connection.pcap(), &[]);
    assert_codes(&errors(&run), &[(5, "no-such-task")]);
    assert!(codes(&run).iter().all(|(_, code)| code != "repeated"), "{run:?}");

    // At QoS 0, which has no packet identifier, DUP has no meaning.
    let mut connection = Connection::connected(4);
    let topic = [&(UP.len() as u16).to_be_bytes()[..], UP.as_bytes()].concat();
    for first in [0x30, 0x38] {
        connection.send(0, &packet(first, &[&topic[..], report].concat()));
    }
    let run = lint_bytes(&connection.pcap(), &[]);
    assert_codes(&errors(&run), &[(5, "no-such-task")]);
    assert!(codes(&run).iter().any(|(_, code)| code == "repeated"), "{run:?}");
}

#[test]
fn a_file_that_was_cut() {
    let file = session(4).pcap();
    let whole = codes(&lint_bytes(&file, &[]));
    for length in [file.len() - 1, file.len() - 60, 700, 100, 41, 25, 24] {
        let run = lint_bytes(&file[..length], &[]);
        let told = codes(&run);
        let cut = run.stdout.contains("the capture ends in the middle of this packet");
        assert_eq!(run.status, Some(if length == 24 { 2 } else { 1 }), "{length}: {run:?}");
        assert_eq!(cut, length != 24, "{length}: {run:?}");
        assert!(told.len() <= whole.len() + 1);
    }
    // These files are shorter than a file header.
    for length in [4, 10, 23] {
        let run = lint_bytes(&file[..length], &[]);
        assert_eq!(run.status, Some(1), "{length}: {run:?}");
    }
    // An impossible length.
    let mut garbled = file.clone();
    garbled[24 + 11] = 0x7F;
    let run = lint_bytes(&garbled, &[]);
    assert_codes(&errors(&run), &[(1, "unreadable")]);
}

/// Any file is read to its end, or to a part that cannot be read.
#[test]
fn anything_at_all() {
    let recorded = std::fs::read(capture("mqtt-any.pcap")).expect("it is there");
    let frames = session(5).frames;
    let mut state = 1_u32;
    let mut random = move || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state >> 8
    };
    for file in [recorded, pcapng(ETHERNET, &frames), pcap(ETHERNET, &frames)] {
        for _ in 0..400 {
            let mut file = file.clone();
            for _ in 0..1 + random() % 20 {
                let at = random() as usize % file.len();
                file[at] = random() as u8;
            }
            let Ok(mut packets) = Packets::new(&*file) else { continue };
            let mut traffic = Traffic::new();
            while let Ok(Some(packet)) = packets.next() {
                traffic.packet(&packet);
            }
            traffic.end(0);
        }
    }
}

#[test]
fn from_standard_input() {
    let file = std::fs::File::open(capture("mqtt-loopback.pcap")).expect("it is there");
    let mut command = crate::command::binary();
    let run = crate::command::start_with(command.args(["lint", "-"]), file.into()).end();
    assert_eq!(codes(&run), codes(&lint(&["mqtt-loopback.pcap"])));
}
