//! Reads the packets of a pcap or pcapng file.

use std::{
    io::{self, Cursor, Read},
    mem,
};

use pcap_parser::{
    Block, LegacyPcapReader, PcapBlockOwned, PcapError, PcapNGReader, UnknownBlock,
    traits::PcapReaderIterator,
};

/// The first byte of a section header, with which a pcapng file begins.
const PCAPNG: u8 = 0x0A;
/// The initial size in bytes of the buffer for the content of a file.
const BUFFER: usize = 1 << 17;
/// The maximum size of a packet in bytes, including its block header. The packets of real networks
/// are much smaller.
const LARGEST: usize = 1 << 20;
/// The maximum number of interfaces that are remembered.
const MOST_INTERFACES: usize = 1 << 10;

/// Returns whether a file that begins with `head` is a packet capture. The function reads only the
/// first four bytes of `head`.
#[must_use]
pub fn holds_packets(head: &[u8]) -> bool {
    matches!(
        head,
        [0xA1, 0xB2, 0xC3, 0xD4, ..]
            | [0xD4, 0xC3, 0xB2, 0xA1, ..]
            | [0xA1, 0xB2, 0x3C, 0x4D, ..]
            | [0x4D, 0x3C, 0xB2, 0xA1, ..]
            // Patched versions of libpcap write this format.
            | [0x34, 0xCD, 0xB2, 0xA1, ..]
            | [0x0A, 0x0D, 0x0D, 0x0A, ..]
    )
}

/// One packet of a capture file. The end of the packet may be missing (see
/// [`is_cut`](Self::is_cut)).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Packet<'a> {
    /// The number of the packet, starting at 1.
    pub number: usize,
    /// The link type of the interface: a `LINKTYPE` value, or `None` if the file does not describe
    /// the interface.
    pub link: Option<u16>,
    /// The recorded bytes, beginning with the header of the link layer.
    pub bytes: &'a [u8],
    /// Whether the packet was longer than its recorded part.
    pub is_cut: bool,
}

/// The reason why there is no next packet.
#[derive(Debug)]
#[allow(clippy::exhaustive_enums, reason = "there is no other reason")]
pub enum NoPacket {
    /// Reading the file failed.
    Io(io::Error),
    /// The file ends in the middle of a packet.
    Cut,
    /// The next bytes are not a packet.
    Garbled,
}

/// A reader of the packets in a pcap or pcapng file.
pub struct Packets<'r> {
    reader: Box<dyn PcapReaderIterator + Send + 'r>,
    interfaces: Vec<Interface>,
    number: usize,
    /// The number of buffered bytes that belong to the packet that was returned last.
    used: usize,
}

impl<'r> Packets<'r> {
    /// Creates a reader of the packets in a file for which [`holds_packets`] returns `true`.
    ///
    /// # Errors
    ///
    /// Returns an error if the file cannot be read or does not begin like a pcap or pcapng file.
    pub fn new(reader: impl Read + Send + 'r) -> Result<Self, NoPacket> {
        let mut reader = reader;
        let head = header(&mut reader)?;
        let is_pcapng = head.first() == Some(&PCAPNG);
        // The parser reads once before it parses. The separate header lets it parse without waiting
        // for the bytes that follow.
        let reader = Cursor::new(head).chain(reader);
        let error = |error: PcapError<&[u8]>| no_packet(&error);
        let reader: Box<dyn PcapReaderIterator + Send + 'r> = if is_pcapng {
            Box::new(PcapNGReader::new(BUFFER, reader).map_err(error)?)
        } else {
            Box::new(LegacyPcapReader::new(BUFFER, reader).map_err(error)?)
        };
        Ok(Self { reader, interfaces: Vec::new(), number: 0, used: 0 })
    }

    /// Returns the next packet, or `None` at the end of the file.
    ///
    /// # Errors
    ///
    /// Returns the reason why no packet can be read. After an error, no more packets follow.
    #[allow(clippy::should_implement_trait, reason = "the returned packet borrows from the reader")]
    pub fn next(&mut self) -> Result<Option<Packet<'_>>, NoPacket> {
        let mut capacity = BUFFER;
        self.reader.consume(mem::take(&mut self.used));
        let place = loop {
            let begin = self.reader.data().as_ptr().addr();
            match self.reader.next() {
                Ok((length, block)) => {
                    if let Some(recorded) = recorded(&mut self.interfaces, &block) {
                        self.used = length;
                        break recorded.place(begin);
                    }
                    self.reader.consume(length);
                }
                Err(PcapError::Eof) => return Ok(None),
                Err(PcapError::Incomplete(_)) => {
                    self.reader.refill().map_err(|error| no_packet(&error))?;
                }
                Err(PcapError::BufferTooSmall) if capacity < LARGEST => {
                    capacity *= 2;
                    self.reader.grow(capacity);
                    self.reader.refill().map_err(|error| no_packet(&error))?;
                }
                Err(error) => return Err(no_packet(&error)),
            }
        };
        self.number += 1;
        let Place { link, begin, length, is_cut } = place;
        let bytes = self.reader.data().get(begin..begin + length).unwrap_or_default();
        Ok(Some(Packet { number: self.number, link, bytes, is_cut }))
    }

    /// Returns the number of the packet that [`next`](Self::next) returned last, or 0 before the
    /// first packet.
    #[must_use]
    pub const fn number(&self) -> usize {
        self.number
    }
}

impl std::fmt::Debug for Packets<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Packets").field("number", &self.number).finish_non_exhaustive()
    }
}

