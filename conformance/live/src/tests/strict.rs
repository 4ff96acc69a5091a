//! Tests the record of client behaviour that brokers and HTTP servers do not accept.

use std::{net::SocketAddr, path::Path};

use iothub_resource::{Md5Sum, Resource, ResourceName, ResourceSize};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::{clock, plan};
use crate::{
    http::HttpLapse,
    platform_server::PlatformServer,
    record::{DisconnectReason, Event, HttpEvent, MqttEvent},
    store::Source,
};
use iothub_conformance_suite::url::Url;

/// Sends bytes to a new server. Returns the answer up to the end of the connection and the recorded
/// events.
fn mqtt(bytes: &[u8]) -> (Vec<u8>, Vec<Event>) {
    clock::block_on(async {
        let folder = tempfile::tempdir().unwrap();
        let server = PlatformServer::open(plan(folder.path())).await.unwrap();
        let address = server.mqtt_url.trim_start_matches("mqtt://").parse().unwrap();
        let answered = exchange(address, bytes).await;
        (answered, events(&server))
    })
}

async fn exchange(address: SocketAddr, bytes: &[u8]) -> Vec<u8> {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(bytes).await.unwrap();
    let mut answered = Vec::new();
    stream.read_to_end(&mut answered).await.unwrap();
    answered
}

fn events(server: &PlatformServer) -> Vec<Event> {
    std::iter::from_fn(|| server.recorder.try_next()).map(|recorded| recorded.event).collect()
}

fn lapses(events: &[Event]) -> Vec<String> {
    let lapses = events.iter().filter_map(|event| match event {
        Event::Mqtt(MqttEvent::Lapse { lapse, .. }) => Some(lapse.to_string()),
        _ => None,
    });
    lapses.collect()
}

/// Returns a packet with this first byte.
fn packet(first: u8, body: &[u8]) -> Vec<u8> {
    [&[first, u8::try_from(body.len()).unwrap()], body].concat()
}

/// Returns a CONNECT. `rest` contains all bytes after the flags.
fn connect(level: u8, flags: u8, rest: &[u8]) -> Vec<u8> {
    let name = if level == 3 { &b"\0\x06MQIsdp"[..] } else { b"\0\x04MQTT" };
    packet(0x10, &[name, &[level, flags], rest].concat())
}

/// Returns a CONNECT of MQTT 5 with these properties.
fn connect5(properties: &[u8]) -> Vec<u8> {
    let length = [u8::try_from(properties.len()).unwrap()];
    connect(5, 2, &[&b"\0\x3c"[..], &length, properties, b"\0\x01x"].concat())
}

const WELL: &[u8] = b"\0\x3c\0\x01x";
const WELL5: &[u8] = b"\0\x3c\0\0\x01x";
/// A SUBSCRIBE of `t`, without its first byte and its options.
const SUBSCRIBE: &[u8] = b"\0\x01\0\x01t";
const SUBSCRIBE5: &[u8] = b"\0\x01\0\0\x01t";

