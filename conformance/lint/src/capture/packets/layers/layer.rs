//! The types for the layers, fragments and segments in a packet.

use std::net::{IpAddr, SocketAddr};

use super::unread::Unread;

/// The rest of a packet, classified by the header at its beginning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Layer<'a> {
    Ethernet(&'a [u8]),
    /// The bytes after a field with this EtherType.
    EtherType(u16, &'a [u8]),
    Llc(&'a [u8]),
    Ppp(&'a [u8]),
    Mpls(&'a [u8]),
    Wireless(&'a [u8]),
    /// An IPv4 or IPv6 packet. The first byte contains the version.
    Ip(&'a [u8]),
    IpPayload(IpPayload<'a>),
    Gre(&'a [u8]),
}

/// The payload of an IP packet, reassembled if it was fragmented.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct IpPayload<'a> {
    pub(super) from: IpAddr,
    pub(super) to: IpAddr,
    /// The number of the IP protocol, for example 6 for TCP.
    pub(super) protocol: u8,
    pub(super) bytes: &'a [u8],
    /// The number of bytes after `bytes` that were sent but not recorded.
    pub(super) missing: usize,
}

/// A fragment of an IP payload, with the values that reassembly needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Fragment<'a> {
    pub(super) from: IpAddr,
    pub(super) to: IpAddr,
    pub(super) protocol: u8,
    pub(super) id: u32,
    /// The offset of the bytes in the payload, in units of 8 bytes.
    pub(super) offset: u16,
    pub(super) is_last: bool,
    pub(super) bytes: &'a [u8],
    pub(super) is_cut: bool,
}

/// A TCP segment, which contains a part of the data that one end of a connection sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) struct Segment<'a> {
    pub(in super::super) from: SocketAddr,
    pub(in super::super) to: SocketAddr,
    pub(in super::super) sequence: u32,
    /// The acknowledgement number, or `None` if the segment has none. The sender of the segment has
    /// received all data before this number.
    pub(in super::super) acknowledged: Option<u32>,
    pub(in super::super) begins: bool,
    pub(in super::super) ends: bool,
    pub(in super::super) resets: bool,
    pub(in super::super) bytes: &'a [u8],
    /// The number of bytes after `bytes` that were sent but not recorded.
    pub(in super::super) missing: usize,
}

/// The result of parsing one header. For an incomplete or invalid header, the parsers return
/// `None`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step<'a> {
    Next(Layer<'a>),
    /// Several frames in one packet.
    Frames(Vec<Layer<'a>>),
    Fragment(Fragment<'a>),
    Segment(Segment<'a>),
    /// Traffic that contains no TCP.
    Other,
    Unread(Unread),
}

/// Returns the number in the two bytes at `at`, in network byte order, or `None` if `bytes` is too
/// short.
pub(super) fn short(bytes: &[u8], at: usize) -> Option<u16> {
    let bytes = bytes.get(at..at.checked_add(2)?)?;
    Some(u16::from_be_bytes([bytes[0], bytes[1]]))
}
