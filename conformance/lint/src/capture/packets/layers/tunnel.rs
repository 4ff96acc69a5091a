//! Parses tunnels over GRE and UDP.

use super::{
    layer::{IpPayload, Layer, Step, short},
    unread::Unread,
};

/// Parses generic routing encapsulation (GRE), including the version that PPTP uses.
pub(super) fn gre(bytes: &[u8]) -> Option<Step<'_>> {
    const CHECKSUM: u8 = 0x80;
    const ROUTING: u8 = 0x40;
    const KEY: u8 = 0x20;
    const SEQUENCE: u8 = 0x10;
    const ACKNOWLEDGEMENT: u8 = 0x80;
    const ERSPAN_1_OR_2: u16 = 0x88BE;
    const ERSPAN_3: u16 = 0x22EB;
    const WCCP: u16 = 0x883E;

    let (&flags, &more) = (bytes.first()?, bytes.get(1)?);
    let protocol = short(bytes, 2)?;
    let mut length = 4;
    match more & 7 {
        0 => {
            for option in [CHECKSUM | ROUTING, KEY, SEQUENCE] {
                length += if flags & option != 0 { 4 } else { 0 };
            }
            if flags & ROUTING != 0 {
                return Some(Step::Unread(Unread::Unknown("GRE with a route")));
            }
        }
        1 => {
            length += 4;
            length += if flags & SEQUENCE != 0 { 4 } else { 0 };
            length += if more & ACKNOWLEDGEMENT != 0 { 4 } else { 0 };
        }
        _ => return Some(Step::Unread(Unread::Unknown("GRE"))),
    }
    let rest = bytes.get(length..)?;
    Some(Step::Next(match protocol {
        // This is a keep-alive, or a PPTP packet with only an acknowledgement.
        0 => return Some(Step::Other),
        0x880B if rest.is_empty() => return Some(Step::Other),
        // The first version of ERSPAN has neither a sequence number nor a header.
        ERSPAN_1_OR_2 if flags & SEQUENCE == 0 => Layer::Ethernet(rest),
        ERSPAN_1_OR_2 => Layer::Ethernet(rest.get(8..)?),
        ERSPAN_3 => return erspan_3(rest),
        // WCCP redirects traffic. Its second version has a header before the IP header.
        WCCP if rest.first()? >> 4 == 4 => Layer::Ip(rest),
        WCCP => Layer::Ip(rest.get(4..)?),
        0x0800 | 0x86DD | 0x6558 | 0x8847 | 0x8848 | 0x8100 | 0x88A8 | 0x880B | 0x88E5 => {
            Layer::EtherType(protocol, rest)
        }
        // Link layer discovery and similar protocols contain no packets.
        0x0806 | 0x88CC | 0x2001 => return Some(Step::Other),
        _ => return Some(Step::Unread(Unread::Gre(protocol))),
    }))
}

fn erspan_3(bytes: &[u8]) -> Option<Step<'_>> {
    const HEADER: usize = 12;
    const SUB_HEADER: usize = 8;
    let last = short(bytes, 10)?;
    let length = if last & 1 == 1 { HEADER + SUB_HEADER } else { HEADER };
    let frame = bytes.get(length..)?;
    Some(match last >> 10 & 0x1F {
        0 => Step::Next(Layer::Ethernet(frame)),
        2 => Step::Next(Layer::Ip(frame)),
        _ => Step::Unread(Unread::Unknown("ERSPAN")),
    })
}

/// Returns whether datagrams to this port belong to a tunnel.
pub(super) const fn is_tunnel(port: u16) -> bool {
    matches!(
        port,
        VXLAN | VXLAN_OF_LINUX | VXLAN_GPE | GENEVE | GRE_PORT | MPLS | TZSP | GTP | L2TP
    )
}

const VXLAN: u16 = 4789;
const VXLAN_OF_LINUX: u16 = 8472;
const VXLAN_GPE: u16 = 4790;
const GENEVE: u16 = 6081;
const GRE_PORT: u16 = 4754;
const MPLS: u16 = 6635;
const TZSP: u16 = 37_008;
const GTP: u16 = 2152;
const L2TP: u16 = 1701;
const ESP: u16 = 4500;