#[test]
fn what_breaks_mqtt_is_recorded_once() {
    let after = |level: u8, packet: Vec<u8>| {
        let well = if level == 5 { WELL5 } else { WELL };
        [connect(level, 2, well), packet].concat()
    };
    let subscribe = |first, options| packet(first, &[SUBSCRIBE, &[options]].concat());
    let subscribe5 = |options| packet(0x82, &[SUBSCRIBE5, &[options]].concat());
    for (bytes, expected) in [
        (connect(4, 3, WELL), Some("MQTT-3.1.2-3")),
        (connect(5, 3, WELL5), Some("MQTT-3.1.2-3")),
        (connect(3, 3, WELL), None),
        (connect(4, 0x42, b"\0\x3c\0\x01x\0\x01p"), Some("without a user name")),
        (connect(5, 0x42, b"\0\x3c\0\0\x01x\0\x01p"), None),
        (connect(4, 0x0A, WELL), Some("has no will")),
        (connect(4, 0x22, WELL), Some("has no will")),
        (after(4, subscribe(0x80, 1)), Some("SUBSCRIBE are 0b0000: expected 0b0010")),
        (after(3, subscribe(0x80, 1)), Some("SUBSCRIBE are 0b0000")),
        (after(3, subscribe(0x8A, 1)), None),
        (after(4, subscribe(0x8A, 1)), Some("SUBSCRIBE are 0b1010")),
        (after(4, subscribe(0x82, 5)), Some("MQTT-3.8.3-4")),
        (after(4, packet(0x60, b"\0\x01")), Some("PUBREL are 0b0000")),
        (after(4, packet(0x38, b"\0\x01tx")), Some("MQTT-3.3.1-2")),
        (after(4, packet(0x31, b"\0\x01tx")), None),
        (after(5, packet(0x31, b"\0\x01t\0x")), Some("MQTT-3.2.2-14")),
        (connect5(b"\x21\0\0"), Some("Receive Maximum")),
        (connect5(b"\x27\0\0\0\0"), Some("Maximum Packet Size")),
        (connect5(b"\x21\0\x05\x21\0\x05"), Some("0x21 occurs twice")),
        (connect5(b"\x26\0\x01a\0\x01b\x26\0\x01a\0\x01b"), None),
        (connect5(b"\x16\0\x01a"), Some("authentication data")),
        (after(5, subscribe5(0x31)), Some("Retain Handling")),
        (after(5, subscribe5(0x21)), None),
        (after(5, subscribe5(0x41)), Some("MQTT-3.8.3-4")),
        (after(5, packet(0x82, b"\0\x01\x02\x0b\x01\0\x01t\x01")), Some("identifier")),
    ] {
        // The client continues, repeats the violation, and disconnects.
        let again = bytes[usize::from(bytes[1]) + 2..].to_vec();
        let (_, events) = mqtt(&[&bytes[..], &again, &[0xE0, 0]].concat());
        let lapses = lapses(&events);
        let is_right = match expected {
            None => lapses.is_empty(),
            Some(part) => lapses.len() == 1 && lapses[0].contains(part),
        };
        assert!(is_right, "{bytes:x?}: {lapses:?}, {events:?}");
        let ended = events.iter().find_map(|event| match event {
            Event::Mqtt(MqttEvent::Disconnected { why, .. }) => Some(why),
            _ => None,
        });
        assert_eq!(ended, Some(&DisconnectReason::Goodbye), "{bytes:x?}: {events:?}");
    }
}

#[test]
fn what_a_connack_of_mqtt_5_offers() {
    let all = [&connect(5, 2, WELL5)[..], &[0xE0, 0]].concat();
    let (answered, _) = mqtt(&all);
    let properties =
        b"\x21\x01\x00\x27\x00\x01\x00\x00\x11\x00\x00\x00\x00\x25\x00\x28\x01\x29\x00\x2a\x00";
    let length = [u8::try_from(properties.len()).unwrap()];
    assert_eq!(answered, packet(0x20, &[b"\0\0", &length[..], properties].concat()));
    // MQTT 3.1.1 has no properties.
    let (answered, _) = mqtt(&[&connect(4, 2, WELL)[..], &[0xE0, 0]].concat());
    assert_eq!(answered, packet(0x20, b"\0\0"));
}

#[test]
fn no_local_and_shared_subscriptions() {
    let subscribe = packet(0x82, b"\0\x01\0\0\x01t\x04\0\x0a$share/g/t\0");
    let publish = packet(0x30, b"\0\x01t\0x");
    let all = [&connect(5, 2, WELL5)[..], &subscribe, &publish, &[0xE0, 0]].concat();
    let (answered, events) = mqtt(&all);
    assert!(answered.ends_with(&packet(0x90, b"\0\x01\0\0\x9e")), "{answered:x?}");
    assert!(lapses(&events).is_empty());
    // Without No Local, the client receives its own message.
    let subscribe = packet(0x82, b"\0\x01\0\0\x01t\0");
    let all = [&connect(5, 2, WELL5)[..], &subscribe, &publish, &[0xE0, 0]].concat();
    assert!(mqtt(&all).0.ends_with(&publish));
}

