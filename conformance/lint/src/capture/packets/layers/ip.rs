//! Parses IP packets and the TCP segments in them.

use std::net::IpAddr;

use etherparse::{Ipv6ExtensionSlice, LaxIpSlice, TcpHeaderSlice};

use super::{
    layer::{Fragment, IpPayload, Layer, Segment, Step},
    unread::Unread,
};

/// The numbers of the IP protocols that are parsed.
pub(super) mod protocol {
    pub(in super::super) const IPV4: u8 = 4;
    pub(in super::super) const TCP: u8 = 6;
    pub(in super::super) const UDP: u8 = 17;
    pub(in super::super) const IPV6: u8 = 41;
    pub(in super::super) const GRE: u8 = 47;
    pub(in super::super) const IPIP: u8 = 94;
    pub(in super::super) const ETHERNET: u8 = 97;
    pub(in super::super) const MPLS: u8 = 137;
}

pub(super) const fn version(address: IpAddr) -> u8 {
    if address.is_ipv4() { 4 } else { 6 }
}

pub(super) fn packet(bytes: &[u8]) -> Option<Step<'_>> {
    let (ip, stopped) = LaxIpSlice::from_slice(bytes).ok()?;
    if stopped.is_some() {
        return None;
    }
    let (from, to) = (ip.source_addr(), ip.destination_addr());
    let payload = ip.payload();
    let protocol = payload.ip_number.0;
    let missing =
        if payload.incomplete { whole_length(&ip).saturating_sub(bytes.len()) } else { 0 };
    let payload = payload.payload;
    Some(match fragment(&ip) {
        None => {
            let bytes = payload;
            Step::Next(Layer::IpPayload(IpPayload { from, to, protocol, bytes, missing }))
        }
        Some((id, offset, is_last)) => Step::Fragment(Fragment {
            from,
            to,
            protocol,
            id,
            offset,
            is_last,
            bytes: payload,
            is_cut: missing > 0,
        }),
    })
}

/// Returns the length of the whole packet in bytes, according to its header.
fn whole_length(ip: &LaxIpSlice<'_>) -> usize {
    const HEADER: usize = 40;
    match ip {
        LaxIpSlice::Ipv4(ip) => ip.header().total_len().into(),
        LaxIpSlice::Ipv6(ip) => HEADER + usize::from(ip.header().payload_length()),
    }
}

/// Returns the identification of a fragment, its offset in units of 8 bytes, and whether it is the
/// last fragment. Returns `None` for a packet that is not fragmented.
fn fragment(ip: &LaxIpSlice<'_>) -> Option<(u32, u16, bool)> {
    match ip {
        LaxIpSlice::Ipv4(ip) => {
            let header = ip.header();
            header.is_fragmenting_payload().then(|| {
                let offset = header.fragments_offset().value();
                (header.identification().into(), offset, !header.more_fragments())
            })
        }
        LaxIpSlice::Ipv6(ip) => ip.extensions().clone().into_iter().find_map(|extension| {
            let Ipv6ExtensionSlice::Fragment(fragment) = extension else { return None };
            fragment.is_fragmenting_payload().then(|| {
                let offset = fragment.fragment_offset().value();
                (fragment.identification(), offset, !fragment.more_fragments())
            })
        }),
    }
}

/// Returns the step to the layer after an IP header, for all protocols except UDP.
pub(super) fn payload(payload: IpPayload<'_>) -> Option<Step<'_>> {
    let IpPayload { from, protocol, bytes, .. } = payload;
    Some(Step::Next(match protocol {
        protocol::TCP => return segment(payload).map(Step::Segment),
        protocol::IPV4 | protocol::IPV6 | protocol::IPIP => Layer::Ip(bytes),
        protocol::GRE => Layer::Gre(bytes),
        protocol::ETHERNET => Layer::Ethernet(bytes.get(2..)?),
        protocol::MPLS => Layer::Mpls(bytes),
        _ => {
            let unread = Unread::of_protocol(version(from), protocol);
            return Some(unread.map_or(Step::Other, Step::Unread));
        }
    }))
}

fn segment(payload: IpPayload<'_>) -> Option<Segment<'_>> {
    const FIXED: usize = 20;
    let IpPayload { from, to, bytes, missing, .. } = payload;
    // TCP options are ignored, so they may be cut off.
    let mut fixed: [u8; FIXED] = bytes.get(..FIXED)?.try_into().ok()?;
    let length = usize::from(fixed[12] >> 4) * 4;
    if length < FIXED {
        return None;
    }
    fixed[12] = fixed[12] & 0x0F | 5 << 4;
    let tcp = TcpHeaderSlice::from_slice(&fixed).ok()?;
    let cut_of_header = length.saturating_sub(bytes.len());
    Some(Segment {
        from: (from, tcp.source_port()).into(),
        to: (to, tcp.destination_port()).into(),
        sequence: tcp.sequence_number(),
        acknowledged: tcp.ack().then(|| tcp.acknowledgment_number()),
        begins: tcp.syn(),
        ends: tcp.fin(),
        resets: tcp.rst(),
        bytes: bytes.get(length..).unwrap_or_default(),
        missing: missing.saturating_sub(cut_of_header),
    })
}