/// Parses a datagram according to its port. Returns [`Step::Other`] if the bytes do not match the
/// protocol of that port.
pub(super) fn udp(payload: IpPayload<'_>) -> Step<'_> {
    tunnelled(payload).unwrap_or(Step::Other)
}

fn tunnelled(payload: IpPayload<'_>) -> Option<Step<'_>> {
    const HEADER: usize = 8;
    let ports = (short(payload.bytes, 0)?, short(payload.bytes, 2)?);
    let bytes = payload.bytes.get(HEADER..)?;
    let layer = match ports.1 {
        VXLAN | VXLAN_OF_LINUX => vxlan(bytes),
        VXLAN_GPE => vxlan_gpe(bytes),
        GENEVE => geneve(bytes),
        GRE_PORT => Some(Layer::Gre(bytes)),
        MPLS => Some(Layer::Mpls(bytes)),
        TZSP => tzsp(bytes),
        GTP => gtp(bytes),
        L2TP => return l2tp(bytes),
        _ if ports.0 == ESP || ports.1 == ESP => return Some(esp(bytes)),
        _ => None,
    };
    layer.map(Step::Next)
}

fn vxlan(bytes: &[u8]) -> Option<Layer<'_>> {
    const WITH_NETWORK: u8 = 0x08;
    let is_vxlan = bytes.first()? & WITH_NETWORK != 0 && *bytes.get(7)? == 0;
    is_vxlan.then_some(Layer::Ethernet(bytes.get(8..)?))
}

fn vxlan_gpe(bytes: &[u8]) -> Option<Layer<'_>> {
    let rest = bytes.get(8..)?;
    match bytes[3] {
        1 | 2 => Some(Layer::Ip(rest)),
        3 => Some(Layer::Ethernet(rest)),
        5 => Some(Layer::Mpls(rest)),
        _ => None,
    }
}

fn geneve(bytes: &[u8]) -> Option<Layer<'_>> {
    const VERSION: u8 = 0xC0;
    let first = *bytes.first()?;
    if first & VERSION != 0 {
        return None;
    }
    let length = 8 + usize::from(first) * 4;
    Some(Layer::EtherType(short(bytes, 2)?, bytes.get(length..)?))
}

/// Parses TZSP, the format in which wireless routers send frames to an analyser. A TZSP datagram
/// contains fields and then a frame.
fn tzsp(bytes: &[u8]) -> Option<Layer<'_>> {
    const PADDING: u8 = 0;
    const END: u8 = 1;
    let (protocol, mut at) = (short(bytes, 2)?, 4);
    loop {
        match *bytes.get(at)? {
            PADDING => at += 1,
            END => break,
            _ => at += 2 + usize::from(*bytes.get(at + 1)?),
        }
    }
    let frame = bytes.get(at + 1..)?;
    match protocol {
        1 => Some(Layer::Ethernet(frame)),
        18 => Some(Layer::Wireless(frame)),
        _ => None,
    }
}

/// Parses the GPRS tunnelling protocol (GTP), which carries the packets of devices in a mobile
/// network.
fn gtp(bytes: &[u8]) -> Option<Layer<'_>> {
    const VERSION_1: u8 = 0x30;
    const PACKET: u8 = 255;
    const EXTENDED: u8 = 4;
    let first = *bytes.first()?;
    if first & 0xF0 != VERSION_1 || *bytes.get(1)? != PACKET {
        return None;
    }
    let mut at = 8;
    if first & 7 != 0 {
        let mut next = *bytes.get(11)?;
        at = 12;
        while first & EXTENDED != 0 && next != 0 {
            let length = usize::from(*bytes.get(at)?) * 4;
            if length == 0 {
                return None;
            }
            at += length;
            next = *bytes.get(at - 1)?;
        }
    }
    Some(Layer::Ip(bytes.get(at..)?))
}

fn l2tp(bytes: &[u8]) -> Option<Step<'_>> {
    const CONTROL: u8 = 0x80;
    const LENGTH: u8 = 0x40;
    const SEQUENCE: u8 = 0x08;
    const OFFSET: u8 = 0x02;
    let (first, version) = (*bytes.first()?, *bytes.get(1)? & 0x0F);
    match version {
        2 if first & CONTROL == 0 => {
            let mut at = 6;
            at += if first & LENGTH != 0 { 2 } else { 0 };
            at += if first & SEQUENCE != 0 { 4 } else { 0 };
            if first & OFFSET != 0 {
                at += 2 + usize::from(short(bytes, at)?);
            }
            Some(Step::Next(Layer::Ppp(bytes.get(at..)?)))
        }
        3 if first & CONTROL == 0 => Some(Step::Unread(Unread::Udp("L2TPv3"))),
        _ => None,
    }
}

/// Parses ESP over UDP, which address translation requires. A datagram that begins with four zero
/// bytes is a key exchange. A single byte is a keep-alive.
fn esp(bytes: &[u8]) -> Step<'_> {
    match bytes {
        [_, _, _, _, ..] if !bytes.starts_with(&[0; 4]) => {
            Step::Unread(Unread::Udp("ESP over UDP"))
        }
        _ => Step::Other,
    }
}