/// The description of a network interface in the file.
#[derive(Clone, Copy, Debug)]
struct Interface {
    link: u16,
    /// The maximum number of bytes that are recorded for each packet, or 0 if all bytes are
    /// recorded.
    snapshot: u32,
}

/// A packet in a block of the file. `bytes` begins with the header of the link layer.
struct Recorded<'a> {
    link: Option<u16>,
    bytes: &'a [u8],
    is_cut: bool,
}

/// The place of a recorded packet in the buffer.
struct Place {
    link: Option<u16>,
    begin: usize,
    length: usize,
    is_cut: bool,
}

impl Recorded<'_> {
    fn place(&self, begin: usize) -> Place {
        let Self { link, bytes, is_cut } = *self;
        let begin = bytes.as_ptr().addr().saturating_sub(begin);
        Place { link, begin, length: bytes.len(), is_cut }
    }
}

/// Returns the packet in a block, or `None` if the block has no packet. Adds an interface that the
/// block describes to `interfaces`, and clears `interfaces` at the beginning of a section.
fn recorded<'a>(
    interfaces: &mut Vec<Interface>,
    block: &PcapBlockOwned<'a>,
) -> Option<Recorded<'a>> {
    let of = |interface: Option<&Interface>, bytes: &'a [u8], length: u32, sent: u32| {
        let bytes = bytes.get(..length as usize).unwrap_or(bytes);
        let link = interface.map(|interface| interface.link);
        Some(Recorded { link, bytes, is_cut: bytes.len() < sent as usize })
    };
    match block {
        PcapBlockOwned::LegacyHeader(header) => {
            // The upper half of `network` states whether frames have a checksum at their end.
            let link = (header.network.0 & 0xFFFF) as u16;
            *interfaces = vec![Interface { link, snapshot: header.snaplen }];
            None
        }
        PcapBlockOwned::Legacy(block) => {
            of(interfaces.first(), block.data, block.caplen, block.origlen)
        }
        PcapBlockOwned::NG(Block::SectionHeader(_)) => {
            interfaces.clear();
            None
        }
        PcapBlockOwned::NG(Block::InterfaceDescription(interface)) => {
            if interfaces.len() < MOST_INTERFACES {
                let link = interface.linktype.0 as u16;
                interfaces.push(Interface { link, snapshot: interface.snaplen });
            }
            None
        }
        PcapBlockOwned::NG(Block::EnhancedPacket(block)) => {
            let interface = interfaces.get(block.if_id as usize);
            of(interface, block.data, block.caplen, block.origlen)
        }
        PcapBlockOwned::NG(Block::SimplePacket(block)) => {
            let interface = interfaces.first();
            let snapshot = interface.map_or(0, |interface| interface.snapshot);
            let most = if snapshot == 0 { u32::MAX } else { snapshot };
            of(interface, block.data, block.origlen.min(most), block.origlen)
        }
        PcapBlockOwned::NG(Block::Unknown(block)) => {
            let ObsoletePacket { interface, length, sent, bytes } = ObsoletePacket::of(block)?;
            of(interfaces.get(usize::from(interface)), bytes, length, sent)
        }
        PcapBlockOwned::NG(_) => None,
    }
}

/// The packet block that older programs write instead of an enhanced packet block.
struct ObsoletePacket<'a> {
    interface: u16,
    length: u32,
    sent: u32,
    bytes: &'a [u8],
}

impl<'a> ObsoletePacket<'a> {
    const KIND: u32 = 2;

    fn of(block: &UnknownBlock<'a>) -> Option<Self> {
        // The parser reads the block type as if it were little-endian.
        let is_big_endian = match block.block_type {
            Self::KIND => false,
            kind if kind.swap_bytes() == Self::KIND => true,
            _ => return None,
        };
        let word = |at: usize| {
            let bytes = block.data.get(at..at + 4)?.try_into().ok()?;
            Some(if is_big_endian { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) })
        };
        let first = block.data.first_chunk()?;
        let interface =
            if is_big_endian { u16::from_be_bytes(*first) } else { u16::from_le_bytes(*first) };
        Some(Self { interface, length: word(12)?, sent: word(16)?, bytes: block.data.get(20..)? })
    }
}

fn no_packet<I>(error: &PcapError<I>) -> NoPacket {
    match error {
        PcapError::ReadError => {
            NoPacket::Io(io::Error::other("the rest of the file cannot be read"))
        }
        PcapError::Eof | PcapError::UnexpectedEof | PcapError::Incomplete(_) => NoPacket::Cut,
        _ => NoPacket::Garbled,
    }
}

/// Returns the header of a file, or the beginning of the header if the file ends within it.
fn header(reader: &mut impl Read) -> Result<Vec<u8>, NoPacket> {
    const PCAP_HEADER: u64 = 24;
    /// The number of bytes that the block type, the block length and the byte order occupy at the
    /// beginning of a section header.
    const BEGIN: u64 = 12;
    let mut head = Vec::new();
    let mut read = |head: &mut Vec<u8>, up_to: u64| {
        let more = up_to.saturating_sub(head.len() as u64);
        reader.take(more).read_to_end(head).map_err(NoPacket::Io)
    };
    read(&mut head, BEGIN)?;
    match *head {
        [PCAPNG, _, _, _, a, b, c, d, order, ..] => {
            let is_big_endian = order == 0x1A;
            let length = if is_big_endian { u32::from_be_bytes } else { u32::from_le_bytes };
            let length = length([a, b, c, d]).into();
            if length > BUFFER as u64 {
                return Err(NoPacket::Garbled);
            }
            read(&mut head, length)?;
        }
        _ => {
            read(&mut head, PCAP_HEADER)?;
        }
    }
    Ok(head)
}
