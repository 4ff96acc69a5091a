//! Reads a body piece by piece from the bytes of a connection.

use super::head::Framing;

/// The maximum length in bytes of a line in a chunked body. Such a line contains the size of a
/// chunk with its extensions, or a trailer field.
const LONGEST_LINE: usize = 4096;

/// A reader of a body, with its position in the body.
#[derive(Debug)]
pub(super) struct BodyReader {
    at: At,
    /// The beginning of a line in a chunked body, until the rest of the line arrives.
    line: Vec<u8>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum At {
    /// The reader is in a body with this number of remaining bytes.
    Bytes(u64),
    /// The reader is in a body that lasts until the connection ends.
    UntilClose,
    /// The reader is in the line with the size of a chunk.
    ChunkSize,
    /// The reader is in a chunk with this number of remaining bytes.
    Chunk(u64),
    /// The reader is at the line end after a chunk.
    ChunkEnd,
    /// The reader is in the trailer lines after the last chunk.
    Trailer,
    End,
    /// The position in the body is unknown.
    Lost,
}

/// The result of reading the next piece of a body.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    /// Bytes of the body.
    Bytes(&'a [u8]),
    /// More bytes of the connection are needed.
    Wait,
    /// The body is complete.
    End,
    /// The chunks are malformed, or the position in the body is unknown.
    Garbled,
}

impl BodyReader {
    pub(super) const fn new(framing: Framing) -> Self {
        let at = match framing {
            Framing::Length(length) => At::Bytes(length),
            Framing::Chunked => At::ChunkSize,
            Framing::UntilClose => At::UntilClose,
        };
        Self { at, line: Vec::new() }
    }

    /// Returns whether the end of the connection ends the body.
    pub(super) fn lasts_until_close(&self) -> bool {
        self.at == At::UntilClose
    }

    /// Removes the next piece from `bytes` and returns it.
    pub(super) fn next<'a>(&mut self, bytes: &mut &'a [u8]) -> Piece<'a> {
        loop {
            match self.at {
                At::Bytes(0) | At::End => {
                    self.at = At::End;
                    return Piece::End;
                }
                At::Lost => return Piece::Garbled,
                _ if bytes.is_empty() => return Piece::Wait,
                At::UntilClose => return Piece::Bytes(std::mem::take(bytes)),
                At::Bytes(left) => {
                    let piece = split(bytes, left);
                    self.at = At::Bytes(left - piece.len() as u64);
                    return Piece::Bytes(piece);
                }
                At::Chunk(0) => self.at = At::ChunkEnd,
                At::Chunk(left) => {
                    let piece = split(bytes, left);
                    self.at = At::Chunk(left - piece.len() as u64);
                    return Piece::Bytes(piece);
                }
                At::ChunkSize | At::ChunkEnd | At::Trailer => {
                    let Some(line) = self.line(bytes) else { continue };
                    self.at = after_line(self.at, &line);
                }
            }
        }
    }

    /// Skips bytes that the capture lacks. Returns whether all these bytes belong to the body. If
    /// not, the position in the body becomes unknown.
    pub(super) fn skip(&mut self, missing: u64) -> bool {
        match &mut self.at {
            At::UntilClose => true,
            At::Bytes(left) | At::Chunk(left) if *left >= missing => {
                *left -= missing;
                true
            }
            _ => {
                self.at = At::Lost;
                false
            }
        }
    }

    /// Removes the next line from `bytes` and returns it without its line end. Returns `None` if
    /// the line is incomplete or too long.
    fn line(&mut self, bytes: &mut &[u8]) -> Option<Vec<u8>> {
        let end = bytes.iter().position(|&byte| byte == b'\n');
        let part = split(bytes, end.map_or(bytes.len(), |end| end + 1) as u64);
        self.line.extend_from_slice(part);
        if self.line.len() > LONGEST_LINE {
            self.at = At::Lost;
            return None;
        }
        end?;
        let mut line = std::mem::take(&mut self.line);
        line.pop();
        if line.last() == Some(&b'\r') {
            line.pop();
        }
        Some(line)
    }
}

fn split<'a>(bytes: &mut &'a [u8], most: u64) -> &'a [u8] {
    let count = usize::try_from(most).unwrap_or(usize::MAX).min(bytes.len());
    let (piece, rest) = bytes.split_at(count);
    *bytes = rest;
    piece
}

fn after_line(at: At, line: &[u8]) -> At {
    match at {
        At::ChunkSize if line.is_empty() => At::Lost,
        At::ChunkSize => match httparse::parse_chunk_size(&[line, b"\r\n"].concat()) {
            Ok(httparse::Status::Complete((_, 0))) => At::Trailer,
            Ok(httparse::Status::Complete((_, size))) => At::Chunk(size),
            _ => At::Lost,
        },
        At::ChunkEnd if line.is_empty() => At::ChunkSize,
        At::Trailer if line.is_empty() => At::End,
        At::Trailer => At::Trailer,
        _ => At::Lost,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the body, a word for its end, and the bytes after the body. The text is read in
    /// pieces of `size` bytes.
    fn read(framing: Framing, text: &[u8], size: usize) -> (Vec<u8>, &'static str, Vec<u8>) {
        let (mut body, mut reader, mut end) = (Vec::new(), BodyReader::new(framing), "wait");
        let mut rest = Vec::new();
        for part in text.chunks(size) {
            let mut part = part;
            while end == "wait" {
                match reader.next(&mut part) {
                    Piece::Bytes(bytes) => body.extend_from_slice(bytes),
                    Piece::Wait => break,
                    Piece::End => end = "end",
                    Piece::Garbled => end = "garbled",
                }
            }
            rest.extend_from_slice(part);
        }
        (body, end, rest)
    }

    #[test]
    fn bodies_in_pieces_of_any_size() {
        let chunked = b"5;x=\"y\"\r\nhello\r\n0a\r\n, world!!!\r\n0\r\nTrailer: z\r\n\r\nrest";
        for size in [1, 2, 3, 7, 100] {
            let (body, end, rest) = read(Framing::Chunked, chunked, size);
            assert_eq!((&*body, end), (&b"hello, world!!!"[..], "end"), "{size}");
            assert_eq!(rest, b"rest", "{size}");
            let (body, end, _) = read(Framing::Length(3), b"abcdef", size);
            assert_eq!((&*body, end), (&b"abc"[..], "end"), "{size}");
            let (body, end, _) = read(Framing::UntilClose, b"abcdef", size);
            assert_eq!((&*body, end), (&b"abcdef"[..], "wait"), "{size}");
        }
        for garbled in [&b"x\r\n"[..], b"5\r\nhelloo\r\n", b"\r\n", &[b'1'; 5000]] {
            assert_eq!(read(Framing::Chunked, garbled, 9).1, "garbled");
        }
    }

    #[test]
    fn what_is_missing_in_a_body() {
        let mut reader = BodyReader::new(Framing::Length(10));
        assert!(reader.skip(4));
        assert_eq!(reader.next(&mut &b"abcdefgh"[..]), Piece::Bytes(b"abcdef"));
        assert_eq!(reader.next(&mut &b""[..]), Piece::End);
        assert!(!reader.skip(1));
        assert!(!BodyReader::new(Framing::Chunked).skip(1));
        assert!(!BodyReader::new(Framing::Length(10)).skip(11));
    }
}
