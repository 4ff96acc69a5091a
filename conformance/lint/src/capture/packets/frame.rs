//! A packet to the TCP segment in it.

use std::net::{IpAddr, SocketAddr};

use etherparse::{EtherType, LaxNetSlice, LaxSlicedPacket, TransportSlice};

/// A part of one direction of a TCP connection.
#[derive(Clone, Copy, Debug)]
pub(super) struct Segment<'a> {
    pub(super) from: SocketAddr,
    pub(super) to: SocketAddr,
    pub(super) sequence: u32,
    /// Up to where the sender has received.
    pub(super) acknowledged: Option<u32>,
    pub(super) begins: bool,
    pub(super) ends: bool,
    pub(super) resets: bool,
    pub(super) bytes: &'a [u8],
}

/// Nothing where it is none, or an IP fragment.
pub(super) fn segment(link: i32, packet: &[u8]) -> Option<Segment<'_>> {
    let sliced = slice(link, packet)?;
    let (from, to): (IpAddr, IpAddr) = match sliced.net? {
        LaxNetSlice::Ipv4(ip) if !ip.is_payload_fragmented() => {
            (ip.header().source_addr().into(), ip.header().destination_addr().into())
        }
        LaxNetSlice::Ipv6(ip) if !ip.is_payload_fragmented() => {
            (ip.header().source_addr().into(), ip.header().destination_addr().into())
        }
        _ => return None,
    };
    let TransportSlice::Tcp(tcp) = sliced.transport? else { return None };
    Some(Segment {
        from: (from, tcp.source_port()).into(),
        to: (to, tcp.destination_port()).into(),
        sequence: tcp.sequence_number(),
        acknowledged: tcp.ack().then(|| tcp.acknowledgment_number()),
        begins: tcp.syn(),
        ends: tcp.fin() || tcp.rst(),
        resets: tcp.rst(),
        bytes: tcp.payload(),
    })
}

/// The numbers are those of <https://www.tcpdump.org/linktypes.html>.
fn slice(link: i32, packet: &[u8]) -> Option<LaxSlicedPacket<'_>> {
    let of_type = |at: usize, header: usize| {
        let ether_type = packet.get(at..at + 2)?;
        let ether_type = EtherType(u16::from_be_bytes([ether_type[0], ether_type[1]]));
        Some(LaxSlicedPacket::from_ether_type(ether_type, packet.get(header..)?))
    };
    match link {
        // BSD loopback: a family, then IP.
        0 | 108 => LaxSlicedPacket::from_ip(packet.get(4..)?).ok(),
        1 => LaxSlicedPacket::from_ethernet(packet).ok(),
        // Raw IP, under all its names.
        12 | 14 | 101 | 228 | 229 => LaxSlicedPacket::from_ip(packet).ok(),
        // Linux cooked, both versions: `tcpdump -i any`.
        113 => of_type(14, 16),
        276 => of_type(0, 20),
        _ => None,
    }
}
