//! The server: devices connect, subscribe and publish, as at a broker.
//!
//! It keeps no session beyond a connection and no retained message: neither is needed here, and
//! both would carry one test into the next.

use std::{net::SocketAddr, sync::Arc};

use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpListener,
    sync::mpsc,
};

use super::{
    access::AccessList,
    connection,
    hub::{BrokerFaults, Hub},
    incoming::Incoming,
    packet::Publish,
};
use crate::{
    connections::{Connections, Place},
    limits::Limits,
    record::{DisconnectReason, Recorder},
};

/// The MQTT endpoint. Its clones are the same one.
#[derive(Clone)]
pub(crate) struct Endpoint(Arc<Hub>);

impl Endpoint {
    pub(crate) fn new(
        limits: Limits,
        recorder: Recorder,
        connections: Connections,
        access: Option<AccessList>,
        incoming: mpsc::Sender<Incoming>,
    ) -> Self {
        Self(Arc::new(Hub::new(limits, recorder, connections, access, incoming)))
    }

    /// Takes connections until the future is dropped.
    pub(crate) async fn accept(&self, listener: TcpListener) {
        let serve = |stream, peer, place| {
            let endpoint = self.clone();
            async move { endpoint.serve(stream, peer, place).await }
        };
        self.0.connections.accept(listener, serve).await;
    }

    /// Serves one connection to its end.
    pub(crate) async fn serve(
        &self,
        stream: impl AsyncRead + AsyncWrite + Unpin,
        peer: SocketAddr,
        place: Place,
    ) {
        connection::serve(&self.0, stream, peer, place).await;
    }

    /// Publishes to all who have subscribed; says to how many. DUP and retain are sent as they are.
    pub(crate) fn publish(&self, message: &Publish) -> usize {
        self.0.subscriptions().publish(message)
    }

    /// Lets all clients go, after what was published to them; with [`DisconnectReason::Cut`] at once.
    pub(crate) fn disconnect_all(&self, departure: &DisconnectReason) {
        self.0.subscriptions().end_all(departure);
    }

    pub(crate) fn clients(&self) -> usize {
        self.0.subscriptions().len()
    }

    pub(crate) fn broker_faults(&self) -> &BrokerFaults {
        &self.0.broker_faults
    }
}
