//! Packets and packet files for tests.

use etherparse::{PacketBuilder, TcpHeader};

pub(super) const UP: &str = "$resource/up/service/P/d";
pub(super) const DOWN: &str = "$resource/down/service/P/d";
pub(super) const QUERY: &str = r#"{"type":"get_download_task"}"#;
pub(super) const ETHERNET: u32 = 1;

/// Both directions of one TCP connection between a device and a broker.
pub(super) struct Connection {
    pub(super) port: u16,
    /// The next sequence number of the client and of the server.
    pub(super) next: [u32; 2],
    /// Ethernet frames.
    pub(super) frames: Vec<Vec<u8>>,
}

impl Connection {
    pub(super) fn new(port: u16, next: [u32; 2]) -> Self {
        Self { port, next, frames: Vec::new() }
    }

    /// Returns a connection with its beginning.
    pub(super) fn connected(version: u8) -> Self {
        let mut connection = Self::new(1883, [u32::MAX - 40, 7]);
        connection.segment(0, |tcp| tcp.syn = true, &[]);
        connection.next[0] = connection.next[0].wrapping_add(1);
        connection.segment(1, |tcp| (tcp.syn, tcp.ack) = (true, true), &[]);
        connection.next[1] += 1;
        connection.send(0, &connect(version));
        connection.send(1, &[0x20, 2, 0, 0]);
        connection
    }

    pub(super) fn send(&mut self, end: usize, bytes: &[u8]) {
        self.segment(end, |tcp| tcp.ack = true, bytes);
        self.next[end] = self.next[end].wrapping_add(bytes.len() as u32);
    }

    /// Adds a frame with these bytes, without advancing the sequence number.
    pub(super) fn segment(&mut self, end: usize, flags: impl FnOnce(&mut TcpHeader), bytes: &[u8]) {
        let mut ports = [40_000, self.port];
        let mut hosts = [[10, 0, 0, 1], [10, 0, 0, 2]];
        if end == 1 {
            ports.reverse();
            hosts.reverse();
        }
        let mut tcp = TcpHeader::new(ports[0], ports[1], self.next[end], 1000);
        tcp.acknowledgment_number = self.next[1 - end];
        flags(&mut tcp);
        let builder = PacketBuilder::ethernet2([2; 6], [4; 6]).ipv4(hosts[0], hosts[1], 64);
        let mut frame = Vec::new();
        builder.tcp_header(tcp).write(&mut frame, bytes).expect("it fits");
        self.frames.push(frame);
    }

    pub(super) fn pcap(&self) -> Vec<u8> {
        pcap(ETHERNET, &self.frames)
    }
}

pub(super) fn connect(version: u8) -> Vec<u8> {
    let name: &[u8] = if version == 3 { b"\0\x06MQIsdp" } else { b"\0\x04MQTT" };
    let properties: &[u8] = if version == 5 { &[0] } else { &[] };
    let body = [name, &[version, 2, 0, 60], properties, b"\0\x01c"].concat();
    packet(0x10, &body)
}

pub(super) fn packet(first: u8, body: &[u8]) -> Vec<u8> {
    let mut packet = vec![first];
    let mut length = body.len();
    while length >= 0x80 {
        packet.push((length & 0x7F) as u8 | 0x80);
        length >>= 7;
    }
    packet.push(length as u8);
    packet.extend_from_slice(body);
    packet
}

/// Returns a PUBLISH at QoS 1, which has a packet identifier.
pub(super) fn publish(topic: &str, properties: &[u8], payload: &[u8]) -> Vec<u8> {
    let length = (topic.len() as u16).to_be_bytes();
    packet(0x32, &[&length, topic.as_bytes(), &[0, 9], properties, payload].concat())
}

pub(super) fn pcap(link: u32, frames: &[Vec<u8>]) -> Vec<u8> {
    let mut file = [0xA1B2_C3D4_u32, 0x0004_0002, 0, 0, 0x4_0000, link]
        .iter()
        .flat_map(|word| word.to_le_bytes())
        .collect::<Vec<u8>>();
    for frame in frames {
        let length = frame.len() as u32;
        file.extend([0, 0, length, length].iter().flat_map(|word| word.to_le_bytes()));
        file.extend_from_slice(frame);
    }
    file
}

pub(super) fn pcap_big_endian(link: u32, frames: &[Vec<u8>]) -> Vec<u8> {
    // The times in this file have nanoseconds.
    let mut file = [0xA1B2_3C4D_u32, 0x0002_0004, 0, 0, 0x4_0000, link]
        .iter()
        .flat_map(|word| word.to_be_bytes())
        .collect::<Vec<u8>>();
    for frame in frames {
        let length = frame.len() as u32;
        file.extend([0, 0, length, length].iter().flat_map(|word| word.to_be_bytes()));
        file.extend_from_slice(frame);
    }
    file
}

pub(super) fn pcapng(link: u32, frames: &[Vec<u8>]) -> Vec<u8> {
    let block = |kind: u32, body: &[u8]| {
        let length = (12 + body.len() as u32).to_le_bytes();
        [&kind.to_le_bytes()[..], &length, body, &length].concat()
    };
    let words =
        |words: &[u32]| words.iter().flat_map(|word| word.to_le_bytes()).collect::<Vec<u8>>();
    let mut file = block(0x0A0D_0D0A, &words(&[0x1A2B_3C4D, 1, u32::MAX, u32::MAX]));
    // An interface without packets, and the one that is used.
    file.extend(block(1, &words(&[147, 0])));
    file.extend(block(1, &words(&[link, 0])));
    for frame in frames {
        let length = frame.len() as u32;
        let mut body = words(&[1, 0, 0, length, length]);
        body.extend_from_slice(frame);
        body.resize(body.len().next_multiple_of(4), 0);
        file.extend(block(6, &body));
    }
    file
}

/// Returns a session with one error (a `size` of -1 in the up message), and the packets around it.
pub(super) fn session(version: u8) -> Connection {
    let properties: &[u8] = if version == 5 { &[2, 0x01, 1] } else { &[] };
    let mut connection = Connection::connected(version);
    connection.send(0, &publish(UP, properties, QUERY.as_bytes()));
    connection.send(1, &[0x40, 2, 0, 9]);
    let bad = r#"{"type":"create_upload_task","size":-1,"name":"a","md5sum":""}"#;
    connection.send(0, &publish(UP, properties, bad.as_bytes()));
    connection.send(1, &publish(DOWN, properties, br#"{"type":"download"}"#));
    connection.send(0, &[0xC0, 0]);
    connection.send(0, &publish("sensors/1", properties, b"21.5"));
    connection
}
