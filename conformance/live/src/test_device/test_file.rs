//! The file or download that a scenario transfers.

use std::sync::Arc;

use iothub_resource::Md5Sum;

use crate::store::Source;

/// The name, size and content of the file or download that a scenario transfers.
#[derive(Clone, Copy, Debug)]
pub(super) struct TestFile {
    pub(super) name: &'static str,
    pub(super) size: u64,
    pub(super) content: Content,
    /// Whether the announced `md5sum` of a download belongs to different bytes.
    pub(super) other_digest: bool,
}

/// The kind of bytes in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Content {
    /// Lines of ASCII text that end with LF. With other content, a device that reads files as text
    /// would fail, and this failure would hide all other faults.
    Text,
    /// Lines of ASCII text that end with CRLF.
    Crlf,
    /// Bytes of every value, including zero.
    Binary,
    /// Bytes that are declared but do not exist. The store delivers zeros.
    Declared,
}

/// The length of a block in bytes. Each later block repeats the first block, except for the number
/// at its beginning.
const BLOCK: usize = 16 << 10;

/// The 64 characters of which text content consists. Six random bits choose one character.
const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 .";

impl TestFile {
    pub(super) const fn new(name: &'static str, size: u64) -> Self {
        Self { name, size, content: Content::Text, other_digest: false }
    }

    /// Returns the bytes of the file, which are different for each seed, name and size; empty for
    /// [`Content::Declared`].
    pub(super) fn bytes(self, seed: &str) -> Vec<u8> {
        if self.content == Content::Declared {
            return Vec::new();
        }
        let mut state = 0xcbf2_9ce4_8422_2325_u64;
        for byte in seed.bytes().chain(self.name.bytes()).chain(self.size.to_le_bytes()) {
            state = (state ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
        let next = |at: usize| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            self.content.byte(at, state.to_le_bytes()[3])
        };
        let size = usize::try_from(self.size).unwrap_or(usize::MAX);
        let block: Vec<_> = (0..BLOCK.min(size)).map(next).collect();
        let mut bytes = Vec::with_capacity(size);
        while bytes.len() < size {
            let begin = bytes.len();
            bytes.extend_from_slice(&block[..BLOCK.min(size - begin)]);
            // The number reveals a device that exchanges two blocks.
            let number = format!("{:08x}", begin / BLOCK);
            if begin > 0 && bytes.len() - begin > number.len() {
                bytes[begin..begin + number.len()].copy_from_slice(number.as_bytes());
            }
        }
        bytes
    }

    /// Returns the digest to announce. If `other_digest` is set, this is the digest of different
    /// bytes.
    pub(super) fn md5sum(self, bytes: &[u8]) -> Md5Sum {
        if self.other_digest { Md5Sum::of(b"other bytes") } else { Md5Sum::of(bytes) }
    }

    /// Returns the bytes that the store delivers.
    pub(super) fn source(self, bytes: &Arc<[u8]>) -> Source {
        match self.content {
            Content::Declared => Source::Zeros,
            _ => Source::Bytes(Arc::clone(bytes)),
        }
    }
}

impl Content {
    /// Returns the byte at an offset: a part of a line end, or a byte that `random` selects.
    fn byte(self, at: usize, random: u8) -> u8 {
        /// The length of a line, including its end, in bytes.
        const LINE: usize = 64;
        match (self, at % LINE) {
            (Self::Text | Self::Crlf, 63) => b'\n',
            (Self::Crlf, 62) => b'\r',
            (Self::Binary | Self::Declared, _) => random,
            _ => LETTERS[usize::from(random % 64)],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(content: Content, size: u64) -> TestFile {
        TestFile { content, ..TestFile::new("zxc.txt", size) }
    }

    #[test]
    fn content() {
        let text = String::from_utf8(file(Content::Text, 12_000).bytes("a")).unwrap();
        assert!(text.len() == 12_000 && !text.contains('\r') && text.lines().count() > 100);
        let crlf = String::from_utf8(file(Content::Crlf, 12_000).bytes("a")).unwrap();
        assert_eq!(crlf.matches('\n').count(), crlf.matches("\r\n").count());
        let binary = file(Content::Binary, 12_000).bytes("a");
        assert!((0..=255).all(|byte| binary.contains(&byte)));
        assert!(file(Content::Declared, 3_000_000_000).bytes("a").is_empty());
    }

    #[test]
    fn no_two_files_or_parts_are_equal() {
        let large = file(Content::Text, 100_001).bytes("a");
        assert_eq!(large.len(), 100_001);
        assert_ne!(large[..BLOCK], large[BLOCK..2 * BLOCK]);
        assert_ne!(large[BLOCK..2 * BLOCK], large[2 * BLOCK..3 * BLOCK]);
        assert_ne!(large[..12_000], file(Content::Text, 12_000).bytes("a"));
        assert_ne!(large, file(Content::Text, 100_001).bytes("b"));
    }
}
