//! The object store's HTTP server.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpListener,
    select,
};

use super::{
    connection::{Connection, NoHead, ServerState},
    exchange,
};
use crate::{
    connections::{Connections, Place},
    limits::Limits,
    record::{ConnectionId, HttpEvent, Recorder},
    store::Store,
    tls::{self, ServerStream, ServerTls},
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
    pub(crate) async fn accept(&self, listener: TcpListener, tls: Option<ServerTls>) {
        let server = self.clone();
        let serve = move |stream: ServerStream, peer, place| {
            let server = server.clone();
            async move {
                let is_tls = stream.is_tls();
                server.serve(stream, is_tls, peer, place).await
            }
        };
        tls::accept(&self.0.connections, listener, tls, serve).await;
    }

    /// Serves one connection to its end.
    pub(crate) async fn serve(
        &self,
        stream: impl AsyncRead + AsyncWrite + Unpin,
        is_tls: bool,
        peer: SocketAddr,
        place: Place,
    ) {
        let id = self.0.recorder.connection();
        let mut connection = Connection::new(stream, is_tls, &place);
        select! {
            () = serve(&self.0, id, peer, &mut connection) => {}
            // A connection that has to close ends here, in any state.
            _ = place.made_room() => {}
        }
    }

    /// Returns the number of bytes of all bodies so far, in both directions.
    pub(crate) fn body_bytes(&self) -> u64 {
        self.0.body_bytes.load(Ordering::Relaxed)
    }

    /// Returns the number of exchanges that are open now.
    pub(crate) fn exchanges(&self) -> usize {
        self.0.exchanges.load(Ordering::Relaxed)
    }
}

async fn serve<S: AsyncRead + AsyncWrite + Unpin>(
    state: &ServerState,
    id: ConnectionId,
    peer: SocketAddr,
    connection: &mut Connection<'_, S>,
) {
    loop {
        match connection.head(&state.limits).await {
            Ok(Some(head)) => {
                let _counted = Counted::new(&state.exchanges);
                if !exchange::run(state, id, connection, head).await {
                    return;
                }
            }
            Err(NoHead::Refused(refusal)) => {
                state.recorder.http(id, HttpEvent::Refused { peer, why: refusal.why });
                return connection.refuse(refusal).await;
            }
            Ok(None) | Err(NoHead::Lost) => return,
        }
    }
}

/// A guard that counts an open exchange until the guard is dropped.
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
