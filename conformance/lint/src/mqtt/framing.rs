//! Reads and writes the fixed header of a packet and variable byte integers.

/// A variable byte integer of MQTT, encoded in one to four bytes with seven bits of the value in
/// each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct VariableInteger {
    /// The value, at most 268,435,455.
    pub value: usize,
    /// The number of bytes that encode the value, from 1 to 4.
    pub length: usize,
}

/// The error for a variable byte integer of more than four bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "the error has no details")]
pub struct TooLong;

impl VariableInteger {
    /// The maximum number of bytes in a variable byte integer.
    pub const LONGEST: usize = 4;
    /// The bit that announces further bytes. The other seven bits belong to the value.
    const MORE: u8 = 0x80;

    /// Reads an integer from the beginning of `bytes`. Returns `None` if the integer is incomplete.
    ///
    /// # Errors
    ///
    /// Returns [`TooLong`] if each of the first four bytes announces a further byte.
    pub fn read(bytes: &[u8]) -> Result<Option<Self>, TooLong> {
        let mut value = 0;
        for (at, byte) in bytes.iter().enumerate().take(Self::LONGEST) {
            value |= usize::from(byte & !Self::MORE) << (7 * at);
            if byte & Self::MORE == 0 {
                return Ok(Some(Self { value, length: at + 1 }));
            }
        }
        if bytes.len() < Self::LONGEST { Ok(None) } else { Err(TooLong) }
    }

    /// Appends a value of at most 268,435,455 to `bytes`, in as few bytes as possible.
    pub fn write(mut value: usize, bytes: &mut Vec<u8>) {
        loop {
            let byte = (value & usize::from(!Self::MORE)) as u8;
            value >>= 7;
            if value == 0 {
                return bytes.push(byte);
            }
            bytes.push(byte | Self::MORE);
        }
    }
}

/// The first byte of a packet and the length of the rest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FixedHeader {
    /// The type and the flags of the packet.
    pub first: u8,
    /// The length of the header itself in bytes, from 2 to 5.
    pub length: usize,
    /// The number of bytes after the header.
    pub remaining: usize,
}

impl FixedHeader {
    /// Reads a header from the beginning of `bytes`. Returns `None` if the header is incomplete.
    ///
    /// # Errors
    ///
    /// Returns [`TooLong`] if the length is invalid.
    pub fn read(bytes: &[u8]) -> Result<Option<Self>, TooLong> {
        let Some((&first, rest)) = bytes.split_first() else { return Ok(None) };
        let remaining = VariableInteger::read(rest)?;
        Ok(remaining.map(|VariableInteger { value, length }| Self {
            first,
            length: 1 + length,
            remaining: value,
        }))
    }

    /// Returns the length of the whole packet in bytes.
    #[must_use]
    pub const fn packet_length(&self) -> usize {
        self.length + self.remaining
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(bytes: &[u8]) -> Result<Option<(usize, usize)>, TooLong> {
        FixedHeader::read(bytes)
            .map(|header| header.map(|header| (header.length, header.remaining)))
    }

    #[test]
    fn headers() {
        for incomplete in [&b""[..], b"\x30", b"\x30\x80", b"\x30\xFF\xFF\xFF"] {
            assert_eq!(header(incomplete), Ok(None));
        }
        assert_eq!(header(&[0x30, 5, 9]), Ok(Some((2, 5))));
        assert_eq!(header(&[0x30, 0xFF, 0xFF, 0xFF, 0x7F]), Ok(Some((5, 268_435_455))));
        assert_eq!(header(&[0x30, 0xFF, 0xFF, 0xFF, 0xFF]), Err(TooLong));
    }

    #[test]
    fn integers_are_read_as_they_are_written() {
        for value in [0, 1, 127, 128, 16_383, 16_384, 2_097_151, 2_097_152, 268_435_455] {
            let mut bytes = Vec::new();
            VariableInteger::write(value, &mut bytes);
            let length = bytes.len();
            assert_eq!(
                VariableInteger::read(&bytes),
                Ok(Some(VariableInteger { value, length })),
                "{value}"
            );
        }
    }
}
