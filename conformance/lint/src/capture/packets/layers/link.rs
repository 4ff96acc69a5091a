//! Parses the first header of a packet, according to the link type of its interface.

use super::{
    layer::{Layer, Step, short},
    unread::Unread,
};

/// Parses the first header of `packet`. For the numbers of the link types, see
/// <https://www.tcpdump.org/linktypes.html>.
pub(super) fn begin(link: Option<u16>, packet: &[u8]) -> Option<Step<'_>> {
    let Some(link) = link else { return Some(Step::Unread(Unread::Interface)) };
    let layer = match link {
        // BSD loopback: an address family, then IP.
        0 | 108 => Layer::Ip(packet.get(4..)?),
        1 => Layer::Ethernet(packet),
        9 | 50 => Layer::Ppp(packet),
        // A PPPoE header comes first.
        51 => Layer::EtherType(0x8864, packet),
        // Raw IP has several link types.
        12 | 14 | 101 | 228 | 229 => Layer::Ip(packet),
        // Cisco HDLC: an address, a control byte, and an EtherType. One variant begins with the
        // direction.
        104 => Layer::EtherType(short(packet, 2)?, packet.get(4..)?),
        205 => Layer::EtherType(short(packet, 3)?, packet.get(5..)?),
        105 => Layer::Wireless(packet),
        113 => return cooked(short(packet, 2)?, short(packet, 14)?, packet.get(16..)?),
        276 => return cooked(short(packet, 8)?, short(packet, 0)?, packet.get(20..)?),
        // Older drivers write Prism and AVS headers.
        119 => Layer::Wireless(packet.get(144..)?),
        163 => Layer::Wireless(packet.get(usize::from(short(packet, 6)?)..)?),
        127 => return radiotap(packet),
        138 => Layer::EtherType(short(packet, 16)?, packet.get(18..)?),
        // PPP after a byte with the direction.
        166 | 204 => Layer::Ppp(packet.get(1..)?),
        219 => Layer::Mpls(packet),
        239 => return netfilter_log(packet),
        _ => return Some(Step::Unread(Unread::Link(link))),
    };
    Some(Step::Next(layer))
}

/// Parses a Linux cooked capture of either version, for example from `tcpdump -i any`.
fn cooked(hardware: u16, protocol: u16, bytes: &[u8]) -> Option<Step<'_>> {
    const WIRELESS: u16 = 801;
    const WIRELESS_RADIOTAP: u16 = 803;
    const LLC: u16 = 4;
    match (hardware, protocol) {
        (WIRELESS, _) => Some(Step::Next(Layer::Wireless(bytes))),
        (WIRELESS_RADIOTAP, _) => radiotap(bytes),
        (_, LLC) => Some(Step::Next(Layer::Llc(bytes))),
        // Linux uses other numbers below 0x600, for example for CAN.
        (_, ..0x600) => Some(Step::Other),
        _ => Some(Step::Next(Layer::EtherType(protocol, bytes))),
    }
}

/// Parses the radiotap header that the driver puts before a wireless frame.
fn radiotap(packet: &[u8]) -> Option<Step<'_>> {
    const TIMER: u32 = 1;
    const FLAGS: u32 = 1 << 1;
    const MORE: u32 = 1 << 31;
    const PADDED: u8 = 0x20;
    const DAMAGED: u8 = 0x40;
    let word = |at: usize| {
        let word = packet.get(at..at + 4)?;
        Some(u32::from_le_bytes([word[0], word[1], word[2], word[3]]))
    };
    let length = packet.get(2..4)?;
    let length = usize::from(u16::from_le_bytes([length[0], length[1]]));
    let frame = packet.get(length..)?;
    let present = word(4)?;
    let mut at = 4;
    while word(at)? & MORE != 0 {
        at += 4;
    }
    at += 4;
    if present & TIMER != 0 {
        at = at.next_multiple_of(8) + 8;
    }
    let flags = if present & FLAGS != 0 { *packet.get(at)? } else { 0 };
    // A frame with a wrong checksum is ignored, because its sender sends it again.
    if flags & DAMAGED != 0 {
        return Some(Step::Other);
    }
    if flags & PADDED != 0 {
        return Some(Step::Unread(Unread::Wireless("frames with padding after their header")));
    }
    Some(Step::Next(Layer::Wireless(frame)))
}

/// Parses a netfilter log, which contains an address family and then fields. One field contains the
/// packet, beginning with the IP header.
fn netfilter_log(packet: &[u8]) -> Option<Step<'_>> {
    const PACKET: u16 = 9;
    let mut at = 4;
    loop {
        let field = packet.get(at..at + 4)?;
        let length = usize::from(u16::from_le_bytes([field[0], field[1]]));
        let kind = u16::from_le_bytes([field[2], field[3]]);
        if length < 4 {
            return None;
        }
        if kind == PACKET {
            let end = packet.len().min(at + length);
            return Some(Step::Next(Layer::Ip(&packet[at + 4..end])));
        }
        at += length.next_multiple_of(4);
    }
}