/// A client subscribes to its own topic and publishes there.
#[test]
fn messages_that_are_never_acknowledged() {
    let own = |count: u8| {
        let begin = [connect(4, 2, WELL), packet(0x82, b"\0\x01\0\x01t\x01")].concat();
        let publishes = (2..2 + count).flat_map(|id| packet(0x32, &[0, 1, b't', 0, id, b'x']));
        [begin, publishes.collect(), packet(0xe0, b"")].concat()
    };
    // The client may have left before it has read the last message.
    assert!(lapses(&mqtt(&own(1)).1).is_empty());
    let found = lapses(&mqtt(&own(2)).1);
    assert!(found.len() == 1 && found[0].starts_with("2 messages at QoS 1"), "{found:?}");
}

#[test]
fn a_client_is_silent_for_longer_than_it_has_promised() {
    let found = lapses(&mqtt(&connect(4, 2, b"\0\x01\0\x01x")).1);
    assert!(found.len() == 1 && found[0].contains("keep-alive of 1 s"), "{found:?}");
}

#[test]
fn who_cannot_connect() {
    for (bytes, why, answer) in [
        (connect5(b"\x15\0\x01a"), "authentication method a", &b"\x20\x03\0\x8c\0"[..]),
        (b"\x16\x03\x01\x02\0".to_vec(), "begins with TLS", b""),
        (b"GET / HTTP/1.1\r\n\r\n".to_vec(), "not an MQTT CONNECT", b""),
    ] {
        let (answered, events) = mqtt(&bytes);
        assert_eq!(answered, answer, "{bytes:x?}");
        let refused = events.iter().any(|event| {
            matches!(event, Event::Mqtt(MqttEvent::Refused { why: said, is_fault: true, .. })
                if said.contains(why))
        });
        assert!(refused, "{bytes:x?}: {events:?}");
    }
}

#[test]
fn what_servers_read_all_the_same_is_recorded() {
    clock::block_on(async {
        let folder = tempfile::tempdir().unwrap();
        let (server, target) = store(folder.path()).await;
        let host = server.http_address;
        for (request, expected) in [
            (format!("GET {target} HTTP/1.1\r\nHost: {host}\r\n"), &[][..]),
            (
                format!("GET http://{host}{target} HTTP/1.1\r\nHost: {host}\r\n"),
                &[HttpLapse::AbsoluteForm],
            ),
            (format!("GET {target} HTTP/1.1\nHost: {host}\n"), &[HttpLapse::BareLineFeed]),
        ] {
            let bytes = format!("{request}Connection: close\r\n\r\n");
            let answered = exchange(host, bytes.as_bytes()).await;
            assert!(answered.starts_with(b"HTTP/1.1 200 "), "{bytes}");
            let recorded = events(&server).into_iter().find_map(|event| match event {
                Event::Http(_, HttpEvent::Request { lapses, .. }) => Some(lapses),
                _ => None,
            });
            assert_eq!(recorded.as_deref(), Some(expected), "{bytes}");
        }
    });
}

/// Returns a server with a download of ten bytes, and the target of the download.
async fn store(folder: &Path) -> (PlatformServer, String) {
    let server = PlatformServer::open(plan(folder)).await.unwrap();
    let resource = Resource {
        size: ResourceSize::new(10).unwrap(),
        name: ResourceName::new("zxc").unwrap(),
        md5sum: Md5Sum::of(b"0123456789"),
    };
    let source = Source::Bytes((*b"0123456789").into());
    let task = server.store.issue_download(None, resource, source).unwrap();
    let target = Url::split(task.url.as_str()).unwrap().target.to_owned();
    (server, target)
}

