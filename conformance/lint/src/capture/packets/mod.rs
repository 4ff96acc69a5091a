//! Recorded packets (pcap and pcapng), with unencrypted MQTT 3.1, 3.1.1 or 5 and HTTP/1 in
//! them.
//!
//! [`Packets`] takes packets off a file; [`Traffic`] is told them, puts the bytes of each TCP
//! connection into order, and hands out what was published. Both stay in bounded memory.

mod frame;
mod mqtt;
mod ordered;
mod traffic;
mod web;

use std::io::{self, Cursor, Read};

use pcap_parser::{
    Block, LegacyPcapReader, PcapBlockOwned, PcapError, PcapNGReader,
    traits::{PcapNGPacketBlock, PcapReaderIterator},
};

pub use self::traffic::{Event, Traffic};

/// The first byte of a section header.
const PCAPNG: u8 = 0x0A;
/// How much of a file is looked at at once.
const BUFFER: usize = 1 << 17;
/// The largest packet, with what stands around it. Nothing on a network is nearly as long.
const LARGEST: usize = 1 << 20;
/// Of the interfaces that a file says were recorded.
const MOST_INTERFACES: usize = 1 << 10;

/// Whether a file that begins so holds packets. Four bytes tell.
#[must_use]
pub fn holds_packets(head: &[u8]) -> bool {
    matches!(
        head,
        [0xA1, 0xB2, 0xC3, 0xD4, ..]
            | [0xD4, 0xC3, 0xB2, 0xA1, ..]
            | [0xA1, 0xB2, 0x3C, 0x4D, ..]
            | [0x4D, 0x3C, 0xB2, 0xA1, ..]
            | [0x0A, 0x0D, 0x0D, 0x0A, ..]
    )
}

/// One packet, as it was recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Packet {
    /// Its number, from 1.
    pub number: usize,
    /// What kind of network it was recorded on: a `LINKTYPE` of the file formats.
    pub link: i32,
    /// Its bytes, from the link layer on.
    pub bytes: Vec<u8>,
}

/// Why there is no next packet.
#[derive(Debug)]
#[allow(clippy::exhaustive_enums, reason = "there is no other reason")]
pub enum NoPacket {
    /// The file cannot be read.
    Io(io::Error),
    /// The file ends in the middle of a packet.
    Cut,
    /// What comes next is no packet.
    Garbled,
}

/// Takes packets off a reader.
pub struct Packets<'r> {
    reader: Box<dyn PcapReaderIterator + Send + 'r>,
    /// The link types of the interfaces.
    links: Vec<i32>,
    number: usize,
}

impl<'r> Packets<'r> {
    /// The packets of a reader that [`holds_packets`].
    ///
    /// # Errors
    ///
    /// Where it does not begin as such a file does.
    pub fn new(reader: impl Read + Send + 'r) -> Result<Self, NoPacket> {
        let mut reader = reader;
        let head = header(&mut reader)?;
        let is_pcapng = head.first() == Some(&PCAPNG);
        // The parser reads once before it looks, and would else wait for more than a header.
        let reader = Cursor::new(head).chain(reader);
        let error = |error: PcapError<&[u8]>| no_packet(&error);
        let reader: Box<dyn PcapReaderIterator + Send + 'r> = if is_pcapng {
            Box::new(PcapNGReader::new(BUFFER, reader).map_err(error)?)
        } else {
            Box::new(LegacyPcapReader::new(BUFFER, reader).map_err(error)?)
        };
        Ok(Self { reader, links: Vec::new(), number: 0 })
    }

    /// The next packet.
    ///
    /// # Errors
    ///
    /// [`NoPacket`]; there is none after it.
    #[allow(clippy::should_implement_trait, reason = "an error ends it")]
    pub fn next(&mut self) -> Result<Option<Packet>, NoPacket> {
        let mut capacity = BUFFER;
        loop {
            let (length, packet) = match self.reader.next() {
                Ok((length, block)) => {
                    let packet = packet(&mut self.links, block);
                    (length, packet)
                }
                Err(PcapError::Eof) => return Ok(None),
                Err(PcapError::Incomplete(_)) => {
                    self.reader.refill().map_err(|error| no_packet(&error))?;
                    continue;
                }
                Err(PcapError::BufferTooSmall) if capacity < LARGEST => {
                    capacity *= 2;
                    self.reader.grow(capacity);
                    self.reader.refill().map_err(|error| no_packet(&error))?;
                    continue;
                }
                Err(error) => return Err(no_packet(&error)),
            };
            self.reader.consume(length);
            if let Some((link, bytes)) = packet {
                self.number += 1;
                return Ok(Some(Packet { number: self.number, link, bytes }));
            }
        }
    }

    /// The number of the last packet; 0 before the first.
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

/// The packet in a block, if there is one. A block may also describe an interface.
fn packet(links: &mut Vec<i32>, block: PcapBlockOwned<'_>) -> Option<(i32, Vec<u8>)> {
    const UNKNOWN: i32 = -1;
    let link = |links: &[i32], interface: usize| links.get(interface).copied().unwrap_or(UNKNOWN);
    match block {
        PcapBlockOwned::LegacyHeader(header) => {
            *links = vec![header.network.0];
            None
        }
        PcapBlockOwned::Legacy(block) => {
            let length = block.data.len().min(block.caplen as usize);
            Some((link(links, 0), block.data[..length].to_vec()))
        }
        PcapBlockOwned::NG(Block::SectionHeader(_)) => {
            links.clear();
            None
        }
        PcapBlockOwned::NG(Block::InterfaceDescription(interface)) => {
            if links.len() < MOST_INTERFACES {
                links.push(interface.linktype.0);
            }
            None
        }
        PcapBlockOwned::NG(Block::EnhancedPacket(block)) => {
            Some((link(links, block.if_id as usize), block.packet_data().to_vec()))
        }
        PcapBlockOwned::NG(Block::SimplePacket(block)) => {
            Some((link(links, 0), block.packet_data().to_vec()))
        }
        PcapBlockOwned::NG(_) => None,
    }
}

fn no_packet<I>(error: &PcapError<I>) -> NoPacket {
    match error {
        PcapError::ReadError => NoPacket::Io(io::Error::other("it cannot be read on")),
        PcapError::Eof | PcapError::UnexpectedEof | PcapError::Incomplete(_) => NoPacket::Cut,
        _ => NoPacket::Garbled,
    }
}

/// The header of a file, as far as it is there.
fn header(reader: &mut impl Read) -> Result<Vec<u8>, NoPacket> {
    const PCAP_HEADER: u64 = 24;
    /// The kind of a section header, its length, and the byte order of both.
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
