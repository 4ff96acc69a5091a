//! Parses the opening handshake of a WebSocket connection and the frames after it.

/// The maximum length of the head of a request or a response, in bytes.
pub(super) const LONGEST_HEAD: usize = 1 << 14;
/// The empty line at the end of a head.
const END_OF_HEAD: &[u8] = b"\r\n\r\n";
/// The length of the longest header of a frame, in bytes.
const LONGEST_HEADER: usize = 14;

/// The result of parsing the first bytes from a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Request {
    /// A request for a WebSocket connection. The number is the length of the request in bytes.
    Upgrade(usize),
    More,
    No,
}

/// Parses a request for a WebSocket connection.
pub(super) fn request(bytes: &[u8]) -> Request {
    const METHOD: &[u8] = b"GET ";
    if !bytes.starts_with(METHOD) {
        return if METHOD.starts_with(bytes) { Request::More } else { Request::No };
    }
    match end_of_head(bytes) {
        Some(end) if asks_for_websocket(&bytes[..end]) => Request::Upgrade(end),
        None if bytes.len() < LONGEST_HEAD => Request::More,
        _ => Request::No,
    }
}

fn end_of_head(bytes: &[u8]) -> Option<usize> {
    let at = bytes.windows(END_OF_HEAD.len()).position(|window| window == END_OF_HEAD)?;
    Some(at + END_OF_HEAD.len())
}

fn asks_for_websocket(head: &[u8]) -> bool {
    let is_upgrade = |line: &[u8]| {
        let line = line.to_ascii_lowercase();
        line.strip_prefix(b"upgrade:").is_some_and(|value| value.trim_ascii() == b"websocket")
    };
    head.split(|byte| *byte == b'\n').any(is_upgrade)
}

/// A piece of the data in one direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    /// Bytes from the payload of a frame.
    Bytes(&'a [u8]),
    /// A message is compressed. This piece is reported only once for each direction.
    Compressed,
    Malformed,
    /// The server refused the WebSocket connection.
    Refused,
}

/// A parser for the frames in one direction of a connection.
#[derive(Debug)]
pub(super) struct Frames {
    state: State,
    /// The available part of the header of a response or a frame.
    header: Vec<u8>,
    was_compressed: bool,
}

#[derive(Clone, Copy, Debug)]
enum State {
    /// The server has not accepted the WebSocket connection yet.
    Response,
    Header,
    /// A payload, of which `left` bytes remain. The first byte of `mask` applies to the next byte.
    Payload {
        left: u64,
        mask: [u8; 4],
        is_data: bool,
    },
    /// The position of the next frame is unknown.
    Lost,
}

/// The header of a WebSocket frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Header {
    /// The length of the header itself, in bytes.
    length: usize,
    /// The length of the payload, in bytes.
    payload: u64,
    mask: Option<[u8; 4]>,
    opcode: u8,
    is_compressed: bool,
}

enum NoHeader {
    More,
    Malformed,
}

impl Header {
    const CONTINUATION: u8 = 0;
    const BINARY: u8 = 2;
    const CLOSE: u8 = 8;
    const PONG: u8 = 10;

    fn read(bytes: &[u8]) -> Result<Self, NoHeader> {
        const COMPRESSED: u8 = 0x40;
        const RESERVED: u8 = 0x30;
        const MASKED: u8 = 0x80;
        let [first, second, rest @ ..] = bytes else { return Err(NoHeader::More) };
        let opcode = first & 0x0F;
        let is_known =
            matches!(opcode, Self::CONTINUATION..=Self::BINARY | Self::CLOSE..=Self::PONG);
        if first & RESERVED != 0 || !is_known {
            return Err(NoHeader::Malformed);
        }
        let (payload, size) = match second & !MASKED {
            126 => match rest.first_chunk() {
                Some(length) => (u16::from_be_bytes(*length).into(), 2),
                None => return Err(NoHeader::More),
            },
            127 => match rest.first_chunk() {
                Some(length) => (u64::from_be_bytes(*length), 8),
                None => return Err(NoHeader::More),
            },
            length => (length.into(), 0),
        };
        let (mask, length) = if second & MASKED == 0 {
            (None, 2 + size)
        } else {
            match rest[size..].first_chunk() {
                Some(mask) => (Some(*mask), 2 + size + 4),
                None => return Err(NoHeader::More),
            }
        };
        Ok(Self { length, payload, mask, opcode, is_compressed: first & COMPRESSED != 0 })
    }

