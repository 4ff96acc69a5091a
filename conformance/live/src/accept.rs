//! Taking connections, of MQTT and of HTTP alike.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::net::{TcpListener, TcpStream};

/// The connections that there are, so that there are not too many.
pub(super) struct Connections {
    open: Arc<AtomicUsize>,
    most: usize,
}

impl Connections {
    pub(super) fn new(most: usize) -> Self {
        Self { open: Arc::default(), most }
    }

    /// Takes connections until the future is dropped; `refused` hears of each that is one too many.
    pub(super) async fn accept<F: Future<Output = ()> + Send + 'static>(
        &self,
        listener: TcpListener,
        refused: impl Fn(SocketAddr),
        serve: impl Fn(TcpStream, SocketAddr) -> F,
    ) {
        loop {
            let (stream, peer) = match listener.accept().await {
                Ok(accepted) => accepted,
                // Out of file descriptors, mostly: some will be given back.
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
