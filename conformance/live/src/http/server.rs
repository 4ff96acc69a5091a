//! The object store's HTTP server.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpListener,
    select,
};

use super::{
    connection::{Connection, ServerState},
    exchange,
};
use crate::{
    connections::{Connections, Place},
    limits::Limits,
    record::{ConnectionId, Recorder},
    store::Store,
};

/// The HTTP server of the object store. Clones share one state.
#[derive(Clone)]
pub(crate) struct Server(Arc<ServerState>);

impl Server {
    pub(crate) fn new(
        limits: Limits,
        recorder: Recorder,
        connections: Connections,
        store: Store,
    ) -> Self {
        Self(Arc::new(ServerState::new(limits, recorder, connections, store)))
    }

    /// Accepts connections until the future is dropped.
    pub(crate) async fn accept(&self, listener: TcpListener) {
        let serve = |stream, _, place| {
            let server = self.clone();
            async move { server.serve(stream, place).await }
        };
        self.0.connections.accept(listener, serve).await;
    }

    /// Serves one connection to its end.
    pub(crate) async fn serve(&self, stream: impl AsyncRead + AsyncWrite + Unpin, place: Place) {
        let id = self.0.recorder.connection();
        let mut connection = Connection::new(stream, &place);
        select! {
            () = serve(&self.0, id, &mut connection) => {}
            // Whatever goes on, it ends here.
            _ = place.made_room() => {}
        }
    }

    /// The number of open exchanges.
    pub(crate) fn exchanges(&self) -> usize {
        self.0.exchanges.load(Ordering::Relaxed)
    }
}

async fn serve<S: AsyncRead + AsyncWrite + Unpin>(
    state: &ServerState,
    id: ConnectionId,
    connection: &mut Connection<'_, S>,
) {
    while let Ok(Some(head)) = connection.head(&state.limits).await {
        let _counted = Counted::new(&state.exchanges);
        if !exchange::run(state, id, connection, head).await {
            break;
        }
    }
}

/// Counted as long as it is there.
struct Counted<'a>(&'a AtomicUsize);

impl<'a> Counted<'a> {
    fn new(count: &'a AtomicUsize) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(count)
    }
}

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