    const fn is_data(&self) -> bool {
        self.opcode <= Self::BINARY
    }
}

impl Frames {
    /// Creates a parser for the frames from a client, which follow its request.
    pub(super) const fn of_client() -> Self {
        Self { state: State::Header, header: Vec::new(), was_compressed: false }
    }

    /// Creates a parser for the frames from a server, which follow its response.
    pub(super) const fn of_server() -> Self {
        Self { state: State::Response, header: Vec::new(), was_compressed: false }
    }

    /// Creates a parser for the frames of a connection whose beginning was not seen.
    pub(super) const fn joined() -> Self {
        Self { state: State::Lost, header: Vec::new(), was_compressed: false }
    }

    pub(super) fn kept_bytes(&self) -> usize {
        self.header.capacity()
    }

    /// Records that bytes are missing.
    pub(super) fn lose(&mut self) {
        self.state = State::Lost;
        self.header = Vec::new();
    }

    /// Processes the next bytes of a segment. Calls `each` with every piece and its offset in
    /// `bytes`. `is_likely` returns whether a payload is plausible. The parser uses this check to
    /// find the next frame after a loss.
    pub(super) fn take(
        &mut self,
        bytes: &[u8],
        is_likely: fn(&[u8]) -> bool,
        each: &mut dyn FnMut(Piece<'_>, usize),
    ) {
        let mut at = 0;
        while at < bytes.len() {
            match self.state {
                State::Lost if at == 0 && begins_frame(bytes, is_likely) => {
                    self.state = State::Header;
                }
                State::Lost => return,
                State::Response => {
                    let before = self.header.len();
                    self.header.extend_from_slice(&bytes[at..]);
                    let Some(end) = end_of_head(&self.header) else {
                        if self.header.len() > LONGEST_HEAD {
                            self.lose();
                            each(Piece::Refused, at);
                        }
                        return;
                    };
                    let agrees = self.header.starts_with(b"HTTP/1.1 101");
                    self.header = Vec::new();
                    if !agrees {
                        self.lose();
                        return each(Piece::Refused, at);
                    }
                    at += end - before;
                    self.state = State::Header;
                }
                State::Header => {
                    let before = self.header.len();
                    let end = bytes.len().min(at + LONGEST_HEADER - before);
                    self.header.extend_from_slice(&bytes[at..end]);
                    let read = Header::read(&self.header);
                    match read {
                        Err(NoHeader::More) => return,
                        Err(NoHeader::Malformed) => {
                            self.lose();
                            return each(Piece::Malformed, at);
                        }
                        Ok(header) => {
                            self.header = Vec::new();
                            at += header.length - before;
                            let is_data = header.is_data() && !header.is_compressed;
                            if header.is_compressed && !self.was_compressed {
                                self.was_compressed = true;
                                each(Piece::Compressed, at);
                            }
                            let mask = header.mask.unwrap_or_default();
                            self.state = State::Payload { left: header.payload, mask, is_data };
                        }
                    }
                }
                State::Payload { left: 0, .. } => self.state = State::Header,
                State::Payload { left, mask, is_data } => {
                    let there = usize::try_from(left).unwrap_or(usize::MAX).min(bytes.len() - at);
                    if is_data {
                        let mut payload = bytes[at..at + there].to_vec();
                        unmask(&mut payload, mask);
                        each(Piece::Bytes(&payload), at);
                    }
                    at += there;
                    let mut mask = mask;
                    mask.rotate_left(there % 4);
                    self.state = State::Payload { left: left - there as u64, mask, is_data };
                }
            }
        }
    }
}

fn unmask(payload: &mut [u8], mask: [u8; 4]) {
    for (byte, mask) in payload.iter_mut().zip(mask.into_iter().cycle()) {
        *byte ^= mask;
    }
}

/// Returns whether a segment begins with a frame that has a plausible payload.
pub(super) fn begins_frame(segment: &[u8], is_likely: fn(&[u8]) -> bool) -> bool {
    const ENOUGH: usize = 256;
    let Ok(header) = Header::read(segment) else { return false };
    if header.opcode != Header::BINARY || header.is_compressed {
        return false;
    }
    let rest = &segment[header.length..];
    let there = rest.len().min(ENOUGH).min(usize::try_from(header.payload).unwrap_or(ENOUGH));
    let mut payload = rest[..there].to_vec();
    unmask(&mut payload, header.mask.unwrap_or_default());
    is_likely(&payload)
}
