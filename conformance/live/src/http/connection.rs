//! Connections of HTTP clients, and their common state.

use std::{io, sync::atomic::AtomicUsize, time::Duration};

use tokio::{
    io::AsyncWriteExt,
    net::TcpStream,
    time::{Instant, timeout, timeout_at},
};

use super::head::Head;
use crate::{accept::Connections, limits::Limits, record::Recorder, store::Store};

pub(super) struct ServerState {
    pub(super) limits: Limits,
    pub(super) recorder: Recorder,
    pub(super) store: Store,
    pub(super) connections: Connections,
    /// The number of open exchanges.
    pub(super) exchanges: AtomicUsize,
}

impl ServerState {
    pub(super) fn new(limits: Limits, recorder: Recorder, store: Store) -> Self {
        Self {
            connections: Connections::new(limits.connections),
            limits,
            recorder,
            store,
            exchanges: AtomicUsize::new(0),
        }
    }
}

/// A connection, with received bytes that were not processed yet.
pub(super) struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    pub(super) const fn new(stream: TcpStream) -> Self {
        Self { stream, buffer: Vec::new() }
    }

    /// The head of the next request; `None` if the client closes the connection.
    pub(super) async fn head(&mut self, limits: &Limits) -> io::Result<Option<Head>> {
        let until = Instant::now() + limits.head;
        loop {
            match Head::parse(&self.buffer) {
                Ok(Some((head, length))) => {
                    self.buffer.drain(..length);
                    return Ok(Some(head));
                }
                Ok(None) if self.buffer.len() < limits.head_bytes => {}
                Ok(None) => {
                    self.refuse("431 Request Header Fields Too Large").await;
                    return Ok(None);
                }
                Err(_) => {
                    self.refuse("400 Bad Request").await;
                    return Ok(None);
                }
            }
            match timeout_at(until, self.fill(4096)).await {
                Ok(Ok(0)) => return Ok(None),
                Ok(filled) => drop(filled?),
                Err(_) => {
                    if !self.buffer.is_empty() {
                        self.refuse("408 Request Timeout").await;
                    }
                    return Ok(None);
                }
            }
        }
    }

    /// Reads available bytes; 0 at the end. A waiting connection needs no buffer.
    async fn fill(&mut self, most: usize) -> io::Result<usize> {
        loop {
            self.stream.readable().await?;
            let filled = self.buffer.len();
            self.buffer.reserve(most);
            match self.stream.try_read_buf(&mut self.buffer) {
                Ok(count) => return Ok(count),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    if filled == 0 {
                        self.buffer = Vec::new();
                    }
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Reads some of the remaining `more` bytes of a body into `chunk`; none at a premature end.
    pub(super) async fn body(&mut self, chunk: &mut Vec<u8>, more: u64) -> io::Result<()> {
        /// How many bytes are read at a time.
        const CHUNK: usize = 16 << 10;
        chunk.clear();
        if self.buffer.is_empty() {
            self.fill(CHUNK).await?;
        }
        let count = usize::try_from(more).unwrap_or(usize::MAX).min(self.buffer.len());
        if count == self.buffer.len() {
            std::mem::swap(chunk, &mut self.buffer);
        } else {
            chunk.extend(self.buffer.drain(..count));
        }
        Ok(())
    }

    pub(super) async fn send(&mut self, bytes: &[u8], patience: Duration) -> io::Result<()> {
        timeout(patience, self.stream.write_all(bytes))
            .await
            .unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
    }

    async fn refuse(&mut self, status: &str) {
        let answer = format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        let _ = self.send(answer.as_bytes(), Duration::from_secs(1)).await;
        self.linger().await;
    }

    /// Closes the sending direction, and reads for a moment: closing with unread bytes would
    /// discard the response.
    pub(super) async fn linger(&mut self) {
        /// The most bytes that are read.
        const MOST: usize = 1 << 20;
        if self.stream.shutdown().await.is_err() {
            return;
        }
        let mut read = self.buffer.len();
        self.buffer = Vec::new();
        let until = Instant::now() + Duration::from_millis(500);
        while read < MOST
            && let Ok(Ok(count @ 1..)) = timeout_at(until, self.fill(4096)).await
        {
            read += count;
            self.buffer.clear();
        }
    }

    /// Waits until the client closes the connection, up to a limit.
    pub(super) async fn outlast(&mut self, patience: Duration) {
        let until = Instant::now() + patience;
        while let Ok(Ok(1..)) = timeout_at(until, self.fill(4096)).await {
            self.buffer.clear();
        }
    }
}
