//! Splits a byte stream into packets.

use std::{
    fmt,
    future::poll_fn,
    io,
    pin::Pin,
    task::{Context, Poll, ready},
};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::{
    bytes::Malformed,
    lapse::Lapse,
    packet::{Packet, Version},
};
use crate::connections::Holding;
use iothub_conformance_lint::mqtt::{FixedHeader, PacketType, TooLong};

/// The number of unsent bytes above which nothing more is read. Therefore, a client that only sends
/// cannot make answers accumulate.
const UNSENT: usize = 64 << 10;

/// The first byte of a TLS connection: the type of a handshake record.
const TLS_HANDSHAKE: u8 = 0x16;

/// A connection that sends and receives packets.
///
/// Packets to send are kept in a buffer. While [`next`](Self::next) waits for a packet, it also
/// sends the bytes in this buffer. An idle connection has no buffers.
pub(crate) struct PacketStream<S> {
    stream: S,
    version: Version,
    longest: usize,
    received: Vec<u8>,
    unsent: Vec<u8>,
    /// The number of bytes of `unsent` that are already on the wire.
    sent: usize,
    sent_in_all: u64,
    /// Whether only a CONNECT is permitted.
    only_connect: bool,
    /// The violations in the packet that was returned last.
    lapses: Vec<Lapse>,
    /// The memory of both buffers; `None` if it is not counted.
    holding: Option<Holding>,
}

/// The reason why there is no next packet.
#[derive(Debug)]
pub(crate) enum StreamError {
    /// The peer has closed the connection.
    Closed,
    Io(io::Error),
    /// The packet is longer than the limit. The value is the number of bytes after the length
    /// field.
    TooLong(usize),
    Malformed(Malformed),
    /// The first packet is not a CONNECT.
    NoConnect,
    /// The peer begins with TLS, but this port does not use TLS.
    Tls,
}

impl fmt::Display for StreamError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Closed => f.write_str("the connection ended"),
            Self::Io(error) => write!(f, "the connection broke: {}", error.kind()),
            Self::TooLong(length) => write!(f, "a packet of {length} bytes is too long"),
            Self::Malformed(why) => why.fmt(f),
            Self::NoConnect => f.write_str("its first packet is not an MQTT CONNECT"),
            Self::Tls => f.write_str("it begins with TLS, but this port does not use TLS"),
        }
    }
}

