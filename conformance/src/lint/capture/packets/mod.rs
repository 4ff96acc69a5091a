//! Recorded packets (pcap and pcapng), with unencrypted MQTT 3.1, 3.1.1 or 5 in them.
//!
//! [`Packets`] takes packets off a file; [`Traffic`] is told them, puts the bytes of each TCP
//! connection into order, and hands out what was published. Both stay in bounded memory.

mod frame;
mod mqtt;
mod ordered;
mod traffic;

use std::io::{self, Read};

use pcap_parser::{
    Block, PcapBlockOwned, PcapError, create_reader,
    traits::{PcapNGPacketBlock, PcapReaderIterator},
};

pub use self::traffic::{Event, Traffic};

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
#[non_exhaustive]
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
        let reader = create_reader(BUFFER, FirstRead { reader, is_first: true })
            .map_err(|error| no_packet(&error))?;
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

/// A reader whose first read brings a whole file header, which the parser relies on.
struct FirstRead<R> {
    reader: R,
    is_first: bool,
}

impl<R: Read> Read for FirstRead<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        const HEADER: usize = 28;
        let mut length = self.reader.read(buffer)?;
        if self.is_first {
            self.is_first = false;
            while length < HEADER.min(buffer.len()) {
                match self.reader.read(&mut buffer[length..])? {
                    0 => break,
                    more => length += more,
                }
            }
        }
        Ok(length)
    }
}
