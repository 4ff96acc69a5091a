//! Parses Ethernet (including EtherType fields), LLC, MPLS and PPP.

use etherparse::{LaxMacsecPayloadSlice, LaxMacsecSlice};

use super::{
    layer::{Layer, Step, short},
    unread::Unread,
};

/// The smallest EtherType. A smaller value in the EtherType field is a length in bytes.
const LEAST_ETHER_TYPE: u16 = 0x600;

pub(super) fn frame(bytes: &[u8]) -> Option<Step<'_>> {
    let (number, rest) = (short(bytes, 12)?, bytes.get(14..)?);
    Some(Step::Next(if number < LEAST_ETHER_TYPE {
        Layer::Llc(rest.get(..number.into()).unwrap_or(rest))
    } else {
        Layer::EtherType(number, rest)
    }))
}

/// Returns the step to the layer after an EtherType field.
pub(super) fn typed(ether_type: u16, bytes: &[u8]) -> Option<Step<'_>> {
    let tag = |length: usize| {
        let number = short(bytes, length)?;
        let rest = bytes.get(length + 2..)?;
        Some(if number < LEAST_ETHER_TYPE {
            Layer::Llc(rest)
        } else {
            Layer::EtherType(number, rest)
        })
    };
    Some(Step::Next(match ether_type {
        0x0800 | 0x86DD => Layer::Ip(bytes),
        // VLAN tags, which may be nested: 802.1Q, 802.1ad and their predecessors.
        0x8100 | 0x88A8 | 0x9100 | 0x9200 => tag(2)?,
        // VN-Tag and E-Tag are longer than VLAN tags.
        0x8926 => tag(4)?,
        0x893F => tag(6)?,
        // Provider backbone bridges (802.1ah) and transparent Ethernet bridging.
        0x88E7 => Layer::Ethernet(bytes.get(4..)?),
        0x6558 => Layer::Ethernet(bytes),
        0x8847 | 0x8848 => Layer::Mpls(bytes),
        0x880B => Layer::Ppp(bytes),
        0x8864 => return point_to_point_over_ethernet(bytes),
        0x88E5 => return macsec(bytes),
        // Cisco metadata, FabricPath, batman-adv and NSH carry packets.
        0x8909 | 0x8903 | 0x4305 | 0x894F => {
            return Some(Step::Unread(Unread::EtherType(ether_type)));
        }
        _ => return Some(Step::Other),
    }))
}

fn point_to_point_over_ethernet(bytes: &[u8]) -> Option<Step<'_>> {
    const HEADER: usize = 6;
    let session = bytes.get(1).is_some_and(|code| *code == 0);
    let length = usize::from(short(bytes, 4)?);
    let rest = bytes.get(HEADER..)?;
    let rest = rest.get(..length).unwrap_or(rest);
    Some(if session { Step::Next(Layer::Ppp(rest)) } else { Step::Other })
}

fn macsec(bytes: &[u8]) -> Option<Step<'_>> {
    let macsec = LaxMacsecSlice::from_slice(bytes).ok()?;
    Some(match macsec.payload {
        LaxMacsecPayloadSlice::Unmodified(inner) => {
            Step::Next(Layer::EtherType(inner.ether_type.0, inner.payload))
        }
        LaxMacsecPayloadSlice::Modified { .. } => Step::Unread(Unread::EtherType(0x88E5)),
    })
}

pub(super) fn llc(bytes: &[u8]) -> Option<Step<'_>> {
    const BRIDGED: [u8; 3] = [0x00, 0x80, 0xC2];
    Some(match bytes {
        [0xAA, 0xAA, 3, rest @ ..] => {
            let (number, after) = (short(rest, 3)?, rest.get(5..)?);
            match rest.get(..3)? {
                [0, 0, 0 | 0xF8] => Step::Next(Layer::EtherType(number, after)),
                oui if oui == BRIDGED && number == 7 => Step::Next(Layer::Ethernet(after)),
                _ => Step::Other,
            }
        }
        [6, 6, 3, rest @ ..] | [0xFE, 0xFE, 3, 0xCC | 0x8E, rest @ ..] => {
            Step::Next(Layer::Ip(rest))
        }
        _ => Step::Other,
    })
}

/// Parses a stack of MPLS labels. Labels do not name the next layer, so the first bits of that
/// layer identify it.
pub(super) fn mpls(mut bytes: &[u8]) -> Option<Step<'_>> {
    const BOTTOM: u8 = 1;
    loop {
        let label = bytes.get(..4)?;
        bytes = &bytes[4..];
        if label[2] & BOTTOM != 0 {
            break;
        }
    }
    Some(match bytes.first()? >> 4 {
        4 | 6 if is_ip(bytes) => Step::Next(Layer::Ip(bytes)),
        // A control word precedes an Ethernet frame.
        0 if holds_ip_or_vlan(bytes.get(4..)?) => Step::Next(Layer::Ethernet(&bytes[4..])),
        _ if holds_ip_or_vlan(bytes) => Step::Next(Layer::Ethernet(bytes)),
        // These bits mark a maintenance channel.
        1 => Step::Other,
        _ => Step::Unread(Unread::Unknown("MPLS")),
    })
}

/// Returns whether `bytes` begins with an IP header rather than with the addresses of an Ethernet
/// frame.
fn is_ip(bytes: &[u8]) -> bool {
    match bytes {
        [0x45..=0x4F, _, length @ ..] => {
            let length = short(length, 0).map_or(0, usize::from);
            length == 0 || length >= 20 && (length <= bytes.len() || !holds_ip_or_vlan(bytes))
        }
        [0x60..=0x6F, ..] => !holds_ip_or_vlan(bytes),
        _ => false,
    }
}

fn holds_ip_or_vlan(frame: &[u8]) -> bool {
    matches!(short(frame, 12), Some(0x0800 | 0x86DD | 0x8100 | 0x88A8 | 0x0806))
}

pub(super) fn ppp(bytes: &[u8]) -> Option<Step<'_>> {
    let bytes = bytes.strip_prefix(&[0xFF, 3]).unwrap_or(bytes);
    // The first byte of the protocol number may be omitted if it is 0.
    let first = *bytes.first()?;
    let (protocol, rest) =
        if first & 1 == 1 { (first.into(), &bytes[1..]) } else { (short(bytes, 0)?, &bytes[2..]) };
    Some(match protocol {
        0x0021 | 0x0057 => Step::Next(Layer::Ip(rest)),
        0x0031 => {
            let is_ethernet = rest.get(1).is_some_and(|kind| *kind == 1);
            match rest.get(2..) {
                Some(frame) if is_ethernet => Step::Next(Layer::Ethernet(frame)),
                _ => Step::Unread(Unread::Ppp(protocol)),
            }
        }
        0x0281 | 0x0283 => Step::Next(Layer::Mpls(rest)),
        // These packets are compressed, encrypted or fragmented. Numbers from 0x4000 on do not
        // belong to network-layer packets.
        0x002D | 0x002F | 0x003D | 0x0053 | 0x0055 | 0x0061 | 0x0065 | 0x0067 | 0x0069 | 0x00FB
        | 0x00FD | 0x2063 | 0x2065 | 0x2067 | 0x2069 => Step::Unread(Unread::Ppp(protocol)),
        _ => Step::Other,
    })
}
