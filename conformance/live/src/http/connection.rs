//! The connections of HTTP clients and the state that they share.

use std::{
    future::poll_fn,
    io,
    pin::Pin,
    sync::atomic::{AtomicU64, AtomicUsize, Ordering},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, AsyncWriteExt, ReadBuf},
    time::{Instant, timeout, timeout_at},
};

use super::{
    head::{BadHead, Head},
    status::reason,
};
use crate::{
    connections::{Connections, Holding, Place},
    limits::Limits,
    record::Recorder,
    store::Store,
};

/// The maximum number of body bytes that are processed at a time.
pub(super) const CHUNK: usize = 16 << 10;

pub(super) struct ServerState {
    pub(super) limits: Limits,
    pub(super) recorder: Recorder,
    pub(super) store: Store,
    pub(super) connections: Connections,
    /// The number of open exchanges.
    pub(super) exchanges: AtomicUsize,
    /// The number of bytes of all bodies, in both directions.
    pub(super) body_bytes: AtomicU64,
}

impl ServerState {
    pub(super) fn new(
        limits: Limits,
        recorder: Recorder,
        connections: Connections,
        store: Store,
    ) -> Self {
        Self {
            limits,
            recorder,
            store,
            connections,
            exchanges: AtomicUsize::new(0),
            body_bytes: AtomicU64::new(0),
        }
    }

    /// Counts bytes of a body that were received or sent.
    pub(super) fn moved(&self, count: u64) {
        self.body_bytes.fetch_add(count, Ordering::Relaxed);
    }
}

/// A connection, with the received bytes that are not yet processed.
pub(super) struct Connection<'a, S> {
    stream: S,
    pub(super) is_tls: bool,
    place: &'a Place,
    buffer: Vec<u8>,
    holding: Holding,
}

/// The reason why there is no further request.
pub(super) enum NoHead {
    Refused(BadHead),
    Lost,
}

impl From<io::Error> for NoHead {
    fn from(_: io::Error) -> Self {
        Self::Lost
    }
}

impl<'a, S: AsyncRead + AsyncWrite + Unpin> Connection<'a, S> {
    pub(super) fn new(stream: S, is_tls: bool, place: &'a Place) -> Self {
        Self { stream, is_tls, place, buffer: Vec::new(), holding: place.holding() }
    }

    /// Returns a counter for the additional memory of an exchange.
    pub(super) fn holding(&self) -> Holding {
        self.place.holding()
    }

    /// Returns the head of the next request; `None` if the client closes the connection or sends
    /// nothing in time.
    pub(super) async fn head(&mut self, limits: &Limits) -> Result<Option<Head>, NoHead> {
        let until = Instant::now() + limits.head;
        loop {
            match Head::parse(&self.buffer) {
                Ok(Some((head, length))) => {
                    self.buffer.drain(..length);
                    return Ok(Some(head));
                }
                Ok(None) if self.buffer.len() < limits.head_bytes => {}
                Ok(None) => return Err(NoHead::Refused(BadHead::TOO_LONG)),
                Err(bad) => return Err(NoHead::Refused(bad)),
            }
            match timeout_at(until, self.fill()).await {
                Ok(Ok(0)) => return Ok(None),
                Ok(filled) => drop(filled?),
                Err(_) if self.buffer.is_empty() => return Ok(None),
                Err(_) => return Err(NoHead::Refused(BadHead::TOO_SLOW)),
            }
        }
    }

    /// Appends received bytes to the buffer. Returns the number of these bytes, which is 0 at the
    /// end of the stream.
    async fn fill(&mut self) -> io::Result<usize> {
        let Self { stream, buffer, .. } = self;
        let mut add = |bytes: &[u8]| buffer.extend_from_slice(bytes);
        let count = read::<4096, _>(stream, &mut add).await;
        self.count();
        self.place.heard();
        count
    }

    fn count(&mut self) {
        self.holding.resize(self.buffer.capacity());
    }

    /// Receives at most `more` bytes of a body and passes them to `take`. Returns the number of
    /// these bytes, which is 0 if the stream ends early.
    pub(super) async fn body(
        &mut self,
        more: u64,
        mut take: impl FnMut(&[u8]),
    ) -> io::Result<usize> {
        let more = usize::try_from(more).unwrap_or(usize::MAX);
        if !self.buffer.is_empty() {
            let count = more.min(self.buffer.len());
            take(&self.buffer[..count]);
            self.buffer.drain(..count);
            if self.buffer.is_empty() {
                self.buffer = Vec::new();
            }
            self.count();
            return Ok(count);
        }
        let mut rest = Vec::new();
        let mut split = |bytes: &[u8]| {
            let (body, next) = bytes.split_at(more.min(bytes.len()));
            take(body);
            rest.extend_from_slice(next);
        };
        let count = read::<CHUNK, _>(&mut self.stream, &mut split).await?;
        let count = count - rest.len();
        self.buffer = rest;
        self.count();
        self.place.heard();
        Ok(count)
    }

    pub(super) async fn send(&mut self, bytes: &[u8], patience: Duration) -> io::Result<()> {
        let sent = timeout(patience, async {
            self.stream.write_all(bytes).await?;
            // TLS may still hold the last bytes.
            self.stream.flush().await
        });
        let sent = sent.await;
        self.place.heard();
        sent.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
    }

    /// Answers bytes that are not the head of a request, and then closes the connection.
    pub(super) async fn refuse(&mut self, BadHead { status, why }: BadHead) {
        let answer = format!(
            "HTTP/1.1 {status} {}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{why}\n",
            reason(status),
            why.len() + 1,
        );
        let _ = self.send(answer.as_bytes(), Duration::from_secs(1)).await;
        self.linger().await;
    }

    /// Closes the sending direction and reads for a moment, because closing with unread bytes would
    /// discard the response.
    pub(super) async fn linger(&mut self) {
        /// The maximum number of bytes that are read.
        const MOST: usize = 1 << 20;
        if self.stream.shutdown().await.is_err() {
            return;
        }
        let mut read = self.buffer.len();
        self.buffer = Vec::new();
        let until = Instant::now() + Duration::from_millis(500);
        while read < MOST
            && let Ok(Ok(count @ 1..)) = timeout_at(until, self.fill()).await
        {
            read += count;
            self.buffer.clear();
        }
    }

    /// Waits until the client closes the connection, but at most for `patience`. Discards received
    /// bytes.
    pub(super) async fn outlast(&mut self, patience: Duration) {
        let until = Instant::now() + patience;
        while let Ok(Ok(1..)) = timeout_at(until, self.fill()).await {
            self.buffer.clear();
        }
    }
}

/// Receives bytes, passes them to `take` and returns their number. The buffer is on the stack, so
/// that a waiting connection needs no buffer.
async fn read<const MOST: usize, S: AsyncRead + Unpin>(
    stream: &mut S,
    take: &mut impl FnMut(&[u8]),
) -> io::Result<usize> {
    poll_fn(|context| {
        let mut chunk = [const { std::mem::MaybeUninit::uninit() }; MOST];
        let mut chunk = ReadBuf::uninit(&mut chunk);
        std::task::ready!(Pin::new(&mut *stream).poll_read(context, &mut chunk))?;
        take(chunk.filled());
        std::task::Poll::Ready(Ok(chunk.filled().len()))
    })
    .await
}
