//! Accepts connections for MQTT and HTTP, and limits their number.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::net::{TcpListener, TcpStream};

/// Counts the open connections, to limit their number.
pub(super) struct Connections {
    open: Arc<AtomicUsize>,
    most: usize,
}

impl Connections {
    pub(super) fn new(most: usize) -> Self {
        Self { open: Arc::default(), most }
    }

    /// Accepts connections until the future is dropped. Calls `refused` for each connection beyond
    /// the limit.
    pub(super) async fn accept<F: Future<Output = ()> + Send + 'static>(
        &self,
        listener: TcpListener,
        refused: impl Fn(SocketAddr),
        serve: impl Fn(TcpStream, SocketAddr) -> F,
    ) {
        loop {
            let (stream, peer) = match listener.accept().await {
                Ok(accepted) => accepted,
                // Usually there are no more file descriptors; some will become free.
                Err(_) => {
                    tokio::time::sleep(Duration::from_millis(20)).await;
                    continue;
                }
            };
            if self.open.load(Ordering::Relaxed) >= self.most {
                refused(peer);
                continue;
            }
            self.open.fetch_add(1, Ordering::Relaxed);
            let _ = stream.set_nodelay(true);
            let (open, served) = (Arc::clone(&self.open), serve(stream, peer));
            tokio::spawn(async move {
                served.await;
                open.fetch_sub(1, Ordering::Relaxed);
            });
        }
    }
}