impl From<io::Error> for StreamError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::ConnectionReset
            | io::ErrorKind::BrokenPipe
            | io::ErrorKind::UnexpectedEof => Self::Closed,
            _ => Self::Io(error),
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> PacketStream<S> {
    /// Creates the stream of a server, which accepts only a CONNECT as the first packet. `longest`
    /// is the maximum number of bytes after the length field of a packet.
    pub(crate) const fn accepting(stream: S, longest: usize, holding: Option<Holding>) -> Self {
        Self {
            stream,
            version: Version::V3_1_1,
            longest,
            received: Vec::new(),
            unsent: Vec::new(),
            sent: 0,
            sent_in_all: 0,
            only_connect: true,
            lapses: Vec::new(),
            holding,
        }
    }

    /// Creates the stream of a client. `longest` is the maximum number of bytes after the length
    /// field of a packet.
    pub(crate) fn connecting(stream: S, version: Version, longest: usize) -> Self {
        Self { version, only_connect: false, ..Self::accepting(stream, longest, None) }
    }

    pub(crate) const fn version(&self) -> Version {
        self.version
    }

    /// Queues a packet, which [`next`](Self::next) or [`flush`](Self::flush) sends.
    pub(crate) fn send(&mut self, packet: &Packet) {
        self.send_bytes(&packet.encode(self.version));
    }

    /// Queues bytes, even if they are not a valid packet.
    pub(crate) fn send_bytes(&mut self, bytes: &[u8]) {
        self.unsent.extend_from_slice(bytes);
        self.count();
    }

    fn count(&mut self) {
        if let Some(holding) = &mut self.holding {
            holding.resize(self.received.capacity() + self.unsent.capacity());
        }
    }

    /// Returns the number of bytes that wait to be sent.
    pub(crate) fn unsent(&self) -> usize {
        self.unsent.len() - self.sent
    }

    /// Returns the number of bytes that were sent since the stream was created.
    pub(crate) const fn sent_bytes(&self) -> u64 {
        self.sent_in_all
    }

    /// Returns whether received bytes wait for the rest of their packet.
    pub(crate) fn is_within_packet(&self) -> bool {
        !self.received.is_empty()
    }

    /// Removes and returns the violations in the packet that was returned last.
    pub(crate) fn take_lapses(&mut self) -> Vec<Lapse> {
        std::mem::take(&mut self.lapses)
    }

    /// Returns the next packet. If the future is dropped, no packet is lost.
    pub(crate) async fn next(&mut self) -> Result<Packet, StreamError> {
        poll_fn(|context| self.poll_next(context)).await
    }

    /// Sends all queued bytes and flushes the stream.
    pub(crate) async fn flush(&mut self) -> Result<(), StreamError> {
        poll_fn(|context| self.poll_send(context)).await
    }

    /// Sends all queued bytes and closes the sending direction.
    pub(crate) async fn close(&mut self) -> Result<(), StreamError> {
        self.flush().await?;
        poll_fn(|context| Pin::new(&mut self.stream).poll_shutdown(context)).await?;
        Ok(())
    }

    fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Result<Packet, StreamError>> {
        loop {
            if let Poll::Ready(Err(error)) = self.poll_send(context) {
                return Poll::Ready(Err(error));
            }
            if self.unsent() > UNSENT {
                return Poll::Pending;
            }
            if let Some(packet) = self.take()? {
                return Poll::Ready(Ok(packet));
            }
            // The buffer is on the stack, so that an idle connection needs no buffer.
            let mut chunk = [const { std::mem::MaybeUninit::uninit() }; 4096];
            let mut chunk = ReadBuf::uninit(&mut chunk);
            ready!(Pin::new(&mut self.stream).poll_read(context, &mut chunk))?;
            if chunk.filled().is_empty() {
                return Poll::Ready(Err(StreamError::Closed));
            }
            self.received.extend_from_slice(chunk.filled());
            self.count();
        }
    }

    fn poll_send(&mut self, context: &mut Context<'_>) -> Poll<Result<(), StreamError>> {
        while self.sent < self.unsent.len() {
            let unsent = &self.unsent[self.sent..];
            let count = ready!(Pin::new(&mut self.stream).poll_write(context, unsent))?;
            if count == 0 {
                return Poll::Ready(Err(StreamError::Closed));
            }
            self.sent += count;
            self.sent_in_all += count as u64;
        }
        (self.unsent, self.sent) = (Vec::new(), 0);
        self.count();
        ready!(Pin::new(&mut self.stream).poll_flush(context))?;
        Poll::Ready(Ok(()))
    }

    /// Removes the next packet from the received bytes and returns it; `None` if the packet is
    /// incomplete.
    fn take(&mut self) -> Result<Option<Packet>, StreamError> {
        let is_connect = |first: u8| first == PacketType::Connect.first_byte();
        match self.received.first() {
            Some(&TLS_HANDSHAKE) if self.only_connect => return Err(StreamError::Tls),
            Some(&first) if self.only_connect && !is_connect(first) => {
                return Err(StreamError::NoConnect);
            }
            _ => {}
        }
        let header = FixedHeader::read(&self.received)
            .map_err(|TooLong| StreamError::Malformed(Malformed::Length))?;
        let Some(header) = header else { return Ok(None) };
        if header.remaining > self.longest {
            return Err(StreamError::TooLong(header.remaining));
        }
        let end = header.packet_length();
        let Some(body) = self.received.get(header.length..end) else { return Ok(None) };
        self.lapses.clear();
        let packet = Packet::decode(self.version, header.first, body, &mut self.lapses);
        let packet = packet.map_err(StreamError::Malformed)?;
        if let Packet::Connect(connect) = &packet {
            self.version = connect.version;
            self.only_connect = false;
        }
        if end == self.received.len() {
            self.received = Vec::new();
        } else {
            self.received.drain(..end);
        }
        self.count();
        Ok(Some(packet))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn packets_that_come_byte_by_byte_and_together() {
        use tokio::io::AsyncWriteExt;

        let (ours, mut theirs) = tokio::io::duplex(1 << 16);
        let mut wire = PacketStream::connecting(ours, Version::V3_1_1, 100);
        for byte in (Packet::PubRel { id: 9 }).encode(Version::V3_1_1) {
            assert!(matches!(poll_once(&mut wire), Poll::Pending));
            theirs.write_all(&[byte]).await.unwrap();
        }
        theirs.write_all(&[0xD0, 0, 0xD0, 0]).await.unwrap();
        assert_eq!(wire.next().await.unwrap(), Packet::PubRel { id: 9 });
        for _ in 0..2 {
            assert_eq!(wire.next().await.unwrap(), Packet::PingResp);
        }
        assert_eq!(wire.received.capacity(), 0, "an idle connection has no buffer");
        theirs.write_all(&[0x30, 101]).await.unwrap();
        assert!(matches!(wire.next().await, Err(StreamError::TooLong(101))));
    }

    fn poll_once(
        wire: &mut PacketStream<tokio::io::DuplexStream>,
    ) -> Poll<Result<Packet, StreamError>> {
        wire.poll_next(&mut Context::from_waker(std::task::Waker::noop()))
    }
}
