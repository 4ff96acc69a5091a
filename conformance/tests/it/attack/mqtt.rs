//! Attacks over MQTT.

use super::{
    bytes::{
        CONNACK, connect, connect_with_will, packet, publish, publish_acknowledged, subscribe,
    },
    scene::{Attack, Attacker, Peer, Scale},
};

/// The approximate length of the longest packet that the server accepts, in bytes.
const LONGEST: usize = 64 << 10;

pub(super) const ATTACKS: [Attack; 12] = [
    Attack { name: "disconnects of clients with 64 wildcard filters", run: wildcard_filters },
    Attack { name: "filters and topics with 4,000 levels", run: many_levels },
    Attack { name: "filters that match many topics", run: branching_filters },
    Attack { name: "64 filters of 64 KiB per client", run: long_filters },
    Attack { name: "topics of 64 KiB to clients that do not read", run: long_topics },
    Attack { name: "payloads of 64 KiB to clients that do not read", run: long_payloads },
    Attack { name: "128 uploads per device, with names of 15 KiB", run: long_names },
    Attack { name: "a different device in each message", run: strangers },
    Attack { name: "incomplete packets of 64 KiB", run: half_packets },
    Attack { name: "wills of 64 KiB", run: wills },
    Attack { name: "idle connections without a keep-alive", run: idle },
    Attack { name: "malformed packets", run: malformed },
];

/// Connects a client, and returns its connection.
fn client<'a>(attacker: &'a Attacker, client_id: &str) -> Peer<'a> {
    let mut peer = attacker.peer(attacker.mqtt);
    peer.send(&connect(client_id));
    peer
}

/// Waits until the server has processed everything that a client has sent.
fn ping(peer: &mut Peer<'_>) {
    peer.send(b"\xc0\x00\xe0\x00");
    peer.wait_for_end();
}

fn wildcard_filters(attacker: &Attacker, scale: Scale) -> Vec<Peer<'_>> {
    let mut clients = Vec::new();
    for number in 0..scale.of(300, 3_000) {
        let mut client = client(attacker, &format!("w{number}"));
        client.send(&subscribe((0..64).map(|filter| format!("{number}/{filter}/+"))));
        assert_eq!(client.read(CONNACK.len()), CONNACK);
        clients.push(client);
    }
    for mut client in clients {
        ping(&mut client);
    }
    Vec::new()
}

fn many_levels(attacker: &Attacker, scale: Scale) -> Vec<Peer<'_>> {
    let deep = "/+".repeat(4_000);
    let mut clients = Vec::new();
    for number in 0..scale.of(10, 100) {
        let mut client = client(attacker, &format!("l{number}"));
        client.send(&subscribe((0..7).map(|filter| format!("{filter}{deep}"))));
        clients.push(client);
    }
    let mut publisher = client(attacker, "publisher");
    for number in 0..100 {
        publisher.send(&publish(&format!("{}{}", number % 8, "/x".repeat(4_000)), b""));
    }
    ping(&mut publisher);
    clients
}

/// Subscribes so that each level of the topic matches two branches of the filter tree.
fn branching_filters(attacker: &Attacker, scale: Scale) -> Vec<Peer<'_>> {
    let mut clients = Vec::new();
    for number in 0..scale.of(32, 1_024) {
        let mut client = client(attacker, &format!("b{number}"));
        let filters = (0..64).map(|filter| {
            let bits = number * 64 + filter;
            let levels = (0..16).map(|level| if bits >> level & 1 == 0 { "a" } else { "+" });
            levels.collect::<Vec<_>>().join("/")
        });
        client.send(&subscribe(filters));
        clients.push(client);
    }
    let mut publisher = client(attacker, "publisher");
    for _ in 0..scale.of(1_000, 20_000) {
        publisher.send(&publish(&["a"; 16].join("/"), b""));
        publisher.send(&publish(&["a"; 8].join("/"), b""));
    }
    ping(&mut publisher);
    clients
}

