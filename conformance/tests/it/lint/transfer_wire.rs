//! Packets of several TCP connections, in the order in which they are sent.

use std::collections::BTreeMap;

use etherparse::{PacketBuilder, TcpHeader};

/// The side of a connection that opened it.
pub(super) const CLIENT: usize = 0;
pub(super) const SERVER: usize = 1;

/// A capture under construction. Connections are identified by the port of the client.
#[derive(Default)]
pub(super) struct Wire {
    frames: Vec<Vec<u8>>,
    connections: BTreeMap<u16, Tcp>,
}

struct Tcp {
    server_port: u16,
    /// The next sequence numbers of the client and of the server.
    next: [u32; 2],
}

impl Wire {
    /// Opens a connection.
    pub(super) fn open(&mut self, client_port: u16, server_port: u16) {
        let tcp = Tcp { server_port, next: [u32::MAX - 100, 7] };
        self.connections.insert(client_port, tcp);
        self.segment(client_port, CLIENT, |tcp| tcp.syn = true, &[]);
        self.advance(client_port, CLIENT, 1);
        self.segment(client_port, SERVER, |tcp| (tcp.syn, tcp.ack) = (true, true), &[]);
        self.advance(client_port, SERVER, 1);
    }

    /// Sends bytes in segments of a typical size.
    pub(super) fn send(&mut self, client_port: u16, sender: usize, bytes: &[u8]) {
        for part in bytes.chunks(1400) {
            self.segment(client_port, sender, |tcp| tcp.ack = true, part);
            self.advance(client_port, sender, part.len());
        }
    }

    /// Sends bytes that are not recorded.
    pub(super) fn lose(&mut self, client_port: u16, sender: usize, count: usize) {
        self.advance(client_port, sender, count);
    }

    /// Ends the direction.
    pub(super) fn finish(&mut self, client_port: u16, sender: usize) {
        self.segment(client_port, sender, |tcp| (tcp.fin, tcp.ack) = (true, true), &[]);
        self.advance(client_port, sender, 1);
    }

    /// Returns the number of packets.
    pub(super) fn count(&self) -> usize {
        self.frames.len()
    }

    pub(super) fn pcap(&self) -> Vec<u8> {
        const ETHERNET: u32 = 1;
        let mut file = [0xA1B2_C3D4_u32, 0x0004_0002, 0, 0, 0x4_0000, ETHERNET]
            .iter()
            .flat_map(|word| word.to_le_bytes())
            .collect::<Vec<u8>>();
        for frame in &self.frames {
            record(frame, &mut file);
        }
        file
    }

    /// Returns the packets that were sent since the last call, in the form of a file without its
    /// header.
    pub(super) fn take_packets(&mut self) -> Vec<u8> {
        let mut packets = Vec::new();
        for frame in self.frames.drain(..) {
            record(&frame, &mut packets);
        }
        packets
    }

    fn advance(&mut self, client_port: u16, sender: usize, count: usize) {
        let tcp = self.connections.get_mut(&client_port).expect("it is open");
        tcp.next[sender] = tcp.next[sender].wrapping_add(count as u32);
    }

    fn segment(
        &mut self,
        client_port: u16,
        sender: usize,
        flags: impl FnOnce(&mut TcpHeader),
        bytes: &[u8],
    ) {
        let tcp = &self.connections[&client_port];
        let (mut ports, mut hosts) =
            ([client_port, tcp.server_port], [[10, 0, 0, 1], [10, 0, 0, 2]]);
        if sender == SERVER {
            ports.reverse();
            hosts.reverse();
        }
        let mut header = TcpHeader::new(ports[0], ports[1], tcp.next[sender], 1000);
        header.acknowledgment_number = tcp.next[1 - sender];
        flags(&mut header);
        let builder = PacketBuilder::ethernet2([2; 6], [4; 6]).ipv4(hosts[0], hosts[1], 64);
        let mut frame = Vec::new();
        builder.tcp_header(header).write(&mut frame, bytes).expect("it fits");
        self.frames.push(frame);
    }
}

fn record(frame: &[u8], file: &mut Vec<u8>) {
    let length = frame.len() as u32;
    file.extend([0, 0, length, length].iter().flat_map(|word| word.to_le_bytes()));
    file.extend_from_slice(frame);
}
