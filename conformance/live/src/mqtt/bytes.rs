//! Reads and writes the basic values of packets.

use std::fmt;

use iothub_conformance_lint::mqtt::{TooLong, VariableInteger};

/// A reader of the bytes of a packet, from the first to the last.
pub(super) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    pub(super) const fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn take(&mut self, length: usize) -> Result<&'a [u8], Malformed> {
        let (taken, rest) = self.0.split_at_checked(length).ok_or(Malformed::Length)?;
        self.0 = rest;
        Ok(taken)
    }

    pub(super) fn rest(&mut self) -> &'a [u8] {
        std::mem::take(&mut self.0)
    }

    pub(super) fn byte(&mut self) -> Result<u8, Malformed> {
        self.take(1).map(|bytes| bytes[0])
    }

    pub(super) fn short(&mut self) -> Result<u16, Malformed> {
        self.take(2).map(|bytes| u16::from_be_bytes([bytes[0], bytes[1]]))
    }

    pub(super) fn long(&mut self) -> Result<u32, Malformed> {
        self.take(4).map(|bytes| u32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))
    }

    pub(super) fn variable(&mut self) -> Result<usize, Malformed> {
        let read = VariableInteger::read(self.0).map_err(|TooLong| Malformed::Length)?;
        let VariableInteger { value, length, .. } = read.ok_or(Malformed::Length)?;
        self.take(length)?;
        Ok(value)
    }

    /// Reads a two-byte length, and then returns the byte string of that length.
    pub(super) fn bytes(&mut self) -> Result<&'a [u8], Malformed> {
        let length = self.short()?;
        self.take(length.into())
    }

    pub(super) fn text(&mut self) -> Result<String, Malformed> {
        let text = std::str::from_utf8(self.bytes()?).map_err(|_| Malformed::Text)?;
        if text.contains('\0') { Err(Malformed::Text) } else { Ok(text.to_owned()) }
    }
}

/// A buffer to which the values of a packet are appended.
#[derive(Default)]
pub(super) struct Writer(Vec<u8>);

impl Writer {
    pub(super) fn with_capacity(capacity: usize) -> Self {
        Self(Vec::with_capacity(capacity))
    }

    pub(super) fn finish(self) -> Vec<u8> {
        self.0
    }

    pub(super) fn byte(&mut self, byte: u8) {
        self.0.push(byte);
    }

    pub(super) fn short(&mut self, short: u16) {
        self.raw(&short.to_be_bytes());
    }

    pub(super) fn raw(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    pub(super) fn bytes(&mut self, bytes: &[u8]) {
        let length = u16::try_from(bytes.len()).unwrap_or(u16::MAX);
        self.short(length);
        self.raw(&bytes[..length.into()]);
    }

    pub(super) fn variable(&mut self, value: usize) {
        VariableInteger::write(value, &mut self.0);
    }

    pub(super) fn no_properties(&mut self, v5: bool) {
        if v5 {
            self.byte(0);
        }
    }
}

/// The reason why bytes are not a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Malformed {
    /// The packet is too short or too long for its content.
    Length,
    /// A string is not UTF-8 or contains the character U+0000.
    Text,
    /// A packet has an invalid value, for example an invalid QoS or packet id.
    Value,
    /// The type of the packet is unknown.
    Kind,
    /// A property of MQTT 5 is unknown.
    Property,
    /// The protocol or its version is unknown.
    Version,
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Length => "a packet is too short or too long for its content",
            Self::Text => "a string in a packet is not UTF-8 or contains U+0000",
            Self::Value => "a packet has an invalid value, for example an invalid QoS or packet id",
            Self::Kind => "a packet has an unknown type",
            Self::Property => "a packet has an unknown property",
            Self::Version => "the protocol is not MQTT, or its version is unknown",
        })
    }
}