fn long_filters(attacker: &Attacker, scale: Scale) -> Vec<Peer<'_>> {
    let mut clients = Vec::new();
    for number in 0..scale.of(10, 100) {
        let mut client = client(attacker, &format!("f{number}"));
        for filter in 0..64 {
            client.send(&subscribe([format!("{filter}/{}", "x".repeat(LONGEST - 600))]));
        }
        clients.push(client);
    }
    clients
}

fn long_topics(attacker: &Attacker, scale: Scale) -> Vec<Peer<'_>> {
    to_who_does_not_read(attacker, scale, &publish(&"x".repeat(LONGEST - 600), b""))
}

fn long_payloads(attacker: &Attacker, scale: Scale) -> Vec<Peer<'_>> {
    to_who_does_not_read(attacker, scale, &publish("x", &[b'x'; LONGEST - 600]))
}

fn to_who_does_not_read<'a>(attacker: &'a Attacker, scale: Scale, publish: &[u8]) -> Vec<Peer<'a>> {
    let mut clients = Vec::new();
    for number in 0..scale.of(20, 60) {
        let mut client = client(attacker, &format!("r{number}"));
        client.send(&subscribe(["#"]));
        assert_eq!(client.read(CONNACK.len()), CONNACK);
        clients.push(client);
    }
    for _ in 0..scale.of(60, 300) {
        let mut publisher = client(attacker, "publisher");
        publisher.send(publish);
        ping(&mut publisher);
    }
    clients
}

fn create(name: &str, number: usize) -> Vec<u8> {
    let md5sum = format!("{number:032x}");
    let json = format!(
        r#"{{"type":"create_upload_task","size":5,"name":"{name}{number}","md5sum":"{md5sum}"}}"#
    );
    json.into_bytes()
}

fn long_names(attacker: &Attacker, scale: Scale) -> Vec<Peer<'_>> {
    let name = "x".repeat(15_500);
    for device in 0..scale.of(10, 100) {
        let mut client = client(attacker, &format!("n{device}"));
        let topic = format!("$resource/up/service/P/n{device}");
        for number in 0..128 {
            client.send(&publish_acknowledged(&topic, &create(&name, number)));
        }
        ping(&mut client);
    }
    Vec::new()
}

fn strangers(attacker: &Attacker, scale: Scale) -> Vec<Peer<'_>> {
    let mut client = client(attacker, "many");
    for device in 0..scale.of(1_000, 50_000) {
        let topic = format!("$resource/up/service/P/s{device}");
        client.send(&publish(&topic, &create("file", device)));
    }
    ping(&mut client);
    Vec::new()
}

fn half_packets(attacker: &Attacker, scale: Scale) -> Vec<Peer<'_>> {
    let whole = packet(0x30, &[b'x'; LONGEST - 10]);
    let bytes = [connect(""), whole[..LONGEST - 20].to_vec()].concat();
    attacker.peers(attacker.mqtt, scale.of(300, 5_000), &bytes)
}

/// Opens more connections than are allowed, if the system permits that many files.
fn idle(attacker: &Attacker, scale: Scale) -> Vec<Peer<'_>> {
    let mut clients = Vec::new();
    for number in 0..scale.of(300, 17_000) {
        clients.push(client(attacker, &format!("i{number}")));
    }
    clients
}

fn wills(attacker: &Attacker, scale: Scale) -> Vec<Peer<'_>> {
    let mut peers = Vec::new();
    for number in 0..scale.of(300, 5_000) {
        let mut peer = attacker.peer(attacker.mqtt);
        let will = "x".repeat(LONGEST - 600);
        peer.send(&connect_with_will(&format!("will{number}"), "w", &will));
        peers.push(peer);
    }
    peers
}

fn malformed(attacker: &Attacker, scale: Scale) -> Vec<Peer<'_>> {
    for number in 0..scale.of(500, 10_000) {
        let mut bytes = connect("m");
        let at = number % bytes.len();
        bytes[at] ^= 1 << (number % 8);
        bytes.extend(publish("x", &vec![b'x'; number % 1_000]));
        let mut peer = attacker.peer(attacker.mqtt);
        peer.send(&bytes);
    }
    Vec::new()
}
