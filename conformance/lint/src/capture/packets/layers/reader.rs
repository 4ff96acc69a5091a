//! Follows the headers of a packet from layer to layer.

use super::{
    super::file::Packet,
    ethernet,
    fragments::Fragments,
    ip::{self, protocol},
    layer::{IpPayload, Layer, Segment, Step},
    link, tunnel,
    unread::{Counts, NotRead, Unread},
    wireless,
};

/// The maximum number of headers around a TCP segment.
const DEEPEST: usize = 32;

/// A parser that removes the headers of packets and counts the packets that it cannot read.
#[derive(Debug, Default)]
pub(in super::super) struct Layers {
    fragments: Fragments,
    unread: Counts,
}

/// The packet that is being read, and the receiver of its segments.
struct Reading<'r> {
    number: usize,
    is_cut: bool,
    take: &'r mut dyn FnMut(&Segment<'_>),
}

impl Layers {
    /// Calls `take` with each segment of a packet. A packet may contain several segments, because
    /// some links and tunnels put several frames into one packet.
    pub(in super::super) fn packet(
        &mut self,
        packet: &Packet<'_>,
        take: &mut dyn FnMut(&Segment<'_>),
    ) {
        let mut reading = Reading { number: packet.number, is_cut: packet.is_cut, take };
        let step = link::begin(packet.link, packet.bytes);
        self.go_on(step, DEEPEST, &mut reading);
    }

    /// Counts the fragments of incomplete packets that may contain TCP as unread at the end of the
    /// capture.
    pub(in super::super) fn end(&mut self) {
        self.fragments.end(&mut self.unread);
    }

    pub(in super::super) fn not_read(&self) -> Option<NotRead> {
        self.unread.not_read()
    }

    fn go_on(&mut self, mut step: Option<Step<'_>>, deepest: usize, reading: &mut Reading<'_>) {
        for depth in (0..deepest).rev() {
            let layer = match step {
                Some(Step::Next(layer)) => layer,
                Some(Step::Other) => return,
                Some(Step::Segment(segment)) => return (reading.take)(&segment),
                Some(Step::Unread(kind)) => return self.unread.add(reading.number, kind, 1),
                Some(Step::Frames(frames)) => {
                    for frame in frames {
                        self.go_on(Some(Step::Next(frame)), depth, reading);
                    }
                    return;
                }
                Some(Step::Fragment(fragment)) => {
                    let number = reading.number;
                    let whole = self.fragments.take(number, &fragment, &mut self.unread);
                    let Some(bytes) = whole else { return };
                    let payload = IpPayload {
                        from: fragment.from,
                        to: fragment.to,
                        protocol: fragment.protocol,
                        bytes: &bytes,
                        missing: 0,
                    };
                    let next = Some(Step::Next(Layer::IpPayload(payload)));
                    return self.go_on(next, depth, reading);
                }
                None => {
                    let kind = if reading.is_cut { Unread::Cut } else { Unread::Garbled };
                    return self.unread.add(reading.number, kind, 1);
                }
            };
            step = match layer {
                Layer::Ethernet(bytes) => ethernet::frame(bytes),
                Layer::EtherType(ether_type, bytes) => ethernet::typed(ether_type, bytes),
                Layer::Llc(bytes) => ethernet::llc(bytes),
                Layer::Ppp(bytes) => ethernet::ppp(bytes),
                Layer::Mpls(bytes) => ethernet::mpls(bytes),
                Layer::Wireless(bytes) => wireless::frame(bytes),
                Layer::Ip(bytes) => ip::packet(bytes),
                Layer::IpPayload(payload) if payload.protocol == protocol::UDP => {
                    Some(tunnel::udp(payload))
                }
                Layer::IpPayload(payload) => ip::payload(payload),
                Layer::Gre(bytes) => tunnel::gre(bytes),
            };
        }
        self.unread.add(reading.number, Unread::TooDeep, 1);
    }
}
