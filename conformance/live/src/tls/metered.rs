//! The connection below TLS, which counts the bytes that TLS holds.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll, ready},
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
};

use crate::connections::Holding;

/// The memory that TLS uses for an idle connection, in bytes: the keys and the buffer for the next
/// record.
const IDLE: usize = 10 << 10;
/// The maximum number of received bytes that TLS holds, for a handshake of several records.
const UNREAD: usize = 64 << 10;
/// The maximum number of outgoing bytes that TLS holds.
pub(super) const UNSENT: usize = 16 << 10;

pub(crate) struct Metered {
    stream: TcpStream,
    holding: Holding,
    /// The number of bytes that have been read since TLS last returned data.
    unread: usize,
    unsent: usize,
}

impl Metered {
    pub(super) fn new(stream: TcpStream, mut holding: Holding) -> Self {
        holding.resize(IDLE);
        Self { stream, holding, unread: 0, unsent: 0 }
    }

    /// Records that TLS has returned the received bytes.
    pub(super) fn has_read(&mut self) {
        self.unread = 0;
        self.count();
    }

    /// Records whether TLS holds bytes to send.
    pub(super) fn has_unsent(&mut self, unsent: bool) {
        self.unsent = if unsent { UNSENT } else { 0 };
        self.count();
    }

    fn count(&mut self) {
        self.holding.resize(IDLE + self.unread.min(UNREAD) + self.unsent);
    }
}

impl AsyncRead for Metered {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(context, buffer))?;
        self.unread = self.unread.saturating_add(buffer.filled().len() - before);
        self.count();
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Metered {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