#[test]
fn a_range_counts_for_get_and_if_its_condition_holds() {
    clock::block_on(async {
        let folder = tempfile::tempdir().unwrap();
        let (server, target) = store(folder.path()).await;
        let etag = format!("\"{}\"", Md5Sum::of(b"0123456789"));
        for (method, condition, status, length) in [
            ("GET", None, 206, 4),
            ("GET", Some(etag.clone()), 206, 4),
            ("GET", Some("\"other\"".to_owned()), 200, 10),
            ("GET", Some(format!("W/{etag}")), 200, 10),
            ("GET", Some("Fri, 27 Nov 2026 17:00:00 GMT".to_owned()), 200, 10),
            ("HEAD", None, 200, 10),
        ] {
            let condition =
                condition.map_or_else(String::new, |etag| format!("If-Range: {etag}\r\n"));
            let request = format!(
                "{method} {target} HTTP/1.1\r\nHost: {}\r\nRange: bytes=2-5\r\n{condition}\
                 Connection: close\r\n\r\n",
                server.http_address
            );
            let answered = exchange(server.http_address, request.as_bytes()).await;
            let answered = String::from_utf8(answered).unwrap();
            let (head, body) = answered.split_once("\r\n\r\n").unwrap();
            assert!(head.starts_with(&format!("HTTP/1.1 {status} ")), "{request}{answered}");
            assert!(head.contains(&format!("Content-Length: {length}\r\n")), "{request}{answered}");
            assert_eq!(head.contains("Content-Range"), status == 206, "{request}{answered}");
            let expected = match (method, status) {
                ("HEAD", _) => "",
                (_, 206) => "2345",
                _ => "0123456789",
            };
            assert_eq!(body, expected, "{request}");
        }
    });
}

#[test]
fn a_refusal_says_why() {
    clock::block_on(async {
        let folder = tempfile::tempdir().unwrap();
        let (server, target) = store(folder.path()).await;
        let path = target.split('?').next().unwrap();
        let elsewhere = target.replace("/zxc", "/zxd");
        for (target, why) in [
            (path.to_owned(), "its query string is missing"),
            (format!("{path}?sign=x"), "its query string is different"),
            (elsewhere, "its path is different"),
        ] {
            let host = server.http_address;
            let request =
                format!("GET {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
            let answered = exchange(server.http_address, request.as_bytes()).await;
            let answered = String::from_utf8(answered).unwrap();
            assert!(answered.starts_with("HTTP/1.1 403 ") && answered.contains(why), "{answered}");
            let is_recorded = events(&server).iter().any(|event| {
                matches!(event, Event::Http(_, HttpEvent::Response { why: Some(said), .. })
                    if said.contains(why))
            });
            assert!(is_recorded, "{why}");
        }
        let long = format!("GET / HTTP/1.1\r\nA: {}\r\n\r\n", "b".repeat(20_000));
        for (bytes, status, why) in [
            ("GET / HTTP/1.1\r\nA: b\r\n c\r\n\r\n", 400, "next line"),
            ("GET / HTTP/1.2\r\n\r\n", 505, "HTTP/1.1"),
            (&long, 431, "16 KiB"),
            ("\x16\x03\x01\x02", 400, "begins with TLS"),
        ] {
            let answered = exchange(server.http_address, bytes.as_bytes()).await;
            let answered = String::from_utf8(answered).unwrap();
            let begin = format!("HTTP/1.1 {status} ");
            assert!(answered.starts_with(&begin) && answered.contains(why), "{answered}");
            let is_recorded = events(&server).iter().any(|event| {
                matches!(event, Event::Http(_, HttpEvent::Refused { why: said, .. })
                    if said.contains(why))
            });
            assert!(is_recorded, "{why}");
        }
    });
}
