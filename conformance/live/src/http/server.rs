//! The object store's HTTP server.

use std::sync::{Arc, atomic::Ordering};

use tokio::net::{TcpListener, TcpStream};

use super::{
    connection::{Connection, ServerState},
    exchange,
};
use crate::{limits::Limits, record::Recorder, store::Store};

/// The HTTP server of the object store. Clones share one state.
#[derive(Clone)]
pub(crate) struct Server(Arc<ServerState>);

impl Server {
    pub(crate) fn new(limits: Limits, recorder: Recorder, store: Store) -> Self {
        Self(Arc::new(ServerState::new(limits, recorder, store)))
    }

    /// Accepts connections until the future is dropped.
    pub(crate) async fn accept(&self, listener: TcpListener) {
        let serve = |stream, _| {
            let state = Arc::clone(&self.0);
            async move { serve(&state, stream).await }
        };
        self.0.connections.accept(listener, |_| {}, serve).await;
    }

    /// The number of open exchanges.
    pub(crate) fn exchanges(&self) -> usize {
        self.0.exchanges.load(Ordering::Relaxed)
    }
}

async fn serve(state: &ServerState, stream: TcpStream) {
    let id = state.recorder.connection();
    let mut connection = Connection::new(stream);
    while let Ok(Some(head)) = connection.head(&state.limits).await {
        state.exchanges.fetch_add(1, Ordering::Relaxed);
        let goes_on = exchange::run(state, id, &mut connection, head).await;
        state.exchanges.fetch_sub(1, Ordering::Relaxed);
        if !goes_on {
            break;
        }
    }
}
