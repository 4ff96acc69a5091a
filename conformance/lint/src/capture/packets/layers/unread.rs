//! Counts the packets that may contain TCP but cannot be read.

use std::{collections::BTreeMap, fmt};

/// The reason why a packet was not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Unread {
    /// The link type with this `LINKTYPE` value is not supported.
    Link(u16),
    /// A pcapng block names an interface that the file does not describe.
    Interface,
    EtherType(u16),
    Ppp(u16),
    Gre(u16),
    Udp(&'static str),
    /// The IP version (4 or 6) and the number of an IP protocol that cannot be read.
    Ip(u8, u8),
    Fragments(u8),
    Wireless(&'static str),
    /// A link, tunnel or label stack whose next layer is unknown.
    Unknown(&'static str),
    TooDeep,
    /// The snapshot length cut the packet off before the end of its TCP header.
    Cut,
    Garbled,
}

/// Returns the name of an unsupported IP protocol that carries or encrypts other packets, or `None`
/// for other protocols.
const fn protocol_name(protocol: u8) -> Option<&'static str> {
    Some(match protocol {
        50 => "ESP",
        99 => "a private encryption scheme (IP protocol 99)",
        108 => "IPComp",
        115 => "L2TPv3",
        _ => return None,
    })
}

impl Unread {
    /// Returns the reason why packets of an unsupported IP protocol cannot be read, or `None` if
    /// that protocol carries no TCP.
    pub(super) const fn of_protocol(version: u8, protocol: u8) -> Option<Self> {
        if protocol_name(protocol).is_some() { Some(Self::Ip(version, protocol)) } else { None }
    }
}

/// Writes the words after the number of packets, for example `of link type 147`.
impl fmt::Display for Unread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Link(link) => write!(f, "of link type {link}"),
            Self::Interface => f.write_str("of an interface that the file does not describe"),
            Self::EtherType(number) => write!(f, "of EtherType 0x{number:04x}"),
            Self::Ppp(number) => write!(f, "of PPP protocol 0x{number:04x}"),
            Self::Gre(number) => write!(f, "in GRE of protocol 0x{number:04x}"),
            Self::Udp(tunnel) => write!(f, "in {tunnel}"),
            Self::Ip(version, protocol) => match protocol_name(protocol) {
                Some(name) => write!(f, "IPv{version} in {name}"),
                None => write!(f, "IPv{version} of protocol {protocol}"),
            },
            Self::Fragments(version) => {
                write!(f, "IPv{version} fragments of incomplete packets")
            }
            Self::Wireless(what) => write!(f, "802.11 {what}"),
            Self::Unknown(what) => write!(f, "of an unknown kind in {what}"),
            Self::TooDeep => f.write_str("with too many layers"),
            Self::Cut => f.write_str("cut off inside their headers (snapshot length)"),
            Self::Garbled => f.write_str("with invalid headers"),
        }
    }
}

/// The number of unread packets of each kind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    counts: BTreeMap<Unread, usize>,
    total: usize,
    /// The position of the first unread packet in the capture, starting at 1.
    first: usize,
}

impl Counts {
    /// The maximum number of kinds that are counted separately.
    const MOST: usize = 100;

    pub(super) fn add(&mut self, number: usize, kind: Unread, packets: usize) {
        if self.total == 0 || number < self.first {
            self.first = number;
        }
        self.total += packets;
        if self.counts.len() < Self::MOST || self.counts.contains_key(&kind) {
            *self.counts.entry(kind).or_default() += packets;
        }
    }

    pub(super) fn not_read(&self) -> Option<NotRead> {
        let mut kinds: Vec<_> = self.counts.iter().collect();
        kinds.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
        let mut kinds: Vec<String> =
            kinds.into_iter().map(|(kind, count)| format!("{count} {kind}")).collect();
        let told: usize = self.counts.values().sum();
        if told < self.total {
            kinds.push(format!("{} of other kinds", self.total - told));
        }
        (self.total > 0).then_some(NotRead { total: self.total, first: self.first, kinds })
    }
}

/// The packets of a capture that may contain TCP but could not be read.
///
/// Packets that certainly contain no TCP, such as ARP or DNS, are not counted.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct NotRead {
    /// The number of packets that may contain TCP but could not be read.
    pub total: usize,
    /// The position of the first unread packet in the capture, starting at 1.
    pub first: usize,
    /// The number of packets of each kind, for example `12 of link type 147`. The most frequent
    /// kind is first.
    pub kinds: Vec<String>,
}

/// Writes a text such as `17 packets not read: 12 of link type 147, 5 IPv6 in ESP`.
impl fmt::Display for NotRead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { total, kinds, .. } = self;
        let packets = if *total == 1 { "packet" } else { "packets" };
        write!(f, "{total} {packets} not read: {}", kinds.join(", "))
    }
}
