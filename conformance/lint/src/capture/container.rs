//! Detects the format of a capture file (text, pcap or pcapng) and decompresses gzip.

use std::{
    fmt,
    io::{self, BufRead, BufReader, Cursor, Read},
    sync::{
        Arc,
        atomic::{AtomicU8, Ordering},
    },
};

use flate2::bufread::GzDecoder;

use super::{entry::Unreadable, packets::holds_packets};

/// The first bytes of the known file formats, each with the kind of the file.
const BEGINNINGS: &[(&[u8], Kind)] = &[
    (&[0x1F, 0x8B], Kind::Gzip),
    (&[0xA1, 0xB2, 0xC3, 0xD4], Kind::Packets),
    (&[0xD4, 0xC3, 0xB2, 0xA1], Kind::Packets),
    (&[0xA1, 0xB2, 0x3C, 0x4D], Kind::Packets),
    (&[0x4D, 0x3C, 0xB2, 0xA1], Kind::Packets),
    (&[0x34, 0xCD, 0xB2, 0xA1], Kind::Packets),
    (&[0x0A, 0x0D, 0x0D, 0x0A], Kind::Packets),
    (&[0xFF, 0xFE], UTF_16),
    (&[0xFE, 0xFF], UTF_16),
    (
        &[0xFD, b'7', b'z', b'X', b'Z', 0],
        Kind::Refused("the capture is compressed: unpack it with unxz first"),
    ),
    (b"PK\x03\x04", Kind::Refused("the capture is a zip archive: unpack it with unzip first")),
    (
        &[0x28, 0xB5, 0x2F, 0xFD],
        Kind::Refused("the capture is compressed: unpack it with unzstd first"),
    ),
    (b"BZh", Kind::Refused("the capture is compressed: unpack it with bunzip2 first")),
    (
        &[0x04, 0x22, 0x4D, 0x18],
        Kind::Refused("the capture is compressed: unpack it with unlz4 first"),
    ),
    (
        b"7z\xBC\xAF\x27\x1C",
        Kind::Refused("the capture is a 7z archive: unpack it with 7z x first"),
    ),
    (b"snoop\0", OTHER_PACKETS),
    (b"GMBU", OTHER_PACKETS),
    (&[0xA1, 0xB2, 0xCD, 0x34], OTHER_PACKETS),
];

const UTF_16: Kind = Kind::Refused(
    "the capture is in UTF-16, which `>` in Windows PowerShell writes: run the command in cmd, \
     or convert the capture to UTF-8",
);
const OTHER_PACKETS: Kind = Kind::Refused(
    "the format of this packet capture is not supported: convert it with editcap -F pcapng first",
);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Packets,
    Gzip,
    Refused(&'static str),
}

/// The unit of a capture: a line or a packet. The field `line` of a finding is the number of the
/// line or packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(clippy::exhaustive_enums, reason = "a capture is text or packets")]
pub enum Unit {
    /// A line of a text capture.
    Line,
    /// A packet of a pcap or pcapng capture.
    Packet,
}

impl Unit {
    /// Returns `line` or `packet`, as in "line 7".
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Line => "line",
            Self::Packet => "packet",
        }
    }
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A capture file that is open for reading. A gzip file is decompressed.
pub struct Capture<'r> {
    reader: Box<dyn BufRead + Send + 'r>,
    unit: Unit,
    damage: Arc<AtomicU8>,
}

