//! The connection below TLS, which counts what TLS holds of it.

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

/// What a connection takes for TLS while it is idle: its keys, and the buffer for the next record.
const IDLE: usize = 10 << 10;
/// The most that TLS holds of what it has read: a handshake of several records.
const UNREAD: usize = 64 << 10;
/// The most that TLS holds of what it has to send.
pub(super) const UNSENT: usize = 16 << 10;

pub(crate) struct Metered {
    stream: TcpStream,
    holding: Holding,
    /// How many bytes were read since TLS has last returned something.
    unread: usize,
    unsent: usize,
}

impl Metered {
    pub(super) fn new(stream: TcpStream, mut holding: Holding) -> Self {
        holding.resize(IDLE);
        Self { stream, holding, unread: 0, unsent: 0 }
    }

    /// Records that TLS has returned what it had read.
    pub(super) fn has_read(&mut self) {
        self.unread = 0;
        self.count();
    }

    /// Records whether TLS holds something that it has to send.
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