/// The reason why a file cannot be read as a capture.
#[derive(Debug)]
#[non_exhaustive]
pub enum NoCapture {
    /// Reading the file failed.
    Io(io::Error),
    /// The format of the file is known but not supported. The text explains how to convert the
    /// file.
    Refused(&'static str),
}

impl<'r> Capture<'r> {
    /// Opens a capture and detects its format from the first bytes. Waits for no more bytes than
    /// the detection needs.
    ///
    /// # Errors
    ///
    /// Returns an error if the input cannot be read or has a known but unsupported format.
    pub fn open(input: impl BufRead + Send + 'r) -> Result<Self, NoCapture> {
        let damage = Arc::new(AtomicU8::new(WHOLE));
        let (kind, input) = begin(input).map_err(NoCapture::Io)?;
        let (kind, reader): (_, Box<dyn BufRead + Send + 'r>) = match kind {
            Some(Kind::Gzip) => {
                let member = Some(GzDecoder::new(input));
                let unpacked = Unpacked { member, damage: Arc::clone(&damage) };
                let (kind, unpacked) =
                    begin(BufReader::with_capacity(CHUNK, unpacked)).map_err(NoCapture::Io)?;
                (kind, Box::new(unpacked))
            }
            kind => (kind, Box::new(input)),
        };
        let unit = match kind {
            None => Unit::Line,
            Some(Kind::Packets) => Unit::Packet,
            Some(Kind::Gzip) => {
                return Err(NoCapture::Refused(
                    "the capture is compressed twice: unpack it with gunzip first",
                ));
            }
            Some(Kind::Refused(why)) => return Err(NoCapture::Refused(why)),
        };
        Ok(Self { reader, unit, damage })
    }

    /// Returns the unit that the field `line` of a finding counts: lines or packets.
    #[must_use]
    pub const fn unit(&self) -> Unit {
        self.unit
    }

    /// Returns a reader of the decompressed bytes, and the result of decompression. The result is
    /// final when the last byte has been read.
    pub(crate) fn into_parts(self) -> (Box<dyn BufRead + Send + 'r>, Damage) {
        (self.reader, Damage(self.damage))
    }
}

impl fmt::Debug for Capture<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Capture").field("unit", &self.unit).finish_non_exhaustive()
    }
}

const CHUNK: usize = 1 << 16;
const WHOLE: u8 = 0;
const CUT: u8 = 1;
const DAMAGED: u8 = 2;

/// The result of decompression: success, a truncated file or damaged data.
#[derive(Debug)]
pub(crate) struct Damage(Arc<AtomicU8>);

impl Damage {
    pub(crate) fn why(&self) -> Option<Unreadable> {
        match self.0.load(Ordering::Relaxed) {
            CUT => Some(Unreadable::CutFile),
            DAMAGED => Some(Unreadable::DamagedFile),
            _ => None,
        }
    }
}

/// A reader of all members of a gzip file. Truncated or damaged data ends the stream.
struct Unpacked<R> {
    /// The member that is being read, or `None` at the end of the stream.
    member: Option<GzDecoder<R>>,
    damage: Arc<AtomicU8>,
}

impl<R: BufRead> Read for Unpacked<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        const BEGIN: u8 = 0x1F;
        while let Some(member) = &mut self.member {
            match member.read(buffer) {
                Ok(0) if !buffer.is_empty() => {}
                Ok(length) => return Ok(length),
                Err(error) => {
                    let damage = match error.kind() {
                        io::ErrorKind::UnexpectedEof => CUT,
                        io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData => DAMAGED,
                        _ => return Err(error),
                    };
                    self.damage.store(damage, Ordering::Relaxed);
                    self.member = None;
                    break;
                }
            }
            // After a member, only a further member is read. Other bytes, such as zero padding, are
            // ignored.
            if let Some(mut input) = self.member.take().map(GzDecoder::into_inner)
                && input.fill_buf()?.first() == Some(&BEGIN)
            {
                self.member = Some(GzDecoder::new(input));
            }
        }
        Ok(0)
    }
}

/// Returns the kind of the input (`None` for text), and a reader of the whole input. Waits for no
/// more bytes than the detection needs.
fn begin<R: BufRead>(mut input: R) -> io::Result<(Option<Kind>, impl BufRead + use<R>)> {
    let mut head = Vec::new();
    loop {
        let found = BEGINNINGS.iter().find(|(beginning, _)| head.starts_with(beginning));
        let may_become = BEGINNINGS.iter().any(|(beginning, _)| beginning.starts_with(&head));
        if found.is_some() || !may_become {
            debug_assert_eq!(holds_packets(&head), matches!(found, Some((_, Kind::Packets))));
            return Ok((found.map(|(_, kind)| *kind), Cursor::new(head).chain(input)));
        }
        let next = match input.fill_buf() {
            Ok(next) => next.first().copied(),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        match next {
            Some(byte) => {
                input.consume(1);
                head.push(byte);
            }
            None => return Ok((None, Cursor::new(head).chain(input))),
        }
    }
}
